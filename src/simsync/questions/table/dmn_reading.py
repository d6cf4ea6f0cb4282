"""A DMN document as lines of cells, as a sheet has them: what an editor of decision tables saved, read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from simsync.engine.model import Model
from simsync.errors import Code, Diagnostic, SimsyncError, usage_error
from simsync.policy.facts import row_domain_of
from simsync.policy.policy import Decides, Table, Value
from simsync.questions.table.blocks import NOBODY, READINGS, TABLE, THEN, VERSION, WHEN, table_block
from simsync.questions.table.cells import CellError, cell_values, value_cell, values_cell
from simsync.questions.table.columns import Faults
from simsync.questions.table.dmn_writing import columns_of, identifier, in_scope, is_text
from simsync.questions.table.feel import ANY, feel_test, feel_values
from simsync.questions.table.files import Cell, sheet_bytes

_VERSION, _READINGS = re.compile(r"\bversion (\w+)"), re.compile(r"\breadings: (.*)")


@dataclass(slots=True)
class XmlNode:
    """An element, without its namespace, and where it begins."""

    name: str
    attributes: dict[str, str]
    line: int
    col: int
    text: str = ""
    children: list[XmlNode] = field(default_factory=list)

    def every(self, name: str) -> Iterator[XmlNode]:
        """The children of a name."""
        return (child for child in self.children if child.name == name)

    def first(self, *path: str) -> XmlNode | None:
        """The first child of a name, and so on."""
        found: XmlNode | None = self
        for name in path:
            found = next(found.every(name), None) if found else None
        return found

    def said(self, *path: str) -> str:
        """The text there; empty where there is none."""
        found = self.first(*path)
        return found.text.strip() if found else ""

    def cell(self, text: str) -> Cell:
        """A cell that stands here."""
        return Cell(text, "", line=self.line, col=self.col)


class _DocumentTypeError(ValueError):
    """A document type is declared in this line and column."""

    def __init__(self, line: int, col: int) -> None:
        super().__init__("it declares a document type; DMN has none")
        self.line, self.col = line, col


class _Reader:
    """Builds nodes of what expat reads. There are no document types, and so no entities to expand."""

    def __init__(self) -> None:
        self.open = [XmlNode("", {}, 1, 1)]
        self._parser = expat.ParserCreate(namespace_separator="}")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def read(self, data: bytes) -> XmlNode:
        """The root."""
        self._parser.Parse(data, True)
        return self.open[0].children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line, col = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        node = XmlNode(name.rpartition("}")[2], attributes, line, col)
        self.open[-1].children.append(node)
        self.open.append(node)

    def _end(self, _name: str) -> None:
        self.open.pop()

    def _characters(self, text: str) -> None:
        self.open[-1].text += text

    def _doctype(self, *_: Any) -> None:
        line, col = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        raise _DocumentTypeError(line, col)


def dmn_lines(path: str, model: Model, faults: Faults) -> list[list[Cell]]:
    """The decision tables of a document as blocks of cells; what cannot be read is reported.

    Raises :class:`SimsyncError` where the file is no DMN at all.
    """
    root = _root(path)
    decisions = [one for one in root.every("decision") if one.first("decisionTable")]
    if root.name != "definitions" or not decisions:
        message = "this is no DMN document with decision tables"
        raise SimsyncError([Diagnostic(file=path, line=root.line, col=root.col, code=Code.SYNTAX, message=message)])
    lines: list[list[Cell]] = []
    for decision in decisions:
        lookup = model.tables.get(decision.attributes.get("name", ""))
        lines += _Decision(model, lookup.table if lookup else None, decision, faults).lines()
    return lines


def _about(rule: XmlNode) -> XmlNode:
    """What is written beside a rule: its description, or in other editors its first annotation."""
    annotation = rule.first("annotationEntry", "text")
    described = rule.first("description")
    return described if described and described.text.strip() else annotation or described or rule


def _root(path: str) -> XmlNode:
    data = sheet_bytes(path)
    try:
        return _Reader().read(data)
    except expat.ExpatError as error:
        message = f"this is not well-formed XML: {expat.ErrorString(error.code)}"
        found = Diagnostic(file=path, line=error.lineno, col=error.offset + 1, code=Code.SYNTAX, message=message)
        raise SimsyncError([found]) from error
    except _DocumentTypeError as error:
        found = Diagnostic(file=path, line=error.line, col=error.col, code=Code.SYNTAX, message=str(error))
        raise SimsyncError([found]) from error
    except ValueError as error:
        raise usage_error(path, str(error), code=Code.SYNTAX) from error


class _Decision:
    """One decision table; ``table`` is the one of the rules that it is, None if they have none of its name."""

    def __init__(self, model: Model, table: Table | None, node: XmlNode, faults: Faults) -> None:
        self._table, self._node, self._faults = table, node, faults
        made = node.first("decisionTable")
        assert made is not None
        self._made, self._domain = made, row_domain_of(model.policy)
        self._now: dict[str, dict[str, str]] = {}
        self._facts = {identifier(fact): fact for fact in (*self._domain, *(columns_of(table) if table else ()))}
        if table is not None:
            block = table_block(model, table)
            self._now = {row[0]: dict(zip(block.headings, row, strict=True)) for row in block.rows}
            self._own = {fact for row in table.rows for fact, _ in row.when}

    def lines(self) -> Iterator[list[Cell]]:
        """The head, the headings, and a line for each rule."""
        node, about = self._node, self._node.said("description")
        version, readings = _VERSION.search(about), _READINGS.search(about)
        yield [
            node.cell(TABLE),
            node.cell(value_cell(node.attributes.get("name", "") or ANY)),
            node.cell(VERSION),
            node.cell(version[1] if version else ""),
            node.cell(READINGS),
            node.cell(readings[1].strip() if readings else ""),
        ]
        policy = self._made.attributes.get("hitPolicy", "UNIQUE")
        if policy != "UNIQUE":
            self._faults.at(self._made.cell(policy), f"the hit policy is {policy}; in these rules it is always UNIQUE")
        inputs = [(self._fact(one), one) for one in self._made.every("input")]
        outputs = [(one.attributes.get("name", ""), one) for one in self._made.every("output")]
        kept = [n for n, (fact, _) in enumerate(inputs) if not self._scope_only(fact)]
        yield [
            self._made.cell("row"),
            *(inputs[n][1].cell(WHEN + inputs[n][0]) for n in kept),
            *(node.cell(THEN + name) for name, node in outputs),
            self._made.cell("sources"),
        ]
        for rule in self._made.every("rule"):
            if self._name(rule):
                yield self._rule(rule, [fact for fact, _ in inputs], kept, [name for name, _ in outputs])

    def _name(self, rule: XmlNode) -> str:
        """The name of a rule; without one it is told where it belongs."""
        name = _about(rule).text.partition(":")[0].strip()
        if not name:
            message = "this rule has no name; its description is a name and its sources, such as: a-name: S1 S2"
            self._faults.at(_about(rule).cell(""), message, Code.MISSING_KEY)
        return name

    def _fact(self, column: XmlNode) -> str:
        """The fact that a column tests: it is what its expression says, whatever its label."""
        said = column.said("inputExpression", "text")
        return self._facts.get(said) or column.attributes.get("label", "") or said

    def _scope_only(self, fact: str) -> bool:
        """Whether a fact is tested by the table's scope alone."""
        return self._table is not None and fact not in self._own and bool(in_scope(self._table.scope, fact))

    def _rule(self, rule: XmlNode, facts: list[str], kept: list[int], names: list[str]) -> list[Cell]:
        about = _about(rule)
        name, _, sources = about.text.partition(":")
        conditions = [self._condition(name.strip(), *pair) for pair in self._entries(rule, "inputEntry", facts)]
        outcomes = [self._outcome(*pair) for pair in self._entries(rule, "outputEntry", names)]
        return [about.cell(name.strip()), *(conditions[n] for n in kept), *outcomes, about.cell(sources.strip())]

    def _entries(self, rule: XmlNode, kind: str, names: list[str]) -> list[tuple[str, XmlNode]]:
        """The entries of a rule with the columns that they are in."""
        found = list(rule.every(kind))
        if len(found) != len(names):
            message = f"this rule has {len(found)} entries of kind {kind} in {len(names)} columns"
            self._faults.at(rule.cell(""), message, Code.INCOMPLETE)
            found = []  # nobody knows which column each is in
        found += [XmlNode(kind, {}, rule.line, rule.col)] * (len(names) - len(found))
        return list(zip(names, found, strict=False))

    def _values(self, text: XmlNode, read: Callable[[str], tuple[Value, ...]]) -> tuple[Value, ...] | None:
        """What a text says in FEEL; None where it says nothing, which is told."""
        try:
            return read(text.text)
        except CellError as error:
            self._faults.at(text.cell(""), str(error), Code.SYNTAX)
            return None

    def _condition(self, row: str, fact: str, entry: XmlNode) -> Cell:
        text = entry.first("text") or entry
        values = self._values(text, lambda said: feel_test(said, self._domain.get(fact, ())))
        if values is None:
            return text.cell(ANY)
        scope = in_scope(self._table.scope, fact) if self._table else ()
        if scope and self._scope_only(fact) and set(values) not in (set(scope), set()):
            message = f"this table is asked only where '{fact}' is {values_cell(scope)}; that is changed in the rules"
            self._faults.at(text.cell(""), message)
        if scope and set(values) == set(scope):
            now = self._now.get(row, {}).get(WHEN + fact, ANY)
            return text.cell(now if set(cell_values(now)) == set(values) else ANY)
        return text.cell(values_cell(values))

    def _outcome(self, name: str, entry: XmlNode) -> Cell:
        text = entry.first("text") or entry
        values = self._values(text, feel_values)
        if values is None:
            return text.cell(ANY)
        decided = self._table.decides if self._table else Decides.FACT
        if is_text(decided, name):
            return text.cell(", ".join(map(str, values)) or ANY)
        if decided is Decides.NOTIFICATION:
            return text.cell(values_cell(values) if values else NOBODY)
        return text.cell(values_cell(values))
