"""What a log leaves out is no broken rule, and is not passed over either."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.trace import simulate
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.judging.ticket import Gap, Illegal, Summary
from simsync.questions.replay.log.columns import LogNames
from simsync.questions.replay.replay import example, logged, replayed

MODEL = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
BACK = load_model(ROOT / "machines", {"emails_on_sync": "yes", "time_entry_notice": "on_entry"})


def on(actor: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ticket": "T1", "actor": actor, "action": action, **more}


NOTE = on("service", "create", item="N1", kind="note")
EDIT = on("lead", "edit", item="N9", fields={"text": "b"})
ACCEPTED = (on("lead", "outsource"), on("service", "accept"))


def replay(tmp_path: Path, *events: dict[str, Any], model: Any = MODEL, begins: str | None = None) -> Any:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    *told, summary = replayed(model, str(path), None, LogNames(begins=begins), lambda *_: None)
    assert isinstance(summary, Summary)
    return told, summary


GAPS = [
    ([*ACCEPTED, EDIT], "unknown item", "no line creates N9", 2),
    ([*ACCEPTED, {**EDIT, "refused": True}], "unknown item", "no line creates N9", 2),
    ([*ACCEPTED, on("service", "delete", item="N9")], "unknown item", "no line creates N9", 2),
    ([on("service", "start")], "unknown begin", "the rules have this in Accepted, not in Unsent", 1),
    ([on("lead", "outsource", refused=True)], "unknown begin", "the rules have this in Assigned, Accepted", 1),
    ([NOTE], "unknown begin", "the rules have this in Accepted, In Progress", 1),
    ([on("lead", "create", item="N1", kind="note"), on("service", "start")], "unknown begin", "not in Unsent", 2),
    ([on("lead", "create", item="N1", kind="note"), on("service", "start", before="Accepted")], "unknown begin",
     "the log does not begin in Unsent; the status is Accepted before this", 2),
    ([on("lead", "outsource"), on("service", "start", before="Accepted")], "missing step",
     "the status was Assigned and is Accepted before this; what led there is not in the log", 2),
    ([on("lead", "outsource", tickets={"lead": {"N7": {}, "N8": {}}})], "unknown item", "the tickets show N7, N8", 1),
    ([on("lead", "reject completion", before="Waiting Approval", notified=["primary contact", "assigned resource"])],
     "unknown item", "assigned resource was told of what no line creates", 1),
]  # fmt: skip


@pytest.mark.parametrize(("events", "reason", "told", "steps"), GAPS)
def test_what_a_log_leaves_out_is_a_gap(tmp_path: Path, events: Any, reason: str, told: str, steps: int) -> None:
    (found,), summary = replay(tmp_path, *events)
    assert isinstance(found, Gap)
    assert (found.reason, found.logged.line) == (reason, len(events))
    assert told in found.message
    assert not summary.broken
    assert (summary.illegal, summary.incomplete, summary.gaps) == (0, 1, 1)
    assert (summary.steps, summary.unjudged) == (steps, len(events) - steps)


BROKEN = [
    [on("service", "start", before="Unsent")],  # here the log says where it begins
    [*ACCEPTED, on("lead", "outsource")],  # ... and here it is known
    [on("lead", "outsource", status="Accepted")],  # in no status
    [*ACCEPTED, on("service", "start", before="Unsent")],  # no way back
    [*ACCEPTED, {**NOTE, "refused": True}],
    [*ACCEPTED, on("service", "start", tickets={"lead": {}}), {**NOTE, "tickets": {"lead": {"N1": {}, "N3": {}}}}],
    [*ACCEPTED, on("lead", "edit", item="N9", fields={"text": "b"}), on("lead", "outsource")],
    [on("lead", "outsource"), {**NOTE, "refused": True}, on("service", "edit", item="N1", fields={"text": "b"})],
]  # fmt: skip


@pytest.mark.parametrize("events", BROKEN, ids=range(len(BROKEN)))
def test_what_no_gap_explains_breaks_the_rules(tmp_path: Path, events: Any) -> None:
    *_, found = replay(tmp_path, *events)[0]
    assert isinstance(found, Illegal)
    assert found.logged.line == len(events)


def test_a_ticket_is_followed_on_after_a_gap(tmp_path: Path) -> None:
    told, summary = replay(
        tmp_path,
        EDIT | {"before": "In Progress"},
        NOTE,
        EDIT,  # told of once
        on("service", "insource complete"),
        on("lead", "approve completion", before="Waiting Approval"),
        on("service", "edit", item="N1", fields={"text": "c"}, tickets={"lead": {"N1": {"text": "c"}, "N9": {}}}),
    )
    assert [type(one) for one in told] == [Gap, Illegal]
    assert [one.at for one in told[1].apart] == ["lead's N1 text"]
    assert (summary.steps, summary.unjudged, summary.incomplete, summary.illegal) == (4, 2, 0, 1)


def test_what_was_refused_to_be_created_is_known_not_to_be_there(tmp_path: Path) -> None:
    refused = on("service", "edit", item="N1", fields={"text": "b"}, refused=True)
    told, summary = replay(tmp_path, on("lead", "outsource"), {**NOTE, "refused": True}, refused)
    assert (told, summary.steps) == ([], 3)


@pytest.mark.parametrize("model", [MODEL, ATELIER, BACK], ids=["shipped", "atelier", "other readings"])
@pytest.mark.parametrize("bare", [False, True], ids=["all is said", "only what was done"])
def test_a_log_that_begins_later_breaks_no_rule(tmp_path: Path, model: Any, bare: bool) -> None:
    whole: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, drive in enumerate(walks(model, 7, 40)):
        for outcome in simulate(model, drive.trace):
            event = logged(model, f"T{number}", outcome)
            if bare:
                event = {key: event[key] for key in event if key not in ("before", "status", "notified", "tickets")}
            whole[event["ticket"]].append(event)
    later = [event for n, events in enumerate(whole.values()) for event in events[n % len(events) :]]
    told, summary = replay(tmp_path, *later, model=model)
    assert [one for one in told if isinstance(one, Illegal)] == []
    assert summary.gaps > 10
    assert summary.steps + summary.unjudged == len(later)
    if not bare:
        told, summary = replay(tmp_path, *(event for events in whole.values() for event in events), model=model)
        assert (told, summary.gaps) == ([], 0)


def test_exit_codes_and_what_is_printed(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(event) + "\n" for event in (*ACCEPTED, EDIT)))
    code, out, err = cli("replay", path)
    assert (code, err) == (2, "")
    assert f"{path}:3: ticket T1: lead: edit N9" in out
    assert "unknown item: no line creates N9" in out
    assert "0 keep them, 1 as far as can be said, 0 do not" in out
    assert "1 gap in the log; 1 step could not be judged" in out
    assert "broken" not in out
    assert cli("replay", path, "--allow-gaps")[0] == 0
    code, out, _ = cli("replay", path, "--format", "json")
    report = json.loads(out)
    assert (code, report["broken"], report["summary"]["gaps"]) == (2, {}, 1)
    assert report["gaps"] == [
        {
            "line": 3, "ticket": "T1", "actor": "lead", "action": "edit N9", "reason": "unknown item",
            "message": "no line creates N9; the log may begin later, or leaves its creation out",
        }
    ]  # fmt: skip
    path.write_text(path.read_text() + json.dumps(on("lead", "outsource")) + "\n")
    assert cli("replay", path, "--allow-gaps")[0] == 1
    path.write_text(json.dumps(on("lead", "edit", item="N9", fields={"text": "b"})) + "\n")
    code, _, err = cli("replay", path, "--allow-gaps")
    assert (code, "nothing in this log could be held against the rules" in err) == (2, True)


def test_the_example_has_no_gaps(tmp_path: Path) -> None:
    assert replay(tmp_path, *map(json.loads, example(MODEL)))[0] == []
