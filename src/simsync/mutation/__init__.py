"""Rules with a fault in them: what a rule could say instead, and the mutants that are made of that."""
