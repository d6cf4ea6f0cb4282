"""Decision tables and machines for reading: in a terminal, as Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from simsync.engine.model import Model
from simsync.inline_yaml import inline_yaml
from simsync.policy.citations import Citations
from simsync.policy.policy import (
    ALONE,
    SAME,
    Decides,
    Effect,
    MachineSpec,
    Row,
    Table,
    Then,
    Transition,
    When,
)
from simsync.policy.words import Words
from simsync.report import phrases

if TYPE_CHECKING:
    from rich.console import Console

ANY = "-"


class Role(StrEnum):
    """What a column holds: ids, a condition, an outcome, sources, or something else."""

    ID = "id"
    WHEN = "when"
    THEN = "then"
    SOURCES = "sources"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet."""

    name: str
    role: Role

    @property
    def heading(self) -> str:
        """The name, with an arrow before what is decided."""
        return f"=> {self.name}" if self.role is Role.THEN else self.name


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table laid out: columns, and rows of cells, the id first and the sources last."""

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns' headings."""
        return tuple(column.heading for column in self.columns)


def _columns(first: str, *columns: tuple[Role, Iterable[str]], last: str = "sources") -> tuple[Column, ...]:
    between = (Column(name, role) for role, names in columns for name in names)
    return (Column(first, Role.ID), *between, Column(last, Role.SOURCES))


def sheets(model: Model) -> Iterator[Sheet]:
    """Every decision table under the model's readings, then the two machines, then what all of them cite."""
    for lookup in model.tables.values():
        yield sheet_of(lookup.table)
    for spec in (*model.status_machines, model.link_spec):
        if spec.initial != ALONE:
            yield machine_sheet(spec)
    if any(True for _ in model.policy.citations):
        yield _of_citations(model.policy.citations, model.words)


def _of_citations(cited: Citations, words: Words) -> Sheet:
    statements = [(name, text, cited.place(name)) for name, text in cited.statements.items()]
    gap, page = other_lists(words)
    gaps = [(name, text, gap) for name, text in cited.gaps.items()]
    pages = [(name, text, page) for name, text in cited.pages.items()]
    columns = _columns("id", (Role.OTHER, ("says",)), last="where")
    return Sheet("statements", "What everything else cites.", columns, (*statements, *gaps, *pages))


def other_lists(words: Words) -> dict[str, str]:
    """What stands in place of where a statement is said, for gaps and for pages; by it, what their file calls them."""
    return {f"a gap: the {words.page} does not say": "gaps", f"a sibling {words.page}": "pages"}


def sheet_of(table: Table) -> Sheet:
    """A decision table laid out."""
    facts = tuple(dict.fromkeys(fact for row in table.rows for fact, _ in row.when))
    scope = f"; asked where {phrases.conjunction(table.scope)}" if table.scope else ""
    decided = decides(table)
    rows = tuple(
        (row.id, *_cells(row.when, facts), *outcome(table, row, decided), " ".join(row.sources)) for row in table.rows
    )
    about = f"{table.question} (hit policy unique{scope})"
    return Sheet(table.name, about, _columns("row", (Role.WHEN, facts), (Role.THEN, decided)), rows)


def _cells(when: When, facts: tuple[str, ...]) -> Iterator[str]:
    wanted = dict(when)
    for fact in facts:
        yield phrases.values(wanted[fact]) if fact in wanted else ANY


def decides(table: Table) -> tuple[str, ...]:
    """The names of a table's columns of outcomes."""
    if table.decides is Decides.FACT:
        return (str(table.gives),)
    if table.decides is Decides.CHANGE:
        return ("effect", "link")
    if table.decides is Decides.COPY:
        return ("kind", *dict.fromkeys(name for row in table.rows for name, _ in row.then.fields))
    return (str(table.decides),)


NOTHING = "nothing"

EFFECTS = {
    Effect.NONE: "nothing",
    Effect.DELIVER: "deliver",
    Effect.REMOVE: "remove the copy",
    Effect.TAKE: "take from the copy",
    Effect.REMOVE_ORIGINAL: "remove the original",
    Effect.REVERT: "revert the change",
    Effect.AGREE: "note that both agree",
}


def outcome(table: Table, row: Row, decided: tuple[str, ...]) -> tuple[str, ...]:
    """What a row decides, in a few words for each column of outcomes."""
    then = row.then
    if table.decides is Decides.PERMISSION:
        return (f"refuse: {then.refuse}" if then.refuse else "allow",)
    if table.decides is Decides.FACT:
        return (phrases.value(then.value),)
    if table.decides is Decides.COPY:
        fields = dict(then.fields)
        return (then.kind or SAME, *(phrases.value(fields[name]) if name in fields else ANY for name in decided[1:]))
    if table.decides is Decides.NOTIFICATION:
        return (", ".join(then.notify) or "nobody",)
    if table.decides in (Decides.CONSEQUENCE, Decides.STATUS):
        return (inline_yaml(declared_then(table, row)) if then != Then() else NOTHING,)
    return EFFECTS[then.effect], then.link or ANY


def decided(table: Table, row: Row) -> str:
    """What a row decides, in a line."""
    names = decides(table)
    cells = outcome(table, row, names)
    return "; ".join(f"{name}: {cell}" for name, cell in zip(names, cells, strict=True) if cell != ANY)


