"""The row that would have to be mended for a hole: the one that differs from it in fewest facts."""

from __future__ import annotations

from collections.abc import Iterable

from simsync.policy.policy import Row, Value, When
from simsync.questions.check.static_completeness import said

FAR = 3
"""A row that differs in so many facts is not near."""


def nearest_row(rows: Iterable[Row], hole: When, situation: dict[str, Value | None]) -> tuple[Row, str] | None:
    """The row that would take a hole in with fewest changes of its conditions, and what these are."""
    wanted = dict(hole)
    apart = [(row, [fact for fact, values in row.when if situation.get(fact) not in values]) for row in rows]
    near = [(row, facts) for row, facts in apart if 0 < len(facts) < FAR]
    if not near:
        return None
    row, facts = min(near, key=lambda one: (len(one[1]), -len(one[0].when)))  # of several, the first in the table
    more: dict[str, tuple[Value, ...]] = {}
    for fact in facts:
        value = situation.get(fact)
        more[fact] = wanted.get(fact, () if value is None else (value,))
    if not all(more.values()):
        return None
    return row, f"row '{row.id}' would take it in if it also took {said(tuple(more.items()))}"
