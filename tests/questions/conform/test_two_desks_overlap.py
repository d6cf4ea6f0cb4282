"""The two desks where actions overlap and parts are killed: what they can have only there, and that they are right."""

from __future__ import annotations

import io
import json
import re
import shlex
import sys
import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest

from conftest import Run
from examples.two_desks.faults import FAULTS
from examples.two_desks.protocol import CUT, DISRUPTIONS, KILLED, REPEATED, Adapter
from examples.two_desks.running import TwoDesks
from examples.two_desks.serving import serve_lines
from overlapping import rounds_of
from simsync.engine.world import Event
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.overlap.driving import RoundsDriven, drive_rounds
from simsync.questions.conform.overlap.explained_orders import Explaining
from simsync.questions.conform.overlap.rounds import Act, Acts, Disruption, RoundsDrive
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.sut import System
from systems.desks import MODEL

TRIES = 25
"""How often what depends on who is quicker is done until it shows."""
CUT_OFF, TWICE = Disruption(CUT), Disruption(REPEATED)
KILL_LEAD, KILL_OTHER = (Disruption(what) for what, part in KILLED.items() if part != "worker")


def do(words: str, **fields: Any) -> Event:
    actor, _, action = words.partition(": ")
    first, *more = action.split(" ")
    if first not in ("create", "edit", "delete"):
        return Event(actor=actor, action=action)
    kind = " ".join(more[:-1]) if first == "create" else None
    return Event(actor=actor, action=first, item=more[-1], kind=kind, fields=fields)


def rounds(*acts: Act | Acts) -> tuple[Acts, ...]:
    """From an accepted ticket; an act alone is a round of one."""
    begun: tuple[Act | Acts, ...] = (do("lead: outsource"), do("service: accept"))
    return tuple(act if isinstance(act, tuple) else (act,) for act in (*begun, *acts))


NOTE, ENTRY = do("service: create note N1", text="a"), do("service: create time entry N1", text="a")
EDIT, AGAIN = do("service: edit N1", text="b"), do("service: edit N1", text="c")
ELSE = do("lead: create note N2", text="x")
COPY = do("lead: edit N1", text="y")
OTHER = do("service: create note N3", text="z")
WITNESSES: dict[str, tuple[Acts, ...]] = {
    "busy-desk-forgets-severing": rounds(NOTE, (CUT_OFF, ELSE, COPY), AGAIN),
    "busy-outbox-drops-edits": rounds((NOTE, EDIT)),
    "repeated-delivery-copies-again": rounds((TWICE, NOTE)),
    "repeated-delivery-notified-again": rounds((TWICE, ENTRY)),
    "items-lost-on-restart": rounds((CUT_OFF, NOTE, KILL_OTHER)),
    "edits-lost-on-restart": rounds(NOTE, (CUT_OFF, EDIT, KILL_OTHER)),
    "status-lost-on-restart": rounds((CUT_OFF, do("lead: complete"), KILL_LEAD)),
    "held-lost-on-restart": rounds(
        do("service: start"), do("service: insource complete"), NOTE, KILL_OTHER, do("lead: reject completion")
    ),
    "severing-lost-on-restart": rounds(NOTE, COPY, KILL_LEAD, AGAIN),
    "outbox-lost-on-restart": rounds((CUT_OFF, NOTE, KILL_OTHER)),
    "emails-lost-on-restart": rounds((do("lead: complete"), KILL_LEAD)),
    "backlog-delivered-backwards": rounds((CUT_OFF, NOTE, OTHER)),
}


class Desks:
    """Both desks, with a fault switched on or none, as a system under test."""

    def __init__(self, running: TwoDesks) -> None:
        self.running = running
        self.adapter = Adapter(running, disruptible=True)

        def answer(request: dict[str, Any]) -> Any:
            return json.loads(self.adapter.answer(json.dumps(request)))

        self.system: System = by_object(answer, MODEL)
        self.explaining = Explaining(MODEL, self.system.translation)

    def driven(self, name: str, fault: str | None) -> RoundsDriven:
        self.running.fault.turn(fault)
        try:
            drive = RoundsDrive(status="Unsent", rounds=WITNESSES[name])
            return drive_rounds(self.system, self.explaining, drive, parallel=False)
        finally:
            self.running.fault.turn(None)


@pytest.fixture(scope="module")
def desks() -> Iterator[Desks]:
    with TwoDesks() as running:
        running.wait()
        both = Desks(running)
        yield both
        both.adapter.close()


def test_each_such_fault_has_a_witness_and_no_other_has() -> None:
    assert set(WITNESSES) == {name for name, fault in FAULTS.items() if fault.needs}
    assert len(WITNESSES) >= 12
    assert {act.what for acts in WITNESSES.values() for one in acts for act in one if isinstance(act, Disruption)} <= {
        *DISRUPTIONS
    }


@pytest.mark.thorough
@pytest.mark.parametrize("name", WITNESSES)
def test_no_order_explains_what_a_fault_does_and_one_explains_the_right_desks(desks: Desks, name: str) -> None:
    right = desks.driven(name, None)
    assert right.fault is None
    assert right.mismatch is None
    assert right.rounds == len(WITNESSES[name])
    assert any(desks.driven(name, name).mismatch is not None for _ in range(TRIES))


@pytest.mark.thorough
def test_the_right_desks_are_where_some_order_leads_whatever_disrupts_them(desks: Desks) -> None:
    report = rounds_of(desks.system, MODEL, OverlapOptions(drives=80))
    assert not report.diverges
    assert not report.faults
    assert report.disruptions == DISRUPTIONS
    assert report.disrupted >= 80
    assert report.overlapping > 80


class Meeting:
    """Answers an act once the other desk's is under way too, and tells every request in the order of their ends."""

    desk_of = staticmethod(Adapter.desk_of)

    def __init__(self) -> None:
        self.both = threading.Barrier(2, timeout=30)

    def answer(self, line: bytes) -> str:
        if self.desk_of(line) is not None:
            self.both.wait()
        return f"{json.loads(line)['op']} {json.loads(line).get('actor', '')}".strip()


def test_both_desks_are_asked_at_once_and_answers_keep_the_order_of_requests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    acts = [{"op": "act", "actor": actor} for actor in ("service", "lead", "service", "lead")]
    lines = "".join(json.dumps(one) + "\n" for one in (*acts, {"op": "settle"}, {"op": "observe"}))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    serve_lines(cast(Adapter, Meeting()))
    assert capsys.readouterr().out.splitlines() == [
        *("act service", "act lead", "act service", "act lead", "settle", "observe")
    ]


@pytest.mark.thorough
def test_the_right_desks_conform_where_both_are_asked_at_once(cli: Run) -> None:
    system = shlex.join([sys.executable, "examples/two_desks/adapter.py", "--parallel"])
    code, out, err = cli("conform", "--sut", system, "--random", "1", "--rounds", "60")
    assert code == 0, out + err
    assert out.startswith("two desks: conforms")
    assert "of several actions, sent at once, each side on a connection of its own" in out
    explained = r"each explained by some order of its actions|\d+ explained by no order, not laid to the system"
    assert re.search(rf"^  \d+ rounds judged: ({explained})$", out, re.M)
