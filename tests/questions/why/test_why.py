"""Explanations: the changes that are said to turn a verdict do turn it, and no smaller ones would."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import simsync
from conftest import ROOT, Run
from planted import without
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.policy.policy import Then, Value
from simsync.questions.why.allowing import allowing
from simsync.questions.why.moment import Explained
from simsync.questions.why.report import as_json
from simsync.questions.why.why import StepVerdict, explain
from simsync.scenarios.simulate import run_scenario
from systems.desks import MODEL
from systems.wire import WIRE


@pytest.mark.thorough
def test_every_step_of_the_shipped_scenarios_can_be_explained(model: Model) -> None:
    flipped = 0
    for scenario in itertools.islice(simsync.load_scenarios(ROOT / "scenarios", model=model), 0, None, 3):
        result = run_scenario(model, scenario)
        for one in result.steps:
            explanation = explain(model.under(result.readings), one.outcome.before, one.outcome.event)
            assert (explanation.verdict is StepVerdict.REFUSED) == (one.outcome.refused is not None)
            sizes = {len(flip.changes) for flip in explanation.flips}
            assert len(sizes) <= 1
            for flip in explanation.flips:
                assert flip.becomes is not explanation.verdict
                assert all(change.now != change.then for change in flip.changes)
            flipped += bool(explanation.flips)
    assert flipped > 100


Done = tuple[str | tuple[str, dict[str, str | bool]], ...]


def after(model: Model, status: str, before: Done) -> simsync.Simulation:
    simulation = simsync.Simulation(model, status)
    for one in before:
        words, set_to = (one, {}) if isinstance(one, str) else one
        simulation.do(words, **set_to)
    return simulation


def explained(
    model: Model, status: str, before: Done, action: str, **fields: str | bool
) -> tuple[StepVerdict, list[str]]:
    """The verdict of an action after some others, and every change that is said to turn it, in words."""
    simulation = after(model, status, before)
    found = explain(model, simulation.world, simulation.event(action, **fields))
    return found.verdict, [
        " and ".join(f"{change.fact}: {change.now} to {change.then}" for change in flip.changes) + f" = {flip.becomes}"
        for flip in found.flips
    ]


MADE, MADE_TIP = "service: create note N1", "stringer: create tip T1"
EXPLAINED: dict[str, tuple[Model, str, Done, str, dict[str, str | bool], StepVerdict, list[str]]] = {
    "a status action that is refused": (
        MODEL, "Accepted", (), "service: insource complete", {}, StepVerdict.REFUSED,
        ["status: Accepted to In Progress = done", "submit_from_accepted: no to yes = done"],
    ),
    "a status action that is done": (
        MODEL, "Assigned", (), "lead: cancel", {}, StepVerdict.DONE,
        [
            "status: Assigned to Unsent = refused",
            "status: Assigned to Declined = refused",
            "status: Assigned to Canceled = refused",
            "status: Assigned to Accepted = refused",
            "status: Assigned to In Progress = refused",
            "status: Assigned to Waiting Approval = refused",
            "status: Assigned to Complete = refused",
            "actor: lead to service = refused",
        ],
    ),
    "a status action that takes two changes": (
        WIRE, "Planned", (), "stringer: gone", {}, StepVerdict.REFUSED,
        [
            "status: Planned to Open and actor: stringer to desk = done",
            "status: Planned to Frozen and actor: stringer to desk = done",
            "status: Planned to Frozen and frozen_work: waits to passes = done",
        ],
    ),
    "a creation": (
        MODEL, "In Progress", (), MADE, {}, StepVerdict.SYNCED,
        [
            "phase: active to none = refused",
            "phase: active to suspended = not synced",
            "phase: active to ended = not synced",
            "internal: False to True = not synced",
        ],
    ),
    "a creation by who has no ticket": (
        MODEL, "Unsent", (), MADE, {}, StepVerdict.REFUSED,
        [
            "phase: none to active = synced",
            "phase: none to suspended = not synced",
            "phase: none to ended = not synced",
            "actor: service to lead = not synced",
        ],
    ),
    "a creation when it is over": (
        WIRE, "Gone", (), "desk: create story T1", {}, StepVerdict.REFUSED,
        ["phase: gone to early = not synced", "phase: gone to open = synced", "phase: gone to frozen = not synced"],
    ),
    "an owner's edit": (
        MODEL, "In Progress", (MADE,), "service: edit N1", {"text": "x"}, StepVerdict.SYNCED,
        [
            "phase: active to none = refused",
            "phase: active to suspended = not synced",
            "link: linked to severed = not synced",
            "by: owner to other = not synced",
            "internal: False to True = not synced",
        ],
    ),
    "an edit that makes an item internal": (
        MODEL, "In Progress", ("service: create attachment A1",), "service: edit A1", {"internal": True},
        StepVerdict.NOT_SYNCED,
        [
            "phase: active to none = refused",
            "kind: attachment to time entry = synced",
            "kind: attachment to charge = synced",
            "internal: True to False = synced",
            "made_internal: freeze to withdraw = synced",
        ],
    ),
    "an edit of a copy": (
        MODEL, "In Progress", (MADE,), "lead: edit N1", {"text": "x"}, StepVerdict.NOT_SYNCED,
        ["by: other to owner = synced", "lead_copies: editable to read_only = refused"],
    ),
    "a deletion of a copy": (
        MODEL, "In Progress", (MADE,), "lead: delete N1", {}, StepVerdict.NOT_SYNCED, ["by: other to owner = synced"],
    ),
    "an owner's deletion": (
        MODEL, "In Progress", (MADE,), "service: delete N1", {}, StepVerdict.SYNCED,
        [
            "phase: active to none = refused",
            "phase: active to suspended = not synced",
            "link: linked to severed = not synced",
            "by: owner to other = not synced",
            "copy: present to absent = not synced",
            "internal: False to True = not synced",
        ],
    ),
    "an edit of what its owner deleted": (
        MODEL, "In Progress", (MADE, "service: delete N1"), "service: edit N1", {"text": "x"}, StepVerdict.REFUSED,
        [
            "link: deleted to local and shown: False to True = synced",
            "link: deleted to linked and shown: False to True = synced",
            "link: deleted to severed and shown: False to True = not synced",
            "by: owner to other and copy: absent to present = not synced",
        ],
    ),
    "an edit of a copy that its original took along": (
        MODEL, "In Progress", (MADE, "service: delete N1"), "lead: edit N1", {"text": "x"}, StepVerdict.REFUSED,
        ["shown: False to True = not synced"],
    ),
    "an edit of a copy that was deleted": (
        MODEL, "In Progress", (MADE, "lead: delete N1"), "lead: edit N1", {"text": "x"}, StepVerdict.REFUSED,
        ["by: other to owner = not synced", "shown: False to True = not synced"],
    ),
    "an owner's edit after its copy was deleted": (
        MODEL, "In Progress", (MADE, "lead: delete N1"), "service: edit N1", {"text": "x"}, StepVerdict.NOT_SYNCED,
        [
            "phase: active to none = refused",
            "link: severed to local = synced",
            "link: severed to linked = synced",
            "by: owner to other = refused",
        ],
    ),
    "an edit with a memory that could be": (
        WIRE, "Open", (MADE_TIP,), "stringer: edit T1", {"body": "x"}, StepVerdict.SYNCED,
        [
            "phase: open to early = not synced",
            "phase: open to frozen = not synced",
            "phase: open to gone = refused",
            "link: wired to off = not synced",
            "by: owner to other = not synced",
            "corrected: False to True = not synced",
            "embargoed: False to True = not synced",
        ],
    ),
    "an edit with a memory that could be none": (
        WIRE, "Open", (MADE_TIP, ("desk: edit T1", {"body": "x"})), "stringer: edit T1", {"body": "y"},
        StepVerdict.NOT_SYNCED,
        ["phase: open to gone = refused", "corrected: True to False = synced"],
    ),
    "an edit that the other could not make": (
        MODEL.under({"lead_copies": "read_only"}), "In Progress", (MADE,), "service: edit N1", {"text": "x"},
        StepVerdict.SYNCED,
        [
            "phase: active to none = refused",
            "phase: active to suspended = not synced",
            "link: linked to severed = not synced",
            "by: owner to other = refused",
            "internal: False to True = not synced",
        ],
    ),
    "a creation of a kind without the fields of others": (
        MODEL.under({"charges": "unsynced"}), "In Progress", (), "lead: create charge C1", {}, StepVerdict.NOT_SYNCED,
        [
            "kind: charge to time entry = synced",
            "kind: charge to note = synced",
            "kind: charge to attachment = synced",
            "charges: unsynced to as_items = synced",
        ],
    ),
    "a deletion of what waits": (
        WIRE, "Frozen", ("stringer: create story T1",), "stringer: delete T1", {}, StepVerdict.NOT_SYNCED,
        ["phase: frozen to gone = refused", "by: owner to other = refused"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EXPLAINED)
def test_every_set_of_fewest_changes_that_turn_the_verdict_is_told(case: str) -> None:
    model, status, before, action, fields, verdict, flips = EXPLAINED[case]
    assert explained(model, status, before, action, **fields) == (verdict, flips)


def demanding() -> Model:
    """The rules, but that nothing is created save an internal attachment of the lead's while the phase is active."""
    wanted: dict[str, Value] = {"owner": "lead", "phase": "active", "kind": "attachment", "internal": True}
    others: dict[str, tuple[Value, ...]] = {
        "owner": ("service",), "phase": ("none", "suspended", "ended"), "kind": ("time entry", "note", "charge"),
        "internal": (False,),
    }  # fmt: skip
    table = MODEL.policy.tables["permission"]
    (may_create,) = [row for row in table.rows if row.id == "may-create"]
    met, rows = may_create.when, [row for row in table.rows if row is not may_create]
    for fact, values in others.items():
        rows.append(replace(may_create, id=f"other-{fact}", when=(*met, (fact, values)), then=Then(refuse="no")))
        met = (*met, (fact, (wanted[fact],)))
    rows.append(replace(may_create, when=met))
    tables = {**MODEL.policy.tables, table.name: replace(table, rows=tuple(rows))}
    return MODEL.factory.variant(replace(MODEL.policy, tables=tables)).model({})


