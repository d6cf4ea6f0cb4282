"""What scenarios with one item can tell apart, and the fewest questions that can be woven of them.

A thread is a scenario with at most one item. Items influence each other through the status alone: each is decided on
its own facts. So threads with the same status actions can be told as one scenario with several items, which tells apart
whatever any of them does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import count
from typing import NamedTuple

from simsync.engine.world import Event
from simsync.policy.facts import CREATE
from simsync.questions.readings.needs import Needs
from simsync.statespace.observations import Observations
from simsync.statespace.space import State

Cells = dict[tuple[int, State], int]
"""Combinations by what was seen so far (numbered) and the place that they came to."""

Path = tuple[str, tuple[int, ...]]
"""The status to begin in, and the status actions."""


class SingleItemTest(NamedTuple):
    """A scenario with at most one item; ``met``: for each need the contexts in which it tells the options apart."""

    path: Path
    events: tuple[int, ...]
    met: tuple[int, ...]

    @property
    def changes(self) -> int:
        """How many steps change the item."""
        return len(self.events) - len(self.path[1])


class _Node(NamedTuple):
    path: Path
    events: tuple[int, ...]
    cells: Cells
    created: bool


class Threads:
    """All threads of at most some steps that tell anything apart: of those that are alike, the shortest.

    Alike are those with the same status actions that tell the same apart in the same contexts.
    """

    def __init__(self, observations: Observations, needs: Needs, within: int, steps: int) -> None:
        self.observations, self.needs, self.within, self.steps = observations, needs, within, steps
        self.space = observations.space
        self._met: dict[frozenset[int], tuple[int, ...]] = {}
        self._best: dict[tuple[Path, tuple[int, ...]], SingleItemTest] = {}
        self._search()
        self.found = tuple(self._best.values())

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """For each need the contexts in which any thread meets it."""
        shown = [0] * len(self.needs.all)
        for thread in self.found:
            for number, met in enumerate(thread.met):
                shown[number] |= met
        return tuple(shown)

    def _search(self) -> None:
        front = [
            _Node((self.space.statuses[state[0]], ()), (), {(0, state): self.within}, False)
            for state in self.space.beginning_for_all(self.within)
        ]
        known: set[object] = set()
        for left in range(self.steps - 1, -1, -1):
            reached: list[_Node] = []
            for node in front:
                for one in self._extended(node, known, last=not left):
                    self._note(one)
                    reached.append(one)
            front = reached

    def _extended(self, node: _Node, known: set[object], *, last: bool) -> Iterator[_Node]:
        groups = len({group for group, _ in node.cells})
        possible = dict.fromkeys(e for _, state in node.cells for e in self.space.possible(state))
        for number in possible:
            event = self.space.events[number]
            creates = event.action == CREATE
            if event.item is not None and creates is node.created:
                continue
            cells = self._after(node.cells, number)
            if cells == node.cells or (last and len({group for group, _ in cells}) == groups):
                continue
            path = node.path if event.item is not None else (node.path[0], (*node.path[1], number))
            key = path, self._key(cells, groups_only=last)
            if key not in known:
                known.add(key)
                yield _Node(path, (*node.events, number), cells, node.created or creates)

    def _after(self, cells: Cells, event: int) -> Cells:
        """The cells after an event; groups are numbered anew, in a way that only what was told apart matters."""
        after: dict[tuple[int, int, State], int] = {}
        for (group, state), bits in cells.items():
            for look in self.observations.looks(state, event):
                some = look.bits & bits
                if some:
                    key = group, look.seen, look.after
                    after[key] = after.get(key, 0) | some
        numbers: dict[tuple[int, int], int] = {}
        return {
            (numbers.setdefault((group, seen), len(numbers)), state): bits
            for (group, seen, state), bits in after.items()
        }

    @staticmethod
    def _key(cells: Cells, *, groups_only: bool) -> object:
        groups: dict[int, int] = {}
        for (group, _), bits in cells.items():
            groups[group] = groups.get(group, 0) | bits
        return (
            frozenset(groups.values())
            if groups_only
            else frozenset((place, bits, groups[group]) for (group, place), bits in cells.items())
        )

    def _note(self, node: _Node) -> None:
        groups = self._key(node.cells, groups_only=True)
        assert isinstance(groups, frozenset)
        met = self._met.get(groups)
        if met is None:
            met = self._met[groups] = tuple(self.needs.met(need, groups) for need in self.needs.all)
        if any(met):
            thread = SingleItemTest(node.path, node.events, met)
            self._best.setdefault((node.path, met), thread)  # breadth first: the one there is as short


class Woven(NamedTuple):
    """Threads with the same status actions, told as one scenario; ``mask`` has a bit for each need that is met."""

    mask: int
    steps: int
    path: Path
    threads: tuple[tuple[int, ...], ...]

    @property
    def cost(self) -> tuple[int, int]:
        """What is to be kept small: the steps, then the items."""
        return self.steps, len(self.threads)

    def events(self, numbered: Sequence[Event]) -> list[Event]:
        """The scenario's events: the threads in turn between the status actions, items named by kind and number."""
        told: list[Event] = []
        names: dict[int, str] = {}
        rests = [list(thread) for thread in self.threads]
        for action in (*self.path[1], None):
            for number, rest in enumerate(rests):
                while rest and numbered[rest[0]].item is not None:
                    event = numbered[rest.pop(0)]
                    name = names.setdefault(number, _named(event, names.values()))
                    told.append(replace(event, item=name))
                del rest[:1]  # the status action that all have in common
            if action is not None:
                told.append(numbered[action])
        return told


