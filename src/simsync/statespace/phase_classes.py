"""Phases in which changes of items go alike, and status actions that do the same to items.

What else tells phases apart is only tested of steps as a whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from simsync.engine.facts import machine_facts
from simsync.policy.facts import CHANGES, HERE, NEXT, NO_CHANGE, PHASE, STATUS, THERE
from simsync.policy.policy import Decides, Policy, When
from simsync.statespace.abstraction import Move


def classes(policy: Policy) -> tuple[int, ...]:
    """For each phase, by number, the first one in which every change of an item is decided alike."""
    return _alike(policy, seen_of_changes(policy))


class MoveClasses:
    """Moves of the status that do the same to items, and of which no table that is asked once a step is asked."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._names = tuple(policy.status.phases)
        self._changes, self._moves = classes(policy), _alike(policy, seen_of_moves(policy))
        self._scopes = [table.scope for table in policy.tables.values() if table.once == "step"]
        self._first: dict[object, Move] = {}

    def first(self, move: Move) -> Move:
        """The first move that was asked about and is like another one."""
        before, after = self._names.index(move.phase), self._names.index(move.next_phase)
        key = (move.actor, self._changes[before], self._moves[before], self._moves[after], move.follows)
        return self._first.setdefault((key, move if self._asked(move) else None), move)

    def _asked(self, move: Move) -> bool:
        """Whether any table that is asked once a step may be asked of a move."""
        policy = self._policy
        known = machine_facts(policy.vocabulary, policy.status.phases, move.actor, move.phase, move.next_phase)
        known |= {"actor": move.actor, "change": NO_CHANGE, "phase": move.phase, "next phase": move.next_phase}
        return any(all(known[f] in values for f, values in scope if f in known) for scope in self._scopes)


def _alike(policy: Policy, seen: Collection[str]) -> tuple[int, ...]:
    """For each phase, by number, the first one that has the same tickets, and of some facts the same values."""
    phases = tuple(policy.status.phases.values())
    if PHASE in seen:
        return tuple(range(len(phases)))
    looks = [(one.tickets, one.takes_away, tuple(pair for pair in one.facts if pair[0] in seen)) for one in phases]
    return tuple(map(looks.index, looks))


def seen_of_changes(policy: Policy) -> frozenset[str]:
    """The facts of phases that anything tests which is asked of changes of items."""
    tables = (t for t in policy.tables.values() if t.decides is not Decides.STATUS and _of_changes(t.scope))
    return _seen(policy, [table.name for table in tables])


def seen_of_moves(policy: Policy) -> frozenset[str]:
    """The facts of phases that anything tests which is asked of items as the status moves."""
    tables = policy.tables.values()
    return _seen(policy, [t.name for t in tables if t.decides is not Decides.STATUS and t.once != "step"])


def _seen(policy: Policy, tables: Collection[str]) -> frozenset[str]:
    tested = {fact.removeprefix(NEXT) for when in _conditions(policy, tables) for fact, _ in when}
    for what in (STATUS, PHASE):
        if tested & {f"{HERE}.{what}", f"{THERE}.{what}"}:
            tested |= {f"{partner}.{what}" for partner in policy.vocabulary.partners}
    return frozenset(tested)


def _conditions(policy: Policy, tables: Collection[str]) -> Iterator[When]:
    """All conditions that are asked of items, of tables those of some."""
    yield from (policy.tables[name].scope for name in tables)
    yield from (row.when for row in policy.rows if row.table in tables)
    yield from (memory.when for memory in policy.vocabulary.history.values())
    yield from (claim.what for claim in policy.properties)
    yield from (transition.when for transition in policy.transitions(policy.link))


def _of_changes(scope: When) -> bool:
    """Whether a table with a scope is asked of any change of an item."""
    return all(fact != "change" or not {*CHANGES}.isdisjoint(values) for fact, values in scope)