def test_up_to_three_changes_are_looked_for() -> None:
    model = demanding()
    assert explained(model, "Complete", (), "service: create attachment N1") == (
        StepVerdict.REFUSED,
        ["phase: ended to active and actor: service to lead and internal: False to True = not synced"],
    )
    assert explained(model, "Complete", (), "service: create note N1") == (StepVerdict.REFUSED, [])
    assert explained(model, "Accepted", (), "lead: create attachment N1", internal=True)[0] is StepVerdict.NOT_SYNCED


def test_why_finds_the_step_or_tries_the_action_out(cli: Run) -> None:
    place = ROOT / "scenarios" / "severing.yaml"
    code, out, _ = cli("why", "lead: edit N1", "--scenario", place)
    assert code == 0
    assert 'lead: edit N1  text: "Disk and cable replaced"' in out
    assert "verdict not synced" in out
    assert "by: owner, the service (instead of other, the lead)" in out
    assert "(lead_copies=editable, or read_only)" in out
    _, out, _ = cli("why", "service: edit N1", "--scenario", f"{place}:9")
    assert 'text: "another text"' in out
    assert "verdict synced" in out
    _, out, _ = cli("why", "lead: accept", "--scenario", f"{place}:3")
    assert "verdict refused" in out
    assert "none takes this action from In Progress" in out
    assert "status: Assigned (instead of In Progress) and actor: service (instead of lead)" in out
    _, out, _ = cli("why", "lead: create note N1", "--set", "text=true", "--set", "internal=true")
    assert 'text: "true", internal: true' in out
    _, out, _ = cli("why", "lead: complete")
    assert "lead-completes  (machine 'outsource status')" in out


