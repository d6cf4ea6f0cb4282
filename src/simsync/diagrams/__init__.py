"""Diagrams: a model is extracted to a graph, and renderers know nothing of models."""
