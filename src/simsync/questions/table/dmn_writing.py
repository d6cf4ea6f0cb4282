"""Decision tables as DMN: a decision each, whose conditions are FEEL's tests and whose hit policy is unique."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from simsync.engine.model import Model
from simsync.policy.facts import row_domain_of
from simsync.policy.policy import Decides, Table, Value, When
from simsync.questions.table.blocks import NOBODY, THEN, WHEN, Block, table_block
from simsync.questions.table.cells import cell_values
from simsync.questions.table.feel import ANY, NULL, literal, literals

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
SPACES = {
    "xmlns": MODEL,
    "xmlns:dmndi": "https://www.omg.org/spec/DMN/20191111/DMNDI/",
    "xmlns:dc": "http://www.omg.org/spec/DMN/20180521/DC/",
    "xmlns:di": "http://www.omg.org/spec/DMN/20180521/DI/",
}
TEXTS = (Decides.PERMISSION, Decides.CHANGE, Decides.CONSEQUENCE, Decides.STATUS)
"""What is decided in words of its own, not in values."""
WIDTH, HEIGHT, ACROSS, GAP, LEFT, TOP = 180, 60, 4, 50, 120, 130
"""The size of a decision's box, how many there are in a line, the space between, and where editors write a title."""


def dmn_text(model: Model, names: Sequence[str] = ()) -> str:
    """The tables as a DMN document, all of them or those named, under the model's readings."""
    document = _Document(model)
    tables = [lookup.table for name, lookup in model.tables.items() if not names or name in names]
    return document.text(tables)


def columns_of(table: Table) -> tuple[str, ...]:
    """The facts of a table's inputs: those that its rows test, and those that only its scope does."""
    return tuple(
        dict.fromkeys([fact for row in table.rows for fact, _ in row.when] + [fact for fact, _ in table.scope])
    )


def in_scope(scope: When, fact: str) -> tuple[Value, ...]:
    """The values that a fact has wherever a table is asked; none where it may have any."""
    return dict(scope).get(fact, ())


def is_text(decided: Decides, name: str) -> bool:
    """Whether a column of outcomes says in words of its own what is decided, and not by values."""
    return decided in TEXTS and not (decided is Decides.CHANGE and name == "link")


def output(decided: Decides, name: str, cell: str) -> str:
    """A cell of what is decided, in FEEL."""
    if is_text(decided, name):
        return literal(cell)
    if decided is Decides.NOTIFICATION:
        return "[]" if cell == NOBODY else f"[{literals(cell_values(cell))}]"
    return NULL if cell == ANY else literals(cell_values(cell))


def identifier(name: str) -> str:
    """A fact's name as a variable of FEEL has it."""
    plain = re.sub(r"\W+", "_", name)
    return f"_{plain}" if plain[:1].isdigit() else plain