def in_json(status: str, before: Done, action: str, **fields: str | bool) -> dict[str, Any]:
    simulation = after(MODEL, status, before)
    event = simulation.event(action, **fields)
    found = explain(MODEL, simulation.world, event)
    trace = Trace(status=status, events=(*(one.event for one in simulation.outcomes), event))
    by_reading = tuple(allowing(MODEL, trace)) if found.verdict is StepVerdict.REFUSED else ()
    told: dict[str, Any] = json.loads(json.dumps(as_json(Explained(MODEL, found, "now", by_reading, ()))))
    return told


def condition(fact: str, actual: str | bool | None, *allowed: str | bool) -> dict[str, Any]:
    return {"fact": fact, "actual": actual, "allowed": list(allowed) or None}


def flip(becomes: str, *changes: tuple[str, str | bool, str | bool]) -> dict[str, Any]:
    return {"changes": [{"fact": f, "from": now, "to": then} for f, now, then in changes], "becomes": becomes}


def test_an_edit_of_what_was_deleted_in_json() -> None:
    reason = "the service partner's ticket does not show this item now; it shows no item"
    assert in_json("In Progress", (MADE, "service: delete N1"), "service: edit N1", text="x") == {
        "moment": "now",
        "actor": "service",
        "action": "edit N1",
        "verdict": "refused",
        "refused": reason,
        "synced": False,
        "rules": [
            {
                "id": "not-on-this-ticket",
                "table": "permission",
                "conditions": [
                    condition("ticket", "present", "present"),
                    condition("change", "edit", "edit", "delete"),
                    condition("shown", False, False),
                    condition("actor", "service"),
                    condition("by", "owner"),
                ],
                "sources": ["S2", "S6", "S7"],
            }
        ],
        "transition": None,
        "sources": ["S2", "S6", "S7"],
        "readings": [],
        "depends_on": {"facts": {"ticket": ["present"], "shown": [False]}, "readings": []},
        "allowed_with": [],
        "flips": [
            flip("synced", ("link", "deleted", "local"), ("shown", False, True)),
            flip("synced", ("link", "deleted", "linked"), ("shown", False, True)),
            flip("not synced", ("link", "deleted", "severed"), ("shown", False, True)),
            flip("not synced", ("by", "owner", "other"), ("copy", "absent", "present")),
        ],
    }


