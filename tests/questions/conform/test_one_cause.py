"""One cause is one finding, headed by what is wrong: values that become others, tickets of one's own, the status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from simsync.app import load_scenarios
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.diagnosis.common import in_common
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, ConformanceFinding, Report
from simsync.questions.conform.diagnosis.variants import changes_of
from simsync.questions.conform.report.as_json import as_json
from simsync.questions.conform.report.text import as_text
from simsync.questions.conform.systems.deviation import Deviation
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.files import load_names
from simsync.questions.conform.systems.mapping import SAME, Names
from simsync.reference import ReferenceSystem
from systems import connectors, twisting
from systems.desks import MODEL, changed

WALKS = Sources(walks=12)
TERMS = Terms()
thorough = pytest.mark.thorough


def judged(make: Callable[[], Any], names: Names = SAME, sources: Sources = WALKS, terms: Terms = TERMS) -> Report:
    return campaign(Pool(lambda _: by_object(make(), MODEL, names), 1), MODEL, sources, terms)


def only(report: Report) -> ConformanceFinding:
    (finding,) = report.findings
    return finding


VALUES = [
    (twisting.FlagReversed, "internal is stored the other way round"),
    pytest.param(twisting.FlagShownReversed, "internal is shown the other way round", marks=thorough),
    pytest.param(twisting.FlagCalledReversed, "internal is called the other way round", marks=thorough),
    pytest.param(
        twisting.FlagReversedOfNotes, "internal is stored the other way round where kind is note", marks=thorough
    ),
    pytest.param(
        twisting.FlagReversedAtLead, "internal is stored the other way round on lead's ticket", marks=thorough
    ),
    pytest.param(
        twisting.FlagLostAtCreation,
        "internal is stored otherwise: true as false where change is create",
        marks=thorough,
    ),
    pytest.param(twisting.InternalUnlessSaid, "internal is true where an action does not say", marks=thorough),
    pytest.param(twisting.KindCalledOtherwise, "charge is called cost", marks=thorough),
    pytest.param(twisting.ToldByAnotherName, "primary contact is called owner", marks=thorough),
]


@pytest.mark.parametrize(("make", "head"), VALUES)
def test_values_that_become_others_are_one_finding_that_says_so(make: Callable[[], Any], head: str) -> None:
    finding = only(judged(make))
    assert finding.head == head
    assert finding.broken == ()
    assert finding.explanation is not None
    assert finding.explanation.everything


@thorough
def test_values_that_are_mixed_up_are_told_one_by_one() -> None:
    finding = only(judged(twisting.TypesMixed, sources=Sources(walks=40)))
    assert finding.head is not None
    head, _, pairs = finding.head.partition(": ")
    assert head == "type is stored otherwise"
    assert set(pairs.split(", ")) == {"file link as url", "url as folder link", "folder link as file link"}
    assert finding.explanation is not None
    assert not finding.explanation.hint  # what is asked and what is shown have one name, and no mapping says two things


MAPPED = [twisting.FlagReversed, twisting.FlagShownReversed, twisting.FlagCalledReversed, twisting.ToldByAnotherName]


@pytest.mark.parametrize("make", MAPPED)
@thorough
def test_what_a_mapping_is_said_to_need_makes_the_system_conform(make: Callable[[], Any], tmp_path: Path) -> None:
    finding = only(judged(make))
    assert finding.explanation is not None
    (tmp_path / "names.yaml").write_text(finding.explanation.hint)
    mapped = load_names(str(tmp_path / "names.yaml"), MODEL)
    assert judged(make, mapped).verdict is CampaignVerdict.CONFORMS


def test_what_nothing_explains_of_the_acting_ticket_is_no_rule_of_synchronization() -> None:
    report = judged(twisting.FlagOfEveryOther)
    finding = only(report)
    assert finding.head == "the acting ticket does not show what was set: internal"
    assert finding.explanation is None
    lines = [line for line, _ in as_text(report, {})]
    assert "1. the acting ticket does not show what was set: internal" in lines
    assert not any(line.startswith(("   S", "   G")) for line in lines)
    told = as_json(report, {})["divergences"][0]
    assert (told["head"], told["sources"]) == (finding.head, [])


def test_what_is_nowhere_shown_may_be_left_out_by_a_mapping() -> None:
    sources = Sources(scenarios=load_scenarios(ROOT / "scenarios" / "copies.yaml", model=MODEL))
    says = "   where it cannot show that, --map says: unseen: [internal_users_only]"
    report = judged(twisting.FlagNotShown, sources=sources)
    assert says in [line for line, _ in as_text(report, {})]
    mapped = judged(twisting.FlagNotShown, Names(unseen=("internal_users_only",)), sources)
    assert mapped.verdict is CampaignVerdict.CONFORMS


@thorough
def test_a_status_that_does_not_stay_is_laid_to_the_status_machine() -> None:
    finding = only(judged(twisting.ReplaysStatus, sources=Sources(walks=40)))
    assert finding.head == "the status does not stay as the status machine has it"
    assert [rule.id for rule in finding.rules][:2] == ["lead-rejects", "In Progress"]


TEXTS = [
    (lambda: twisting.Carrying(lambda text: text[:3]), "text arrives cut to 3 characters"),
    (lambda: twisting.Carrying(lambda text: text if len(text) < 5 else text[:2] + "..."), "text arrives cut to 5"),
    (lambda: twisting.Storing(lambda text: text[:4]), "text is stored cut to 4 characters"),
    (lambda: twisting.Carrying(str.upper), "text arrives in upper case"),
    (lambda: twisting.Carrying(lambda text: text.replace(" ", "_")), 'text arrives with "_" for " "'),
    (lambda: twisting.Carrying(lambda text: text[::-1]), None),
]


@pytest.mark.parametrize(("make", "head"), TEXTS)
@thorough
def test_texts_that_become_others_are_one_finding(make: Callable[[], Any], head: str | None) -> None:
    report = judged(make)
    finding = only(report)
    if head is not None:
        assert finding.head is not None
        assert finding.head.startswith(head)
    else:
        assert finding.symptom is not None
        assert finding.symptom.about == "the copy shows another text"
        assert len(finding.others) > 0
        assert any("in common: the copy shows another text" in line for line, _ in as_text(report, {}))


@thorough
def test_what_only_an_earlier_text_explains_is_said() -> None:
    finding = only(judged(twisting.SameTextIgnored, sources=Sources(systematic=True, walks=25)))
    assert finding.explanation is not None
    assert finding.explanation.about == (
        "as if own-edit meant that nothing crosses over where the text equals an earlier one of the item"
    )


@thorough
def test_who_is_told_twice_each_time_is_explained() -> None:
    finding = only(judged(twisting.ToldTwice))
    assert finding.explanation is not None
    assert finding.explanation.about == "as if status-emails told primary contact, primary contact"


@pytest.mark.long
def test_what_is_taken_for_nothing_is_one_finding_wherever_it_crosses() -> None:
    make = connectors.noticing(lambda _old, new: bool(new), MODEL)
    explanation = only(judged(make, sources=Sources(texts=80))).explanation
    assert explanation is not None
    assert explanation.everything
    assert explanation.about == "as if sends-text said sends: nothing where change is edit and the text is empty"


@thorough
def test_what_takes_many_steps_to_show_is_one_finding() -> None:
    def seen(rule: str, about: str, steps: int) -> ConformanceFinding:
        found = only(judged(changed(rule, about)))
        return replace(found, explanation=None, driven=replace(found.driven, steps=steps))

    nothing = "meant that nothing crosses over"
    lost, kept, soon = (seen(f"own-{what}", nothing, n) for what, n in [("edit", 24), ("delete", 22), ("create", 19)])
    few, many = in_common([lost, kept, soon])
    assert (few.driven, few.others) == (soon.driven, ())
    assert (many.driven, many.others) == (kept.driven, (lost.driven,))
    assert many.symptom is not None
    assert many.symptom.about == "of what was tried, nothing of fewer than 22 steps shows it"


@thorough
def test_what_shows_alike_is_known_only_if_each_way_is() -> None:
    def run(*rules: str) -> Report:
        known = [Deviation(rule=rule, reason="known", expires=date(2030, 1, 1)) for rule in rules]
        return judged(lambda: twisting.Carrying(lambda text: text[::-1]), terms=Terms(known=known))

    finding = only(run())
    heads = [rules[0].id for rules in finding.parts]
    assert len(heads) > 1
    assert run(heads[0]).verdict is CampaignVerdict.DIVERGES
    assert run(*heads).verdict is CampaignVerdict.CONFORMS


UNTESTED = [
    ("service-may-edit", "were refused", {"link": "severed"}),
    ("resume-delivers", "meant that nothing crosses over", {"once internal alone": True}),
]


@pytest.mark.parametrize(("rule", "about", "facts"), UNTESTED)
@thorough
def test_a_link_or_a_memory_explains_although_no_row_tests_it(rule: str, about: str, facts: dict[str, Any]) -> None:
    change = next(one for one in changes_of(MODEL, rule, "In Progress") if one.about == about)
    assert not any(fact in facts for row, _ in change.rows for fact, _ in row.when)
    (narrow,) = change.restricted(facts)
    scenarios = load_scenarios(ROOT / "scenarios", model=MODEL)
    sources = Sources(scenarios=scenarios, walks=60, systematic=True)
    finding = only(judged(lambda: ReferenceSystem(narrow.model), sources=sources))
    assert finding.explanation is not None
    assert finding.explanation.about == str(narrow)
