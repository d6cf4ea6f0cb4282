"""Policies with a fault planted in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from simsync.engine.machines import TransitionsMachine
from simsync.engine.model import Model, ModelFactory
from simsync.policy.policy import Decides, Option, Policy, Row, Then, Transition, When
from systems.desks import MODEL


def model_of(policy: Policy) -> Model:
    return ModelFactory(policy, TransitionsMachine).model({})


def with_rows(model: Model, change: Callable[[Row], list[Row]]) -> Model:
    """The model with each row, also of options of readings, exchanged for others."""

    def changed(rows: tuple[Row, ...]) -> tuple[Row, ...]:
        return tuple(new for row in rows for new in change(row))

    def option(one: Option) -> Option:
        exchanged = {old: changed(rows) for old, rows in one.replace.items()}
        return replace(one, replace=exchanged, add={table: changed(rows) for table, rows in one.add.items()})

    policy = model.policy
    tables = {name: replace(table, rows=changed(table.rows)) for name, table in policy.tables.items()}
    readings = {
        name: replace(reading, options={o: option(one) for o, one in reading.options.items()})
        for name, reading in policy.readings.items()
    }
    return model_of(replace(policy, tables=tables, readings=readings))


def without_row(model: Model, name: str) -> Model:
    """The model with a row that never matches; readings may replace it still."""
    return with_row(model, name, when=(("change", ()),))


def with_row(model: Model, name: str, *, when: When | None = None, then: Then | None = None) -> Model:
    """The model with a row that asks for something else, or decides something else."""

    def change(row: Row) -> list[Row]:
        if row.id != name:
            return [row]
        return [replace(row, when=row.when if when is None else when, then=then or row.then)]

    return with_rows(model, change)


def with_transition(model: Model, machine: str, transition: Transition) -> Model:
    policy = model.policy
    if machine == policy.status.name:
        spec = replace(policy.status, transitions=(*policy.status.transitions, transition))
        return model_of(replace(policy, status=spec))
    return model_of(replace(policy, link=replace(policy.link, transitions=(*policy.link.transitions, transition))))


def row_of(model: Model, name: str) -> Row:
    return next(row for row in model.policy.rows if row.id == name)


def other_outcomes(policy: Policy, row: Row) -> Iterator[Then]:
    """Everything else that a row could decide by changing one thing."""
    return (then for then in dict.fromkeys(_outcomes(policy, row)) if then != row.then)


def _outcomes(policy: Policy, row: Row) -> Iterator[Then]:
    then, decides = row.then, policy.tables[row.table].decides
    if decides is Decides.PERMISSION:
        yield replace(then, refuse=None if then.refuse else "not allowed")
    elif decides is Decides.FACT:
        for value in dict.fromkeys(one.then.value for one in policy.rows if one.then.fact == then.fact):
            yield replace(then, value=value)
    elif decides is Decides.CHANGE:
        for effect in policy.effects:
            yield replace(then, effect=effect)
        for trigger in dict.fromkeys((None, *(t.trigger for t in policy.transitions(policy.link)))):
            yield replace(then, link=trigger)
    elif decides is Decides.COPY:
        yield from _copies(policy, then)
    elif decides is Decides.CONSEQUENCE:
        yield from _consequences(policy, then)
    elif decides is Decides.NOTIFICATION:
        recipients = tuple(policy.vocabulary.recipients)
        for some in ((), *((one,) for one in recipients), recipients):
            yield replace(then, notify=some)


def _copies(policy: Policy, then: Then) -> Iterator[Then]:
    for kind in policy.vocabulary.kinds.values():
        fields = tuple((name, value) for name, value in then.fields if name in kind.fields)
        yield replace(then, kind=kind.name, fields=fields)
    for flipped, _ in then.fields:
        fields = tuple((name, not value if name == flipped else value) for name, value in then.fields)
        yield replace(then, fields=fields)


def _consequences(policy: Policy, then: Then) -> Iterator[Then]:
    yield from (row.then for row in policy.rows if policy.tables[row.table].decides is Decides.CONSEQUENCE)
    if then.create:
        yield replace(then, create=replace(then.create, link=None))
        yield replace(then, create=replace(then.create, both=False, link=None))


def without(*rows: str) -> Model:
    """The rules without some rows."""
    policy = MODEL.policy
    tables = {
        name: replace(table, rows=tuple(row for row in table.rows if row.id not in rows))
        for name, table in policy.tables.items()
    }
    return MODEL.factory.variant(replace(policy, tables=tables)).model({})
