"""A world that is never reset: what was there before a sequence is not looked at, and new items get new names."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.questions.conform.driven import Observed
from simsync.questions.conform.sequences.drives import ways_from
from simsync.questions.conform.systems.protocol import NoWayThere, ShownNames, excerpt
from simsync.questions.conform.systems.translation import Translation


class Leadable(Protocol):
    """A system that can be led from one status to another."""

    model: Model
    translation: Translation

    def act(self, event: Event) -> str | None:
        """Do something; gives the reason where it is refused."""
        ...

    def seen_at_rest(self) -> Observed:
        """What is shown once nothing is under way."""
        ...


def led_to(system: Leadable, status: str) -> Observed:
    """Lead a system from where it is to a status; gives what is shown there, as if nothing were on it.

    Raises :class:`SystemFault`; :class:`NoWayThere` where no action leads there.
    """
    shown = system.seen_at_rest()
    now = system.translation.state_of(shown)
    way = None if now is None else ways_from(system.model, now).get(status)
    if way is None:
        raise NoWayThere(f"leave {excerpt(now or shown.status)} for where they begin, without a reset")
    for event in way:
        if system.act(event) is not None:
            raise NoWayThere(f"do '{event.actor}: {event}' on the way to where they begin")
        shown = system.seen_at_rest()
    if system.translation.statuses_unlike(status, shown):
        raise NoWayThere(f"come to {status}, where they begin; it is {excerpt(shown.status)} then")
    return replace(shown, tickets={partner: {} for partner in shown.tickets})


class UsedWorld:
    """The names, as the system has them, of what was seen so far, and of what was there when the sequence began."""

    def __init__(self) -> None:
        self._there: set[str] = set()
        self._former: set[str] = set()
        self._ending = ""

    def without_former(self, shown: ShownNames) -> ShownNames:
        """What is shown but for what was there before the sequence, wherever it comes now."""
        self._there.update(name for views in shown.tickets.values() for name in views)
        tickets = {
            partner: {name: view for name, view in views.items() if name not in self._former}
            for partner, views in shown.tickets.items()
        }
        return shown._replace(tickets=tickets)

    def leave_behind(self, number: int) -> None:
        """Begin a sequence, the how manieth it is: what was seen so far is former from now on."""
        while any(name.endswith(f".{number}") for name in self._there):
            number += 1
        self._ending = f".{number}"
        self._former |= self._there

    def named(self, item: str) -> str:
        """A name for an item of the sequence that nothing had before."""
        return f"{item}{self._ending}"
