"""The default campaign passes the fault-free desks, finds each fault that they can have, and names what it breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from campaigns import SCENARIOS
from conftest import ROOT
from examples.two_desks.faults import FAULTS
from examples.two_desks.protocol import Adapter
from examples.two_desks.running import TwoDesks
from simsync.app import load_scenarios
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import WALKS, Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, Report
from simsync.questions.conform.systems.direct import by_object
from systems.desks import MODEL

DEFAULT = Sources(scenarios=SCENARIOS, walks=WALKS, systematic=True)
DELETIONS = Sources(scenarios=load_scenarios(ROOT / "scenarios" / "own_changes.yaml", model=MODEL))
ON_LINE = [name for name, fault in FAULTS.items() if fault.alone]


@pytest.fixture(scope="module")
def desks() -> Iterator[TwoDesks]:
    with TwoDesks() as running:
        running.wait()
        yield running


def judged(
    desks: TwoDesks,
    fault: str | None = None,
    *,
    sources: Sources = DEFAULT,
    crash_at: str | None = None,
    most: int | None = None,
) -> Report:
    """What a campaign says of the desks with a fault; what is printed of it is what `simsync conform` prints."""
    adapter = Adapter(desks, crash_at)

    def answer(request: dict[str, Any]) -> Any:
        return json.loads(adapter.answer(json.dumps(request)))

    desks.fault.turn(fault)
    try:
        pool = Pool(lambda _: by_object(answer, MODEL), 1)
        return campaign(pool, MODEL, sources, Terms(most_divergences=most))
    finally:
        adapter.close()
        desks.fault.turn(None)


def named(report: Report, nearest: int | None = None) -> set[str]:
    """What the rules cite that the findings are laid to in the first place."""
    return {source for finding in report.findings[:nearest] for source in finding.rules[0].sources}


@pytest.mark.thorough
def test_the_desks_conform(desks: TwoDesks) -> None:
    report = judged(desks)
    assert report.verdict is CampaignVerdict.CONFORMS
    assert report.conforming == report.sequences > 300
    assert not report.not_tested
    assert not report.untested


@pytest.mark.parametrize("name", ON_LINE)
@pytest.mark.thorough
def test_the_first_divergence_of_each_fault_is_laid_to_what_it_breaks(desks: TwoDesks, name: str) -> None:
    report = judged(desks, name, most=1)
    assert report.verdict is CampaignVerdict.DIVERGES
    (finding,) = report.findings
    assert set(finding.rules[0].sources) & set(FAULTS[name].breaks)
    assert not report.faults


@pytest.mark.long
@pytest.mark.parametrize("name", ON_LINE)
def test_a_whole_campaign_names_a_statement_that_the_fault_breaks(desks: TwoDesks, name: str) -> None:
    report = judged(desks, name)
    assert report.verdict is CampaignVerdict.DIVERGES
    statements = set(FAULTS[name].breaks) & set(MODEL.policy.citations.statements)
    assert named(report) & (statements or set(FAULTS[name].breaks))
    assert not report.faults


@pytest.mark.thorough
def test_what_a_restart_loses_is_found_where_the_desks_crash_at_deletions(desks: TwoDesks) -> None:
    (name,) = (name for name, fault in FAULTS.items() if fault.restart)
    report = judged(desks, name, crash_at="delete", most=1)
    assert report.verdict is CampaignVerdict.DIVERGES
    assert named(report) & set(FAULTS[name].breaks)


@pytest.mark.thorough
def test_without_a_fault_they_conform_though_they_crash_at_deletions(desks: TwoDesks) -> None:
    report = judged(desks, sources=DELETIONS, crash_at="delete")
    assert report.verdict is CampaignVerdict.CONFORMS
    assert report.conforming == report.sequences > 5
