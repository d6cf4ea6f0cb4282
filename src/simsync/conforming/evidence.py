"""Everything that was observed in a campaign, to hold other rules against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from simsync.analysis.system.driven import Driven
from simsync.conformance.lockstep import aspects_of, expected_of
from simsync.conformance.sut import System
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.model.policy import Policy
from simsync.model.world import World


class Agreement(NamedTuple):
    """Whether other rules account for what was as expected in a run, as far as they say anything, and for all of it."""

    so_far: bool
    wholly: bool


class Evidence:
    """The runs of a system, held to a model; those that diverged are ``diverging``."""

    def __init__(self, system: System, model: Model, driven: Iterable[Driven]) -> None:
        self._system = system
        self.model = model
        runs = sorted((one for one in driven if one.fault is None), key=lambda one: one.steps)
        self.diverging = [one for one in runs if one.divergence is not None]
        self._conforming = [one for one in runs if one.divergence is None]
        self._filed: dict[str, dict[int, None]] = {}
        for number, one in enumerate(self._conforming):
            for what in _rests_on(one):
                self._filed.setdefault(what, {})[number] = None
        self._unseen = frozenset(_deciding_unseen(model.policy))
        self._refuting: dict[int, None] = {}

    def explained(self, model: Model, touches: frozenset[str]) -> tuple[Driven, ...] | None:
        """The diverging runs that other rules account for; None where something that was observed contradicts them.

        ``touches``: rows, transitions, triggers and statuses; a run without any of these goes as it does now.
        """
        for number in self._touched(touches):
            if not self.agrees(model, self._conforming[number]).so_far:
                self._refuting = {number: None, **self._refuting}
                return None
        found = []
        for driven in self.diverging:
            if touches & self._unseen or touches & _rests_on(driven):
                agrees = self.agrees(model, driven)
                if not agrees.so_far:
                    return None
                if agrees.wholly:
                    found.append(driven)
        return tuple(found)

    def _touched(self, touches: frozenset[str]) -> Iterator[int]:
        """The conforming runs that a change can touch: first those that spoke against others, then the shortest."""
        if touches & self._unseen:
            touched = dict.fromkeys(range(len(self._conforming)))
        else:
            touched = {number: None for what in touches for number in self._filed.get(what, ())}
        first = [number for number in self._refuting if number in touched]
        yield from first
        yield from sorted(touched.keys() - first)

    def agrees(self, model: Model, driven: Driven) -> Agreement:
        """How far other rules account for what was seen in a run. Where they have a hole, they say nothing."""
        judged = driven.drive.events[: driven.steps]
        known = None if driven.divergence is None else driven.divergence.outcomes
        world = mine = World(driven.drive.status)
        for number, event in enumerate(judged):
            its = step(model, world, event)
            if its.defects:
                return Agreement(so_far=True, wholly=False)
            if driven.divergence is not None and number == driven.divergence.at:
                unlike = aspects_of(self._system, expected_of(self._system, its), driven.divergence.actual)
                return Agreement(so_far=True, wholly=not unlike)
            ours = known[number] if known else step(self.model, mine, event)
            if not self._alike(ours, its):
                return Agreement(so_far=False, wholly=False)
            world, mine = its.after, ours.after
        return Agreement(so_far=True, wholly=driven.divergence is None)

    def _alike(self, ours: Outcome, its: Outcome) -> bool:
        """Whether two outcomes look the same, as far as the system shows it."""
        refused, its_refused = ours.refused is None, its.refused is None
        same = (ours.after, ours.notified, refused) == (its.after, its.notified, its_refused)
        return same or not aspects_of(self._system, expected_of(self._system, ours), expected_of(self._system, its))


def _rests_on(driven: Driven) -> frozenset[str]:
    """The rules that a run rests on, what was done in it, and where it began."""
    return driven.rules | {event.action for event in driven.drive.events} | {driven.drive.status}


def _deciding_unseen(policy: Policy) -> Iterator[str]:
    """Rows that give a fact which something other than a row tests: they matter in steps that do not name them."""
    conditions = [memory.when for memory in policy.vocabulary.history.values()]
    conditions += (transition.when for transition in policy.transitions(policy.link))
    conditions += (table.scope for table in policy.tables.values())
    tested = {fact for when in conditions for fact, _ in when}
    yield from (row.id for row in policy.rows if row.then.fact in tested)
