"""Delta debugging on events: the smallest run that still fails, for any notion of failing.

After A. Zeller and R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002), with what is known of runs:
items go as a whole, the beginning can be moved to a later status, and fields can be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from simsync.engine.actions import Action, Created, Grammar
from simsync.engine.model import Workshop
from simsync.engine.world import Event
from simsync.policy.facts import CREATE
from simsync.policy.policy import Value

PAIRS_UP_TO = 40
"""The number of events up to which every two are tried to be left out together."""


class Attempt(NamedTuple):
    """A run to try: the status to begin in, and the events."""

    status: str
    events: tuple[Event, ...]

    @property
    def size(self) -> tuple[int, int]:
        """What is to become small: the number of events, then of the fields that they set."""
        return len(self.events), sum(len(event.fields) for event in self.events)


class Shrinker:
    """Makes runs smaller. ``fails`` is asked of runs that make sense only, and of none twice; ``tries`` counts it."""

    def __init__(self, workshop: Workshop, fails: Callable[[Attempt], bool]) -> None:
        self._grammar = Grammar(workshop)
        self._statuses = tuple(workshop.policy.status.states)
        self._fails = fails
        self._known: dict[str, bool] = {}

    @property
    def tries(self) -> int:
        """How many different runs were tried."""
        return len(self._known)

    def shrink(self, trial: Attempt) -> Attempt:
        """The smallest run found that fails, starting from one that does.

        No event, no two events of a short run, no item and no field can be left out of it, nor a beginning moved, so
        that what remains still fails. Raises ValueError where the run to start from does not fail.
        """
        if not self.fails(trial):
            raise ValueError("this run does not fail, so that there is nothing to shrink")
        smaller: Attempt | None = trial
        while smaller is not None:
            trial = self._in_chunks(smaller)
            smaller = next(filter(self.fails, self._simpler(trial)), None)
        return trial

    def fails(self, trial: Attempt) -> bool:
        """Whether a run makes sense and fails."""
        key = repr(trial)
        if key not in self._known and self.makes_sense(trial):
            self._known[key] = self._fails(trial)
        return self._known.get(key, False)

    def makes_sense(self, trial: Attempt) -> bool:
        """Whether every event could stand where it does in a scenario, whatever comes of it."""
        created = Created()
        for event in trial.events:
            action = Action(event.action, event.kind, event.item)
            if any(self._grammar.misuses(action, event.actor, created, event.fields)):
                return False
            if event.action == CREATE and event.item is not None:
                created[event.item] = event.actor, event.kind
        return bool(trial.events)

    def _in_chunks(self, trial: Attempt) -> Attempt:
        """Without as many stretches of events as can go, halves first, then ever smaller ones."""
        size = len(trial.events) // 2
        while size >= 1:
            start = 0
            while start < len(trial.events):
                less = trial._replace(events=trial.events[:start] + trial.events[start + size :])
                if self.fails(less):
                    trial = less
                else:
                    start += size
            size //= 2
        return trial

    def _simpler(self, trial: Attempt) -> Iterator[Attempt]:
        """Runs that are a little simpler, the ones that save most first."""
        events = trial.events
        for item in dict.fromkeys(event.item for event in events if event.item is not None):
            yield trial._replace(events=tuple(event for event in events if event.item != item))
        yield from self._later(trial)
        if len(events) <= PAIRS_UP_TO:
            for left_out in combinations(range(len(events)), 2):
                yield trial._replace(events=tuple(e for n, e in enumerate(events) if n not in left_out))
        for number, event in enumerate(events):
            for name in event.fields:
                less = replace(event, fields=_without(event.fields, name))
                yield trial._replace(events=(*events[:number], less, *events[number + 1 :]))

    def _later(self, trial: Attempt) -> Iterator[Attempt]:
        """Begun in another status, without the first of the status actions."""
        moves = [number for number, event in enumerate(trial.events) if event.item is None]
        for count in range(len(moves), 0, -1):
            kept = tuple(event for number, event in enumerate(trial.events) if number not in moves[:count])
            yield from (Attempt(status, kept) for status in self._statuses if status != trial.status)


def _without(fields: Mapping[str, Value], name: str) -> dict[str, Value]:
    return {other: value for other, value in fields.items() if other != name}