def machine_sheet(spec: MachineSpec, transitions: Iterable[Transition] | None = None) -> Sheet:
    """A machine's transitions laid out, all of them or some."""
    actors = any(t.actors for t in spec.transitions)
    before = (*(("actor",) if actors else ()), "trigger", "from", "when")
    columns = _columns("transition", (Role.OTHER, before), (Role.THEN, ("to",)))
    rows = tuple(
        (
            t.id,
            *((phrases.values(t.actors) if t.actors else ANY,) if actors else ()),
            t.trigger,
            phrases.values(t.source),
            phrases.conjunction(t.when) if t.when else ANY,
            t.dest,
            " ".join(t.sources),
        )
        for t in (spec.transitions if transitions is None else transitions)
    )
    return Sheet(spec.name, spec.about, columns, rows)


STYLES = {Role.ID: "bold", Role.THEN: "cyan", Role.SOURCES: "dim"}


def _narrowest(sheet: Sheet, column: int) -> int:
    """How narrow a column can be without splitting a word; the first one holds ids, which are never wrapped."""
    cells = [sheet.headings[column], *(row[column] for row in sheet.rows)]
    longest = max((len(word) for cell in cells for word in ([cell] if column == 0 else cell.split())), default=1)
    return max(longest, 24) if any(len(cell) > 60 for cell in cells) else longest


def print_sheet(console: Console, sheet: Sheet) -> None:
    """A sheet in a terminal."""
    from rich.table import Table as Grid
    from rich.text import Text

    from simsync.report.terminal import print_to

    print_to(console, Text.assemble((sheet.name, "bold"), (f"  {sheet.about}", "dim")))
    grid = Grid(box=None, padding=(0, 1, 0, 0), header_style="underline", show_edge=False)
    widths = [_narrowest(sheet, number) for number in range(len(sheet.headings))]
    for number, column in enumerate(sheet.columns):
        grid.add_column(
            column.heading, style=STYLES.get(column.role, ""), no_wrap=number == 0, min_width=widths[number]
        )
    console.width = max(console.width, sum(widths) + len(widths))
    for row in sheet.rows:
        grid.add_row(*row)
    print_to(console, grid, "")


def as_markdown(sheet: Sheet) -> str:
    r"""A sheet as a Markdown table.

    >>> columns = (Column("row", Role.ID), Column("x", Role.THEN))
    >>> print(as_markdown(Sheet("t", "Why?", columns, (("a", "1|2"),))))
    ## t
    <BLANKLINE>
    Why?
    <BLANKLINE>
    | row | => x |
    | --- | --- |
    | a | 1\|2 |
    <BLANKLINE>
    """
    lines = [f"## {sheet.name}", "", sheet.about, "", _line(sheet.headings), _line(("---",) * len(sheet.headings))]
    return "\n".join([*lines, *(_line(row) for row in sheet.rows)]) + "\n"


def _line(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def as_json(model: Model, names: Container[str]) -> dict[str, Any]:
    """The tables and machines so named in full, for programs."""
    return {
        "readings": dict(model.readings),
        "tables": [_table_json(lookup.table) for name, lookup in model.tables.items() if name in names],
        "machines": [_machine_json(spec) for spec in (*model.status_machines, model.link_spec) if spec.name in names],
        "statements": dict(model.policy.citations.statements) if "statements" in names else {},
    }


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "table": table.name,
        "question": table.question,
        "decides": str(table.decides),
        "hit policy": "unique",
        "scope": {fact: list(values) for fact, values in table.scope},
        "rows": [
            {
                "id": row.id,
                "when": {fact: list(values) for fact, values in row.when},
                "then": declared_then(table, row),
                "sources": list(row.sources),
                "reading": row.reading,
                "where": str(row.span),
            }
            for row in table.rows
        ],
    }


def declared_then(table: Table, row: Row) -> dict[str, Any]:
    """What a row decides, as the file declares it."""
    then = row.then
    if table.decides is Decides.PERMISSION:
        return {"refuse": then.refuse} if then.refuse else {"allow": True}
    if table.decides is Decides.FACT:
        return {str(then.fact): then.value}
    if table.decides is Decides.COPY:
        return {"kind": then.kind or SAME, **dict(then.fields)}
    if table.decides is Decides.NOTIFICATION:
        return {"notify": list(then.notify)}
    if table.decides in (Decides.CONSEQUENCE, Decides.STATUS):
        return declared_consequence(then)
    return {"effect": str(then.effect), **({"link": then.link} if then.link else {})}


def declared_consequence(then: Then) -> dict[str, Any]:
    """What a row brings about, as the file declares it."""
    found: dict[str, Any] = {}
    if then.create is not None:
        made = then.create
        found["create"] = {"kind": made.kind, "owner": made.owner, "on": "both" if made.both else "owner"}
        found["create"] |= {**({"link": made.link} if made.link else {}), **dict(made.fields)}
    if then.move:
        found["move"] = dict(then.move)
    if then.again:
        found["decide again"] = "others"
    return found


def _machine_json(spec: MachineSpec) -> dict[str, Any]:
    return {
        "machine": spec.name,
        "initial": spec.initial,
        "states": {
            name: {"phase": state.phase, "final": state.final, "sources": list(state.sources)}
            for name, state in spec.states.items()
        },
        "transitions": [
            {
                "id": t.id,
                "trigger": t.trigger,
                "actor": list(t.actors) if len(t.actors) > 1 else next(iter(t.actors), None),
                "source": list(t.source),
                "dest": t.dest,
                "when": {fact: list(values) for fact, values in t.when},
                "sources": list(t.sources),
                "reading": t.reading,
            }
            for t in spec.transitions
        ],
    }
