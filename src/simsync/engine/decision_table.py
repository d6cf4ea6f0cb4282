"""Matching decision tables under the hit policy *unique*: one row decides, or the table has a defect."""

from __future__ import annotations

from collections.abc import Mapping

from simsync.engine.decision import Defect, Hit
from simsync.engine.facts import Facts, holds
from simsync.errors import listed
from simsync.policy.policy import Row, Table, Value


class DecisionTable:
    """A table ready to be asked. What it once decided for some values of its facts it need not decide again."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.facts = tuple(dict.fromkeys(fact for row in table.rows for fact, _ in row.when))
        self._decided: dict[tuple[Value | None, ...], Hit | Defect] = {}

    def applies(self, facts: Mapping[str, Value | None]) -> bool:
        """Whether the table is asked at all in this situation."""
        return holds(self.table.scope, facts)

    def decide(self, facts: Facts) -> Hit | Defect:
        """The one row that matches, or the defect that none or several do."""
        key = tuple([facts.get(fact) for fact in self.facts])
        found = self._decided.get(key)
        if found is None:
            rows = [row for row in self.table.rows if holds(row.when, facts)]
            actual = tuple(zip(self.facts, key, strict=True))
            found = Hit(self.table.name, rows[0], actual) if len(rows) == 1 else _undecided(self.table, rows, actual)
            self._decided[key] = found
        return found


def _undecided(table: Table, rows: list[Row], actual: tuple[tuple[str, Value | None], ...]) -> Defect:
    situation = ", ".join(f"{fact}: {listed([value])}" for fact, value in actual if value is not None)
    which = listed(row.id for row in rows) or "no row"
    return Defect(
        kind="undecided" if not rows else "ambiguous",
        message=f"table '{table.name}' needs one deciding row, but this situation has {which}: {situation}",
        expected=f"one row of table '{table.name}'",
        actual=which,
        tables=(table.name,),
        rows=tuple(row.id for row in rows),
    )


def in_dependency_order(lookups: list[DecisionTable]) -> list[DecisionTable]:
    """The tables of derived facts, each after those that give the facts it tests; checked to be without circles."""
    gives = {lookup.table.gives: lookup for lookup in lookups}
    ordered: list[DecisionTable] = []
    while len(ordered) < len(lookups):
        for lookup in lookups:
            needed = [gives[fact] for fact in lookup.facts if fact in gives]
            if lookup not in ordered and all(one in ordered for one in needed):
                ordered.append(lookup)
    return ordered
