"""The rulebook: one page that shows the rules, where they come from, and what scenarios make of them."""
