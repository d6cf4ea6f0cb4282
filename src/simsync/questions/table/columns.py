"""Lines of cells to the blocks that they hold, and what all of them have: columns, ids, values, sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simsync.errors import Code, Diagnostic, not_among
from simsync.policy.facts import NEXT, of_machine
from simsync.policy.loading.declared_names import ID, DeclaredNames
from simsync.policy.loading.edit import Parts
from simsync.policy.policy import Value
from simsync.questions.table.blocks import READINGS, TABLE, VERSION, WHEN
from simsync.questions.table.cells import CellError, cell_values, value_cell
from simsync.questions.table.files import Cell

_LABELS = {0: TABLE, 2: VERSION, 4: READINGS}
"""The labels in a table's head, and in which cell each stands."""


@dataclass(slots=True)
class Faults:
    """Collects what is wrong with the cells of one file."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)

    def at(self, cell: Cell, message: str, code: Code = Code.WRONG_TYPE) -> None:
        """Report a problem with a cell."""
        self.found.append(self.told(cell, message, code))

    def told(self, cell: Cell, message: str, code: Code) -> Diagnostic:
        """A problem with a cell, in its place."""
        where = self.file if cell.line else f"{self.file}: {cell.place}"
        return Diagnostic(file=where, line=cell.line, col=cell.col, code=code, message=message)


@dataclass(frozen=True, slots=True)
class Read:
    """A block as read: its head, its headings, its lines."""

    head: Sequence[Cell]
    headings: Sequence[Cell]
    lines: Sequence[Sequence[Cell]]

    def told(self, label: str) -> Cell:
        """The cell behind a label in the head."""
        texts = [cell.text.strip() for cell in self.head]
        place = texts.index(label) + 1 if label in texts else len(texts)
        return self.head[place] if place < len(texts) else Cell("", self.head[0].place)

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """All that stands under the head, without empty cells at the end of lines."""
        return tuple(trimmed([cell.text for cell in line]) for line in (self.headings, *self.lines))


def trimmed(texts: Sequence[str]) -> tuple[str, ...]:
    """Texts without empty ones at the end."""
    last = max((number for number, text in enumerate(texts, 1) if text), default=0)
    return tuple(texts[:last])


def read_blocks(lines: Sequence[Sequence[Cell]], faults: Faults) -> Iterator[Read]:
    """The blocks in a file; what stands before the first of them is reported, empty lines mean nothing."""
    block: list[Sequence[Cell]] = []
    told = False
    for line in lines:
        if not any(cell.text.strip() for cell in line):
            continue
        starts = _starts(line)
        if starts:
            yield from _whole(block, faults)
            block = [line]
        elif block:
            block.append(line)
        elif not told:
            message = f"a table starts with a line of '{TABLE}', its name, '{VERSION}', and so on, as it was exported"
            faults.at(line[0], message, Code.SYNTAX)
            told = True
    yield from _whole(block, faults)


def _starts(line: Sequence[Cell]) -> bool:
    """Whether a line is the head of a table: it has at least two of a head's labels where they belong."""
    return sum(_text(line, place) == label for place, label in _LABELS.items()) > 1


def _text(line: Sequence[Cell], place: int) -> str:
    return line[place].text.strip() if place < len(line) else ""


