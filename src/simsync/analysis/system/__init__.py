"""A system under test: what to send it, what its answers mean, which rule it breaks."""
