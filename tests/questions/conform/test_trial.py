"""A scenario, tried on a system."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from conftest import ROOT
from desk import Desk
from simsync import load_model
from simsync.engine.model import Model
from simsync.questions.conform.campaign.trial import Trial, try_scenario
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.sut import System
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import Scenario

NOTE = """\
scenario: A note
steps:
  - service: create note N1
    text: Disk replaced
  - lead: edit N1
    internal: false
  - service: insource complete
"""
ATELIER = ROOT / "tests" / "policies" / "atelier"


def tried(model: Model, desk: Desk, scenario: Scenario) -> Trial:
    system = System(partial(PythonConnection, lambda: desk), model)
    try:
        return try_scenario(system, model, scenario)
    finally:
        system.close()


@pytest.fixture(scope="module")
def note(loader: ScenarioLoader) -> Scenario:
    (scenario,) = loader.load_bytes(NOTE.encode(), "note.yaml").scenarios
    return scenario


class Changed(Desk):
    """A desk that shows something else than it should."""

    def __init__(self, change: Any, **options: Any) -> None:
        super().__init__(**options)
        self.change = change

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        self.change(shown)
        return shown


def without_kind(shown: dict[str, Any]) -> None:
    for view in shown["tickets"]["service"].values():
        del view["kind"]


def one_more(shown: dict[str, Any]) -> None:
    if shown["tickets"]["lead"]:
        shown["tickets"]["lead"]["N9"] = {"kind": "note", "text": "?"}


def another_text(shown: dict[str, Any]) -> None:
    for view in shown["tickets"]["lead"].values():
        view["text"] = "Disk repaired"


def told_twice(shown: dict[str, Any]) -> None:
    shown["notified"] *= 2


def another_status(shown: dict[str, Any]) -> None:
    if shown["status"] == "Waiting Approval":
        shown["status"] = "Complete"


@pytest.mark.parametrize(
    ("change", "line", "differences"),
    [
        (without_kind, 3, [("service.N1.kind", "note", "not shown")]),
        (one_more, 3, [("lead.N9", "absent", {"kind": "note", "text": "?"})]),
        (another_text, 3, [("lead.N1.text", "Disk replaced", "Disk repaired")]),
        (told_twice, 7, [("notified", ["primary contact"], ["primary contact"] * 2)]),
        (another_status, 7, [("status", "Waiting Approval", "Complete")]),
    ],
)
def test_each_difference_is_named_where_it_first_shows(
    model: Model, note: Scenario, change: Any, line: int, differences: list[tuple[str, object, object]]
) -> None:
    result = tried(model, Changed(change), note).diverged
    assert result is not None
    assert not result.passed
    *before, last = result.steps
    assert not any(one.failures for one in before)
    assert [(f.line, f.at, f.expected, f.actual) for f in last.failures] == [(line, *one) for one in differences]


def test_refusals_differ_in_both_directions(model: Model, note: Scenario) -> None:
    trial = tried(model, Desk(model.under({"lead_copies": "read_only"})), note)
    refusing = trial.diverged
    assert refusing is not None
    assert trial.rules[0].id == "lead-may-edit-copy"
    found = {failure.at: failure for failure in refusing.steps[-1].failures}
    assert found["refused"].expected is None
    assert found["refused"].actual
    strict = model.under({"lead_copies": "read_only"})
    allowing = tried(strict, Desk(model), note).diverged
    assert allowing is not None
    found = {failure.at: failure for failure in allowing.steps[-1].failures}
    assert found["refused"].expected
    assert found["refused"].actual is None


def test_what_a_system_cannot_do_is_not_tried(model: Model, note: Scenario) -> None:
    trial = tried(model, Desk(can=["reset_to_status", "create", "insource complete"]), note)
    assert trial.untried is not None
    assert trial.untried.startswith("the system says that it cannot edit")
    assert tried(model, Desk(), replace(note, readings={"resume": "discard"})).untried is not None
    assert tried(model, Desk(), replace(note, readings={"resume": "deliver"})) == Trial()


def test_a_system_is_driven_to_where_a_scenario_begins(model: Model, note: Scenario) -> None:
    assert tried(model, Desk(can=[]), note) == Trial()
    assert tried(model, Desk(can=[]), replace(note, status="Nowhere")).untried is not None
    diverged = tried(model, Changed(another_text, can=[]), note).diverged
    assert diverged is not None
    assert [one.outcome.event.action for one in diverged.steps] == ["outsource", "accept", "start", "create"]
    on_the_way = tried(model, Changed(told_twice, can=[]), note).diverged
    assert on_the_way is not None
    assert [failure.line for failure in on_the_way.steps[-1].failures] == [note.line]


def test_another_policy_is_tried_alike() -> None:
    model = load_model(ATELIER)
    loaded = list(ScenarioLoader(model.factory).load([str(ATELIER.parent / "atelier_scenarios")]))
    scenarios = [scenario for file in loaded for scenario in file.scenarios]
    assert scenarios
    for scenario in scenarios:
        trial = tried(model.under(scenario.readings), Desk(model.under(scenario.readings)), scenario)
        assert trial == Trial(), scenario.name


def test_a_system_that_breaks_down_is_a_fault(model: Model, note: Scenario) -> None:
    def broken(shown: dict[str, Any]) -> None:
        raise RuntimeError("no disk")

    faulty = tried(model, Changed(broken), note).faulty
    assert faulty is not None
    assert faulty.fault is not None
    assert "RuntimeError: no disk" in faulty.fault.message
    assert faulty.fault.trace[-1] == ('{"op": "observe"}', None)

    class Mute(Desk):
        def hello(self, protocol: int) -> Any:
            return None

    mute = tried(model, Mute(), note).faulty
    assert mute is not None
    assert mute.fault is not None
    assert mute.fault.trace


def test_an_object_is_asked_where_it_is_and_may_say_nothing(model: Model, note: Scenario) -> None:
    class Silent(Desk):
        def reset(self, status: str) -> Any:
            super().reset(status)

        def settle(self) -> Any:
            self.thread = threading.get_ident()

    desk = Silent(model)
    assert try_scenario(by_object(desk, model), model, note) == Trial()
    assert desk.thread == threading.get_ident()

    class Raising(Desk):
        def observe(self) -> Any:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        try_scenario(by_object(Raising(model), model), model, note)
