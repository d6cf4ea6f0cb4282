"""Graphs as PlantUML state diagrams."""

from __future__ import annotations

from simsync.diagrams.dot import COLOURS, GROUNDS, SIGNS
from simsync.diagrams.graph import Actor, Edge, Graph, Node

_DASHES = {Actor.FIRST: "", Actor.SECOND: ",dashed", Actor.SYSTEM: ",bold"}


def graph_plantuml(graph: Graph) -> str:
    """A graph as PlantUML, with the actors' colours and dashes and a legend."""
    ids = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [f"' simsync {graph.digest}", "@startuml", f"title {_text(graph.title)}", "hide empty description"]
    for number, (group, heading) in enumerate(graph.groups.items()):
        inside = [_node(node, ids) for node in graph.nodes if node.group == group]
        if heading:
            ground = GROUNDS[number % len(GROUNDS)]
            lines += [f'state "{_text(heading)}" as g{number} {ground} {{', *("  " + line for line in inside), "}"]
        else:
            lines += inside
    lines += [f"[*] --> {ids[node.id]}" for node in graph.nodes if node.initial]
    lines += [_edge(edge, ids) for edge in graph.edges]
    lines += [f"{ids[node.id]} --> [*]" for node in graph.nodes if node.final]
    meanings = [
        f"{SIGNS[actor]} <color:{COLOURS[actor]}>{_text(meaning)}</color>" for actor, meaning in graph.actors.items()
    ]
    return "\n".join([*lines, "legend", *meanings, graph.digest, "endlegend", "@enduml"]) + "\n"


def _node(node: Node, ids: dict[str, str]) -> str:
    return f'state "{_text(node.label)}" as {ids[node.id]}'


def _edge(edge: Edge, ids: dict[str, str]) -> str:
    dash = ",dotted" if edge.optional else _DASHES[edge.actor]
    label = "\\n".join(_text(f"{SIGNS[line.actor]} {line.text}") for line in edge.lines)
    return f"{ids[edge.source]} -[{COLOURS[edge.actor]}{dash}]-> {ids[edge.target]} : {label}"


def _text(text: str) -> str:
    """Text that PlantUML shows as it is: what has a meaning in its notation as a Unicode escape."""
    return "".join(c if c.isalnum() or c in " -.,'=()/:;" or ord(c) > 127 else f"<U+{ord(c):04X}>" for c in text)
