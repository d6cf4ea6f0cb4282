"""Scenarios with rounds of overlapping actions: read, run in every order, judged, told and written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.drawing.runs import sequence_of
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml, document_of, overlapping

MODEL = load_model(ROOT / "machines")
LOADER = ScenarioLoader(MODEL.factory)
RACE = """\
scenario: cancel and accept
given: {status: Assigned}
steps:
  - together:
      - lead: cancel
      - service: accept
    expect: EXPECT
"""


def scenario(text: str) -> Scenario:
    file = LOADER.load_bytes(text.encode(), "a.yaml")
    assert not file.diagnostics, file.diagnostics
    return file.scenarios[0]


def failures(text: str) -> list[tuple[int, str, object, object, str]]:
    result = run_scenario(MODEL, scenario(text))
    return [(f.line, f.at, f.expected, f.actual, f.order) for one in result.steps for f in one.failures]


def problems(text: str) -> list[str]:
    found = LOADER.load_bytes(text.encode(), "a.yaml").diagnostics
    return [f"{one.line}:{one.col}: {one.code}: {one.message}" for one in found]


def test_what_holds_in_every_order_passes() -> None:
    assert failures(RACE.replace("EXPECT", "{outcomes: 2, refused: true, notified: [primary contact]}")) == []
    assert failures(RACE.replace("EXPECT", "{items: {}}")) == []


def test_what_holds_in_one_order_only_fails_with_the_other() -> None:
    order = "lead: cancel, then service: accept"
    assert failures(RACE.replace("EXPECT", "{status: Accepted, outcomes: 1}")) == [
        (7, "status", "Accepted", "Canceled", order),
        (7, "outcomes", 1, 2, ""),
    ]


def test_later_steps_are_judged_in_every_world() -> None:
    text = RACE.replace("EXPECT", "{outcomes: 2}")
    more = "  - lead: outsource\n    expect: {status: Assigned}\nfinally: {status: Assigned}\n"
    assert [(line, at, order) for line, at, *_, order in failures(text + more)] == [
        (8, "refused", "service: accept, then lead: cancel"),
        (9, "status", "service: accept, then lead: cancel"),
        (10, "finally.status", "service: accept, then lead: cancel"),
    ]


def test_an_action_that_every_order_refuses_is_expected_to_be() -> None:
    text = RACE.replace("lead: cancel", "lead: approve completion")
    assert [(line, at) for line, at, *_ in failures(text.replace("EXPECT", "{outcomes: 1}"))] == [(5, "refused")]
    assert failures(text.replace("EXPECT", "{refused: Waiting Approval}")) == []
    told = text.replace("approve completion\n", "approve completion\n        expect: {refused: true}\n")
    assert failures(told.replace("EXPECT", "{status: Accepted}")) == []


def test_whether_a_change_reaches_the_other_ticket_may_depend_on_the_order() -> None:
    text = """\
scenario: both edit
steps:
  - service: create note N1
  - together:
      - {service: edit N1, text: a}
      - {lead: edit N1, text: b}
    expect: {synced: true}
"""
    assert failures(text) == [(7, "synced", True, "it depends on the order", "")]


def test_everything_wrong_with_a_round_is_told_at_once() -> None:
    text = """\
scenario: bad
steps:
  - service: create note N1
  - together:
      - lead: edit N1
        text: x
        expect: {link: severed, refusd: true}
      - service: edit N7
        text: y
    lead: cancel
    expect: {outcomes: zero, link: linked, rule: x}
  - together: [{lead: cancel}]
  - togther: [{lead: cancel}, {service: accept}]
  - lead: edit N1
    service: edit N1
