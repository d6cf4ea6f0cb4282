"""Which readings a system follows is found by few questions, and no longer a wait than it takes."""

from __future__ import annotations

import json
import sys
from functools import partial

import pytest

from conftest import Run
from simsync.questions.conform.campaign.inferring import confirmed, infer
from simsync.questions.conform.campaign.plan import Sources
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.stopping import Stop
from simsync.questions.conform.report.inference import as_json, as_text, verdict
from simsync.questions.conform.systems import sut
from simsync.questions.conform.systems.mapping import Names
from simsync.questions.conform.systems.python import PythonConnection
from simsync.questions.conform.systems.settling import Settling
from simsync.questions.conform.systems.sut import System
from systems import desks, program
from systems.desks import MODEL

READINGS = {"resume": "discard", "charges": "unsynced", "late_publish": "never", "suspended_edits": "service_refused"}


@pytest.mark.parametrize("chosen", [{}, READINGS, {"made_internal": "withdraw", "charge_sever": "follow"}], ids=str)
@pytest.mark.thorough
def test_readings_are_inferred_from_few_scenarios(chosen: dict[str, str]) -> None:
    system = System(partial(PythonConnection, desks.as_read(**chosen)), MODEL)
    found = infer(system, MODEL, {})
    system.close()
    wanted = {**MODEL.readings, **chosen}
    assert found.readings == {name: wanted[name] for name in found.readings}
    unsynced = chosen.get("charges") == "unsynced"
    assert set(found.open) == ({"charge_sever"} if unsynced else set())
    assert found.left == (2 if unsynced else 1)
    assert (found.unexplained, found.faults) == ((), ())
    assert len(found.asked) <= 12
    assert all(len(one.drive.trace.events) <= 4 for one in found.asked)
    for name, (_, number) in found.settled.items():
        assert name in found.asked[number - 1].ruled_out


def test_what_cannot_be_asked_leaves_a_reading_open() -> None:
    names = Names(cannot=("complete", "create charge"))
    system = System(partial(PythonConnection, desks.right), MODEL, names)
    found = infer(system, MODEL, {"resume": "deliver"})
    system.close()
    assert set(found.open) == {"lead_completes", "charges", "charge_sever"}
    assert found.open["charges"].drive is not None
    assert found.settled["resume"] == ("deliver", 0)


def test_what_is_known_when_the_time_is_over_is_told() -> None:
    system = System(partial(PythonConnection, desks.right), MODEL)
    asked: list[int] = []
    stop = Stop()

    def progress(_what: str, number: int, _of: int) -> None:
        stop.ask("enough") if number == 2 else asked.append(1)

    found = infer(system, MODEL, {}, progress, stop)
    system.close()
    assert verdict(found) == "interrupted"
    assert (len(found.asked), found.stopped, confirmed(Pool(lambda _: system, 1), found, Sources(walks=1))) == (
        2,
        "enough",
        found,
    )
    assert found.settled["emails_on_sync"] == ("no", 2)
    assert found.open["charges"].why == "it was ended before that was asked"
    lines = [line for line, _ in as_text(found, "again")]
    assert "  stopped: enough" in lines
    assert "  charges               inconclusive: as_items or unsynced; it was ended before that was asked" in lines
    assert as_json(found)["stopped"] == "enough"


@pytest.mark.thorough
def test_no_reading_explains_a_wrong_system() -> None:
    make = desks.changed("own-create", "meant that nothing crosses over")
    system = System(partial(PythonConnection, make), MODEL)
    found = infer(system, MODEL, {})
    system.close()
    assert found.unexplained
    assert found.left > 0


@pytest.mark.thorough
def test_inference_on_the_command_line(cli: Run) -> None:
    code, out, _ = cli("conform", "--sut-python", "systems.desks:other_readings", "--infer-readings")
    assert code == 0
    assert "resume                discard" in out
    assert "--reading resume=discard" in out
    code, out, _ = cli(
        "conform", "--sut-python", "systems.desks:other_readings", "--infer-readings", "--format", "json",
        "--reading", "charges=as_items",
    )  # fmt: skip
    report = json.loads(out)
    assert (code, report["verdict"]) == (0, "conforms")
    assert report["readings"]["resume"]["option"] == "discard"
    assert report["readings"]["charges"]["decided_by"] is None
    code, out, _ = cli("conform", "--sut", program("crash", 2), "--infer-readings")
    assert (code, "error: went-away" in out) == (2, True)
    code, out, _ = cli("conform", "--sut-python", "systems.desks:nothing_crosses", "--infer-readings")
    assert (code, "no readings explain step" in out) == (1, True)


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("jumps", [True, False])
@pytest.mark.thorough
def test_all_the_time_is_given_only_where_the_answer_is_open(jumps: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(sut, "time", clock)
    make = (
        partial(desks.Slow, MODEL.under(READINGS)) if jumps else partial(desks.SlowFromTheStart, MODEL.under(READINGS))
    )
    system = System(partial(PythonConnection, make), MODEL, settling=Settling(seconds=60, quiet=0.001))
    found = infer(system, MODEL, {})
    system.close()
    assert found.readings == {name: {**MODEL.readings, **READINGS}[name] for name in found.readings}
    assert (found.unexplained, found.faults) == ((), ())
    steps = sum(len(one.drive.trace.events) for one in found.asked)
    assert 60 * len(found.asked) <= clock.now < 60 * 0.8 * steps


@pytest.mark.thorough
def test_progress_is_told_to_a_terminal_only(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = [f"--reading={name}={option}" for name, option in MODEL.readings.items() if name != "resume"]
    asked = ("conform", "--sut-python", "systems.desks:other_readings", "--infer-readings", *settled)
    assert not cli(*asked)[2]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert "combinations of readings left" in cli(*asked)[2]
