"""The rows of a decision table as a sheet has them: what each says, or what is wrong with which cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simsync.errors import Code, not_among
from simsync.policy.loading.declared_names import DeclaredNames
from simsync.policy.loading.edit import Parts, plain
from simsync.policy.loading.nodes import Problems, compose
from simsync.policy.policy import SAME, Decides, Effect, Table, Value
from simsync.questions.table.blocks import ALLOW, NOBODY, REFUSE, THEN, WHEN
from simsync.questions.table.columns import Cells, ColumnReader, Faults, Read, SheetRow
from simsync.questions.table.files import Cell
from simsync.report.tables import EFFECTS, NOTHING, decides


class TableReader:
    """Reads the rows of one decision table's block."""

    def __init__(self, table: Table, names: DeclaredNames, faults: Faults) -> None:
        self.table = table
        self._names = names
        self._faults = faults
        self._read = ColumnReader(table.name, names, faults)
        self._decided = ("kind", *names.marks) if table.decides is Decides.COPY else decides(table)

    def rows(self, block: Read) -> list[SheetRow]:
        """Every row that can be understood; the others are reported."""
        own = [f"{WHEN}{fact}" for fact in dict.fromkeys(fact for row in self.table.rows for fact, _ in row.when)]
        then = [f"{THEN}{name}" for name in self._decided]
        needed = ["row", *own, *(then[:1] if self.table.decides is Decides.COPY else then), "sources"]
        columns = self._read.columns(block, needed, (*(f"{WHEN}{fact}" for fact in self._names.domain), *then))
        if columns is None:
            return []
        rows = [row for line in block.lines if (row := self._row(columns, line)) is not None]
        self._read.distinct(rows)
        return rows

    def _row(self, columns: Mapping[str, int], line: Sequence[Cell]) -> SheetRow | None:
        before = len(self._faults.found)
        by_name = {name: line[n] if n < len(line) else Cell("", line[0].place) for name, n in columns.items()}
        cells: Cells = {("id", ""): by_name["row"], ("sources", ""): by_name["sources"]}
        when: dict[str, Value | list[Value]] = {}
        for name, cell in by_name.items():
            if name.startswith(WHEN):
                fact = name.removeprefix(WHEN)
                cells["when", fact] = cell
                what, allowed = f"a value of '{fact}'", self._names.domain[fact]
                if values := self._read.values(cell, what, allowed, self._read.declared(fact)):
                    when[fact] = values[0] if len(values) == 1 else list(values)
        then = self._then({n.removeprefix(THEN): cell for n, cell in by_name.items() if n.startswith(THEN)}, cells)
        name = self._read.id(by_name["row"])
        texts = {name: cell.text for name, cell in by_name.items()}
        sources = self._read.sources(by_name["sources"])
        if len(self._faults.found) > before:
            return None
        return SheetRow(name, {"id": name, "when": when, "then": then, "sources": sources}, cells, texts)

    def _then(self, given: Mapping[str, Cell], cells: Cells) -> Parts:
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
            if first.text.strip() == NOBODY:
                return {"notify": []}
            told = self._read.values(first, "a recipient", self._names.recipients, "recipients")
            return {"notify": list(told)}
        if decided is Decides.CHANGE:
            return self._change(given, cells)
        if decided in (Decides.CONSEQUENCE, Decides.STATUS):
            return self._consequence(first)
        cells.update({("then", name): cell for name, cell in given.items()})
        domain = {**self._names.domain, "kind": (*self._names.kinds, SAME)}
        found = {
            name: self._read.one(cell, f"a value of '{name}'", domain[name], self._read.declared(name))
            for name, cell in given.items()
        }
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

    def _change(self, given: Mapping[str, Cell], cells: Cells) -> Parts:
        effect_cell, link_cell = (given[name] for name in decides(self.table))
        cells["then", "effect"], cells["then", "link"] = effect_cell, link_cell
        said = effect_cell.text.strip()
        words = {**{str(effect): effect for effect in Effect}, **{text: effect for effect, text in EFFECTS.items()}}
        if said not in words:
            self._faults.at(effect_cell, not_among("an effect", said, EFFECTS.values()))
        link = self._read.one(link_cell, "a trigger of the link machine", self._names.triggers)
        return {"effect": str(words.get(said, Effect.NONE)), **({"link": link} if link is not None else {})}