def test_a_status_action_in_json_has_no_rule_twice() -> None:
    before = ("lead: create note N1", "lead: create note N2")
    told = in_json("Waiting Approval", before, "lead: reject completion")
    assert (told["transition"], told["verdict"], told["synced"]) == ("lead-rejects", "done", True)
    assert (told["readings"], told["sources"]) == (["resume", "reason_note"], ["S4", "S5", "S6", "S9", "S21"])
    assert [rule["id"] for rule in told["rules"]] == [
        "resume-delivers", "lead-note-copy", "sends-text", "note-shareable", "status-emails", "no-reason-note"
    ]  # fmt: skip
    assert told["rules"][0] == {
        "id": "resume-delivers",
        "table": "status change",
        "conditions": [
            condition("phase", "suspended", "suspended"),
            condition("next phase", "active", "active"),
            condition("sends", "text", "text"),
            condition("link", "held", "held"),
            condition("original", "present"),
        ],
        "sources": ["S21", "G5"],
    }
    others = [status for status in MODEL.status_spec.states if status != "Waiting Approval"]
    assert told["flips"] == [
        *(flip("refused", ("status", "Waiting Approval", status)) for status in others),
        flip("refused", ("actor", "lead", "service")),
    ]


def test_what_the_rules_do_not_decide_is_explained_by_that_alone() -> None:
    holed = without("other-edit")
    simulation = after(holed, "In Progress", (MADE,))
    found = explain(holed, simulation.world, simulation.event("lead: edit N1", text="x"))
    assert (found.verdict, str(found.verdict), found.flips) == (
        StepVerdict.UNDECIDED, "undecided: the rules fail here", ()
    )  # fmt: skip
    assert found.outcome == step(holed, simulation.world, simulation.event("lead: edit N1", text="x"))


