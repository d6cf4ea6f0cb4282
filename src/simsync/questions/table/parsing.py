"""Lines of cells to the tables that they hold: what a row says, or what is wrong with which cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from simsync.errors import Code, Diagnostic, not_among
from simsync.policy.loading.declared_names import ID, DeclaredNames
from simsync.policy.loading.edit import Parts, plain
from simsync.policy.loading.nodes import Problems, compose
from simsync.policy.policy import SAME, Decides, Effect, Table, Value
from simsync.questions.table.blocks import ALLOW, NOBODY, READINGS, REFUSE, TABLE, THEN, VERSION, WHEN
from simsync.questions.table.cells import CellError, cell_values, value_cell
from simsync.questions.table.files import Cell
from simsync.report.tables import EFFECTS, NOTHING, decides

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


class TableReader:
    """Reads the rows of one decision table's block."""

    def __init__(self, table: Table, names: DeclaredNames, faults: Faults) -> None:
        self.table = table
        self._names = names
        self._facts = tuple(names.domain)
        self._faults = faults
        self._decided = ("kind", *names.marks) if table.decides is Decides.COPY else decides(table)

    def rows(self, block: Read) -> list[SheetRow]:
        """Every row that can be understood; the others are reported."""
        columns = self._columns(block)
        if columns is None:
            return []
        self._strays(columns, block)
        rows = [row for line in block.lines if (row := self._row(columns, line)) is not None]
        seen: set[str] = set()
        for row in rows:
            if row.id in seen:
                self._faults.at(row.cells["id", ""], f"there is a row '{row.id}' already", Code.DUPLICATE_ID)
            seen.add(row.id)
        return rows

    def _strays(self, columns: Mapping[str, int], block: Read) -> None:
        """Report what stands under no heading, once a column."""
        seen: dict[int, list[Cell]] = {}
        for line in block.lines:
            for number, cell in enumerate(line):
                if number not in columns.values() and cell.text.strip():
                    seen.setdefault(number, []).append(cell)
        for first, *others in seen.values():
            more = f", and so do {len(others)} more" if others else ""
            self._faults.at(first, f"this cell stands under no heading{more}")

    def _columns(self, block: Read) -> dict[str, int] | None:
        """Where each heading stands; None where one is unknown, missing or there twice."""
        own = [f"{WHEN}{fact}" for fact in dict.fromkeys(fact for row in self.table.rows for fact, _ in row.when)]
        then = [f"{THEN}{name}" for name in self._decided]
        known = {"row", "sources", *(f"{WHEN}{fact}" for fact in self._facts), *then}
        needed = ["row", *own, *(then[:1] if self.table.decides is Decides.COPY else then), "sources"]
        if "row" not in [cell.text.strip() for cell in block.headings]:
            message = f"this line must be the headings: {', '.join(needed)}"
            self._faults.at(block.headings[0], message, Code.MISSING_KEY)
            return None
        columns: dict[str, int] = {}
        before = len(self._faults.found)
        for number, cell in enumerate(block.headings):
            name = cell.text.strip()
            if name in columns:
                self._faults.at(cell, f"there is a column '{name}' already", Code.DUPLICATE_KEY)
            elif name and name not in known:
                self._faults.at(cell, not_among(f"a column of '{self.table.name}'", name, known), Code.UNKNOWN_KEY)
            elif name:
                columns[name] = number
        for name in needed:
            if name not in columns:
                dash = "; a dash in it stands for any value" if name.startswith(WHEN) else ""
                self._faults.at(block.headings[0], f"the column '{name}' is missing{dash}", Code.MISSING_KEY)
        return columns if len(self._faults.found) == before else None

    def _row(self, columns: Mapping[str, int], line: Sequence[Cell]) -> SheetRow | None:
        before = len(self._faults.found)
        by_name = {name: line[n] if n < len(line) else Cell("", line[0].place) for name, n in columns.items()}
        cells: dict[tuple[str, str], Cell] = {("id", ""): by_name["row"], ("sources", ""): by_name["sources"]}
        when: dict[str, Value | list[Value]] = {}
        for name, cell in by_name.items():
            if name.startswith(WHEN):
                fact = name.removeprefix(WHEN)
                cells["when", fact] = cell
                if values := self._values(cell, f"a value of '{fact}'", self._names.domain[fact]):
                    when[fact] = values[0] if len(values) == 1 else list(values)
        then = self._then({n.removeprefix(THEN): cell for n, cell in by_name.items() if n.startswith(THEN)}, cells)
        name = by_name["row"].text.strip()
        if not re.fullmatch(ID.pattern or "", name):
            message = (
                f"'{name}' is no id; ids are of letters, digits, and inside of them - _ or ."
                if name
                else "this row has no id"
            )
            self._faults.at(by_name["row"], message, Code.MISSING_KEY)
        texts = {name: cell.text for name, cell in by_name.items()}
        sources = by_name["sources"].text.replace(",", " ").replace(";", " ").split()
        for source in sources or ([""] if self._names.citable else []):
            if source not in self._names.citable:
                message = not_among("a source", source, self._names.citable)
                self._faults.at(by_name["sources"], message if source else "a row has sources", Code.UNKNOWN_NAME)
        if len(self._faults.found) > before:
            return None
        return SheetRow(name, {"id": name, "when": when, "then": then, "sources": sources}, cells, texts)

    def _values(self, cell: Cell, what: str, allowed: Iterable[Value]) -> tuple[Value, ...]:
        """The values in a cell that are among those allowed; the others are reported."""
        if cell.fault:
            return ()
        allowed = tuple(allowed)
        try:
            values = cell_values(cell.text)
        except CellError as error:
            self._faults.at(cell, str(error), Code.SYNTAX)
            return ()
        for value in values:
            if value not in allowed:
                self._faults.at(cell, not_among(what, value_cell(value), allowed), Code.UNKNOWN_NAME)
        return values

    def _one(self, cell: Cell, what: str, allowed: Iterable[Value]) -> Value | None:
        values = self._values(cell, what, allowed)
        if len(values) > 1:
            self._faults.at(cell, f"these are {len(values)} values where one is wanted")
        return values[0] if values else None

    def _then(self, given: Mapping[str, Cell], cells: dict[tuple[str, str], Cell]) -> Parts:
        """What the row decides, in the machine file's words; notes the cell of each key."""
        decided = self.table.decides
        first = next(iter(given.values()))
        cells["then", ""] = first
        if decided is Decides.PERMISSION:
            text = first.text.strip()
            cells["then", "refuse"] = cells["then", "allow"] = first
            if text != ALLOW and not text.startswith(REFUSE.strip()):
                self._faults.at(first, f"'{text}' is neither '{ALLOW}' nor '{REFUSE}' with a reason")
            return {"allow": True} if text == ALLOW else {"refuse": text.removeprefix(REFUSE.strip()).strip()}
        if decided is Decides.NOTIFICATION:
            cells["then", "notify"] = first
            told = () if first.text.strip() == NOBODY else self._values(first, "a recipient", self._names.recipients)
            return {"notify": list(told)}
        if decided is Decides.CHANGE:
            return self._change(given, cells)
        if decided in (Decides.CONSEQUENCE, Decides.STATUS):
            return self._consequence(first)
        cells.update({("then", name): cell for name, cell in given.items()})
        domain = {**self._names.domain, "kind": (*self._names.kinds, SAME)}
        found = {name: self._one(cell, f"a value of '{name}'", domain[name]) for name, cell in given.items()}
        if found[next(iter(given))] is None:
            self._faults.at(first, "a value is missing here", Code.MISSING_KEY)
        return {name: value for name, value in found.items() if value is not None}

    def _consequence(self, cell: Cell) -> Parts:
        """What a row brings about, as a machine file would say it in one line."""
        text = cell.text.strip()
        if text == NOTHING:
            return {}
        problems = Problems("")
        said = [plain(node) for node in compose(text.encode(), problems)]
        if problems or len(said) != 1 or not isinstance(said[0], dict):
            wanted = "this is written as in a machine file, such as {move: {status: NAME}}, or it is 'nothing'"
            self._faults.at(cell, wanted, Code.SYNTAX)
            return {}
        return dict(said[0])

    def _change(self, given: Mapping[str, Cell], cells: dict[tuple[str, str], Cell]) -> Parts:
        effect_cell, link_cell = (given[name] for name in decides(self.table))
        cells["then", "effect"], cells["then", "link"] = effect_cell, link_cell
        said = effect_cell.text.strip()
        words = {**{str(effect): effect for effect in Effect}, **{text: effect for effect, text in EFFECTS.items()}}
        if said not in words:
            self._faults.at(effect_cell, not_among("an effect", said, EFFECTS.values()))
        link = self._one(link_cell, "a trigger of the link machine", self._names.triggers)
        return {"effect": str(words.get(said, Effect.NONE)), **({"link": link} if link is not None else {})}
