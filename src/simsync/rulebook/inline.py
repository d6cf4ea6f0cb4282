"""A rendered diagram made fit to stand inside a page: linked, reachable by keyboard, with ids of its own."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping

from simsync.drawing.graph import Edge, Graph, Node, Standing

Stands = Mapping[str | tuple[str, str], Standing]
"""How states, by id, and edges, by source and target, stand to the scenarios."""
MARKS = {Standing.HOLE: " hole", Standing.BEYOND: " beyond"}
SVG = "http://www.w3.org/2000/svg"


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
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(picture)
    root.attrib.pop("height", None)
    points = float(root.attrib.pop("width").removesuffix("pt"))
    root.set("style", f"--natural: {points * 4 / 3:.0f}px")
    root.set("role", "group")
    root.set("aria-label", graph.title)
    edges = {f"e{number}": edge for number, edge in enumerate(graph.edges)}
    nodes = {f"n{number}": node for number, node in enumerate(graph.nodes)}
    labels = {node.id: node.label for node in graph.nodes}
    for group in root.iter(f"{{{SVG}}}g"):
        for title in group.findall(f"{{{SVG}}}title"):
            group.remove(title)
        name = group.attrib.pop("id", "")
        if name in edges:
            group.set("id", anchor(int(name[1:])))
            edge = edges[name]
            _edge(group, edge, labels, edge_refs(edge))
            _mark(group, stands.get((edge.source, edge.target)))
        elif name in nodes:
            _node(group, node_href(nodes[name]))
            _mark(group, stands.get(nodes[name].id))
    return ET.tostring(root, encoding="unicode")


def _edge(group: ET.Element, edge: Edge, labels: dict[str, str], refs: str) -> None:
    said = "; ".join(line.text for line in edge.lines)
    group.set("data-refs", refs)
    group.set("data-title", f"{labels[edge.source]} \u2192 {labels[edge.target]}")
    group.set("tabindex", "0")
    group.set("role", "button")
    group.set("aria-label", f"from {labels[edge.source]} to {labels[edge.target]}: {said}")
    for path in list(group.findall(f"{{{SVG}}}path")):  # a wider one that the pointer finds
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