def test_of_what_was_never_created_nothing_else_would_turn_the_verdict() -> None:
    event = Event(actor="lead", action="edit", item="N1", fields={"text": "x"})
    found = explain(MODEL, World("In Progress"), event)
    assert (found.verdict, found.flips) == (StepVerdict.REFUSED, ())


def test_why_in_json(cli: Run) -> None:
    code, out, _ = cli("why", "lead: edit N1", "--scenario", ROOT / "scenarios" / "severing.yaml", "--format", "json")
    assert code == 0
    told = json.loads(out)
    assert told.pop("moment").startswith("as in line 9 of 'Editing the other partner's note severs the link'")
    same = in_json("In Progress", ((MADE, {"text": "a"}),), "lead: edit N1", text="Disk and cable replaced")
    assert {**told, "moment": "now"} == same
    assert (told["verdict"], [rule["id"] for rule in told["rules"]]) == (
        "not synced", ["other-edit", "lead-may-edit-copy"]
    )  # fmt: skip
    assert told["flips"] == [
        flip("synced", ("by", "other", "owner")), flip("refused", ("lead_copies", "editable", "read_only"))
    ]  # fmt: skip


def test_what_cannot_be_explained_is_told(cli: Run) -> None:
    for arguments, sentence in [
        (["lead edit N1"], "an action is written as 'lead: edit N1'"),
        (["lead: edit N1"], "not an item that was created"),
        (["lead: create note N1", "--set", "internal"], "not of the form field=value"),
        (["lead: create note N1", "--set", "internal=maybe"], "'maybe' is not a value of 'internal'"),
        (["lead: complete", "--scenario", "none.yaml"], "not-found"),
        (["lead: complete", "--scenario", "none.yaml:3"], "not-found"),
    ]:
        code, _, err = cli("why", *arguments)
        assert code == 2, arguments
        assert sentence in err


def test_a_step_is_named_by_its_line(cli: Run) -> None:
    file = str(ROOT / "scenarios" / "severing.yaml")
    one = cli("why", f"{file}:12")
    assert one == cli("why", "service: edit N1", "--scenario", f"{file}:12")
    assert one[1].startswith("service: edit N1")
    what_if = cli("why", f"{file}:12", "--set", "internal=true")
    assert what_if == cli("why", "service: edit N1", "--set", "internal=true", "--scenario", f"{file}:12")
    message = f"which step? Name its line, as in {file}:12, or an action and --scenario {file}"
    assert cli("why", file) == (2, "", f"ACTION: usage: {message}\n")


def test_where_nothing_was_created_it_is_said_how_to_say_where(cli: Run) -> None:
    assert cli("why", "service: edit N1") == (
        2,
        "",
        "ACTION: bad-action: 'N1' is not an item that was created before. There is none. "
        "Tickets are empty where no --scenario says where it happens.\n",
    )


def test_how_a_status_follows_is_told_as_the_row_says_it(cli: Run) -> None:
    policies = ROOT / "tests" / "policies"
    scenario = policies / "bridge_scenarios" / "bridge.yaml"
    status, told, _ = cli("why", f"{scenario}:5", "--machines", str(policies / "bridge"))
    assert status == 0
    assert "=> status: {move: {there: Pending}}" in told


