"""Explicit-state search: every state of N items, breadth first over bitmaps, level by level, on all cores.

A state is a status and an item state for each item, and so a bit in that status's bitmap. The depth of each state is
kept in a few more bitmaps, a binary digit each, so that a shortest trace can be found backwards from any state. Nothing
here relies on items being interchangeable, or on what is known of one item alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np

from simsync.engine.world import Event
from simsync.progress import Progress, silent
from simsync.statespace.bitmaps import (
    WORD,
    Bits,
    Numbers,
    Relation,
    count,
    occupied,
    relation,
    row,
    spread,
    spread_first,
    spread_last,
)
from simsync.statespace.counting import Counts
from simsync.statespace.transition_table import Flags, TransitionTable
from simsync.workers.executors import TaskExecutor
from simsync.workers.workers import cores as all_cores
from simsync.workers.workers import in_order, in_threads

Joint = tuple[int, tuple[int, ...]]
"""A status, and an item state for each item."""

SMALL = 2**14
"""Words below which a bitmap is not worth a second thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLimits:
    """When to stop: after so many states, at so many bytes, at a time of the monotonic clock."""

    states: int | None = None
    memory: int | None = None
    deadline: float | None = None

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self.deadline is not None and time.monotonic() > self.deadline


class Stopped(Exception):  # noqa: N818 - no error
    """A search was stopped between two levels; the reason is its text."""


OVER = "the time is up"


def more_than(states: int) -> str:
    """Why a search stops at a bound on states."""
    return f"there are more than {states:,} states"


class BitmapSlice(NamedTuple):
    """A part of a status's bitmap: a range of the first axis."""

    status: int
    low: int
    high: int


@dataclass(slots=True)
class Bitmaps:
    """What is known of the states of one status: bitmaps of those visited, of the last level, and of depths.

    Axis k is the state of item k by its number in ``local``; where there is but one item, the first axis has size 1.
    """

    local: Numbers
    seen: Bits
    front: Bits
    digits: list[Bits] = field(default_factory=list)


