"""The order of a log's lines, and that of time; lines that stand there twice, and lines that cannot be read."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.trace import simulate
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.judging.ticket import FIRST_LINES, Gap, Illegal, Summary
from simsync.questions.replay.log.columns import LogNames, Unreadable
from simsync.questions.replay.log.moments import Clock, NoMomentError
from simsync.questions.replay.replay import logged, replayed

MODEL = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


def on(actor: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ticket": "T1", "actor": actor, "action": action, **more}


OUTSOURCE, ACCEPT, START = on("lead", "outsource"), on("service", "accept"), on("service", "start")
NOTE = on("service", "create", item="N1", kind="note", fields={"text": "a"})


def replay(tmp_path: Path, *events: dict[str, Any] | str, model: Any = MODEL, **more: Any) -> tuple[list[Any], Summary]:
    path = tmp_path / "log.jsonl"
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in events))
    *told, summary = replayed(model, str(path), None, LogNames(**more), lambda *_: None)
    assert isinstance(summary, Summary)
    return told, summary


def at(time: Any, event: dict[str, Any]) -> dict[str, Any]:
    return {"time": time, **event}


SAME = 1_709_287_500_000_000
WRITTEN = [
    "2024-03-01T10:05:00Z", "2024-03-01 10:05:00+00:00", "2024-03-01T11:05:00+01:00", "2024-03-01T10:05:00.000000000Z",
    "20240301T100500Z", 1709287500, "1709287500", 1709287500.0, "1709287500,0", 1709287500000, "1709287500000000",
    "1709287500000000000", "Fri, 01 Mar 2024 10:05:00 +0000", "Fri, 1 Mar 2024 10:05:00 GMT", "2024-03-01 10:05:00 UTC",
    "2024-03-01 02:05:00 -0800",
]  # fmt: skip
NOT_ZONED = [
    "2024-03-01T10:05", "2024-03-01 10:05:00", "2024/03/01 10:05:00", "01.03.2024 10:05:00", "1 Mar 2024 10:05",
    "Mar 1, 2024 10:05:00 AM", "March 1, 2024, 10:05 a.m.", "01-Mar-2024 10:05:00", "20240301100500",
    "Fri Mar  1 10:05:00 2024", " 2024-3-1 10:05 ",
]  # fmt: skip


@pytest.mark.parametrize("value", [*WRITTEN, *NOT_ZONED])
def test_a_moment_is_read_in_the_usual_ways_of_writing_it(value: Any) -> None:
    assert Clock().read(value) == (SAME, value in WRITTEN)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("03/04/2024 10:05", "can be read with the day or the month first"),
        ("yesterday", "'yesterday' is no time that is known here, such as 2024-03-01T10:05:00Z"),
        ("2024-13-01", "is no time"),
        ("2024-03-01T25:00:00Z", "is no time"),
        (True, "it is a text or a number"),
        ([], "it is a text or a number"),
        ("9" * 30, "is no time"),
        (float("inf"), "is no time"),
    ],
)
def test_what_says_no_moment(value: Any, told: str) -> None:
    with pytest.raises(NoMomentError) as error:
        Clock().read(value)
    assert told in str(error.value)


def test_a_form_of_ones_own() -> None:
    clock = Clock("%d/%m/%Y %H:%M:%S")
    assert clock.read("01/03/2024 10:05:00").micros == SAME
    with pytest.raises(NoMomentError, match="'2024' is not written as"):
        clock.read("2024")


def test_lines_are_put_in_the_order_of_time(cli: Run, tmp_path: Path) -> None:
    events = (
        at("2024-03-01T10:00:00Z", OUTSOURCE),
        at("2024-03-01T10:07:00Z", NOTE),
        at("2024-03-01T11:05+01:00", ACCEPT),
    )
    told, summary = replay(tmp_path, *events)
    assert (told, summary.steps, summary.timed) == ([], 3, True)
    code, out, _ = cli("replay", tmp_path / "log.jsonl")
    assert (code, "\n  in the order of time\n" in out) == (0, True)
    told, summary = replay(tmp_path, *({**one, "time": None} for one in events))
    (found,) = told
    assert isinstance(found, Illegal)
    assert found.logged.line == 2
    assert found.notes == ("in the order of lines 3, 2 no rule is broken: are the lines in the order of time?",)
    code, out, _ = cli("replay", tmp_path / "log.jsonl")
    assert code == 1
    assert "no line says when it was: their order was taken for that of time" in out
    names = {"columns": {"time": "stamp"}}
    renamed = [{**{k: v for k, v in one.items() if k != "time"}, "stamp": one["time"]} for one in events]
    assert replay(tmp_path, *renamed, **names)[0] == []
    _, out, _ = cli("replay", tmp_path / "log.jsonl")
    assert "(does 'stamp' say it? columns: {time: stamp} in --map)" in out


@pytest.mark.parametrize("workers", [(), ("--jobs", "2")])
def test_times_that_come_late_are_not_said_to_be_none(workers: tuple[str, ...], cli: Run, tmp_path: Path) -> None:
    first = [{"ticket": f"T{n}", "actor": "lead", "action": "outsource"} for n in range(FIRST_LINES)]
    path, later = tmp_path / "log.jsonl", at("2024-03-01T10:00:00Z", OUTSOURCE)
    path.write_text("".join(json.dumps(one) + "\n" for one in [*first, later, "no line"]))
    out = cli("replay", path, *workers)[1]
    taken = "their order was taken for that of time: none of the first 100 says when it was, though 1 later line does"
    assert f"\n  {taken}\n" in out
    path.write_text("".join(json.dumps(one) + "\n" for one in [*first, later, {**later, "ticket": "T"}]))
    assert "though 2 later lines do\n" in cli("replay", path, *workers)[1]
    path.write_text("".join(json.dumps(one) + "\n" for one in [*first[1:], later]))
    assert "\n  in the order of time; 99 lines without one" in cli("replay", path, *workers)[1]


LOOSE = [
    ("some are the same", [(0, OUTSOURCE), (5, START), (5, ACCEPT)]),
    ("some are the same", [(0, OUTSOURCE), (5, NOTE), (5, START), (5, ACCEPT)]),
    ("the lines stand so", [(0, OUTSOURCE), (9, ACCEPT), (5, NOTE)]),
    ("a line does not say when it was", [(0, OUTSOURCE), (5, NOTE), (None, ACCEPT)]),
]


@pytest.mark.parametrize(("why", "events"), LOOSE, ids=range(len(LOOSE)))
def test_times_that_allow_another_order_are_a_gap_and_no_broken_rule(tmp_path: Path, why: str, events: Any) -> None:
    (found,), summary = replay(tmp_path, *(at(time, event) for time, event in events))
    assert isinstance(found, Gap)
    assert found.reason == "out of order"
    assert "no rule is broken, and their times do not rule it out: " + why in found.message
    assert (summary.illegal, summary.incomplete, summary.steps) == (0, 1, len(events))


def test_clocks_of_two_desks_differ_and_that_of_one_does_not(tmp_path: Path) -> None:
    lead, service = on("lead", "complete"), NOTE
    told, _ = replay(
        tmp_path, at(0, OUTSOURCE), at(5, ACCEPT), at(8.1, lead), at(8.2, {**service, "tickets": {"lead": {"N1": {}}}})
    )
    assert [type(one) for one in told] == [Gap]
    assert "less than a second apart" in told[0].message
    told, _ = replay(tmp_path, at(0, OUTSOURCE), at(5.1, START), at(5.2, ACCEPT))
    assert [type(one) for one in told] == [Illegal]
    told, _ = replay(tmp_path, at(0, OUTSOURCE), at(5, START), at(9, ACCEPT))
    assert [type(one) for one in told] == [Illegal]


def test_how_far_apart_clocks_are_may_be_said(tmp_path: Path, cli: Run) -> None:
    path = tmp_path / "log.jsonl"
    events = at(0, OUTSOURCE), at(6, on("lead", "complete")), at(7, ACCEPT)
    path.write_text("".join(json.dumps(one) + "\n" for one in events))
    code, out, _ = cli("replay", str(path))
    assert code == 1
    code, out, _ = cli("replay", str(path), "--clocks", "1.5")
    assert code == 2
    assert (
        "in the order of lines 3, 2 no rule is broken, and their times do not rule it out: they are less than 1.5 s"
        in out
    )


def test_a_zone_that_is_not_said_leaves_the_order_open(tmp_path: Path) -> None:
    told, _ = replay(
        tmp_path, at("2024-03-01T10:00Z", OUTSOURCE), at("2024-03-01T10:10Z", NOTE), at("2024-03-01 11:00", ACCEPT)
    )
    assert [type(one) for one in told] == [Gap]
    assert told[0].message.endswith("a zone is not said")


def test_a_time_that_cannot_be_read_is_told_with_its_line(tmp_path: Path) -> None:
    told, summary = replay(tmp_path, at(1, OUTSOURCE), at("soon", ACCEPT), at(3, START))
    assert isinstance(told[0], Unreadable)
    assert (told[0].line, told[0].why.startswith("'time': 'soon' is no time")) == (2, True)
    assert isinstance(told[1], Gap)  # not that the ticket may not be started
    assert (summary.illegal, summary.unreadable, summary.incomplete) == (0, 1, 1)


def test_a_line_that_cannot_be_read_is_no_broken_rule_of_its_ticket(tmp_path: Path) -> None:
    told, summary = replay(tmp_path, OUTSOURCE, {**ACCEPT, "action": "acept"}, NOTE, START)
    assert [type(one) for one in told] == [Unreadable, Gap]
    assert summary.illegal == 0
    told, _ = replay(tmp_path, OUTSOURCE, '{"ticket": "T1", ', NOTE)
    assert told[1].notes == ("line 2 cannot be read: if it is of this ticket, this may come of it",)


@pytest.mark.parametrize("model", [MODEL, ATELIER], ids=["shipped", "atelier"])
@pytest.mark.parametrize("written", [str, float, lambda n: f"2024-03-01T10:{n // 60:02}:{n % 60:02}Z"])
def test_shuffled_lines_with_times_keep_the_rules(tmp_path: Path, model: Any, written: Any) -> None:
    events: list[dict[str, Any]] = []
    for number, drive in enumerate(walks(model, 3, 12)):
        for second, outcome in enumerate(simulate(model, drive.trace)):
            events.append({**logged(model, f"T{number}", outcome), "time": written(second * 2)})
    random.Random(5).shuffle(events)
    told, summary = replay(tmp_path, *events, model=model)
    assert told == []
    assert summary.steps == len(events) > 60


REPEATED = [
    [OUTSOURCE, ACCEPT, NOTE, NOTE],
    [OUTSOURCE, OUTSOURCE],
    [OUTSOURCE, ACCEPT, NOTE, START, NOTE],
    [{**OUTSOURCE, "before": "Unsent"}, ACCEPT, {**OUTSOURCE, "before": "Unsent"}],
    [at(1, OUTSOURCE), at(2, ACCEPT), at(1, OUTSOURCE)],
    [at(1, OUTSOURCE), at(2, ACCEPT), at(3, START), at(2, ACCEPT)],
]


@pytest.mark.parametrize("events", REPEATED, ids=range(len(REPEATED)))
def test_a_repeated_line_is_a_gap_and_the_ticket_is_followed_on(tmp_path: Path, events: Any) -> None:
    told, summary = replay(tmp_path, *events, at(10, on("lead", "approve completion")))
    assert [type(one) for one in told] == [Gap, Illegal]  # what comes after it is still held against the rules
    assert told[0].reason == "repeated line"
    assert (summary.unjudged, summary.gaps, summary.left_out) == (1, 1, 0)


def test_what_is_done_twice_is_no_repeated_line(tmp_path: Path) -> None:
    told, _ = replay(tmp_path, OUTSOURCE, ACCEPT, OUTSOURCE)
    assert [type(one) for one in told] == [Illegal]
    told, _ = replay(tmp_path, at(1, OUTSOURCE), at(2, ACCEPT), at(30, OUTSOURCE))
    assert [type(one) for one in told] == [Illegal]
    edit = on("service", "edit", item="N1", fields={"text": "b"})
    assert replay(tmp_path, OUTSOURCE, ACCEPT, NOTE, edit, edit)[0] == []
