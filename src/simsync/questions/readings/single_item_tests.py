"""What scenarios with one item can tell apart, and the fewest questions that can be made of them.

A single-item test is a scenario with at most one item. Items influence each other through the status alone: each is
decided on its own facts. So tests with the same status actions can be interleaved: told as one scenario with several
items, which tells apart whatever any of them does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
"""Combinations by what was seen so far (numbered) and the state that they came to."""

ANYWHERE = (-1, -1)
"""Instead of a state that does not matter."""

Path = tuple[str, tuple[int, ...]]
"""The status to begin in, and the status actions."""


Met = tuple[int, ...]
"""For each need the contexts in which the options are told apart."""


class SingleItemTest(NamedTuple):
    """A scenario with at most one item, and what it meets."""

    path: Path
    events: tuple[int, ...]
    met: Met

    @property
    def changes(self) -> int:
        """How many steps change the item."""
        return len(self.events) - len(self.path[1])


class _Node(NamedTuple):
    path: Path
    events: tuple[int, ...]
    cells: Cells
    created: bool


class SingleItemTests:
    """All tests of at most some steps that tell anything apart: of those that are alike, the shortest.

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
        """For each need the contexts in which any test meets it."""
        shown = [0] * len(self.needs.all)
        for test in self.found:
            for number, met in enumerate(test.met):
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
        for number in self.space.different(*(state for _, state in node.cells)):
            event = self.space.events[number]
            creates = event.action == CREATE
            if event.item is not None and creates is node.created:
                continue
            if self._tells_nothing(node.cells, number, last=last):
                continue
            cells = self._after(node.cells, number, last=last)
            if cells == node.cells or (last and len({group for group, _ in cells}) == groups):
                continue
            path = node.path if event.item is not None else (node.path[0], (*node.path[1], number))
            key = path, self._key(cells, groups_only=last)
            if key not in known:
                known.add(key)
                yield _Node(path, (*node.events, number), cells, node.created or creates)

    def _tells_nothing(self, cells: Cells, event: int, *, last: bool) -> bool:
        """Whether an event shows each group one thing, and leads nowhere, which does not matter after the ``last``."""
        shown: dict[int, int] = {}
        for group, state in cells:
            looks = self.observations.at(state).get(event, ())
            if len(looks) != 1 or shown.setdefault(group, looks[0].seen) != looks[0].seen:
                return False
            if not last and looks[0].after != state:
                return False
        return True

    def _after(self, cells: Cells, event: int, *, last: bool) -> Cells:
        """The cells after an event; groups are numbered anew, in a way that only what was told apart matters.

        Where they come to does not matter after the ``last`` event.
        """
        after: dict[tuple[int, int, State], int] = {}
        for (group, state), bits in cells.items():
            for look in self.observations.at(state).get(event, ()):
                some = look.bits & bits
                if some:
                    key = group, look.seen, ANYWHERE if last else look.after
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
            else frozenset((state, bits, groups[group]) for (group, state), bits in cells.items())
        )

    def _note(self, node: _Node) -> None:
        groups = self._key(node.cells, groups_only=True)
        assert isinstance(groups, frozenset)
        met = self._met.get(groups)
        if met is None:
            met = self._met[groups] = tuple(self.needs.met(need, groups) for need in self.needs.all)
        if any(met):
            test = SingleItemTest(node.path, node.events, met)
            self._best.setdefault((node.path, met), test)  # breadth first: the one there is as short


class Interleaving(NamedTuple):
    """Tests with the same status actions, told as one scenario; ``mask`` has a bit for each need that is met."""

    mask: int
    steps: int
    path: Path
    tests: tuple[tuple[int, ...], ...]

    @property
    def cost(self) -> tuple[int, int]:
        """What is to be kept small: the steps, then the items."""
        return self.steps, len(self.tests)

    def events(self, numbered: Sequence[Event]) -> list[Event]:
        """The scenario's events: the tests in turn between the status actions, items named by kind and number."""
        told: list[Event] = []
        names: dict[int, str] = {}
        rests = [list(test) for test in self.tests]
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


