"""What else a log says: the status of each desk, the product's own items, and what the rules leave open."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.questions.replay.judging.ticket import Gap, Illegal, Summary
from simsync.questions.replay.log.columns import LogNames, Unreadable
from simsync.questions.replay.log.names import load_log_names
from simsync.questions.replay.replay import replayed

MODEL = load_model(ROOT / "machines")
ATELIER = ROOT / "tests" / "policies" / "atelier"


def on(actor: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ticket": "T1", "actor": actor, "action": action, **more}


def replay(
    tmp_path: Path, *events: dict[str, Any] | str, model: Model = MODEL, names: str = "", **more: Any
) -> tuple[list[Any], Summary]:
    path, mapping = tmp_path / "log", tmp_path / "names.yaml"
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in events))
    mapping.write_text(names)
    known = load_log_names(str(mapping), model) if names else LogNames()
    *told, summary = replayed(model, str(path), None, known, lambda *_: None, **more)
    assert isinstance(summary, Summary)
    return told, summary


def differences(told: list[Any]) -> list[tuple[int, str, str, str, tuple[str, ...]]]:
    return [
        (one.logged.line, apart.at, apart.rules, apart.log, tuple(rule.id for rule in one.rules))
        for one in told
        if isinstance(one, Illegal)
        for apart in one.apart
    ]


OUTSOURCE = on("lead", "outsource", status={"lead": "Assigned", "service": None})
ACCEPT = on("service", "accept", status={"lead": "Accepted", "service": "Accepted"})
LATE = on("service", "start", status={"lead": "Accepted", "service": "In Progress"})


def test_the_status_of_each_desk_is_held_against_the_rules(tmp_path: Path) -> None:
    told, summary = replay(tmp_path, OUTSOURCE, ACCEPT, {**LATE, "status": {"service": "In Progress"}})
    assert (told, summary.steps) == ([], 3)
    told, _ = replay(tmp_path, OUTSOURCE, {**ACCEPT, "status": {"service": "Assigned", "lead": "Accepted"}})
    assert differences(told) == [(2, "service's status", "Accepted", "Assigned", ("service-accepts",))]


def test_the_other_desks_status_may_be_late_but_not_for_ever(tmp_path: Path) -> None:
    told, _ = replay(tmp_path, OUTSOURCE, ACCEPT, LATE)
    assert differences(told) == [(3, "lead's status", "In Progress", "Accepted", ("service-starts",))]
    arrived = on("lead", "create", item="N1", kind="note", status={"lead": "In Progress"})
    told, _ = replay(tmp_path, OUTSOURCE, ACCEPT, LATE, arrived)
    assert [(one.reason, one.logged.line, one.message) for one in told] == [
        ("late", 3, "lead's status: as the rules have it only at line 4, 1 line of the ticket later; "
                    "--late 1 gives it that time")
    ]  # fmt: skip
    assert replay(tmp_path, OUTSOURCE, ACCEPT, LATE, arrived, late=1)[0] == []
    told, _ = replay(tmp_path, OUTSOURCE, ACCEPT, LATE, late=0)
    assert differences(told) == [(3, "lead's status", "In Progress", "Accepted", ("service-starts",))]


def test_a_status_that_each_desk_shows_tells_where_a_ticket_is(tmp_path: Path) -> None:
    note = on("service", "create", item="N1", kind="note", status={"service": "In Progress"}, before="In Progress")
    told, summary = replay(tmp_path, note, on("service", "insource complete"))
    assert (told, summary.steps) == ([], 2)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"lead": "Acepted"}, "'status': 'Acepted' is not a status; did you mean 'Accepted'?"),
        ({"boss": "Accepted"}, "'boss' is not a partner. Allowed: lead, service"),
        ({"lead": ["Accepted"]}, "'status': '['Accepted']' is not a status"),
        (["Accepted"], "'status' is a status by its name, or an object with one for each partner"),
    ],
)
def test_a_status_that_cannot_be_read_is_told(tmp_path: Path, status: Any, why: str) -> None:
    told, _ = replay(tmp_path, {**ACCEPT, "status": status})
    assert [type(one) for one in told] == [Unreadable]
    assert told[0].why.startswith(why)


COLUMNS = "status columns: {lead: Our status, service: Theirs}\n"


def test_each_desk_may_have_a_column_for_its_status(tmp_path: Path) -> None:
    head, outsourced = "ticket,actor,action,Our status,Theirs", "T1,lead,outsource,Assigned,"
    told, summary = replay(tmp_path, head, outsourced, "T1,service,accept,Accepted,Assigned", names=COLUMNS)
    assert differences(told) == [(3, "service's status", "Accepted", "Assigned", ("service-accepts",))]
    assert summary.unread == []
    same = "ticket,actor,action,status,Theirs", outsourced, "T1,service,accept,Accepted,Assigned"
    told, _ = replay(tmp_path, *same, names="status columns: {lead: status, service: Theirs}\n")
    assert differences(told) == [(3, "service's status", "Accepted", "Assigned", ("service-accepts",))]
    told, _ = replay(tmp_path, head + ",status", outsourced + ",Assigned", names=COLUMNS)
    assert [one.why for one in told] == ["'status' and 'Our status' both say the status"]
    told, _ = replay(tmp_path, head, "T1,lead,outsource,Asigned,", names=COLUMNS)
    assert told[0].why.startswith("'Our status': 'Asigned' is not a status; did you mean 'Assigned'?")


def test_the_products_own_items_are_counted_once_each(tmp_path: Path, cli: Run) -> None:
    own = {"kind": "note", "text": "by the product", "internal_users_only": False, "system": True}
    shown = {"lead": {"S1": own}, "service": {"S1": own}}
    events = (
        on("service", "start", before="Accepted", tickets=shown),
        on("service", "insource complete", tickets={"lead": {"S1": own, "S2": own}}),
        {**on("service", "start", before="Accepted", tickets=shown), "ticket": "T2"},
    )
    told, summary = replay(tmp_path, *events)
    assert (told, summary.own) == ([], 3)
    code, out, _ = cli("replay", str(tmp_path / "log"))
    assert code == 0
    assert "  not compared: 3 items of the product's own\n" in out


def holed(folder: Path) -> Model:
    """The small policy without the row that says what an edit by the other comes to."""
    shutil.copytree(ATELIER, folder)
    rules = folder / "sync_rules.yaml"
    rules.write_text("".join(line for line in rules.read_text().splitlines(keepends=True) if "{id: cuts," not in line))
    return load_model(folder)


def draft(ticket: str, actor: str, action: str, **more: Any) -> dict[str, Any]:
    return {"ticket": ticket, "actor": actor, "action": action, "item": "D1", **more}


def test_what_the_rules_do_not_decide_is_told_of_the_rules(tmp_path: Path, cli: Run) -> None:
    model = holed(tmp_path / "machines")
    events = [
        event
        for ticket in ("T1", "T2")
        for event in (
            draft(ticket, "shop", "create", kind="draft", before="Open"),
            draft(ticket, "atelier", "edit", fields={"words": "b"}, tickets={"shop": {"D1": {"words": "b"}}}),
            draft(ticket, "shop", "edit", fields={"words": "c"}),
            draft(ticket, "shop", "close the commission", status="Closed"),
        )
    ]
    told, summary = replay(tmp_path, *events, model=model)
    hole = (
        "table 'touch' needs one deciding row, but this situation has no row: "
        "change: edit, by: other, phase: live, link: mirrored, mirrorable: true, next phase: live"
    )
    assert [(type(one), one.logged.line, str(one.reason), one.message) for one in told] == [
        (Gap, 2, "not decided by the rules", hole)
    ]
    assert (summary.holes, summary.gaps, summary.illegal, summary.incomplete) == ({hole: 2}, 0, 0, 2)
    assert (summary.steps, summary.unjudged) == (4, 4)
    code, out, _ = cli("replay", str(tmp_path / "log"), "--machines", str(tmp_path / "machines"), "--allow-gaps")
    assert code == 2
    assert f"not decided by the rules: {hole}" in out
    assert "\n  2 lines that the rules do not decide; simsync check says why\n  2 steps could not be judged" in out
