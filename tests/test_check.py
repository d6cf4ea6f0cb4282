"""Holes and clashes in the rules are found without any scenario, and each comes with the shortest one that shows it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.analysis.life import Life
from simsync.analysis.table_check import Finding, Severity, check
from simsync.app import load_model
from simsync.core.model import Model, Workshop
from simsync.core.simulate import run_scenario
from simsync.loading.scenarios import ScenarioLoader
from simsync.machines import TransitionsMachine
from simsync.model.policy import Row
from simsync.reporting.findings import as_yaml, scenario_of

BASE = load_model(ROOT / "machines")
ROWS = [row for table in BASE.policy.tables.values() for row in table.rows]


def with_rows(model: Model, table: str, change: Callable[[Row], list[Row]]) -> Model:
    """The model with a table's rows exchanged."""
    old = model.policy.tables[table]
    new = replace(old, rows=tuple(fresh for row in old.rows for fresh in change(row)))
    policy = replace(model.policy, tables={**model.policy.tables, table: new})
    return Workshop(policy, TransitionsMachine).model({})


def first_fault(model: Model) -> Finding:
    return next(finding for finding in check(model) if finding.severity is Severity.ERROR)


def fails_as_told(model: Model, finding: Finding) -> None:
    """The finding's scenario, run, comes upon the very same fault in its last step, and in no other."""
    assert finding.way is not None
    way = finding.way
    text = as_yaml(scenario_of("x", way.status, way.readings, way.events))
    (scenario,) = ScenarioLoader(model.workshop).load_bytes(text.encode(), "x.yaml").scenarios
    result = run_scenario(model, scenario)
    assert [one.outcome.defects == () for one in result.steps] == [True] * (len(way.events) - 1) + [False]
    assert finding.message in [defect.message for defect in result.steps[-1].outcome.defects]


def test_the_shipped_rules_are_complete(cli: Run) -> None:
    code, out, err = cli("check")
    assert (code, err) == (0, "")
    assert out.startswith("one row decides every situation")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_that_is_taken_away_leaves_a_hole(row: Row) -> None:
    model = with_rows(BASE, row.table, lambda one: [] if one.id == row.id else [one])
    finding = first_fault(model)
    assert finding.code in ("undecided", "scope")
    assert finding.where == model.policy.tables[row.table].span
    fails_as_told(model, finding)


@pytest.mark.parametrize("row", [r for r in ROWS if len(r.when) > 1], ids=lambda row: row.id)
def test_a_row_without_one_of_its_conditions_clashes_or_changes_nothing(row: Row) -> None:
    wider = replace(row, id=f"{row.id}-too", when=row.when[:-1])
    model = with_rows(BASE, row.table, lambda one: [one, wider] if one.id == row.id else [one])
    finding = first_fault(model)
    assert finding.code == "ambiguous"
    fails_as_told(model, finding)


def test_the_way_to_a_fault_is_the_shortest() -> None:
    model = with_rows(BASE, "status change", lambda one: [] if one.id == "resume-removes" else [one])
    finding = first_fault(model)
    assert finding.way is not None
    events = [f"{event.actor}: {event}" for event in finding.way.events]
    assert len(events) == 4
    assert events[-1] == "lead: reject completion"


def test_what_plays_no_part_is_told() -> None:
    dead = Row(
        id="dead",
        table="copy",
        when=(("owner", ("lead",)), ("kind", ("time entry",)), ("copy", ("present",))),
        then=ROWS[-1].then,
        sources=("S1",),
    )
    model = with_rows(BASE, "copy", lambda one: [one, dead] if one.id == "charge-copy" else [one])
    found = [finding for finding in check(model) if finding.code == "row-never-used"]
    assert [finding.message.split("'")[1] for finding in found] == ["dead"]
    assert all(finding.severity is Severity.WARNING for finding in found)


def test_the_command_line(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    rules = tmp_path / "machines" / "sync_rules.yaml"
    lines = rules.read_text().splitlines(keepends=True)
    rules.write_text("".join(line for line in lines if "{id: other-change-unlinked," not in line))
    code, out, _ = cli("check", "--machines", tmp_path / "machines")
    assert code == 1
    assert "sync_rules.yaml:81:3: error: undecided: table 'other's change' needs one deciding row" in out
    assert out.endswith("1 error, 1 warning\n")
    code, out, _ = cli("check", "--machines", tmp_path / "machines", "--format", "json")
    assert code == 1
    finding = json.loads(out)["findings"][0]
    assert {*finding} == {"code", "severity", "where", "message", "scenario"}
    (tmp_path / "s.yaml").write_text(as_yaml(finding["scenario"]))
    assert cli("run", "--machines", tmp_path / "machines", tmp_path / "s.yaml")[0] == 1


def test_a_life_is_walked_the_same_way_every_time(model: Model) -> None:
    one, two = Life(model), Life(model)
    assert [(v.place, v.event) for v in one.walk()] == [(v.place, v.event) for v in two.walk()]
    assert len(one.came) > 1000


def test_a_second_policy_is_checked_too(cli: Run) -> None:
    code, out, _ = cli("check", "--machines", ROOT / "tests" / "policies" / "atelier")
    assert "error" not in out.replace("0 errors", "")
    assert code == 0
