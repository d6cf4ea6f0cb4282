"""Where a mutant may decide otherwise than the rules, asked of many situations at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simsync.mutation.mutants import Mutant
from simsync.policy.policy import Row
from simsync.statespace.columns import Codes, Flags, Ints, distinct
from simsync.statespace.featured_rules import FeaturedRules
from simsync.statespace.table_lookup import UNASKED, Frame

Exchanged = tuple[Row | None, Row | None]


FEW = 1_000
"""Of so many parts it does not pay to find out in which a table looks at the same."""


class Touching:
    """Tells for the parts of a frame, [n], where mutants may decide otherwise; it may be that they do not.

    A table looks at few facts. So it is asked once for all parts in which these are the same.
    """

    def __init__(self, rules: FeaturedRules, frame: Frame) -> None:
        self._rules, self._frame = rules, frame
        self._looked: dict[str, tuple[Codes, Flags, Ints]] = {}

    def parts(self, mutant: Mutant) -> Flags:
        """The parts in which a row, a transition of the link or a memory that a mutant has otherwise plays a part."""
        found = np.zeros(len(self._frame.sets), np.bool_)
        tables: dict[str, list[Exchanged]] = {}
        for pair in mutant.reach.rows:
            tables.setdefault(next(row.table for row in pair if row is not None), []).append(pair)
        for name, pairs in tables.items():
            found |= self._in_table(name, pairs)
        if mutant.reach.links:
            triggered = self._rules.triggered(self._frame)
            for number, trigger in enumerate(self._rules.triggers):
                if trigger.name in mutant.reach.links:
                    found |= triggered == number
        if mutant.reach.memory is not None:
            found |= self._remembered(mutant, mutant.reach.memory)
        return found

    def _in_table(self, name: str, pairs: Sequence[Exchanged]) -> Flags:
        if name not in self._looked:
            self._looked[name] = self._look(name)
        facts, asked, which = self._looked[name]
        found = np.zeros(len(facts), np.bool_)
        for pair in pairs:
            old, new = (np.zeros(len(facts), np.bool_) if row is None else self._holds(row, facts) for row in pair)
            one, other = (row and (row.then, self._rules.sets.variants.allowing(row.when)) for row in pair)
            found |= old ^ new if one == other else old | new
        flags: Flags = (found & asked)[which]
        return flags

    def _holds(self, row: Row, facts: Codes) -> Flags:
        return self._rules.columns.holds(row.when, facts)

    def _look(self, name: str) -> tuple[Codes, Flags, Ints]:
        """Different facts that a table looks at, whether it is asked there, and for each part which of them it has."""
        rules, frame = self._rules, self._frame
        table = rules.tables[name]
        once = any(table is one for one in rules.of_steps)
        facts = rules.of_the_step(frame) if once else frame.facts
        asked = frame.answers[:, table.column] != UNASKED
        tested = {fact for row in rules.rows if row.table == name for fact, _ in row.when}
        if len(asked) < FEW:
            return facts, asked, np.arange(len(asked), dtype=np.int32)
        columns = [rules.columns.at[fact] for fact in rules.columns.facts if fact in tested]
        first, which = distinct(np.concatenate([facts[:, columns], asked[:, None].astype(np.int16)], axis=1))
        return facts[first], asked[first], which

    def _remembered(self, mutant: Mutant, name: str) -> Flags:
        rules, frame = self._rules, self._frame
        memories = (policy.vocabulary.history[name] for policy in (rules.model.policy, mutant.policy))
        after = rules.after(frame, rules.effects(frame))
        ours, theirs = (rules.columns.holds(memory.when, after) for memory in memories)
        return ours ^ theirs
