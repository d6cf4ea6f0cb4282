"""A log held against the rules by several workers: each ticket's lines, all together, by one of them.

Lines are split by ticket into parts that wait in a temporary file, and judged part by part; what was found is put in
the order in which one worker alone would have come to it.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zlib import crc32

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.questions.replay.disk import Disk
from simsync.questions.replay.following import Found, Lost, Run, Tickets
from simsync.questions.replay.judging.judge import Judge
from simsync.questions.replay.judging.order import Ordering
from simsync.questions.replay.judging.ticket import Summary
from simsync.questions.replay.log.columns import Logged, LogNames, Unreadable, UnreadLine
from simsync.questions.replay.log.reading import LogReader
from simsync.workers.workers import Workers

PARTS = 1024
"""Parts of a log, by ticket."""
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
    """Lines of some tickets, as :class:`Shares` keeps them, and how they are to be taken."""

    timed: bool
    is_csv: bool
    blobs: tuple[bytes, ...]


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
                lines = [(index, line) for blob in task.blobs for index, line in _unpacked(blob)]
                for place, record in _in_order(self._read(lines, found, summary), timed=task.timed):
                    found += ((place + _four(n), one) for n, one in enumerate(run.take(record)))
                found += ((_last(waits, one, n), one) for n, (waits, one) in enumerate(run.end()))
        finally:
            tickets.close()
        return JudgedLines([(place, pickle.dumps(one)) for place, one in found], summary)

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
        self._disk = Disk("CREATE TABLE shares (part INTEGER, blob BLOB)", "CREATE INDEX by_part ON shares (part)")
        self._buffers: dict[int, bytearray] = {}
        self._size = 0

    def add(self, index: int, line: Line) -> None:
        """Keep a line; it has a ticket."""
        assert line.ticket is not None
        part = crc32(line.ticket.encode()) % PARTS
        blob = pickle.dumps((index, *line) if isinstance(line, UnreadLine) else (index, line))
        self._buffers.setdefault(part, bytearray()).extend(blob)
        self._size += len(blob)
        if self._size >= BUFFERED:
            self._write()

    def _write(self) -> None:
        for part, blob in self._buffers.items():
            self._disk.do("INSERT INTO shares VALUES (?, ?)", part, bytes(blob))
        self._buffers, self._size = {}, 0

    def tasks(self, *, timed: bool, is_csv: bool) -> Iterator[LineTask]:
        """All the lines, those of a ticket in one task and in their order."""
        self._write()
        blobs, size, last = list[bytes](), 0, -1
        for part, blob in self._disk.do("SELECT part, blob FROM shares ORDER BY part, rowid"):
            if part != last and size >= TASK:
                yield LineTask(timed, is_csv, tuple(blobs))
                blobs, size = [], 0
            blobs.append(blob)
            size, last = size + len(blob), part
        if blobs:
            yield LineTask(timed, is_csv, tuple(blobs))

    def close(self) -> None:
        """Let go of the temporary file."""
        self._disk.close()


def _unpacked(blob: bytes) -> Iterator[tuple[int, Line]]:
    stream = io.BytesIO(blob)
    while stream.tell() < len(blob):
        index, *line = pickle.load(stream)
        yield index, UnreadLine(*line) if len(line) > 1 else line[0]


def in_shares(team: Workers[LineJudge], lines: Iterable[Line], reader: LogReader, summary: Summary) -> Iterator[Found]:
    """What there is to tell of a log, in order; counts in ``summary`` what is counted of tickets.

    ``lines`` are read to their end before the first is judged; ``summary`` says whether they are put in the order of
    time.
    """
    shares = Shares()
    found = Disk("CREATE TABLE found (place BLOB PRIMARY KEY, one BLOB) WITHOUT ROWID")
    try:
        for index, line in enumerate(lines):
            if line.ticket is None:
                place = unread_place(index, timed=summary.timed)
                found.do("INSERT INTO found VALUES (?, ?)", place, pickle.dumps(line))
            else:
                shares.add(index, line)
        for judged in team.each(LineJudge.judged, shares.tasks(timed=summary.timed, is_csv=reader.is_csv)):
            for name in COUNTED:
                setattr(summary, name, getattr(summary, name) + getattr(judged.summary, name))
            summary.rules.update(judged.summary.rules)
            summary.kinds.update(judged.summary.kinds)
            for place, one in judged.found:
                found.do("INSERT INTO found VALUES (?, ?)", place, one)
        for (one,) in found.do("SELECT one FROM found ORDER BY place"):
            yield pickle.loads(one)
    finally:
        shares.close()
        found.close()
