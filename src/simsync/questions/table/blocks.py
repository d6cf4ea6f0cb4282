"""A table as a block of cells, which both CSV and XLSX files hold: a head, headings, a line a row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.inline_yaml import inline_yaml
from simsync.policy.policy import SAME, Decides, MachineSpec, Row, Table, Transition
from simsync.questions.table.cells import value_cell, values_cell, when_cell
from simsync.report.phrases import inert
from simsync.report.tables import ANY, EFFECTS, NOTHING, Column, Role, Sheet, declared_then, sheet_of, sheets

TABLE, VERSION, READINGS = "table", "version", "readings"
WHEN, THEN = "when: ", "then: "
NOBODY, ALLOW, REFUSE = "nobody", "allow", "refuse: "


@dataclass(frozen=True, slots=True)
class Block:
    """One table's cells. ``version`` is a digest of them all, to notice that the rules changed in the meantime."""

    name: str
    readings: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def version(self) -> str:
        """The digest."""
        text = json.dumps([self.name, self.readings, self.headings, self.rows], ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def lines(self) -> Iterator[Sequence[str]]:
        """Every line of the block."""
        yield (TABLE, value_cell(self.name), VERSION, self.version, READINGS, self.readings)
        yield self.headings
        yield from self.rows


def blocks(model: Model, names: Sequence[str] = ()) -> Iterator[Block]:
    """The decision tables, the machines and the statements as blocks, all of them or those named."""
    for sheet in sheets(model):
        if names and sheet.name not in names:
            continue
        machine = machine_of(model, sheet.name)
        if sheet.name in model.tables:
            yield table_block(model, model.tables[sheet.name].table)
        elif machine is not None:
            yield machine_block(model, machine, sheet)
        else:
            rows = tuple(tuple(map(inert, row)) for row in sheet.rows)
            yield Block(sheet.name, _readings(model), tuple(c.name for c in sheet.columns), rows)


def _readings(model: Model) -> str:
    """The readings that are not the default ones."""
    return ", ".join(f"{name}={option}" for name, option in model.chosen.items())


def table_block(model: Model, table: Table) -> Block:
    """A decision table under the model's readings as a block."""
    sheet = sheet_of(table)
    rows = tuple(tuple(_cells(table, sheet, row)) for row in table.rows)
    return Block(table.name, _readings(model), tuple(heading(column) for column in sheet.columns), rows)


def machine_of(model: Model, name: str) -> MachineSpec | None:
    """The machine of that name, as it is under the model's readings."""
    return next((spec for spec in (*model.status_machines, model.link_spec) if spec.name == name), None)


def machine_block(model: Model, spec: MachineSpec, sheet: Sheet) -> Block:
    """A machine's transitions under the model's readings as a block."""
    columns = tuple(column.name for column in sheet.columns)
    rows = tuple(tuple(transition_cells(one)[name] for name in columns) for one in spec.transitions)
    return Block(spec.name, _readings(model), columns, rows)


def transition_cells(one: Transition) -> dict[str, str]:
    """What a transition says, by column."""
    return {
        "transition": one.id,
        "actor": values_cell(one.actors),
        "trigger": value_cell(one.trigger),
        "from": values_cell(one.source),
        "when": when_cell(one.when),
        "to": value_cell(one.dest),
        "sources": " ".join(one.sources),
    }


def heading(column: Column) -> str:
    """A column's heading; conditions and outcomes say which they are."""
    return {Role.WHEN: WHEN, Role.THEN: THEN}.get(column.role, "") + column.name


def _cells(table: Table, sheet: Sheet, row: Row) -> Iterator[str]:
    when, then = dict(row.when), outcome_cells(table, row)
    for column in sheet.columns:
        if column.role is Role.ID:
            yield row.id
        elif column.role is Role.WHEN:
            yield values_cell(when.get(column.name, ()))
        elif column.role is Role.THEN:
            yield then.get(column.name, ANY)
        else:
            yield " ".join(row.sources)


def outcome_cells(table: Table, row: Row) -> dict[str, str]:
    """What a row decides, by column."""
    then = row.then
    if table.decides is Decides.PERMISSION:
        return {str(table.decides): f"{REFUSE}{then.refuse}" if then.refuse else ALLOW}
    if table.decides is Decides.FACT:
        return {str(table.gives): value_cell(then.value if then.value is not None else "")}
    if table.decides is Decides.COPY:
        return {"kind": value_cell(then.kind or SAME), **{name: value_cell(value) for name, value in then.fields}}
    if table.decides is Decides.NOTIFICATION:
        return {str(table.decides): values_cell(then.notify) if then.notify else NOBODY}
    if table.decides in (Decides.CONSEQUENCE, Decides.STATUS):
        return {str(table.decides): inline_yaml(declared) if (declared := declared_then(table, row)) else NOTHING}
    return {"effect": EFFECTS[then.effect], "link": value_cell(then.link) if then.link else ANY}