class ExplicitSearch:
    """A breadth-first search from empty tickets in every status, each item told from the others.

    ``maps[s]`` are the bitmaps of a status; ``depth`` is that of the last level visited.
    """

    def __init__(self, table: TransitionTable, items: int, cores: int | None = None) -> None:
        self.table, self.items = table, items
        self.cores = cores or all_cores()
        self.depth = 0
        self.seconds = 0.0
        self.maps = [self._empty(np.flatnonzero(flags)) for flags in table.reached]
        self._events = [
            relation(*self._events_of(s), len(one.local), len(one.local)) for s, one in enumerate(self.maps)
        ]
        self._moves = [list(self._moves_to(s)) for s in range(len(self.maps))]
        for one in self.maps:
            nobody = (*row((0,) * items), 0)
            one.front[nobody] = one.seen[nobody] = 1

    @staticmethod
    def bytes_for(table: TransitionTable, items: int) -> int:
        """How much memory a search takes, about: three bitmaps, one for each digit of the depth, and work space."""
        sizes = [int(flags.sum()) for flags in table.reached]
        words: int = sum(size ** (items - 1) * -(-size // WORD) for size in sizes)
        return words * 8 * (4 + (5 * items + 1).bit_length())

    def _empty(self, local: Numbers) -> Bitmaps:
        shape = (*row((len(local),) * self.items, 1), -(-len(local) // WORD))
        return Bitmaps(local, np.zeros(shape, np.uint64), np.zeros(shape, np.uint64))

    def _events_of(self, s: int) -> tuple[Numbers, Numbers]:
        after = self.table.next[self.table.phase[s]][self.maps[s].local]
        source, event = np.nonzero(after >= 0)
        return source, np.searchsorted(self.maps[s].local, after[source, event])

    def _moves_to(self, s: int) -> Iterator[tuple[int, Relation]]:
        """What the actions that lead to a status make of the items, with the status that each begins in."""
        for before, action in np.argwhere(self.table.status == s):
            local = self.maps[before].local
            moved = self.table.moved[self.table.move[before, action]][local]
            able = np.flatnonzero(moved >= 0)
            dest = np.searchsorted(self.maps[s].local, moved[able])
            yield int(before), relation(able, dest, len(local), len(self.maps[s].local))

    @property
    def states(self) -> int:
        """How many states have been visited."""
        return sum(count(one.seen) for one in self.maps)

    @property
    def memory(self) -> int:
        """How many bytes the bitmaps take."""
        return sum(one.seen.nbytes * (3 + len(one.digits)) for one in self.maps)

    def run(self, limits: SearchLimits = SearchLimits(), progress: Progress = silent) -> None:
        """Visit level after level until there is nothing new.

        Raises :class:`Stopped` at a limit; the search can then be gone on with.
        """
        began = time.monotonic() - self.seconds
        states = self.states
        with in_threads([self] * self.cores) as pool:
            while True:
                if limits.states is not None and states > limits.states:
                    raise Stopped(more_than(limits.states))
                frontier = self._level(pool, limits)
                self.seconds = time.monotonic() - began
                if frontier == 0:
                    return
                states += frontier
                progress(f"states up to depth {self.depth}, {frontier:,} of them there", states, 0)

    def _level(self, pool: TaskExecutor, limits: SearchLimits) -> int:
        """Visit the states one step further than the last level; gives how many there are."""
        fresh = [np.zeros_like(one.seen) for one in self.maps]
        some = [occupied(one.front) for one in self.maps]

        def fill(_: ExplicitSearch, part: BitmapSlice) -> int:
            if limits.over:
                raise Stopped(OVER)
            new = fresh[part.status][part.low : part.high]
            if not self._step(part, some, new):
                return 0
            new &= ~self.maps[part.status].seen[part.low : part.high]
            return count(new)

        parts = list(self._parts())
        several = len(parts) > len(self.maps)
        found = list(in_order(pool, fill, parts)) if several else [fill(self, part) for part in parts]
        if any(found):
            self._take([part for part, count in zip(parts, found, strict=True) if count], fresh)
        return sum(found)

    def _take(self, parts: Sequence[BitmapSlice], fresh: list[Bits]) -> None:
        """Make a level the last one visited."""
        self.depth += 1
        for one, new in zip(self.maps, fresh, strict=True):
            one.front = new
            while self.depth >> len(one.digits):
                one.digits.append(np.zeros_like(new))
        for part in parts:
            one, rows = self.maps[part.status], slice(part.low, part.high)
            one.seen[rows] |= one.front[rows]
            for place, digit in enumerate(one.digits):
                if self.depth >> place & 1:
                    digit[rows] |= one.front[rows]

    def _parts(self) -> Iterator[BitmapSlice]:
        """What is to be filled: of each status, ranges of the first item's states; the largest first."""
        for s in sorted(range(len(self.maps)), key=lambda s: -self.maps[s].seen.size):
            size = len(self.maps[s].seen)
            count = min(size, -(-self.maps[s].seen.size // SMALL))
            bounds = [size * n // count for n in range(count + 1)]
            yield from (BitmapSlice(s, low, high) for low, high in pairwise(bounds))

    def _step(self, part: BitmapSlice, some: Sequence[Flags], new: Bits) -> bool:
        """OR into a part of a level; whether there was anything to."""
        events, front = self._events[part.status], self.maps[part.status].front
        stepped = self.items > 1 and spread_first(events.pairs, front, some[part.status], new, part.low)
        if some[part.status][part.low : part.high].any():
            stepped = True
            for axis in range(1, self.items - 1):
                spread(events.pairs, front[part.low : part.high], new, axis)
            spread_last(events.images, front[part.low : part.high], new)
        for before, moves in self._moves[part.status]:
            stepped |= self._carry(moves, self.maps[before].front, some[before], part, new)
        return stepped

    def _carry(self, moves: Relation, front: Bits, some: Flags, part: BitmapSlice, new: Bits) -> bool:
        """OR into a part of a level what a status action makes of the last one: all items move at once."""
        if self.items > 1:
            carried = np.zeros((len(new), *front.shape[1:]), np.uint64)
            if not spread_first(moves.pairs, front, some, carried, part.low):
                return False
            front = carried
        for axis in range(1, self.items - 1):
            carried = np.zeros(new.shape[: axis + 1] + front.shape[axis + 1 :], np.uint64)
            spread(moves.pairs, front, carried, axis)
            front = carried
        spread_last(moves.images, front, new)
        return True

    def counts(self) -> Counts:
        """How much has been visited; the transitions are those that begin in a visited state."""
        transitions: int = 0
        for s, one in enumerate(self.maps):
            able = (self.table.next[self.table.phase[s]][one.local] >= 0).sum(axis=1)
            actions = int((self.table.status[s] >= 0).sum())
            transitions += actions * count(one.seen)
            for axis in range(self.items):
                transitions += int(able @ self._occurring(one.seen, axis, len(one.local)))
        return Counts(self.states, transitions, self.depth)

    def _occurring(self, bits: Bits, axis: int, size: int) -> Numbers:
        """In how many of the states an item is in each of its states."""
        if axis < self.items - 1:
            return np.array([count(bits.take(i, axis)) for i in range(size)], np.int64)
        rows = bits.reshape(-1, bits.shape[-1])
        return np.array([int((rows[:, i // WORD] >> np.uint64(i % WORD) & np.uint64(1)).sum()) for i in range(size)])

    def first(self, flagged: Flags) -> Joint | None:
        """A visited state nearest to the beginning in which some item is in a flagged state, [S, I]; None: none is."""
        best: tuple[int, Joint] | None = None
        for s, one in enumerate(self.maps):
            for i in np.flatnonzero(flagged[s][one.local]):
                for axis in range(self.items):
                    for states in self._states_with(one, axis, int(i)):
                        found = self.depth_of((s, states))
                        if best is None or found < best[0]:
                            best = found, (s, states)
        return None if best is None else (best[1][0], tuple(int(self.maps[best[1][0]].local[i]) for i in best[1][1]))

    def _states_with(self, one: Bitmaps, axis: int, i: int) -> Iterator[tuple[int, ...]]:
        """The nearest visited state, by local numbers, with an item in a state."""
        chosen = [one.seen, *one.digits]
        if axis < self.items - 1:
            index: tuple[int | slice, ...] = (slice(None),) * axis + (i,)
            some, *digits = (bits[index] for bits in chosen)
        else:
            word, bit = i // WORD, np.uint64(1 << (i % WORD))
            some, *digits = (bits[..., word] & bit for bits in chosen)
        for digit in reversed(digits):  # the nearest have zeros in the highest digits
            fewer = some & ~digit
            some = fewer if fewer.any() else some
        if some.any():
            where = np.unravel_index(int(np.flatnonzero(some.ravel())[0]), some.shape)
            yield self._named(some[where], where, axis, i)

    def _named(self, word: np.uint64, where: Sequence[np.intp], axis: int, i: int) -> tuple[int, ...]:
        lowest = (int(word) & -int(word)).bit_length() - 1
        if axis == self.items - 1:
            return (*map(int, where), i)[-self.items :]
        *others, last = map(int, where)
        return (*others[:axis], i, *others[axis:], last * WORD + lowest)

    def depth_of(self, state: Joint) -> int:
        """The depth of a visited state, given by local numbers."""
        s, items = state
        where = (*row(items), items[-1] // WORD)
        bit = items[-1] % WORD
        return sum((int(digit[where]) >> bit & 1) << place for place, digit in enumerate(self.maps[s].digits))

    def _visited(self, state: Joint) -> bool:
        s, items = state
        return bool(int(self.maps[s].seen[(*row(items), items[-1] // WORD)]) >> (items[-1] % WORD) & 1)

    def trace(self, state: Joint) -> tuple[str, list[tuple[int, Event]]]:
        """A shortest way to a visited state: the status to begin in, and the events with the item's number or -1."""
        s, items = state
        at: Joint = s, tuple(int(np.searchsorted(self.maps[s].local, i)) for i in items)
        steps: list[tuple[int, Event]] = []
        while (depth := self.depth_of(at)) > 0:
            at, number, event = next(
                found for found in self._before(at) if self._visited(found[0]) and self.depth_of(found[0]) == depth - 1
            )
            steps.append((number, event))
        return self.table.statuses[at[0]], steps[::-1]

    def _before(self, state: Joint) -> Iterator[tuple[Joint, int, Event]]:
        """The states from which a step leads to a state."""
        s, items = state
        after = self.table.next[self.table.phase[s]][self.maps[s].local]
        for number, i in enumerate(items):
            for j, a in np.argwhere(after == self.maps[s].local[i]):
                yield (s, (*items[:number], int(j), *items[number + 1 :])), number, self.table.events[a]
        for before, action in np.argwhere(self.table.status == s):
            moved = self.table.moved[self.table.move[before, action]][self.maps[before].local]
            origins = [np.flatnonzero(moved == self.maps[s].local[i]).tolist() for i in items]
            for one in product(*origins):
                yield (int(before), tuple(one)), -1, self.table.actions[action]
