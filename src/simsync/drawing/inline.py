"""A rendered diagram made fit to stand inside a page, and how pages look."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from importlib import resources

from simsync.drawing.graph import Edge, Graph, Node

SVG = "http://www.w3.org/2000/svg"
OnNode = Callable[[ET.Element, Node], None]
OnEdge = Callable[[ET.Element, Edge, int], None]


def page_style() -> str:
    """What the style sheets of all pages begin with: colours by day and by night, letters, grounds of pictures."""
    return resources.files("simsync.drawing").joinpath("page.css").read_text(encoding="utf-8")


def inlined(picture: bytes, graph: Graph, on_node: OnNode, on_edge: OnEdge) -> str:
    """The picture without prologue, tooltips and ids; what becomes of nodes and edges is up to whoever asks.

    An edge is told with its number among the graph's.
    """
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(picture)
    root.attrib.pop("height", None)
    points = float(root.attrib.pop("width").removesuffix("pt"))
    root.set("style", f"--natural: {points * 4 / 3:.0f}px")
    root.set("role", "group")
    root.set("aria-label", graph.title)
    _join_edges(root)
    edges = {f"e{number}": (edge, number) for number, edge in enumerate(graph.edges)}
    nodes = {f"n{number}": node for number, node in enumerate(graph.nodes)}
    for group in root.iter(f"{{{SVG}}}g"):
        for title in group.findall(f"{{{SVG}}}title"):
            group.remove(title)
        name = group.attrib.pop("id", "")
        if name in edges:
            on_edge(group, *edges[name])
        elif name in nodes:
            on_node(group, nodes[name])
    return ET.tostring(root, encoding="unicode")


def _join_edges(root: ET.Element) -> None:
    """Make one group of an edge's label and of the lines on either side."""
    groups = {group.get("id", ""): group for group in root.iter(f"{{{SVG}}}g")}
    parents = {child: parent for parent in root.iter() for child in parent}
    for name, first in groups.items():
        edge = name.removesuffix("-from")
        if edge == name:
            continue
        first.set("id", edge)
        for other in (groups[f"{edge}-label"], groups[f"{edge}-to"]):
            first.extend(other)
            parents[other].remove(other)
