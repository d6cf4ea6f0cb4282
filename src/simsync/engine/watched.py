"""The fields that the rules look at or set; what the others hold is carried along, and decides nothing.

A field that no condition tests and no row sets is to the rules what a free text is. It need not be told apart from one,
whatever values it has, and so costs nothing where everything is walked through.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simsync.policy.policy import Policy, When


def watched_fields(policy: Policy, facts: Iterable[str] = ()) -> frozenset[str]:
    """The fields with values of their own that anything in a policy tests or sets, under whatever readings.

    ``facts`` are those that a caller will ask about besides. Of what tickets show, the field behind it counts.
    """
    tested = {fact for when in _conditions(policy) for fact, _ in when} | set(facts)
    tested |= {name for row in policy.rows for name, _ in row.then.fields}
    words = policy.vocabulary
    shown = {f"{partner}.{show.name}": show.field for show in words.shows for partner in words.partners}
    tested |= {shown[fact] for fact in tested if fact in shown}
    return frozenset(name for name, field in words.fields.items() if field.values and name in tested)


def _conditions(policy: Policy) -> Iterator[When]:
    yield from (row.when for row in policy.rows)
    yield from (table.scope for table in policy.tables.values())
    yield from (t.when for machine in (policy.status, policy.link) for t in policy.transitions(machine))
    yield from (memory.when for memory in policy.vocabulary.history.values())
    yield from (when for one in policy.properties for when in (one.what, one.start))
