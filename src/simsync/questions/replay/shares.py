"""A log held against the rules by several workers: each ticket's lines, all together, by one of them.

Lines are split by ticket into parts that wait in a temporary file, and judged part by part; what was found is put in
the order in which one worker alone would have come to it.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from zlib import crc32

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.progress import Progress
from simsync.questions.replay.disk import Disk
from simsync.questions.replay.following import Found, Lost, Run, Tickets
from simsync.questions.replay.judging.judge import Judge
from simsync.questions.replay.judging.order import Ordering
from simsync.questions.replay.judging.ticket import Summary
from simsync.questions.replay.log.chunks import Before, Chunk, chunks_of, read_chunk
from simsync.questions.replay.log.columns import Logged, LogNames, Unreadable, UnreadLine
from simsync.questions.replay.log.reading import LogReader, SettledKeys
from simsync.questions.replay.log.sources import Source
from simsync.questions.replay.log.text import BadLine
from simsync.workers.workers import Workers

PARTS = 1024
"""Parts of a log, by ticket."""
BY_ITSELF = -1
"""Instead of the piece of the log that a line is of: it knows itself where it stands."""
BUFFERED = 8_000_000
"""Bytes of lines in memory before they are written."""
TASK = 500_000
"""Bytes of lines, from which on they are enough for a task: some whole parts."""
COUNTED = (
    "steps", "tickets", "illegal", "incomplete", "unjudged", "left_out", "unreadable", "late", "own", "timeless",
)  # fmt: skip
"""What is counted of each ticket for itself."""

Line = Logged | Unreadable | UnreadLine


class LineTask(NamedTuple):
    """Lines of some tickets, as :class:`Shares` keeps them, and how they are to be taken.

    ``before`` is what comes before each piece of the log that workers read; of others nothing needs to be known.
    """

    timed: bool
    is_csv: bool
    blobs: tuple[tuple[int, bytes], ...]
    before: Mapping[int, Before] = {}


class ChunkTask(NamedTuple):
    """A piece of the log to be read, and the keys that are settled before it."""

    chunk: Chunk
    settled: SettledKeys


class ReadChunk(NamedTuple):
    """A piece of the log that was read: its lines by part, as :class:`Shares` keeps them, and the rest of it."""

    lines: int
    records: int
    parts: dict[int, bytes]
    rest: list[tuple[int, int, Mapping[str, Any] | BadLine]]


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

    def judged(self, task: LineTask) -> JudgedLines:
        """What there is to tell of some tickets."""
        self._reader.is_csv = task.is_csv
        summary, found = Summary(timed=task.timed), list[tuple[bytes, Found]]()
        tickets = Tickets()
        run = Run(Ordering(self._judge, timed=task.timed, clocks=self._clocks), tickets, summary)
        try:
            with collector_paused():
                unpacked = (one for piece, blob in task.blobs for one in _unpacked(blob, task.before.get(piece)))
                lines = sorted(unpacked, key=lambda one: one[0])
                for place, record in _in_order(self._read(lines, found, summary), timed=task.timed):
                    found += ((place + _four(n), one) for n, one in enumerate(run.take(record)))
                found += ((_last(waits, one, n), one) for n, (waits, one) in enumerate(run.end()))
        finally:
            tickets.close()
        return JudgedLines([(place, pickle.dumps(one)) for place, one in found], summary)

    def read(self, task: ChunkTask) -> ReadChunk:
        """A piece of the log, its lines by part."""
        with collector_paused():
            made = read_chunk(self._reader, task.chunk, task.settled)
            parts: dict[int, bytearray] = {}
            for index, line in made.unread:
                parts.setdefault(_part(line.ticket), bytearray()).extend(pickle.dumps((index, *line)))
        return ReadChunk(made.lines, made.records, {part: bytes(blob) for part, blob in parts.items()}, made.rest)

    def _read(
        self, lines: Iterable[tuple[int, Line]], found: list[tuple[bytes, Found]], summary: Summary
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


def count_read(summary: Summary, record: Logged | Unreadable) -> None:
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


class Shares:
    """Lines by ticket, in a temporary file."""

    def __init__(self) -> None:
        columns = "part INTEGER, piece INTEGER, blob BLOB"
        self._disk = Disk(f"CREATE TABLE shares ({columns})", "CREATE INDEX by_part ON shares (part)")
        self.before: dict[int, Before] = {}
        self._buffers: dict[int, bytearray] = {}
        self._size = 0

    def add(self, index: int, line: Line) -> None:
        """Keep a line; it has a ticket."""
        assert line.ticket is not None
        part = _part(line.ticket)
        blob = pickle.dumps((index, *line) if isinstance(line, UnreadLine) else (index, line))
        self._buffers.setdefault(part, bytearray()).extend(blob)
        self._size += len(blob)
        if self._size >= BUFFERED:
            self._write()

    def _write(self) -> None:
        for part, blob in self._buffers.items():
            self._disk.do("INSERT INTO shares VALUES (?, ?, ?)", part, BY_ITSELF, bytes(blob))
        self._buffers, self._size = {}, 0

    def put(self, before: Before, parts: Mapping[int, bytes]) -> None:
        """Keep the lines of a piece of the log."""
        piece = len(self.before)
        self.before[piece] = before
        for part, blob in parts.items():
            self._disk.do("INSERT INTO shares VALUES (?, ?, ?)", part, piece, blob)

    def tasks(self, *, timed: bool, is_csv: bool) -> Iterator[LineTask]:
        """All the lines, those of a ticket in one task and in their order."""
        self._write()
        blobs, size, last = list[tuple[int, bytes]](), 0, -1
        for part, piece, blob in self._disk.do("SELECT part, piece, blob FROM shares ORDER BY part, rowid"):
            if part != last and size >= TASK:
                yield LineTask(timed, is_csv, tuple(blobs), self.before)
                blobs, size = [], 0
            blobs.append((piece, blob))
            size, last = size + len(blob), part
        if blobs:
            yield LineTask(timed, is_csv, tuple(blobs), self.before)

    def close(self) -> None:
        """Let go of the temporary file."""
        self._disk.close()


def _part(ticket: str) -> int:
    return crc32(ticket.encode()) % PARTS


def _unpacked(blob: bytes, before: Before | None) -> Iterator[tuple[int, Line]]:
    stream = io.BytesIO(blob)
    while stream.tell() < len(blob):
        index, *said = pickle.load(stream)
        line: Line = UnreadLine(*said) if len(said) > 1 else said[0]
        yield (index, line) if before is None else (before.records + index, before.moved(line))


class Sharing:
    """Shares a log out to workers, and puts what they find in order. ``summary`` counts, and says how lines are taken.

    All lines are read before the first is judged.
    """

    def __init__(self, team: Workers[LineJudge], reader: LogReader, summary: Summary) -> None:
        self._team, self._reader, self._summary = team, reader, summary
        self._shares = Shares()
        self._found = Disk("CREATE TABLE found (place BLOB PRIMARY KEY, one BLOB) WITHOUT ROWID")

    def of_lines(self, lines: Iterable[Line]) -> Iterator[Found]:
        """What there is to tell of lines that are read here."""
        try:
            for index, line in enumerate(lines):
                self._take(index, line)
            yield from self._judged()
        finally:
            self._close()

    def of_files(self, files: Sequence[Source], progress: Progress) -> Iterator[Found]:
        """What there is to tell of files that workers read, piece by piece."""
        pieces = [piece for source in files for piece in chunks_of(source)]
        tasks = (ChunkTask(piece, self._reader.settled) for piece in pieces)
        before = Before(0, 0, 0, None)
        try:
            for number, (piece, read) in enumerate(zip(pieces, self._team.each(LineJudge.read, tasks), strict=True), 1):
                file = piece.source if len(files) > 1 else None
                before = before._replace(of_file=before.of_file if piece.begin else 0, file=file)
                self._shares.put(before, read.parts)
                for index, line, said in read.rest:
                    record = before.moved(self._reader.split_one(line, said))
                    if not isinstance(record, UnreadLine):
                        count_read(self._summary, record)
                    self._take(before.records + index, record)
                self._summary.lines += read.records
                before = before._replace(
                    records=before.records + read.records,
                    lines=before.lines + read.lines,
                    of_file=before.of_file + read.lines,
                )
                progress(f"{before.lines:,} lines; pieces", number, len(pieces))
            yield from self._judged()
        finally:
            self._close()

    def _take(self, index: int, line: Line) -> None:
        if line.ticket is None:
            place = unread_place(index, timed=self._summary.timed)
            self._found.do("INSERT INTO found VALUES (?, ?)", place, pickle.dumps(line))
        else:
            self._shares.add(index, line)

    def _judged(self) -> Iterator[Found]:
        summary = self._summary
        tasks = self._shares.tasks(timed=summary.timed, is_csv=self._reader.is_csv)
        for judged in self._team.each(LineJudge.judged, tasks):
            for name in COUNTED:
                setattr(summary, name, getattr(summary, name) + getattr(judged.summary, name))
            summary.rules.update(judged.summary.rules)
            summary.kinds.update(judged.summary.kinds)
            for place, one in judged.found:
                self._found.do("INSERT INTO found VALUES (?, ?)", place, one)
        for (one,) in self._found.do("SELECT one FROM found ORDER BY place"):
            yield pickle.loads(one)

    def _close(self) -> None:
        self._shares.close()
        self._found.close()
