"""Pictures of machines can be read: no line runs over a text, and no text over another or over a state."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import ROOT
from geometry import Box, Layout, Line, faults, layout
from odd import odd_graph
from simsync.app import load_model, run_scenarios_at
from simsync.drawing.dot import graph_dot
from simsync.drawing.extract import graphs, link_transitions
from simsync.drawing.graph import Graph
from simsync.drawing.render import renderer
from simsync.engine.model import Model
from simsync.questions.coverage.coverage import measure
from simsync.questions.coverage.goals import PAINTABLE
from simsync.questions.coverage.usage_overlay import painted_machines

EXAMPLES = sorted(path.parent for path in ROOT.glob("examples/policies/*/machines"))
OTHERS = sorted(path.parent for path in ROOT.glob("tests/policies/*/vocabulary.yaml"))


def unreadable(graph: Graph) -> list[str]:
    command = renderer()
    assert command, "graphviz-pure is among what the tests install"
    return faults(layout(graph_dot(graph), command))


def all_unreadable(model: Model) -> dict[str, list[str]]:
    return {one.name: found for one in (*graphs(model), link_transitions(model)) if (found := unreadable(one))}


@pytest.mark.parametrize("policy", EXAMPLES, ids=lambda path: path.name)
def test_every_label_of_every_example_can_be_read(policy: Path) -> None:
    assert all_unreadable(load_model(policy / "machines")) == {}


def test_every_label_of_the_shipped_policy_can_be_read(model: Model) -> None:
    assert all_unreadable(model) == {}


@pytest.mark.thorough
@pytest.mark.parametrize("policy", OTHERS, ids=lambda path: path.name)
def test_every_label_of_the_other_policies_can_be_read(policy: Path) -> None:
    assert all_unreadable(load_model(policy)) == {}


@pytest.mark.thorough
def test_every_label_can_be_read_however_the_policy_is_read(model: Model) -> None:
    for name, reading in model.policy.readings.items():
        for option in reading.options:
            assert (name, option, all_unreadable(model.under({name: option}))) == (name, option, {})


@pytest.mark.thorough
def test_painted_machines_can_be_read(model: Model) -> None:
    results = run_scenarios_at(str(ROOT / "scenarios" / "lifecycle.yaml"), model)
    painted = painted_machines(measure(model, results, list(PAINTABLE)))
    assert [unreadable(graph) for graph in painted] == [[], []]


def test_odd_names_have_room() -> None:
    assert unreadable(odd_graph()) == []


def test_what_lies_on_what_is_found() -> None:
    state, text = Box(0, 0, 10, 10), Box(20, 0, 30, 10)
    clean = Layout([("e", "go", text), ("s", "state", state)], {"s": state, "e": text}, [Line(("s", "e"), [(10, 5)])])
    assert faults(clean) == []
    crossed = clean._replace(lines=[Line(("x", "y"), [(25, 5)])])
    assert faults(crossed) == ["a line ('x', 'y') runs over 'go' of e", "a line ('x', 'y') runs over e"]
    over = clean._replace(texts=[("e", "go", text), ("f", "stay", Box(29, 5, 40, 9)), ("f", "away", Box(5, 5, 8, 9))])
    assert faults(over) == ["'go' of e is on 'stay' of f", "'stay' of f is on e", "'away' of f is on s"]
    stacked = clean._replace(nodes={"s": state, "t": Box(9, 9, 12, 12)}, texts=[])
    assert faults(stacked) == ["s is on t"]
