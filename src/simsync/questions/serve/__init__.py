"""`simsync serve`: a system under test that follows the rules themselves."""
