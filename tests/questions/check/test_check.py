"""Holes and clashes in the rules are found without any scenario, and each comes with the shortest one that shows it."""

from __future__ import annotations

import importlib
import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from checking import ATELIER, BASE, FIRST_ROWS, errors, fails_as_told, of, shipped
from conftest import ROOT, Run
from planted import model_of, row_of, with_row, with_rows, without_row
from simsync.policy.policy import Decides, Effect, Row, Then
from simsync.questions.check.check import check
from simsync.questions.check.findings import FINDING_KINDS, Severity
from simsync.scenarios.writing import as_yaml

# The shipped rules


@pytest.mark.thorough
def test_the_shipped_rules_are_complete(cli: Run) -> None:
    code, out, err = cli("check")
    assert (code, err) == (0, "")
    assert out.startswith("one row decides every situation")
    assert "under all 16,384 combinations of readings\n" in out


@pytest.mark.thorough
def test_the_shipped_rules_leave_open_only_what_cannot_come_about() -> None:
    assert shipped()
    for finding in shipped():
        assert not finding.reachable
        assert finding.reason
        assert finding.way is None


def test_a_second_policy_is_checked_too(cli: Run) -> None:
    code, out, _ = cli("check", "--machines", ROOT / "tests" / "policies" / "atelier")
    assert code == 0
    assert out.endswith("0 errors, 5 warnings\n3 remarks on what cannot come about: simsync check --impossible\n")
    assert "row 'may-touch' need not say {change: [edit, delete]}: {shown: true} implies it" in out


@pytest.mark.parametrize("row", list(ATELIER.policy.rows), ids=lambda row: row.id)
def test_every_row_of_the_second_policy_is_missed(row: Row) -> None:
    model = without_row(ATELIER, row.id)
    found = errors(model)
    assert found
    for finding in found:
        assert (finding.code, finding.table) == ("undecided", row.table)
        fails_as_told(model, finding)


# Holes and clashes


@pytest.mark.thorough
@pytest.mark.parametrize("row", FIRST_ROWS[1::4], ids=lambda row: row.id)
def test_a_row_that_is_taken_away_leaves_a_hole(row: Row) -> None:
    model = without_row(BASE, row.id)
    found = errors(model)
    assert found
    for finding in found:
        assert (finding.code, finding.table) == ("undecided", row.table)
        table = model.policy.tables[row.table]
        assert finding.mend is not None
        assert finding.related[0] == (f"table '{table.name}'", table.span)
        near = finding.mend.split("'")[1]
        assert finding.where == next(one.span for one in table.rows if one.id == near)
        fails_as_told(model, finding)


@pytest.mark.thorough
def test_a_hole_is_described_as_the_row_that_it_lacks() -> None:
    (finding,) = errors(without_row(BASE, "own-delete-held"))
    assert finding.message == (
        "table 'own change' has no row for {phase: suspended, change: delete, sends: removal, link: [linked, held]}"
    )
    assert finding.situation["link"] == "linked"
    assert finding.situation["kind"] == "time entry"


def test_two_holes_of_a_table_are_two_findings() -> None:
    model = without_row(without_row(ATELIER, "too-late"), "stays-solo")
    assert [finding.message.split(" for ")[1] for finding in errors(model)] == [
        "{mirrorable: false}",
        "{change: create, phase: over}",
    ]


@pytest.mark.thorough
def test_a_fault_is_counted_over_the_combinations_and_shown_under_the_nearest() -> None:
    model = without_row(BASE, "own-edit-withdraws")
    (finding,) = errors(model)
    assert finding.under is not None
    assert finding.way is not None
    assert (finding.under.count, finding.under.total) == (2**13, 2**14)
    assert finding.under.always == {"made_internal": "withdraw"}
    assert finding.way.readings == {"made_internal": "withdraw"}
    (finding,) = errors(without_row(ATELIER, "quote").under({"quotes": "kept"}))
    assert finding.way is not None
    assert finding.way.readings == {"quotes": "mirrored"}


