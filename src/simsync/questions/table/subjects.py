"""What a sheet is about: a table, a machine or the statements; how its rows are read, and what they say now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from simsync.engine.model import Model
from simsync.errors import Code, not_among
from simsync.policy.citations import Citations
from simsync.policy.loading.declared_names import DeclaredNames
from simsync.policy.loading.edit import Parts
from simsync.policy.policy import MachineSpec, Transition, Value
from simsync.questions.table.blocks import machine_of
from simsync.questions.table.cells import CellError, cell_value, cell_when
from simsync.questions.table.columns import Cells, ColumnReader, Faults, Read, SheetRow
from simsync.questions.table.files import Cell
from simsync.questions.table.parsing import TableReader
from simsync.report.tables import declared_then, other_lists

STATEMENTS = "statements"
BEYOND = "; out of scope: "


class RowReader(Protocol):
    """Reads the rows of a block."""

    def rows(self, block: Read) -> list[SheetRow]:
        """Every row that can be understood; the others are reported."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a sheet is about. ``now`` has the parts of each row as a machine file says them.

    ``cited``: its rows are what others cite, and so keep their ids.
    """

    name: str
    now: Mapping[str, Parts]
    reader: RowReader
    cited: bool = False


def subject_of(model: Model, name: str, names: DeclaredNames, faults: Faults) -> Subject:
    """The subject of that name, which is that of a sheet."""
    if name in model.tables:
        table = model.tables[name].table
        rows = {
            row.id: {"when": dict(row.when), "then": declared_then(table, row), "sources": row.sources}
            for row in table.rows
        }
        return Subject(name=name, now=rows, reader=TableReader(table, names, faults))
    if (spec := machine_of(model, name)) is not None:
        told = {one.id: _declared(one) for one in spec.transitions}
        return Subject(name=name, now=told, reader=TransitionReader(spec, names, faults))
    cited = model.policy.citations
    reader = SentenceReader(cited, other_lists(model.words), names, faults)
    return Subject(name=name, now=_sentences(cited), reader=reader, cited=True)


def _declared(one: Transition) -> Parts:
    """A transition's parts as a machine file says them."""
    actor = {"actor": one.actors} if one.actors else {}
    when = {"when": dict(one.when)} if one.when else {}
    return {"trigger": one.trigger, **actor, "source": one.source, "dest": one.dest, **when, "sources": one.sources}


def _sentences(cited: Citations) -> dict[str, Parts]:
    own = {name: {"text": text, "place": cited.places[name]} for name, text in cited.statements.items()}
    return {**own, **{name: {"text": text} for name, text in (*cited.gaps.items(), *cited.pages.items())}}


def _line(columns: Mapping[str, int], line: Sequence[Cell]) -> dict[str, Cell]:
    """A line's cells by heading; what is missing at its end is empty."""
    return {name: line[n] if n < len(line) else Cell("", line[0].place) for name, n in columns.items()}


