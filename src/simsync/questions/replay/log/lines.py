"""The lines of a log as records: JSON objects, or the cells of CSV. Each is read in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from simsync.errors import MANY, listed, named, nearest
from simsync.questions.replay.log.json_values import Splitter
from simsync.questions.replay.log.text import LONGEST, BadLine, NotALog, TextStream, broken_off
from simsync.strict_json import NoJson, TwoWays, loads

CALLED = "columns in --map says what it is called"
MOST_LINES = 1000
"""Lines over which one record in CSV may go."""
MARKED = codecs.BOM_UTF8[0]
DELIMITERS = (",", ";", "\t", "|")
_SEP = re.compile(r"\"?sep=([^\w\s\"]|\t)\"?\s*\Z")
"""A line by which a spreadsheet says what stands between cells."""
_RETURN = "new-line character"
_CSV_TROUBLES = {
    "unexpected end of data": "a quote opens a cell in it and is not closed where the event ends",
    "expected after": "a cell goes on after its closing quote",
    "field larger": f"a cell has more than {csv.field_size_limit():,} characters",
    _RETURN: "it has a carriage return inside; lines end with LF or CR LF",
}

Said = Mapping[str, Any]
Reads = Callable[[Said], bool]
"""Whether a record says an event."""
Checks = Callable[[list[str]], None]
"""Raises :class:`NotALog` for a header that cannot be used."""
Numbered = tuple[int, bytes | None]
Record = Said | BadLine | bytes | None
"""What a record says, or its text in JSON, None where that is too long."""


def json_records(stream: BinaryIO) -> Iterator[tuple[int, bytes | BadLine | None]]:
    """Each object with its (first) line's number: one a line, or all in one array, or one after the other.

    Empty lines are passed over. Raises :class:`NotALog`.
    """
    lines = log_lines(stream)
    first = next((one for one in lines if one[1] is None or one[1].strip()), None)
    if first is None:
        return
    begin = (first[1] or b"").strip()
    rest = _chained(first, lines)
    if begin[:1] != b"[" and begin != b"{":
        yield from _with_any(rest)
        return
    splitter = Splitter()
    number = 0
    for number, value in splitter.split(rest):
        yield number, value
    if splitter.is_open:
        yield number, BadLine("the log breaks off after this: what opened the list is not closed")


def json_lines(data: bytes) -> Iterator[Numbered]:
    """The text of each line of a file that has an object in each."""
    for number, line in enumerate(io.BytesIO(data), 1):
        if len(line) > LONGEST:
            yield number, None
            continue
        if line[0] == MARKED:
            line = line.removeprefix(codecs.BOM_UTF8)
        if line and not line.isspace():
            yield number, line


def _with_any(lines: Iterable[Numbered]) -> Iterator[Numbered]:
    """The lines that are not empty."""
    for one in lines:
        if one[1] is None or (one[1] and not one[1].isspace()):
            yield one


def _chained(first: Numbered, lines: Iterator[Numbered]) -> Iterator[Numbered]:
    yield first
    yield from lines


def parsed(record: Record) -> Said | BadLine:
    """What a record says."""
    if record is None:
        return _too_long()
    if not isinstance(record, bytes):
        return record
    try:
        said = loads(record, halves=True)
    except TwoWays as problem:
        return BadLine(str(problem))
    except NoJson as problem:
        before = record.decode(errors="replace")[: problem.column]
        inside = "\r" in (before[-1:], before[:-1].rstrip(" \t")[-1:])  # elsewhere it parts tokens, as a blank does
        return BadLine(f"this is no JSON: {_CSV_TROUBLES[_RETURN] if inside else problem}", problem.column)
    return said if isinstance(said, dict) else BadLine("a JSON object is wanted")


def _too_long() -> BadLine:
    return BadLine(f"it has more than {LONGEST:,} bytes")


class CsvRecords:
    """Each record of a CSV file with a header, with the number of its first line.

    ``needs`` are the columns without which nothing can be read, and ``checks`` looks at a whole header. The header says
    what stands between cells. A record that is a header again, as where two files were joined, is the header of those
    after it. A quoted cell may go over line ends. Where it would swallow a line that says an event by itself, or more
    than a record may have, the quote is a stray one: its line is bad, and the next line begins a record.
    """

    def __init__(self, stream: BinaryIO, needs: tuple[str, ...], checks: Checks, reads: Reads) -> None:
        self._lines = log_lines(stream)
        self._again: deque[Numbered] = deque()
        self._needs = needs
        self._checks = checks
        self._reads = reads
        self._header: list[str] = []
        self._delimiter = ","

    def __iter__(self) -> Iterator[tuple[int, Said | BadLine]]:
        """Raises :class:`NotALog`, also where there is no header that can be used."""
        while (line := self._next()) is not None:
            number, raw = line
            try:
                if not self._header and raw is not None and raw.strip():
                    self._delimiter = self._between(_text(raw))
                cells = self._cells(raw)
            except BadLine as bad:
                if not self._header:
                    raise NotALog(f"the header cannot be read: {bad}") from None
                yield number, bad
                continue
            if not any(map(str.strip, cells)) or (len(cells) < 3 and _SEP.match(self._delimiter.join(cells))):
                continue
            if not self._header or (self._needs[0] in cells and all(column in cells for column in self._needs)):
                self._begin([cell.strip() for cell in cells])
                continue
            try:
                yield number, self._record(cells)
            except BadLine as bad:
                yield number, bad

    def _next(self) -> Numbered | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _between(self, text: str) -> str:
        """What stands between the cells of a header; a spreadsheet may say it in a line of its own."""
        said = _SEP.match(text)
        if said is not None:
            return said[1]
        headers = {one: [cell.strip() for cell in _split(text, one)] for one in (self._delimiter, *DELIMITERS)}
        found = [one for one, cells in headers.items() if self._needs[0] in cells]
        return found[0] if found else max(headers, key=lambda one: len(headers[one]))

    def _begin(self, header: list[str]) -> None:
        missing = next((column for column in self._needs if column not in header), None)
        if missing is not None:
            named_ones = [column for column in header if column]
            others = [column for column in named_ones if column not in self._needs]
            near = nearest(missing, others)
            meant = f"; is it {named(near)}?" if near else "."
            has = listed((others or named_ones)[:MANY])
            raise NotALog(f"the header has no {named(missing)}{meant} It has: {has}; {CALLED}")
        self._checks(header)
        self._header = header

    def _cells(self, raw: bytes | None) -> list[str]:
        """The cells of the record that begins with a line; lines after it are taken as far as they belong to it."""
        first = _text(raw)
        taken: list[Numbered] = []
        try:
            cells = next(csv.reader(self._taking(first, taken), strict=True, delimiter=self._delimiter), [])
            if taken and len(cells) != len(self._header):
                raise BadLine(f"this is no CSV: {_CSV_TROUBLES['unexpected end of data']}")
        except (csv.Error, BadLine) as error:
            self._again.extendleft(reversed(taken))
            if isinstance(error, BadLine):
                raise
            known = (said for part, said in _CSV_TROUBLES.items() if part in str(error))
            raise BadLine(f"this is no CSV: {next(known, error)}") from None
        return cells

    def _taking(self, first: str, taken: list[Numbered]) -> Iterator[str]:
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
            cells = next(csv.reader([text], strict=True, delimiter=self._delimiter), [])
            return len(cells) == len(self._header) and self._reads(self._record(cells))
        except (csv.Error, BadLine):
            return False

    def _record(self, cells: list[str]) -> Said:
        if len(cells) != len(self._header):
            raise BadLine(f"it has {len(cells)} cells; the header has {len(self._header)}")
        return {name: cell for name, cell in zip(self._header, cells, strict=True) if cell != ""}


def _split(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _text(raw: bytes | None) -> str:
    if raw is None:
        raise _too_long()
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadLine("it is not UTF-8 text; save the log as UTF-8", error.start + 1) from None


def seems_csv(text: TextStream, ticket: str, name: str) -> bool:
    """Whether the first line is a header rather than JSON; where it can be neither, the file's ending says.

    Without a telling one, it is CSV if no line near the beginning looks like JSON.
    """
    lines = text.first.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace").lstrip().split("\n")
    if lines[0][:1] in ("{", "["):
        return False
    is_header = any(ticket in map(str.strip, _split(lines[0], one)) for one in DELIMITERS) or bool(_SEP.match(lines[0]))
    if is_header or name.lower().endswith((".csv", ".tsv")):
        return True
    is_json = name.lower().endswith((".json", ".jsonl", ".ndjson"))
    return not is_json and not any(line.lstrip()[:1] in ("{", "[") for line in lines)


def log_lines(stream: BinaryIO) -> Iterator[Numbered]:
    """The lines of a text file, without the marks with which files begin."""
    for one in bounded_lines(stream):
        number, line = one
        yield (number, line.removeprefix(codecs.BOM_UTF8)) if line and line[0] == MARKED else one


def opened(text: TextStream) -> BinaryIO:
    """A text as what lines are read from."""
    return io.BufferedReader(text)


def bounded_lines(stream: BinaryIO) -> Iterator[Numbered]:
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
        raise broken_off(stream, error) from error
