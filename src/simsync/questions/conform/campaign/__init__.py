"""A campaign: sequences driven, what was seen done again, shrunk, grouped and explained."""
