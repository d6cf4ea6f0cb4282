"""A table as a block of cells, which both CSV and XLSX files hold: a head, headings, a line a row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.policy.policy import SAME, Decides, Row, Table
from simsync.questions.table.cells import value_cell, values_cell
from simsync.report.phrases import inert
from simsync.report.tables import ANY, EFFECTS, Column, Role, Sheet, decides, outcome, sheet_of, sheets

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
        if sheet.name in model.tables:
            yield table_block(model, model.tables[sheet.name].table)
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
        return dict(zip(decides(table), outcome(table, row, decides(table)), strict=True))
    return {"effect": EFFECTS[then.effect], "link": value_cell(then.link) if then.link else ANY}
