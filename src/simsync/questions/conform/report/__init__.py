"""What a campaign found, for a reader and for programs."""
