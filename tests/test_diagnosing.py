"""What is wrong with a system is said once, by the rules that it breaks, whatever was run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from conftest import ROOT
from simsync.analysis.system.conformity import Report, Verdict
from simsync.app import load_scenarios
from simsync.conformance.direct import by_object
from simsync.conforming.campaign import Terms, campaign
from simsync.conforming.plan import Sources
from simsync.conforming.pool import Pool
from simsync.model.deviation import Deviation
from simsync.reference import ReferenceSystem
from systems import desks
from systems.desks import MODEL

SCENARIOS = load_scenarios(ROOT / "scenarios", model=MODEL)
DEFAULT = Sources(scenarios=SCENARIOS, walks=25, systematic=True)
TERMS = Terms()
SEVERING = ("other-edit", "other-delete", "other-edit-charge", "other-delete-charge")


def judged(make: Callable[[], ReferenceSystem], terms: Terms = TERMS, sources: Sources = DEFAULT) -> Report:
    pool = Pool(lambda _: by_object(make(), MODEL), 1)
    return campaign(pool, MODEL, sources, terms)


def broken(report: Report) -> list[tuple[str, ...]]:
    return [tuple(rule.id for rule in finding.broken) for finding in report.findings]


def abouts(report: Report) -> list[str]:
    return [finding.explanation.about for finding in report.findings if finding.explanation]


ALIKE = [
    ("did not sever", ("other-delete", "other-delete-charge"), " where change is delete"),
    ("did not sever", SEVERING, ""),
    ("made the copy's internal false", ("service-note-copy", "service-attachment-copy"), ""),
]


@pytest.mark.parametrize(("about", "rules", "where"), ALIKE)
@pytest.mark.unmeasured
def test_one_bug_in_several_rules_is_one_finding_with_all_of_them(
    about: str, rules: tuple[str, ...], where: str
) -> None:
    report = judged(desks.alike(about, *rules))
    first = report.findings[0]
    assert set(broken(report)[0]) == set(rules)
    assert first.explanation is not None
    assert f"{about} (every such rule{where})" in first.explanation.about
    assert {source for row in MODEL.policy.rows if row.id in rules for source in row.sources} == {
        source for rule in first.broken for source in rule.sources
    }
    held = [one for one in report.findings if set(rules) & {rule.id for rule in one.broken}]
    assert held == [first]


@pytest.mark.unmeasured
def test_two_bugs_are_two_findings_even_where_they_are_first_laid_to_the_same_rule() -> None:
    both = desks.alike(
        "told nobody", "time-entry-announced", model=desks.changed("other-edit", "did not sever")().model
    )
    assert sorted(broken(judged(both))) == [("other-edit",), ("time-entry-announced",)]
    severed = desks.changed("other-delete", "did not sever", model=desks.changed("other-edit", "did not sever")().model)
    assert broken(judged(severed)) == [("other-edit", "other-delete")]


@pytest.mark.unmeasured
def test_a_reading_and_a_bug_are_told_apart() -> None:
    other = MODEL.under({"resume": "discard"})
    report = judged(desks.changed("service-note-copy", "made the copy's internal false", model=other))
    assert set(abouts(report)) == {
        "as if service-note-copy made the copy's internal false",
        "as read by resume=discard",
    }
    assert len(report.findings) == 2


@pytest.mark.unmeasured
def test_who_may_act_is_a_rule_too() -> None:
    everyone = desks.alike("were open to both partners", *(t.id for t in MODEL.status_spec.transitions))
    report = judged(everyone)
    assert len(report.findings) == 1
    assert "were open to both partners (every such rule)" in abouts(report)[0]


@pytest.mark.unmeasured
def test_a_status_of_another_phase_is_recognised() -> None:
    report = judged(desks.changed("Waiting Approval", "were active"))
    assert broken(report) == [("Waiting Approval",)]
    assert abouts(report) == ["as if Waiting Approval were active"]


def known(*rules: str) -> Terms:
    return Terms(known=[Deviation(rule=rule, reason="known", expires=date(2030, 1, 1)) for rule in rules])


@pytest.mark.unmeasured
def test_a_bug_in_several_rules_is_known_only_if_all_of_them_are() -> None:
    wrong = desks.alike("made the copy's internal false", "service-note-copy", "service-attachment-copy")
    assert judged(wrong, known("service-note-copy")).verdict is Verdict.DIVERGES
    report = judged(wrong, known("service-note-copy", "service-attachment-copy"))
    assert (report.verdict, report.unused) == (Verdict.CONFORMS, ())


@pytest.mark.unmeasured
def test_what_nothing_explains_is_known_by_any_rule_that_is_told() -> None:
    twice = judged(lambda: desks.TwiceAtResume(MODEL))
    (finding,) = twice.findings
    assert finding.explanation is None
    for rule in finding.rules:
        assert judged(lambda: desks.TwiceAtResume(MODEL), known(rule.id)).verdict is Verdict.CONFORMS
