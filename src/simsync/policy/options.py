"""What options of readings do to tables and machines: they exchange rows, add transitions, and may be tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simsync.policy.facts import testable_readings
from simsync.policy.policy import MachineSpec, Option, Policy, Reading, Row, Table, When


def allows(when: When, chosen: Mapping[str, str]) -> bool:
    """Whether the options chosen are those that a conjunction tests; of its other conditions nothing is said."""
    return all(chosen[fact] in values for fact, values in when if fact in chosen)


def in_force(table: Table, chosen: Mapping[str, str]) -> Table:
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
