"""Systems as others write them, right and wrong only where actions overlap, and what is told of them."""

from __future__ import annotations

import html
import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest

from conftest import Run
from overlapping import KILLED, RoundSystem, last_is_lost, rounds_of
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.overlap.campaign import MOST_HUNG, OverlapReport
from simsync.questions.conform.overlap.driving import drive_rounds
from simsync.questions.conform.overlap.explained_orders import Explaining
from simsync.questions.conform.overlap.fates import FateKind, deeds_on
from simsync.questions.conform.overlap.plan import FEWER_DRIVES, LARGEST, MOST_DRIVES, Overlapping, RoundsPlan
from simsync.questions.conform.overlap.rounds import RoundsDrive, events_of
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.protocol import AnswerLimits
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.sut import System

FEW = 80


def asked(make: Any, model: Model, drives: int = FEW, seconds: float = 10.0) -> OverlapReport:
    system = System(lambda limits: PythonConnection(make, limits), model, limits=AnswerLimits(seconds=seconds))
    try:
        return rounds_of(system, model, OverlapOptions(drives=drives))
    finally:
        system.close()


def do(words: str, **fields: Any) -> Event:
    actor, _, action = words.partition(": ")
    first, *more = action.split(" ")
    if first not in ("create", "edit", "delete"):
        return Event(actor=actor, action=action)
    return Event(actor=actor, action=first, item=more[-1], kind=" ".join(more[:-1]) or None, fields=fields)


class Late(RoundSystem):
    """Right: what comes with a round is on the other ticket once all has settled, and before that it is not there."""

    def act(self, actor: str, action: str, item: str = "", *given: Any, **more: Any) -> dict[str, Any]:
        old = self.before.items.get(item)
        if action in ("edit", "delete") and old is not None and old.owner != actor and old.copy is None:
            return {"refused": "it has not come here yet"}
        return super().act(actor, action, item, *given, **more)


def test_what_arrives_in_a_round_is_not_acted_upon_there(model: Model) -> None:
    system = by_object(Late(model), model)
    before = (do("service: insource complete"),), (do("service: create charge N1", text="a"),)
    both = (do("lead: reject completion"), do("lead: edit N1", text="b"))
    drive = RoundsDrive(status="In Progress", rounds=(*before, both, (do("lead: edit N1", text="c"),)))
    driven = drive_rounds(system, Explaining(model, system.translation), drive, parallel=False)
    assert driven.mismatch is None
    assert driven.drive.rounds == (*before, both[:1], (do("lead: edit N1", text="c"),))


@pytest.mark.thorough
def test_a_right_system_that_delivers_late_conforms(model: Model) -> None:
    report = asked(lambda: Late(model), model, MOST_DRIVES)
    assert not report.findings
    assert not report.failures


class Dies(RoundSystem):
    """Raises an exception, or answers with an error, where the other side changed the same item since all settled."""

    says_so = False

    def act(self, actor: str, action: str, item: str = "", *given: Any, **more: Any) -> dict[str, Any]:
        if item and any(event.item == item and event.actor != actor for event in self.done):
            if self.says_so:
                return {"error": "500 Internal Server Error"}
            raise RuntimeError("deadlock detected")
        return super().act(actor, action, item, *given, **more)


class Errs(Dies):
    says_so = True


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "words"), [(Dies, "deadlock detected"), (Errs, "500 Internal Server Error")])
def test_who_fails_only_where_actions_overlap_is_told_with_the_round(
    model: Model, kind: type[Dies], words: str
) -> None:
    report = asked(lambda: kind(model), model)
    assert report.diverges
    assert not report.findings
    assert not report.faults
    (failure,) = report.failures
    assert words in failure.fault.message
    assert failure.again == failure.tries > 0
    *before, last = failure.driven.drive.rounds
    assert len(last) == 2
    assert all(len(acts) == 1 for acts in before)
    assert len({event.item for event in events_of(last)}) == 1


class Hangs(Dies):
    """Does not answer there, until the test is over."""

    over = threading.Event()

    def act(self, actor: str, action: str, item: str = "", *given: Any, **more: Any) -> dict[str, Any]:
        if item and any(event.item == item and event.actor != actor for event in self.done):
            self.over.wait(60)
        return super().act(actor, action, item, *given, **more)


@pytest.mark.thorough
def test_who_hangs_is_given_up_after_some_time_limits_and_told_with_the_round(model: Model) -> None:
    try:
        report = asked(lambda: Hangs(model), model, 400, seconds=1.0)
    finally:
        Hangs.over.set()
    (failure,) = report.failures
    assert failure.seen == MOST_HUNG
    assert report.stopped is not None
    assert "time limit" in report.stopped


@pytest.mark.thorough
def test_what_is_lost_of_different_deeds_is_told_apart(model: Model) -> None:
    report = asked(lambda: RoundSystem(model, last_is_lost), model, 300)
    lost = [one for one in report.findings if one.fates[0].kind is FateKind.LOST]
    deeds = {(one.mismatch.nature, deeds_on(one.mismatch, one.fates[0].item)) for one in lost}
    assert len(deeds) == len(lost) > 1


