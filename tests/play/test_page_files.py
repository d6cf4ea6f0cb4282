"""What the page saves is what simsync would write, and what it says is different is what `why` says."""

from __future__ import annotations

from pathlib import Path

import pytest

from page_walks import POLICIES, Walker, as_data, explained, in_node
from sampling import few
from simsync.app import load_model, load_scenarios
from simsync.engine.overlap import OverlappingTrace
from simsync.engine.trace import Trace
from simsync.play.links import fragment
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import document_of, expecting


@pytest.mark.parametrize("name", POLICIES)
def test_what_it_saves_is_a_scenario_that_passes_and_comes_back(name: str, tmp_path: Path) -> None:
    model = load_model(POLICIES[name])
    walker = Walker(model.factory, 5)
    traces = [walker.walk(12) for _ in range(3)]
    for trace, told in zip(traces, in_node(model.factory, traces, saved=True), strict=True):
        saved = told["saved"]
        (tmp_path / "s.yaml").write_text(saved["text"], encoding="utf-8")
        (scenario,) = load_scenarios(tmp_path / "s.yaml", model=model)
        assert scenario.trace == trace
        assert document_of(scenario) == document_of_walk(trace, name)
        assert run_scenario(model, scenario).passed
        events = [as_data(event) for event in trace.events]
        assert saved["read"] == saved["opened"] == [trace.status, dict(trace.readings), events]
        rounds = tuple((event,) for event in trace.events)
        assert saved["link"] == fragment(OverlappingTrace(status=trace.status, readings=trace.readings, rounds=rounds))


def document_of_walk(trace: Trace, name: str) -> object:
    return expecting(load_model(POLICIES[name]), trace, "A walk")


@pytest.mark.parametrize("name", few(POLICIES, 5))
def test_what_would_have_to_be_different_is_what_why_says(name: str) -> None:
    model = load_model(POLICIES[name])
    walker = Walker(model.factory, 6)
    traces = [walker.walk(8) for _ in range(2)]
    for trace, told in zip(traces, in_node(model.factory, traces, explained=2), strict=True):
        assert told["flips"] == explained(model.under(trace.readings), trace)
