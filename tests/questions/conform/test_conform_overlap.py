"""Rounds of overlapping actions, and disruptions, against systems that go wrong only there."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from conftest import ROOT, Run
from overlapping import (
    DISRUPTION_FAULTS,
    KILLED,
    OVERLAP_FAULTS,
    RoundSystem,
    Spoil,
    another_order,
    last_is_lost,
    rounds_of,
)
from simsync import load_model
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.driven import Observed
from simsync.questions.conform.overlap.campaign import OverlapReport
from simsync.questions.conform.overlap.driving import drive_rounds
from simsync.questions.conform.overlap.explained_orders import UNAVOIDABLE, Explaining, Nature, Order
from simsync.questions.conform.overlap.fates import FateKind
from simsync.questions.conform.overlap.plan import MOST_DRIVES
from simsync.questions.conform.overlap.rounds import ActAnswer, Disruption, RoundsDrive, RoundSeen
from simsync.questions.conform.systems.direct import by_object

SHIPPED = ROOT / "machines"
FEW = 60


def found(model: Model, spoil: Spoil | None, drives: int, order: Order = Order.ANY, **says: Any) -> OverlapReport:
    system = by_object(RoundSystem(model, spoil, **says), model)
    return rounds_of(system, model, OverlapOptions(drives=drives, order=order))


def told(report: OverlapReport) -> str:
    return "\n".join(f"{one.mismatch.nature}: {[fate.told for fate in one.fates]}" for one in report.findings)


@pytest.mark.thorough
@pytest.mark.parametrize("spoil", [None, another_order], ids=["as sent", "in another order"])
@pytest.mark.parametrize(
    "says", [{}, {"can": ["parallel"]}, {"disruptions": [KILLED]}], ids=["one by one", "at once", "killed"]
)
def test_a_right_system_is_right_in_any_order(model: Model, spoil: Spoil | None, says: dict[str, Any]) -> None:
    report = found(model, spoil, FEW, **says)
    assert not report.findings, told(report)
    assert report.overlapping > FEW
    assert not report.faults
    assert bool(report.disrupted) == ("disruptions" in says)


@pytest.mark.thorough
def test_held_to_the_order_of_sending_another_order_is_wrong(model: Model) -> None:
    report = found(model, another_order, FEW, Order.SENT)
    assert report.diverges


@pytest.mark.thorough
@pytest.mark.parametrize("spoil", [last_is_lost, *DISRUPTION_FAULTS], ids=lambda spoil: spoil.__name__)
def test_a_fault_that_shows_only_there_is_found_at_once(model: Model, spoil: Spoil) -> None:
    says: dict[str, Any] = {"disruptions": [KILLED]} if spoil in DISRUPTION_FAULTS else {}
    assert found(model, spoil, FEW, **says).diverges


@pytest.mark.thorough
@pytest.mark.parametrize("says", [{}, {"can": ["parallel"]}], ids=["one by one", "at once"])
@pytest.mark.parametrize("spoil", OVERLAP_FAULTS, ids=lambda spoil: spoil.__name__)
def test_each_fault_is_found_by_default(model: Model, spoil: Spoil, says: dict[str, Any]) -> None:
    report = found(model, spoil, MOST_DRIVES, **says)
    assert report.diverges
    worst = report.findings[0]
    assert worst.again == worst.tries
    assert len(worst.driven.drive.rounds) <= 5


def edit_lost_as_it_is_accepted(system: RoundSystem) -> None:
    """What the lead edits while the service partner accepts arrives as it was: a single kind of pair shows it."""
    if system.before.status == "Assigned" and any(event.action == "accept" for event in system.done):
        for event in system.done:
            old = system.before.items.get(str(event.item))
            item = system.world.items.get(str(event.item))
            if event.action == "edit" and item is not None and item.copy is not None and old is not None:
                text = old.original.fields["text"]
                system.put(replace(item, copy=replace(item.copy, fields={**item.copy.fields, "text": text})))


@pytest.mark.thorough
def test_each_kind_of_pair_is_tried_by_default(model: Model) -> None:
    report = found(model, edit_lost_as_it_is_accepted, MOST_DRIVES)
    assert report.diverges
    assert {event.action for event in report.findings[0].mismatch.nearest.events} == {"accept", "edit"}


class BusyTicket(RoundSystem):
    """Refuses what comes in the same round after the other's action on the status."""

    def act(self, *given: Any, **asked: Any) -> dict[str, Any]:
        if any(event.action in ("accept", "start") and event.actor != asked["actor"] for event in self.done):
            return {"refused": "the ticket is busy"}
        return super().act(*given, **asked)


