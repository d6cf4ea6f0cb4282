"""YAML files to a policy, with every problem reported at its line and column."""
