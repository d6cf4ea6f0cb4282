"""The outsource status of a ticket: who moves it where, and what each status means for synchronization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from examples.two_desks.faults import faulty

Role = Literal["lead", "service"]
Phase = Literal["none", "active", "suspended", "ended"]

ROLES: tuple[Role, Role] = ("lead", "service")

PHASES: dict[str, Phase] = {
    "Unsent": "none",
    "Assigned": "none",
    "Declined": "none",
    "Canceled": "none",
    "Accepted": "active",
    "In Progress": "active",
    "Waiting Approval": "suspended",
    "Complete": "ended",
}


class RefusedError(Exception):
    """The desk does not do this; the message is what it tells its user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A status action: who may take it, from which statuses, and where it leads."""

    role: Role
    sources: tuple[str, ...]
    target: str


MOVES = {
    "outsource": Move(role="lead", sources=("Unsent", "Declined", "Canceled"), target="Assigned"),
    "cancel": Move(role="lead", sources=("Assigned",), target="Canceled"),
    "accept": Move(role="service", sources=("Assigned",), target="Accepted"),
    "decline": Move(role="service", sources=("Assigned",), target="Declined"),
    "start": Move(role="service", sources=("Accepted",), target="In Progress"),
    "insource complete": Move(role="service", sources=("In Progress",), target="Waiting Approval"),
    "approve completion": Move(role="lead", sources=("Waiting Approval",), target="Complete"),
    "reject completion": Move(role="lead", sources=("Waiting Approval",), target="In Progress"),
    "complete": Move(role="lead", sources=("Accepted", "In Progress"), target="Complete"),
}

# What a desk with the fault allows besides, or where the action leads there.
ALSO_FROM = {
    "cancel-after-acceptance": ("cancel", "Accepted"),
    "completes-while-waiting": ("complete", "Waiting Approval"),
    "submits-before-start": ("insource complete", "Accepted"),
}


def moved(role: Role, action: str, status: str) -> str:
    """The status after an action of this role; RefusedError where it is not to be had."""
    move = MOVES.get(action)
    if move is None:
        raise RefusedError(f"there is no action {action!r} here")
    if move.role != role:
        raise RefusedError(f"{action!r} is for the {move.role} partner")
    sources = move.sources + tuple(s for name, (a, s) in ALSO_FROM.items() if a == action and faulty(name))
    if status not in sources:
        raise RefusedError(f"{action!r} is not possible while the outsource status is {status}")
    if action == "decline" and faulty("decline-cancels"):
        return "Canceled"
    return move.target


def as_role(text: str) -> Role:
    """The role by this name; ValueError for another."""
    if text not in ROLES:
        raise ValueError(f"{text!r} is neither lead nor service")
    return text