def test_random_rounds_have_up_to_four_actions(model: Model) -> None:
    plan = RoundsPlan(model, Overlapping(drives=40), lambda _world, _event: True, jumps=True)
    sizes = {len(acts) for drive in plan.drives() if "random" in drive.source for acts in drive.rounds}
    assert sizes == set(range(1, LARGEST + 1)) == {1, 2, 3, 4}


def test_who_cannot_say_when_it_rests_is_driven_through_fewer_rounds(model: Model) -> None:
    slow = by_object(RoundSystem(model, cannot=["settle"]), model)
    slow.begin("Unsent")
    quick = by_object(RoundSystem(model), model)
    quick.begin("Unsent")
    assert (OverlapOptions().of(slow), OverlapOptions().of(quick)) == (FEWER_DRIVES, MOST_DRIVES)
    assert OverlapOptions(drives=7).of(slow) == 7


@pytest.fixture
def factories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made.py").write_text(
        "import test_overlap_systems as here\nfrom overlapping import *\nfrom simsync import load_model\n"
        "def lossy():\n    return RoundSystem(load_model(), last_is_lost)\n"
        "def killed():\n    return RoundSystem(load_model(), lost_when_killed, disruptions=[KILLED])\n"
        "def used():\n    return RoundSystem(load_model(), cannot=['reset'])\n"
        "def dies():\n    return here.Dies(load_model())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(Path(__file__).parent))


def text_of(part: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", part)).split())


@pytest.mark.thorough
@pytest.mark.usefixtures("factories")
def test_the_page_draws_a_finding_and_says_what_was_not_tried(cli: Run) -> None:
    code, page, err = cli(
        "conform", "--sut-python", "made:lossy", "--overlap", "--rounds", 30, "--random", 1, "--format", "html"
    )
    assert code == 1, err
    told = text_of(page)
    picture = page[page.index("<svg") : page.index("</svg>")]
    assert "nothing settled between" in picture
    assert len(re.findall(r"sent [\d.]+ ms, answered [\d.]+ ms", picture)) >= 2
    assert "no order of these actions explains it" in picture
    assert "What would explain it best The nearest order:" in told
    assert "It leaves unexplained:" in told
    assert "As the nearest order has it lead's ticket" in told
    assert "done again, it came 5 of 5 times" in told
    assert "simsync conform --sut-python made:lossy overlap-1.yaml" in told
    assert "No two requests were under way at the same time, since its hello does not say 'parallel'" in told
    assert "its hello names no disruptions" in told


@pytest.mark.thorough
@pytest.mark.usefixtures("factories")
def test_what_was_disrupted_is_told_with_how_often_and_whether_it_came_later(cli: Run) -> None:
    more = ("--overlap", "--rounds", 30, "--random", 1)
    code, out, err = cli("conform", "--sut-python", "made:killed", *more)
    assert code == 1, out + err
    assert f"disrupted before it: {KILLED}" in out
    assert "one settle later it was still so" in out
    assert "done again, it came 5 of 5 times" in out
    _, out, _ = cli("conform", "--sut-python", "made:killed", *more, "--format", "json")
    first = json.loads(out)["overlap"]["findings"][0]
    assert (first["disrupted"], first["one_settle_later"]) == ([KILLED], "did not come")
    _, page, _ = cli("conform", "--sut-python", "made:killed", *more, "--format", "html")
    assert f"disrupted: {KILLED}" in page
    assert "simsync conform --sut-python made:killed --again overlap-1.rounds" in text_of(page)
    assert re.search(r"[\d,]+ requests made for all that came to its end", text_of(page))


@pytest.mark.thorough
@pytest.mark.usefixtures("factories")
def test_a_failure_with_overlap_is_told_everywhere(cli: Run, tmp_path: Path) -> None:
    more = ("conform", "--sut-python", "made:dies", "--overlap", "--rounds", FEW, "--random", 1)
    code, out, err = cli(*more, "--out", tmp_path / "found")
    assert code == 1, out + err
    assert "overlap 1. the system fails, and only where actions overlap or it is disrupted: went-away" in out
    assert "deadlock detected" in out
    again, out, err = cli("conform", "--sut-python", "made:dies", tmp_path / "found" / "overlap-1.yaml")
    assert again == 1, out + err
    assert "deadlock detected" in out
    _, out, _ = cli(*more, "--format", "json")
    assert json.loads(out)["overlap"]["failures"][0]["again"] == {"shown": 5, "tries": 5}
    _, out, _ = cli(*more, "--format", "junit")
    assert '<failure message="went-away: it raised RuntimeError: deadlock detected">' in out
    _, page, _ = cli(*more, "--format", "html")
    assert "the system failed here" in page


@pytest.mark.thorough
@pytest.mark.usefixtures("factories")
def test_who_is_never_reset_is_told_that_nothing_overlapped(cli: Run) -> None:
    _, out, err = cli("conform", "--sut-python", "made:used", "--overlap", "--random", 1)
    assert "no two actions overlapped and nothing was disrupted: it is never reset" in out, out + err
