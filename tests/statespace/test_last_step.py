"""Questions about the last step, held against the engine."""

from __future__ import annotations

from dataclasses import replace

import pytest

import simsync
from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.trace import simulate
from simsync.errors import SimsyncError
from simsync.statespace.consequences import acts_alone
from simsync.statespace.last_step import NOBODY, step_domain, steps_from
from simsync.statespace.properties import Exploration
from simsync.statespace.table_cache import kept_table

SMALL = ("atelier", "charter", "wire")


def hold(model: Model, every: int) -> int:
    """Every so manieth step is told of as the engine does it; how many there were."""
    table, _ = kept_table(model)
    one, tried = Exploration(table), 0
    for state in one.came:
        for taken in steps_from(table, state):
            tried += 1
            if tried % every:
                continue
            trace = one.trace(state, taken.event)
            outcome = simulate(model, replace(trace, readings={}))[-1]
            told = (outcome.refused is not None, outcome.synced, sorted(outcome.notified))
            assert told == (taken.refused, taken.synced, sorted(taken.told)), trace
    return tried


@pytest.mark.parametrize("name", SMALL)
def test_what_is_said_of_a_step_is_what_the_engine_does(name: str) -> None:
    model = load_model(ROOT / "tests" / "policies" / name)
    assert not acts_alone(model)
    assert hold(model, 7) > 20


@pytest.mark.thorough
def test_what_is_said_of_a_step_of_the_shipped_rules_is_what_the_engine_does(model: Model) -> None:
    assert hold(model, 11) > 1000


def test_who_is_told_can_be_asked(cli: Run) -> None:
    code, out, _ = cli("find", "told = assigned resource and actor = lead")
    assert code == 0
    assert "given: {status: Waiting Approval}\n" in out
    assert "  - lead: reject completion\n    expect:\n" in out
    assert "      notified: [primary contact, assigned resource]\n" in out
    code, out, _ = cli("find", "told = assigned resource and kind = note")
    assert (code, out) == (
        1,
        "There is no way to: told = assigned resource and kind = note\n"
        "That is a proof, for one item, under the readings in force.\n"
        "What a last step does to several items at once is not looked at.\n"
        "Nor is there one with another option of a single reading; 14 were looked at.\n",
    )


def test_what_an_action_did_can_be_asked(model: Model) -> None:
    refused = simsync.find(model, "action = edit and refused = true and status = In Progress and told = nobody")
    assert refused.value is not None
    assert refused.value.events[-1].action == "edit"
    assert simulate(model, refused.value)[-1].refused is not None
    assert refused.as_dict()["scenario"]["steps"][-1]["expect"]["refused"]
    assert not simsync.find(model, "action = approve completion and synced = true").holds


def test_the_last_step_is_of_one_item(model: Model) -> None:
    with pytest.raises(SimsyncError, match=r"where the last step is asked about \(told\), it is of one item"):
        simsync.find(model, "told = nobody and link(N1) = held and link(N2) = held")


@pytest.mark.thorough
def test_where_free_texts_have_a_say_a_way_is_as_the_engine_has_it() -> None:
    model = load_model(ROOT / "tests" / "policies" / "exchange")
    for query in ("synced = true and action = edit", "synced = false and action = edit"):
        trace = simsync.find(model, query).value
        assert trace is not None
        assert simulate(model, trace)[-1].synced == ("true" in query)


def test_what_a_policy_has_not_cannot_be_asked(model: Model) -> None:
    assert step_domain(model.policy)["told"] == ("primary contact", "assigned resource", NOBODY)
    bare = load_model(ROOT / "tests" / "policies" / "bare")
    assert "told" not in step_domain(bare.policy)
    assert simsync.find(bare, "synced = true").holds
