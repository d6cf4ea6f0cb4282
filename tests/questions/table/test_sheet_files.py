"""Sheets as files: what spreadsheet programs make of them, workbooks, files that are none, and the command."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest

from conftest import ROOT, Run
from sheets import exported, line_of, saved
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.errors import Code, SimsyncError
from simsync.questions.table.blocks import blocks
from simsync.questions.table.files import read_lines
from simsync.questions.table.importing import Import
from simsync.questions.table.workbook import xlsx_bytes

ATELIER = ROOT / "tests" / "policies" / "atelier"


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")])
def test_what_spreadsheet_programs_make_of_csv(policy: Path, tmp_path: Path, delimiter: str, encoding: str) -> None:
    grid = exported(policy, "permission")
    line_of(grid, "may-delete")[grid[1].index("when: shown")] = "TRUE"
    path = saved(grid, tmp_path / "s.csv", delimiter, encoding)
    assert Import(load_model(policy), policy, str(path)).changes == []


def edited_book(tmp_path: Path, model: Model, edit: Callable[[openpyxl.Workbook], None]) -> str:
    path = tmp_path / "rules.xlsx"
    path.write_bytes(xlsx_bytes(blocks(model)))
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return str(path)


def test_a_workbook_is_edited_and_imported(policy: Path, tmp_path: Path, model: Model) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        assert book["own change"]["A3"].value == "own-early"
        book["permission"]["D6"] = True
        book["own change"]["H3"] = "S2"

    done = Import(load_model(policy), policy, edited_book(tmp_path, model, edit))
    assert done.changes == ["own change: own-early: sources: S2 G18 -> S2"]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [("=A1", "a formula"), ("#REF!", "an error"), (__import__("datetime").date(2020, 1, 2), "a date")],
)
@pytest.mark.thorough
def test_what_is_no_text_in_a_workbook(
    policy: Path, tmp_path: Path, model: Model, value: object, sentence: str
) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["own change"].cell(3, 2, value=value)  # type: ignore[call-overload] # what a sheet may hold

    with pytest.raises(SimsyncError) as raised:
        Import(load_model(policy), policy, edited_book(tmp_path, model, edit))
    assert f"rules.xlsx: own change!B3: wrong-type: this is {sentence}" in str(raised.value)


def test_a_workbook_is_the_same_every_time_and_has_no_formula(model: Model, tmp_path: Path) -> None:
    assert xlsx_bytes(blocks(model)) == xlsx_bytes(blocks(model))
    (tmp_path / "a.xlsx").write_bytes(xlsx_bytes(blocks(model)))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s"}


def test_a_workbook_offers_what_may_stand_in_its_cells_and_says_so(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "rules.xlsx"
    assert cli("table", "--format", "xlsx", "--out", path)[0] == 0
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[0] == "how to use these sheets"
    assert book.sheetnames[-1] == "allowed values"
    rules = {str(rule.sqref): rule for rule in book["own change"].data_validations.dataValidation}
    assert sorted(rules)[:2] == ["B3:B220", "C3:C220"]
    effect = rules["F3:F220"]
    assert (effect.showErrorMessage, rules["B3:B220"].showErrorMessage) == (True, False)
    lists = book["allowed values"]
    place = effect.formula1.partition("!")[2].replace("$", "")
    offered = [cell.value for (cell,) in lists[place]]
    assert offered[:3] == ["nothing", "deliver", "remove the copy"]
    guide = [tuple(cell.value for cell in row) for row in book.worksheets[0].iter_rows(min_row=9)]
    assert ("own change", "when: phase", "the synchronization phase before the step", "one or several") in [
        line[:4] for line in guide
    ]
    assert any(line[:2] == ("any decision table", "when: arrives") for line in guide)
    assert ("outsource status", "to", "the state that it leads to", "one") in [line[:4] for line in guide]


def test_of_a_workbook_only_tables_are_read_back(cli: Run, policy: Path, tmp_path: Path) -> None:
    path = tmp_path / "rules.xlsx"
    assert cli("table", "--format", "xlsx", "--out", path, "--machines", policy)[0] == 0
    book = openpyxl.load_workbook(path)
    book["how to use these sheets"]["A3"] = "my own words"
    book["allowed values"].title = "lists"
    book["copy"]["E6"] = "note"
    book.save(path)
    code, _, err = cli("import", path, "--machines", policy)
    assert code == 2
    assert err.startswith(f"{path}: copy!E6: unknown-name: 'note' is not a value of 'internal'")
    book["copy"]["E6"] = "true"
    book.save(path)
    code, out, _ = cli("import", path, "--machines", policy)
    changes, _, back = out.partition("1 change; ")
    assert (code, changes) == (0, "copy: lead-note-copy: then: internal: false -> true\n")
    undo, turned, *titles = back.splitlines()
    assert undo == f"simsync import --undo --machines {policy} takes it back"
    assert re.fullmatch(r"Scenarios that come out otherwise: \d+ of \d+; \d+ fail that passed before", turned)
    assert titles[1].endswith(": passed, and fails now")
    assert titles[-1].endswith(" more; simsync run tells of all")


def test_files_that_are_no_sheets(tmp_path: Path, cli: Run, policy: Path) -> None:
    cases = {
        "none.csv": (None, "does not exist"),
        "a.txt": (b"x", "what is imported is a .csv, .xlsx or .dmn file"),
        "a.xlsx": (b"PK\x03\x04 no", "no workbook that can be read"),
        "b.csv": (b"\xe4\xff", "not UTF-8"),
        "c.csv": (b'table,x,version,,,\n"a', "'x' is not a table"),
    }
    for name, (content, sentence) in cases.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
        code, _, err = cli("import", tmp_path / name, "--machines", policy)
        assert code == 2
        assert "Traceback" not in err
        assert sentence in err
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * (300 * 2**20))
    assert "too-large" in cli("import", tmp_path / "bomb.xlsx", "--machines", policy)[2]


def test_the_command_line(cli: Run, policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = exported(policy, "copy")
    line_of(grid, "charge-copy")[grid[1].index("sources")] = "S3"
    path = saved(grid, tmp_path / "s.csv")
    before = (policy / "sync_rules.yaml").read_bytes()
    monkeypatch.setattr("simsync.commands.meaning.meaning", lambda *_: ["what it means"])
    code, out, _ = cli("import", path, "--machines", policy, "--dry-run")
    assert (code, out.splitlines()[1:]) == (0, ["1 change, none of them written", "what it means"])
    assert (policy / "sync_rules.yaml").read_bytes() == before
    code, out, _ = cli("import", path, "--machines", policy)
    assert (code, out.partition("; ")[0]) == (0, "copy: charge-copy: sources: S3 S4 G11 -> S3\n1 change")
    assert (policy / "sync_rules.yaml").read_bytes() != before
    assert cli("table", "copy", "--format", "csv")[1].startswith("table,copy,version,")
    assert "does not end in .csv" in cli("table", "--format", "csv", "--out", tmp_path / "x.xlsx")[2]
    assert "a workbook is written to a file" in cli("table", "--format", "xlsx")[2]
    assert cli("table", "copy", "--out", tmp_path / "x.csv") == (0, f"{tmp_path / 'x.csv'}\n", "")
    assert (tmp_path / "x.csv").read_text("utf-8-sig").startswith("table,copy,version,")
    assert "end its name in .csv or .xlsx" in cli("table", "--out", "x.md")[2]
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setattr("simsync.app.uses_packaged_rules", lambda _: True)
    assert "no rules here to import into" in cli("import", path)[2]


@pytest.mark.parametrize(("ending", "names"), [("csv", ("access", "mirrorable", "touch")), ("xlsx", ("mirrorable",))])
def test_a_heading_or_label_that_was_cleared_is_one_error(tmp_path: Path, ending: str, names: tuple[str, ...]) -> None:
    atelier = load_model(ATELIER, {"quotes": "kept"})
    path, told = tmp_path / f"s.{ending}", {}
    for block in blocks(atelier, names):
        lines = [list(line) for line in block.lines]
        for line, number in [*((lines[0], n) for n in (0, 1, 2, 4)), *((lines[1], n) for n in range(len(lines[1])))]:
            text, line[number] = line[number], ""
            path.write_bytes(written(lines, ending))
            line[number] = text
            with pytest.raises(SimsyncError) as raised:
                Import(atelier, ATELIER, str(path))
            (fault,) = raised.value.diagnostics
            told[block.name, text] = fault.code
    assert {told["mirrorable", text] for text in ("table", "version", "readings", "row", "when: kind", "sources")} == {
        Code.MISSING_KEY
    }
    assert told["mirrorable", "mirrorable"] == Code.UNKNOWN_NAME


def written(lines: Sequence[Sequence[str]], ending: str) -> bytes:
    if ending == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(lines)
        return text.getvalue().encode()
    book, made = openpyxl.Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for line in lines:
        sheet.append(list(line))
    book.save(made)
    return made.getvalue()


def test_lines_of_a_file_have_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('table,x,version\n"a\nb",c\n')
    assert [[cell.place for cell in line] for line in read_lines(str(tmp_path / "a.csv"))][1] == [
        "line 3, cell 1",
        "line 3, cell 2",
    ]


def test_what_is_no_regular_file_or_goes_on_for_ever(cli: Run, policy: Path, tmp_path: Path, model: Model) -> None:
    os.mkfifo(tmp_path / "f.csv")
    (tmp_path / "z.csv").symlink_to("/dev/zero")
    for name in ("f.csv", "z.csv"):
        code, _, err = cli("import", tmp_path / name, "--machines", policy)
        assert (code, "this is no file" in err) == (2, True)

    def far(book: openpyxl.Workbook) -> None:
        book["copy"]["SF19999"] = "x"

    code, _, err = cli("import", edited_book(tmp_path, model, far), "--machines", policy)
    assert (code, "goes on for 19,999 lines of 500 cells" in err) == (2, True)
    (tmp_path / "r.csv").symlink_to(policy / "sync_rules.yaml")
    code, _, err = cli("table", "--format", "csv", "--out", tmp_path / "r.csv")
    assert (code, "may be a scenario file" in err) == (2, True)
