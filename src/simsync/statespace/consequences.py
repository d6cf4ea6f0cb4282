"""What the product does by itself: the rows by which it does, and the policy without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from simsync.engine.model import Model
from simsync.errors import Code, usage_error
from simsync.policy.policy import Decides, Option, Policy, Row, Table, Then


def without_consequences(policy: Policy) -> Policy:
    """The policy whose steps bring nothing about beyond themselves: its tables of consequences say *nothing*."""
    tables = {name for name, table in policy.tables.items() if table.decides is Decides.CONSEQUENCE}
    if not tables:
        return policy
    readings = {
        name: replace(reading, options={n: _quiet_option(o, tables) for n, o in reading.options.items()})
        for name, reading in policy.readings.items()
    }
    quiet = {name: _quiet_table(table) if name in tables else table for name, table in policy.tables.items()}
    return replace(policy, tables=quiet, readings=readings)


def _quiet(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(replace(row, then=Then()) for row in rows)


def _quiet_table(table: Table) -> Table:
    return replace(table, rows=_quiet(table.rows))


def _quiet_option(option: Option, tables: set[str]) -> Option:
    def quieted(some: Mapping[str, tuple[Row, ...]]) -> dict[str, tuple[Row, ...]]:
        return {name: _quiet(rows) if any(row.table in tables for row in rows) else rows for name, rows in some.items()}

    return replace(option, replace=quieted(option.replace), add=quieted(option.add))


def makes_items(model: Model) -> tuple[str, ...]:
    """The rows by which the product makes items under a model's readings, a sentence for each."""
    return tuple(
        f"row '{row.id}' makes {model.words.item.a} of the product's own" for row in _rows(model) if row.then.create
    )


def joins_items(model: Model) -> tuple[str, ...]:
    """The rows by which what happens to one item reaches others under a model's readings, a sentence for each."""
    words = model.words
    moving = [f"row '{row.id}' moves the {words.status}" for row in _rows(model) if row.then.move]
    return (
        *moving,
        *(f"row '{row.id}' has the other {words.item.many} decided again" for row in _rows(model) if row.then.again),
    )


def refuse_if_joined(model: Model) -> None:
    """Raise :class:`SimsyncError` where rules test whether a ticket shows any item of a kind.

    What one item comes to then depends on the others, and one state space of one item does not have it.
    """
    if tested := model.factory.present:
        words = model.words
        message = (
            f"rules test '{tested[0]}', so that what {words.item.a} comes to depends on other {words.item.many}; it is"
            " not worked out here. 'simsync check' tries it up to a bound; 'run', 'why', 'draw', 'conform' and 'replay'"
            " follow it"
        )
        raise usage_error("rules", message, code=Code.TOO_MANY)


def acts_alone(model: Model) -> str:
    """What the product does by itself under a model's readings, in words; empty where it does nothing."""
    return "; ".join((*joins_items(model), *makes_items(model)))


def models_with_consequences(model: Model) -> Iterator[Model]:
    """The models in which the product acts by itself: under the defaults, and under each option that has it act."""
    policy = model.policy
    consequences = {name for name, table in policy.tables.items() if table.decides is Decides.CONSEQUENCE}
    chosen: list[dict[str, str]] = [{}]
    chosen += [
        {reading.name: option.name}
        for reading in policy.readings.values()
        for option in reading.options.values()
        if any(row.table in consequences for row in option.rows)
    ]
    for readings in chosen if consequences else ():
        one = model.factory.model(readings)
        if makes_items(one) or joins_items(one):
            yield one


def _rows(model: Model) -> list[Row]:
    return [row for one in (*model.item_consequences, *model.step_consequences) for row in one.table.rows]
