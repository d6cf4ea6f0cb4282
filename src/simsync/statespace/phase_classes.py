"""Phases in which changes of items go alike: what tells them apart is only tested of status actions, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.policy.facts import CHANGES, HERE, NEXT, PHASE, STATUS, THERE
from simsync.policy.policy import Decides, Policy, When


def classes(policy: Policy) -> tuple[int, ...]:
    """For each phase, by number, the first one in which every change of an item is decided alike."""
    phases = tuple(policy.status.phases.values())
    seen = seen_of_changes(policy)
    if PHASE in seen:
        return tuple(range(len(phases)))
    looks = [(one.tickets, one.takes_away, tuple(pair for pair in one.facts if pair[0] in seen)) for one in phases]
    return tuple(map(looks.index, looks))


def seen_of_changes(policy: Policy) -> frozenset[str]:
    """The facts of phases that anything tests which is asked of changes of items."""
    tested = {fact.removeprefix(NEXT) for when in _conditions(policy) for fact, _ in when}
    for what in (STATUS, PHASE):
        if tested & {f"{HERE}.{what}", f"{THERE}.{what}"}:
            tested |= {f"{partner}.{what}" for partner in policy.vocabulary.partners}
    return frozenset(tested)


def _conditions(policy: Policy) -> Iterator[When]:
    asked = {n: t.scope for n, t in policy.tables.items() if t.decides is not Decides.STATUS and _of_changes(t.scope)}
    yield from asked.values()
    yield from (row.when for row in policy.rows if row.table in asked)
    yield from (memory.when for memory in policy.vocabulary.history.values())
    yield from (claim.what for claim in policy.properties)
    yield from (transition.when for transition in policy.transitions(policy.link))


def _of_changes(scope: When) -> bool:
    """Whether a table with a scope is asked of any change of an item."""
    return all(fact != "change" or not {*CHANGES}.isdisjoint(values) for fact, values in scope)
