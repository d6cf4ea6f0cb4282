"""A tabulated model as the source of a model checker that is not ours, so that anyone can check a verdict again."""
