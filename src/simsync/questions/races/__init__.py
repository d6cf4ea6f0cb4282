"""Where the order of two actions matters."""
