"""Graphs of a model and sequences of a run, and renderers, which know nothing of models."""
