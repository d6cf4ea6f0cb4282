"""Two desks in one log: ids of each desk's own, what arrives late, and emails that no unknown item explains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.trace import simulate
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.judging.ticket import Gap, Illegal, Summary
from simsync.questions.replay.log.columns import LogNames
from simsync.questions.replay.replay import logged, replayed

MODEL = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


def on(actor: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ticket": "T1", "actor": actor, "action": action, **more}


def note(text: str, **more: Any) -> dict[str, Any]:
    return {"kind": "note", "text": text, **more}


def replay(
    tmp_path: Path, *events: dict[str, Any], model: Any = MODEL, late: int | None = None, **names: Any
) -> tuple[list[Any], Summary]:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    *told, summary = replayed(model, str(path), None, LogNames(**names), lambda *_: None, late=late)
    assert isinstance(summary, Summary)
    return told, summary


CREATE = on("lead", "create", item=17, kind="note", before="In Progress", fields={"text": "a"})
COPIED = {"lead": {"17": note("a")}, "service": {"S-9": note("a")}}
SEVER = on("service", "edit", item="S-9", fields={"text": "b"})
AGAIN = on("lead", "edit", item="17", fields={"text": "c"})
FOLLOWED = {**AGAIN, "tickets": {"service": {"S-9": note("c")}}}
KEPT = {**AGAIN, "tickets": {"service": {"S-9": note("b")}, "lead": {"17": note("c")}}}


@pytest.mark.parametrize(
    ("first", "names"),
    [
        ({**CREATE, "copy": "S-9", "tickets": COPIED}, {}),
        ({**CREATE, "copy": "S-9"}, {}),
        ({**CREATE, "tickets": COPIED}, {"copies": {"17": "S-9"}}),
    ],
    ids=["copy", "copy alone", "copies"],
)
def test_items_have_ids_of_each_desk(tmp_path: Path, first: Any, names: Any) -> None:
    assert replay(tmp_path, first, SEVER, KEPT, **names)[0] == []
    (found,), _ = replay(tmp_path, first, SEVER, FOLLOWED, **names)
    assert isinstance(found, Illegal)
    assert [(one.at, one.rules, one.log) for one in found.apart] == [("service's S-9 text", "b", "c")]
    assert [rule.id for rule in found.rules] == ["own-change-severed"]


def test_the_copys_id_may_be_said_by_a_later_line_of_either_desk(tmp_path: Path) -> None:
    assert replay(tmp_path, CREATE, {**AGAIN, "copy": "S-9"}, SEVER, KEPT)[0] == []
    assert replay(tmp_path, CREATE, {**SEVER, "copy": 17}, KEPT)[0] == []


def test_desks_that_number_by_themselves(tmp_path: Path) -> None:
    of_service = on("service", "create", item=17, kind="note", copy=18, fields={"text": "x"})
    shown = {"lead": {"17": note("c"), "18": note("x")}, "service": {"17": note("x"), "S-9": note("c")}}
    events = {**CREATE, "copy": "S-9"}, of_service, {**AGAIN, "tickets": shown}
    assert replay(tmp_path, *events)[0] == []
    shown["service"]["17"] = note("c")
    (found,), _ = replay(tmp_path, *events)
    assert [one.at for one in found.apart] == ["service's 17 text"]
    del of_service["copy"]
    told, summary = replay(tmp_path, CREATE, of_service, AGAIN)
    assert [(type(one), one.reason) for one in told] == [(Gap, "unknown copy")]
    assert "17 was created by the other partner; if each desk has its own ids" in told[0].message
    assert summary.unjudged == 1


def test_an_unknown_item_that_looks_like_the_missing_copy_is_taken_for_it(tmp_path: Path) -> None:
    told, summary = replay(tmp_path, {**CREATE, "tickets": COPIED}, SEVER, FOLLOWED)
    assert [type(one) for one in told] == [Gap, Illegal]
    assert told[0].reason == "unknown copy"
    assert "service's S-9, which no line creates, looks like the copy of 17" in told[0].message
    assert "copies: {17: S-9}" in told[0].message
    assert [one.at for one in told[1].apart] == ["service's S-9 text"]
    assert (summary.illegal, summary.gaps) == (1, 1)
    assert [type(one) for one in replay(tmp_path, {**CREATE, "tickets": COPIED}, SEVER, KEPT)[0]] == [Gap]


@pytest.mark.parametrize(
    "events",
    [
        [  # two look alike
            on("lead", "create", item="1", kind="note", before="In Progress"),
            on("lead", "create", item="2", kind="note", tickets={"service": {"a": note(""), "b": note("")}}),
        ],
        [CREATE, SEVER, {**AGAIN, "tickets": {"service": {"S-9": note("b")}}}],  # what is S-9?
        [CREATE, on("service", "delete", item="S-9"), {**AGAIN, "tickets": {"service": {}}}],
        [{**CREATE, "tickets": {"service": {"S-9": {}}}}],  # nothing is shown of it
    ],
    ids=range(4),
)
def test_copies_of_which_nothing_is_known_break_no_rule(tmp_path: Path, events: Any) -> None:
    told, summary = replay(tmp_path, *events, on("lead", "complete"), on("lead", "delete", item="17"))
    assert {type(one) for one in told} == {Gap}
    assert "unknown copy" in {one.reason for one in told}
    assert summary.illegal == 0


@pytest.mark.parametrize(
    "shown",
    [{}, {"S-9": note("another text")}, {"S-9": {"kind": "charge", "text": "a"}}],
    ids=["nothing", "another", "kind"],
)
def test_a_copy_that_nothing_looks_like_is_missing(tmp_path: Path, shown: Any) -> None:
    *_, found = replay(tmp_path, {**CREATE, "tickets": {"service": shown}}, AGAIN)[0]
    assert isinstance(found, Illegal)
    assert [one.at for one in found.apart] == ["service's 17"]


@pytest.mark.parametrize("model", [MODEL, ATELIER], ids=["shipped", "atelier"])
def test_logs_with_ids_of_each_desk_keep_the_rules(tmp_path: Path, model: Any) -> None:
    events: list[dict[str, Any]] = []
    for number, drive in enumerate(walks(model, 11, 15)):
        ids: dict[tuple[str, str], str] = {}
        for outcome in simulate(model, drive.trace):
            event = logged(model, f"T{number}", outcome)
            items = outcome.after.items
            for partner in model.vocabulary.partners:
                for place, name in enumerate(items):
                    ids[partner, name] = str(place) if items[name].owner == partner else f"{place}@{partner}"
            if "item" in event and event["item"] in items:
                other = next(one for one in model.vocabulary.partners if one != event["actor"])
                event |= {"item": ids[event["actor"], event["item"]], "copy": ids[other, event["item"]]}
            event["tickets"] = {
                partner: {ids[partner, name]: view for name, view in shown.items()}
                for partner, shown in event["tickets"].items()
            }
            events.append(event)
    told, summary = replay(tmp_path, *events, model=model)
    assert [one for one in told if isinstance(one, Illegal) or one.reason != "unknown item"] == []
    assert summary.steps > 60


ACCEPTED = on("lead", "outsource"), on("service", "accept")
NEW = on("service", "create", item="N1", kind="note", fields={"text": "a"})
THERE = note("a", internal_users_only=True)


def lead(shown: Any) -> dict[str, Any]:
    return {"tickets": {"lead": shown}}


LATE = [
    ([{**NEW, **lead({})}, {**on("service", "start"), **lead({"N1": THERE})}], "lead's N1", 1),
    ([NEW, {**on("service", "start"), **lead({})}, {**on("lead", "complete"), **lead({"N1": THERE})}], "lead's N1", 2),
    ([{**NEW, **lead({"N1": THERE})}, on("service", "edit", item="N1", fields={"text": "b"}, **lead({"N1": THERE})),
      on("service", "start", **lead({"N1": THERE})),
      on("lead", "complete", **lead({"N1": note("b")}))], "lead's N1", 2),
    ([{**NEW, **lead({"N1": THERE})}, on("service", "delete", item="N1", **lead({"N1": THERE})),
      on("service", "start", **lead({}))], "lead's N1", 1),
    ([on("service", "create", item="N1", kind="time entry", notified=[]),
      on("service", "start", notified=["primary contact", "assigned resource"])], "assigned resource", 1),
]  # fmt: skip


@pytest.mark.parametrize(("events", "at", "count"), LATE, ids=range(len(LATE)))
def test_what_arrives_later_is_late_and_no_broken_rule(tmp_path: Path, events: Any, at: str, count: int) -> None:
    (found,), summary = replay(tmp_path, *ACCEPTED, *events)
    assert isinstance(found, Gap)
    lines = f"{count} line{'s' if count > 1 else ''} of the ticket later"
    assert (found.reason, summary.illegal, summary.incomplete) == ("late", 0, 1)
    assert (
        f"{at}: as the rules have it only at line {found.logged.line + count - (events[0] is NEW)}, {lines}"
        in found.message
    )
    told, summary = replay(tmp_path, *ACCEPTED, *events, late=count)
    assert (told, summary.late, summary.incomplete) == ([], 1, 0)
    told, summary = replay(tmp_path, *ACCEPTED, *events, late=count - 1)
    assert [type(one) for one in told] == [Illegal]
    assert summary.broken


def test_what_never_arrives_breaks_the_rules(tmp_path: Path) -> None:
    missing = {**NEW, **lead({})}
    start = {**on("service", "start"), **lead({})}
    for late in (None, 3):
        (found,), summary = replay(tmp_path, *ACCEPTED, missing, start, on("lead", "complete"), late=late)
        assert isinstance(found, Illegal)
        assert (found.logged.line, [one.at for one in found.apart]) == (3, ["lead's N1"])
        assert [rule.id for rule in found.rules][:1] == ["own-create"]
        assert (summary.steps, summary.left_out, summary.illegal) == (3, 2, 1)
    (found,), _ = replay(tmp_path, *ACCEPTED, missing, start, late=1)
    assert (found.logged.line, type(found)) == (3, Illegal)
    gone = on("lead", "edit", item="N1", fields={"text": "b"}, refused=True)
    (found,), _ = replay(tmp_path, *ACCEPTED, missing, gone)
    assert found.logged.line == 3  # what the lead cannot edit is what did not arrive
    told, _ = replay(tmp_path, *ACCEPTED, missing, on("lead", "approve completion"))
    assert [type(one) for one in told] == [Gap, Illegal]
    assert "lead's N1: not as the rules have it up to line 4, which breaks a rule" in told[0].message


def test_what_is_otherwise_is_not_late(tmp_path: Path) -> None:
    for shown in (note("x"), note("a", internal_users_only=False), {"kind": "charge"}):
        (found,), _ = replay(tmp_path, *ACCEPTED, {**NEW, **lead({"N1": shown})}, {**ACCEPTED[1], "refused": True})
        assert (type(found), found.logged.line) == (Illegal, 3)
    own = on("service", "edit", item="N1", fields={"text": "b"}, tickets={"service": {"N1": note("a")}})
    (found,), _ = replay(tmp_path, *ACCEPTED, NEW, own, on("service", "start"))
    assert (type(found), found.logged.line) == (Illegal, 4)  # one's own ticket shows at once what one did


def test_snapshots_one_line_late_keep_the_rules_in_that_time(tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []
    for number, drive in enumerate(walks(MODEL, 23, 20)):
        before: dict[str, Any] = {}
        outcomes = list(simulate(MODEL, drive.trace))
        for place, outcome in enumerate(outcomes):
            event = logged(MODEL, f"T{number}", outcome)
            other = "lead" if event["actor"] == "service" else "service"
            now = event.pop("tickets")
            if place + 1 < len(outcomes) and other in before and outcome.event.item is not None:
                event["tickets"] = {other: before[other]}
            elif place + 1 == len(outcomes):
                event["tickets"] = now
            del event["notified"]
            before = now
            events.append(event)
    told, summary = replay(tmp_path, *events)
    assert {one.reason for one in told if isinstance(one, Gap)} == {"late"}
    assert not any(isinstance(one, Illegal) for one in told)
    assert summary.gaps > 5


BACK = load_model(ROOT / "machines", {"emails_on_sync": "yes"})
SUBMIT = on("service", "insource complete", before="In Progress")
RESUME = on("lead", "reject completion", before="Waiting Approval")
CONTACT, RESOURCE = "primary contact", "assigned resource"


@pytest.mark.parametrize(
    ("model", "event", "told", "legal"),
    [
        (MODEL, SUBMIT, [CONTACT], True),
        (MODEL, SUBMIT, [CONTACT, CONTACT], False),
        (MODEL, SUBMIT, [CONTACT, RESOURCE], False),
        (MODEL, RESUME, [CONTACT, RESOURCE, RESOURCE], True),
        (MODEL, RESUME, [CONTACT, CONTACT], False),
        (MODEL, RESUME, [RESOURCE, RESOURCE], False),
        (BACK, RESUME, [CONTACT, RESOURCE], True),
        (BACK, RESUME, [CONTACT, CONTACT], False),
        (BACK, SUBMIT, [CONTACT, CONTACT], False),
    ],
)
def test_what_unknown_items_cannot_have_told_anybody_breaks_the_rules(
    tmp_path: Path, model: Any, event: Any, told: list[str], legal: bool
) -> None:
    found, _ = replay(tmp_path, {**event, "notified": told}, model=model)
    assert any(isinstance(one, Illegal) for one in found) is not legal
    if not legal:
        assert [rule.id for rule in found[-1].rules[:1]] == ["status-emails"] or RESOURCE in told


def test_texts_that_look_alike_are_told_apart(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    pairs = [("caf\u00e9", "cafe\u0301"), ("a ", "a"), ("\u0430dmin", "admin")]
    path.write_text(
        "".join(
            json.dumps(
                {**NEW, "ticket": n, "before": "In Progress", "fields": {"text": ours}, **lead({"N1": note(theirs)})}
            )
            + "\n"
            for n, (ours, theirs) in enumerate(pairs)
        )
    )
    code, out, _ = cli("replay", path)
    assert code == 1
    for rules, log in [(r'"caf\u00e9"', r'"cafe\u0301"'), ('"a "', '"a"'), (r'"\u0430dmin"', '"admin"')]:
        assert f"lead's N1 text: by the rules {rules}; in the log {log}\n" in out


def test_late_on_the_command_line(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in (*ACCEPTED, *LATE[0][0])))
    code, out, _ = cli("replay", path)
    assert code == 2
    assert "late: lead's N1: as the rules have it only at line 4, 1 line of the ticket later; --late 1 gives it" in out
    code, out, _ = cli("replay", path, "--late", "1", "--format", "json")
    assert (code, json.loads(out)["summary"]["late"]) == (0, 1)
    code, out, _ = cli("replay", path, "--late", "1")
    assert (code, "1 change arrived late, in the time that --late gives" in out) == (0, True)
    assert cli("replay", path, "--late", "0")[0] == 1
    assert cli("replay", path, "--late", "-1")[0] == 2


def test_the_products_own_items_are_left_out(tmp_path: Path) -> None:
    own = {"N1": THERE, "R1": note("Rejected", system=True)}
    start = on("service", "start", **lead({}))
    (unknown,), _ = replay(tmp_path, *ACCEPTED, start, {**NEW, **lead({**own, "R1": note("Rejected")})})
    assert isinstance(unknown, Illegal)
    assert replay(tmp_path, *ACCEPTED, start, {**NEW, **lead(own)})[0] == []
