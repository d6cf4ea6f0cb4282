"""A product search: breadth first through pairs of states that look alike so far, to where the two first differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from simsync.progress import Progress, silent
from simsync.statespace.observations import Looks, Observations
from simsync.statespace.space import State

Pair = tuple[State, State]
"""The states that two sides have come to by the same events."""

Contexts = Callable[[int], int]
"""From combinations to the contexts of those of them that are on one side."""


class EventPair(NamedTuple):
    """An event, and what it shows in either of two states."""

    event: int
    ones: Looks
    others: Looks


class Sides:
    """What can be seen on either of two sides; observations and events have the same numbers on both.

    Without a ``right`` side both are the left one. The last ``alone`` status actions exist on one side only, and are
    tried last.
    """

    def __init__(self, left: Observations, right: Observations | None = None, alone: int = 0) -> None:
        self.left, self.right = left, right or left
        self._first = range(len(left.space.actions) - alone)
        self._last = range(len(left.space.actions) - alone, len(left.space.actions))
        self._changes: dict[tuple[int, int], tuple[int, ...]] = {}
        self._both: dict[Pair, list[EventPair]] = {}

    def possible(self, pair: Pair) -> tuple[int, ...]:
        """The events that make sense in two states that look alike, in turn: at both the same."""
        return (*self._first, *self.left.space.compiled.possible(pair[0][1]), *self._last)

    def both(self, pair: Pair) -> list[EventPair]:
        """The events that show something else in two states, or lead elsewhere, of those alike the first."""
        if pair not in self._both:
            found: dict[object, EventPair] = {}
            for event in (*self._first, *self._different(pair), *self._last):
                ones, others = self.left.looks(pair[0], event), self.right.looks(pair[1], event)
                same: object = event
                if len(ones) == len(others) == 1 and ones[0].seen == others[0].seen:
                    same = ones[0].after, others[0].after
                found.setdefault(same, EventPair(event, ones, others))
            found.pop(pair, None)
            self._both[pair] = [*found.values()]
        return self._both[pair]

    def _different(self, pair: Pair) -> tuple[int, ...]:
        """The changes of an item that make sense in two states, of those that are alike at both the first."""
        ours, theirs = self.left.space.compiled, self.right.space.compiled
        (_, one), (_, other) = pair
        sorts = ours.sort(one), theirs.sort(other)
        if sorts not in self._changes:
            same: dict[tuple[int, int | None], int] = {}
            elsewhere = theirs.alike(other)
            for event, first in ours.alike(one).items():
                same.setdefault((first, elsewhere.get(event)), event)
            self._changes[sorts] = tuple(same.values())
        return self._changes[sorts]


class DistinguishingTrace(NamedTuple):
    """A shortest trace that tells two sides apart by its last event: where it begins, its events, and for whom.

    ``bits`` are the contexts that it holds for.
    """

    start: State
    events: tuple[int, ...]
    bits: int


class PairStep(NamedTuple):
    """A step that shows a difference: the states it is taken from, the event, and the contexts that see it."""

    pair: Pair
    event: int
    bits: int


class Product:
    """Searches breadth first, for many contexts at once; a context is a combination of readings, or a pair of them.

    Contexts are the bits of an integer; ``left`` and ``right`` turn combinations into the contexts of those that are on
    either side. A pair of states that some contexts come to later than others is visited again for these. ``came`` are
    the pairs come to, each with its contexts.
    """

    def __init__(self, sides: Sides, left: Contexts, right: Contexts) -> None:
        self._sides, self._left, self._right = sides, left, right
        self.came: dict[Pair, int] = {}
        self._before: dict[Pair, list[tuple[int, Pair, int]]] = {}

    def first_apart(self, starts: Mapping[Pair, int], most: int | None = None) -> DistinguishingTrace | None:
        """The shortest way to a step after which the sides look different; None is a proof that there is none.

        But not where there are more than ``most`` pairs, beyond which none is looked at.
        """
        return next(map(self.way, self.apart(starts, most)), None)

    def apart(
        self, starts: Mapping[Pair, int], most: int | None = None, progress: Progress = silent
    ) -> Iterator[PairStep]:
        """Every step after which the sides look different, the nearest first; beyond it nothing is tried."""
        looked_at = 0
        front = {pair: bits for pair, bits in starts.items() if bits}
        self.came = dict(front)
        while front and (most is None or len(self.came) <= most):
            self._sides.left.space.compile(one for one, _ in front)
            self._sides.right.space.compile(other for _, other in front)
            reached: dict[Pair, int] = {}
            for pair, new in front.items():
                progress("pairs of places looked at", looked_at, 0)
                looked_at += 1
                for event, ones, others in self._sides.both(pair):
                    for alike, after, bits in self._stepped(ones, others, new):
                        if not alike:
                            yield PairStep(pair, event, bits)
                        elif fresh := bits & ~self.came.get(after, 0):
                            self.came[after] = self.came.get(after, 0) | fresh
                            reached[after] = reached.get(after, 0) | fresh
                            self._before.setdefault(after, []).append((fresh, pair, event))
            front = reached

    def _stepped(self, ones: Looks, others: Looks, new: int) -> Iterable[tuple[bool, Pair, int]]:
        """Whether the sides see the same, where they come to, and for which contexts."""
        if len(ones) == len(others) == 1:
            return ((ones[0].seen == others[0].seen, (ones[0].after, others[0].after), new),)
        apart = [(self._right(other.bits), other) for other in others]
        return (
            (one.seen == other.seen, (one.after, other.after), both)
            for one in ones
            if (some := self._left(one.bits) & new)
            for bits, other in apart
            if (both := some & bits)
        )

    def way(self, apart: PairStep) -> DistinguishingTrace:
        """How the first of the contexts that see a difference came to it."""
        pair, event, bits = apart
        events, context = [event], bits & -bits
        while before := next((one for one in self._before.get(pair, ()) if one[0] & context), None):
            _, pair, event = before
            events.append(event)
        return DistinguishingTrace(pair[0], tuple(reversed(events)), bits)


def distinguishing_trace(sides: Sides, one: Contexts, other: Contexts, contexts: int) -> DistinguishingTrace | None:
    """The shortest way to a step that tells two options of a reading apart; None: they are equivalent.

    A context is what two combinations have in common that differ in this reading alone; ``one`` and ``other`` take the
    one or the other of them for its context.
    """
    beginnings = sides.left.space.layers[0]
    starts = {(state, state): contexts & one(bits) & other(bits) for state, bits in beginnings.items()}
    return Product(sides, one, other).first_apart(starts)


NEAR, FAR = 10_000, 100_000
"""Pairs that are looked at for a difference from everywhere, and from where scenarios begin."""


def are_apart(sides: Sides, one: Contexts, other: Contexts, contexts: int) -> bool:
    """Whether two options of a reading can be told apart at all, see :func:`distinguishing_trace`.

    What is near is looked for from every beginning, and what is far from one of them, before all is.
    """
    beginnings, space = sides.left.space.layers[0], sides.left.space
    starts = {(state, state): contexts & one(bits) & other(bits) for state, bits in beginnings.items()}
    begin = space.statuses.index(space.model.policy.status.begin)
    alone = {pair: bits for pair, bits in starts.items() if pair[0][0] == begin}
    tries = ((starts, NEAR), (alone, FAR), (starts, None))
    return any(Product(sides, one, other).first_apart(some, most) for some, most in tries)