@pytest.mark.thorough
def test_a_fault_of_two_options_together_is_found() -> None:
    """Only where a change waits, and the other partner's deletion of a charge that is shared does not sever."""
    model = without_row(BASE, "resume-finds-copy-gone").under({"resume": "discard", "charges": "unsynced"})
    (finding,) = errors(model)
    assert finding.under is not None
    assert finding.under.always == {"resume": "deliver", "charges": "as_items", "charge_sever": "follow"}
    assert finding.under.count == 2**11
    assert finding.way is not None
    # two of these are defaults, but not of a run with the readings chosen here
    assert finding.way.readings == {"resume": "deliver", "charges": "as_items", "charge_sever": "follow"}
    fails_as_told(model, finding)


@pytest.mark.thorough
def test_the_way_to_a_fault_is_the_shortest() -> None:
    """A deletion that waits takes a copy, a suspension, the deletion, and the resume."""
    model = without_row(BASE, "resume-removes").under({"resume": "discard"})
    (finding,) = errors(model)
    assert finding.way is not None
    assert finding.way.readings == {"resume": "deliver"}
    events = [f"{event.actor}: {event}" for event in finding.way.events]
    assert len(events) == 4
    assert events[-1] == "lead: reject completion"
    fails_as_told(model, finding)


def test_rows_that_clash_are_named_with_what_they_share() -> None:
    row = row_of(ATELIER, "reflects")
    wider = replace(row, id="reflects-too", when=row.when[:3])
    model = with_rows(ATELIER, lambda one: [one, wider] if one.id == row.id else [one])
    found = errors(model)
    assert [finding.rows for finding in found] == [("reflects", "reflects-too"), ("reflects-too", "stays-solo")]
    assert found[0].message == (
        "rows 'reflects' and 'reflects-too' of table 'touch' both decide "
        "{change: [create, edit], by: owner, phase: live, link: [solo, mirrored], mirrorable: true}"
    )
    for finding in found:
        assert finding.code == "ambiguous"
        fails_as_told(model, finding)
    unused = {finding.rows[0] for finding in of(model, "row-never-used")}
    assert unused.isdisjoint(["reflects", "reflects-too", "stays-solo"])


@pytest.mark.thorough
def test_scopes_that_overlap_or_leave_something_out() -> None:
    tables = BASE.policy.tables
    for scope, wanted in (
        ((("change", ("edit", "delete")),), "own change"),
        ((("by", ("nobody",)),), "other's change"),
    ):
        changed = {**tables, "other's change": replace(tables["other's change"], scope=scope)}
        model = model_of(replace(BASE.policy, tables=changed))
        found = [finding for finding in errors(model) if finding.code == "scope"]
        assert found
        assert any(wanted in [finding.table, *(what[7:-1] for what, _ in finding.related)] for finding in found)
        for finding in found:
            fails_as_told(model, finding)


def test_a_trigger_that_cannot_fire() -> None:
    model = with_row(ATELIER, "already-loose", then=Then(link="cut"))
    (finding,) = errors(model)
    assert (finding.code, finding.rows) == ("cannot-fire", ("already-loose",))
    assert finding.where == row_of(ATELIER, "already-loose").span
    fails_as_told(model, finding)


def test_a_step_that_breaks_a_property_is_laid_to_the_row_that_decides_it() -> None:
    model = with_row(ATELIER, "private-draft", then=Then(fact="mirrorable", value=True))
    (finding,) = errors(model)
    assert (finding.code, finding.rows) == ("property", ("reflects",))
    assert finding.where == row_of(ATELIER, "reflects").span
    assert finding.related[0][0] == "property 'private-never-arrives'"
    fails_as_told(model, finding)


@pytest.mark.thorough
def test_a_row_that_contradicts_a_property() -> None:
    model = with_row(BASE, "other-edit", then=Then(effect=Effect.DELIVER, link="sever"))
    always, sometimes = errors(model)
    assert (always.code, always.rows) == ("row-breaks-property", ("other-edit",))
    assert "breaks property 'other-change-never-crosses' in every step that it decides" in always.message
    assert (sometimes.code, sometimes.rows) == ("property", ("other-edit",))
    for finding in (always, sometimes):
        fails_as_told(model, finding)


