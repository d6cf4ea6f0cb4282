"""Systems under test: right ones, wrong ones, and those that cannot be judged."""
