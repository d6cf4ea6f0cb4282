"""`simsync explore` and `simsync find`: every state that can be reached, and what is claimed of them."""
