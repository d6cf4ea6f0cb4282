"""What a system did is kept as it was seen, however it ends: late, now and then, on used instances, beside a crash."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from campaigns import SCENARIOS, judged
from conftest import Run
from simsync.commands.options import Duration
from simsync.questions.conform.campaign.campaign import MOST_DOWN, MOST_HUNG, Terms, campaign
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.stopping import Stop
from simsync.questions.conform.diagnosis.common import LATE
from simsync.questions.conform.diagnosis.conformity import CampaignVerdict, ConformanceFinding, Recurs, Report
from simsync.questions.conform.driven import Trouble
from simsync.questions.conform.report.as_json import as_json
from simsync.questions.conform.report.junit import as_junit
from simsync.questions.conform.report.page import as_page
from simsync.questions.conform.report.text import as_text, heading
from simsync.questions.conform.systems.protocol import Json, SystemFault
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.sut import System
from simsync.scenarios.loading import ScenarioLoader
from systems import desks, dirty
from systems.desks import MODEL

SOME = Sources(scenarios=SCENARIOS[:12])
SEVERING = Sources(scenarios=[one for one in SCENARIOS if "severing" in one.file])


def sources(loader: ScenarioLoader, *texts: str) -> Sources:
    files = [loader.load_bytes(text.encode(), f"{number}.yaml") for number, text in enumerate(texts, 1)]
    return Sources(scenarios=[one for file in files for one in file.scenarios])


CREATING = "scenario: a\nsteps:\n  - service: create note N1\n    text: x\n"
DELETING = f"{CREATING}  - service: delete N1\n"
CHARGED = "scenario: c\nsteps:\n  - service: create charge N1\n  - service: delete N1\n"


def told(report: Report) -> list[str]:
    """The report in every form; each has to say what is asked of it."""
    text = "\n".join(line for line, _ in as_text(report, {}))
    return [text, as_junit(report), as_page(report, {}), str(as_json(report, {}))]


def one_of(report: Report) -> ConformanceFinding:
    (finding,) = report.findings
    return finding


def flaky(rate: float, seed: int = 1) -> Callable[[], dirty.Doubling]:
    chance = random.Random(seed)
    return lambda: dirty.Doubling(chance, rate)


def test_what_was_seen_once_only_is_a_finding_with_both_runs() -> None:
    report = judged(flaky(0.1), sources=SOME)
    assert (report.verdict, report.faults) == (CampaignVerdict.DIVERGES, ())
    finding = one_of(report)
    found = finding.recurrence
    assert found.how is Recurs.SOMETIMES
    assert 0 < found.seen < found.tries
    assert found.otherwise is not None
    assert found.otherwise.drive == finding.driven.drive
    assert [name.endswith("-2") for name in finding.divergence.unlike.names] == [True]
    assert len(finding.seen_in) == report.sequences - report.conforming > 1
    for form in told(report):
        assert "not every time" in form
        assert "-2" in form
    text, junit, page, _ = told(report)
    for form in (text, junit, page):
        assert f"seen {found.seen} of {found.tries} times" in form
        assert "when it was not" in form.lower()
    shown, other = as_json(report, {})["divergences"][0]["runs"]
    assert (shown["shown"], other["shown"]) == (True, False)
    assert "-2" in shown["trace"][-1]["answer"]


def test_the_same_seed_gives_the_same_report() -> None:
    assert told(judged(flaky(0.1), sources=SOME)) == told(judged(flaky(0.1), sources=SOME))


def test_what_is_flaky_does_not_hide_what_always_comes() -> None:
    chance = random.Random(3)
    wrong = dirty.SEVERS_NOT().model
    report = judged(lambda: dirty.Doubling(chance, 0.06, wrong), sources=SEVERING)
    first, *others = report.findings
    assert (first.rules[0].id, first.recurrence.how) == ("other-edit", Recurs.ALWAYS)
    assert [one.recurrence.how for one in others] == [Recurs.SOMETIMES]
    assert first.explanation is not None
    assert not first.explanation.everything


def test_what_comes_half_of_the_time_is_not_said_to_come_always(loader: ScenarioLoader) -> None:
    report = judged(flaky(0.5), sources=sources(loader, *[CREATING] * 4))
    assert [one.recurrence.how for one in report.findings] == [Recurs.SOMETIMES]


@pytest.mark.parametrize(
    ("settles", "changes", "words"),
    [
        (1, 0, "late: it came with the next settle"),
        (0, 1, "late: it came with the next change after it (service: create note N2)"),
        (0, 2, "late: it came with the second change after it"),
    ],
)
def test_what_comes_later_is_late_and_not_lost(loader: ScenarioLoader, settles: int, changes: int, words: str) -> None:
    make = partial(dirty.Late, settles=settles, changes=changes)
    report = judged(make, sources=sources(loader, DELETING))
    assert report.verdict is CampaignVerdict.DIVERGES
    finding = one_of(report)
    assert (finding.rules[0].id, finding.divergence.late, finding.explanation) == ("own-delete", True, None)
    for form in told(report)[:3]:
        assert words in form
    assert as_json(report, {})["divergences"][0]["late"] is True


def test_what_comes_with_a_later_change_than_was_looked_at_is_late_and_no_other_reading() -> None:
    some = Sources(scenarios=[one for one in SCENARIOS if "own_changes" in one.file])
    finding = one_of(judged(lambda: dirty.Late(changes=3), sources=some))
    assert (finding.rules[0].id, finding.divergence.late, finding.explanation) == ("own-delete", True, None)
    assert finding.divergence.later is not None
    assert [f"{one.actor}: {one}" for one in finding.divergence.later.changes] == [
        "service: create note N2",
        "lead: create time entry N3",
        "service: create note N4",
    ]


def test_who_is_notified_of_a_change_that_was_made_to_look_on_is_not_late() -> None:
    some = [one for one in SCENARIOS if "own_changes" in one.file or "lifecycle" in one.file]
    report = judged(dirty.EmailsOnSyncAlone, sources=Sources(scenarios=some))
    assert sorted((heading(report, one)[0], one.divergence.late) for one in report.findings) == [
        ("another reading: emails_on_sync=yes", False),
        ("status-emails", False),
    ]


def test_what_differs_in_several_ways_and_is_just_as_late_is_one_finding(loader: ScenarioLoader) -> None:
    told = "scenario: b\ngiven: {status: Waiting Approval}\nsteps:\n  - lead: reject completion\n"
    report = judged(lambda: dirty.Late(settles=1, emails=True), sources=sources(loader, DELETING, told))
    finding = one_of(report)
    assert finding.symptom is not None
    assert (finding.symptom.about, finding.seen_in) == (LATE, ("2.yaml:1", "1.yaml:1"))
    assert [rule.id for rule in finding.broken] == ["status-emails", "own-delete"]


def test_what_was_looked_on_for_and_did_not_come_is_told_with_how_far(loader: ScenarioLoader) -> None:
    report = judged(lambda: dirty.Late(changes=9), sources=sources(loader, DELETING))
    later = one_of(report).divergence.later
    assert later is not None
    assert (later.came, later.settles, len(later.changes)) == (False, 5, 4)
    assert "it was still so after one more settle and 4 more changes" in told(report)[0]


def test_a_late_sequence_is_followed_further(loader: ScenarioLoader) -> None:
    longer = f"{DELETING}  - service: create note N2\n  - service: delete N2\n"
    report = judged(lambda: dirty.Late(settles=1), sources=sources(loader, longer))
    assert (report.steps, one_of(report).left) == (4, 0)


@pytest.mark.parametrize("fails", [lambda n: n == 2, lambda n: n % 7 == 0, lambda n: n > 1], ids=["once", "7th", "on"])
def test_a_failed_synchronization_is_a_finding_with_the_systems_words(fails: Callable[[int], bool]) -> None:
    report = judged(lambda: dirty.FailsToSettle(fails), sources=SOME)
    if fails(2) and fails(3):
        assert any("after a reset, synchronization failed" in one.fault.message for one in report.faults if one.fault)
    else:
        assert report.faults == ()
    finding = one_of(report)
    assert heading(report, finding) == ("a failed synchronization", [])
    assert report.verdict is CampaignVerdict.DIVERGES
    assert finding.failed is not None
    for form in told(report):
        assert "timed out" in form


def test_a_settle_that_failed_at_first_makes_later_ones_mean_no_less(loader: ScenarioLoader) -> None:
    report = judged(lambda: dirty.FailsToSettle(lambda n: n == 1), sources=sources(loader, DELETING))
    assert report.verdict is CampaignVerdict.CONFORMS
    assert report.notes == (
        "after a reset, synchronization failed (1 times), and came to rest when it was asked for again; "
        "the system said first: lock 0x1 timed out",
    )


def test_what_an_earlier_sequence_did_to_an_instance_is_told_as_that(loader: ScenarioLoader) -> None:
    second = f"{CREATING}  - service: create note N2\n"
    some = sources(loader, CREATING, second, CHARGED, CREATING, second, second)
    report = judged(dirty.Poisoned, sources=some)
    finding = one_of(report)
    assert finding.recurrence.how is Recurs.USED
    assert [drive.source for drive in finding.recurrence.after] == ["3.yaml:1"]
    assert finding.seen_in == ("5.yaml:1", "6.yaml:1")
    for form in told(report):
        assert "on used instances only" in form
    assert "only on an instance that had done other things before" in told(report)[0]


def crash() -> None:
    raise RuntimeError("the disk is full")


def test_what_was_found_is_told_beside_a_crash_for_good() -> None:
    counted = [0]
    report = judged(lambda: dirty.Failing(counted, 60, crash), sources=SEVERING)
    assert report.verdict is CampaignVerdict.DIVERGES
    finding = one_of(report)
    assert "other-edit" in [rule.id for rule in finding.rules]
    assert finding.recurrence.how is Recurs.UNTRIED
    assert [one.fault and one.fault.begun for one in report.faults] == [True] + [False] * MOST_DOWN
    assert report.stopped is not None
    for form in told(report):
        assert "not tried again" in form
        assert "the disk is full" in form


@pytest.mark.parametrize(("at", "trouble"), [("reset", Trouble.RESET), ("act", Trouble.ENDED)])
def test_what_goes_wrong_once_is_evidence_like_any_other(at: str, trouble: Trouble) -> None:
    counted = [0]
    report = judged(lambda: dirty.WrongOnce(counted, at, 9), sources=SEVERING)
    assert (report.verdict, report.findings, report.faults) == (CampaignVerdict.DIVERGES, (), ())
    (failure,) = report.failures
    assert failure.driven.fault is not None
    assert failure.driven.fault.trouble is trouble
    assert (failure.recurrence.how, failure.recurrence.seen, failure.recurrence.tries) == (Recurs.SOMETIMES, 1, 6)
    for form in told(report)[:3]:
        assert "ot every time: seen 1 of 6 times that it was tried" in form
    assert "it does what the rules say as far as it could be judged, but fails now and then" in told(report)[0]
    assert as_json(report, {})["failures"][0]["recurrence"]["how"] == "not every time"
    assert 'failures="1" errors="0"' in as_junit(report)


def test_a_system_that_always_calls_its_statuses_otherwise_is_told_what_a_mapping_needs() -> None:
    report = judged(dirty.Underscored, sources=SEVERING)
    assert (report.verdict, report.failures) == (CampaignVerdict.ERROR, ())
    assert report.stopped == f"given up, since {MOST_DOWN} sequences in a row could not begin"
    assert report.notes == (
        "where that is what the system calls them, --map says: statuses: {Unsent: unsent, Assigned: assigned, "
        "Declined: declined, Canceled: canceled, Accepted: accepted, In Progress: in_progress, "
        "Waiting Approval: waiting_approval, Complete: complete}",
    )


def test_where_no_exchanges_were_kept_it_is_said_so(loader: ScenarioLoader) -> None:
    wrong = iter([False, True, *[True] * 40])
    report = judged(lambda: dirty.Losing(wrong), sources=sources(loader, CREATING, CREATING))
    finding = one_of(report)
    assert finding.recurrence.how is Recurs.SOMETIMES
    for form in told(report)[:3]:
        assert "hen it was not, it was as the rules say (in 1.yaml:1, of which no exchanges were kept)" in form


def test_what_comes_nearly_always_is_not_laid_to_what_came_before(loader: ScenarioLoader) -> None:
    often = random.Random(5)
    wrong = (often.random() < 0.77 for _ in range(10_000))
    report = judged(lambda: dirty.Losing(wrong), sources=sources(loader, *[CREATING] * 30))
    assert {one.recurrence.how for one in report.findings} == {Recurs.SOMETIMES}


class Hanging(PythonConnection):
    """No answer comes to every 40th request, of all that are made; nobody waits for it here."""

    asked = 0

    def exchange(self, request: Json) -> Json:
        Hanging.asked += 1
        if Hanging.asked % 40 == 0:
            raise SystemFault(Trouble.TIMEOUT, "no answer within 10 s")
        return super().exchange(request)


@pytest.mark.parametrize("make", [desks.right, dirty.SEVERS_NOT], ids=["right", "wrong"])
def test_a_system_that_hangs_now_and_then_is_given_up_with_what_is_known(make: Callable[[], object]) -> None:
    pool = Pool(lambda _number: System(partial(Hanging, make), MODEL), 1)
    report = campaign(pool, MODEL, SEVERING, Terms())
    pool.close()
    assert report.stopped == f"given up, since {MOST_HUNG} answers did not come within the time limit"
    hung = [*report.faults, *(one for failure in report.failures for one in failure.all)]
    assert MOST_HUNG <= len(hung) <= MOST_HUNG + 3
    assert report.steps > 0
    assert report.verdict is CampaignVerdict.DIVERGES
    assert [one.recurrence.how for one in report.failures] == ([Recurs.SOMETIMES] if make is desks.right else [])


def test_an_interrupted_campaign_reports_what_it_knows() -> None:
    stop = Stop()

    def progress(_what: str, done: int, _of: int) -> None:
        if done == 8:
            stop.ask("interrupted by the tide")

    pool = Pool(lambda _number: System(partial(PythonConnection, dirty.SEVERS_NOT), MODEL), 1)
    report = campaign(pool, MODEL, SEVERING, Terms(), progress, stop)
    pool.close()
    assert (report.verdict, report.sequences) == (CampaignVerdict.INTERRUPTED, 8)
    assert {one.recurrence.how for one in report.findings} == {Recurs.UNTRIED}
    for form in told(report):
        assert "interrupted by the tide" in form
    assert as_json(report, {})["carried_through"] is False


class Ticking:
    """Time that goes on by a second whenever somebody looks."""

    def __init__(self) -> None:
        self.now = -1.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_campaign_ends_when_its_time_is_over(jobs: int) -> None:
    pool = Pool(lambda _number: System(partial(PythonConnection, dirty.SEVERS_NOT), MODEL), jobs)
    report = campaign(pool, MODEL, SEVERING, Terms(), stop=Stop(200, clock=Ticking()))
    pool.close()
    assert report.verdict is CampaignVerdict.INTERRUPTED
    assert report.stopped == "the time was up after 200 s, as asked for; it was not carried through"
    assert 0 < report.sequences < len(SEVERING.scenarios)
    for form in told(report):
        assert report.stopped in form


@pytest.mark.parametrize(("said", "seconds"), [("90", 90), ("1.5s", 1.5), ("10m", 600), ("1h30m", 5400), ("2H", 7200)])
def test_a_time_is_said_in_seconds_minutes_and_hours(said: str, seconds: float) -> None:
    assert Duration().convert(said, None, None) == seconds


@pytest.mark.parametrize("said", ["", "0", "0m", "-1", "1d", "m", "10m5h", "1.5m", "nan"])
def test_what_is_no_time_is_told(cli: Run, said: str) -> None:
    code, _, err = cli("conform", "--sut-python", "simsync.reference:system", "--for", said)
    assert (code, f"'{said}' is no time; say a number of seconds, or one such as 90s, 10m or 1h30m" in err) == (2, True)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_campaign_with_its_report_and_files(cli: Run, tmp_path: Path, name: str) -> None:
    heard = getattr(signal, name)
    outside = signal.signal(heard, signal.default_int_handler)  # who runs the tests may have it ignored, as nohup does
    before = signal.getsignal(heard)
    asked = ("--sut-python", f"systems.dirty:ends_by_{name.lower()}", "--format", "json", "--out", tmp_path / "out")
    try:
        code, out, err = cli("conform", *asked, "scenarios/severing.yaml")
        assert signal.getsignal(heard) is before
    finally:
        signal.signal(heard, outside)
    report = json.loads(out)
    assert (code, report["verdict"], report["carried_through"]) == (2, "interrupted", False)
    assert report["stopped"] == f"interrupted by {name}, and not carried through"
    assert report["divergences"][0]["recurrence"]["how"] == "not tried again"
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".yaml", ".svg"}
    assert f"\n{name}: what is known is reported" in err
