"""What the models of one policy work out once: what is decided alike under the readings that bear on it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from simsync.engine.compared import Compared
from simsync.engine.decision import Defect, Hit
from simsync.engine.facts import Facts, holds
from simsync.policy.policy import Policy, Row, Table, Value, When

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Announced = tuple[str, str, str, str, bool, Compared]
"""What a step's notices are asked about: actor, change, phase, next phase, whether it synced, what tickets show."""
Announcement = tuple[tuple[str, ...], tuple[Hit, ...], tuple[Defect, ...]]
"""Who is told, by which rows, with which defects."""
Dependence = tuple[frozenset[str], frozenset[str]]
"""The readings that the outcome of a change depends on, and those that have to be tried in the world at hand."""


class MemoTable(Generic[K, V]):
    """What was worked out about some keys. A value stands for all combinations that agree in what it was kept with.

    >>> memory: MemoTable[str, int] = MemoTable()
    >>> memory.keep("sky", 1, {"weather": "fair", "season": "spring"}, bearing={"weather"})
    >>> memory.find("sky", {"weather": "fair", "season": "autumn"})
    1
    >>> memory.find("sky", {"weather": "foul", "season": "spring"})
    """

    def __init__(self) -> None:
        self._known: dict[K, dict[tuple[str, ...], dict[tuple[str, ...], V]]] = {}  # by the names, then by the options

    def find(self, key: K, readings: Mapping[str, str]) -> V | None:
        """What was worked out about a key under readings that are alike in all that bears on it; None if nothing."""
        for names, by_options in self._known.get(key, {}).items():
            found = by_options.get(tuple([readings[name] for name in names]))
            if found is not None:
                return found
        return None

    def keep(self, key: K, value: V, readings: Mapping[str, str], bearing: Iterable[str]) -> None:
        """Keep what was worked out under some readings, of which only those in ``bearing`` had a say."""
        names = tuple(sorted(bearing))
        by_options = self._known.setdefault(key, {}).setdefault(names, {})
        by_options[tuple([readings[name] for name in names])] = value


class Bearing:
    """Which readings bear on what a table says.

    ``always`` are those that it tests, or that change at which facts it looks. ``rows`` are the conditions of the rows
    that come and go, each with the reading that exchanges it.
    """

    def __init__(self, always: Iterable[str], rows: Iterable[tuple[When, str]]) -> None:
        self.always = frozenset(always)
        self.rows = tuple(rows)
        self._facts = tuple(dict.fromkeys(fact for when, _ in self.rows for fact, _ in when))
        self._known: dict[tuple[Value | None, ...], frozenset[str]] = {}

    def readings(self, facts: Facts) -> frozenset[str]:
        """The readings of which another option could have another row match, or be shown with other facts."""
        key = tuple([facts.get(fact) for fact in self._facts])
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self.always | {name for when, name in self.rows if holds(when, facts)}
        return found


def bearing(policy: Policy, table: Table, tested: Iterable[str]) -> Bearing:
    """Which readings bear on a table.

    They are ``tested`` by its rows; or exchange rows of it; or bring in a fact at which no lasting row before looks.
    """
    options = [(reading.name, option) for reading in policy.readings.values() for option in reading.options.values()]
    always = set(tested)
    rows: list[tuple[When, str]] = []
    lasting: set[str] = set()

    def exchanged(name: str, *given: Row) -> None:
        rows.extend((row.when, name) for row in given)
        if any(fact not in lasting for row in given for fact, _ in row.when):
            always.add(name)

    for row in table.rows:
        replacing = [(name, option.replace[row.id]) for name, option in options if row.id in option.replace]
        for name, given in replacing:
            exchanged(name, row, *given)
        if not replacing:
            lasting |= {fact for fact, _ in row.when}
    for name, option in options:
        exchanged(name, *option.add.get(table.name, ()))
    return Bearing(always, rows)


class MadeOnce(dict[str, V]):
    """What is made of a name once it is asked for."""

    def __init__(self, make: Callable[[str], V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, name: str) -> V:
        found = self[name] = self._make(name)
        return found
