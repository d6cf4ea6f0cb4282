"""A rule as the cells of its line in a table, and which of them differ from another rule's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simsync.engine.model import Model
from simsync.policy.policy import Row
from simsync.questions.compare.affected import Rule, RuleExchange
from simsync.report import phrases
from simsync.report.tables import ANY, declared_then

Cells = Mapping[str, str]


def cells_of(model: Model, rule: Rule) -> dict[str, str]:
    """What a rule says, by column: conditions by their facts, outcomes with an arrow before them, sources last."""
    cells = {fact: phrases.values(allowed) for fact, allowed in rule.when}
    if isinstance(rule, Row):
        told = declared_then(model.policy.tables[rule.table], rule)
        cells |= {f"=> {name}": phrases.value(value) for name, value in told.items()}
    else:
        start = {"actor": " or ".join(rule.actors), "trigger": rule.trigger, "from": phrases.values(rule.source)}
        cells = {**{name: cell for name, cell in start.items() if cell}, **cells, "=> to": rule.dest}
    return cells | ({"sources": " ".join(rule.sources)} if rule.sources else {})


def changes(before: Cells, after: Cells, arrow: str) -> str:
    """The cells that differ, as ``phase: active -> any``."""
    told = []
    for column in sorted({**before, **after}, key=lambda name: (name == "sources", name.startswith("=>"))):
        here, there = before.get(column, ANY), after.get(column, ANY)
        if here != there:
            told.append(f"{column.removeprefix('=> ')}: {here} {arrow} {there}")
    return "; ".join(told) or "the same cells"


def whole(cells: Cells) -> str:
    """All cells of a rule."""
    return "; ".join(f"{column.removeprefix('=> ')}: {cell}" for column, cell in cells.items())


def lines(exchange: RuleExchange, left: Model, right: Model, arrow: str) -> Iterator[tuple[str, str, str]]:
    """An exchange line by line: the rule before, the one after (`-` for none), and which cells differ."""
    before = [(rule.id, cells_of(left, rule)) for rule in exchange.left]
    after = [(rule.id, cells_of(right, rule)) for rule in exchange.right]
    for old, cells in before if len(before) != 1 or not after else ():
        yield old, ", ".join(new for new, _ in after) or ANY, whole(cells)
    for new, cells in after:
        told = changes(before[0][1], cells, arrow) if len(before) == 1 else whole(cells)
        yield ", ".join(old for old, _ in before) or ANY, new, told
