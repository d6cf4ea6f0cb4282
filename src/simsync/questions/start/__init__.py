"""`simsync init` and `simsync schema`: a policy to begin with, and what editors know of it."""
