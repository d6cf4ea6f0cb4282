"""The engine: tables are matched, machines fired, and a step follows; all of it pure."""