def _whole(block: list[Sequence[Cell]], faults: Faults) -> Iterator[Read]:
    missing = [label for place, label in _LABELS.items() if block and _text(block[0], place) != label][:1]
    if missing and (missing != [READINGS] or _text(block[0], 5)):  # a sheet of no readings needs no label for them
        faults.at(block[0][0], f"this line has no '{missing[0]}' where it had one as it was exported", Code.MISSING_KEY)
    elif len(block) == 1:
        faults.at(block[0][0], "this table has no headings", Code.INCOMPLETE)
    elif block:
        for line in block:
            for cell in line:
                if cell.fault:
                    faults.at(cell, f"this is {cell.fault}")
        yield Read(block[0], block[1], block[2:])


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row as a sheet has it: its parts as a machine file would say them, the cell of each, its texts by heading."""

    id: str
    parts: Parts
    cells: Mapping[tuple[str, str], Cell]
    texts: Mapping[str, str]


Cells = dict[tuple[str, str], Cell]
"""By a part of a row, and a key in it."""


class ColumnReader:
    """Reads what the rows of every block have: where each column stands, ids, values, sources."""

    def __init__(self, name: str, names: DeclaredNames, faults: Faults) -> None:
        self.name, self.names, self.faults = name, names, faults

    def columns(self, block: Read, needed: Sequence[str], known: Iterable[str]) -> dict[str, int] | None:
        """Where each heading stands; None where one is unknown, missing or there twice."""
        if needed[0] not in [cell.text.strip() for cell in block.headings]:
            message = f"this line must be the headings: {', '.join(needed)}"
            self.faults.at(block.headings[0], message, Code.MISSING_KEY)
            return None
        columns: dict[str, int] = {}
        before, known = len(self.faults.found), {*needed, *known}
        for number, cell in enumerate(block.headings):
            name = cell.text.strip()
            if name in columns:
                self.faults.at(cell, f"there is a column '{name}' already", Code.DUPLICATE_KEY)
            elif name and name not in known:
                self.faults.at(cell, not_among(f"a column of '{self.name}'", name, known), Code.UNKNOWN_KEY)
            elif name:
                columns[name] = number
        for name in needed:
            if name not in columns:
                dash = "; a dash in it stands for any value" if name.startswith(WHEN) else ""
                self.faults.at(block.headings[0], f"the column '{name}' is missing{dash}", Code.MISSING_KEY)
        if len(self.faults.found) > before:
            return None
        self._strays(columns, block)
        return columns

    def _strays(self, columns: Mapping[str, int], block: Read) -> None:
        """Report what stands under no heading, once a column."""
        seen: dict[int, list[Cell]] = {}
        for line in block.lines:
            for number, cell in enumerate(line):
                if number not in columns.values() and cell.text.strip():
                    seen.setdefault(number, []).append(cell)
        for first, *others in seen.values():
            more = f", and so do {len(others)} more" if others else ""
            self.faults.at(first, f"this cell stands under no heading{more}")

    def distinct(self, rows: Sequence[SheetRow]) -> None:
        """Report each id that is there already."""
        seen: set[str] = set()
        for row in rows:
            if row.id in seen:
                self.faults.at(row.cells["id", ""], f"there is a row '{row.id}' already", Code.DUPLICATE_ID)
            seen.add(row.id)

    def id(self, cell: Cell) -> str:
        """The id in a cell; reported where it is none."""
        name = cell.text.strip()
        if not re.fullmatch(ID.pattern or "", name):
            message = (
                f"'{name}' is no id; ids are of letters, digits, and inside of them - _ or ."
                if name
                else "this row has no id"
            )
            self.faults.at(cell, message, Code.MISSING_KEY)
        return name

    def sources(self, cell: Cell) -> list[str]:
        """What is cited in a cell; reported where it cannot be."""
        sources = cell.text.replace(",", " ").replace(";", " ").split()
        for source in sources or ([""] if self.names.citable else []):
            if source not in self.names.citable:
                message = not_among("a source", source, self.names.citable)
                self.faults.at(cell, message if source else "a row has sources", Code.UNKNOWN_NAME)
        return sources

    def declared(self, fact: str) -> str:
        """The key of the machine files under which values of a fact are declared; empty if none can be added."""
        bare = fact.removeprefix(NEXT)
        if bare in self.names.values:
            return "fields"
        plain = {"kind": "kinds", "phase": "phases", "link": "states", "status": "states"}
        return plain.get(bare, "states" if of_machine(bare) else "")

    def values(self, cell: Cell, what: str, allowed: Iterable[Value], under: str = "") -> tuple[Value, ...]:
        """The values in a cell that are among those allowed; the others are reported.

        ``under`` is the key of the machine files under which more of them are declared, if that can be.
        """
        if cell.fault:
            return ()
        allowed = tuple(allowed)
        try:
            values = cell_values(cell.text)
        except CellError as error:
            self.faults.at(cell, str(error), Code.SYNTAX)
            return ()
        for value in values:
            if value not in allowed:
                message = not_among(what, value_cell(value), allowed)
                added = f". A sheet adds none: that is done under '{under}' in the machine files; then make it anew"
                self.faults.at(cell, message + (added if under else ""), Code.UNKNOWN_NAME)
        return values

    def one(self, cell: Cell, what: str, allowed: Iterable[Value], under: str = "") -> Value | None:
        """The one value in a cell; more are reported."""
        values = self.values(cell, what, allowed, under)
        if len(values) > 1:
            self.faults.at(cell, f"these are {len(values)} values where one is wanted")
        return values[0] if values else None
