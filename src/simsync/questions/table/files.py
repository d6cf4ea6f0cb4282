"""CSV and XLSX files: blocks written, and lines of cells read with the place of each."""

from __future__ import annotations

import csv
import io
import os
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from simsync.errors import Code, SimsyncError, usage_error
from simsync.extras import lacking
from simsync.questions.table.blocks import TABLE, THEN, Block

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS = ("csv", "xlsx", "dmn")
MAX_BYTES, MAX_UNPACKED, MAX_LINES, MAX_COLUMNS, MAX_CELLS = 32 * 2**20, 48 * 2**20, 20_000, 500, 500_000
MAX_TEXT = 32_767
"""How many characters a cell of a workbook holds."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as read: its text, where it stands in words, and what is wrong with it if it holds no text.

    ``line`` and ``col`` say where, in a file that has lines.
    """

    text: str
    place: str
    fault: str = ""
    line: int = 0
    col: int = 0


def csv_text(blocks: Iterable[Block]) -> str:
    """Blocks as CSV, with an empty line between two."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    for number, block in enumerate(blocks):
        if number:
            writer.writerow([])
        writer.writerows(block.lines)
    return stream.getvalue()


def xlsx_bytes(blocks: Iterable[Block]) -> bytes:
    """Blocks as a workbook, a sheet each; the same bytes for the same blocks.

    Raises :class:`SimsyncError` where openpyxl is not installed.
    """
    openpyxl = _openpyxl()
    book = openpyxl.Workbook()
    book.remove(book.active)
    for block in blocks:
        _fill(book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", block.name)[:31].strip("'") or "table"), block)
    made = io.BytesIO()
    book.save(made)
    return _undated(made)


def _fill(sheet: Worksheet, block: Block) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    decided = {number for number, name in enumerate(block.headings, 1) if name.startswith(THEN)}
    for number, line in enumerate(block.lines, 1):
        for column, text in enumerate(line, 1):
            if len(text) > MAX_TEXT:
                message = f"a text in table '{block.name}' is too long for a cell of a workbook; use CSV"
                raise usage_error("xlsx", message, code=Code.TOO_LARGE)
            cell = sheet.cell(number, column)
            cell.value = text
            cell.data_type = "s"  # never a formula
            cell.alignment = Alignment(wrap_text=number > 1, vertical="top")
            cell.font = Font(bold=number == 2 or column == 1, color="475569" if number == 1 else None)
            if number == 2 or (number > 2 and column in decided):
                cell.fill = PatternFill("solid", fgColor="BFDBFE" if column in decided else "E2E8F0")
    for column in range(1, len(block.headings) + 1):
        texts = (str(line[column - 1]) for line in (block.headings, *block.rows))
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = min(max(map(len, texts)) + 3, 48)
    sheet.freeze_panes = "B3"


def _undated(made: io.BytesIO) -> bytes:
    """The same archive without the time at which it was made."""
    stable = io.BytesIO()
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(stable, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return stable.getvalue()


def read_lines(path: str, form: str | None = None) -> list[list[Cell]]:
    """The lines of cells of a CSV or XLSX file, all sheets one after the other.

    Raises :class:`SimsyncError` where the file is neither or cannot be read.
    """
    form, data = form or format_of(path), sheet_bytes(path)
    lines = list(_csv_lines(path, data) if form == "csv" else _xlsx_lines(path, data))
    if len(lines) > MAX_LINES or any(len(line) > MAX_COLUMNS for line in lines):
        message = f"a sheet has no more than {MAX_LINES:,} lines of {MAX_COLUMNS:,} cells"
        raise usage_error(path, message, code=Code.TOO_LARGE)
    return lines


def format_of(path: str) -> str:
    """What a file is by its name; raises :class:`SimsyncError` where it is none of those that are read back."""
    form = os.path.splitext(path)[1].lower().removeprefix(".")
    if form not in FORMATS:
        raise usage_error(path or "FILE", "what is imported is a .csv, .xlsx or .dmn file", code=Code.USAGE)
    return form


def sheet_bytes(path: str) -> bytes:
    """What a file holds; raises :class:`SimsyncError` where it cannot be read or is too large."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise usage_error(path, "this is no file", code=Code.NOT_A_FILE)
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise usage_error(path, f"a sheet has no more than {MAX_BYTES:,} bytes", code=Code.TOO_LARGE)
    except FileNotFoundError as error:
        raise usage_error(path, "this file does not exist", code=Code.NOT_FOUND) from error
    except OSError as error:
        raise usage_error(path, error.strerror or str(error), code=Code.UNREADABLE) from error
    return data


def _csv_lines(path: str, data: bytes) -> Iterator[list[Cell]]:
    """CSV with commas, semicolons or tabs, whichever the first line has after its first word."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        message = "this is not UTF-8; save it as 'CSV UTF-8'"
        raise usage_error(path, message, code=Code.ENCODING) from error
    after = text.lstrip('"')[len(TABLE) :].lstrip('"')[:1]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=after if after in ";\t" and after else ",")
    try:
        for cells in reader:
            yield [Cell(text, f"line {reader.line_num}, cell {column}") for column, text in enumerate(cells, 1)]
    except csv.Error as error:
        message = f"line {reader.line_num} is not CSV: {error}"
        raise usage_error(path, message, code=Code.SYNTAX) from error


def _xlsx_lines(path: str, data: bytes) -> Iterator[list[Cell]]:
    openpyxl = _openpyxl()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise usage_error(path, "unpacked, this workbook is too large", code=Code.TOO_LARGE)
        book = openpyxl.load_workbook(io.BytesIO(data))
        found = [list(_sheet_lines(path, sheet)) for sheet in book.worksheets]
    except SimsyncError:
        raise
    except Exception as error:  # openpyxl fails in as many ways as there are bad workbooks
        message = f"this is no workbook that can be read: {str(error) or type(error).__name__}"
        raise usage_error(path, message, code=Code.SYNTAX) from error
    for lines in found:
        yield from lines


def _sheet_lines(path: str, sheet: Worksheet) -> Iterator[list[Cell]]:
    if sheet.max_row > MAX_LINES or sheet.max_column > MAX_COLUMNS or sheet.max_row * sheet.max_column > MAX_CELLS:
        extent = f"{sheet.max_row:,} lines of {sheet.max_column:,} cells"
        raise usage_error(
            path, f"sheet '{sheet.title}' goes on for {extent}; delete what is empty", code=Code.TOO_LARGE
        )
    for row in sheet.iter_rows():
        yield [_cell(cell.value, cell.data_type, f"{sheet.title}!{cell.coordinate}") for cell in row]
    yield []


def _cell(value: Any, kind: str, place: str) -> Cell:
    """A cell's text: what a person sees there, or what is wrong with it."""
    if value is None:
        return Cell("", place)
    if kind in ("f", "e"):
        return Cell(str(value), place, f"{'a formula' if kind == 'f' else 'an error'} instead of text")
    if isinstance(value, bool):
        return Cell("true" if value else "false", place)
    if isinstance(value, date | datetime | time):
        return Cell(str(value), place, "a date; format the cell as text and write it again")
    return Cell(str(value), place)


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError as error:
        raise usage_error("xlsx", lacking("a workbook, unlike CSV,", "xlsx"), code=Code.USAGE) from error
    return openpyxl
