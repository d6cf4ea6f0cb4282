"""What explains what a system was seen to do: the rules it breaks, others it may follow, what it does to values."""
