"""The fields that the rules look at or set; what the others hold is carried along, and decides nothing.

A field that no condition tests and no row sets is to the rules what a free text is. It need not be told apart from one,
whatever values it has, and so costs nothing where everything is walked through.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from simsync.policy.facts import CARRIES, SINCE, STALE, compares, of_presence
from simsync.policy.policy import Policy, Reading, Row, Vocabulary, When


def watched_fields(policy: Policy, facts: Iterable[str] = (), known: Policy | None = None) -> frozenset[str]:
    """The fields with values of their own that anything in a policy tests or sets, under whatever readings.

    Where it is tested what is carried, free texts that are not carried alike in both directions are among them.

    ``facts`` are those that a caller will ask about besides. Of what tickets show, the field behind it counts. What is
    declared in a ``known`` policy is left out.
    """
    rows = list(_rows(policy, known))
    tested = {fact for when in _conditions(policy, known) for fact, _ in when} | set(facts)
    tested |= {fact for row in rows for fact, _ in row.when}
    tested |= {name for row in rows for name, _ in row.then.fields}
    words = policy.vocabulary
    shown = {f"{partner}.{show.name}": show.field for show in words.shows for partner in words.partners}
    tested |= {shown[fact] for fact in tested if fact in shown}
    tested |= {fact.partition(".")[2] for fact in tested if compares(fact)}
    if not tested.isdisjoint(SINCE):
        tested |= {name for name, field in words.fields.items() if field.delivered}
    told = {name for name, field in words.fields.items() if field.values and name in tested}
    return frozenset(told | _told_apart(words, tested))


def tested_fields(policy: Policy) -> frozenset[str]:
    """The fields of which anything in a policy tests a value."""
    words = policy.vocabulary
    whens = [*(row.when for row in _rows(policy, None)), *_conditions(policy, None)]
    return named_fields(words, {fact for when in whens for fact, _ in when})


def named_fields(words: Vocabulary, facts: Iterable[str]) -> frozenset[str]:
    """The fields whose values facts tell, of the item itself, of a ticket that acts, or of what a ticket shows."""
    facts = set(facts)
    shown = {f"{partner}.{show.name}": show.field for show in words.shows for partner in words.partners}
    facts |= {shown[fact] for fact in facts if fact in shown}
    facts |= {fact.partition(".")[2] for fact in facts if compares(fact)}
    return frozenset(facts & words.fields.keys())


def _told_apart(words: Vocabulary, tested: Collection[str]) -> set[str]:
    """The fields, free texts too, that count otherwise than by being the same, where what is carried is tested."""
    others = [one for one in words.fields.values() if one.delivered and not one.mirrored]
    found = {one.name for one in others if one.compared} if not {*SINCE, STALE}.isdisjoint(tested) else set()
    return found | ({one.name for one in others if one.looks} if CARRIES in tested else set())


def _rows(policy: Policy, known: Policy | None) -> Iterator[Row]:
    for name, table in policy.tables.items():
        if known is None or known.tables.get(name) is not table:
            yield from table.rows
    for reading in _readings(policy, known):
        yield from (row for option in reading.options.values() for row in option.rows)


def _readings(policy: Policy, known: Policy | None) -> list[Reading]:
    return [one for one in policy.readings.values() if known is None or known.readings.get(one.name) is not one]


def _conditions(policy: Policy, known: Policy | None) -> Iterator[When]:
    """All conditions but those of rows."""
    if known is None or known.tables is not policy.tables:
        yield from (table.scope for table in policy.tables.values())
    for ours, theirs in ((policy.status, known and known.status), (policy.link, known and known.link)):
        if ours is not theirs:
            yield from (transition.when for transition in ours.transitions)
    options = (option for reading in _readings(policy, known) for option in reading.options.values())
    yield from (t.when for option in options for transitions in option.transitions.values() for t in transitions)
    if known is None or known.vocabulary is not policy.vocabulary:
        yield from (memory.when for memory in policy.vocabulary.history.values())
    if known is None or known.properties is not policy.properties:
        yield from (when for one in policy.properties for when in (one.what, one.start))


def compared_facts(policy: Policy) -> tuple[str, ...]:
    """The facts of both tickets that anything in a policy tests, under whatever readings."""
    return tuple(fact for fact in _tested(policy) if compares(fact))


def presence_facts(policy: Policy) -> tuple[str, ...]:
    """The facts of whether a ticket shows any item of a kind that anything tests, under whatever readings."""
    return tuple(fact for fact in _tested(policy) if of_presence(fact))


def _tested(policy: Policy) -> dict[str, None]:
    whens = [*(row.when for row in _rows(policy, None)), *_conditions(policy, None)]
    whens += [transition.when for some in policy.status.ways.values() for transition in some]
    return dict.fromkeys(fact for when in whens for fact, _ in when)
