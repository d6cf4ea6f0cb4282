"""The use case behind `simsync coverage --diagrams`: machines and tables, painted with what scenarios use of them."""

from __future__ import annotations

from dataclasses import replace

from simsync.drawing.dot import grid_dot
from simsync.drawing.files import Drawing, graph_drawing, table_grid
from simsync.drawing.graph import TableGrid
from simsync.files import distinct, file_stem
from simsync.policy.policy import Table
from simsync.questions.coverage.coverage import Coverage
from simsync.questions.coverage.goals import Criterion, Goal
from simsync.questions.coverage.usage_overlay import Brush, painted_machines
from simsync.report.tables import sheet_of


def painted(coverage: Coverage) -> list[Drawing]:
    """The status machine, the link machine and the decision tables, painted with what scenarios use of them.

    The tables have the rows of other readings too. Raises KeyError if states, transitions or rules were not measured.
    """
    machines, tables = painted_machines(coverage), coverage.model.policy.tables
    stems = distinct([*(graph.name for graph in machines), *(f"table_{file_stem(name)}" for name in tables)])
    drawn = [graph_drawing(stem, graph) for stem, graph in zip(stems, machines, strict=False)]
    for stem, table in zip(stems[len(drawn) :], tables.values(), strict=True):
        grid = _painted_table(stem, coverage, table)
        drawn.append(Drawing(stem, {"dot": grid_dot(grid)}, grid.digest))
    return drawn


def _painted_table(name: str, coverage: Coverage, table: Table) -> TableGrid:
    """A table with a column for how often each row is used, first those in force, then those of other readings."""
    model, brush = coverage.model, Brush(coverage)
    rows = model.tables[table.name].table.rows
    others = tuple(row for row in model.policy.rows if row.table == table.name and row not in rows)
    grid = table_grid(name, sheet_of(replace(table, rows=(*rows, *others))), model.policy.digest)
    goals = [Goal(Criterion.RULES, row.id) for row in (*rows, *others)]
    uses = tuple(map(brush.use, goals))
    when = [""] * len(rows) + [f" (if {row.reading or 'read otherwise'})" for row in others]
    cells = zip(grid.rows, when, uses, strict=True)
    return replace(
        grid,
        headings=(*grid.headings, "used"),
        rows=tuple((first + other, *more, str(use)) for (first, *more), other, use in cells),
        uses=uses,
        paint=brush.paint(goals, lines=False),
    )
