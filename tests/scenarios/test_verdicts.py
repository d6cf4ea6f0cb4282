"""Expectations: what is so passes, and whatever is not so fails at its own line and path."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

from oracle import contract, walks
from planted import without
from sampling import few
from simsync.engine.model import Model
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import ScenarioResult, run_scenario
from systems.desks import MODEL


def run_text(model: Model, loader: ScenarioLoader, text: str) -> ScenarioResult:
    file = loader.load_bytes(text.encode(), "test.yaml")
    assert not file.diagnostics, file.diagnostics
    return run_scenario(model, file.scenarios[0])


def failures(model: Model, loader: ScenarioLoader, text: str) -> list[tuple[int, str, object, object]]:
    result = run_text(model, loader, text)
    return [(f.line, f.at, f.expected, f.actual) for step in result.steps for f in step.failures]


def with_expectations(document: dict[str, Any]) -> dict[str, Any]:
    """The document with everything that the contract says of each step expected."""
    for step, so in zip(document["steps"], contract.run(document), strict=True):
        if so["refused"]:
            step["expect"] = {"refused": True, "status": so["status"], "synced": False}
            continue
        step["expect"] = {"synced": so["synced"], "status": so["status"], "notified": so["notified"]}
        step["expect"]["items"] = {
            name: {"link": link, **{p: so["tickets"][p].get(name, "absent") for p in ("lead", "service")}}
            for name, link in so["links"].items()
        }
    return document


def spoil(rng: random.Random, expect: dict[str, Any]) -> None:
    """Make one expectation wrong."""
    key = rng.choice(sorted(expect))
    if key == "refused":
        del expect["refused"]
    elif key == "synced":
        expect["synced"] = not expect["synced"]
    elif key == "status":
        expect["status"] = "Declined" if expect["status"] != "Declined" else "Canceled"
    elif key == "notified":
        told = expect["notified"]
        expect["notified"] = told[1:] if told and rng.random() < 0.5 else [*told, "assigned resource"]
    else:
        item = rng.choice(sorted(expect["items"]) or [""])
        if item:
            spoil_item(rng, expect["items"][item])
        else:
            expect["synced"] = not expect["synced"]


def spoil_item(rng: random.Random, item: dict[str, Any]) -> None:
    aspect = rng.choice(["link", "lead", "service"])
    if aspect == "link":
        item["link"] = "severed" if item["link"] != "severed" else "linked"
    elif item[aspect] == "absent":
        item[aspect] = {"kind": "note"}
    elif rng.random() < 0.3:
        item[aspect] = "absent"
    else:
        key = rng.choice(sorted(item[aspect]))
        old = item[aspect][key]
        wrong = {"kind": "charge" if old != "charge" else "note", "type": "url" if old != "url" else "file"}
        item[aspect][key] = (not old) if isinstance(old, bool) else wrong.get(key, f"{old}!")


@pytest.mark.parametrize("count", few([30, 400], 2))
def test_what_is_so_passes_and_one_wrong_expectation_fails(model: Model, loader: ScenarioLoader, count: int) -> None:
    rng = random.Random(7)
    for document in walks.scenarios(seed=3, count=count):
        good = with_expectations(document)
        assert run_text(model, loader, dump(good)).passed, dump(good)
        number = rng.randrange(len(good["steps"]))
        spoil(rng, good["steps"][number]["expect"])
        result = run_text(model, loader, dump(good))
        assert not result.passed, dump(good)
        assert [i for i, step in enumerate(result.steps) if step.failures] == [number]


def dump(document: dict[str, Any]) -> str:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(document, Dumper=Plain, sort_keys=False, allow_unicode=True)


def test_a_failure_names_its_line_and_path(model: Model, loader: ScenarioLoader) -> None:
    text = """\
scenario: x
steps:
  - service: create note N1
    text: Disk
    expect:
      synced: false
      lead:
        text: Disc
        type: file
      service: absent
      rule: other-edit
