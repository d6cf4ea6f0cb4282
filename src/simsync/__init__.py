"""simsync."""
