"""What a worker does of a log: it reads pieces of it, and judges all lines of some tickets.

What is found in them has a place among all that is found in the log: that at which one worker alone would come to it.
"""

from __future__ import annotations

import io
import marshal
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.questions.replay.following import Found, Lost, Run
from simsync.questions.replay.judging.judge import Judge
from simsync.questions.replay.judging.order import Ordering
from simsync.questions.replay.judging.ticket import Summary
from simsync.questions.replay.log.chunks import Before, Chunk, read_chunk
from simsync.questions.replay.log.columns import Logged, LogNames, Unreadable, UnreadLine
from simsync.questions.replay.log.known_lines import KnownLine
from simsync.questions.replay.log.reading import LogReader, SettledKeys
from simsync.questions.replay.log.text import BadLine
from simsync.questions.replay.scratch import PieceFiles, packed_parts

Line = Logged | Unreadable | UnreadLine
Told = tuple[int, Line]
"""A line, and how many records of the log come before it."""


class Piece(NamedTuple):
    """A piece of the log by the name of its file; ``before`` None: its lines know themselves where they stand."""

    name: str
    before: Before | None


Parts = tuple[Before | None, Sequence[bytes]]
"""Lines of a piece by part, with what comes before it."""


class ChunkTask(NamedTuple):
    """A piece of the log to be read, and the keys that are settled before it.

    Its lines are put into ``files``, under ``name``; where workers do not reach these, they come with what is said.
    """

    chunk: Chunk
    settled: SettledKeys
    name: str
    parts: int
    files: PieceFiles | None


class ReadChunk(NamedTuple):
    """A piece of the log that was read: how much it is, its lines where they are put nowhere, and the rest of it.

    ``size`` is that of its lines in bytes.
    """

    lines: int
    records: int
    size: int
    packed: bytes | None
    rest: list[tuple[int, int, Mapping[str, Any] | BadLine]]


class LineTask(NamedTuple):
    """All lines of some parts, and how they are to be taken: they are in ``files``, or in the task itself."""

    timed: bool
    is_csv: bool
    first: int
    last: int
    files: PieceFiles | None
    pieces: Sequence[Parts]


class JudgedLines(NamedTuple):
    """What was found in some lines, each with its place among all that is found in the log, and what was counted."""

    found: list[tuple[bytes, bytes]]
    summary: Summary


class LineJudge:
    """What a worker keeps: how the lines of a log are read and judged."""

    def __init__(self, model: Model, names: LogNames, late: int | None, clocks: float) -> None:
        self._reader = LogReader(model, names, settled=True)
        self._judge = Judge(model, names.begins, names.copies, late, names.own)
        self._clocks = clocks
        self._pieces: list[Piece] | None = None

    def read(self, task: ChunkTask) -> ReadChunk:
        """A piece of the log, its lines by part."""
        parts: dict[int, bytearray] = {}

        def leave(index: int, line: UnreadLine) -> None:
            blob = marshal.dumps((index, *line))  # type: ignore[arg-type] # it has what JSON has
            parts.setdefault(part_of(line.ticket, task.parts), bytearray()).extend(_four(len(blob)) + blob)

        with collector_paused():
            made = read_chunk(self._reader, task.chunk, task.settled, leave)
        packed = packed_parts(parts, task.parts)
        if task.files is not None:
            task.files.write(task.name, packed)
        return ReadChunk(made.lines, made.records, len(packed), packed if task.files is None else None, made.rest)

    def judged(self, task: LineTask) -> JudgedLines:
        """What there is to tell of some tickets."""
        self._reader.is_csv = task.is_csv
        summary, found = Summary(timed=task.timed), list[tuple[bytes, Found]]()
        pieces = task.pieces
        if task.files is not None:
            if self._pieces is None:
                self._pieces = kept_pieces(task.files)
            pieces = taken(task.files, self._pieces, task.first, task.last)
        with collector_paused():
            for part in range(task.last - task.first):
                lines = [one for before, blobs in pieces for one in _unpacked(blobs[part], before)]
                if lines:
                    self._follow(sorted(lines, key=lambda one: one[0]), found, summary)
        return JudgedLines([(place, pickle.dumps(one)) for place, one in found], summary)

    def _follow(self, lines: Iterable[Told], found: list[tuple[bytes, Found]], summary: Summary) -> None:
        run = Run(Ordering(self._judge, timed=summary.timed, clocks=self._clocks), self._reader, summary)
        try:
            for place, record in _in_order(self._read(lines, found, summary), timed=summary.timed):
                found += ((place + _four(n), one) for n, one in enumerate(run.take(record)))
            found += ((_last(waits, one, n), one) for n, (waits, one) in enumerate(run.end()))
        finally:
            run.close()

    def _read(
        self, lines: Iterable[Told], found: list[tuple[bytes, Found]], summary: Summary
    ) -> Iterator[tuple[int, Logged | Lost]]:
        """The lines that can be read, and what the others lose."""
        for index, line in lines:
            record = self._reader.one(line) if isinstance(line, UnreadLine) else line
            if isinstance(line, UnreadLine):
                count_read(summary, record)
            if isinstance(record, Unreadable):
                found.append((unread_place(index, timed=summary.timed), record))
                assert record.ticket is not None
                yield 2 * index + 1, Lost(record.ticket, record.line)
            else:
                yield 2 * index, record


