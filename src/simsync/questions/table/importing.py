"""The use case behind `simsync import`: edited tables back into the machine files, or what is wrong with them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from simsync.engine.model import Model
from simsync.errors import Code, Diagnostic, SimsyncError, not_among, usage_error
from simsync.files import write_together
from simsync.policy.loading.edit import EditError, NewRow, Parts, RowEdit, RowsFile
from simsync.policy.loading.files import file_names, is_status
from simsync.policy.loading.policy import load_policy, names_in
from simsync.questions.table.blocks import READINGS, VERSION, Block, blocks
from simsync.questions.table.cells import CellError, cell_value
from simsync.questions.table.columns import Faults, Read, SheetRow, read_blocks, trimmed
from simsync.questions.table.dmn_reading import dmn_lines
from simsync.questions.table.files import Cell, format_of, read_lines
from simsync.questions.table.subjects import STATEMENTS, Subject, subject_of
from simsync.questions.table.undo import keep
from simsync.report.tables import ANY, other_lists, sheets

Places = list[tuple[str, str, str, tuple[int, int, int, int]]]
EDITED = ("rules", "readings", "link", "statements")
"""The machine files in which rows stand, and beside them those of the status machines."""
PARTS = {"row": "id", "transition": "id", "from": "source", "to": "dest", "says": "text", "where": "place"}
"""Which part of a row a column is about, where it is not called like it."""


class Import:
    """One sheet file on its way into one machines directory; nothing is written before all of it is found right.

    ``sides`` are the rules as they are and as the sheet has them, both as the sheet reads them.
    """

    def __init__(self, model: Model, directory: str | Path, path: str, form: str | None = None) -> None:
        self.model = model
        self.directory = Path(directory)
        self.faults = Faults(path)
        self.changes: list[str] = []
        self._names = names_in(directory)
        self._seen: set[str] = set()
        self._before: dict[tuple[str, str], Block] = {}
        self.renamed: dict[str, str] = {}
        self._named = file_names(directory)
        parts = [part for part in self._named if part in EDITED or is_status(part)]
        self.files = {part: self._open(self._named[part]) for part in parts}
        self.sides = model, model
        self._cells: dict[tuple[str, str, str], Cell] = {}
        form = form or format_of(path)
        lines = dmn_lines(path, model, self.faults) if form == "dmn" else read_lines(path, form)
        for block in read_blocks(lines, self.faults):
            self._block(block)
        self._stop()
        self.contents = {name: file.edited() for name, file in self.files.items()}
        if self._before:
            self._check()

    def _open(self, name: str) -> RowsFile:
        path = self.directory / name
        try:
            return RowsFile(str(path), path.read_bytes())
        except EditError as error:
            raise usage_error(str(path), str(error), code=Code.ENCODING) from error

    def _stop(self) -> None:
        if self.faults.found:
            raise SimsyncError(self.faults.found)

    def _block(self, block: Read) -> None:
        """Note what a block changes, if it changes anything."""
        name = block.head[1].text.strip()
        try:
            name = str(cell_value(name) or "")
            model = self.model.factory.model(self._readings(block.told(READINGS)))
        except CellError as error:
            return self.faults.at(block.head[1], str(error))
        except SimsyncError as error:
            return self.faults.at(block.told(READINGS), error.diagnostics[0].message, Code.UNKNOWN_NAME)
        known = [sheet.name for sheet in sheets(model)]
        if name not in known:
            return self.faults.at(block.head[1], not_among("a table", name, known), Code.UNKNOWN_NAME)
        if name in self._seen:
            return self.faults.at(block.head[1], f"table '{name}' stands in this file twice", Code.DUPLICATE_KEY)
        self._seen.add(name)
        (now,) = blocks(model, [name])
        if block.texts == tuple(map(trimmed, (now.headings, *now.rows))):
            return None
        version = block.told(VERSION)
        if version.text.strip() not in ("", now.version):
            message = (
                f"'{name}' has changed since this sheet was made, it is {now.version} now; make it anew, or empty"
                " this cell to put the sheet's rows in place of all that is there"
            )
            return self.faults.at(version, message, Code.USAGE)
        self._before[name, now.readings] = now
        return self._rows(subject_of(model, name, self._names, self.faults), block, now)

    @staticmethod
    def _readings(cell: Cell) -> dict[str, str]:
        pairs = (text.partition("=") for text in cell.text.split(",") if text.strip())
        return {name.strip(): option.strip() for name, _, option in pairs}

    def _rows(self, subject: Subject, block: Read, shown: Block) -> None:
        before = len(self.faults.found)
        wanted = subject.reader.rows(block)
        if len(self.faults.found) > before:
            return
        for row in wanted:
            self._cells.update({(row.id, *key): cell for key, cell in row.cells.items()})
        self._come_and_go(subject, wanted, block.head[1], shown)
        for row in wanted:
            if row.id in subject.now:
                self._row(subject, row, shown)

    def _come_and_go(self, subject: Subject, wanted: Sequence[SheetRow], head: Cell, shown: Block) -> None:
        """Note which rows have another name, which are gone and which are new."""
        now = subject.now
        renamed = dict(_renamed(now, wanted))
        for old, new in renamed.items():
            if subject.cited:
                message = f"'{old}' is what rules cite; simsync rename changes an id, and where it is cited with it"
                self.faults.at(self._cells[new, "id", ""], message, Code.USAGE)
            elif not self._is_named(old, new, self._cells[new, "id", ""]):
                self._edit(RowEdit(id=old, parts={"id": new}), new)
        self.renamed |= renamed
        staying = {row.id for row in wanted} | renamed.keys()
        for name in (one for one in now if one not in staying):
            if not self._is_named(name, None, head):
                self._edit(RowEdit(id=name, removed=True), name, head, cited=subject.cited)
        after: str | None = None
        for row in wanted:
            if row.id in now:
                after = row.id
            elif row.id not in renamed.values():
                self._add(subject, row, after, shown.readings)

    def _is_named(self, old: str, new: str | None, place: Cell) -> bool:
        """Whether a reading names a row that is to be renamed or taken away, which is then reported."""
        for reading in self.model.policy.readings.values():
            if any(old in option.replace for option in reading.options.values()):
                done = f"named '{new}'" if new else "taken away"
                message = f"row '{old}' cannot be {done} here: reading '{reading.name}' replaces it; change that first"
                self.faults.at(place, message, Code.USAGE)
                return True
        return False

    def _row(self, subject: Subject, row: SheetRow, shown: Block) -> None:
        """Note what differs between a row and its line."""
        now, touched = subject.now[row.id], _touched(row, shown)
        keys = dict.fromkeys((*now, *(key for key in row.parts if key != "id")))
        parts = {
            key: row.parts.get(key, {})
            for key in keys
            if key in touched and _normal(now.get(key, {})) != _normal(row.parts.get(key, {}))
        }
        if not parts:
            return
        if when := parts.get("when"):  # conditions that stay keep their order
            parts["when"] = {**{fact: when[fact] for fact in now.get("when", ()) if fact in when}, **when}
        self._edit(RowEdit(id=row.id, parts=parts), row.id, cited=subject.cited)

    def _add(self, subject: Subject, row: SheetRow, after: str | None, readings: str) -> None:
        place, name = self._cells[row.id, "id", ""], subject.name
        if subject.cited:
            file = STATEMENTS
            name = STATEMENTS if "place" in row.parts else other_lists(self.model.words)[row.texts["where"].strip()]
        else:
            file = self._names.machine_names.get(name, "rules")
        if readings and not subject.cited:
            message = f"this sheet shows the table as {readings} has it; add rows to a sheet made without --reading"
            return self.faults.at(place, message, Code.USAGE)
        try:
            self.files[file].add(NewRow(table=name, after=after, parts=row.parts))
        except EditError as error:
            self.faults.at(place, str(error), Code.USAGE)

    def _edit(self, change: RowEdit, name: str, place: Cell | None = None, *, cited: bool = False) -> None:
        files = (file for part, file in self.files.items() if (part == STATEMENTS) is cited)
        file = next(file for file in files if change.id in file)
        try:
            file.edit(change)
        except EditError as error:
            self.faults.at(place or self._cells[name, "id", ""], str(error), Code.USAGE)

    def _check(self) -> None:
        """Load the changed rules from a place of their own; what is wrong with them is told of its cell."""
        with tempfile.TemporaryDirectory(prefix="simsync-") as folder:
            for name in self._named.values():
                shutil.copyfile(self.directory / name, Path(folder) / name)
            for part, content in self.contents.items():
                (Path(folder) / self._named[part]).write_bytes(content)
            try:
                policy = load_policy(folder)
            except SimsyncError as error:
                places = {self._named[part]: self._places(part) for part in self.files}
                raise SimsyncError([self._traced(found, places) for found in error.diagnostics]) from error
        factory = self.model.factory.of(policy)
        shown = next((before.readings for (name, _), before in self._before.items()), "")
        readings = self._readings(Cell(shown, ""))
        self.sides = self.model.factory.model(readings), factory.model(readings)
        for (name, _), before in self._before.items():
            (after,) = blocks(factory.model(self._readings(Cell(before.readings, ""))), [name])
            self.changes += differences(before, after, self.renamed)

    def _traced(self, found: Diagnostic, places: Mapping[str, Places]) -> Diagnostic:
        """A problem with the changed rules, told of the cell that it came from where it came from one."""
        name = os.path.basename(found.file)
        here = (found.line, found.col)
        for row, key, inner, (line, col, end_line, end_col) in places.get(name, ()):
            cell = self._cells.get((row, key, inner)) or self._cells.get((row, key or "id", ""))
            if cell is not None and (line, col) <= here < (end_line, end_col):
                return self.faults.told(cell, found.message, found.code)
        return Diagnostic(
            file=str(self.directory / name), line=found.line, col=found.col, code=found.code, message=found.message
        )

    def _places(self, part: str) -> Places:
        """Where everything stands in a changed file; nothing, where that is not well-formed."""
        try:
            return list(RowsFile(self._named[part], self.contents[part]).places())
        except EditError:
            return []

    def write(self) -> None:
        """Put the changed files in place; what they said before is kept, to be undone.

        Raises :class:`SimsyncError` where someone else changed one of them since it was read.
        """
        for part, file in self.files.items():
            if (self.directory / self._named[part]).read_bytes() != file.data:
                message = "this file was changed while the sheet was read; import the sheet again"
                raise usage_error(file.path, message, code=Code.USAGE)
        named = {self._named[part]: content for part, content in self.contents.items()}
        changed = {name: content for name, content in named.items() if content != (self.directory / name).read_bytes()}
        if changed:
            keep(self.directory, changed)
            write_together({str(self.directory / name): content for name, content in changed.items()})


def _touched(row: SheetRow, shown: Block) -> set[str]:
    """The parts of a row of which some cell does not say what it said when it was exported."""
    line = next(line for line in shown.rows if line[0] == row.id)
    said = dict(zip(shown.headings, line, strict=True))
    return {
        PARTS.get(heading, heading.partition(":")[0])
        for heading, text in row.texts.items()
        if text.splitlines() != said.get(heading, ANY).splitlines()
    }


def _normal(value: object) -> object:
    """A part of a row such that two that mean the same are equal: one value is a list of one."""
    if isinstance(value, Mapping):
        return {key: _normal(inner) for key, inner in value.items()}
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def differences(before: Block, after: Block, renamed: Mapping[str, str]) -> Iterator[str]:
    """What became of a table, in the words of its cells."""
    old = {line[0]: dict(zip(before.headings, line, strict=True)) for line in before.rows}
    new = {line[0]: dict(zip(after.headings, line, strict=True)) for line in after.rows}
    for name in old:
        if name in renamed:
            yield f"{before.name}: {name} is named {renamed[name]}"
        elif name not in new:
            yield f"{before.name}: {name} is taken away"
    for name, line in new.items():
        if name in old:
            for heading in dict.fromkeys((*before.headings, *after.headings)):
                one, two = old[name].get(heading, ANY), line.get(heading, ANY)
                if one != two:
                    yield f"{before.name}: {name}: {heading}: {one} -> {two}"
        elif name not in renamed.values():
            yield f"{before.name}: {name} is new"


def _renamed(now: Mapping[str, Parts], wanted: Sequence[SheetRow]) -> Iterator[tuple[str, str]]:
    """Rows that are gone while a new one says the very same: the old id and the new one."""
    ids = {row.id for row in wanted}
    fresh = [row for row in wanted if row.id not in now]
    for name, said in now.items():
        if name not in ids:
            for one in fresh:
                if _normal(said) == _normal({key: value for key, value in one.parts.items() if key != "id"}):
                    fresh.remove(one)
                    yield name, one.id
                    break
