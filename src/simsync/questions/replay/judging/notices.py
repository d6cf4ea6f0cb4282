"""Who may be told, at a status action, of items of which nothing is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from simsync.engine.deciding import announce
from simsync.engine.decision_table import DecisionTable
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.policy.facts import NO_CHANGE
from simsync.policy.policy import Effect, Row, Value, When

ANY_NUMBER = 1_000_000

Possible = Mapping[str, tuple[Value | None, ...]]
"""What some facts may be; all others may be anything."""


def told_of_unknown(model: Model, outcome: Outcome) -> dict[str, int]:
    """How often each recipient may be told of unknown items at a status action: as far as the rows in force allow.

    Where rows are looked at one by one, more seems possible than is; what is not possible then is not.
    """
    event, before, after = outcome.event, outcome.before.status, outcome.after.status
    phases = model.phase(before), model.phase(after)
    facts: dict[str, tuple[Value | None, ...]] = {
        "actor": (event.actor,), "change": (NO_CHANGE,), "by": (None,), "shown": (None,),
        "phase": phases[:1], "next phase": phases[1:],
    }  # fmt: skip
    effects = {row.then.effect for row in _possible(model.change, facts)}
    arrives, syncs = Effect.DELIVER in effects, not effects <= {Effect.NONE, Effect.REVERT, Effect.AGREE}
    facts |= {"arrives": (False, True)[: 1 + arrives], "synced": (False, True)[: 1 + syncs]}
    rows = _possible(model.item_notices, facts)
    told = dict.fromkeys((who for row in rows for who in row.then.notify), ANY_NUMBER)
    if syncs:
        silent, aloud = (Counter(announce(model, event.actor, NO_CHANGE, *phases, it)[0]) for it in (False, True))
        told = {**(aloud - silent), **told}
    return told


def _possible(lookups: Iterable[DecisionTable], facts: Possible) -> Iterator[Row]:
    """The rows that some facts leave open."""
    for table in (lookup.table for lookup in lookups):
        yield from (row for row in table.rows if _may_hold((*table.scope, *row.when), facts))


def _may_hold(when: When, facts: Possible) -> bool:
    return all(fact not in facts or any(value in allowed for value in facts[fact]) for fact, allowed in when)
