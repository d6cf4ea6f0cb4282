"""`simsync compare`: two versions of the rules, where they come apart, and what that affects."""
