"""The page to act in: the rules as data, one small engine that reads them, and what people see of it."""
