"""Decision tables asked in many situations at once, by all combinations of readings at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simsync.policy.policy import MachineSpec, Policy, Row, Table, Transition
from simsync.statespace.columns import Codes, Columns, Flags, Ints, distinct, spread
from simsync.statespace.combinations import Sets, Variants

UNASKED, DEFECT = -1, -2
"""Instead of the number of a row: the table was not asked; it has no row there, or several."""


class Frame(NamedTuple):
    """What is known of some situations, in n parts: each is a situation and a set of combinations that know the same.

    ``situation[n]``, ``sets[n]``: the number of the situation and of the set of combinations; ``facts[n, C]``: codes;
    ``answers[n, T]``: for each table the number of the row that decides, or `UNASKED`, `DEFECT`; ``fired[n]``: the
    number of the transition of the link that fires, or -1. ``refused``, ``stopped`` and ``faulty`` are flags [n]: the
    action is refused; the tables were asked no further; there is a defect of the rules. ``asks[n]``: the number of the
    table to be asked next, or `UNASKED`.
    """

    situation: Ints
    sets: Ints
    facts: Codes
    answers: Ints
    fired: Ints
    refused: Flags
    stopped: Flags
    faulty: Flags
    asks: Ints

    def take(self, which: Ints) -> Frame:
        """Some of the parts, by number."""
        return Frame._make(column[which] for column in self)

    def joined(self, other: Frame) -> Frame:
        """This frame, and then another one."""
        pairs = zip(self, other, strict=True)
        return Frame._make(np.concatenate([one, two]) for one, two in pairs)

    def parted(self, at: Ints, parents: Ints, sets: Ints) -> tuple[Frame, Ints]:
        """The frame with some parts parted further; and where the parts are of which these were made.

        ``at[k]`` are parts of this frame; ``parents[m]`` index ``at``, ascending; ``sets[m]`` are what each is parted
        into.
        """
        if len(parents) == len(at):
            self.sets[at] = sets
            return self, at
        kept = np.ones(len(self.sets), np.bool_)
        kept[at] = False
        source = np.concatenate([np.flatnonzero(kept), at[parents]])
        order = np.argsort(source, kind="stable")
        frame = self.take(source[order])
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        fresh = place[len(source) - len(parents) :].astype(np.int32)
        frame.sets[fresh] = sets
        return frame, fresh


Parting = Callable[[Sequence[int], int], list[tuple[int, int]]]
"""From the candidates that match somewhere, and the combinations there, to answers with their combinations."""


class Parts:
    """Parts sets of combinations by which of some candidates decides; what was once parted is remembered."""

    def __init__(self, parting: Parting) -> None:
        self._parting = parting
        self._known: dict[bytes, list[tuple[int, int]]] = {}

    def of(self, matches: Flags, numbers: Ints) -> tuple[Ints, Ints, Ints]:
        """For situations [n] by what matches, [n, R], and their sets: of each part its parent, its set, its answer."""
        keys = np.concatenate([np.packbits(matches, axis=1).astype(np.int32), numbers[:, None]], axis=1)
        first, which = distinct(keys)
        found = [self._parted(keys[one].tobytes(), matches[one], int(numbers[one])) for one in first]
        flat = np.array([part for parts in found for part in parts], np.int32).reshape(-1, 2)
        starts = np.cumsum([0, *map(len, found)], dtype=np.int32)
        parents, at = spread(starts, which)
        return parents, flat[at, 1], flat[at, 0]

    def _parted(self, key: bytes, matches: Flags, number: int) -> list[tuple[int, int]]:
        if key not in self._known:
            self._known[key] = self._parting([int(one) for one in np.flatnonzero(matches)], number)
        return self._known[key]


Answers = tuple[Ints, Ints, Ints]
"""Of each part what it is a part of, by position, ascending; its set; and the number of what decides there."""


@dataclass(frozen=True, slots=True)
class AskedTable:
    """A table with the rows that it has under any readings, in the order in which it has them.

    ``column``: the number of the table; ``numbers[r]``: that of its row r among all rows of the policy, and in the end
    `DEFECT` and `UNASKED`, so that answers index it.
    """

    table: Table
    column: int
    rows: tuple[Row, ...]
    numbers: Ints
    parts: Parts

    def ask(self, columns: Columns, frame: Frame, where: Flags, facts: Codes) -> Frame:
        """The frame once the table was asked in some of its parts about some facts, [n, C]."""
        at = np.flatnonzero(where).astype(np.int32)
        if not len(at):
            return frame
        parents, sets, rows = self.answers(columns, facts[at], frame.sets[at], frame.situation[at])
        frame, fresh = frame.parted(at, parents, sets)
        frame.answers[fresh, self.column] = rows
        frame.faulty[fresh[rows == DEFECT]] = True
        return frame

    def answers(self, columns: Columns, facts: Codes, sets: Ints, situations: Ints) -> Answers:
        """What the table says of some facts, [n, C], for some sets of combinations, [n].

        ``situations[n]`` are their numbers: here they do not matter.
        """
        parents, parted, answers = self.parts.of(self.matches(columns, facts), sets)
        return parents, parted, self.numbers[answers]

    def matches(self, columns: Columns, facts: Codes) -> Flags:
        """Which rows match where, [n, R]."""
        if not self.rows:
            return np.zeros((len(facts), 1), np.bool_)
        return np.stack([columns.holds(row.when, facts) for row in self.rows], axis=1)


def rows_in_force(policy: Policy, table: Table, sets: Sets) -> list[tuple[Row, int]]:
    """The rows of a table in their order, each with the combinations for which it is there."""
    rows = [(row, sets.bits[1]) for row in table.rows]
    for reading in policy.readings.values():
        for option in reading.options.values():
            if table.name not in option.add and not any(row.id in option.replace for row, _ in rows):
                continue
            bits = sets.variants.with_option(reading.name, option.name)
            fresh: list[tuple[Row, int]] = []
            for row, there in rows:
                fresh += [(new, there & bits) for new in option.replace.get(row.id, ())]
                fresh.append((row, there & ~bits if row.id in option.replace else there))
            rows = fresh + [(row, sets.bits[1] & bits) for row in option.add.get(table.name, ())]
    allowed = ((row, bits & sets.variants.allowing(row.when)) for row, bits in rows)
    return [(row, bits) for row, bits in allowed if bits]


def transitions_in_force(policy: Policy, machine: MachineSpec, variants: Variants) -> list[tuple[Transition, int]]:
    """The transitions of a machine in their order, each with the combinations for which it is there."""
    added = (
        (transition, variants.with_option(reading.name, option.name))
        for reading in policy.readings.values()
        for option in reading.options.values()
        for transition in option.transitions.get(machine.name, ())
    )
    there = [*((transition, variants.everything) for transition in machine.transitions), *added]
    return [(transition, bits & variants.allowing(transition.when)) for transition, bits in there]


def one_of(sets: Sets, there: Sequence[int]) -> Parting:
    """One candidate must decide; ``there[r]``: the bits for which candidate r is there."""

    def parting(candidates: Sequence[int], number: int) -> list[tuple[int, int]]:
        regions: list[tuple[tuple[int, ...], int]] = [((), sets.bits[number])]
        for one in candidates:
            fresh = [(chosen, bits & ~there[one]) for chosen, bits in regions]
            fresh += [((*chosen, one), bits & there[one]) for chosen, bits in regions]
            regions = [(chosen, bits) for chosen, bits in fresh if bits]
        return [(chosen[0] if len(chosen) == 1 else DEFECT, sets.number(bits)) for chosen, bits in regions]

    return parting


def first_of(sets: Sets, there: Sequence[int]) -> Parting:
    """The first candidate that is there decides."""

    def parting(candidates: Sequence[int], number: int) -> list[tuple[int, int]]:
        left, found = sets.bits[number], list[tuple[int, int]]()
        for one in candidates:
            if left & there[one]:
                found.append((one, sets.number(left & there[one])))
                left &= ~there[one]
        return [*found, (DEFECT, sets.number(left))] if left else found

    return parting
