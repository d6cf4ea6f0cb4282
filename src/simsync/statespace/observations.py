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


class Observations:
    """Numbers for what can be seen of a step: if it is refused or undecided, the status, both tickets, who is told.

    The names of links, memories and rows are nobody's to see.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self._numbers: dict[Hashable, int] = {}
        self._views: dict[int, int] = {}
        self._told: dict[int, tuple[bool, bool, tuple[str, ...]]] = {}
        self._looks: dict[tuple[State, int], tuple[Observation, ...]] = {}

    def looks(self, state: State, event: int) -> tuple[Observation, ...]:
        """All combinations, parted by what an event shows at a place and where it leads."""
        key = (state, event)
        if key not in self._looks:
            joined: dict[tuple[int, State], int] = {}
            for taken in self.space.taken(state, event):
                seen = self.seen(taken), taken.after
                joined[seen] = joined.get(seen, 0) | taken.bits
            self._looks[key] = tuple(Observation(bits, *seen) for seen, bits in joined.items())
        return self._looks[key]

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
