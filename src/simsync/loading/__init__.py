"""YAML files to the model's values, with every problem reported at its line and column."""