@pytest.mark.thorough
def test_another_answer_is_told_as_that_and_not_as_what_follows_from_it(model: Model) -> None:
    report = rounds_of(by_object(BusyTicket(model), model), model, OverlapOptions(drives=400))
    assert report.findings
    assert {one.fates[0].kind for one in report.findings} == {FateKind.ANSWERED}


class FailsToSettle(RoundSystem):
    """Does all as it should, and says that it failed."""

    def settle(self) -> dict[str, Any]:
        several = len(self.done) > 1
        super().settle()
        return {"error": "deadlock victim"} if several else {"ok": True}


@pytest.mark.thorough
def test_a_failed_synchronization_is_not_laid_to_the_items(model: Model) -> None:
    report = rounds_of(by_object(FailsToSettle(model), model), model, OverlapOptions(drives=8))
    assert [one.mismatch.nature for one in report.findings] == [Nature.NONE]
    assert [fate.kind for fate in report.findings[0].fates] == [FateKind.FAILED]


@pytest.mark.thorough
def test_what_is_shown_negated_is_not_taken_for_what_was_written(model: Model) -> None:
    class Ignores(RoundSystem):
        def settle(self) -> dict[str, Any]:
            for event in self.done if len(self.done) > 1 else ():
                old = self.before.items.get(str(event.item))
                if event.action == "edit" and event.actor == "lead" and old is not None and "internal" in event.fields:
                    self.put(old)
            return super().settle()

    report = rounds_of(by_object(Ignores(model), model), model, OverlapOptions(drives=400))
    said = [fate.told for one in report.findings for fate in one.fates if "customer_visible" in fate.told]
    assert said
    assert not any("is what lead wrote" in one for one in said), said


def test_what_has_not_arrived_yet_is_not_sent(model: Model) -> None:
    made = Event(actor="lead", action="create", item="N1", kind="note", fields={"text": "x"})
    edited = Event(actor="service", action="edit", item="N1", fields={"text": "y"})
    system = by_object(RoundSystem(model, None), model)
    drive = RoundsDrive(status="In Progress", rounds=((made, edited), (edited,)))
    driven = drive_rounds(system, Explaining(model, system.translation), drive, parallel=False)
    assert (driven.mismatch, driven.fault, driven.rounds) == (None, None, 2)


def seen(
    *done: tuple[Event, ActAnswer], status: str = "In Progress", **tickets: dict[str, dict[str, object]]
) -> RoundSeen:
    return RoundSeen(
        acts=tuple(event for event, _ in done),
        answers=tuple(answer for _, answer in done),
        shown=Observed(status=status, tickets={"lead": {}, "service": {}, **tickets}, notified=None),
    )


def nature(model: Model, world: World, what: RoundSeen, later: Observed | None = None) -> Nature:
    system = by_object(RoundSystem(model, None, cannot=["notified"]), model)
    system.begin(world.status)
    explaining = Explaining(model, system.translation)
    candidates = explaining.candidates([world], what.answered)
    assert not explaining.fitting(candidates, what.shown)
    return explaining.nature([world], what, candidates, later)


def test_what_both_had_to_answer_and_no_order_gives_is_laid_to_nobody(model: Model) -> None:
    cancels, accepts = Event(actor="lead", action="cancel"), Event(actor="service", action="accept")
    both = seen((cancels, ActAnswer.DONE), (accepts, ActAnswer.DONE), status="Accepted")
    assert nature(model, World("Assigned"), both) is Nature.UNWINNABLE
    neither = seen((cancels, ActAnswer.REFUSED), (accepts, ActAnswer.REFUSED), status="Assigned")
    assert nature(model, World("Assigned"), neither) is Nature.NONE


def test_an_answer_by_what_had_come_of_the_others_actions_is_laid_to_nobody(model: Model) -> None:
    rejects, completes = (Event(actor="lead", action=action) for action in ("reject completion", "complete"))
    submits = Event(actor="service", action="insource complete")
    all_done = ((rejects, ActAnswer.DONE), (completes, ActAnswer.DONE), (submits, ActAnswer.DONE))
    assert nature(model, World("Waiting Approval"), seen(*all_done, status="Complete")) is Nature.UNWINNABLE
    alone = ((completes, ActAnswer.REFUSED), (submits, ActAnswer.DONE))  # nothing had come by which that is right
    assert nature(model, World("Waiting Approval"), seen(*alone, status="Waiting Approval")) is Nature.NONE


