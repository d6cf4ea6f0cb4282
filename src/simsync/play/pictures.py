"""The machines as pictures in the page: states and arrows that it can find again, to show the path so far."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from simsync.drawing.dot import DOWN, graph_dot
from simsync.drawing.extract import link_transitions, status_graphs
from simsync.drawing.graph import Edge, Graph, Node
from simsync.drawing.inline import inlined
from simsync.drawing.render import Job, rendered, renderer
from simsync.engine.model import Model
from simsync.policy.policy import ALONE

Drawn = Mapping[str, tuple[Graph, str]]
"""Each machine with its graph and its picture, which is empty where nothing renders."""


def machine_pictures(model: Model) -> dict[str, tuple[Graph, str]]:
    """The status machines and the link's, by their names; none of one that no file declares.

    Raises :class:`RenderError` where the renderer fails.
    """
    specs = [*model.status_machines, model.link_spec]
    graphs = zip(specs, [*status_graphs(model), link_transitions(model)], strict=True)
    declared = {spec.name: graph for spec, graph in graphs if spec.initial != ALONE}
    command = renderer()
    if command is None:
        return {name: (graph, "") for name, graph in declared.items()}
    jobs = [Job(name, graph_dot(graph, way=DOWN), graph.arrows) for name, graph in declared.items()]
    made = rendered(command, jobs, ["svg"])
    return {
        name: (graph, inlined(picture["svg"], graph, _node, _edge))
        for (name, graph), picture in zip(declared.items(), made, strict=True)
    }


def _node(group: ET.Element, node: Node) -> None:
    group.set("data-state", node.id)


def _edge(group: ET.Element, edge: Edge, _number: int) -> None:
    group.set("data-from", edge.source)
    group.set("data-to", edge.target)
    group.set("data-refs", "\n".join(dict.fromkeys(line.ref for line in edge.lines)))
