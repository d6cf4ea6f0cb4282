"""One sequence with a system under test, to see whether its adapter keeps the protocol."""