def test_each_item_by_itself_in_another_order_is_told_apart(model: Model) -> None:
    made = [
        Event(actor="service", action="create", item=name, kind="note", fields={"text": "x"}) for name in ("N1", "N2")
    ]
    completes = Event(actor="lead", action="complete")
    note: dict[str, object] = {"kind": "note", "text": "x", "internal_users_only": True}
    arrived: dict[str, object] = {**note, "customer_visible": False}
    what = seen(
        *((event, ActAnswer.DONE) for event in made),
        (completes, ActAnswer.DONE),
        status="Complete",
        lead={"N2": arrived},
        service={name: {**note, "internal_users_only": False} for name in ("N1", "N2")},
    )
    assert nature(model, World("In Progress"), what) is Nature.ITEM_BY_ITEM


def test_a_copy_may_be_changed_before_what_a_rejection_releases_comes(model: Model) -> None:
    """A copy is changed before the held edit comes that its rejection releases: as if it had been changed first."""
    world = World("In Progress")
    for event in (
        Event(actor="service", action="create", item="N1", kind="attachment", fields={"text": "x"}),
        Event(actor="service", action="insource complete"),
        Event(actor="service", action="edit", item="N1", fields={"text": "y"}),
    ):
        world = step(model, world, event).after
    rejects = Event(actor="lead", action="reject completion"), ActAnswer.DONE
    publishes = Event(actor="lead", action="edit", item="N1", fields={"internal": False}), ActAnswer.DONE
    note = {"kind": "attachment", "internal_users_only": False, "type": "file"}
    here: dict[str, object] = {**note, "text": "y"}
    there: dict[str, object] = {**note, "text": "x", "customer_visible": True}
    what = seen(rejects, publishes, lead={"N1": there}, service={"N1": here})
    assert nature(model, world, what) is Nature.RELEASED
    assert Nature.RELEASED in UNAVOIDABLE
    lost = seen(rejects, publishes, lead={}, service={"N1": here})
    assert nature(model, world, lost) is Nature.NONE


def test_own_actions_about_different_things_that_change_places_are_told_apart(model: Model) -> None:
    """A note is held that was made before the submission: as if it had been made after it."""
    note = Event(actor="service", action="create", item="N1", kind="note", fields={"text": "x"}), ActAnswer.DONE
    submits = Event(actor="service", action="insource complete"), ActAnswer.DONE
    shown: dict[str, object] = {"kind": "note", "text": "x", "internal_users_only": False}
    what = seen(note, submits, service={"N1": shown}, status="Waiting Approval")
    assert nature(model, World("In Progress"), what) is Nature.MOVED
    assert Nature.MOVED not in UNAVOIDABLE


def test_own_changes_of_one_item_do_not_change_places(model: Model) -> None:
    creates = Event(actor="service", action="create", item="N1", kind="charge", fields={"text": "x"})
    world = step(model, World("In Progress"), creates).after
    first, second = (Event(actor="service", action="edit", item="N1", fields={"text": text}) for text in ("y", "z"))
    here: dict[str, object] = {"kind": "charge", "text": "z"}
    there: dict[str, object] = {"kind": "charge", "text": "y", "customer_visible": True}
    what = seen((first, ActAnswer.DONE), (second, ActAnswer.DONE), lead={"N1": there}, service={"N1": here})
    assert nature(model, world, what) is Nature.NONE


def test_what_comes_with_one_more_settle_is_late(model: Model) -> None:
    creates = Event(actor="service", action="create", item="N1", kind="charge", fields={"text": "x"})
    edits = Event(actor="service", action="edit", item="N1", fields={"text": "y"})
    here: dict[str, object] = {"kind": "charge", "text": "y"}
    there: dict[str, object] = {"kind": "charge", "text": "x", "customer_visible": True}
    done = ((creates, ActAnswer.DONE), (edits, ActAnswer.DONE))
    what = seen(*done, lead={"N1": there}, service={"N1": here})
    came = seen(*done, lead={"N1": {**there, "text": "y"}}, service={"N1": here}).shown
    assert nature(model, World("In Progress"), what, came) is Nature.LATE
    assert nature(model, World("In Progress"), what, what.shown) is Nature.NONE


