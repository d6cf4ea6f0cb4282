"""A production log held against the rules: what is illegal, what cannot be read, and what does not fit in memory."""

from __future__ import annotations

import gc
import json
import sqlite3
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.questions.replay.disk import Disk
from simsync.questions.replay.following import Tickets
from simsync.questions.replay.judging.order import TicketHistory
from simsync.questions.replay.judging.skimming import SkimmedHistory
from simsync.questions.replay.judging.ticket import Illegal, Summary
from simsync.questions.replay.log.columns import LogNames, Unreadable
from simsync.questions.replay.log.text import LONGEST
from simsync.questions.replay.replay import example, replayed

MODEL = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


def lines(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def on(ticket: str, actor: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ticket": ticket, "actor": actor, "action": action, **more}


ACCEPTED = (on("T1", "lead", "outsource"), on("T1", "service", "accept"))
NOTE = on("T1", "service", "create", item="N1", kind="note", fields={"text": "a"})


def replay(tmp_path: Path, text: str | bytes, names: LogNames | None = None, **more: Any) -> list[Any]:
    path = tmp_path / "log.jsonl"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(replayed(MODEL, str(path), more.pop("form", None), names or LogNames(), lambda *_: None, **more))


@pytest.mark.parametrize("model", [MODEL, ATELIER], ids=["shipped", "atelier"])
def test_the_example_keeps_the_rules(tmp_path: Path, model: Any) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(example(model)))
    (summary,) = replayed(model, str(path), None, LogNames(), lambda *_: None)
    assert isinstance(summary, Summary)
    assert (summary.illegal, summary.unreadable, summary.tickets) == (0, 0, 3)
    assert summary.steps == len(path.read_text().splitlines())
    assert summary.rules


ILLEGAL = [
    ([on("T1", "lead", "approve completion", before="Unsent")], "lead-approves", "refused"),
    ([on("T1", "lead", "outsource", refused=True, before="Unsent")], "lead-outsources", "refused"),
    ([on("T1", "lead", "outsource", status="Accepted")], "lead-outsources", "status"),
    ([on("T1", "lead", "outsource", notified=[])], "status-emails", "notified"),
    ([*ACCEPTED, {**NOTE, "tickets": {"lead": {}}}], "own-create", "lead's N1"),
    (
        [*ACCEPTED, {**NOTE, "tickets": {"lead": {"N1": {"kind": "note", "internal_users_only": False}}}}],
        "service-note-copy",
        "lead's N1 internal_users_only",
    ),
    ([*ACCEPTED, NOTE, {**NOTE, "kind": "charge"}], None, "the action"),
    ([on("T1", "lead", "outsource", before="Complete"), on("T1", "lead", "cancel")], "lead-outsources", "refused"),
    ([*ACCEPTED, on("T1", "service", "start", before="Assigned")], None, "status before"),
]


@pytest.mark.parametrize(("events", "rule", "at"), ILLEGAL)
def test_the_first_illegal_step_of_a_ticket(tmp_path: Path, events: Any, rule: str | None, at: str) -> None:
    found, summary = replay(tmp_path, lines(*events, on("T1", "lead", "complete"), on("T2", "lead", "outsource")))
    assert isinstance(found, Illegal)
    assert [one.at for one in found.apart] == [at]
    assert [one.id for one in found.rules[:1]] == ([rule] if rule else [])
    illegal_at = found.logged.line
    assert summary.left_out == len(events) - illegal_at + 1
    assert (summary.tickets, summary.illegal, summary.steps) == (2, 1, illegal_at + 1)


def test_an_edit_of_what_the_rules_do_not_know_is_let_pass(tmp_path: Path) -> None:
    (summary,) = replay(tmp_path, lines(*ACCEPTED, NOTE, on("T1", "service", "edit", item="N1")))
    assert summary.illegal == 0


UNREADABLE = [
    (b"nonsense\n", "no JSON"),
    (b"\xff\xfe\n", "not UTF-8"),
    (b"[1]\n", "a JSON object is wanted"),
    (b'{"ticket": "T1", "fields": 3}\n', '"fields" is an object'),
    (lines(on("T1", "lead", "outsource", fields={"colour": "red"})).encode(), "'colour' is not a field"),
    (lines(on("", "lead", "outsource")).encode(), "'ticket' is wanted"),
    (lines(on("T1", "laed", "outsource")).encode(), "did you mean 'lead'?"),
    (lines({"ticket": "T1", "actor": "lead"}).encode(), "'action' is wanted"),
    (lines(on("T1", "lead", "create", kind="note")).encode(), "'item' is wanted"),
    (lines(on("T1", "lead", "create", item="N1")).encode(), "'kind' is wanted"),
    (lines(on("T1", "lead", "create", item="N1", kind="note", fields={"internal": "x"})).encode(), "'internal'"),
    (lines(on("T1", "lead", "outsource", tickets=[])).encode(), "'tickets' is an object"),
    (lines(on("T1", "lead", "outsource", tickets={"x": {}})).encode(), "'x' is not a partner"),
    (b'"' + b"x" * (LONGEST + 10) + b'"\n', "more than"),
    (b"[" * 200_000 + b"\n", "no JSON"),
]


@pytest.mark.parametrize(("line", "told"), UNREADABLE, ids=[told for _, told in UNREADABLE])
def test_a_line_that_cannot_be_read_does_not_stop_the_rest(tmp_path: Path, line: bytes, told: str) -> None:
    bad, summary = replay(tmp_path, lines(ACCEPTED[0]).encode() + line + b"\n" + lines(ACCEPTED[1]).encode())
    assert isinstance(bad, Unreadable)
    assert bad.line == 2
    assert told in bad.why
    assert (summary.steps, summary.unreadable, summary.illegal) == (2, 1, 0)


def test_tickets_that_do_not_fit_in_memory_wait_on_disk(tmp_path: Path) -> None:
    many = [
        event
        for round_ in (ACCEPTED[:1], ACCEPTED[1:], (NOTE,), (on("T1", "lead", "cancel"),), (NOTE,))
        for number in range(30)
        for event in ({**round_[0], "ticket": number},)
    ]
    everything = replay(tmp_path, lines(*many))
    a_few = replay(tmp_path, lines(*many), kept=2)
    assert [f.logged for f in a_few[:-1]] == [f.logged for f in everything[:-1]]
    assert len(a_few) == 31
    assert (a_few[-1].tickets, a_few[-1].left_out, a_few[-1].steps) == (30, 30, 120)


CSV = """\
\ufeffTicket,Who,What,Id,Type,Body,Vis,Result,New status,Told
1,boss,offer,,,,,,Assigned,contact
1,shop,accept,,,,,,working,
1,boss,add,77,TicketNote,"two
lines",1,,,
2,boss,offer,,,,,no,Assigned,
2,shop,offer,,,,,declined by rule,,
3,boss
4,boss,offer,,,,,,Nowhere,
5,boss,add,78,TicketNote,x,3,,,
"""
MAP = """\
columns: {ticket: Ticket, actor: Who, action: What, item: Id, kind: Type, text: Body, internal: Vis,
  refused: Result, status: New status, notified: Told}
partners: {lead: boss, service: shop}
actions: {outsource: offer, create: add}
kinds: {note: TicketNote}
statuses: {Accepted: working}
recipients: {primary contact: contact}
values: {internal: {true: 2, false: 1}}
begins in: Unsent
"""


def test_a_csv_file_with_other_names(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(CSV)
    (tmp_path / "map.yaml").write_text(MAP)
    code, out, err = cli("replay", tmp_path / "log.csv", "--map", tmp_path / "map.yaml", "--format", "json")
    report = json.loads(out)
    assert code == 2
    assert report["illegal"] == []
    assert report["summary"] == {
        "lines": 8, "tickets": 2, "steps": 5, "illegal": 0, "incomplete": 0, "gaps": 0, "unjudged": 0,
        "left_out": 0, "unreadable": 3, "late": 0, "own": 0, "timeless": 5,
    }  # fmt: skip
    assert [one["line"] for one in report["unreadable"]] == [8, 9, 10]
    assert f"{tmp_path / 'log.csv'}:8:1: syntax: it has 2 cells; the header has 10" in err
    assert report["kinds"] == {"note": 1}
    assert "lead-outsources" not in report["unseen"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a,b\n1,2\n", "the header has no 'ticket'. It has: a, b"),
        (b'ticket,actor,action\n1,"lead"x,outsource\n', "this is no CSV"),
        (b"ticket,actor,action\n\xff,lead,outsource\n", "not UTF-8"),
        (b"ticket,actor,action\n" + b"x" * (LONGEST + 10) + b"\n", "more than"),
    ],
)
def test_bad_csv(tmp_path: Path, text: bytes, told: str) -> None:
    bad, summary = replay(tmp_path, text, form="csv")
    assert told in bad.why
    assert summary.steps == 0


def test_the_command_line(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(lines(*ACCEPTED, NOTE, on("T1", "lead", "reject completion")))
    code, out, err = cli("replay", path)
    assert (code, err) == (1, "")
    assert f"{path}:4: ticket T1: lead: reject completion" in out
    assert "lead-rejects [S21], in Accepted" in out
    assert "4 lines, 1 ticket, 4 steps held against the rules" in out
    assert "decided, by rule" in out
    code, out, _ = cli("replay", path, "--format", "json")
    (one,) = json.loads(out)["illegal"]
    assert (code, one["line"], one["rules"][0], one["sources"]) == (1, 4, "lead-rejects", ["S21"])
    code, out, _ = cli("replay", "--example")
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(out.encode())))
    assert cli("replay", "-")[0] == 0
    path.write_text("nonsense\n")
    code, _, err = cli("replay", path)
    assert (code, f"{path}:1:1: syntax: this is no JSON" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "name a log"),
        (("/nonexistent.jsonl",), "cannot be opened"),
        (("/nonexistent.jsonl", "--format", "json"), "cannot be opened"),
        (("scenarios",), "is a directory"),
        (("x.jsonl", "--map", "/nonexistent.yaml"), "no such file"),
        (("x.jsonl", "--map", "machines/vocabulary.yaml"), "is not a key of a mapping file"),
    ],
)
def test_bad_input(cli: Run, arguments: tuple[str, ...], told: str) -> None:
    code, out, err = cli("replay", *arguments)
    assert (code, out) == (2, "")
    assert told in err


