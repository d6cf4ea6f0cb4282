"""Blocks as a workbook: a sheet each, drop-downs with what may stand in a cell, and a sheet that explains them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from simsync.errors import Code, usage_error
from simsync.questions.table.blocks import THEN, Block
from simsync.questions.table.files import ALLOWED, GUIDE, MAX_TEXT, openpyxl_here
from simsync.questions.table.offers import ANY_TABLE, Offer

if TYPE_CHECKING:
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MORE_ROWS = 200
"""How many rows below a table have its drop-downs, too."""
GUIDE_WIDTHS = (22, 26, 48, 16, 60)
"""Of the columns of the sheet that explains the others, in characters."""
LINE_HEIGHT = 15
"""Of a line of text, in points."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
HOW_TO = (
    "Each other sheet is a table. Change cells, add rows below, take rows away; leave the first two lines as they are.",
    "A cell has one of the values below, or where it says so several: one, two or three. A dash stands for any.",
    "A decision table may test more: add a column and head it with one of the conditions at the end of this sheet.",
    "The drop-downs offer one value each; where several may stand, type them. Values with a comma are in quotes.",
    "A statement can be added, and taken away once nothing rests on it. To give one another id, say: simsync rename.",
    "What can be added here: rows of decision tables, transitions, and statements, gaps and pages.",
    "What cannot: statuses and other states, kinds, fields and their values, phases, readings, tables, and who is told."
    " They are declared in the machine files, under 'states', 'kinds', 'fields', 'phases', 'readings', 'tables' and"
    " 'recipients': add them there, by hand, with all that is said of them; a workbook that is made afterwards has them"
    " in its lists.",
    "Save, and say: simsync import FILE --dry-run. It tells what your change means before anything is changed.",
)


def xlsx_bytes(blocks: Iterable[Block], offered: Mapping[str, Sequence[Offer]] | None = None) -> bytes:
    """Blocks as a workbook, with what is ``offered`` in the columns of each; the same bytes for the same blocks.

    Raises :class:`SimsyncError` where openpyxl is not installed.
    """
    book = openpyxl_here().Workbook()
    book.remove(book.active)
    guide = book.create_sheet(GUIDE) if offered else None
    lists = _Lists(book.create_sheet(ALLOWED)) if offered else None
    told: list[tuple[str, Block]] = []
    for block in blocks:
        sheet = book.create_sheet(_title(block.name))
        told.append((sheet.title, block))
        _fill(sheet, block)
        if lists:
            _offer(sheet, block, (offered or {}).get(block.name, ()), lists)
    if guide and offered:
        _explain(guide, told, offered)
        book.move_sheet(ALLOWED, len(book.sheetnames) - 2)
        book.active = 0
    return _saved(book)


def _title(name: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", "_", name)[:31].strip("'") or "table"


class _Lists:
    """The sheet of the values that drop-downs offer, a column each, which lists that are alike share."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self._known: dict[tuple[str, ...], str] = {}
        _put(sheet, 1, 1, ALLOWED)

    def place(self, cells: tuple[str, ...]) -> str:
        """Where a list of cells stands."""
        from openpyxl.utils import get_column_letter

        if cells not in self._known:
            letter = get_column_letter(len(self._known) + 1)
            for number, text in enumerate(cells, 2):
                _put(self.sheet, number, len(self._known) + 1, text)
            self._known[cells] = f"'{ALLOWED}'!${letter}$2:${letter}${len(cells) + 1}"
        return self._known[cells]


def _put(sheet: Worksheet, line: int, column: int, text: str, *, bold: bool = False, fill: str = "") -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = sheet.cell(line, column)
    cell.value = text
    cell.data_type = "s"  # never a formula
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=bold)
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)


def _offer(sheet: Worksheet, block: Block, offers: Sequence[Offer], lists: _Lists) -> None:
    """Drop-downs below the headings; what is typed is refused only where nothing else can be right."""
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    columns = {name: get_column_letter(number) for number, name in enumerate(block.headings, 1)}
    for offer in offers:
        if not offer.cells or offer.column not in columns:
            continue
        rule = DataValidation(type="list", formula1=lists.place(offer.cells), allow_blank=True)
        rule.showErrorMessage = offer.strict
        rule.errorTitle, rule.error = "not a value of this column", "Choose one from the list."
        rule.showInputMessage = True
        rule.promptTitle, rule.prompt = offer.column[:32], _prompt(offer)[:255]
        letter = columns[offer.column]
        rule.add(f"{letter}3:{letter}{len(block.rows) + 2 + MORE_ROWS}")
        sheet.add_data_validation(rule)


def _prompt(offer: Offer) -> str:
    about = offer.about if offer.about.endswith(("?", ".")) else f"{offer.about}."
    how = " Several may be joined: one, two or three." if offer.several else ""
    return f"{about}{how}{'' if offer.whole else ' Or something else.'}"


def _explain(sheet: Worksheet, told: Sequence[tuple[str, Block]], offered: Mapping[str, Sequence[Offer]]) -> None:
    """The sheet that says how to use the others, and what their columns are about."""
    _put(sheet, 1, 1, GUIDE, bold=True)
    lines: list[tuple[str, ...]] = [(text,) for text in HOW_TO]
    lines += [(), ("sheet", "column", "what it is about", "how many", "values")]
    heading = len(lines) + 1
    sheets = [(title, offered.get(block.name, ())) for title, block in told]
    for title, offers in (*sheets, (ANY_TABLE, offered.get(ANY_TABLE, ()))):
        for offer in offers:
            many = "" if not offer.cells else "one or several" if offer.several else "one"
            many = many if offer.whole else f"{many}, or other text"
            lines.append((title, offer.column, offer.about, many, ", ".join(offer.cells)[:MAX_TEXT]))
    for number, line in enumerate(lines, 2):
        for column, text in enumerate(line, 1):
            _put(sheet, number, column, text, bold=number == heading, fill="E2E8F0" if number == heading else "")
        if len(line) == 1:
            sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=5)
        else:  # not every program makes room for what is wrapped
            filled = [-(-len(text) // (width - 4)) for text, width in zip(line, GUIDE_WIDTHS, strict=False)]
            sheet.row_dimensions[number].height = LINE_HEIGHT * max(1, *filled) if filled else None
    for letter, width in zip("ABCDE", GUIDE_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{heading + 1}"
    _on_paper(sheet, heading, heading)


def _on_paper(sheet: Worksheet, first: int, last: int) -> None:
    """Have a sheet printed as wide as a page, with some lines at the top of each."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows = f"{first}:{last}"


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
    _on_paper(sheet, 1, 2)


def _saved(book: Workbook) -> bytes:
    """The archive without the time at which it was made."""
    made, stable = io.BytesIO(), io.BytesIO()
    book.save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(stable, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z", old.read(name))
            new.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return stable.getvalue()
