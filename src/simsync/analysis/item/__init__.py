"""One item, from nothing to cut: every place it can come to, and what two models do differently with it."""
