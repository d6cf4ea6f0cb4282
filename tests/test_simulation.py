"""The Python API."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import simsync
from simsync.core.model import Model


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


def test_an_unknown_status_is_told(model: Model) -> None:
    with pytest.raises(ValueError, match="did you mean 'In Progress'"):
        simsync.Simulation(model, "In Progres")


def test_load_scenarios_raises_with_every_problem(model: Model, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nstep: 1\n")
    with pytest.raises(simsync.SimsyncError) as error:
        list(simsync.load_scenarios(tmp_path, model=model))
    assert [d.code for d in error.value.diagnostics] == ["unknown-key", "missing-key"]


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
