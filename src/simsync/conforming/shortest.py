"""The shortest drive through which a system diverges in some way, found by running it again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from simsync.analysis.system.driven import Driven
from simsync.analysis.system.drives import Drive, shrunk
from simsync.analysis.system.hard_texts import plain, plainer
from simsync.analysis.system.symptoms import Sort, symptom_of
from simsync.conformance.lockstep import drive_through
from simsync.conformance.sut import System
from simsync.conforming.plan import lacks
from simsync.core.model import Model

TRIES = 3
"""Sequences that are tried again before a divergence is taken for one that does not come back."""
MOST_RUNS = 300
"""Drives that shrinking one divergence may take."""
MOST_STEPS = 5_000
"""Steps of these drives together: a long one is shrunk by what takes most away, and then left as it is."""


def key_of(driven: Driven) -> str:
    """What is the same of divergences that are probably one and the same."""
    assert driven.divergence is not None
    symptom = symptom_of(driven.divergence.outcomes, driven.divergence.unlike)
    return driven.divergence.rules[0].id if symptom.sort is Sort.RULES else symptom.about


class Shrinking:
    """Runs a group's drives again, and shorter ones, as long as the system is sound."""

    def __init__(self, system: System, model: Model, counts: Callable[[Driven], bool], *, jumps: bool) -> None:
        self._system, self._model, self._counts, self._jumps = system, model, counts, jumps
        self._ability = system.ability
        self._key = ""
        self._runs = self._steps = self._faults = 0
        self._found: dict[str, Driven] = {}

    def shortest(self, group: Sequence[Driven]) -> Driven | None:
        """The shortest drive that diverges like the group's; None where none of them does so again."""
        for driven in sorted(group, key=lambda one: one.steps)[:TRIES]:
            self._key = key_of(driven)
            start = self._sooner(self._cut(driven.drive, driven.steps))
            if self._fails(start):
                simple = plain(self._model, start)
                drive = shrunk(simple if self._fails(simple) else start, self._fails, self._later)
                drive = plainer(self._model, drive, self._fails)
                drive = self._renamed(drive)
                return self._found[drive.key]
        return None

    def _sooner(self, drive: Drive) -> Drive:
        """Up to where it diverges if one looks longer: what crosses late may belong to an earlier step."""
        if self._system.quiet is None:
            return drive
        driven = drive_through(self._system, self._model, drive, careful=True)
        if driven.divergence is not None:
            self._key = key_of(driven)
            return self._cut(drive, driven.steps)
        return drive

    def _cut(self, drive: Drive, steps: int) -> Drive:
        return replace(drive, events=drive.events[:steps])

    def _fails(self, drive: Drive) -> bool:
        if (
            self._runs >= MOST_RUNS
            or self._steps >= MOST_STEPS
            or self._faults > 1
            or lacks(self._model, self._ability, drive)
        ):
            return False
        self._runs += 1
        driven = drive_through(self._system, self._model, drive, careful=True)
        self._steps += driven.steps
        self._faults += driven.fault is not None
        if driven.divergence is None or driven.steps != len(drive.events) or key_of(driven) != self._key:
            return False
        if not self._counts(driven):
            return False
        self._found[drive.key] = driven
        return True

    def _later(self, drive: Drive) -> Iterable[Drive]:
        """The drive without the status actions that it begins with, in the status that they lead to."""
        outcomes = self._found[drive.key]
        assert outcomes.divergence is not None
        count = next((n for n, event in enumerate(drive.events) if event.item is not None), len(drive.events) - 1)
        if self._jumps:
            for skipped in range(count, 0, -1):
                status = outcomes.divergence.outcomes[skipped - 1].after.status
                yield replace(drive, status=status, events=drive.events[skipped:])

    def _renamed(self, drive: Drive) -> Drive:
        """The drive with its items numbered from 1, if it still diverges."""
        items = dict.fromkeys(e.item for e in drive.events if e.item is not None)
        names = {item: f"N{number}" for number, item in enumerate(items, 1)}
        events = tuple(replace(e, item=None if e.item is None else names[e.item]) for e in drive.events)
        renamed = replace(drive, events=events)
        return renamed if events == drive.events or self._fails(renamed) else drive
