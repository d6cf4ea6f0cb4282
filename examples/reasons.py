"""A system that follows the rules, and puts a note of its own on both tickets whenever a submission is rejected."""

from __future__ import annotations

from typing import Any

from simsync.app import load_model
from simsync.reference import ReferenceSystem


class Reasons(ReferenceSystem):
    """``flagged``: its own notes bear ``"system": true``; without that, a mapping has to say what they are."""

    flagged = False

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        note: dict[str, Any] = {"kind": "note", "text": "Please see the reason", "internal_users_only": False}
        if self.flagged:
            note["system"] = True
        rejected = sum(
            outcome.event.action == "reject completion" for outcome in self._simulation.outcomes if outcome.moved
        )
        for number in range(1, rejected + 1):
            for ticket in shown["tickets"].values():
                ticket[f"reason {number}"] = note
        return shown


class Flagged(Reasons):
    """It says which items are its own."""

    flagged = True


def plain() -> Reasons:
    """One that leaves it to a mapping to say which items are its own."""
    return Reasons(load_model())


def flagged() -> Flagged:
    """One that says so itself."""
    return Flagged(load_model())
