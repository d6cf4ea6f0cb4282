"""What each reading changes, in the shortest scenario that shows it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.analysis.compare import first_difference, seen
from simsync.analysis.life import Life
from simsync.app import load_model
from simsync.core.model import Model
from simsync.core.step import step
from simsync.loading.scenarios import ScenarioLoader
from simsync.model.world import World
from simsync.reporting.differences import run
from simsync.reporting.findings import as_yaml, scenario_of

BASE = load_model(ROOT / "machines")
OPTIONS = [
    (reading.name, option) for reading in BASE.policy.readings.values() for option in reading.options
    if option != reading.default
]  # fmt: skip


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_has_a_consequence_that_can_be_seen(name: str, option: str) -> None:
    other = BASE.under({name: option})
    difference = first_difference(BASE, other)
    assert difference is not None
    assert len(difference.events) <= 3
    left, right = run(BASE, difference), run(other, difference)
    assert [seen(a) == seen(b) for a, b in zip(left, right, strict=True)] == [True] * (len(left) - 1) + [False]
    assert not any(outcome.defects for outcome in (*left, *right))
    text = as_yaml(scenario_of("x", difference.status, {}, difference.events))
    (scenario,) = ScenarioLoader(BASE.workshop).load_bytes(text.encode(), "x.yaml").scenarios
    assert [one.event for one in scenario.steps] == list(difference.events)


def test_a_model_does_not_differ_from_itself(model: Model) -> None:
    assert first_difference(model, load_model(ROOT / "machines")) is None


def test_the_places_of_a_life_are_all_that_random_walks_come_to(model: Model) -> None:
    """A walk over the reference engine with real texts, one item, never sees what the walk over shapes did not."""
    life = Life(model)
    seen_states = {
        (visit.outcome.after.status, item.link, item.copy is not None, item.present, item.history)
        for visit in life.walk()
        for item in visit.outcome.after.items.values()
    }
    from simsync.analysis.life import Sketch, with_texts

    sketch, chance = Sketch(model), random.Random(1)
    for _ in range(300):
        world = World(chance.choice(list(model.status_spec.states)))
        for number in range(25):
            (event,) = with_texts(model, [chance.choice(list(sketch.events(sketch.place(world).shape)))])
            if "text" in event.fields:
                event = type(event)(
                    actor=event.actor, action=event.action, item=event.item, kind=event.kind,
                    fields={**event.fields, "text": f"{number}"},
                )  # fmt: skip
            outcome = step(model, world, event)
            assert not outcome.defects
            world = outcome.after
            for item in world.items.values():
                assert (world.status, item.link, item.copy is not None, item.present, item.history) in seen_states


def test_the_command_line(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("compare", "resume=discard", "machines")
    assert code == 1
    assert "# resume=discard: service's ticket shows nothing" in out
    assert "  - lead: reject completion\n" in out
    (tmp_path / "s.yaml").write_text(out)
    assert cli("run", tmp_path / "s.yaml")[0] == 0
    code, out, _ = cli("compare", "machines", "machines", "--format", "json")
    assert (code, json.loads(out)) == (0, {"differs": False})
    code, out, _ = cli("compare", "machines", "charges=unsynced", "--format", "json")
    told = json.loads(out)
    assert code == 1
    assert told["differs"]
    assert told["scenario"]["steps"] == [{"lead": "create charge N1", "text": "text 1"}]
    assert told["left"][0]["tickets"]["service"] == {"N1": {"kind": "charge", "text": "text 1"}}
    assert told["right"][0]["tickets"]["service"] == {}
    code, _, err = cli("compare", "machines", ROOT / "tests" / "policies" / "atelier")
    assert (code, "different vocabularies" in err) == (2, True)
    assert cli("compare", "machines", "resume=later")[0] == 2
    assert cli("compare", "machines", "nowhere")[0] == 2


def test_consequences(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("readings", "--consequences")
    assert code == 0
    assert out.count("scenario: ") == len(OPTIONS)
    assert "# charge_sever=follow: service's ticket shows N1 {kind: charge, text: text 3}" in out
    (tmp_path / "s.yaml").write_text(out)
    assert "12 scenarios: 10 passed, 2 failed" in cli("run", tmp_path / "s.yaml", "--show", "none")[1]
    told = json.loads(cli("readings", "--consequences", "--format", "json")[1])["consequences"]
    assert [one["other"] for one in told] == [f"{name}={option}" for name, option in OPTIONS]
    assert cli("readings", "--consequences", "--format", "markdown")[0] == 2
