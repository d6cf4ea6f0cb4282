"""A step that the rules do not decide is no fault of the system: it is told of the rules, before all else."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from conftest import ROOT
from planted import without
from simsync.app import load_scenarios
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.inferring import infer
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.trial import try_scenario
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict
from simsync.questions.conform.report.as_json import as_json
from simsync.questions.conform.report.junit import as_junit
from simsync.questions.conform.report.text import as_text, unsaid
from simsync.questions.conform.systems.direct import by_object
from simsync.reference import ReferenceSystem
from systems import twisting
from systems.desks import MODEL

HOLED = without("other-edit")
SEVERING = load_scenarios(ROOT / "scenarios" / "severing.yaml", model=MODEL)
FEW = Sources(scenarios=SEVERING)


def test_a_right_system_is_not_blamed_for_a_hole_in_the_rules() -> None:
    report = campaign(Pool(lambda _: by_object(ReferenceSystem(MODEL), HOLED), 1), HOLED, FEW, Terms())
    assert (report.findings, report.faults) == ((), ())
    assert report.verdict is CampaignVerdict.ERROR
    assert report.undecided
    assert report.conforming == report.sequences - len(report.undecided)
    lines = [line for line, _ in as_text(report, {})]
    first = next(number for number, line in enumerate(lines) if line.startswith("the rules do not say: table '"))
    assert lines[1] == "  it could not be judged where the rules do not say what is right"
    assert "has no row" in lines[first]
    assert lines[first + 1 : first + 3] == [
        "   given In Progress",
        '   1. service: create note N1  text: "Disk replaced"',
    ]
    ends = [line for line in lines if " before that: " in line]
    assert sum(int(line.split()[0]) for line in ends) == len(report.undecided)
    assert "   only what was run is looked at; simsync check looks at everything that can happen" in lines
    told = as_json(report, {})
    assert (told["verdict"], told["divergences"]) == ("error", [])
    assert told["undecided"][0]["seen_in"] == [one.drive.source for one in unsaid(report)[0]]
    assert told["undecided"][0]["scenario"]["steps"][-1]["lead"] == "edit N1"
    suite = ElementTree.fromstring(as_junit(report))
    (_, *errors) = suite.iter("testcase")
    assert [case.get("name") for case in errors] == ["the rules"] * len(told["undecided"])
    assert suite.get("errors") == str(len(errors))


def test_the_system_is_not_asked_for_what_the_rules_do_not_decide() -> None:
    asked: list[str] = []

    class Listening(ReferenceSystem):
        def act(self, actor: str, action: str, *arguments: Any, **request: Any) -> dict[str, Any]:
            asked.append(action)
            return super().act(actor, action, *arguments, **request)

    report = campaign(Pool(lambda _: by_object(Listening(MODEL), HOLED), 1), HOLED, FEW, Terms())
    assert report.undecided
    assert len(asked) == report.steps


def test_what_a_system_does_wrong_elsewhere_is_found_all_the_same() -> None:
    sources = Sources(scenarios=SEVERING, walks=8)
    report = campaign(Pool(lambda _: by_object(twisting.ToldByAnotherName(), HOLED), 1), HOLED, sources, Terms())
    assert report.verdict is CampaignVerdict.DIVERGES
    assert [finding.head for finding in report.findings] == ["primary contact is called owner"]
    assert report.undecided


def test_a_single_scenario_is_not_judged_there() -> None:
    trials = [try_scenario(by_object(ReferenceSystem(MODEL), HOLED), HOLED, scenario) for scenario in SEVERING]
    assert not any(trial.diverged or trial.faulty for trial in trials)
    told = [trial.untried for trial in trials if trial.untried]
    assert told
    assert all(one.startswith("the rules do not say what comes of '") for one in told)
    assert all("has no row" in one for one in told)


def test_no_reading_is_ruled_out_by_what_the_rules_do_not_decide() -> None:
    found = infer(by_object(ReferenceSystem(MODEL), HOLED), HOLED, {})
    assert (found.unexplained, found.faults) == ((), ())
