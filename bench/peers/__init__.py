"""The same scenarios for other tools."""