class Interleaver:
    """Interleaves tests into questions of at most some steps; what was once made of a path is remembered."""

    def __init__(self, tests: Iterable[SingleItemTest], steps: int) -> None:
        self._steps = steps
        self._by_path: dict[Path, list[tuple[int, SingleItemTest]]] = {}
        self._different: dict[Met, int] = {}
        self._met: list[int] = []
        for number, test in enumerate(tests):
            self._by_path.setdefault(test.path, []).append((number, test))
            self._met.append(self._different.setdefault(test.met, len(self._different)))
        self._known: dict[tuple[Path, tuple[int, ...]], list[Interleaving]] = {}

    def interleaved(self, mask: Callable[[Met], int]) -> list[Interleaving]:
        """What questions can do: the cheapest for each set of needs; ``mask`` says of tests which needs count."""
        by_met = [mask(met) for met in self._different]
        masks = [by_met[number] for number in self._met]
        firsts = {path: next((n for n, _ in some if masks[n]), -1) for path, some in self._by_path.items()}
        best: dict[int, Interleaving] = {}
        for path in sorted((path for path, first in firsts.items() if first >= 0), key=firsts.__getitem__):
            for made in self._on(path, masks):
                if made.mask not in best or made.cost < best[made.mask].cost:
                    best[made.mask] = made
        kept: list[Interleaving] = []
        for made in sorted(best.values(), key=lambda one: one.cost):
            for other in kept:
                if not made.mask & ~other.mask:
                    break  # it can do no more, and costs no less
            else:
                kept.append(made)
        return kept

    def _on(self, path: Path, masks: Sequence[int]) -> list[Interleaving]:
        """All that can be made on one path; ``masks``: the needs that each of all tests meets."""
        tests = self._by_path[path]
        key = path, tuple([masks[number] for number, _ in tests])
        if key not in self._known:
            known: dict[int, SingleItemTest] = {}
            for mask, (_, test) in zip(key[1], tests, strict=True):
                if mask and (mask not in known or test.changes < known[mask].changes):
                    known[mask] = test
            self._known[key] = _on(path, known, self._steps)
        return self._known[key]


def _on(path: Path, tests: Mapping[int, SingleItemTest], steps: int) -> list[Interleaving]:
    """All that can be made on one path."""
    best = {0: Interleaving(0, len(path[1]), path, ())}
    for mask, test in sorted(tests.items(), key=lambda item: item[1].changes):
        for one in list(best.values()):
            if one.mask | mask != one.mask and one.steps + test.changes <= steps:
                items = (*one.tests, test.events) if test.changes else one.tests
                fresh = Interleaving(one.mask | mask, one.steps + test.changes, path, items)
                if fresh.mask not in best or fresh.cost < best[fresh.mask].cost:
                    best[fresh.mask] = fresh
    return [one for one in best.values() if one.mask]


def cover(wanted: int, candidates: Iterable[Interleaving]) -> tuple[Interleaving, ...]:
    """The fewest candidates that meet all needs wanted; of several such choices one with the fewest steps.

    Each need must be met by some candidate.
    """
    meeting: dict[int, list[Interleaving]] = {}
    for one in candidates:
        for bit in range(wanted.bit_length()):
            if one.mask >> bit & 1:
                meeting.setdefault(bit, []).append(one)
    rarest = sorted(meeting, key=lambda bit: len(meeting[bit]))
    weighed = {bit: [(one.mask, _weight(one)) for one in some] for bit, some in meeting.items()}
    known = {0: 0}

    def rest(open_: int) -> int:
        if open_ not in known:
            bit = next(bit for bit in rarest if open_ >> bit & 1)
            known[open_] = min([rest(open_ & ~mask) + weight for mask, weight in weighed[bit]])
        return known[open_]

    chosen: list[Interleaving] = []
    while wanted:
        first, least = meeting[(wanted & -wanted).bit_length() - 1], rest(wanted)
        chosen.append(next(one for one in first if rest(wanted & ~one.mask) + _weight(one) == least))
        wanted &= ~chosen[-1].mask
    return tuple(chosen)


def _weight(one: Interleaving) -> int:
    """What is to be kept small, as one number: how many questions, then their steps, then their items."""
    return (1 << 40) + (one.steps << 20) + len(one.tests)
