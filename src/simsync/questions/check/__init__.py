"""`simsync check`: what the decision tables leave open, decide twice or never use."""
