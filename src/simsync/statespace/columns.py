"""Facts as columns of small integers, and conditions as columns of booleans."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from simsync.engine.facts import Facts
from simsync.engine.model import Model
from simsync.policy.facts import LATE, compared_domain, domain, names_of, testable_readings
from simsync.policy.policy import Value, When

Codes = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]


class Columns:
    """Numbers the facts of a policy and the values of each.

    ``facts[c]`` is the fact in column c, ``values[c][v]`` the value with code v there; code 0 stands for no value. A
    frame of facts is an array of codes [n, C]: a row for each situation, a column for each fact, in the order in which
    facts become known.
    """

    def __init__(self, model: Model) -> None:
        known = domain(names_of(model.policy))
        compared = compared_domain(names_of(model.policy))
        known |= {fact: compared[fact] for fact in model.compared}
        self._readings = testable_readings(model.policy)
        last = (*(str(one.table.gives) for one in model.derived), *LATE)
        self.facts = (*(fact for fact in known if fact not in last), *last)
        self.at = {fact: number for number, fact in enumerate(self.facts)}
        self.values: tuple[tuple[Value | None, ...], ...] = tuple((None, *known[fact]) for fact in self.facts)
        self._codes = [{value: code for code, value in enumerate(values)} for values in self.values]
        self._wanted: dict[tuple[str, tuple[Value, ...]], Flags] = {}

    def code(self, fact: str, value: Value | None) -> int:
        """The code of a value of a fact; that of no value for one that the policy does not have."""
        return self._codes[self.at[fact]].get(value, 0)

    def coded(self, fact: str, values: Sequence[Value | None]) -> Codes:
        """The codes of some values of a fact."""
        return np.array([self.code(fact, value) for value in values], np.int16)

    def flags(self, fact: str, flags: Flags, true: Value = True, false: Value = False) -> Codes:
        """The codes of a fact that has one value where a flag is set, and another one elsewhere."""
        return np.where(flags, np.int16(self.code(fact, true)), np.int16(self.code(fact, false)))

    def holds(self, when: When, facts: Codes) -> Flags:
        """Where a conjunction holds: a flag for each row of a frame. Readings that it tests are left to sets."""
        found = np.ones(len(facts), np.bool_)
        for fact, values in when:
            if fact not in self._readings:
                found &= self._among(fact, values)[facts[:, self.at[fact]]] if fact in self.at else False
        return found

    def told(self, codes: Codes) -> Facts:
        """The facts of one row of a frame, [C], without those that have no value."""
        named = zip(self.facts, self.values, codes.tolist(), strict=True)
        return {fact: values[code] for fact, values, code in named if code}

    def _among(self, fact: str, values: tuple[Value, ...]) -> Flags:
        """For each code of a fact whether it is that of one of some values."""
        key = (fact, values)
        if key not in self._wanted:
            self._wanted[key] = np.array([value in values for value in self.values[self.at[fact]]], np.bool_)
        return self._wanted[key]


ROOM = 2**62
"""How many different numbers fit."""


def distinct(rows: npt.NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Of a matrix the places of its different rows, in the order in which they come, and for each row which it is."""
    _, first, which = np.unique(_keys(rows), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return first[order].astype(np.int32), rank[which]


def _keys(rows: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """A number for each row, the same for rows that are the same: its entries are the digits (a mixed radix).

    Where there is no room for more digits, the numbers so far are numbered anew.
    """
    found, room = np.zeros(len(rows), np.int64), 1
    for column in rows.T if len(rows) else ():
        digits = column.astype(np.int64)
        digits -= digits.min()
        size = int(digits.max()) + 1
        if size > 1:
            if room * size > ROOM:
                found = np.unique(found, return_inverse=True)[1].astype(np.int64)
                room = int(found.max()) + 1
            found = found * size + digits
            room *= size
    return found


def spread(starts: Ints, which: Ints) -> tuple[Ints, Ints]:
    """The members of some of many lists that stand one after the other; list k begins at ``starts[k]``.

    For each member the place in ``which`` of its list, and the member's own place.
    """
    counts = (starts[1:] - starts[:-1])[which]
    owner = np.repeat(np.arange(len(which), dtype=np.int32), counts)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return owner, (starts[which][owner] + within).astype(np.int32)
