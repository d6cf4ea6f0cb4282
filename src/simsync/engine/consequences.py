"""What a step brings about beyond the item that it is about: items of the product's own, moves, other items decided.

Consequences are of what the actor did. They have no consequences themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from simsync.engine.deciding import Inquiry
from simsync.engine.decision import Decision, Defect, Hit
from simsync.engine.facts import Facts
from simsync.engine.model import Model


@dataclass(frozen=True, slots=True)
class Consequence:
    """A row that decides what a step brings about, and the item that it is about, None where it is about the step."""

    hit: Hit
    about: str | None = None


def consequences(
    model: Model, decisions: Mapping[str, Decision], of_the_step: Facts
) -> tuple[list[Consequence], list[Defect]]:
    """What a step brings about, by the decisions on its items and the facts of the step as a whole."""
    found: list[Consequence] = []
    defects: list[Defect] = []
    for about, facts in _asked_about(model, decisions, of_the_step):
        lookups = model.step_consequences if about is None else model.item_consequences
        inquiry = Inquiry(model, facts)
        for lookup in lookups:
            if lookup.applies(facts):
                inquiry.ask(lookup)
        found += [Consequence(hit, about) for hit in inquiry.hits]
        defects += inquiry.defects
    return found, defects


def _asked_about(
    model: Model, decisions: Mapping[str, Decision], of_the_step: Facts
) -> Iterator[tuple[str | None, Facts]]:
    if model.item_consequences:
        for name, decision in decisions.items():
            yield name, {**decision.facts, **model.tested}
    if model.step_consequences:
        yield None, {**of_the_step, **model.tested}


def name_of(cause: Consequence, taken: Collection[str]) -> str:
    """What an item of the product's own is called: after the row that makes it, and the item that it is about.

    >>> from simsync.policy.policy import Row, Then
    >>> row = Row(id="work-note", table="t", when=(), then=Then(), sources=())
    >>> name_of(Consequence(Hit("t", row, ()), "D1"), ["D1", "work-note-of-D1"])
    'work-note-of-D1-2'
    """
    row = cause.hit.row.id
    name = row if cause.about is None else f"{row}-of-{cause.about}"
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)
