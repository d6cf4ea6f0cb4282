"""A name exchanged in a policy and in all that speaks of it."""