def test_an_empty_log_and_an_empty_mapping(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("\n")
    (tmp_path / "map.yaml").write_text("")
    code, out, err = cli("replay", tmp_path / "log.jsonl")
    assert (code, "0 lines, 0 tickets" in out) == (2, True)
    assert f"{tmp_path / 'log.jsonl'}: no-event: nothing in this log could be held against the rules" in err
    code, _, err = cli("replay", tmp_path / "log.jsonl", "--map", tmp_path / "map.yaml")
    assert (code, "the file says nothing" in err) == (2, True)


def test_a_ticket_whose_id_is_no_text_is_a_bad_line(tmp_path: Path) -> None:
    half = on("\ud800", "lead", "outsource")
    text = on("T1", "service", "create", item="N1", kind="note", fields={"text": "\ud800"})
    bad, summary = replay(tmp_path, lines(*ACCEPTED, half, text))
    assert isinstance(bad, Unreadable)
    assert (bad.line, bad.why) == (3, "'ticket' is no text: it has half of a surrogate pair")
    assert (summary.steps, summary.illegal, summary.unreadable) == (3, 0, 1)


def test_a_directory_is_no_mapping_file(cli: Run, tmp_path: Path) -> None:
    for arguments in [
        ("replay", "x.jsonl", "--map", tmp_path),
        ("conform", "--sut", "true", "--map", tmp_path),
        ("conform", "--sut", "true", "--known", tmp_path),
    ]:
        code, _, err = cli(*arguments)
        assert code == 2
        assert f"{tmp_path}:1:1: not-a-file: this is a directory" in err


def test_a_full_temporary_disk_is_told(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Cramped(Tickets):
        def __init__(self, _: int, in_full: Callable[[SkimmedHistory], TicketHistory]) -> None:
            super().__init__(1, in_full)
            self._disk.do("PRAGMA max_page_count = 3")

    monkeypatch.setattr("simsync.questions.replay.following.Tickets", Cramped)
    path = tmp_path / "log.jsonl"
    path.write_text(lines(*(on(f"T{number}", "lead", "outsource") for number in range(200))))
    code, _, err = cli("replay", path)
    assert code == 2
    assert "temporary file: unwritable: what does not fit in memory cannot be kept: database or disk" in err


def test_several_of_theirs_stand_for_one_of_ours(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "TicketNumber,Who,What,item,kind,text,internal,before,status,notified\n"
        "T1,anna,add,N1,Comment,x,n,working,,\nT1,bob,edit,N1,,y,,busy,,\nT1,7,reply,N2,note,z,N,,,\n"
        "T1,carl,edit,N1,,z,,,,\nT1,carl,submit,,,,,,5,boss\n"
    )
    (tmp_path / "map.yaml").write_text(
        "partners: {lead: [anna, bob, '7'], service: [carl, dora]}\n"
        "columns: {ticket: TicketNumber, actor: Who, action: What}\n"
        "actions: {create: [add, reply], insource complete: [submit, finish]}\nkinds: {note: [Comment, note]}\n"
        "statuses: {In Progress: [working, busy], Waiting Approval: [4, 5]}\nvalues: {internal: {false: [n, N]}}\n"
        "recipients: {primary contact: [owner, boss]}\n"
    )
    code, out, err = cli("replay", tmp_path / "log.csv", "--map", tmp_path / "map.yaml")
    assert (code, err) == (0, "")
    assert "5 lines, 1 ticket, 5 steps held against the rules: 1 keeps them, 0 do not" in out
    (tmp_path / "one.yaml").write_text("partners: {lead: anna, service: carl}\ncolumns: {ticket: TicketNumber}\n")
    (tmp_path / "two.csv").write_text("TicketNumber,actor,action,why\n" + "T1,bob,outsource,x\n" * 3)
    code, out, err = cli("replay", tmp_path / "two.csv", "--map", tmp_path / "one.yaml")
    why = "'bob' is not a partner. Allowed: anna, carl"
    assert code == 2
    assert err.splitlines()[:2] == [
        f"{tmp_path / 'two.csv'}:2:1: syntax: {why}",
        f"{tmp_path / 'two.csv'}: 2 more lines like that: {why}",
    ]
    assert "not looked at, since no name of ours: why" in out


def test_a_temporary_file_is_let_go_of_with_whoever_held_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it could not be made as it should be: some Pythons warn of a file that nobody closed."""
    files: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
        files.append(connect(*arguments, **options))
        return files[-1]

    monkeypatch.setattr("sqlite3.connect", connected)
    Disk("CREATE TABLE a (b)")
    with pytest.raises(SimsyncError, match="what does not fit in memory cannot be kept"):
        Disk("no statement")
    gc.collect()
    for file in files:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            file.execute("SELECT 1")
