"""`simsync readings`: what each reading decides, and the fewest questions that settle all of them."""