"""
    service_view = {"kind": "note", "text": "Disk", "internal_users_only": False}
    found = failures(model, loader, text)
    assert found[:4] == [
        (6, "synced", False, True),
        (8, "lead.text", "Disc", "Disk"),
        (9, "lead.type", "file", "not shown"),
        (10, "service", "absent", service_view),
    ]
    assert found[4][:3] == (11, "rule", "other-edit")


def test_an_unexpected_refusal_fails_the_step(model: Model, loader: ScenarioLoader) -> None:
    ((line, at, expected, actual),) = failures(model, loader, "scenario: x\nsteps:\n  - service: accept\n")
    assert (line, at, expected) == (3, "refused", None)
    assert "possible in Assigned only" in str(actual)


def test_an_expected_refusal_that_did_not_come_fails_the_step(model: Model, loader: ScenarioLoader) -> None:
    text = "scenario: x\nsteps:\n  - service: insource complete\n    expect: {refused: true}\n"
    assert failures(model, loader, text) == [(4, "refused", True, None)]


def test_a_part_of_the_reason_is_enough(model: Model, loader: ScenarioLoader) -> None:
    text = "scenario: x\nsteps:\n  - service: accept\n    expect: {{refused: {}}}\n"
    assert failures(model, loader, text.format("Possible in assigned only")) == []
    assert len(failures(model, loader, text.format("the moon is full"))) == 1


def test_refused_false_means_not_refused(model: Model, loader: ScenarioLoader) -> None:
    assert failures(model, loader, "scenario: x\nsteps:\n  - lead: complete\n    expect: {refused: false}\n") == []
    refused = "scenario: x\nsteps:\n  - lead: accept\n    expect: {refused: false}\n"
    assert [f[1] for f in failures(model, loader, refused)] == ["refused"]


def test_finally_is_judged_on_the_last_step(model: Model, loader: ScenarioLoader) -> None:
    text = """\
scenario: x
steps:
  - lead: create note N1
  - lead: complete
finally:
  status: In Progress
  items: {N1: {link: ended, lead: {}, service: absent}}
"""
    result = run_text(model, loader, text)
    assert not result.steps[0].failures
    assert [(f.line, f.at, f.expected) for f in result.steps[1].failures] == [
        (6, "finally.status", "In Progress"),
        (7, "finally.items.N1.service", "absent"),
    ]


def test_an_empty_view_expects_the_item_to_be_shown(model: Model, loader: ScenarioLoader) -> None:
    text = "scenario: x\nsteps:\n  - lead: create note N1\n    internal: true\n    expect: {lead: {}, service: {}}\n"
    assert failures(model, loader, text) == [(5, "service", "shown", "absent")]


def test_notified_counts_every_recipient(model: Model, loader: ScenarioLoader) -> None:
    text = """\
scenario: Two entries arrive at one resume
given: {status: Waiting Approval}
steps:
  - service: create time entry T1
  - service: create time entry T2
  - lead: reject completion
    expect: {notified: [assigned resource, primary contact]}
