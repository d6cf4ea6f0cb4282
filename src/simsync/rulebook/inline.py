"""A rendered diagram inside the page: linked, reachable by keyboard, with ids of its own."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping

from simsync.drawing.graph import Edge, Graph, Node, Standing
from simsync.drawing.inline import SVG, inlined

Stands = Mapping[str | tuple[str, str], Standing]
"""How states, by id, and edges, by source and target, stand to the scenarios."""
MARKS = {Standing.HOLE: " hole", Standing.BEYOND: " beyond"}


def inline_svg(
    picture: bytes,
    graph: Graph,
    node_href: Callable[[Node], str],
    edge_refs: Callable[[Edge], str],
    anchor: Callable[[int], str],
    stands: Stands,
) -> str:
    """The picture without prologue and tooltips; each edge can take the focus and names what it stands for.

    What no scenario uses is of a class of its own.

    ``edge_refs`` gives the anchors of an edge's rows, with blanks between them; ``anchor`` an edge's own, by number.
    """
    labels = {node.id: node.label for node in graph.nodes}

    def on_node(group: ET.Element, node: Node) -> None:
        _node(group, node_href(node))
        _mark(group, stands.get(node.id))

    def on_edge(group: ET.Element, edge: Edge, number: int) -> None:
        group.set("id", anchor(number))
        _edge(group, edge, labels, edge_refs(edge))
        _mark(group, stands.get((edge.source, edge.target)))

    return inlined(picture, graph, on_node, on_edge)


def _edge(group: ET.Element, edge: Edge, labels: dict[str, str], refs: str) -> None:
    said = "; ".join(line.text for line in edge.lines)
    group.set("data-refs", refs)
    group.set("data-title", f"{labels[edge.source]} \u2192 {labels[edge.target]}")
    group.set("tabindex", "0")
    group.set("role", "button")
    group.set("aria-label", f"from {labels[edge.source]} to {labels[edge.target]}: {said}")
    lines = [path for path in group.findall(f"{{{SVG}}}path") if path.get("fill") == "none"]
    for path in lines:  # a wider one that the pointer finds
        near = ET.Element(f"{{{SVG}}}path", {"d": path.get("d", ""), "class": "near"})
        group.insert(0, near)


def _mark(group: ET.Element, standing: Standing | None) -> None:
    """What is not used in its looks; of an edge, which is read out, in words too."""
    if standing in MARKS:
        group.set("class", group.get("class", "") + MARKS[standing])
        for said in ("data-title", "aria-label"):
            if said in group.attrib:
                group.set(said, f"{group.get(said)} ({standing})")


def _node(group: ET.Element, href: str) -> None:
    """A state as a link to where it is described."""
    if not href:
        return
    link = ET.Element(f"{{{SVG}}}a", {"href": href})
    for child in list(group):
        group.remove(child)
        link.append(child)
    group.append(link)
