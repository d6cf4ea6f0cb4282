"""CSV and XLSX files: blocks written, and lines of cells read with the place of each."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from simsync.errors import Code, SimsyncError, usage_error
from simsync.extras import lacking
from simsync.questions.table.blocks import TABLE, Block

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

FORMATS = ("csv", "xlsx", "dmn")
MAX_BYTES, MAX_UNPACKED, MAX_LINES, MAX_COLUMNS, MAX_CELLS = 32 * 2**20, 48 * 2**20, 20_000, 500, 500_000
MAX_TEXT = 32_767
"""How many characters a cell of a workbook holds."""
GUIDE, ALLOWED = "how to use these sheets", "allowed values"
"""What stands in the first cell of the sheets of a workbook that hold no table."""


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
    openpyxl = openpyxl_here()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise usage_error(path, "unpacked, this workbook is too large", code=Code.TOO_LARGE)
        book = openpyxl.load_workbook(io.BytesIO(data))
        tables = (sheet for sheet in book.worksheets if sheet["A1"].value not in (GUIDE, ALLOWED))
        found = [list(_sheet_lines(path, sheet)) for sheet in tables]
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


def openpyxl_here() -> Any:
    """openpyxl; raises :class:`SimsyncError` where it is not installed."""
    try:
        import openpyxl
    except ImportError as error:
        raise usage_error("xlsx", lacking("a workbook, unlike CSV,", "xlsx"), code=Code.USAGE) from error
    return openpyxl
