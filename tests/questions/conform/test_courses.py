"""A default campaign finds systems that lose texts, volume or repetition, and says up to what it tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from campaigns import ATELIER, judged
from sampling import few
from simsync.engine.trace import simulate
from simsync.questions.conform.campaign.campaign import Terms
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, Extent, Report
from simsync.questions.conform.report.as_json import as_json
from simsync.questions.conform.report.text import tried
from simsync.questions.conform.sequences.courses import ITEMS, STEPS, Courses
from simsync.questions.conform.sequences.hard_texts import LONGEST, SHORT, free_texts, hard_texts, ruler
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.conform.systems.mapping import SAME
from systems import connectors
from systems.desks import MODEL, right

FIRST = Terms(most_divergences=1)
TEXTS = Sources(texts=LONGEST)


def last_texts(report: Report) -> list[object]:
    """The texts of the last step of the first finding."""
    return [*report.findings[0].driven.drive.trace.events[-1].fields.values()]


@pytest.mark.parametrize("fault", few(connectors.CHANGED, 3))
def test_a_text_that_does_not_come_through_is_found_and_cut_to_what_matters(fault: str) -> None:
    change, shortest = connectors.CHANGED[fault]
    report = judged(connectors.through(change, ATELIER), model=ATELIER, sources=TEXTS, terms=FIRST)
    assert report.verdict is CampaignVerdict.DIVERGES
    (text,) = last_texts(report)
    assert change(str(text)) != text
    assert text == (shortest or ruler(len(change("." * LONGEST)) + 1))
    assert len(report.findings[0].driven.drive.trace.events) == 1


@pytest.mark.parametrize("told", few(connectors.TOLD, 2))
def test_what_happened_to_a_text_is_told(told: str) -> None:
    make = connectors.through(connectors.TOLD[told], ATELIER)
    (finding,) = judged(make, model=ATELIER, sources=TEXTS).findings
    (field,) = free_texts(ATELIER)
    assert finding.head == f"{field} {told}"
    assert finding.explanation is not None
    assert finding.explanation.everything


@pytest.mark.parametrize("fault", few(connectors.OVERLOOKED, 3))
def test_a_change_that_is_taken_for_none_is_found(fault: str) -> None:
    notices = connectors.OVERLOOKED[fault]
    report = judged(connectors.noticing(notices, ATELIER), model=ATELIER, sources=TEXTS, terms=FIRST)
    assert report.verdict is CampaignVerdict.DIVERGES
    changed = [next(iter(event.fields.values()), "") for event in report.findings[0].driven.drive.trace.events]
    assert not notices(*map(str, changed[-2:]))


def test_a_connector_without_a_fault_conforms() -> None:
    report = judged(lambda: connectors.Connector(ATELIER), model=ATELIER, sources=replace(TEXTS, walks=5))
    assert report.verdict is CampaignVerdict.CONFORMS
    assert report.extent.characters == LONGEST


CARRIED = {"an emoji": connectors.CHANGED["without 4 bytes"][0], "a cut": connectors.CHANGED["cut at 255"][0]}


@pytest.mark.parametrize("change", CARRIED.values(), ids=CARRIED)
def test_each_hard_text_is_carried_by_acceptance_and_resume_as_a_new_item_and_as_a_change(
    change: Callable[[str], str],
) -> None:
    drives = list(Courses(MODEL).carried())
    assert len(drives) == len({drive.source for drive in drives}) == 20
    for drive in drives:
        last = simulate(MODEL, drive.trace)[-1]
        assert last.moved
        fields = free_texts(MODEL)
        copied = [i.copy.fields[n] for i in last.after.items.values() if i.copy for n in fields if n in i.copy.fields]
        assert {hard.text for hard in hard_texts()} <= set(copied)
        assert any(change(str(text)) != text for text in copied)


def test_a_text_lost_at_a_resume_alone_is_found() -> None:
    class AtResume(connectors.Connector):
        def across(self, text: str) -> str:
            return text.strip() if self._simulation.outcomes[-1].moved else text

    report = judged(lambda: AtResume(MODEL), sources=TEXTS, terms=FIRST)
    assert [event.action for event in report.findings[0].driven.drive.trace.events][-1] in (
        "accept",
        "reject completion",
    )


def test_texts_are_not_longer_than_a_mapping_says_or_an_answer_may_be() -> None:
    make = connectors.through(lambda text: text[:100], ATELIER)
    short = replace(SAME, longest=100)
    report = judged(make, model=ATELIER, names=short, sources=TEXTS)
    assert (report.verdict, report.extent.characters) == (CampaignVerdict.CONFORMS, 100)
    limited = judged(lambda: connectors.Connector(ATELIER), model=ATELIER, sources=TEXTS, size=50_000)
    assert (limited.verdict, limited.extent.characters) == (CampaignVerdict.CONFORMS, 300)
    assert {one.lacks for one in limited.not_tested} == {"answer with so much text within 50,000 bytes (--max-answer)"}


def test_walks_write_hard_texts_too_unless_told_otherwise() -> None:
    hard = {one.text for one in SHORT if one.text}

    def said(texts: Any) -> set[object]:
        drives = walks(MODEL, 0, 40, **texts)
        return {v for drive in drives for event in drive.trace.events for n, v in event.fields.items() if n == "text"}

    assert len(said({}) & hard) > 20
    assert not said({"texts": ()}) & hard


VOLUME = [
    (connectors.SomeLost, Sources(items=6), 6),
    pytest.param(connectors.ThirdHeldLost, Sources(items=6), 4, marks=pytest.mark.thorough),
    pytest.param(connectors.TenthLost, Sources(items=12), 11, marks=pytest.mark.thorough),
    pytest.param(connectors.FiftiethLost, Sources(items=ITEMS), 51, marks=pytest.mark.thorough),
    (connectors.Tiring, Sources(steps=30), 21),
    pytest.param(connectors.Tiring, Sources(steps=STEPS), 21, marks=pytest.mark.thorough),
    (connectors.Again, Sources(systematic=True), None),
]


@pytest.mark.parametrize(("make", "sources", "steps"), VOLUME, ids=lambda one: getattr(one, "__name__", ""))
def test_what_goes_wrong_only_with_more_or_once_more_is_found(
    make: type[connectors.Connector], sources: Sources, steps: int | None
) -> None:
    report = judged(lambda: make(MODEL), sources=sources, terms=FIRST)
    assert report.verdict is CampaignVerdict.DIVERGES
    events = report.findings[0].driven.drive.trace.events
    assert steps is None or len(events) <= steps
    assert steps or max([event.action for event in events].count(event.action) for event in events) >= 2


def test_every_cycle_is_gone_round_twice_with_an_item_of_each_sort() -> None:
    laps = list(Courses(MODEL).laps())
    for cycle in Courses(MODEL).cycles():
        round_it = [drive for drive in laps if drive.source.endswith(f" 2 times round {cycle}")]
        assert round_it
        for drive in round_it:
            moves = [event for event in drive.trace.events if event.item is None]
            assert moves[: 2 * len(cycle.moves)] == [*cycle.moves, *cycle.moves]
        owners = {(e.actor, e.kind) for drive in round_it for e in drive.trace.events if e.kind}
        assert len(owners) == len(MODEL.vocabulary.partners) * len(MODEL.vocabulary.kinds)


def test_the_cycles_of_the_shipped_machine_are_those_that_it_has() -> None:
    found = {(cycle.status, *(move.action for move in cycle.moves)) for cycle in Courses(MODEL).cycles()}
    assert found == {
        ("Assigned", "cancel", "outsource"),
        ("Assigned", "decline", "outsource"),
        ("In Progress", "insource complete", "reject completion"),
    }
    assert Courses(ATELIER).cycles() == []


def test_long_sequences_hold_as_many_items_as_are_asked_for_in_every_place_where_they_cross() -> None:
    crowds = {drive.source: drive for drive in Courses(MODEL).crowds(12)}
    for drive in crowds.values():
        outcomes = simulate(MODEL, drive.trace)
        assert not any(outcome.refused or outcome.defects for outcome in outcomes)
    created = {source: sum(event.kind is not None for event in one.trace.events) for source, one in crowds.items()}
    assert sorted(created.values()) == [12, 12, 12, 12, 12, 20]
    assert [len(drive.trace.events) for drive in Courses(MODEL).marathons(40)] == [40, 40, 40]


def test_a_verdict_says_up_to_what_a_system_was_tried() -> None:
    report = judged(right, sources=Sources(items=6, steps=30))
    assert report.verdict is CampaignVerdict.CONFORMS
    assert report.extent == Extent(items=6, alike=1, actions=30, characters=10)
    assert (
        tried(report)
        == "tried up to 6 items of a partner (1 of each kind made), 30 actions in a sequence, texts of 10 characters"
    )
    assert as_json(report, {})["tried"] == {"items": 6, "items_of_each_kind": 1, "actions": 30, "characters": 10}
