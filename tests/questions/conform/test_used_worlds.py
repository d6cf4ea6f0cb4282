"""A system that is never reset goes on where it is: what can be reached is judged as ever, and the rest is counted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from campaigns import judged
from conftest import ROOT
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model
from simsync.questions.conform.adapter_check.checking import check_adapter
from simsync.questions.conform.campaign.plan import Sources, sources_of
from simsync.questions.conform.diagnosis.conformity import Recurs, Report
from simsync.questions.conform.systems.direct import DirectConnection
from simsync.questions.conform.systems.mapping import SAME
from simsync.questions.conform.systems.protocol import AnswerLimits
from simsync.reference import ReferenceSystem
from systems import desks

SHIPPED = load_model(ROOT / "machines")
SUSPENSION = Sources(scenarios=load_scenarios(ROOT / "scenarios" / "suspension.yaml"))


class Used(ReferenceSystem):
    """It follows the rules, and cannot be reset."""

    def hello(self, protocol: int) -> dict[str, Any]:
        return {"protocol": protocol, "name": "used", "can": [], "cannot": ["reset"]}

    def reset(self, status: Any) -> dict[str, Any]:
        raise AssertionError("it says that it cannot")


def one_world(model: Model, rules: Model | None = None) -> Report:
    """The same instance all the way, whoever connects."""
    system = Used(rules or model)
    sources = SUSPENSION if model is SHIPPED else replace(sources_of([], items=0, steps=0, walks=5), texts=0)
    return judged(lambda: system, model=model, sources=sources)


def test_sequences_of_a_cycle_follow_each_other_in_one_world() -> None:
    report = one_world(SHIPPED)
    assert report.verdict == "conforms"
    assert report.conforming == report.sequences > 5
    lacking = {one.lacks for one in report.not_tested}
    assert lacking <= {"leave Complete for where they begin, without a reset"}
    assert report.sequences + len(report.not_tested) == 12


@pytest.mark.parametrize("policy", ["charter", "trackers", "wire"])
def test_any_policy_goes_on(policy: str) -> None:
    report = one_world(load_model(ROOT / "tests" / "policies" / policy))
    assert report.verdict == "conforms"
    assert report.sequences > 1


def test_what_is_wrong_is_found_and_done_again_where_there_is_a_way_back() -> None:
    wrong = desks.changed("other-edit", "did not fire 'sever'")().model
    system = Used(wrong)
    severing = load_scenarios(ROOT / "scenarios" / "severing.yaml")
    staying = [one for one in severing if not any("comple" in step.event.action for step in one.steps)]
    report = judged(lambda: system, sources=Sources(scenarios=staying))
    assert report.verdict == "diverges"
    (finding,) = report.findings
    assert finding.rules[0].id == "other-edit"
    assert finding.recurrence.how is Recurs.ALWAYS


def test_what_cannot_be_done_again_says_why() -> None:
    report = one_world(SHIPPED, load_model(ROOT / "machines", {"resume": "discard"}))
    assert report.verdict == "diverges"
    assert report.findings
    untried = [one.recurrence for one in report.findings if one.recurrence.how is Recurs.UNTRIED]
    assert all(one.why == "it cannot leave Complete for where they begin, without a reset" for one in untried)


def test_the_adapter_is_checked_in_a_used_world_twice() -> None:
    system = Used(SHIPPED)
    for _ in range(2):
        limits = AnswerLimits()
        found = check_adapter(lambda limits: DirectConnection(system, limits), SHIPPED, SAME, limits, lambda: 0.0)
        assert found.remarks == []
        assert found.steps > 3
        assert not any(one.asked["op"] == "reset" for one in found.exchanges)