class _Document:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._domain = row_domain_of(model.policy)
        self._ids: dict[str, str] = {}
        self._needs: dict[str, list[str]] = {}

    def text(self, tables: Sequence[Table]) -> str:
        """The document."""
        self._ids = {table.name: f"decision_{number}" for number, table in enumerate(tables, 1)}
        gives = {str(table.gives): table for table in tables if table.decides is Decides.FACT}
        name = f"Decision tables, model {self._model.policy.digest}"
        root = Element("definitions", {**SPACES, "id": "rules", "name": name, "namespace": "urn:simsync"})
        facts = dict.fromkeys(fact for table in tables for fact in columns_of(table) if fact not in gives)
        inputs = {fact: f"fact_{number}" for number, fact in enumerate(facts, 1)}
        for fact, own in inputs.items():
            data = SubElement(root, "inputData", {"id": own, "name": identifier(fact), "label": fact})
            SubElement(data, "variable", {"id": f"{own}_v", "name": identifier(fact), "typeRef": self._type(fact)})
        for table in tables:
            self._decision(root, table, gives, inputs)
        self._diagram(root, tables)
        indent(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'

    def _type(self, fact: str) -> str:
        values = self._domain.get(fact, ())  # what is decided may be no fact
        return "boolean" if values and all(isinstance(value, bool) for value in values) else "string"

    def _decision(self, root: Element, table: Table, gives: Mapping[str, Table], inputs: Mapping[str, str]) -> None:
        own, block = self._ids[table.name], table_block(self._model, table)
        decision = SubElement(root, "decision", {"id": own, "name": table.name})
        readings = f"; readings: {block.readings}" if block.readings else ""
        SubElement(decision, "description").text = f"version {block.version} of these rules{readings}"
        SubElement(decision, "question").text = table.question
        SubElement(decision, "variable", {"id": f"{own}_v", "name": identifier(table.name)})
        self._needs[table.name] = []
        for number, fact in enumerate(columns_of(table), 1):
            needed = SubElement(decision, "informationRequirement", {"id": f"{own}_n{number}"})
            if fact in gives:
                self._needs[table.name].append(gives[fact].name)
                SubElement(needed, "requiredDecision", {"href": f"#{self._ids[gives[fact].name]}"})
            else:
                SubElement(needed, "requiredInput", {"href": f"#{inputs[fact]}"})
        made = SubElement(decision, "decisionTable", {"id": f"{own}_t", "hitPolicy": "UNIQUE"})
        self._columns(made, own, table, block, gives)
        for number, row in enumerate(block.rows, 1):
            self._rule(made, f"{own}_r{number}", table, dict(zip(block.headings, row, strict=True)))

    def _columns(self, made: Element, own: str, table: Table, block: Block, gives: Mapping[str, Table]) -> None:
        for number, fact in enumerate(columns_of(table), 1):
            column = SubElement(made, "input", {"id": f"{own}_i{number}", "label": fact})
            expression = {"id": f"{own}_i{number}_e", "typeRef": self._type(fact)}
            variable = identifier(gives[fact].name if fact in gives else fact)
            SubElement(SubElement(column, "inputExpression", expression), "text").text = variable
            allowed = SubElement(column, "inputValues", {"id": f"{own}_i{number}_a"})
            SubElement(allowed, "text").text = literals(self._domain[fact])
        for number, heading in enumerate(_outcomes(block), 1):
            name = heading.removeprefix(THEN)
            of = self._type(name) if table.decides in (Decides.FACT, Decides.COPY) else "string"
            kind = "Any" if table.decides is Decides.NOTIFICATION else of
            SubElement(made, "output", {"id": f"{own}_o{number}", "label": name, "name": name, "typeRef": kind})

    def _rule(self, made: Element, own: str, table: Table, cells: Mapping[str, str]) -> None:
        rule = SubElement(made, "rule", {"id": own})
        SubElement(rule, "description").text = f"{cells['row']}: {cells['sources']}".rstrip(": ")
        for number, fact in enumerate(columns_of(table), 1):
            values = cell_values(cells.get(WHEN + fact, ANY)) or in_scope(table.scope, fact)
            SubElement(SubElement(rule, "inputEntry", {"id": f"{own}_i{number}"}), "text").text = literals(values)
        for number, heading in enumerate((name for name in cells if name.startswith(THEN)), 1):
            said = output(table.decides, heading.removeprefix(THEN), cells[heading])
            SubElement(SubElement(rule, "outputEntry", {"id": f"{own}_o{number}"}), "text").text = said

    def _diagram(self, root: Element, tables: Sequence[Table]) -> None:
        """Where an editor draws the decisions: what they need of each other below them. Facts are not drawn."""
        diagram = SubElement(SubElement(root, "dmndi:DMNDI"), "dmndi:DMNDiagram", {"id": "diagram"})
        places: dict[str, tuple[int, int]] = {}
        needed = {name for names in self._needs.values() for name in names}
        others = [t for t in tables if t.name not in needed]
        rows: list[list[Table]] = []
        for some in ([t for t in others if not self._needs[t.name]], [t for t in others if self._needs[t.name]]):
            rows += [some[at : at + ACROSS] for at in range(0, len(some), ACROSS)]
        rows += [[t] for t in reversed(tables) if t.name in needed]
        for down, row in enumerate(rows):
            for across, table in enumerate(row):
                at = places[table.name] = (LEFT + across * (WIDTH + GAP), TOP + down * (HEIGHT + GAP))
                shape = {"id": f"{self._ids[table.name]}_s", "dmnElementRef": self._ids[table.name]}
                bounds = {"x": at[0], "y": at[1], "width": WIDTH, "height": HEIGHT}
                box = SubElement(diagram, "dmndi:DMNShape", shape)
                SubElement(box, "dc:Bounds", {key: str(value) for key, value in bounds.items()})
        for name, required in self._needs.items():
            for other in required:
                self._edge(diagram, name, other, places)

    def _edge(self, diagram: Element, name: str, other: str, places: Mapping[str, tuple[int, int]]) -> None:
        table = self._model.tables[name].table
        number = next(n for n, f in enumerate(columns_of(table), 1) if f == self._model.tables[other].table.gives)
        requirement = f"{self._ids[name]}_n{number}"
        edge = SubElement(diagram, "dmndi:DMNEdge", {"id": f"{requirement}_e", "dmnElementRef": requirement})
        for at, down in ((places[other], 0), (places[name], HEIGHT)):
            SubElement(edge, "di:waypoint", {"x": str(at[0] + WIDTH // 2), "y": str(at[1] + down)})


def _outcomes(block: Block) -> Iterator[str]:
    return (heading for heading in block.headings if heading.startswith(THEN))
