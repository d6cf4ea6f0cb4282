"""`simsync why`: which rows decided a step, and the smallest change that would turn it."""
