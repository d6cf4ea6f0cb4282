"""What users ask, a room for each question: what works out the answer, and what tells it.

Rooms know each other only where a contract says so.
"""
