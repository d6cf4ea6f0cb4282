"""The rules of many mutants asked at once: the situations of each stand one after the other in one frame.

Mutants agree with the rules nearly everywhere. So a table is matched once for all situations, and what a mutant has
otherwise for its own situations alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simsync.mutation.mutants import Mutant
from simsync.policy.policy import Memory, Row, Transition
from simsync.statespace.abstraction import Abstraction
from simsync.statespace.columns import Codes, Columns, Flags, Ints
from simsync.statespace.featured_rules import AskedTrigger, FeaturedRules, asked_trigger
from simsync.statespace.items import Items
from simsync.statespace.table_lookup import (
    DEFECT,
    UNASKED,
    Answers,
    AskedTable,
    Frame,
    Parts,
    one_of,
    rows_in_force,
    transitions_in_force,
)


class Owners:
    """Whose the situations of a frame are: ``of[n]`` is the number of the mutant that situation n is decided by."""

    def __init__(self) -> None:
        self.of: Ints = np.zeros(0, np.int32)

    def answers(
        self, others: Mapping[int, object], situations: Ints, answer: Callable[[Ints, int], Answers]
    ) -> Answers:
        """The answers for situations [n], ascending, where ``others`` are the mutants that have other rules.

        ``answer`` is asked for positions, once for each of these mutants (-1: for all the rest).
        """
        owners = self.of[situations]
        altered = np.zeros(int(owners.max()) + 1, np.bool_)
        altered[[number for number in others if number < len(altered)]] = True
        own = altered[owners]
        positions = np.arange(len(owners), dtype=np.int32)
        groups = [(positions[~own], -1)] if not own.all() else []
        for number in np.unique(owners[own]).tolist():
            first, last = np.searchsorted(owners, number), np.searchsorted(owners, number, "right")
            groups.append((positions[first:last], number))
        found = [(which, *answer(which, number)) for which, number in groups]
        parents = np.concatenate([which[parents] for which, parents, _, _ in found])
        order = np.argsort(parents, kind="stable")
        sets, numbers = (np.concatenate([one[column] for one in found])[order] for column in (2, 3))
        return parents[order], sets, numbers


class OtherRows(NamedTuple):
    """A table as a mutant has it: the positions of the rows that it keeps, and others instead.

    ``numbers`` are those of all of them among all rows, and in the end `DEFECT` and `UNASKED`.
    """

    kept: Ints
    rows: tuple[Row, ...]
    numbers: Ints
    parts: Parts


@dataclass(frozen=True, slots=True)
class StackedTable(AskedTable):
    """A table that some mutants have otherwise: ``others``, by their number."""

    owners: Owners
    others: Mapping[int, OtherRows]

    def answers(self, columns: Columns, facts: Codes, sets: Ints, situations: Ints) -> Answers:
        """What the table says of some facts, [n, C], for some sets of combinations, [n], to whose situations are."""
        matches = self.matches(columns, facts)

        def answer(which: Ints, number: int) -> Answers:
            if number < 0:
                parents, parted, answers = self.parts.of(matches[which], sets[which])
                return parents, parted, self.numbers[answers]
            other = self.others[number]
            fresh = [columns.holds(row.when, facts[which])[:, None] for row in other.rows]
            parents, parted, answers = other.parts.of(
                np.concatenate([matches[which][:, other.kept], *fresh], axis=1), sets[which]
            )
            return parents, parted, other.numbers[answers]

        return self.owners.answers(self.others, situations, answer)


@dataclass(frozen=True, slots=True)
class StackedTrigger(AskedTrigger):
    """A trigger of the link that some mutants have otherwise: ``others``, by their number."""

    owners: Owners
    others: Mapping[int, AskedTrigger]

    def answers(self, columns: Columns, facts: Codes, sets: Ints, situations: Ints) -> Answers:
        """Which transition fires with some facts, [n, C], for some sets of combinations, [n]."""

        def answer(which: Ints, number: int) -> Answers:
            given = columns, facts[which], sets[which], situations[which]
            if number < 0:
                return AskedTrigger.answers(self, *given)
            return self.others[number].answers(*given)

        return self.owners.answers(self.others, situations, answer)


class StackedRules(FeaturedRules):
    """The rules of many mutants, which are numbered as they are given, ready to be asked at once.

    ``rows`` and ``transitions`` are those of the rules, and then what mutants have instead.
    """

    def __init__(self, rules: FeaturedRules, mutants: Sequence[Mutant], abstraction: Abstraction) -> None:
        vars(self).update(vars(rules))  # what no mutant changes is shared
        self._owners = Owners()
        self._memories: dict[str, dict[int, Memory]] = {}
        more, moves = list(rules.rows), list(rules.transitions)
        self.tables = self._stacked_tables(rules, mutants, more)
        self.triggers = self._stacked_triggers(rules, mutants, moves)
        for number, mutant in enumerate(mutants):
            if name := mutant.reach.memory:
                self._memories.setdefault(name, {})[number] = mutant.policy.vocabulary.history[name]
        self.rows, self.transitions = tuple(more), tuple(moves)
        for name in ("permission", "change", "copy", "of_items", "of_steps", "derived"):
            setattr(self, name, [self.tables[one.table.name] for one in getattr(rules, name)])
        self._by_row()
        self.states = Items(rules.model.policy, abstraction, rules.columns, self.rows)

    def _stacked_tables(
        self, rules: FeaturedRules, mutants: Sequence[Mutant], more: list[Row]
    ) -> dict[str, AskedTable]:
        others: dict[str, dict[int, OtherRows]] = {}
        in_force: dict[str, dict[tuple[int, int], int]] = {}
        for number, mutant in enumerate(mutants):
            for name in dict.fromkeys(row.table for pair in mutant.reach.rows for row in pair if row is not None):
                if name not in in_force:
                    ours = rows_in_force(rules.model.policy, rules.model.policy.tables[name], self.sets)
                    in_force[name] = {(id(row), bits): at for at, (row, bits) in enumerate(ours)}
                others.setdefault(name, {})[number] = self._other(rules.tables[name], in_force[name], mutant, more)
        return {
            name: StackedTable(
                table.table, table.column, table.rows, table.numbers, table.parts, self._owners, others[name]
            )
            if name in others
            else table
            for name, table in rules.tables.items()
        }

    def _other(
        self, table: AskedTable, in_force: Mapping[tuple[int, int], int], mutant: Mutant, more: list[Row]
    ) -> OtherRows:
        kept, fresh = list[tuple[int, int]](), list[tuple[Row, int]]()
        for row, bits in rows_in_force(mutant.policy, mutant.policy.tables[table.table.name], self.sets):
            at = in_force.get((id(row), bits))
            if at is None:
                fresh.append((row, bits))
            else:
                kept.append((at, bits))
        numbers = range(len(more), len(more) + len(fresh))
        more += [row for row, _ in fresh]
        places = np.array([at for at, _ in kept], np.int32)
        return OtherRows(
            kept=places,
            rows=tuple(row for row, _ in fresh),
            numbers=np.concatenate([table.numbers[places], np.array([*numbers, DEFECT, UNASKED], np.int32)]),
            parts=Parts(one_of(self.sets, [bits for _, bits in (*kept, *fresh)])),
        )

    def _stacked_triggers(
        self, rules: FeaturedRules, mutants: Sequence[Mutant], moves: list[Transition]
    ) -> list[AskedTrigger]:
        known = {id(transition): number for number, transition in enumerate(moves)}
        others: dict[str, dict[int, AskedTrigger]] = {}
        for number, mutant in enumerate(mutants):
            for name in mutant.reach.links:
                theirs = transitions_in_force(mutant.policy, mutant.policy.link, self.sets.variants)
                numbered = list[tuple[Transition, int, int]]()
                for transition, bits in theirs:
                    if transition.trigger == name:
                        if id(transition) not in known:
                            known[id(transition)] = len(moves)
                            moves.append(transition)
                        numbered.append((transition, known[id(transition)], bits))
                others.setdefault(name, {})[number] = asked_trigger(name, numbered, self.sets)
        return [
            StackedTrigger(one.name, one.transitions, one.numbers, one.parts, self._owners, others[one.name])
            if one.name in others
            else one
            for one in rules.triggers
        ]

    def decide_for(self, owners: Ints, facts: Codes, items: Flags) -> Frame:
        """What mutants say of some situations, [n, C]; ``owners[n]``: which one, ascending."""
        self._owners.of = owners
        return self.decide(facts, items)

    def keeps(self, memory: Memory, frame: Frame, after: Codes) -> Flags:
        """Where the end of a step turns a memory true."""
        found = super().keeps(memory, frame, after)
        for number, other in self._memories.get(memory.name, {}).items():
            theirs = self._owners.of[frame.situation] == number
            found[theirs] = self.columns.holds(other.when, after[theirs])
        return found
