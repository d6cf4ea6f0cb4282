"""The shortest difference that a small change of the rules makes, found where it changes anything and nowhere else.

:mod:`compare` walks through two models side by side. Here the rules have been walked through already, and of the
variant only the steps are taken whose case it decides otherwise; everywhere else the two are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simsync.engine.trace import Trace
from simsync.questions.mutate.mutants import Mutant
from simsync.questions.mutate.walked import Taken, Variant, Walked
from simsync.statespace.places import with_texts

Pair = tuple[int, int]
"""A place of the rules and one of the variant, by their numbers."""


class Apart(NamedTuple):
    """The shortest way to a difference, and the readings under which it is one."""

    difference: Trace
    readings: dict[str, str]


def first_difference(walked: Walked, mutant: Mutant) -> Apart | None:
    """The shortest scenario with one item that tells a mutant from the rules; None if there is none.

    It is one for the readings of the model where there is any, else one for other readings, as few as will do. None is
    a proof for one item under every combination of readings.
    """
    variant = Variant(walked, mutant)
    return _Search(walked, variant).run() if variant.cases else None


class _Search:
    """Breadth first through pairs of places that look alike so far; most are the same place twice.

    Each pair carries the combinations of readings under which both sides have come there. Up to the first places where
    anything is decided otherwise the two go the same way as the rules alone, which is known.
    """

    def __init__(self, walked: Walked, variant: Variant) -> None:
        self.walked, self.variant = walked, variant
        self.within = variant.scope
        self.front: dict[Pair, int] = {}
        self.came: dict[Pair, int] = {}
        self.before: dict[Pair, list[tuple[int, Pair]]] = {}
        for layer in walked.layers:
            self.front = {(number, number): bits & self.within for number, bits in layer.items() if bits & self.within}
            for pair, bits in self.front.items():
                self.came[pair] = self.came.get(pair, 0) | bits
            if any(variant.changed_at(number) for number, _ in self.front):
                break
        else:
            self.front = {}

    def run(self) -> Apart | None:
        """The shortest way to a step that shows a difference."""
        as_read = self.walked.combinations.under(self.walked.model.readings)
        found: Apart | None = None
        while self.front:
            front, self.front = self.front, {}
            for pair, new in front.items():
                for bits, what in self._differing(pair, new):
                    if found is None or bits & as_read:
                        found = self._apart(bits, pair, what)
                    if bits & as_read or not as_read & self.within:
                        return found
                    self.within = as_read  # only what may be told as the rules are read is still of interest
        return found

    def _differing(self, pair: Pair, new: int) -> Iterator[tuple[int, int]]:
        """The combinations and events that show a difference at a pair; where none shows, the walk goes on."""
        here, there = pair
        if here != there or here not in self.walked.came:
            yield from self._tried(pair, new, self._all(pair))
            return
        changed = self.variant.changed_at(here)
        yield from self._tried(pair, new, changed)
        new &= self.within
        for after, events in self.walked.leading[here].items():
            if new & ~self.came.get((after, after), 0):
                for what, bits in events.items():
                    if bits & new and what not in changed:
                        self._visit(pair, (after, after), bits & new)

    def _tried(self, pair: Pair, new: int, events: list[int]) -> Iterator[tuple[int, int]]:
        for what in events:
            for both, one, two in self._steps(pair, what):
                bits = both & new & self.within
                if bits and one.seen != two.seen:
                    yield bits, what
                elif bits:
                    self._visit(pair, (one.after, two.after), bits)

    def _steps(self, pair: Pair, what: int) -> Iterator[tuple[int, Taken, Taken]]:
        """What an event comes to on both sides, with the combinations under which it does."""
        here, there = pair
        theirs = self.variant.step(there, what)
        for ours, one in self.walked.step(here, what):
            for bits, two in theirs:
                if ours & bits:
                    yield ours & bits, one, two

    def _all(self, pair: Pair) -> list[int]:
        return list(dict.fromkeys(what for number in pair for what in self.walked.events_at(number)))

    def _visit(self, pair: Pair, after: Pair, bits: int) -> None:
        known = self.came.get(after, 0)
        fresh = bits & ~known
        if fresh:
            self.came[after] = known | fresh
            self.front[after] = self.front.get(after, 0) | fresh
            self.before.setdefault(after, []).append((fresh, pair))

    def _apart(self, bits: int, pair: Pair, what: int) -> Apart:
        walked = self.walked
        readings = walked.combinations.first(bits, walked.model.readings)
        one, events = walked.combinations.under(readings), [what]
        while before := self._before(pair, one):
            events.append(self._between(before, pair, one))
            pair = before
        taken = with_texts(walked.model, [walked.events[what] for what in reversed(events)])
        return Apart(Trace(status=walked.places[pair[0]].status, events=taken), readings)

    def _before(self, pair: Pair, one: int) -> Pair | None:
        """The pair from which one combination came to another pair, None where it began there."""
        here, there = pair
        alike = self.walked.before.get(here, ()) if here == there else ()
        ways = (*self.before.get(pair, ()), *((fresh, (number, number)) for fresh, number in alike))
        return next((earlier for fresh, earlier in ways if fresh & one), None)

    def _between(self, before: Pair, pair: Pair, one: int) -> int:
        """The event that leads from a pair to another under one combination."""
        return next(
            what
            for what in self._all(before)
            for bits, ours, theirs in self._steps(before, what)
            if bits & one and (ours.after, theirs.after) == pair and ours.seen == theirs.seen
        )