"""
    assert [one.partition(";")[0] for one in problems(text)] == [
        "7:18: misplaced-field: 'link' is not known of an action that overlaps with others",
        "7:33: unknown-key: 'refusd' is not a key of an action's expectation",
        "8:18: unknown-item: 'N7' is not an item that was created before",
        "10:5: unknown-key: 'lead' is not a key of a round, it belongs under 'together'",
        "11:24: wrong-type: a whole number from 1 on is wanted here, not 'zero'",
        "11:30: misplaced-field: a round has no item of its own for 'link'",
        "11:44: unknown-key: 'rule' is not a key of a round's expectation. Allowed: refused, synced, status, notified, "
        "outcomes, items",
        "12:15: wrong-type: a list of at least two actions that overlap is wanted here, not a list",
        "13:5: unknown-key: 'togther' is not a key of a step",
        "14:5: bad-action: a step says who acts by one key, 'lead' or 'service'",
    ]


def test_too_many_at_once_are_told() -> None:
    actions = "\n".join("      - lead: cancel" for _ in range(13))
    (problem,) = problems(f"scenario: a\nsteps:\n  - together:\n{actions}\n")
    assert problem == "4:7: too-many: 13 actions at once have too many orders; 12 are the most"


def test_a_round_is_written_as_it_is_read() -> None:
    one = scenario((ROOT / "docs" / "examples" / "together.yaml").read_text().partition("---")[0])
    again = scenario(as_yaml(document_of(one)))
    assert document_of(again) == document_of(one)
    assert (again.rounds[0].steps, again.expectations) == (slice(1, 3), 2)
    made = scenario(as_yaml(overlapping("x", one.overlapping, outcomes=1)))
    assert made.overlapping == one.overlapping
    assert run_scenario(MODEL, made).passed


def test_json_has_every_order_beside_the_one_as_written(cli: Run) -> None:
    code, out, _ = cli("run", ROOT / "docs" / "examples" / "together.yaml", "--format", "json")
    steps = json.loads(out)["scenarios"][1]["steps"]
    assert code == 0
    assert [(one["line"], one["together"], one["refused"] is None) for one in steps] == [
        (16, 15, True),
        (17, 15, False),
    ]
    assert [(one["order"], one["answers"], one["status"]["after"]) for one in steps[1]["outcomes"]] == [
        (["lead: cancel", "service: accept"], ["done", "refused"], "Canceled"),
        (["service: accept", "lead: cancel"], ["refused", "done"], "Accepted"),
    ]


def test_what_the_orders_part_in_stands_side_by_side(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RACE.replace("    expect: EXPECT\n", "  - lead: create note N1\n"))
    code, out, _ = cli("run", tmp_path)
    assert code == 0
    assert "together, in any order: 2 outcomes" in out
    assert "       Assigned → Canceled                             Assigned → Accepted\n" in out
    assert "       after lead: cancel, then service: accept        after service: accept, then lead: cancel\n" in out


def test_commands_that_take_one_order_say_so(cli: Run, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(RACE.replace("EXPECT", "{outcomes: 1}"))
    code, _, err = cli("shrink", file)
    assert code == 2
    assert "scenarios with actions that overlap ('together') are not shrunk" in err
    code, out, _ = cli("why", f"{file}:6")
    assert code == 0
    assert "overlapping actions taken in the order written" in out
    result = run_scenario(MODEL, scenario(file.read_text()))
    assert "overlapping actions drawn in the order written" in sequence_of(MODEL, result).given


def test_an_actor_without_a_ticket_overlaps_as_well(cli: Run, tmp_path: Path) -> None:
    machines = ROOT / "examples" / "policies" / "vdirsyncer" / "machines"
    text = """\
scenario: an edit while the job runs
steps:
  - a: create event N1
  - timer: sync
  - together:
      - {a: edit N1, ics: two}
      - timer: sync
"""
    (tmp_path / "a.yaml").write_text(text)
    code, out, err = cli("run", "--machines", machines, tmp_path)
    assert (code, err) == (0, "")
    assert "together, in any order: 2 outcomes" in out


MANY_WORLDS = (
    "scenario: many\nsteps:\n"
    + "".join(f"  - service: create note N{n}\n" for n in range(9))
    + "".join(
        f"  - together:\n      - {{lead: edit N{n}, internal: false}}\n      - {{service: edit N{n}, text: x}}\n"
        for n in range(9)
    )
)


@pytest.mark.thorough
def test_a_run_that_would_be_in_too_many_worlds_fails_and_says_so() -> None:
    (failure,) = failures(MANY_WORLDS)
    assert failure[1:] == ("worlds", "at most 500", "512, of which the others are not followed", "")


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["text", "json"])
def test_such_a_run_is_told_like_others(form: str, tmp_path: Path, cli: Run) -> None:
    (tmp_path / "many.yaml").write_text(MANY_WORLDS)
    code, out, err = cli("run", "--format", form, tmp_path / "many.yaml")
    assert (code, err) == (1, "")
    assert "512, of which the others are not followed" in out


def test_a_step_on_what_the_product_did_not_make_is_refused_after_a_round_as_ever() -> None:
    text = """\
scenario: a note that no rejection made
given: {readings: {reason_note: added}}
steps:
  - together:
      - lead: create note N1
      - service: create note N2
  - lead: edit reason-note
    text: a
    expect: {refused: never created}
"""
    assert failures(text) == []
