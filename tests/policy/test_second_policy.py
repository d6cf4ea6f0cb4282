"""Changing the policy is editing YAML: another policy, with no name in common, through the same Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import simsync
from conftest import ROOT, Run
from simsync.engine.dependence import readings_behind
from simsync.questions.why.why import explain

HERE = ROOT / "tests" / "policies"


def test_its_scenarios_hold(cli: Run) -> None:
    code, out, err = cli("run", "--machines", HERE / "atelier", HERE / "atelier_scenarios", "--show", "all")
    assert (code, err) == (0, "")
    assert "shop's ticket" in out
    assert "3 scenarios: 3 passed" in out


def test_a_third_policy_says_what_the_other_two_do_not(cli: Run) -> None:
    """Three options, permissions and notices by the next phase, a carried field that an original lacks, memories."""
    code, out, err = cli("run", "--machines", HERE / "wire", HERE / "wire_scenarios")
    assert (code, err) == (0, "")
    assert "5 scenarios: 5 passed" in out


@pytest.mark.thorough
def test_the_third_policy_is_complete(cli: Run) -> None:
    code, out, err = cli("check", "--machines", HERE / "wire")
    assert (code, out.partition(",")[0], err) == (0, "one row decides every situation that an item can come to", "")


def test_its_words_are_the_ones_that_count(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: create note N1\n")
    code, _, err = cli("run", "--machines", HERE / "atelier", tmp_path)
    assert code == 2
    assert "'lead' is not a key of a step" in err
    assert "shop, atelier, words, private, expect" in err


def test_its_json_schema_offers_its_names(cli: Run) -> None:
    _, out, _ = cli("schema", "--machines", HERE / "atelier")
    text = json.dumps(json.loads(out))
    assert "close the commission" in text
    assert "In Progress" not in text


def test_it_can_be_simulated_and_explained() -> None:
    model = simsync.load_model(HERE / "atelier")
    simulation = simsync.Simulation(model)
    outcome = simulation.do("shop: create draft D1", words="Roses", private=True)
    assert (outcome.synced, outcome.rules[0], outcome.links["D1"]) == (False, "stays-solo", (None, "solo"))
    explanation = explain(model, outcome.before, outcome.event)
    assert {c.fact for flip in explanation.flips for c in flip.changes} == {"kind", "private"}


def test_its_readings_exchange_rows() -> None:
    model = simsync.load_model(HERE / "atelier", {"quotes": "kept"})
    outcome = simsync.Simulation(model).do("atelier: create price quote Q1")
    assert not outcome.synced
    assert readings_behind(outcome) == ("quotes",)
