"""Where two of them part: a search through pairs of places that look alike so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from simsync.statespace.observations import Looks, Observations, Pair
from simsync.statespace.space import State

Side = Callable[[int], int]
"""From combinations to the contexts of those of them that are on one side."""


class Parted(NamedTuple):
    """A shortest way to a difference: where it begins, the events, the last of which shows it, and for whom."""

    start: State
    events: tuple[int, ...]
    bits: int


class Product:
    """Searches breadth first, for many contexts at once; a context is a combination of readings, or a pair of them.

    Contexts are the bits of an integer; ``sides`` turn combinations into the contexts of those that are on either side.
    A pair of places that some contexts come to later than others is visited again for these. ``came`` are the pairs
    come to, each with its contexts.
    """

    def __init__(self, observations: Observations, sides: tuple[Side, Side]) -> None:
        self._both, self._sides = observations.both, sides
        self.came: dict[Pair, int] = {}
        self._before: dict[Pair, list[tuple[int, Pair, int]]] = {}

    def first_apart(self, starts: Mapping[Pair, int]) -> Parted | None:
        """The shortest way to a step after which the sides look different; None is a proof that there is none."""
        front = {pair: bits for pair, bits in starts.items() if bits}
        self.came = dict(front)
        while front:
            reached: dict[Pair, int] = {}
            for pair, new in front.items():
                for event, ones, others in self._both(pair):
                    for alike, after, bits in self._stepped(ones, others, new):
                        if not alike:
                            return self._way(pair, event, bits)
                        if fresh := bits & ~self.came.get(after, 0):
                            self.came[after] = self.came.get(after, 0) | fresh
                            reached[after] = reached.get(after, 0) | fresh
                            self._before.setdefault(after, []).append((fresh, pair, event))
            front = reached
        return None

    def _stepped(self, ones: Looks, others: Looks, new: int) -> Iterable[tuple[bool, Pair, int]]:
        """Whether the sides see the same, where they come to, and for which contexts."""
        if len(ones) == len(others) == 1:
            return ((ones[0].seen == others[0].seen, (ones[0].after, others[0].after), new),)
        left, right = self._sides
        apart = [(right(other.bits), other) for other in others]
        return (
            (one.seen == other.seen, (one.after, other.after), both)
            for one in ones
            if (some := left(one.bits) & new)
            for bits, other in apart
            if (both := some & bits)
        )

    def _way(self, pair: Pair, event: int, bits: int) -> Parted:
        """How the first of the contexts that see a difference came to it."""
        events, context = [event], bits & -bits
        while before := next((one for one in self._before.get(pair, ()) if one[0] & context), None):
            _, pair, event = before
            events.append(event)
        return Parted(pair[0], tuple(reversed(events)), bits)


def first_apart_of_twins(observations: Observations, one: Side, other: Side, contexts: int) -> Parted | None:
    """The shortest way to a step that tells any twins apart: combinations that differ in nothing but one reading.

    A context is what twins have in common; ``one`` and ``other`` take the one twin, or the other, for its context.
    """
    beginnings = observations.space.layers[0]
    starts = {(state, state): contexts & one(bits) & other(bits) for state, bits in beginnings.items()}
    return Product(observations, (one, other)).first_apart(starts)
