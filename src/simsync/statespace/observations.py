"""What can be seen of the steps of a state space, numbered: what looks alike has one number."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

from simsync.engine.view import shown
from simsync.statespace.places import NAME, Place
from simsync.statespace.space import Space, SpaceStep, State


class Observation(NamedTuple):
    """What some combinations, as bits, see of a step, and the place that they come to."""

    bits: int
    seen: int
    after: State


Looks = tuple[Observation, ...]
"""What an event shows at a place: all combinations, parted by what they see and where they come to."""

Pair = tuple[State, State]
"""The places that two sides have come to by the same events."""


class SeenTwice(NamedTuple):
    """An event, and what it shows at either of two places."""

    event: int
    ones: Looks
    others: Looks


class Observations:
    """Numbers for what can be seen of a step: if it is refused or undecided, the status, both tickets, who is told.

    The names of links, memories and rows are nobody's to see.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self._numbers: dict[Hashable, int] = {}
        self._views: dict[int, int] = {}
        self._told: dict[int, tuple[bool, bool, tuple[str, ...]]] = {}
        self._looks: dict[tuple[State, int], Looks] = {}
        self._at: dict[State, dict[int, Looks]] = {}
        self._both: dict[Pair, list[SeenTwice]] = {}

    def at(self, state: State) -> dict[int, Looks]:
        """For each event that makes sense at a place what :meth:`looks` tells; one value for those that are alike."""
        if state not in self._at:
            self._at[state] = {event: self.looks(state, first) for event, first in self.space.alike(state).items()}
        return self._at[state]

    def looks(self, state: State, event: int) -> Looks:
        """All combinations, parted by what an event shows at a place and where it leads."""
        key = (state, event)
        if key not in self._looks:
            joined: dict[tuple[int, State], int] = {}
            for taken in self.space.taken(state, event):
                seen = self.seen(taken), taken.after
                joined[seen] = joined.get(seen, 0) | taken.bits
            self._looks[key] = tuple(Observation(bits, *seen) for seen, bits in joined.items())
        return self._looks[key]

    def both(self, pair: Pair) -> list[SeenTwice]:
        """The events that show something at either of two places, or lead elsewhere, of those alike the first."""
        if pair not in self._both:
            found: dict[object, SeenTwice] = {}
            for event in self.space.different(*pair):
                ones, others = self.looks(pair[0], event), self.looks(pair[1], event)
                same: object = event
                if len(ones) == len(others) == 1:
                    same = ones[0].after, others[0].after, ones[0].seen == others[0].seen
                found.setdefault(same, SeenTwice(event, ones, others))
            found.pop((*pair, True), None)
            self._both[pair] = [*found.values()]
        return self._both[pair]

    def seen(self, taken: SpaceStep) -> int:
        """The number of what can be seen of a step."""
        told = (True, False, ()) if taken.part < 0 else self._of_part(taken.part)
        return self._number((*told, taken.after[0], self.view(taken.after[1])))

    def _of_part(self, part: int) -> tuple[bool, bool, tuple[str, ...]]:
        """Whether a step that a part decides is refused or undecided, and who is told of it."""
        if part not in self._told:
            frame = self.space.frame
            refused, faulty = bool(frame.refused[part]), bool(frame.faulty[part])
            notified = () if refused or faulty else self.space.rules.notified(frame.answers[part].tolist())
            self._told[part] = refused, faulty, tuple(sorted(notified))
        return self._told[part]

    def view(self, item: int) -> int:
        """The number of what both tickets show of an item."""
        if item not in self._views:
            space = self.space
            there = space.sketch.world(Place("", space.shape(item))).items.get(NAME)
            words = space.model.vocabulary
            views = [shown(words, there, partner) if there else None for partner in words.partners]
            self._views[item] = self._number(tuple(view and tuple(view.items()) for view in views))
        return self._views[item]

    def _number(self, what: Hashable) -> int:
        return self._numbers.setdefault(what, len(self._numbers))
