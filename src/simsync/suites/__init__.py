"""How good is a suite of scenarios: the use cases behind `coverage`, `shrink`, `mutate` and `generate`."""
