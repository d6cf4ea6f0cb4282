"""Scenarios: their files, what they expect, and their runs."""
