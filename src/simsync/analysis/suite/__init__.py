"""How good a suite of scenarios is: coverage, mutants, and suites made for a criterion."""
