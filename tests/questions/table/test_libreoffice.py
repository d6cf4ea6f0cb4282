"""A workbook opened and saved by a spreadsheet program, which rewrites all of it, says what it said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from conftest import ROOT, Run
from exchange_tools import saved_by_libreoffice

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed (pip install 'simsync[xlsx]')")


@pytest.mark.thorough
@pytest.mark.parametrize("rules", ["machines", "examples/policies/zendesk/machines", "tests/policies/atelier"])
def test_libreoffice_loses_nothing(cli: Run, tmp_path: Path, rules: str) -> None:
    policy, book = tmp_path / "machines", tmp_path / "rules.xlsx"
    shutil.copytree(ROOT / rules, policy)
    before = {path.name: path.read_bytes() for path in policy.iterdir()}
    assert cli("table", "--format", "xlsx", "--out", book, "--machines", policy)[0] == 0
    saved = saved_by_libreoffice(book, tmp_path)
    assert saved.read_bytes() != book.read_bytes()
    assert cli("import", saved, "--machines", policy) == (0, "0 changes\n", "")
    assert {path.name: path.read_bytes() for path in policy.iterdir()} == before
    ours, theirs = openpyxl.load_workbook(book), openpyxl.load_workbook(saved)
    assert _offered(theirs) == _offered(ours) != {}


@pytest.mark.thorough
def test_what_is_edited_there_is_all_that_changes(cli: Run, policy: Path, tmp_path: Path) -> None:
    book = tmp_path / "rules.xlsx"
    assert cli("table", "--format", "xlsx", "--out", book, "--machines", policy)[0] == 0
    edited = openpyxl.load_workbook(book)
    sheet = edited["statements"]
    sheet.append(["S99", "A third partner sees nothing.", "bullet 9"])
    sheet["B4"] = "The service partner works on a ticket of its own."
    edited.save(book)
    code, out, err = cli("import", saved_by_libreoffice(book, tmp_path), "--machines", policy)
    lines = out.splitlines()
    assert (code, err, lines[0].partition(" -> ")[2]) == (0, "", "The service partner works on a ticket of its own.")
    assert lines[1:2] == ["statements: S99 is new"]
    assert lines[2].startswith("2 changes; ")


def _offered(book: object) -> dict[str, set[tuple[str, str]]]:
    """The cells that have drop-downs, by sheet: their extent, and where the list stands."""
    return {
        sheet.title: {(str(rule.sqref), rule.formula1.replace("'", "")) for rule in rules}
        for sheet in book.worksheets  # type: ignore[attr-defined] # openpyxl has no types
        if (rules := sheet.data_validations.dataValidation)
    }
