"""Few conjunctions for many cells: what a set of cells has in common that none of some other cells has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from simsync.policy.policy import Value, When
from simsync.statespace.grid import Cell

Sides = dict[int, tuple[Value | None, ...]]
"""Of the facts that matter, by their position, the values that a box takes in."""


class Box(NamedTuple):
    """A conjunction of facts, and the cells that it was made for."""

    when: When
    cells: tuple[Cell, ...]


def boxes(facts: tuple[str, ...], cells: Collection[Cell], others: Collection[Cell]) -> Iterator[Box]:
    """Conjunctions that together take in all cells and none of the others, each as short and then as wide as can be.

    No cell may be among the others.

    >>> [box.when for box in boxes(("a", "b"), [("x", "1"), ("x", "2")], [("y", "1"), ("y", "2")])]
    [(('a', ('x',)),)]
    """
    left = dict.fromkeys(cells)
    apart = _Apart(others)
    while left:
        found = (_widened(sides, left, others) for sides in apart.of(next(iter(left))))
        sides, inside = max(((s, tuple(c for c in left if _holds(s, c))) for s in found), key=lambda pair: len(pair[1]))
        when = tuple((facts[at], tuple(v for v in values if v is not None)) for at, values in sides.items())
        yield Box(when, inside)
        for one in inside:
            del left[one]


def each_alone(facts: tuple[str, ...], cells: Iterable[Cell]) -> Iterator[Box]:
    """Each cell by itself, where not all others are known yet."""
    for cell in cells:
        yield Box(tuple((fact, (v,)) for fact, v in zip(facts, cell, strict=True) if v is not None), (cell,))


class _Apart:
    """What tells a cell from others."""

    def __init__(self, others: Collection[Cell]) -> None:
        self.others = others
        self._seen: dict[tuple[int, ...], set[Cell]] = {}

    def of(self, cell: Cell) -> list[Sides]:
        """The ways to take the fewest values of a cell that none of the others has together."""
        for size in range(len(cell) + 1):
            found: list[Sides] = [
                {at: (cell[at],) for at in places}
                for places in combinations(range(len(cell)), size)
                # a conjunction cannot say that a fact has no value
                if all(cell[at] is not None for at in places) and self._values(cell, places) not in self._known(places)
            ]
            if found:
                return found
        return [{at: (value,) for at, value in enumerate(cell)}]

    def _known(self, places: tuple[int, ...]) -> set[Cell]:
        if places not in self._seen:
            self._seen[places] = {self._values(other, places) for other in self.others}
        return self._seen[places]

    @staticmethod
    def _values(cell: Cell, places: tuple[int, ...]) -> Cell:
        return tuple([cell[at] for at in places])


def _widened(sides: Sides, cells: Collection[Cell], others: Collection[Cell]) -> Sides:
    """The box with more values on each side, as long as it gains cells and takes in none of the others."""
    for at in sides:
        for value in dict.fromkeys(cell[at] for cell in cells):
            if value is None or value in sides[at]:
                continue
            alone = {**sides, at: (value,)}
            if any(_holds(alone, cell) for cell in cells) and not any(_holds(alone, other) for other in others):
                sides = {**sides, at: (*sides[at], value)}
    return sides


def _holds(sides: Sides, cell: Cell) -> bool:
    return all(cell[at] in values for at, values in sides.items())
