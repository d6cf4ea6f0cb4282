"""Two independent ticket desks and the worker that synchronizes outsourced tickets between them."""