"""
    ((line, at, _, actual),) = failures(model, loader, text)
    assert (line, at) == (7, "notified")
    assert actual == ["primary contact", "assigned resource", "assigned resource"]


ACCEPT = "'accept' is possible in Assigned only; the status is In Progress, where these are possible: "
ACCEPT += "service: insource complete, lead: complete"
EARLY = "the service partner has no ticket before it accepts; the status is Unsent, and this would be allowed in "
EARLY += "Accepted, In Progress, Waiting Approval, Complete"
HEAD = "scenario: x\nsteps:\n"
NOT_MET = {
    "a refusal that nobody expects, beside what is not so": (
        f"{HEAD}  - service: accept\n    expect: {{synced: true, status: Assigned}}\n",
        [(3, "refused", None, ACCEPT), (4, "synced", True, False), (4, "status", "Assigned", "In Progress")],
    ),
    "a refusal that is not to be": (
        f"{HEAD}  - service: accept\n    expect:\n      synced: false\n      refused: false\n",
        [(6, "refused", None, ACCEPT)],
    ),
    "a refusal that is none": (
        f"{HEAD}  - service: insource complete\n    expect: {{refused: In accepted}}\n",
        [(4, "refused", "In accepted", None)],
    ),
    "a refusal for another reason": (
        f"{HEAD}  - service: accept\n    expect: {{refused: the moon is full}}\n",
        [(4, "refused", "the moon is full", ACCEPT)],
    ),
    "what was never created": (
        "scenario: x\ngiven: {status: Unsent}\nsteps:\n  - service: create note N1\n    expect:\n"
        "      refused: No Ticket\n      link: local\n      service: {text: a, kind: note}\n      lead: absent\n",
        [
            (7, "link", "local", None),
            (8, "service.text", "a", "absent"),
            (8, "service.kind", "note", "absent"),
        ],
    ),
    "a link, rules, and who is told": (
        f"{HEAD}  - service: create note N1\n"
        "    expect: {link: severed, rule: other-edit, notified: [primary contact]}\n",
        [
            (4, "link", "severed", "linked"),
            (4, "rule", "other-edit",
             ["own-create", "may-create", "service-note-copy", "sends-text", "note-shareable", "sync-is-silent"]),
            (4, "notified", ["primary contact"], []),
        ],
    ),
    "what is shown": (
        f"{HEAD}  - service: create note N1\n    expect: {{lead: absent, service: {{text: a, type: url}}}}\n",
        [
            (4, "lead", "absent",
             {"kind": "note", "text": "", "internal_users_only": True, "customer_visible": False}),
            (4, "service.text", "a", ""),
            (4, "service.type", "url", "not shown"),
        ],
    ),
    "what is so": (
        f"{HEAD}  - service: create note N1\n"
        "    expect: {link: linked, rule: note-shareable, lead: {}, notified: []}\n"
        "  - service: edit N1\n    text: a\n"
        "    expect: {refused: false, synced: true, lead: {text: a}, status: In Progress}\n"
        "  - service: accept\n    expect: {refused: true}\n",
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_MET)
def test_what_is_not_met_is_told_whole(case: str) -> None:
    text, wanted = NOT_MET[case]
    assert failures(MODEL, ScenarioLoader(MODEL.factory), text) == wanted


def test_a_hole_in_the_rules_fails_the_step() -> None:
    holed = without("other-edit")
    text = f"{HEAD}  - service: create note N1\n  - lead: edit N1\n    text: a\n    expect: {{synced: false}}\n"
    ((line, at, expected, actual),) = failures(holed, ScenarioLoader(MODEL.factory), text)
    assert (line, at, expected) == (4, "rules.undecided", "one row of table 'other's change'")
    assert actual == (
        "table 'other's change' needs one deciding row, but this situation has no row: "
        "change: edit, link: linked, kind: note"
    )


def test_a_result_has_all_that_was_run_and_the_readings_in_force() -> None:
    text = "scenario: x\ngiven: {readings: {resume: discard}}\nsteps:\n  - lead: create note N1\n  - lead: accept\n"
    result = run_text(MODEL, ScenarioLoader(MODEL.factory), text)
    assert result.readings == {**MODEL.readings, "resume": "discard"}
    assert [one.step for one in result.steps] == list(result.scenario.steps)
    assert [one.outcome.model.readings["resume"] for one in result.steps] == ["discard", "discard"]
    assert result.steps[1].outcome.before is result.steps[0].outcome.after
    assert (result.passed, result.answered) == (False, False)
    first = "scenario: x\nsteps:\n  - lead: create note N1\n"
    asked = run_text(MODEL, ScenarioLoader(MODEL.factory), first)
    assert (asked.passed, asked.answered, asked.readings) == (True, True, MODEL.readings)
    expecting = run_text(MODEL, ScenarioLoader(MODEL.factory), f"{first}    expect: {{synced: true}}\n")
    assert (expecting.passed, expecting.answered) == (True, False)
