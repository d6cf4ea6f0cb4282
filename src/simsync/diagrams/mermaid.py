"""Graphs as Mermaid state diagrams."""

from __future__ import annotations

from simsync.diagrams.dot import COLOURS, GROUNDS, SIGNS
from simsync.diagrams.graph import Graph, Node


def graph_mermaid(graph: Graph) -> str:
    """A graph in the notation of `stateDiagram-v2`."""
    ids = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = [f"%% simsync {graph.digest}", "stateDiagram-v2", "  direction TB"]
    for number, (group, heading) in enumerate(graph.groups.items()):
        inside = [_node(node, ids) for node in graph.nodes if node.group == group]
        if heading:
            ground = GROUNDS[number % len(GROUNDS)]
            lines += [f'  state "{_text(heading)}" as g{number} {{', *("  " + line for line in inside), "  }"]
            lines += [f"  style g{number} fill:{ground},stroke:#94a3b8"]
        else:
            lines += inside
    lines += [f"  [*] --> {ids[node.id]}" for node in graph.nodes if node.initial]
    for edge in graph.edges:
        label = "<br/>".join(_text(f"{SIGNS[line.actor]} {line.text}") for line in edge.lines)
        lines.append(f"  {ids[edge.source]} --> {ids[edge.target]} : {label}")
    lines += [f"  {ids[node.id]} --> [*]" for node in graph.nodes if node.final]
    meanings = "; ".join(f"{SIGNS[actor]} {meaning} ({COLOURS[actor]})" for actor, meaning in graph.actors.items())
    return "\n".join([*lines, f"  %% {meanings}"]) + "\n"


def _node(node: Node, ids: dict[str, str]) -> str:
    return f'  state "{_text(node.label)}" as {ids[node.id]}'


def _text(text: str) -> str:
    """Text that Mermaid shows as it is: what has a meaning in its notation as a numbered entity."""
    return "".join(c if c.isalnum() or c in " -_.,'=()/" or ord(c) > 127 else f"#{ord(c)};" for c in text)
