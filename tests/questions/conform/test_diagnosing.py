"""What is wrong with a system is said once, by the rules that it breaks, whatever was run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from campaigns import SCENARIOS
from conftest import ROOT, Run
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, Report
from simsync.questions.conform.diagnosis.variants import changes_of
from simsync.questions.conform.systems.deviation import Deviation
from simsync.questions.conform.systems.direct import by_object
from simsync.reference import ReferenceSystem
from systems import desks
from systems.desks import MODEL

DEFAULT = Sources(scenarios=SCENARIOS, walks=25, systematic=True)
TERMS = Terms()
COPIES = ("service-note-copy", "service-attachment-copy")
SEVERING = ("other-edit", "other-delete", "other-edit-charge", "other-delete-charge")


def judged(make: Callable[[], ReferenceSystem], terms: Terms = TERMS, sources: Sources = DEFAULT) -> Report:
    pool = Pool(lambda _: by_object(make(), MODEL), 1)
    return campaign(pool, MODEL, sources, terms)


def broken(report: Report) -> list[tuple[str, ...]]:
    return [tuple(rule.id for rule in finding.broken) for finding in report.findings]


def abouts(report: Report) -> list[str]:
    return [finding.explanation.about for finding in report.findings if finding.explanation]


ALIKE = [
    ("did not fire 'sever'", ("other-delete", "other-delete-charge"), " where change is delete"),
    ("did not fire 'sever'", SEVERING, ""),
    ("made the copy's internal false", COPIES, ""),
]


@pytest.mark.parametrize(("about", "rules", "where"), ALIKE)
@pytest.mark.thorough
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


@pytest.mark.thorough
def test_two_bugs_are_two_findings_even_where_they_are_first_laid_to_the_same_rule() -> None:
    both = desks.alike(
        "told nobody", "time-entry-announced", model=desks.changed("other-edit", "did not fire 'sever'")().model
    )
    assert sorted(broken(judged(both))) == [("other-edit",), ("time-entry-announced",)]
    severed = desks.changed(
        "other-delete", "did not fire 'sever'", model=desks.changed("other-edit", "did not fire 'sever'")().model
    )
    assert broken(judged(severed)) == [("other-edit", "other-delete")]


@pytest.mark.thorough
def test_a_reading_and_a_bug_are_told_apart() -> None:
    other = MODEL.under({"resume": "discard"})
    report = judged(desks.changed("service-note-copy", "made the copy's internal false", model=other))
    assert set(abouts(report)) == {
        "as if service-note-copy made the copy's internal false",
        "as read by resume=discard",
    }
    assert len(report.findings) == 2


@pytest.mark.thorough
def test_who_may_act_is_a_rule_too() -> None:
    everyone = desks.alike("were open to both partners", *(t.id for t in MODEL.status_spec.transitions))
    report = judged(everyone)
    assert len(report.findings) == 1
    assert "were open to both partners (every such rule)" in abouts(report)[0]


@pytest.mark.thorough
def test_what_is_lost_of_one_partner_only_is_said_so() -> None:
    changes = changes_of(MODEL, "resume-delivers", "In Progress")
    change = next(one for one in changes if one.about == "meant that nothing crosses over")
    wider = next(one for one in change.widened() if one.rules == ("resume-delivers", "resume-removes"))
    (narrow,) = wider.restricted({"owner": "service"})
    report = judged(lambda: ReferenceSystem(narrow.model))
    assert len(report.findings) == 1
    assert abouts(report)[0].startswith(
        "as if resume-delivers and resume-removes meant that nothing crosses over where owner is service"
    )


@pytest.mark.thorough
def test_a_rule_that_rests_on_no_statement_explains_and_one_that_does_is_named() -> None:
    (finding,) = judged(lambda: desks.EntriesToldAgain(MODEL)).findings
    assert [rule.id for rule in finding.broken] == ["time-entry-announced"]
    assert finding.explanation is not None
    assert finding.explanation.about.startswith("as if time-entry-not-announced told assigned resource where ")


@pytest.mark.thorough
def test_a_status_of_another_phase_is_recognised() -> None:
    report = judged(desks.changed("Waiting Approval", "were active"))
    assert broken(report) == [("Waiting Approval",)]
    assert abouts(report) == ["as if Waiting Approval were active"]


def known(*rules: str) -> Terms:
    return Terms(known=[Deviation(rule=rule, reason="known", expires=date(2030, 1, 1)) for rule in rules])


@pytest.mark.thorough
def test_a_bug_in_several_rules_is_known_only_if_all_of_them_are() -> None:
    wrong = desks.alike("made the copy's internal false", *COPIES)
    assert judged(wrong, known("service-note-copy")).verdict is CampaignVerdict.DIVERGES
    report = judged(wrong, known(*COPIES))
    assert (report.verdict, report.unused) == (CampaignVerdict.CONFORMS, ())


@pytest.mark.thorough
def test_what_nothing_explains_is_known_by_any_rule_that_is_told() -> None:
    twice = judged(lambda: desks.TwiceAtResume(MODEL))
    (finding,) = twice.findings
    assert finding.explanation is None
    for rule in finding.rules:
        assert judged(lambda: desks.TwiceAtResume(MODEL), known(rule.id)).verdict is CampaignVerdict.CONFORMS


@pytest.mark.thorough
def test_a_bug_that_passes_for_a_reading_is_found_by_what_is_run_under_it(cli: Run) -> None:
    asked = ("conform", "--sut-python", "systems.desks:forgets_to_sever", "--infer-readings")
    code, out, _ = cli(*asked)
    assert code == 1
    assert "charge_sever          follow" in out
    assert "under these readings the system diverges, in " in out
    assert "1. other-edit [" in out
    assert "next: simsync conform --sut-python systems.desks:forgets_to_sever --reading charge_sever=follow" in out
    code, out, _ = cli(*asked, "--random", "0")
    assert (code, "nothing else was run under these readings" in out) == (0, True)


def test_what_was_inferred_is_confirmed_by_so_many_walks(cli: Run) -> None:
    asked = ("conform", "--sut-python", "systems.desks:other_readings", "--infer-readings", "--random", "3")
    code, out, _ = cli(*asked)
    assert (code, "confirmed by 3 random walks, " in out) == (0, True)
    report = json.loads(cli(*asked, "--format", "json")[1])
    confirmation = report["confirmation"]
    assert (report["verdict"], confirmation["verdict"], confirmation["sequences"]) == ("conforms", "conforms", 3)
    assert confirmation["readings"]["resume"] == "discard"


@pytest.mark.thorough
def test_no_walks_leave_the_rest_of_a_campaign(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-python", "systems.desks:right", "--random", "0", "--format", "json")
    report = json.loads(out)
    assert (code, report["verdict"]) == (0, "conforms")
    assert report["sequences"] > 200
    assert "walk" not in out


def test_one_service_is_not_two_instances(cli: Run) -> None:
    url = "http://127.0.0.1:9/"
    code, _, err = cli("conform", "--sut-http", url, "--sut-http", "http://127.0.0.1:8/", "--sut-http", url)
    assert (code, f"'{url}' is given twice" in err) == (2, True)


def test_the_report_says_how_to_run_again_what_it_wrote(cli: Run, tmp_path: Path) -> None:
    asked = ("conform", "--sut-python", "systems.desks:shows_clients", "--timeout", "5")
    out = cli(*asked, ROOT / "scenarios" / "copies.yaml", "--out", tmp_path / "found")[1]
    (line,) = [line for line in out.splitlines() if line.startswith("run these again")]
    command = shlex.split(line.partition(": ")[2])
    assert command == ["simsync", *asked, str(tmp_path / "found")]
    code, out, _ = cli(*command[1:])
    assert (code, "service-note-copy" in out) == (1, True)
    assert cli("run", tmp_path / "found")[0] == 0


def test_what_is_known_is_counted_and_skipped(cli: Run, tmp_path: Path) -> None:
    known = [{"rule": rule, "reason": "ticket 7", "expires": "2030-01-01"} for rule in COPIES]
    (tmp_path / "known.yaml").write_text(json.dumps(known))
    asked = ("conform", "--sut-python", "systems.desks:shows_clients", ROOT / "scenarios" / "copies.yaml")
    allowed = ("--known", tmp_path / "known.yaml", "--today", "2026-01-01")
    assert json.loads(cli(*asked, *allowed, "--format", "json")[1])["known"]["divergences"] == 1
    suite = ElementTree.fromstring(cli(*asked, *allowed, "--format", "junit")[1])
    (skipped,) = suite.iter("skipped")
    assert skipped.get("message") == "known until 2030-01-01: ticket 7"
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "1")
    (failure,) = ElementTree.fromstring(cli(*asked, "--format", "junit")[1]).iter("failure")
    assert failure.text is not None
    assert "this system behaves as if service-note-copy" in failure.text
    assert "seen in " in failure.text
