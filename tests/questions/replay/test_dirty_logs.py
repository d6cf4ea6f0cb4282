"""Logs as desks export them: who is accused, of what, and in which line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.questions.replay.judging.ticket import Gap, Summary
from simsync.questions.replay.log.columns import LogNames, Unreadable
from simsync.questions.replay.log.names import load_log_names
from simsync.questions.replay.replay import replayed

MODEL = load_model(ROOT / "machines")
Told = tuple[int, str]
"""A line, with the rule that it breaks, the sort of gap that it shows, or why it cannot be read."""


def told(tmp_path: Path, log: str | bytes, names: str = "") -> tuple[list[Told], int]:
    """What is told of a log, and how many steps were held against the rules."""
    path, mapping = tmp_path / "log", tmp_path / "names.yaml"
    path.write_bytes(log.encode() if isinstance(log, str) else log)
    mapping.write_text(names)
    known = load_log_names(str(mapping), MODEL) if names else LogNames()
    *found, summary = replayed(MODEL, str(path), None, known, lambda *_: None)
    assert isinstance(summary, Summary)
    return [_told(one) for one in found], summary.steps


def _told(one: Any) -> Told:
    if isinstance(one, Unreadable):
        return one.line, one.why
    return one.logged.line, str(one.reason) if isinstance(one, Gap) else one.rules[0].id


def lines(*events: dict[str, Any]) -> str:
    return "".join(json.dumps(event) + "\n" for event in events)


def on(actor: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ticket": "T1", "actor": actor, "action": action, **more}


def note(text: str) -> dict[str, Any]:
    return {"kind": "note", "text": text}


ORDER = "comment,action,ticket,priority,actor,item,kind,text\n"
TWO = "ticket,actor,action\nT1,lead,outsource\nT1,service,accept\n"
HEAD = "ticket,actor,action,item,kind,text\n"
PEOPLE = "columns: {actor: who}\npartners: {lead: [anna, bob], service: [carl, dora]}\n"
COPIES = (
    on("service", "create", item="S1", kind="note", before="In Progress", fields={"text": "a"},
       tickets={"service": {"S1": note("a")}, "lead": {"L7": note("a")}}),
    on("service", "create", item="S2", kind="note", fields={"text": "a"},
       tickets={"service": {"S1": note("a"), "S2": note("a")}, "lead": {"L7": note("a"), "L8": note("a")}}),
    on("lead", "edit", item="L8", fields={"text": "z"}),
    on("service", "edit", item="S2", fields={"text": "y"}, tickets={"lead": {"L7": note("a"), "L8": note("y")}}),
)  # fmt: skip
AGAIN = on("service", "accept", time="2024-03-01T10:00:05Z")

LOGS: dict[str, tuple[str | bytes, list[Told], int]] = {
    "other order of columns": (
        f"{ORDER}x,outsource,T1,high,lead,,,\n,accept,T1,,service,,,\n,create,T1,,service,N1,note,hi\n"
        ",approve completion,T1,,lead,,,\n",
        [(5, "lead-approves")], 4,
    ),
    "four ways of writing a time": (
        "time,ticket,actor,action\n2024-03-01T10:00:00Z,T1,lead,outsource\n1709287500,T1,service,accept\n"
        '"Fri, 1 Mar 2024 10:10:00 GMT",T1,service,start\n01.03.2024 10:12,T1,service,insource complete\n',
        [], 4,
    ),
    "headers again, also at the end": (f"{TWO}ticket,actor,action\nT1,service,start\nticket,actor,action\n", [], 3),
    "zones mixed": (
        lines(on("lead", "outsource", time="2024-03-01T23:30:00-05:00"),
              on("service", "accept", time="2024-03-02T04:45:00Z"),
              on("service", "start", time="2024-03-02T10:20:00+05:30")),
        [], 3,
    ),
    "out of order, and wrong in any": (
        lines(on("service", "start", time=3), on("lead", "outsource", time=1),
              on("service", "insource complete", time=2)),
        [(3, "service-submits")], 2,
    ),
    "two copies that look alike": (
        lines(*COPIES), [(1, "unknown copy"), (2, "unknown copy"), (4, "own-change-severed")], 4
    ),
    "an email twice": (
        lines(on("lead", "outsource", notified=["primary contact"]),
              on("service", "accept", notified=["primary contact"] * 2)),
        [(2, "status-emails")], 2,
    ),
    "an unknown note after a rejection": (
        lines(on("lead", "reject completion", before="Waiting Approval", tickets={"lead": {"R1": note("no")}})),
        [(1, "unknown item")], 1,
    ),
    "broken off in the last line": (
        lines(on("lead", "outsource")) + '{"ticket": "T1", "actor": "serv',
        [(2, "this is no JSON: unterminated string starting at character 27")], 1,
    ),
    "empty": ("", [], 0),
    "blanks alone": ("\n\n  \n", [], 0),
    "a line of two million characters": (
        lines(on("lead", "outsource"), on("lead", "create", item="N1", kind="note", fields={"text": "x" * 2_000_000}),
              on("service", "accept")),
        [(2, "it has more than 1,000,000 bytes")], 2,
    ),
    "nothing said of anything else": (
        lines(on("lead", "outsource", **dict.fromkeys(
            ("item", "kind", "fields", "refused", "status", "notified", "tickets", "time", "copy", "before")))),
        [], 1,
    ),
    "as a spreadsheet saves it": (
        "ticket;actor;action;text;item;kind\r\nT1;lead;outsource;;;\r\nT1;lead;create;läßt grüßen;N1;note\r\n".encode(
            "utf-16"),
        [], 2,
    ),
    "one array over many lines": (
        json.dumps([on("lead", "outsource"), on("service", "accept"), on("lead", "cancel")], indent=2),
        [(12, "lead-cancels")], 3,
    ),
    "empty lines between": (f"\n\n{lines(on('lead', 'outsource'))}\n   \n{lines(on('service', 'decline'))}\n", [], 2),
    "Latin-1": (
        f"{HEAD}T1,lead,create,N1,note,Müller\n".encode("latin-1"),
        [(2, "it is not UTF-8 text; save the log as UTF-8")], 0,
    ),
    "capital letters in the header": (
        "Ticket,Actor,Action\nT1,lead,outsource\n",
        [(1, "the header has no 'ticket'; is it 'Ticket'? It has: Ticket, Actor, Action; "
             "columns in --map says what it is called")], 0,
    ),
    "capital letters in a name": (
        "ticket,actor,action\nT1,Lead,outsource\n",
        [(2, "'Lead' is not a partner; did you mean 'lead'? Allowed: lead, service")], 0,
    ),
    "no in five ways": (
        "ticket,actor,action,refused\nT1,lead,outsource,no\nT1,service,accept,N\nT1,service,start,-\n"
        "T1,service,insource complete,NULL\nT1,lead,approve completion,None\n",
        [], 5,
    ),
    "yes, and a reason": (
        "ticket,actor,action,before,refused\nT1,lead,approve completion,Unsent,Y\n"
        "T1,lead,outsource,Unsent,it is closed\n",
        [(3, "lead-outsources")], 2,
    ),
    "one id as number and as text": (lines({**on("lead", "outsource"), "ticket": 17},
                                           {**on("service", "accept"), "ticket": "17"}), [], 2),
    "a text over three lines": (
        f'{HEAD}T1,lead,outsource,,,\nT1,lead,create,N1,note,"one\ntwo ""quoted""\nthree"\n'
        "T1,lead,approve completion,,,\n",
        [(6, "lead-approves")], 3,
    ),
    "an inch sign": (
        f'{HEAD}T1,lead,outsource,,,\nT1,lead,create,N1,note,"6 inch\nT1,service,accept,,,\nT1,service,start,,,\n',
        [(3, "this is no CSV: a quote opens a cell in it and is not closed where the event ends")], 3,
    ),
    "an internal note on the other ticket": (
        lines(on("service", "create", item="N1", kind="note", fields={"internal": True}, before="In Progress",
                 tickets={"lead": {"N1": note("")}})),
        [(1, "own-create-kept")], 1,
    ),
    "a deletion that never came": (
        lines(on("lead", "create", item="N1", kind="note", before="In Progress"),
              on("lead", "delete", item="N1", tickets={"service": {"N1": note("")}})),
        [(2, "own-delete")], 1,
    ),
    "a webhook sent twice": (
        lines(on("lead", "outsource", time="2024-03-01T10:00:00Z"), AGAIN, AGAIN,
              on("service", "start", time="2024-03-01T10:00:09Z")),
        [(3, "repeated line")], 3,
    ),
    "a comment before the header": (
        f"# export\n{TWO}",
        [(1, "the header has no 'ticket'. It has: # export; columns in --map says what it is called")], 0,
    ),
    "words of people": (
        "ticket,actor,action\nT1,lead,Outsourced\n",
        [(2, "'Outsourced' is not an action; did you mean 'outsource'? Allowed: create, edit, delete, outsource, "
             "cancel, accept, decline, start, insource complete, approve completion, reject completion, complete")], 0,
    ),
    "the day first, or the month": (
        "time,ticket,actor,action\n03/04/2024 10:00 AM,T1,lead,outsource\n",
        [(2, "'time': '03/04/2024 10:00 AM' can be read with the day or the month first; --map says which: "
             "time format: '%d/%m/%Y %H:%M:%S', or '%m/%d/%Y %H:%M:%S'")], 0,
    ),
    "a list inside": (
        json.dumps({"events": [on("lead", "outsource")]}),
        [(1, "it has none of ticket, actor, action, but events; columns in --map says what it is called")], 0,
    ),
    "an alias of a status": (
        "ticket,actor,action,before,status\nT1,service,insource complete,In Progress,Waiting Acceptance\n", [], 1
    ),
    "a gap, then a fault": (
        lines(on("lead", "outsource"),
              on("service", "create", item="N1", kind="note", before="In Progress", status="In Progress"),
              on("lead", "edit", item="N1", fields={"text": "q"}),
              on("service", "edit", item="N1", fields={"text": "w"}, tickets={"lead": {"N1": note("w")}})),
        [(2, "missing step"), (4, "own-change-severed")], 4,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("log", "found", "steps"), LOGS.values(), ids=LOGS)
def test_an_exported_log_is_told_as_it_is(tmp_path: Path, log: str | bytes, found: list[Told], steps: int) -> None:
    assert told(tmp_path, log) == (found, steps)


def test_people_stand_for_partners_and_nobody_else_does(tmp_path: Path) -> None:
    log = "ticket,who,action\nT1,anna,outsource\nT1,carl,accept\nT1,Dora,start\nT1,eve,start\n"
    allowed = "Allowed: anna, bob, carl, dora"
    assert told(tmp_path, log, PEOPLE) == (
        [
            (4, f"'Dora' is not a partner; did you mean 'dora'? {allowed}"),
            (5, f"'eve' is not a partner. {allowed}"),
        ],
        2,
    )
