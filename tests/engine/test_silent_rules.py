"""Rules that say what nobody meant, and reports of steps that say what did not happen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.simulation import Simulation
from simsync.questions.check.findings import FINDING_KINDS, Severity
from simsync.questions.check.suspicious_rules import misread
from simsync.report.step_summary import Signal, StepSummarizer
from simsync.scenarios.scenario import Step
from simsync.scenarios.simulate import StepResult

ATELIER = ROOT / "tests" / "policies" / "atelier"


def changed(folder: Path, *changes: tuple[str, str, str]) -> Model:
    """The atelier's rules with some texts exchanged: file, old, new."""
    shutil.copytree(ATELIER, folder / "machines")
    for file, old, new in changes:
        path = folder / "machines" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")
    return load_model(folder / "machines")


def signals(model: Model, *actions: str, status: str | None = None) -> list[tuple[Signal, bool]]:
    """What is drawn for each action, and whether it counts as synced; a field is given behind the action."""
    simulation, accountant = Simulation(model, status), StepSummarizer(model, ".")
    found = []
    for action in actions:
        words, _, text = action.partition(" = ")
        outcome = simulation.do(words, **({"words": text} if text else {}))
        summary = accountant.summary(StepResult(Step(outcome.event, 1, ()), outcome, ()))
        found.append((summary.signal, outcome.synced))
    return found


def test_a_row_that_asks_for_the_owners_value_is_told(tmp_path: Path) -> None:
    model = changed(
        tmp_path, ("sync_rules.yaml", "by: other, link: mirrored}", "by: other, link: mirrored, private: true}")
    )
    (finding,) = misread(model.policy)
    assert (finding.code, finding.rows, str(finding.where).rpartition("/")[2]) == (
        "owners-value",
        ("cuts",),
        "sync_rules.yaml:27:5",
    )
    assert "'private: true' asks about the value that the owner's item has" in finding.message
    assert FINDING_KINDS[finding.code].severity is Severity.WARNING


def test_a_phase_that_takes_a_ticket_away_is_told(tmp_path: Path) -> None:
    model = changed(tmp_path, ("outsource_status.yaml", "over: {tickets: [shop, atelier]", "over: {tickets: [shop]"))
    (finding,) = misread(model.policy)
    assert (finding.code, str(finding.where).rpartition("/")[2]) == ("ticket-taken-away", "outsource_status.yaml:10:5")
    assert "from phase 'live' to 'over', in which the atelier partner has no ticket any more" in finding.message


@pytest.mark.parametrize("machines", [ATELIER, ROOT / "machines"])
def test_rules_that_mean_what_they_say_are_not_told(machines: Path) -> None:
    assert list(misread(load_model(machines).policy)) == []


def test_an_arrow_is_drawn_where_something_crossed_over() -> None:
    assert signals(
        load_model(ATELIER),
        "shop: create draft N1 = a",
        "shop: edit N1 = b",
        "shop: edit N1 = b",
        "atelier: create draft N2 = a",
        "atelier: edit N1 = c",
    ) == [
        (Signal.TO_SECOND, True),
        (Signal.TO_SECOND, True),
        (Signal.TO_SECOND, True),  # it was delivered, though nobody can see that
        (Signal.TO_FIRST, True),
        (Signal.CUT, False),
    ]


def test_only_a_link_by_which_there_was_a_copy_is_cut(model: Model) -> None:
    given = (
        "lead: create note N1",
        "service: delete N1",
        "service: insource complete",
        "service: create note N2",
    )
    assert [signal for signal, _ in signals(model, *given, "service: delete N2")] == [
        Signal.TO_SECOND,
        Signal.CUT,
        Signal.NOTHING,
        Signal.NOTHING,
        Signal.NOTHING,
    ]


def test_an_arrow_of_a_revert_points_to_who_is_overruled(tmp_path: Path) -> None:
    reverted = "change: [edit, delete], by: other, link: mirrored}, then: {effect: deliver}"
    old = "change: [edit, delete], by: other, link: mirrored}, then: {effect: none, link: cut}"
    model = changed(tmp_path, ("sync_rules.yaml", old, reverted))
    assert signals(model, "shop: create draft N1 = a", "atelier: edit N1 = b") == [
        (Signal.TO_SECOND, True),
        (Signal.TO_SECOND, True),
    ]
    assert signals(model, "atelier: create draft N1 = a", "shop: edit N1 = b")[1] == (Signal.TO_FIRST, True)


def test_a_resume_that_brings_nothing_new_draws_no_arrow(model: Model) -> None:
    simulation, accountant = Simulation(model), StepSummarizer(model, ".")
    for action, fields in (
        ("lead: create note N1", {"text": "a"}),
        ("service: insource complete", {}),
        ("lead: edit N1", {"text": "a"}),
    ):
        simulation.do(action, **fields)
    outcome = simulation.do("lead: reject completion")
    summary = accountant.summary(StepResult(Step(outcome.event, 1, ()), outcome, ()))
    assert (outcome.synced, summary.signal) == (True, Signal.NOTHING)


def test_a_refusal_names_only_statuses_that_decide_it(tmp_path: Path) -> None:
    refuses = "{id: may-draw, when: {change: create, phase: live}, then: {allow: true}, sources: [A1]}"
    over = "  - {id: closed, when: {change: create, phase: over}, then: {refuse: it is closed}, sources: [A1]}"
    twice = "  - {id: twice, when: {change: create, phase: live}, then: {allow: true}, sources: [A1]}"
    old = "{id: may-draw, when: {change: create}, then: {allow: true}, sources: [A1]}"
    once = changed(tmp_path / "once", ("sync_rules.yaml", old, f"{refuses}\n{over}"))
    both = changed(tmp_path / "both", ("sync_rules.yaml", old, f"{refuses}\n{over}\n{twice}"))
    told = [Simulation(one, "Closed").do("shop: create draft N1").refused for one in (once, both)]
    assert told == [
        "it is closed; the status is Closed, and this would be allowed in Open",
        "it is closed; the status is Closed",
    ]


def test_the_end_of_a_refusal_has_to_do_with_it(model: Model) -> None:
    simulation = Simulation(model.under({"lead_copies": "read_only"}))
    simulation.do("service: create note N1", text="a")
    simulation.do("lead: create note N2", text="b")
    refused = simulation.do("lead: edit N1", text="c").refused
    assert refused is not None
    assert "it shows" not in refused
    simulation.do("lead: delete N1")
    assert str(simulation.do("lead: edit N1", text="d").refused).endswith("; it shows N2")
    early = Simulation(model, "Unsent")
    early.do("lead: create note N1")
    assert "it shows" not in str(early.do("service: edit N1", text="x").refused)
