"""Every state of a ticket with several items: counted, visited, judged, looked for."""
