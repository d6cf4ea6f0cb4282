"""A spreadsheet as a workplace: what a change means before it is made, taking it back, pictures and page anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import ROOT, Run
from sheets import Grid, exported, line_of, saved

POLICIES = ROOT / "tests" / "policies"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the machines and scenarios of a small policy of two status machines and more."""
    shutil.copytree(POLICIES / "wire", tmp_path / "machines")
    shutil.copytree(POLICIES / "wire_scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def stopped(here: Path) -> Path:
    """A sheet in which what is done while the edition is open is not sent any more."""
    grid = exported(here / "machines", "owner's change")
    line_of(grid, "sends")[grid[1].index("then: effect")] = "nothing"
    return saved(grid, here / "rules.csv")


def test_a_dry_run_says_what_the_change_means(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(POLICIES / "bare", tmp_path / "machines")
    shutil.copytree(POLICIES / "bare_scenarios", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    grid = exported(tmp_path / "machines", "change")
    line_of(grid, "goes")[grid[1].index("then: effect")] = "nothing"
    code, out, err = cli("import", saved(grid, tmp_path / "s.csv"), "--dry-run")
    assert (code, err) == (0, "")
    assert out == GOLDEN
    assert cli("import", tmp_path / "s.csv") == (0, MADE, "")
    assert cli("run")[0] == 1


@pytest.mark.thorough
def test_a_promise_that_would_break_is_told(cli: Run, here: Path) -> None:
    grid = exported(here / "machines", "owner's change")
    line_of(grid, "own-cut")[grid[1].index("then: effect")] = "deliver"
    code, out, _ = cli("import", saved(grid, here / "s.csv"), "--dry-run")
    assert code == 0
    assert (
        """\
Promises that break: 1 of 1, judged with up to 2 items
  embargoed-never-sent: On no step: synced: true; wanted: false; change: create or edit.
"""
        in out
    )
    assert (
        """\
The rules would not say any more, or say twice, what happens here
  Begin with a fresh ticket, brought to the status Open.
  1. stringer creates a story, N1, with body "text 1".
  2. desk deletes N1.
"""
        in out
    )


@pytest.mark.thorough
def test_a_change_that_nobody_notices_is_told_as_that(cli: Run, here: Path) -> None:
    grid = exported(here / "machines", "statements")
    grid[2][1] = "Said otherwise."
    code, out, _ = cli("import", saved(grid, here / "s.csv"), "--dry-run")
    assert code == 0
    assert "No difference: whatever happens to one item, nobody can tell the two apart\n" in out
    assert "Scenarios that come out otherwise: 0 of " in out
    assert "Promises that break: 0 of " in out


def test_an_import_is_undone_and_so_is_the_one_before(cli: Run, here: Path) -> None:
    rules = here / "machines" / "sync_rules.yaml"
    said = [rules.read_bytes()]
    for source in ("W1", "W2"):
        grid: Grid = exported(here / "machines", "owner's change")
        grid[2][-1] = f"{source} W3"
        assert cli("import", saved(grid, here / "s.csv"))[0] == 0
        said.append(rules.read_bytes())
    assert len(set(said)) == 3
    code, out, _ = cli("import", "--undo", "--dry-run")
    assert (code, out) == (0, "machines/sync_rules.yaml would be as it was before the last import\n")
    assert rules.read_bytes() == said[2]
    for before in (said[1], said[0]):
        code, out, _ = cli("import", "--undo")
        assert (code, out) == (0, "machines/sync_rules.yaml is as it was before the last import\n")
        assert rules.read_bytes() == before
    code, _, err = cli("import", "--undo")
    assert (code, err) == (2, "--undo: not-found: nothing was imported into machines that could be undone\n")


def test_what_was_changed_since_is_not_undone(cli: Run, here: Path) -> None:
    assert cli("import", stopped(here))[0] == 0
    rules = here / "machines" / "sync_rules.yaml"
    rules.write_text(rules.read_text() + "# mine\n")
    code, _, err = cli("import", "--undo")
    kept = here / ".simsync" / "undo" / "machines" / "000001"
    assert (code, err) == (
        2,
        "machines/sync_rules.yaml: not-empty: this file was changed since the import; what it said before is in"
        f" {kept}\n",
    )
    assert rules.read_text().endswith("# mine\n")


def test_only_the_last_imports_are_kept(cli: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsync.questions.table.undo.KEPT", 2)
    for source in ("W1", "W2", "W1"):
        grid = exported(here / "machines", "owner's change")
        grid[2][-1] = f"{source} W3"
        assert cli("import", saved(grid, here / "s.csv"))[0] == 0
    kept = here / ".simsync" / "undo" / "machines"
    assert sorted(path.name for path in kept.iterdir()) == ["000002", "000003"]


@pytest.mark.thorough
def test_one_command_leads_from_the_sheet_to_pictures_and_page(cli: Run, here: Path) -> None:
    code, out, err = cli("import", stopped(here), "--draw")
    assert (code, err) == (0, "")
    assert (here / "rulebook.html").is_file()
    assert cli("diagrams", "--check")[0] == 0
    assert cli("import", "--undo")[0] == 0
    code, out, _ = cli("diagrams", "--check")
    assert code == 1
    assert "changed: diagrams/table_owners_change (" in out


def test_options_that_do_not_go_together(cli: Run, here: Path) -> None:
    sheet = stopped(here)
    assert "FILE: usage: name what was edited, or say --undo" in cli("import", "--draw")[2]
    assert "--draw: usage: it goes without --dry-run" in cli("import", sheet, "--draw", "--dry-run")[2]
    assert "--undo: usage: it goes without a file" in cli("import", "--undo", sheet)[2]
    assert "--undo: usage: it goes without a file" in cli("import", "--undo", "--from", "csv")[2]


GOLDEN = """\
change: goes: then: effect: remove the copy -> nothing
1 change, none of them written
The shortest way to notice
  Begin with a fresh ticket.
  1. left creates a book, N1, with title "text 1".
  2. left deletes N1.
  as it is
    ┌ left's ticket ─────────────────────┐ ┌ right's ticket ────────────────────┐
    │ (no item)                          │ │ (no item)                          │
    └────────────────────────────────────┘ └────────────────────────────────────┘
  with the change
    ┌ left's ticket ─────────────────────┐ ┌ right's ticket ────────────────────┐
    │ (no item)                          │ │ N1 book · "text 1"                 │
    └────────────────────────────────────┘ └────────────────────────────────────┘
Scenarios that come out otherwise: 1 of 1; 1 would fail that pass now
  What the left shelf adds stands on the right one
    scenarios/books.yaml:1: passes, and would fail
"""


MADE = """\
change: goes: then: effect: remove the copy -> nothing
1 change; simsync import --undo takes it back
Scenarios that come out otherwise: 1 of 1; 1 fails that passed before
  What the left shelf adds stands on the right one
    scenarios/books.yaml:1: passed, and fails now
"""
