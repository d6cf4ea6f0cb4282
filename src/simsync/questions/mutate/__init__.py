"""`simsync mutate`: rules with one fault each, and which of them a suite of scenarios kills."""
