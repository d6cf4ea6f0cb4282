"""The Python API."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import simsync
from simsync.engine.model import Model
from simsync.engine.world import Entry


def test_a_simulation_goes_on_from_step_to_step(model: Model) -> None:
    simulation = simsync.Simulation(model, "Waiting Acceptance")
    assert simulation.world.status == "Waiting Approval"
    simulation.do("service: create attachment A1", text="plan.pdf", type="file")
    assert simulation.ticket("lead") == {}
    outcome = simulation.do("lead: reject completion")
    assert outcome.links == {"A1": ("held", "linked")}
    assert simulation.ticket("lead")["A1"] == {
        "kind": "attachment",
        "text": "plan.pdf",
        "internal_users_only": True,
        "type": "file",
        "customer_visible": False,
    }
    assert len(simulation.outcomes) == 2


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("create note N1", {}, "an action is written as 'lead: edit N1'"),
        ("laed: create note N1", {}, "did you mean 'lead'?"),
        ("lead: make note N1", {}, "is not an action"),
        ("lead: create note N0", {}, "created already"),
        ("lead: edit N0", {}, "at least one field: text or internal"),
        ("lead: edit N9", {"text": "x"}, "not an item that was created before"),
        ("lead: edit N0", {"txt": "x"}, "'txt' does not belong to 'edit N0'; allowed here: text, internal"),
        ("lead: delete N0", {"text": "x"}, "'delete' takes no fields"),
        ("lead: edit N0", {"internal": "yes"}, "'yes' is not a value of 'internal'"),
        ("lead: edit N0", {"text": True}, "any text"),
        ("lead: create attachment A1", {"type": "link"}, "file link"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(
    model: Model, action: str, fields: dict[str, str | bool], sentence: str
) -> None:
    simulation = simsync.Simulation(model)
    simulation.do("lead: create note N0")
    with pytest.raises(ValueError, match=r".") as error:
        simulation.do(action, **fields)
    assert sentence in str(error.value)
    assert len(simulation.outcomes) == 1


def _noted(simulation: simsync.Simulation) -> simsync.World:
    simulation.do("lead: create note N0")
    return simulation.world


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        ({"actor": "laed", "action": "accept"}, "'laed' is not a partner; did you mean 'lead'?"),
        ({"actor": ["lead"], "action": "accept"}, "is not a partner"),
        ({"actor": "lead", "action": "acept"}, "did you mean 'accept'?"),
        ({"actor": "lead", "action": None}, "'None' is not an action"),
        ({"actor": "lead", "action": "accept", "item": "N0"}, "takes neither an item nor a kind"),
        ({"actor": "lead", "action": "accept", "fields": {"text": "x"}}, "does not belong to 'accept'; 'accept' takes no"),
        ({"actor": "lead", "action": "create", "item": "N1"}, "'create' names the kind of the new item"),
        ({"actor": "lead", "action": "create", "kind": "note"}, "takes the name of one item"),
        ({"actor": "lead", "action": "create", "kind": "notes", "item": "N1"}, "did you mean 'note'?"),
        ({"actor": "lead", "action": "create", "kind": "note", "item": "N0"}, "'N0' was created already"),
        ({"actor": "lead", "action": "create", "kind": "note", "item": "n0"}, "'n0' and 'N0' differ in case only"),
        ({"actor": "lead", "action": "create", "kind": "note", "item": ""}, "needs a name for the new item"),
        ({"actor": "lead", "action": "create", "kind": "note", "item": "N 1"}, "a name has no blanks in it"),
        ({"actor": "lead", "action": "edit", "item": "N 0", "fields": {"text": "x"}}, "takes the name of one item"),
        ({"actor": "lead", "action": "create", "kind": "note", "item": "N1", "fields": {"type": "file"}}, "does not belong"),
        ({"actor": "lead", "action": "edit", "item": "N0", "fields": {"type": "file"}}, "'type' does not belong"),
        ({"actor": "lead", "action": "edit", "item": "N0", "fields": {"internal": "no"}}, "'no' is not a value of 'internal'"),
        ({"actor": "lead", "action": "edit", "item": "N0", "fields": {"text": 5}}, "'5' is not a value of 'text'"),
        ({"actor": "lead", "action": "edit", "item": "N0", "fields": ["text"]}, "fields are a mapping"),
        ({"actor": "lead", "action": "edit", "item": "N0", "kind": "note", "fields": {"text": "x"}}, "names no kind"),
        ({"actor": "lead", "action": "edit", "item": "N0"}, "an edit changes at least one field"),
        ({"actor": "lead", "action": "edit", "item": "N9", "fields": {"text": "x"}}, "did you mean 'N0'?"),
        ({"actor": "lead", "action": "delete", "item": "N9"}, "not an item that was created before"),
    ],
)  # fmt: skip
def test_a_step_takes_no_nonsense(model: Model, event: dict[str, Any], sentence: str) -> None:
    world = _noted(simsync.Simulation(model))
    with pytest.raises(ValueError, match=r".") as error:
        simsync.step(model, world, simsync.Event(**event))
    assert sentence in str(error.value)


def test_a_step_takes_no_world_of_another_policy(model: Model) -> None:
    event = simsync.Event(actor="lead", action="accept")
    item = _noted(simsync.Simulation(model)).items["N0"]
    for world, sentence in (
        (simsync.World("In Progres"), "did you mean 'In Progress'?"),
        (simsync.World("Unsent", {"N1": item}), "'N1' is not 'N0'"),
        (simsync.World("Unsent", {"N0": replace(item, owner="leed")}), "not a partner"),
        (simsync.World("Unsent", {"N0": replace(item, link="lnked")}), "did you mean 'linked'?"),
        (simsync.World("Unsent", {"N0": replace(item, history=frozenset({"once"}))}), "not a memory"),
        (simsync.World("Unsent", {"N0": replace(item, copy=Entry("noot", {}))}), "did you mean 'note'?"),
        (simsync.World("Unsent", {"N0": replace(item, copy=Entry("note", {}))}), "has text, internal, not none"),
        (simsync.World("Unsent", {"N0": replace(item, original=Entry("charge", {"text": True}))}), "any text"),
    ):
        with pytest.raises(ValueError, match=r".") as error:
            simsync.step(model, world, event)
        assert sentence in str(error.value)


def test_a_step_does_what_a_simulation_does(model: Model) -> None:
    simulation = simsync.Simulation(model)
    world = _noted(simulation)
    event = simulation.event("service: edit N0", text="x")
    assert simsync.step(model, world, event) == simulation.do("service: edit N0", text="x")


def test_an_unknown_status_is_told(model: Model) -> None:
    with pytest.raises(ValueError, match="did you mean 'In Progress'"):
        simsync.Simulation(model, "In Progres")


def test_load_scenarios_raises_with_every_problem(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nzzz: 1\n")
    with pytest.raises(simsync.SimsyncError) as error:
        list(simsync.load_scenarios(tmp_path, model=model))
    assert [d.code for d in error.value.diagnostics] == ["missing-key", "unknown-key"]


def test_load_model_raises_for_an_unknown_reading() -> None:
    with pytest.raises(simsync.SimsyncError, match="did you mean 'resume'"):
        simsync.load_model(readings={"resum": "deliver"})


def test_importing_simsync_imports_next_to_nothing() -> None:
    script = "import sys, simsync; print(*sorted({m.split('.')[0] for m in sys.modules} & {'yaml', 'transitions', 'rich', 'click'}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_public_names_are_there() -> None:
    for name in simsync.__all__:
        assert getattr(simsync, name) is not None
    assert set(simsync.__all__) == set(dir(simsync))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        simsync.nothing  # noqa: B018 - looking it up is the test
