"""Races marked in pictures of the status machines: where they are, by the numbers that `races` gives them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import ROOT, Run
from geometry import faults, layout
from simsync.app import load_model
from simsync.drawing.dot import graph_dot
from simsync.drawing.graph import Graph
from simsync.drawing.render import renderer
from simsync.engine.model import Model
from simsync.questions.races.asked import races_of
from simsync.questions.races.diagram_marks import marked_machines

MINIMAL = ROOT / "examples" / "policies" / "minimal" / "machines"


def marks(graph: Graph) -> dict[str, str]:
    """What stands at each state, and at each transition by its source and what it says."""
    found = {node.id: node.races for node in graph.nodes}
    found |= {f"{edge.source} {line.text}": line.races for edge in graph.edges for line in edge.lines}
    return {place: mark.replace("\xa0", " ") for place, mark in found.items() if mark}


def unreadable(graph: Graph) -> list[str]:
    command = renderer()
    assert command
    return faults(layout(graph_dot(graph), command))


def test_a_state_has_the_races_of_items_there() -> None:
    (graph,) = marked_machines(races_of(load_model(MINIMAL)))
    assert marks(graph) == {"Open": "\u2260 1 2"}
    assert unreadable(graph) == []


@pytest.mark.thorough
def test_a_transition_has_the_races_that_it_is_part_of(model: Model) -> None:
    (graph,) = marked_machines(races_of(model))
    found = marks(graph)
    assert found["Assigned lead: cancel"] == "\u2260 1 2"
    assert found["Accepted service: start"] == "\u2260 11"
    assert found["In Progress"] == "\u2260 4 5 7 8 12 13"
    assert not {"Unsent", "Complete"} & found.keys()
    assert unreadable(graph) == []


@pytest.mark.thorough
def test_of_several_machines_each_has_its_part_and_many_races_are_counted() -> None:
    graphs = marked_machines(races_of(load_model(ROOT / "examples/policies/zendesk/machines")))
    found = {graph.name: marks(graph) for graph in graphs}
    assert re.fullmatch(r"\u2260 \d+ races", found["sharing"]["Shared"])
    assert [unreadable(graph) for graph in graphs] == [[]] * len(graphs)


def test_diagrams_are_marked_where_that_is_asked_for_and_checked_as_they_are(cli: Run, tmp_path: Path) -> None:
    plain, raced = (["--machines", MINIMAL, "--out", tmp_path / name] for name in ("plain", "raced"))
    assert cli("diagrams", *plain)[0] == 0
    assert cli("diagrams", "--races", *raced)[0] == 0
    assert cli("diagrams", "--check", *plain)[1] == cli("diagrams", "--check", *raced)[1]
    drawn = {path.name: path.read_bytes() for path in (tmp_path / "raced").iterdir()}
    apart = {path.name for path in (tmp_path / "plain").iterdir() if path.read_bytes() != drawn[path.name]}
    assert apart == {f"status.{ending}" for ending in ("dot", "mmd", "puml", "svg", "png")}
    assert cli("diagrams", "--races", *raced)[0] == 0
    assert {path.name: path.read_bytes() for path in (tmp_path / "raced").iterdir()} == drawn
    code, out, _ = cli("diagrams", "--check", "--races", *plain)
    assert code == 1
    assert out.startswith(f"changed: {tmp_path}/plain/status (.dot, .mmd, .puml, .svg, .png)\n")
    said = [(tmp_path / "raced" / f"status.{ending}").read_text() for ending in ("svg", "mmd", "puml")]
    assert all("simsync races tells of each by its number n" in text for text in said)
