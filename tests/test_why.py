"""Explanations: the changes that are said to turn a verdict do turn it, and no smaller ones would."""

from __future__ import annotations

import itertools

import pytest

import simsync
from conftest import ROOT, Run
from simsync.engine.model import Model
from simsync.questions.why.why import Verdict, explain
from simsync.scenarios.simulate import run_scenario


@pytest.mark.thorough
def test_every_step_of_the_shipped_scenarios_can_be_explained(model: Model) -> None:
    flipped = 0
    for scenario in itertools.islice(simsync.load_scenarios(ROOT / "scenarios", model=model), 0, None, 3):
        result = run_scenario(model, scenario)
        for step in result.steps:
            explanation = explain(model.under(result.readings), step.outcome.before, step.outcome.event)
            assert (explanation.verdict is Verdict.REFUSED) == (step.outcome.refused is not None)
            sizes = {len(flip.changes) for flip in explanation.flips}
            assert len(sizes) <= 1
            for flip in explanation.flips:
                assert flip.becomes is not explanation.verdict
                assert all(change.now != change.then for change in flip.changes)
            flipped += bool(explanation.flips)
    assert flipped > 100


Steps = list[tuple[str, dict[str, str | bool]]]


def changes(model: Model, before: Steps, status: str, action: str) -> set[str]:
    simulation = simsync.Simulation(model, status)
    for one, fields in before:
        simulation.do(one, **fields)
    tried = simulation.event(action, **({"text": "x"} if ": edit" in action else {}))
    explanation = explain(model, simulation.world, tried)
    return {
        " + ".join(f"{c.fact}={c.then}" for c in flip.changes) + f" -> {flip.becomes}" for flip in explanation.flips
    }


def test_the_nearest_changes(model: Model) -> None:
    note: Steps = [("service: create note N1", {"text": "a"})]
    severed: Steps = [*note, ("lead: edit N1", {"text": "b"})]
    assert "link=linked -> synced" in changes(model, severed, "In Progress", "service: edit N1")
    assert "by=owner -> synced" in changes(model, note, "In Progress", "lead: edit N1")
    private: Steps = [("lead: create note N1", {"internal": True})]
    assert {"internal=False -> synced", "kind=charge -> synced"} <= changes(
        model, private, "In Progress", "lead: edit N1"
    )
    assert "phase=active -> not synced" not in changes(model, [], "Complete", "lead: create note N1")
    assert "phase=active -> synced" in changes(model, [], "Complete", "lead: create note N1")
    assert changes(model, [], "Accepted", "service: insource complete") == {
        "status=In Progress -> done",
        "submit_from_accepted=yes -> done",
    }
    assert changes(model, [], "In Progress", "lead: accept") == {"status=Assigned + actor=service -> done"}


def test_why_finds_the_step_or_tries_the_action_out(cli: Run) -> None:
    place = ROOT / "scenarios" / "severing.yaml"
    code, out, _ = cli("why", "lead: edit N1", "--scenario", place)
    assert code == 0
    assert 'lead: edit N1  text: "Disk and cable replaced"' in out
    assert "verdict not synced" in out
    assert "by: owner (instead of other)" in out
    assert "lead_copies=editable (or read_only)" in out
    _, out, _ = cli("why", "service: edit N1", "--scenario", f"{place}:9")
    assert 'text: "another text"' in out
    assert "verdict synced" in out
    _, out, _ = cli("why", "lead: accept", "--scenario", f"{place}:3")
    assert "verdict refused" in out
    assert "none takes this action from In Progress" in out
    assert "status: Assigned (instead of In Progress) and actor: service (instead of lead)" in out
    _, out, _ = cli("why", "lead: create note N1", "--set", "text=true", "--set", "internal=true")
    assert 'text: "true", internal: true' in out
    _, out, _ = cli("why", "lead: complete")
    assert "lead-completes  (machine 'outsource status')" in out


def test_why_in_json(cli: Run) -> None:
    import json

    code, out, _ = cli("why", "lead: edit N1", "--scenario", ROOT / "scenarios" / "severing.yaml", "--format", "json")
    assert code == 0
    told = json.loads(out)
    assert told["verdict"] == "not synced"
    assert told["rules"][0]["id"] == "other-edit"
    assert {"fact": "link", "actual": "linked", "allowed": ["linked", "held"]} in told["rules"][0]["conditions"]
    assert {"changes": [{"fact": "by", "from": "other", "to": "owner"}], "becomes": "synced"} in told["flips"]


def test_what_cannot_be_explained_is_told(cli: Run) -> None:
    for arguments, sentence in [
        (["lead edit N1"], "an action is written as 'lead: edit N1'"),
        (["lead: edit N1"], "not an item that was created"),
        (["lead: create note N1", "--set", "internal"], "not of the form field=value"),
        (["lead: create note N1", "--set", "internal=maybe"], "'maybe' is not a value of 'internal'"),
        (["lead: complete", "--scenario", "none.yaml"], "not-found"),
        (["lead: complete", "--scenario", "none.yaml:3"], "not-found"),
    ]:
        code, _, err = cli("why", *arguments)
        assert code == 2, arguments
        assert sentence in err
