"""Races marked in the status machines: at states, and at transitions that are part of one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from simsync.drawing.extract import status_graphs
from simsync.drawing.graph import Edge, Graph, LabelLine
from simsync.drawing.style import RACE
from simsync.engine.model import Model
from simsync.policy.joining import parts_of
from simsync.policy.policy import MachineSpec
from simsync.questions.races.asked import Races
from simsync.questions.races.groups import RaceGroup
from simsync.questions.races.races import RaceKind

MOST_NUMBERS = 6
"""Races that are named at one place; more are counted."""

Numbered = dict[int, RaceGroup]


def marked_machines(races: Races) -> list[Graph]:
    """The status machines with the numbers of races, as they are told; of those whose order matters in itself.

    Those of which one action makes the other possible are not marked: whoever refuses there is right.
    """
    groups = [group for kind in RaceKind for group in races.of(kind)]
    numbered = {n: group for n, group in enumerate(groups, 1) if group.kind is not RaceKind.ENABLING}
    machines = races.model.status_machines
    drawn = zip(status_graphs(races.model), machines, strict=True)
    return [_marked(races.model, graph, machine, numbered) for graph, machine in drawn]


def _marked(model: Model, graph: Graph, machine: MachineSpec, numbered: Numbered) -> Graph:
    at = {n: _states(model, machine, group) for n, group in numbered.items()}
    on_items = {n for n, group in numbered.items() if any(deed.whose for deed in group.deeds)}

    def line(edge: Edge, one: LabelLine) -> LabelLine:
        triggers = {(actor, t.trigger) for t in machine.transitions if t.id == one.ref for actor in t.actors}
        found = [n for n, group in numbered.items() if edge.source in at[n] and triggers & _moves(group)]
        return replace(one, races=_mark(found).replace(" ", "\xa0"))  # which is not wrapped

    return replace(
        graph,
        nodes=tuple(
            replace(node, races=_mark([n for n in sorted(on_items) if node.id in at[n]])) for node in graph.nodes
        ),
        edges=tuple(replace(edge, lines=tuple(line(edge, one) for one in edge.lines)) for edge in graph.edges),
        races=f"{RACE} n: the order matters where both act at once, at a state on items;"
        " simsync races tells of each by its number n",
    )


def _states(model: Model, machine: MachineSpec, group: RaceGroup) -> set[str]:
    """Where in a machine a race is."""
    if not model.policy.machines:
        return set(group.statuses)
    parts = parts_of(model.policy.machines, tuple(model.vocabulary.partners))
    keys = [part.key for part in parts if part.spec.name == machine.name]
    return {model.status_spec.parts(status)[key] for status in group.statuses for key in keys}


def _moves(group: RaceGroup) -> set[tuple[str, str]]:
    """The status actions of a race, with who does them."""
    return {
        (deed.actor, action)
        for deed in group.deeds
        for action in (*deed.before, *(deed.actions if deed.whose is None else ()))
    }


def _mark(numbers: Collection[int]) -> str:
    """The sign with the numbers of races, or with how many there are."""
    if len(numbers) > MOST_NUMBERS:
        return f"{RACE} {len(numbers)} races"
    return " ".join([RACE, *map(str, numbers)]) if numbers else ""
