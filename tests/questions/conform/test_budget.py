"""A campaign that may ask only so often, and looks again ever more seldom."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from conftest import Run
from simsync.engine.model import Model
from simsync.questions.conform.campaign.ahead import looked_ahead
from simsync.questions.conform.campaign.campaign import Terms, campaign
from simsync.questions.conform.campaign.plan import Plan, Sources
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.request_counts import FEW
from simsync.questions.conform.campaign.stopping import Interrupted, Stop
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.diagnosis.estimate import HOUR
from simsync.questions.conform.driven import Observed
from simsync.questions.conform.report.expected import to_come
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.sequences.walks import _Walker
from simsync.questions.conform.systems.direct import DirectConnection, by_object
from simsync.questions.conform.systems.settling import Settling
from simsync.questions.conform.systems.sut import System
from simsync.reference import ReferenceSystem


class Clock:
    """Time that goes by only where it is slept."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_a_request_waits_until_the_hour_has_room_for_it() -> None:
    clock = Clock()
    stop = Stop(None, 3, clock, clock.sleep)
    for _ in range(3):
        stop.before_request()
        clock.now += 10
    assert clock.slept == []
    stop.before_request()
    assert clock.slept == [HOUR - 30]
    stop.before_request()
    assert clock.slept == [HOUR - 30, 10]


def test_what_would_wait_beyond_the_time_ends_at_once() -> None:
    clock = Clock()
    stop = Stop(600, 1, clock, clock.sleep)
    stop.before_request()
    with pytest.raises(Interrupted, match="the time was up after 600 s"):
        stop.before_request()
    assert clock.slept == []


def test_it_is_looked_again_ever_more_seldom(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    monkeypatch.setattr("time.sleep", clock.sleep)
    settling = Settling(seconds=100, quiet=0, poll=1)
    system = System(lambda limits: DirectConnection(ReferenceSystem(model), limits), model, settling=settling)
    shown = system.begin(model.status_spec.begin)
    system.observe(Observed(status="never", tickets=shown.tickets, notified=()))
    assert clock.slept[:3] == [1, 1.5, 2.25]
    assert max(clock.slept) == 10
    assert clock.now >= 100


def test_the_options_are_taken(cli: Run) -> None:
    code, out, err = cli(
        *("conform", "--sut-python", "simsync.reference:system", "--random", 1),
        *("--max-requests", 1_000_000, "--poll", 0.5),
    )
    assert code == 0, out + err
    code, _, err = cli("conform", "--sut-python", "simsync.reference:system", "--max-requests", 0)
    assert code == 2


def timed(model: Model, monkeypatch: pytest.MonkeyPatch, seconds: float, walks: int = 3000) -> tuple[Report, int]:
    """A campaign of walks each of which takes a second to make, and how many were made before anything was done."""
    clock = Clock()
    before: list[float] = []
    walk = _Walker.walk

    def slow(walker: _Walker, source: str) -> Drive:
        clock.now += 1
        return walk(walker, source)

    def handle(request: Mapping[str, Any]) -> Any:
        if request["op"] != "hello":
            before.append(clock.now)
        return system.handle(request)

    monkeypatch.setattr(_Walker, "walk", slow)
    system, stop = ReferenceSystem(model), Stop(seconds, None, clock, clock.sleep)
    pool = Pool(lambda _: by_object(handle, model), 1)
    report = campaign(pool, model, Sources(walks=walks), Terms(), stop=stop)
    return report, int(before[0] if before else clock.now)


def test_in_the_time_that_is_given_sequences_are_tried(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    report, made = timed(model, monkeypatch, 40)
    assert made <= FEW + 1
    assert report.sequences >= 10
    assert report.interrupted


@pytest.mark.parametrize(("seconds", "drives"), [(2000, 10), (400, 1000), (100_000, 10)])
def test_half_of_the_time_is_for_rounds_and_what_they_leave_for_sequences(
    model: Model, seconds: float, drives: int
) -> None:
    clock, system = Clock(), ReferenceSystem(model)

    def handle(request: Mapping[str, Any]) -> Any:
        clock.now += 1
        return system.handle(request)

    sources = Sources(walks=40, overlap=OverlapOptions(wanted=True, drives=drives))
    stop = Stop(seconds, None, clock, clock.sleep)
    report = campaign(Pool(lambda _: by_object(handle, model), 1), model, sources, Terms(), stop=stop)
    assert report.rounds is not None
    assert report.interrupted is (seconds < 100_000)
    if drives == 10:  # they are all done, and sequences after them
        assert report.rounds.drives == 10
        assert report.requests - report.rounds.requests > seconds / 2 or report.sequences == 40
    else:
        assert seconds / 2 - 60 < report.rounds.requests < seconds / 2


@pytest.mark.parametrize(("seconds", "terms"), [(8000, Terms()), (None, Terms(most_divergences=1))])
def test_an_instance_does_one_thing_at_a_time(model: Model, seconds: float | None, terms: Terms) -> None:
    clock, here, before = Clock(), threading.get_ident(), {*threading.enumerate()}
    at_work: set[threading.Thread] = set()

    class Watched(ReferenceSystem):
        def handle(self, request: Mapping[str, Any]) -> Any:
            clock.now += 1
            if threading.get_ident() == here:  # no thread has sequences any more
                at_work.update({*threading.enumerate()} - before)
            refused = seconds is None and request.get("action") == "complete"
            return {"refused": "no"} if refused else super().handle(request)

    systems = [Watched(model) for _ in range(3)]
    stop = Stop(seconds, None, clock, clock.sleep)
    sources = Sources(walks=200, overlap=OverlapOptions(wanted=True, drives=20))
    pool = Pool(lambda number: by_object(systems[number].handle, model), 3)
    report = campaign(pool, model, sources, terms, stop=stop)
    assert report.rounds is not None
    assert report.rounds.drives == 20
    assert report.findings if seconds is None else report.interrupted
    assert at_work == set()


def test_the_time_is_up_while_sequences_are_made_too(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    report, made = timed(model, monkeypatch, 5)
    assert (report.sequences, made) == (0, 5)
    assert report.stopped
    assert "the time was up after 5 s" in report.stopped


def test_only_so_many_are_made_to_be_counted(model: Model) -> None:
    pool = Pool(lambda _: by_object(ReferenceSystem(model), model), 1)
    drives, _, estimate = looked_ahead(Plan(model, pool.first, Sources(walks=30)), Stop(), 10)
    assert (estimate.sequences, estimate.more) == (10, True)
    assert "more than 10 sequences, about" in to_come(estimate)
    assert len([*drives]) == 30
