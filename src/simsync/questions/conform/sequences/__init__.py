"""What a system is driven through."""
