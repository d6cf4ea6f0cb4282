"""What is declared: a policy's values, the names and facts it may use, and its files."""