def test_a_table_that_is_asked_once_for_a_step() -> None:
    model = with_row(ATELIER, "news-of-everything", when=(("actor", ("shop",)),))
    (finding,) = errors(model)
    assert finding.message == "table 'news' has no row for {actor: atelier}"
    assert finding.situation["change"] == "create"
    fails_as_told(model, finding)
    model = with_rows(ATELIER, lambda row: [row, replace(row, id="again")] if row.table == "news" else [row])
    (finding,) = errors(model)
    assert finding.rows == ("news-of-everything", "again")
    assert finding.message == "rows 'news-of-everything' and 'again' of table 'news' both decide everything"
    fails_as_told(model, finding)


def test_errors_come_first_and_the_nearest_first() -> None:
    model = without_row(without_row(ATELIER, "closing-cuts"), "private-draft")
    found = list(check(model))
    lengths = [len(finding.way.events) for finding in found if finding.way]
    assert lengths == sorted(lengths)
    order = [(finding.severity is Severity.WARNING, not finding.reachable) for finding in found]
    assert order == sorted(order)


@pytest.mark.thorough
def test_a_statement_that_nothing_rests_on_is_named_where_it_stands(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    file = tmp_path / "machines" / "statements.yaml"
    text = file.read_text()
    file.write_text(text.replace("\ngaps:", '  S23: {text: "Nobody ever said this.", place: nowhere}\n\ngaps:', 1))
    line = file.read_text().splitlines().index('  S23: {text: "Nobody ever said this.", place: nowhere}') + 1
    code, out, _ = cli("check", "--machines", tmp_path / "machines")
    assert code == 0
    told = "statement-not-cited: no row, transition or state rests on statement S23: Nobody ever said this."
    assert out.startswith(f"{file}:{line}:8: warning: {told}\n")


# The command line


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Rules without one of their rows."""
    shutil.copytree(ROOT / "tests" / "policies" / "atelier", tmp_path / "machines")
    rules = tmp_path / "machines" / "sync_rules.yaml"
    lines = rules.read_text().splitlines(keepends=True)
    rules.write_text("".join(line for line in lines if "{id: already-loose," not in line))
    return tmp_path / "machines"


def test_text(cli: Run, broken: Path) -> None:
    code, out, _ = cli("check", "--machines", broken)
    assert code == 1
    hole = "table 'touch' has no row for {change: [edit, delete], link: loose}"
    mend = "row 'too-late' would take it in if it also took {link: loose}"
    told = f"{broken}/sync_rules.yaml:28:5: error: undecided: {hole} (under all 2 combinations of readings); {mend}\n"
    assert out.startswith(told), out
    assert out.removeprefix(told).startswith(f'    scenario: "{hole}"\n    given: {{status: ')
    assert "\n1 error, 5 warnings\nbeyond a step with an error nothing was tried: " in out


def test_what_may_follow_from_a_hole_is_counted_only(cli: Run, tmp_path: Path) -> None:
    rules = (
        shutil.copytree(ROOT / "examples" / "policies" / "minimal" / "machines", tmp_path / "machines") / "rules.yaml"
    )
    lines = rules.read_text().splitlines(keepends=True)
    rules.write_text("".join(line for line in lines if "owner-writes" not in line))
    code, out, _ = cli("check", "--machines", rules.parent)
    mend = "row 'owner-deletes' would take it in if it also took {change: create}"
    assert (code, out.splitlines()[0]) == (
        1,
        f"{rules}:15:5: error: undecided: table 'change' never has a row; {mend}",
    )
    assert "1 error, 0 warnings\n" in out
    assert "mended (what seems unused, in " in out
    codes = [
        one["code"] for one in json.loads(cli("check", "--machines", rules.parent, "--format", "json")[1])["findings"]
    ]
    assert codes.count("row-never-used") == 3


def test_what_is_impossible_is_listed_when_asked_for(cli: Run) -> None:
    atelier = ROOT / "tests" / "policies" / "atelier"
    _, out, _ = cli("check", "--machines", atelier)
    _, told, _ = cli("check", "--machines", atelier, "--impossible")
    number = sum(": impossible: " in line for line in told.splitlines())
    assert f"\n{number} remarks on what cannot come about: simsync check --impossible\n" in out
    assert "impossible: " not in out
    assert "remarks on" not in told


def test_json(cli: Run, broken: Path, tmp_path: Path) -> None:
    code, out, _ = cli("check", "--machines", broken, "--format", "json")
    assert code == 1
    findings = json.loads(out)["findings"]
    assert {finding["severity"] for finding in findings} == {"error", "warning"}
    assert {finding["code"] for finding in findings} <= FINDING_KINDS.keys()
    error = findings[0]
    assert error["code"] == "undecided"
    assert error["where"] == f"{broken}/sync_rules.yaml:28:5"
    assert (error["table"], error["rows"], error["reachable"]) == ("touch", [], True)
    assert error["combinations"] == {"count": 2, "total": 2, "always": {}}
    assert error["situation"]["link"] == "loose"
    (tmp_path / "s.yaml").write_text(as_yaml(error["scenario"]))
    assert cli("run", "--machines", broken, tmp_path / "s.yaml")[0] == 1
    for finding in findings[1:]:
        assert (finding["severity"], "scenario" in finding) == ("warning", False)
        assert ("reason" in finding) != finding["reachable"]


def test_the_same_is_found_every_time(cli: Run, broken: Path) -> None:
    assert cli("check", "--machines", broken, "--impossible") == cli("check", "--machines", broken, "--impossible")


def test_the_help_lists_every_code(cli: Run) -> None:
    _, out, _ = cli("check", "--help")
    assert all(f"\n  {code}  " in out for code in FINDING_KINDS)


def test_progress_is_told_to_a_terminal(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    atelier = ROOT / "tests" / "policies" / "atelier"
    quiet = cli("check", "--machines", atelier)
    assert quiet[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code, out, err = cli("check", "--machines", atelier)
    assert (code, out) == quiet[:2]
    assert "steps tried: " in err


def test_who_sits_at_no_terminal_is_told_now_and_then(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    atelier = ROOT / "tests" / "policies" / "atelier"
    code, out, err = cli("check", "--machines", atelier)
    assert (code, err) == (0, "")
    monkeypatch.setattr("simsync.commands.progress_line.QUIET", -1.0)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nothing is kept")
    again = cli("check", "--machines", atelier)
    assert again[:2] == (code, out)
    lines = again[2].splitlines()
    told = [int(line.split()[-1]) for line in lines if line.startswith("steps tried: ")]
    assert len(told) > 1
    assert told == sorted(set(told))
    remarks = [f"remarks on the tables alone: {n}" for n in range(1, len(lines) - len(told) + 1)]
    assert lines == [*(f"steps tried: {steps}" for steps in told), *remarks]


def test_many_steps_are_announced(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    atelier = ROOT / "tests" / "policies" / "atelier"
    assert cli("check", "--machines", atelier)[2] == ""
    monkeypatch.setattr(importlib.import_module("simsync.commands.check"), "LONG", 100)
    assert cli("check", "--machines", atelier)[2] == "check: there may be 192 steps to try; this takes a while\n"


def test_more_readings_than_can_be_combined(cli: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tests" / "policies" / "atelier", tmp_path / "machines")
    file = tmp_path / "machines" / "readings.yaml"
    one = "question: q, gap: Q1, evidence: e, sources: [A1], options: {a: {about: x}, b: {about: y}}"
    file.write_text(file.read_text() + "".join(f"- {{reading: r{n}, {one}}}\n" for n in range(16)))
    code, out, err = cli("check", "--machines", tmp_path / "machines")
    assert (code, out) == (2, "")
    assert err == (
        "readings: too-many: the readings have 131,072 combinations; at most 65,536 are walked through at once\n"
    )


def test_rules_that_do_not_load(cli: Run, tmp_path: Path) -> None:
    code, out, err = cli("check", "--machines", tmp_path / "nowhere", "--format", "sarif")
    assert (code, out) == (2, "")
    assert "not-found" in err


def test_no_table_of_a_kind_is_left_out() -> None:
    assert {row.table for row in FIRST_ROWS} == {*BASE.policy.tables}
    assert {table.decides for table in BASE.policy.tables.values()} == {*Decides} - {Decides.STATUS}
