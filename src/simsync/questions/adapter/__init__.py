"""A file to begin an adapter with, in Python or JavaScript, which knows the words of the rules in force."""
