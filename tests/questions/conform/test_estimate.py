"""What a campaign says that it will ask, against what it asks."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from conftest import ROOT, Run
from desk import Desk
from overlapping import KILLED, RoundSystem
from simsync import load_model
from simsync.app import load_scenarios
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.request_counts import measured
from simsync.questions.conform.diagnosis.estimate import Estimate
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.report.expected import duration, how_long, to_come
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.direct import by_object

FACTOR = 1.1
"""By how much it may be otherwise for a system that follows the rules."""


def announced(system: Any, model: Model, **sources: Any) -> tuple[Estimate, int]:
    heard: list[Estimate] = []
    scenarios = load_scenarios(ROOT / "scenarios" / "suspension.yaml", model=model) if "scenarios" in sources else ()
    pool = Pool(lambda _: by_object(system, model), 1)
    report = campaign(pool, model, Sources(**{**sources, "scenarios": scenarios}), Terms(), announce=heard.append)
    assert report.verdict == "conforms"
    return heard[0], report.requests


SYSTEMS: dict[str, Callable[[Model], Any]] = {
    "resets to a status": RoundSystem,
    "begins in the first": lambda model: Desk(model, can=[]),
    "is disrupted": lambda model: RoundSystem(model, disruptions=[KILLED]),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_system_that_follows_the_rules_is_asked_about_so_much(model: Model, name: str) -> None:
    overlap = OverlapOptions(wanted=name != "begins in the first", drives=12)
    estimate, real = announced(SYSTEMS[name](model), model, scenarios=(), walks=3, overlap=overlap)
    assert estimate.all_requests / FACTOR <= real <= estimate.all_requests * FACTOR
    assert estimate.sequences == 15
    assert (estimate.rounds_drives > 0) == (name != "begins in the first")


@pytest.mark.thorough
def test_of_a_whole_campaign_under_other_rules_too(model: Model) -> None:
    for one in (model, load_model(ROOT / "tests" / "policies" / "atelier")):
        overlap = OverlapOptions(wanted=True, drives=100)
        sources = {"walks": 20, "systematic": True, "texts": 300, "items": 10, "steps": 30, "overlap": overlap}
        estimate, real = announced(RoundSystem(one), one, **sources)
        assert estimate.all_requests / FACTOR <= real <= estimate.all_requests * FACTOR


def test_how_long_follows_from_the_first_requests() -> None:
    clock = iter([0.0, 6.0])
    heard: list[Estimate] = []
    done = Driven(drive=Drive(trace=Trace(status="", events=())), steps=0, requests=20)
    estimate = Estimate(sequences=3, requests=60, rounds_drives=2, rounds_requests=40)
    assert [*measured([done] * 3, estimate, heard.append, lambda: next(clock))] == [done] * 3
    (told,) = heard
    assert (told.each, told.measured, told.seconds) == (0.15, 40, 15.0)
    assert how_long(told) == "about 15 seconds for all 100 requests, if they take as long as the first 40: 150 ms each"
    slow = replace(told, each=15.0)
    assert how_long(slow) == (
        "about 25 minutes for all 100 requests, if they take as long as the first 40: 15 s each; --for 5m ends it with "
        "what is known by then, and --jobs N has N instances waited for at once"
    )
    assert "--for" not in how_long(replace(slow, limited=True))


def test_the_hour_has_room_for_so_many() -> None:
    some = Estimate(sequences=10, requests=25_000, hourly=10_000)
    assert some.waited == 7200
    assert to_come(some) == (
        "10 sequences, about 25,000 requests; 10,000 an hour at most, which takes 2 hours at least; "
        "what diverges is done again, and that comes on top"
    )
    assert Estimate(sequences=10, requests=10_000, hourly=10_000).waited == 0
    assert Estimate(sequences=1, requests=25_000, hourly=10_000, each=0.5).seconds == 12_500
    assert Estimate(sequences=1, requests=25_000, hourly=10_000, each=0.1).seconds == 7200 + 500
    assert [duration(s) for s in (0.1, 89, 91, 5399, 5401, 90_000, 200_000)] == [
        *("a second", "89 seconds", "2 minutes", "90 minutes", "2 hours", "25 hours", "2 days")
    ]


def test_the_plan_alone_is_told_and_nothing_asked(cli: Run) -> None:
    asked = ("conform", "--sut-python", "simsync.reference:system", "--random", 2, "--plan")
    code, out, err = cli(*asked)
    assert (code, out) == (0, "2 sequences, about 90 requests; what diverges is done again, and that comes on top\n"), (
        err
    )
    code, out, err = cli(*asked, "--format", "json", "--max-requests", 50)
    assert code == 0, err
    assert json.loads(out) == {
        "sequences": 2,
        "requests": 90,
        "more": False,
        "requests_before": 0,
        "overlap": {"drives": 0, "requests": 0},
        "seconds_at_least": 3600,
    }
    assert cli(*asked, "--format", "junit")[0] == 2


def test_a_plan_of_what_cannot_be_read_is_bad_input(cli: Run) -> None:
    code, out, err = cli("conform", "--sut-python", "simsync.reference:system", "nowhere.yaml", "--plan")
    assert (code, out) == (2, "")
    assert "nowhere.yaml" in err


def test_it_is_told_before_it_starts_and_counted_in_the_report(cli: Run) -> None:
    code, out, err = cli("conform", "--sut-python", "simsync.reference:system", "--random", 2)
    assert code == 0, err
    assert "to come: 2 sequences, about 90 requests; what diverges" in err
    assert "for all 90 requests, if they take as long as the first" in err
    assert "\n  90 requests\n" in out