def part_of(ticket: str, parts: int) -> int:
    """The part of so many that a ticket is in."""
    return crc32(ticket.encode()) % parts


def packed_line(index: int, line: Line) -> bytes:
    """A line that knows itself where it stands, as bytes."""
    return pickle.dumps((index, line))


def _unpacked(blob: bytes, before: Before | None) -> Iterator[Told]:
    if before is None:
        stream = io.BytesIO(blob)
        while stream.tell() < len(blob):
            yield pickle.load(stream)
        return
    begin = 0
    while begin < len(blob):
        end = begin + 4 + int.from_bytes(blob[begin : begin + 4], "big")
        index, line, ticket, said = marshal.loads(blob[begin + 4 : end])
        yield before.records + index, UnreadLine(before.at(line), ticket, said)
        begin = end


def keep_pieces(files: PieceFiles, pieces: Sequence[Piece]) -> None:
    """Tell whoever reads the files what they are."""
    files.write("pieces", packed_parts({0: pickle.dumps(list(pieces))}, files.parts))


def kept_pieces(files: PieceFiles) -> list[Piece]:
    """What was told of the files."""
    pieces: list[Piece] = pickle.loads(files.read("pieces", 0, 1)[0])
    return pieces


def taken(files: PieceFiles, pieces: Iterable[Piece], first: int, last: int) -> list[Parts]:
    """All lines of some parts, from the first one to before the last one."""
    return [(piece.before, files.read(piece.name, first, last)) for piece in pieces]


def count_read(summary: Summary, record: Logged | Unreadable | KnownLine) -> None:
    """Count whether a line can be read, and says when it was."""
    if isinstance(record, Unreadable):
        summary.unreadable += 1
    elif record.time is None:
        summary.timeless += 1


def _in_order(records: Iterable[tuple[int, Logged | Lost]], *, timed: bool) -> list[tuple[bytes, Logged | Lost]]:
    """The records in the order in which they are to be taken, each with its place; see :func:`following.in_time`."""
    last: dict[str, int] = {}
    placed = []
    for index, record in records:
        time = 0
        if timed:
            said = record.time.micros if isinstance(record, Logged) and record.time is not None else None
            before = last.get(record.ticket)
            time = said if said is not None else before if before is not None else -(2**63)
            if said is not None:
                last[record.ticket] = said if before is None else max(said, before)
        placed.append((_place(time, index), record))
    return sorted(placed, key=lambda one: one[0]) if timed else placed


def unread_place(index: int, *, timed: bool) -> bytes:
    """Where a line stands that cannot be read: before all others, where these are put in the order of time."""
    return b"\0" + _eight(index) if timed else _place(0, 2 * index)


def _place(time: int, index: int) -> bytes:
    return b"\1" + _eight(time + 2**63) + _eight(index)


def _last(waits: int, one: Found, number: int) -> bytes:
    """Where something stands that nothing came after: last of all, by the line that waits, and by ticket."""
    assert not isinstance(one, Unreadable)
    return b"\2" + _eight(waits) + one.logged.ticket.encode() + b"\0" + _four(number)


def _eight(number: int) -> bytes:
    return number.to_bytes(8, "big")


def _four(number: int) -> bytes:
    return number.to_bytes(4, "big")
