"""Holes and clashes in the rules, found by walking through every place that an item can come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from simsync.analysis.life import Life, Visit, with_texts
from simsync.core.model import Model
from simsync.model.policy import Policy, Row, Transition
from simsync.model.source import Span
from simsync.model.world import Event


class Severity(StrEnum):
    """An error is a fault of the rules; a warning is something in them that does nothing."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to come to a finding: the status to begin in, the readings chosen, the events; the last one shows it."""

    status: str
    readings: Mapping[str, str]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something found; ``code`` is stable, ``way`` the shortest way there, if there is one to show."""

    code: str
    severity: Severity
    where: Span
    message: str
    way: Way | None = None


@dataclass(slots=True)
class Used:
    """What played a part in any step."""

    rows: set[str] = field(default_factory=set)
    transitions: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)


def check(model: Model) -> Iterator[Finding]:
    """What is wrong with a policy: under the model's readings, then with each of their other options alone.

    Errors come with the shortest scenario that shows them. What plays no part under any of these readings comes last.
    """
    policy = model.policy
    used = Used()
    told: set[tuple[str, str, str]] = set()
    for one in _choices(model):
        yield from _faults(one, used, told)
    yield from _unused(policy, used)
    yield from _uncited(policy)


def _choices(model: Model) -> Iterator[Model]:
    """The readings as they are, then each other option with all else as it is."""
    yield model
    for reading in model.policy.readings.values():
        for option in reading.options:
            if option != model.readings[reading.name]:
                yield model.under({reading.name: option})


def _faults(model: Model, used: Used, told: set[tuple[str, str, str]]) -> Iterator[Finding]:
    """The defects that any step runs into and that are not told yet, each where it takes the fewest steps to come."""
    life = Life(model)
    for visit in life.walk():
        outcome = visit.outcome
        used.rows.update(hit.row.id for hit in outcome.hits)
        used.transitions.update(fired.transition.id for fired in outcome.fired)
        used.states.add(outcome.after.status)
        used.states.update(item.link for item in outcome.after.items.values())
        for defect in outcome.defects:
            sort = (defect.kind, defect.expected, defect.actual)
            if sort not in told:
                told.add(sort)
                where = _place(model, defect.expected, defect.actual)
                yield Finding(
                    code=defect.kind,
                    severity=Severity.ERROR,
                    where=where,
                    message=defect.message,
                    way=_way(life, visit),
                )


def _way(life: Life, visit: Visit) -> Way:
    status, events = life.path(visit.place)
    return Way(status=status, readings=life.model.chosen, events=with_texts(life.model, (*events, visit.event)))


def _place(model: Model, expected: str, actual: str) -> Span:
    """Where a defect is to be mended: at one of the rows that clash, else at the table that has none."""
    rows = {row.id: row for row in model.policy.rows}
    for name in actual.split(", "):
        if name in rows:
            return rows[name].span
    tables = {f"one row of table '{name}'": table for name, table in model.policy.tables.items()}
    if expected in tables:
        return tables[expected].span
    return next(iter(model.policy.tables.values())).span


def _unused(policy: Policy, used: Used) -> Iterator[Finding]:
    """Rows, transitions and states that no step of any item comes to."""
    known: list[tuple[str, Row | Transition]] = [("row", row) for row in policy.rows]
    for machine in (policy.status, policy.link):
        known += [("transition", t) for t in policy.transitions(machine)]
    for what, one in known:
        if one.id not in used.rows | used.transitions:
            yield _warning(f"{what}-never-used", one.span, f"{what} '{one.id}' plays no part{_under(one.reading)}")
    for machine in (policy.status, policy.link):
        for state in machine.states.values():
            if state.name not in used.states:
                yield _warning("state-never-reached", state.span, f"no item ever comes to '{state.name}'")


def _under(reading: str | None) -> str:
    return f" as {reading}" if reading else " under these readings, nor with any other option of one of them"


def _uncited(policy: Policy) -> Iterator[Finding]:
    """Statements that nothing in the rules rests on."""
    cited = {source for row in policy.rows for source in row.sources}
    for machine in (policy.status, policy.link):
        cited.update(source for t in policy.transitions(machine) for source in t.sources)
        cited.update(source for state in machine.states.values() for source in state.sources)
    for statement in policy.citations.statements:
        if statement not in cited:
            yield _warning("statement-not-cited", policy.status.span, f"nothing rests on statement {statement}")


def _warning(code: str, where: Span, message: str) -> Finding:
    return Finding(code=code, severity=Severity.WARNING, where=where, message=message)