def _named(event: Event, taken: Collection[str]) -> str:
    """A name for a new item: the first letter of its kind, with a number."""
    letter = (event.kind or "")[:1].upper()
    letter = letter if letter.isalpha() else "N"
    return next(name for number in count(1) if (name := f"{letter}{number}") not in taken)


def woven(threads: Iterable[tuple[SingleItemTest, int]], steps: int) -> list[Woven]:
    """What questions of at most some steps can do: the cheapest for each set of needs, of threads with their needs."""
    by_path: dict[Path, dict[int, SingleItemTest]] = {}
    for thread, mask in threads:
        if mask:
            known = by_path.setdefault(thread.path, {})
            if mask not in known or thread.changes < known[mask].changes:
                known[mask] = thread
    best: dict[int, Woven] = {}
    for path, known in by_path.items():
        for made in _on(path, known, steps):
            if made.mask not in best or made.cost < best[made.mask].cost:
                best[made.mask] = made
    candidates = sorted(best.values(), key=lambda one: one.cost)
    kept: list[Woven] = []
    for one in candidates:
        if not any(one.mask & ~other.mask == 0 for other in kept):
            kept.append(one)
    return kept


def _on(path: Path, threads: Mapping[int, SingleItemTest], steps: int) -> Iterable[Woven]:
    """All that can be woven on one path."""
    best = {0: Woven(0, len(path[1]), path, ())}
    for mask, thread in sorted(threads.items(), key=lambda item: item[1].changes):
        for one in list(best.values()):
            if one.mask | mask != one.mask and one.steps + thread.changes <= steps:
                items = (*one.threads, thread.events) if thread.changes else one.threads
                fresh = Woven(one.mask | mask, one.steps + thread.changes, path, items)
                if fresh.mask not in best or fresh.cost < best[fresh.mask].cost:
                    best[fresh.mask] = fresh
    return [one for one in best.values() if one.mask]


def cover(wanted: int, candidates: Iterable[Woven]) -> tuple[Woven, ...]:
    """The fewest candidates that meet all needs wanted; of several such choices one with the fewest steps.

    Each need must be met by some candidate.
    """
    meeting: dict[int, list[Woven]] = {}
    for one in candidates:
        for bit in range(wanted.bit_length()):
            if one.mask >> bit & 1:
                meeting.setdefault(bit, []).append(one)
    known: dict[int, tuple[int, int, int, tuple[Woven, ...]]] = {0: (0, 0, 0, ())}

    def rest(open_: int) -> tuple[int, int, int, tuple[Woven, ...]]:
        found = known.get(open_)
        if found is None:
            lowest = (open_ & -open_).bit_length() - 1
            choices = []
            for one in meeting[lowest]:
                number, steps, items, others = rest(open_ & ~one.mask)
                choices.append((number + 1, steps + one.steps, items + len(one.threads), (one, *others)))
            found = known[open_] = min(choices, key=lambda choice: choice[:3])
        return found

    return rest(wanted)[3]
