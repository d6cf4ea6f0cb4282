"""The use case behind `simsync conform`: a campaign of drives, what it finds, and what would explain it."""
