"""`simsync run`: what came of scenarios."""
