"""The hypothesis state machine made from a model."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from conftest import ROOT
from desk import Desk
from sampling import few
from simsync import load_model, run_scenario
from simsync.engine.model import Model
from simsync.questions.conform.systems.protocol import SystemFault
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.sut import System
from simsync.scenarios.loading import ScenarioLoader
from simsync.state_machine import Diverged, state_machine

QUICK = settings(
    max_examples=50,
    stateful_step_count=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
)
ATELIER = ROOT / "tests" / "policies" / "atelier"


def run(machine: type[RuleBasedStateMachine], how: settings = QUICK) -> None:
    run_state_machine_as_test(machine, settings=how)


@pytest.mark.parametrize("can", few([["reset_to_status"], []], 2), ids=["reset", "driven"])
@pytest.mark.parametrize("machines", few([ATELIER, ROOT / "machines"], 2), ids=lambda path: path.name)
def test_a_system_that_follows_the_rules_passes(machines: str, can: list[str]) -> None:
    model = load_model(machines)
    desks: list[Desk] = []

    def desk() -> Desk:
        desks.append(Desk(model, can=can))
        return desks[-1]

    run(state_machine(model, desk))
    assert len(desks) > 10
    fired = {outcome.rules[0] for desk in desks for outcome in desk.done if outcome.rules}
    assert len(fired) > 5  # the walks come around


@pytest.mark.parametrize(
    ("machines", "readings"),
    few(
        [
            (ATELIER, {"quotes": "kept"}),
            (ROOT / "machines", {"resume": "discard"}),
            (ROOT / "machines", {"charges": "unsynced"}),
            (ROOT / "machines", {"emails_on_sync": "yes"}),
        ],
        4,
    ),
    ids=str,
)
def test_a_system_that_does_otherwise_is_found_by_a_short_scenario(machines: str, readings: dict[str, str]) -> None:
    model = load_model(machines)
    other = model.under(readings)
    with pytest.raises(Diverged) as caught:
        run(state_machine(model, lambda: Desk(other)), settings(QUICK, max_examples=1000))
    told = str(caught.value)
    assert "is not what the rules say, which is drawn and expected." in told
    assert all(f"{partner}'s ticket" in told for partner in model.vocabulary.partners)
    text = told.partition("As a scenario file:\n\n")[2]
    (scenario,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "found.yaml").scenarios
    assert len(scenario.steps) <= 6
    mine, theirs = (run_scenario(one, scenario).steps[-1].outcome for one in (model, other))
    assert (mine.after, mine.refused, mine.notified) != (theirs.after, theirs.refused, theirs.notified)


@pytest.mark.thorough
def test_one_system_can_serve_all_examples(model: Model) -> None:
    made: list[Desk] = []

    def desk() -> Desk:
        made.append(Desk(model))
        return made[-1]

    system = System(partial(PythonConnection, desk), model)
    run(state_machine(model, system))
    assert len(made) == 1
    assert system.begin(model.status_spec.begin).status == model.status_spec.begin
    system.close()


@pytest.mark.thorough
def test_what_a_system_cannot_do_is_left_out(model: Model) -> None:
    done: set[str] = set()

    class Poor(Desk):
        def act(self, actor: str, action: str, *rest: Any, **request: Any) -> dict[str, Any]:
            done.add(action)
            return super().act(actor, action, *rest, **request)

    poor = state_machine(model, lambda: Poor(model, can=["reset_to_status", "create", "cancel"]))
    run(poor, settings(QUICK, max_examples=300))
    assert done == {"create", "cancel"}


def test_a_system_that_breaks_down_is_told_as_that(model: Model) -> None:
    class Broken(Desk):
        def settle(self) -> dict[str, Any]:
            raise RuntimeError("no disk")

    with pytest.raises(RuntimeError, match="no disk"):
        run(state_machine(model, lambda: Broken(model)))
    with pytest.raises(SystemFault, match="RuntimeError: no disk"):
        run(state_machine(model, System(partial(PythonConnection, lambda: Broken(model)), model)))
