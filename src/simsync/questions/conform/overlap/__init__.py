"""Rounds of actions that overlap, and disruptions, against a system: what some order explains, and what none does."""
