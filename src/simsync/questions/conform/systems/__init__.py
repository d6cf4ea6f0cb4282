"""Systems under test: how they are started, spoken to in the protocol's words, and driven in lock step with a model."""
