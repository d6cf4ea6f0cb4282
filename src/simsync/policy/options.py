"""What options of readings do: they exchange rows, add transitions, deliver fields otherwise, and may be tested."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from simsync.policy.facts import testable_readings
from simsync.policy.fields import Field
from simsync.policy.policy import MachineSpec, Option, Policy, Reading, Row, Table, Transition, Value, When


def allows(when: When, chosen: Mapping[str, Value | None] | Mapping[str, Value] | Mapping[str, str]) -> bool:
    """Whether options chosen, or facts known, are those that a conjunction tests; nothing is said of its others."""
    return all(chosen[fact] in values for fact, values in when if fact in chosen)


def in_force(table: Table, chosen: Mapping[str, Value]) -> Table:
    """The table without the rows that test other options than those chosen."""
    if not chosen:
        return table
    return replace(table, rows=tuple(row for row in table.rows if allows(row.when, chosen)))


def exchange(table: Table, options: list[Option]) -> Table:
    """The table under some options: replaced rows give way in place, added rows come last."""
    rows: list[Row] = list(table.rows)
    for option in options:
        rows = [new for row in rows for new in option.replace.get(row.id, (row,))]
        rows += option.add.get(table.name, ())
    return replace(table, rows=tuple(rows))


def touches(reading: Reading, table: Table) -> bool:
    """Whether an option of a reading exchanges rows of a table, or adds some."""
    own = {row.id for row in table.rows}
    return any(table.name in option.add or own & option.replace.keys() for option in reading.options.values())


def tested_readings(policy: Policy) -> tuple[str, ...]:
    """The readings whose option some row or transition tests like a fact."""
    whens = [row.when for row in policy.rows]
    whens += [t.when for machine in (policy.status, policy.link) for t in policy.transitions(machine)]
    whens += [t.when for ways in policy.status.ways.values() for t in ways]
    facts = {fact for when in whens for fact, _ in when}
    return tuple(name for name in testable_readings(policy) if name in facts) if facts & policy.readings.keys() else ()


def readings_moving(policy: Policy, machine: MachineSpec) -> list[str]:
    """The readings that bear on a machine: they add transitions, or some transition tests them."""
    tested = {fact for t in policy.transitions(machine) for fact, _ in t.when}
    return [
        reading.name
        for reading in policy.readings.values()
        if reading.name in tested or any(machine.name in option.transitions for option in reading.options.values())
    ]


def tested_by(policy: Policy, table: str, tested: Collection[str]) -> set[str]:
    """The readings, of those ``tested``, that rows of a table test."""
    if not tested:
        return set()
    return {fact for row in policy.rows if row.table == table for fact, _ in row.when if fact in tested}


def readings_by_row(policy: Policy, tested: Collection[str]) -> dict[str, set[str]]:
    """The readings that exchange each row, or that its table tests, by its id."""
    found: dict[str, set[str]] = {}
    for reading in policy.readings.values():
        for option in reading.options.values():
            for row in (*option.replace, *(row.id for row in option.rows)):
                found.setdefault(row, set()).add(reading.name)
    for one in policy.rows if tested else ():
        found.setdefault(one.id, set()).update(tested_by(policy, one.table, tested))
    return found


def readings_by_trigger(policy: Policy, tested: Collection[str]) -> dict[str, set[str]]:
    """The readings that add a transition, or that it tests, by its trigger."""
    found: dict[str, set[str]] = {}
    for reading in policy.readings.values():
        for option in reading.options.values():
            for transition in (t for transitions in option.transitions.values() for t in transitions):
                found.setdefault(transition.trigger, set()).add(reading.name)
    for machine in (policy.status, policy.link) if tested else ():
        for transition in policy.transitions(machine):
            found.setdefault(transition.trigger, set()).update(fact for fact, _ in transition.when if fact in tested)
    return found


def with_delivery(policy: Policy, readings: Mapping[str, str] | None = None) -> Policy:
    """The policy with its fields delivered as some readings say, those that are not named by their defaults."""
    bearing = {name: one for name, one in policy.readings.items() if any(o.delivered for o in one.options.values())}
    if not bearing:
        return policy
    declared, words = policy.vocabulary.fields, policy.vocabulary
    filled = {name: _each_says(one, declared) for name, one in bearing.items()}
    fixed = {name: (readings or {}).get(name, one.default) for name, one in filled.items()}
    said = {field: how for name, one in filled.items() for field, how in one.options[fixed[name]].delivered.items()}
    fields = {name: replace(one, delivered=said.get(name, one.delivered)) for name, one in declared.items()}
    return replace(
        policy, vocabulary=replace(words, fields=fields), readings={**policy.readings, **filled}, fixed=fixed
    )


def _each_says(reading: Reading, declared: Mapping[str, Field]) -> Reading:
    """The reading with each option saying how each field is delivered of which one of them does."""
    options = reading.options.values()
    as_declared = {name: declared[name].delivered for option in options for name in option.delivered}
    if all(option.delivered.keys() == as_declared.keys() for option in options):
        return reading
    full = {one.name: replace(one, delivered={**as_declared, **one.delivered}) for one in options}
    return replace(reading, options=full)


def looked_at(policy: Policy, one: Row | Transition) -> bool:
    """Whether a row or transition may be there as fields are delivered here, not only by another option of that."""
    name, _, option = (one.reading or "").partition("=")
    return policy.fixed.get(name, option) == option and allows(one.when, policy.fixed)
