"""Results to text, JSON, JUnit and Markdown; nothing else formats."""
