"""Any number of items at once, without visiting their combinations: a counting abstraction.

It only counts how many items are in which state (S. M. German and A. P. Sistla, Reasoning about Systems with Many
Processes, 1992). Items that influence each other through nothing but the status share only its course, a word of status
actions. For each such word it is known what each item state costs: how many events of its own an item needs to be in it
at the word's end. Words that are nowhere cheaper than another one are dropped: what is left is an antichain (M. De Wulf
et al., 2006), and short. From it follow, for every number of items, which states can be reached, how many there are,
how far away the farthest is, and the shortest way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import comb

import numpy as np

from simsync.engine.world import Event
from simsync.statespace.transition_table import Flags, Ints, TransitionTable

NEVER = 2**20
"""The cost of an item state that a word does not allow; more than any number of steps, and sums of it still fit."""


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """A course of the status: ``length`` actions, the last of which is ``action`` after ``before``.

    ``cost[I]``: how many events an item needs to be in each item state at its end, or `NEVER`; ``arrived[I]``: the same
    for items that have done nothing since the last action.
    """

    status: int
    length: int
    cost: Ints
    arrived: Ints = field(repr=False)
    before: Word | None = field(default=None, repr=False)
    action: int = -1

    def beats(self, other: Word) -> bool:
        """Whether the other word is nowhere cheaper."""
        return self.length <= other.length and bool((self.cost <= other.cost).all())


@dataclass(frozen=True, slots=True)
class Counts:
    """The size of a state space: ``depth`` is how many steps the farthest state is away."""

    states: int
    transitions: int
    depth: int


class CountingAbstraction:
    """For each status the words that matter, ``words[s]``: sequences of status actions, none of which beats another.

    A word beats one that is no shorter and in which no item state costs less: so they are an antichain.
    """

    def __init__(self, table: TransitionTable) -> None:
        self.table = table
        self._edges = [_edges(after) for after in table.next]
        self.words: list[list[Word]] = [[] for _ in table.statuses]
        empty = np.full(table.next.shape[1], NEVER, np.int32)
        empty[0] = 0
        front = [self._settled(s, 0, empty, None, -1) for s in range(len(table.statuses))]
        for word in front:
            self.words[word.status].append(word)
        while front:
            front = [word for before in front for word in self._extended(before)]

    def _settled(self, status: int, length: int, arrived: Ints, before: Word | None, action: int) -> Word:
        """The word with what items can do by themselves at its end."""
        source, dest = self._edges[self.table.phase[status]]
        cost, cheaper = arrived, True
        while cheaper:
            fresh = cost.copy()
            np.minimum.at(fresh, dest, np.minimum(cost[source] + 1, NEVER))
            cheaper = bool((fresh < cost).any())
            cost = fresh
        return Word(status, length, cost, arrived, before, action)

    def _extended(self, before: Word) -> Iterator[Word]:
        """The words with one more action that are somewhere cheaper than those known, which they may replace."""
        for action in np.flatnonzero(self.table.status[before.status] >= 0):
            moved = self.table.moved[self.table.move[before.status, action]]
            arrived = np.full_like(before.cost, NEVER)
            able = np.flatnonzero((before.cost < NEVER) & (moved >= 0))
            np.minimum.at(arrived, moved[able], before.cost[able])
            status = int(self.table.status[before.status, action])
            word = self._settled(status, before.length + 1, arrived, before, int(action))
            known = self.words[status]
            if not any(other.beats(word) for other in known):
                self.words[status] = [other for other in known if not word.beats(other)] + [word]
                yield word

    def counts(self, items: int, *, symmetry: bool) -> Counts:
        """How many states that many items have; with ``symmetry`` only how many are in each item state counts.

        A transition is a step of the status, or an event of an item (with symmetry: of one of those in an item state).
        """
        states = transitions = depth = 0
        for s, words in enumerate(self.words):
            able = (self.table.next[self.table.phase[s]] >= 0).sum(axis=1)
            actions = int((self.table.status[s] >= 0).sum())
            for support, sign in _union([frozenset(np.flatnonzero(w.cost < NEVER).tolist()) for w in words]).items():
                size, events = len(support), int(able[list(support)].sum())
                if symmetry:
                    all_of, acting = comb(size + items - 1, items), comb(size + items - 2, items - 1) * events
                else:
                    all_of, acting = size**items, items * size ** (items - 1) * events
                states += sign * all_of
                transitions += sign * (acting + actions * all_of)
            depth = max(depth, self._depth(words, items))
        return Counts(states, transitions, depth)

    def _depth(self, words: Sequence[Word], items: int) -> int:
        """How far the farthest state of a status is: the greatest of the sums of costs that are the least of any word.

        Only the costs that items cause matter, and of those reached with the same words only the greatest.
        """
        costs = np.unique(np.stack([word.cost for word in words]), axis=1).T
        costs = _greatest(costs[(costs < NEVER).any(axis=1)])
        sums = np.zeros((1, len(words)), np.int32)
        for _ in range(items):
            sums = np.minimum((sums[:, None, :] + costs[None, :, :]).reshape(-1, len(words)), NEVER)
            sums = _greatest(sums[(sums < NEVER).any(axis=1)])
        lengths = np.array([word.length for word in words], np.int32)
        return int((sums + lengths).min(axis=1).max())

    def within(self, items: int, most: int, *, symmetry: bool) -> tuple[int, int]:
        """How deep a search can go without visiting more than so many states, and how many it visits; -1 if nowhere."""
        visited = 0
        for depth in range(self.counts(items, symmetry=symmetry).depth + 1):
            states = sum(self._states_within(words, items, depth, symmetry=symmetry) for words in self.words)
            if states > most:
                return depth - 1, visited
            visited = states
        return depth, visited

    def _states_within(self, words: Sequence[Word], items: int, depth: int, *, symmetry: bool) -> int:
        """How many states of a status are at most so many steps away, item states of equal costs taken together."""
        costs, sizes = np.unique(np.stack([word.cost for word in words]), axis=1, return_counts=True)
        lengths = [word.length for word in words]
        made: dict[tuple[int, tuple[int, ...]], int] = {(0, tuple(lengths)): 1}
        for column, size in zip(costs.T.tolist(), sizes.tolist(), strict=True):
            more: dict[tuple[int, tuple[int, ...]], int] = {}
            for (taken, sums), ways in made.items():
                for count in range(items - taken + 1):
                    after = tuple(total + count * cost for total, cost in zip(sums, column, strict=True))
                    if min(after) > depth:
                        break
                    same = comb(size + count - 1, count) if symmetry else comb(items - taken, count) * size**count
                    key = taken + count, after
                    more[key] = more.get(key, 0) + ways * same
            made = more
        return sum(ways for (taken, sums), ways in made.items() if taken == items)

    def way(self, goals: Sequence[Flags], least: int = 0) -> tuple[str, list[tuple[int, Event]]] | None:
        """The shortest way to where each item is in a state flagged for it, [S, I], all at once: None if there is none.

        It has at least so many steps. Given are the status to begin in, and each event with the number of its item, or
        -1 for an action on the status.
        """
        best: tuple[int, Word, list[int]] | None = None
        for s, words in enumerate(self.words):
            for word in words:
                wanted = [np.where(goal[s], word.cost, NEVER) for goal in goals]
                states = [int(costs.argmin()) for costs in wanted]
                price = word.length + sum(int(costs[i]) for costs, i in zip(wanted, states, strict=True))
                if least <= price < (NEVER if best is None else best[0]):
                    best = price, word, states
        return None if best is None else self._back(best[1], best[2])

    def _back(self, word: Word, states: list[int]) -> tuple[str, list[tuple[int, Event]]]:
        """The events of a word and of items that end in some states."""
        steps: list[tuple[int, Event]] = []
        while True:
            for number in reversed(range(len(states))):
                while word.arrived[states[number]] != word.cost[states[number]]:
                    states[number], event = self._event_before(word, states[number])
                    steps.append((number, event))
            if word.before is None:
                return self.table.statuses[word.status], steps[::-1]
            steps.append((-1, self.table.actions[word.action]))
            moved = self.table.moved[self.table.move[word.before.status, word.action]]
            for number, state in enumerate(states):
                states[number] = int(np.flatnonzero((moved == state) & (word.before.cost == word.arrived[state]))[0])
            word = word.before

    def _event_before(self, word: Word, state: int) -> tuple[int, Event]:
        """An event that leads to an item state at the least cost, with the item state before it."""
        after = self.table.next[self.table.phase[word.status]]
        before, event = np.nonzero((after == state) & (word.cost == word.cost[state] - 1)[:, None])
        return int(before[0]), self.table.events[int(event[0])]


def _edges(after: Ints) -> tuple[Ints, Ints]:
    """From which item state to which other an event leads, each pair once."""
    source, event = np.nonzero(after >= 0)
    pairs = np.unique(np.stack([source, after[source, event]]), axis=1)
    pairs = pairs[:, pairs[0] != pairs[1]]
    return pairs[0].astype(np.int32), pairs[1].astype(np.int32)


def _union(sets: Sequence[frozenset[int]]) -> dict[frozenset[int], int]:
    """Sets with a sign each, so that what is counted in them, by sign, is counted once in the union of those given."""
    signed: dict[frozenset[int], int] = {}
    for one in (s for s in dict.fromkeys(sets) if not any(s < other for other in sets)):
        fresh = {one: 1}
        for other, sign in signed.items():
            fresh[one & other] = fresh.get(one & other, 0) - sign
        for other, sign in fresh.items():
            signed[other] = signed.get(other, 0) + sign
    return {one: sign for one, sign in signed.items() if sign}


def _greatest(rows: Ints) -> Ints:
    """The rows that no other row with the same finite columns exceeds everywhere."""
    rows = np.unique(rows, axis=0)
    keep = [
        not any(
            bool(((row < NEVER) == (other < NEVER)).all() and (row <= other).all() and (row != other).any())
            for other in rows
        )
        for row in rows
    ]
    return rows[keep]