def test_an_error_under_a_disruption_is_tried_both_ways(model: Model) -> None:
    class Shaky(RoundSystem):
        def act(self, *given: Any, **asked: Any) -> dict[str, Any]:
            answer = super().act(*given, **asked)
            return {"error": "the connection was cut"} if self.killed else answer

    system = by_object(Shaky(model, None, disruptions=[KILLED]), model)
    creates = Event(actor="service", action="create", item="N1", kind="note", fields={"text": "x"})
    edits = Event(actor="service", action="edit", item="N1", fields={"text": "y"})
    rounds = ((Disruption(KILLED), creates), (edits,))
    drive = RoundsDrive(status="In Progress", rounds=rounds)
    driven = drive_rounds(system, Explaining(model, system.translation), drive, parallel=False)
    assert driven.fault is None
    assert driven.mismatch is None
    assert driven.rounds == 2
    plain = drive_rounds(
        system,
        Explaining(model, system.translation),
        RoundsDrive(status="In Progress", rounds=((creates,),)),
        parallel=False,
    )
    assert plain.mismatch is None


@pytest.fixture
def lossy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A system that loses the last of what overlaps, as an option names it."""
    (tmp_path / "lossy.py").write_text(
        "from overlapping import RoundSystem, last_is_lost\nfrom simsync import load_model\n"
        "def system():\n    return RoundSystem(load_model(), last_is_lost)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    return "lossy:system"


def test_the_report_says_what_was_lost_and_how_to_see_it(cli: Run, lossy: str) -> None:
    code, out, err = cli("conform", "--sut-python", lossy, "--overlap", "--rounds", 30, "--random", 1)
    assert code == 1, out + err
    assert "one action at a time it does what the rules say, but not where actions overlap" in out
    assert "overlap 1. a change is lost [S" in out
    assert "no order of these actions explains it" in out
    assert "together" in out
    code, out, err = cli(
        "conform", "--sut-python", lossy, "--overlap", "--rounds", 30, "--random", 1, "--format", "json"
    )
    report = json.loads(out)["overlap"]
    first = report["findings"][0]
    assert (first["nature"], first["laid_to_the_system"]) == ("none", True)
    assert first["unexplained"][0]["kind"] == FateKind.LOST
    assert any("together" in step for step in first["scenario"]["steps"])
    assert report["overlapping"] > 15


@pytest.mark.thorough
def test_it_is_told_to_other_programs_and_written_down(cli: Run, tmp_path: Path, lossy: str) -> None:
    asked = ("conform", "--sut-python", lossy)
    more = ("--overlap", "--rounds", 30, "--random", 1, "--format", "junit", "--out", tmp_path / "found")
    code, out, err = cli(*asked, *more)
    assert code == 1, out + err
    suite = ElementTree.fromstring(out)
    cases = suite.findall(".//testcase")
    failures = [case.get("name") for case in cases if case.find("failure") is not None]
    assert failures == [f"overlap {number}" for number in range(1, len(failures) + 1)]
    assert suite.get("failures") == str(len(failures)) != "0"
    assert suite.get("tests") == str(len(cases))
    written = tmp_path / "found" / "overlap-1.yaml"
    code, out, err = cli("run", written)
    assert code == 0, out + err
    code, out, err = cli(*asked, written)
    assert code == 1, out + err
    assert "overlap 1. " in out


def test_without_overlap_the_report_recommends_it(cli: Run) -> None:
    code, out, err = cli("conform", "--sut-python", "simsync.reference:system", "--random", 1)
    assert code == 0, out + err
    assert "no two actions overlapped: each was settled before the next; --overlap has both sides act at once" in out


@pytest.mark.thorough
def test_a_system_that_says_parallel_is_driven_so_by_default(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wide.py").write_text(
        "from overlapping import RoundSystem\nfrom simsync import load_model\n"
        "def system():\n    return RoundSystem(load_model(), None, can=['parallel'], disruptions=['worker killed'])\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    places = ("--items", 0, "--steps", 0)
    code, out, err = cli("conform", "--sut-python", "wide:system", "--rounds", 30, *places, "--machines", SHIPPED)
    assert code == 0, out + err
    assert "sent at once, each side on a connection of its own" in out
    assert "disruptions: " in out


@pytest.mark.thorough
def test_many_fields_and_other_policies(tmp_path: Path) -> None:
    for name in ("tests/policies/bridge", "tests/policies/exchange", "examples/policies/vdirsyncer/machines"):
        model = load_model(ROOT / name)
        report = found(model, None, 40)
        assert not report.findings, f"{name}\n{told(report)}"
        assert report.overlapping
