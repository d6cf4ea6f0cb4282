"""The lines of a log as records: JSON objects, or the cells of CSV. Each is read in bounded memory."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from simsync.errors import Code, not_among, usage_error
from simsync.strict_json import NoJson, TwoWays, loads

LONGEST = 1_000_000
"""Bytes of a line, and of a record in CSV."""
MOST_LINES = 1000
"""Lines over which one record in CSV may go."""
_NOT_TEXT = {
    b"\xff\xfe": "it is UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "it is UTF-16 text; save it as UTF-8",
    b"\x1f\x8b": "it is compressed; unpack it first, as in: gzip -dc LOG.gz | simsync replay -",
    b"PK\x03\x04": "it is a ZIP archive or a spreadsheet; unpack it, or save it as CSV",
}
"""What files begin with in which there is no line for us."""
_BOM = b"\xef\xbb\xbf"
_CSV_TROUBLES = {
    "unexpected end of data": "a quote opens a cell in it and is not closed where the event ends",
    "expected after": "a cell goes on after its closing quote",
    "field larger": f"a cell has more than {csv.field_size_limit():,} characters",
    "new-line character": "it has a carriage return inside; lines end with LF or CR LF",
}

Said = Mapping[str, Any]
Reads = Callable[[Said], bool]
"""Whether a record says an event."""


class BadLine(Exception):  # noqa: N818 - told as an Unreadable
    """A line that cannot be read; the message goes on after its place. ``column`` is from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


class NotALog(BadLine):
    """A file in which no line can be read, and why."""


def json_records(stream: BinaryIO) -> Iterator[tuple[int, Said | BadLine]]:
    """Each line of JSON with its number; empty lines are passed over. Raises :class:`NotALog`."""
    for number, line in _lines(stream):
        if line is None:
            yield number, _too_long()
        elif line.strip():
            yield number, _object(line)


def _object(line: bytes) -> Said | BadLine:
    try:
        said = loads(line, halves=True)
    except TwoWays as problem:
        return BadLine(str(problem))
    except NoJson as problem:
        return BadLine(f"this is no JSON: {problem}", problem.column)
    return said if isinstance(said, dict) else BadLine("a JSON object is wanted")


def _too_long() -> BadLine:
    return BadLine(f"it has more than {LONGEST:,} bytes")


class CsvRecords:
    """Each record of a CSV file with a header, with the number of its first line.

    A quoted cell may go over line ends. Where it would swallow a line that says an event by itself, or more than a
    record may have, the quote is a stray one: its line is bad, and the next line begins a record.
    """

    def __init__(self, stream: BinaryIO, needs: str, reads: Reads) -> None:
        self._lines = _lines(stream)
        self._again: deque[tuple[int, bytes | None]] = deque()
        self._needs = needs
        self._reads = reads
        self._header: list[str] = []

    def __iter__(self) -> Iterator[tuple[int, Said | BadLine]]:
        """Raises :class:`NotALog`, also where there is no header that can be used."""
        while (line := self._next()) is not None:
            number, raw = line
            try:
                cells = self._cells(raw)
                if not cells:
                    continue
                if self._header:
                    yield number, self._record(cells)
                    continue
            except BadLine as bad:
                if not self._header:
                    raise NotALog(f"the header cannot be read: {bad}") from None
                yield number, bad
                continue
            self._begin(cells)

    def _next(self) -> tuple[int, bytes | None] | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _begin(self, cells: list[str]) -> None:
        self._header = [cell.strip() for cell in cells]
        if self._needs not in self._header:
            raise NotALog(not_among("in the header", self._needs, self._header))
        twice = next((name for name in self._header if name and self._header.count(name) > 1), None)
        if twice is not None:
            raise NotALog(f"the header has the column '{twice}' twice")

    def _cells(self, raw: bytes | None) -> list[str]:
        """The cells of the record that begins with a line; lines after it are taken as far as they belong to it."""
        first = _text(raw)
        taken: list[tuple[int, bytes | None]] = []
        try:
            cells = next(csv.reader(self._taking(first, taken), strict=True))
            if taken and len(cells) != len(self._header):
                raise BadLine(f"this is no CSV: {_CSV_TROUBLES['unexpected end of data']}")
        except (csv.Error, BadLine) as error:
            self._again.extendleft(reversed(taken))
            if isinstance(error, BadLine):
                raise
            known = (said for part, said in _CSV_TROUBLES.items() if part in str(error))
            raise BadLine(f"this is no CSV: {next(known, error)}") from None
        return cells

    def _taking(self, first: str, taken: list[tuple[int, bytes | None]]) -> Iterator[str]:
        yield first
        room = LONGEST - len(first)
        while len(taken) < MOST_LINES and (line := self._next()) is not None:
            taken.append(line)
            text = _text(line[1])
            room -= len(text)
            if room < 0 or self._stands_alone(text):
                return
            yield text

    def _stands_alone(self, text: str) -> bool:
        try:
            cells = next(csv.reader([text], strict=True), [])
            return len(cells) == len(self._header) and self._reads(self._record(cells))
        except (csv.Error, BadLine):
            return False

    def _record(self, cells: list[str]) -> Said:
        if len(cells) != len(self._header):
            raise BadLine(f"it has {len(cells)} cells; the header has {len(self._header)}")
        return {name: cell for name, cell in zip(self._header, cells, strict=True) if cell != ""}


def _text(raw: bytes | None) -> str:
    if raw is None:
        raise _too_long()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadLine("it is not UTF-8 text", error.start + 1) from None


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """The lines of a text file, without the mark that some begin with."""
    for number, line in bounded_lines(stream):
        if number > 1 or line is None:
            yield number, line
            continue
        if (why := next((said for start, said in _NOT_TEXT.items() if line.startswith(start)), None)) is not None:
            raise NotALog(why)
        yield number, line.removeprefix(_BOM)


def bounded_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number; None for one that is too long, which is skipped without being kept."""
    number, skipping = 0, False
    while line := _read(stream):
        ended = line.endswith(b"\n")
        if skipping:
            skipping = not ended
            continue
        number += 1
        skipping = len(line) > LONGEST and not ended
        yield number, None if len(line) > LONGEST else line


def _read(stream: BinaryIO) -> bytes:
    try:
        return stream.readline(LONGEST + 1)
    except OSError as error:
        raise usage_error(str(stream.name), f"it cannot be read: {error.strerror}", code=Code.UNREADABLE) from error
