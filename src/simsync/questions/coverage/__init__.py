"""`simsync coverage`: what a suite of scenarios covers of the rules, and the shortest way to the rest."""