CHARGED = """\
scenario: The other partner's charge
{given}steps:
  - lead: create charge C1
  - service: edit C1
    text: Travel
"""
SEVERED = """\
How the page is read decides this: it would be allowed with
  A charge is synchronized like any other item. (charges=as_items instead of unsynced)
    what would come of it: not synced; link of C1: linked → severed
"""


@pytest.mark.parametrize(
    ("given", "options", "see"),
    [
        ("", ("--reading", "charges=unsynced"), "to see it: simsync run {}:4 --reading charges=as_items"),
        (
            "",
            ("--reading", "charges=unsynced", "--reading", "resume=discard"),
            "to see it: simsync run {}:4 --reading resume=discard --reading charges=as_items",
        ),
        (
            "given: {readings: {charges: unsynced}}\n",
            (),
            "to see it, once the scenario's own readings say charges: as_items: simsync run {}:5",
        ),
    ],
)
def test_the_reading_that_refuses_is_named_with_what_would_come_of_another(
    cli: Run, tmp_path: Path, given: str, options: tuple[str, ...], see: str
) -> None:
    file = tmp_path / "charge.yaml"
    file.write_text(CHARGED.format(given=given))
    line = 4 if given else 3
    code, out, _ = cli("why", f"{file}:{line + 1}", *options)
    assert code == 0
    _, told, grounds, _, *others = out.split("\n\n")
    assert told == f"{SEVERED}    {see.format(file)}"
    assert grounds == (
        "It depends on\n  whether the actor has a ticket (ticket): present\n"
        "  whether the actor's ticket shows the item (shown): false"
    )
    assert others == [
        "It would also be allowed, all else being equal, with\n"
        "  by: owner, the lead (instead of other, the service): then not synced\n"
    ]
    assert out.count("In Progress") == 1


ON_CHARGES = """\
It depends on
  the item's link before the step (link): linked
  the item's kind on its owner's ticket (kind): charge
  whether the actor owns the item (by): other, the service
  Does a change by the other partner sever a charge? As for every other kind. [G11] (charge_sever=sever, or follow)
  by what was done before: Are charges synchronized at all? A charge is synchronized like any other item. [G11] \
(charges=as_items, or unsynced)

Decided by
"""


def test_what_it_depends_on_is_told_in_short_before_what_decided_it(cli: Run) -> None:
    charges = ROOT / "docs" / "examples" / "questions" / "7-charges.yaml"
    assert ON_CHARGES in cli("why", f"{charges}:7")[1]
    _, out, _ = cli("why", f"{charges}:3")
    assert "\n  of who is told: Does a synchronized change email the primary contact, as status actions do?" in out
    _, out, _ = cli("why", f"{charges.with_name('3-dispatcher.yaml')}:6")
    assert "\nIt depends on\n  the status before: Waiting Approval\n  the synchronization phase before the" in out
    sync = ROOT / "examples" / "policies" / "vdirsyncer"
    _, out, _ = cli("why", f"{sync}/scenarios/sync.yaml:8", "--machines", sync / "machines")
    assert "\n  whether the owner's item differs from what it said when both last agreed, if they ever did (orig" in out
    machines = ROOT / "tests" / "policies" / "wire"
    _, out, _ = cli("why", "stringer: create tip T1", "--machines", machines)
    assert "\nIt depends on\n" in out


def test_what_is_tried_out_is_tried_again_under_the_reading_that_allows_it(cli: Run) -> None:
    assert "No reading of the page alone decides this" in cli("why", "lead: cancel")[1]
    file = str(ROOT / "docs" / "examples" / "questions" / "5-work-pending.yaml")
    _, out, _ = cli("why", "lead: complete", "--scenario", f"{file}:6")
    again = f"simsync why 'lead: complete' --scenario {file}:6 --reading lead_completes=any_time"
    comes_of = "Waiting Approval → Complete; link of N1: held → ended; told: primary contact"
    assert f"    what would come of it: {comes_of}\n    to see it: {again}\n" in out
