"""What each reading decides, and the questions that settle all of them."""
