"""A line of a log held against the rules, on its ticket, in the order of time."""
