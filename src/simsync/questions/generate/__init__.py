"""`simsync generate`: suites made for a criterion."""
