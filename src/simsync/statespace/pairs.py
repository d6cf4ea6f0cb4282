"""Where two of them part: a search through pairs of places that look alike so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from simsync.statespace.observations import Look, Observations
from simsync.statespace.space import State

Pair = tuple[State, State]
"""The places that two sides have come to by the same events."""

Looks = Callable[[State, int], Iterable[Look]]
"""What an event shows at a place of one side, parted by the contexts in which it does."""


class Apart(NamedTuple):
    """A shortest way to a difference: where it begins, the events, the last of which shows it, and for whom."""

    start: State
    events: tuple[int, ...]
    bits: int


class Product:
    """Searches breadth first, for many contexts at once; a context is a combination of readings, or a pair of them.

    Contexts are the bits of an integer, and mean the same to both sides. A pair of places that some contexts come to
    later than others is visited again for these. ``came`` are the pairs come to, each with its contexts.
    """

    def __init__(self, possible: Callable[[State], Iterable[int]], left: Looks, right: Looks) -> None:
        self._possible, self._left, self._right = possible, left, right
        self.came: dict[Pair, int] = {}
        self._before: dict[Pair, list[tuple[int, Pair, int]]] = {}

    def first_apart(self, starts: Mapping[Pair, int]) -> Apart | None:
        """The shortest way to a step after which the sides look different; None is a proof that there is none."""
        front = {pair: bits for pair, bits in starts.items() if bits}
        self.came = dict(front)
        while front:
            reached: dict[Pair, int] = {}
            for pair, new in front.items():
                for event in self._possible(pair[0]):  # the same as at the other place: what looks alike has them all
                    for alike, after, bits in self._stepped(pair, event, new):
                        if not alike:
                            return self._way(pair, event, bits)
                        if fresh := bits & ~self.came.get(after, 0):
                            self.came[after] = self.came.get(after, 0) | fresh
                            reached[after] = reached.get(after, 0) | fresh
                            self._before.setdefault(after, []).append((fresh, pair, event))
            front = reached
        return None

    def _stepped(self, pair: Pair, event: int, new: int) -> Iterator[tuple[bool, Pair, int]]:
        """Whether the sides see the same of an event, where they come to, and in which contexts."""
        others = list(self._right(pair[1], event))
        for one in self._left(pair[0], event):
            if some := one.bits & new:
                for other in others:
                    if both := some & other.bits:
                        yield one.seen == other.seen, (one.after, other.after), both

    def _way(self, pair: Pair, event: int, bits: int) -> Apart:
        """How the first of the contexts that see a difference came to it."""
        events, context = [event], bits & -bits
        while before := next((one for one in self._before.get(pair, ()) if one[0] & context), None):
            _, pair, event = before
            events.append(event)
        return Apart(pair[0], tuple(reversed(events)), bits)


def first_apart_of_twins(
    observations: Observations, one: Callable[[int], int], other: Callable[[int], int], contexts: int
) -> Apart | None:
    """The shortest way to a step that tells any twins apart: combinations that differ in nothing but one reading.

    A context is what twins have in common. ``one`` and ``other`` turn combinations, as bits, into the contexts of those
    that are the one twin, or the other.
    """
    space = observations.space
    starts = {(state, state): contexts & one(bits) & other(bits) for state, bits in space.layers[0].items()}

    def seen_by(twin: Callable[[int], int]) -> Looks:
        return lambda state, event: (
            Look(twin(look.bits), look.seen, look.after) for look in observations.looks(state, event)
        )

    return Product(space.possible, seen_by(one), seen_by(other)).first_apart(starts)
