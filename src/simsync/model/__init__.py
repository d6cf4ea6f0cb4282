"""Values: frozen dataclasses without behaviour that would need a library."""
