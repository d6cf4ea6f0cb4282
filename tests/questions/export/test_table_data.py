"""The exported transition table says what the engine does: an engine that knows nothing else agrees with ours."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conftest import ROOT, Run
from examples.exchange.engine import Engine, main
from sampling import few
from simsync import Event, World, load_model, step
from simsync.engine.view import ticket
from simsync.report.table_data import as_data, lines, table_schema
from simsync.statespace.transition_table import transition_table

POLICIES = (
    "tests/policies/charter",
    "machines",
    "examples/policies/minimal/machines",
    "examples/policies/zendesk/machines",
    "tests/policies/atelier",
    "tests/policies/bridge",
    "tests/policies/wire",
)
"""Those whose rules compare no texts and have no consequences, as the table says."""


def exported(policy: str, **readings: str) -> dict[str, Any]:
    table = transition_table(load_model(ROOT / policy).under(readings))
    data: dict[str, Any] = json.loads("\n".join(lines(as_data(table))))
    assert data == as_data(table)
    return data


def agree(policy: str, steps: int, seed: int, **readings: str) -> int:
    """Walk at random with both engines; gives how many actions were done."""
    model, chance = load_model(ROOT / policy).under(readings), random.Random(seed)
    data = exported(policy, **readings)
    assert not data["left_out"]
    engine, world, done = Engine(data), World(model.status_spec.initial), 0
    untold = {*data["texts"]["alike"], *data["texts"]["others"]}
    hidden = {show.name for show in model.vocabulary.shows if show.field in untold}
    for number in range(steps):
        said = chance.choice(data["events"] if chance.random() < 0.8 or not data["actions"] else data["actions"])
        name = chance.choice(("N1", "N2", "N3")) if "fields" in said else None
        fields = {n: f"text {number}" if n in untold else v for n, v in said.get("fields", {}).items()}
        event = Event(actor=said["actor"], action=said["action"], item=name, kind=said.get("kind"), fields=fields)
        try:
            outcome = step(model, world, event)
        except ValueError:
            continue
        result = engine.do(event.actor, event.action, event.kind, event.item, **fields)
        told = None if outcome.refused else {"synced": outcome.synced, "notified": sorted(outcome.notified)}
        assert (result and {**result, "notified": sorted(result["notified"])}) == told, event
        world, done = outcome.after, done + 1
        assert data["statuses"][engine.status]["name"] == world.status
        for partner in model.vocabulary.partners:
            shown = ticket(model.vocabulary, world, partner)
            plain = {n: {k: v for k, v in view.items() if k not in hidden} for n, view in shown.items()}
            assert engine.ticket(partner) == plain
    return done


@pytest.mark.parametrize("policy", few(POLICIES, len(POLICIES)))
def test_an_engine_on_the_table_alone_agrees_with_ours(policy: str) -> None:
    assert agree(policy, 300, 1) > 60


@pytest.mark.thorough
def test_it_agrees_under_other_readings() -> None:
    model = load_model(ROOT / "machines")
    others = {r.name: list(r.options)[-1] for r in model.policy.readings.values() if r.name != "reason_note"}
    assert agree("machines", 600, 2, **others) > 100


@pytest.mark.parametrize(
    "policy",
    few((*POLICIES, "tests/policies/relay", "tests/policies/bare", "examples/policies/unison/machines"), 10),
)
def test_the_schema_describes_it(policy: str) -> None:
    jsonschema.Draft7Validator.check_schema(table_schema())
    jsonschema.Draft7Validator(table_schema()).validate(exported(policy))


def test_what_is_missing_or_unknown_breaks_the_schema() -> None:
    data = exported("tests/policies/atelier")
    check = jsonschema.Draft7Validator(table_schema())
    for key in data:
        assert not check.is_valid({k: v for k, v in data.items() if k != key}), key
    assert not check.is_valid({**data, "more": 1})


def test_consequences_are_said_to_be_left_out() -> None:
    assert exported("tests/policies/relay")["left_out"] == ["closing", "reopening", "after a request"]


def test_the_example_runs_as_its_first_lines_say(cli: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "table.json")
    assert cli("export", "--to", "json", "--kind", "note", "--out", path)[:2] == (0, f"{path}\n")
    main(path, "lead: outsource", "lead: create note N1", "service: accept", "service: edit N1 text=new", "lead: start")
    assert capsys.readouterr().out.splitlines() == [
        "lead: outsource -> {'synced': False, 'notified': ['primary contact']}",
        "lead: create note N1 -> {'synced': False, 'notified': []}",
        "service: accept -> {'synced': True, 'notified': ['primary contact']}",
        "service: edit N1 text=new -> {'synced': False, 'notified': []}",
        "lead: start -> refused",
        "lead {'N1': {'kind': 'note', 'internal_users_only': False, 'customer_visible': True}}",
        "service {'N1': {'kind': 'note', 'internal_users_only': False}}",
    ]
