"""What follows from the rules, beyond the scenarios that someone thought of."""
