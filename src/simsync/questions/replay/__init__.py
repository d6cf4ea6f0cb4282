"""`simsync replay`: a production log held against the rules, in bounded memory."""