class TransitionReader:
    """Reads the transitions of one machine's block."""

    def __init__(self, spec: MachineSpec, names: DeclaredNames, faults: Faults) -> None:
        self.spec, self._names, self._faults = spec, names, faults
        self._read = ColumnReader(spec.name, names, faults)
        link = names.machine_names.get(spec.name) == "link"
        facts = names.facts(derived=True) if link else names.machine_facts(after=False)
        self._facts = (*facts, *names.readings)
        self._acting = () if link else (*names.partners, *names.actors)

    def rows(self, block: Read) -> list[SheetRow]:
        """Every transition that can be understood; the others are reported."""
        acted = ("actor",) if any(one.actors for one in self.spec.transitions) else ()
        needed = ["transition", *acted, "trigger", "from", "when", "to", "sources"]
        columns = self._read.columns(block, needed, ("actor",) if self._acting else ())
        if columns is None:
            return []
        rows = [row for line in block.lines if (row := self._row(_line(columns, line))) is not None]
        self._read.distinct(rows)
        return rows

    def _row(self, given: Mapping[str, Cell]) -> SheetRow | None:
        before, read = len(self._faults.found), self._read
        keys = {"transition": "id", "from": "source", "to": "dest"}
        cells: Cells = {(keys.get(name, name), ""): cell for name, cell in given.items()}
        parts: dict[str, Any] = {"id": read.id(given["transition"])}
        if "actor" in given and (actors := read.values(given["actor"], "a partner or an actor", self._acting)):
            parts["actor"] = _one_or_all(actors)
        states = "a state of this machine"
        source = read.values(given["from"], states, self.spec.states, "states")
        dest = read.one(given["to"], states, self.spec.states, "states")
        parts |= {"trigger": self._trigger(given["trigger"]), "source": _one_or_all(source), "dest": dest}
        for name, value in (("from", source), ("to", dest)):
            if not value and not given[name].fault:
                self._faults.at(given[name], "a state is missing here", Code.MISSING_KEY)
        if when := self._when(given["when"]):
            parts["when"] = when
        parts["sources"] = read.sources(given["sources"])
        if len(self._faults.found) > before:
            return None
        return SheetRow(parts["id"], parts, cells, {name: cell.text for name, cell in given.items()})

    def _trigger(self, cell: Cell) -> str:
        """What fires it: any name."""
        try:
            said = cell_value(cell.text)
        except CellError as error:
            self._faults.at(cell, str(error), Code.SYNTAX)
            return ""
        if not isinstance(said, str) and not cell.fault:
            self._faults.at(cell, "a trigger is missing here", Code.MISSING_KEY)
        return str(said)

    def _when(self, cell: Cell) -> dict[str, Value | list[Value]]:
        try:
            said = {} if cell.fault else cell_when(cell.text)
        except CellError as error:
            self._faults.at(cell, str(error), Code.SYNTAX)
            return {}
        for fact, values in said.items():
            if fact not in self._facts:
                self._faults.at(cell, not_among("a fact of this machine", fact, self._facts), Code.UNKNOWN_NAME)
                continue
            for value in values:
                if value not in self._names.domain[fact]:
                    message = not_among(f"a value of '{fact}'", str(value), self._names.domain[fact])
                    self._faults.at(cell, message, Code.UNKNOWN_NAME)
        return {fact: _one_or_all(values) for fact, values in said.items()}


def _one_or_all(values: Sequence[Value]) -> Any:
    """Values as a machine file says them."""
    return values[0] if len(values) == 1 else list(values)


class SentenceReader:
    """Reads the statements' block: their sentences and places.

    ``lists`` are the names of other lists than the statements', each by the place that its entries have in a sheet.
    """

    def __init__(self, cited: Citations, lists: Mapping[str, str], names: DeclaredNames, faults: Faults) -> None:
        self._cited, self._lists, self._faults = cited, lists, faults
        self._read = ColumnReader(STATEMENTS, names, faults)

    def rows(self, block: Read) -> list[SheetRow]:
        """Every statement that can be understood; the others are reported."""
        columns = self._read.columns(block, ["id", "says", "where"], ())
        if columns is None:
            return []
        rows = [row for line in block.lines if (row := self._row(_line(columns, line))) is not None]
        self._read.distinct(rows)
        return rows

    def _row(self, given: Mapping[str, Cell]) -> SheetRow | None:
        before, name = len(self._faults.found), given["id"].text.strip()
        if name not in self._cited:
            name = self._read.id(given["id"])
        parts: dict[str, Any] = {"id": name, "text": _apart(given["says"].text)}
        where = _apart(given["where"].text)
        if name in self._cited.statements or (name not in self._cited and where not in self._lists):
            place, _, why = where.partition(BEYOND)
            parts |= {"place": place} | ({"out of scope": why} if why and name not in self._cited else {})
        for key, cell in (("text", given["says"]), ("place", given["where"])):
            if not parts.get(key, "-"):
                self._faults.at(cell, "a text is missing here", Code.MISSING_KEY)
        if len(self._faults.found) > before:
            return None
        cells: Cells = {("id", ""): given["id"], ("text", ""): given["says"], ("place", ""): given["where"]}
        return SheetRow(name, parts, cells, {heading: cell.text for heading, cell in given.items()})


def _apart(text: str) -> str:
    """A text without the apostrophe before what a spreadsheet would take for a formula."""
    text = text.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text
