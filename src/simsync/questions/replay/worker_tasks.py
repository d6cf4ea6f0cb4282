"""What a worker does of a log: it reads pieces of it, and judges all lines of some tickets.

What is found in them has a place among all that is found in the log: that at which one worker alone would come to it.
"""

from __future__ import annotations

import marshal
import pickle
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.questions.replay.following import Found, Lost, Run
from simsync.questions.replay.judging.judge import Judge
from simsync.questions.replay.judging.order import Ordering
from simsync.questions.replay.judging.skimming import Skimming
from simsync.questions.replay.judging.ticket import Summary
from simsync.questions.replay.log.chunks import Before, Chunk, read_chunk
from simsync.questions.replay.log.columns import Logged, LogNames, Moment, Unreadable, UnreadLine
from simsync.questions.replay.log.known_lines import Common, KnownLine, Meaning, made
from simsync.questions.replay.log.reading import LogReader, SettledKeys
from simsync.questions.replay.log.sources import LineOf
from simsync.questions.replay.log.text import BadLine
from simsync.questions.replay.scratch import PieceFiles, packed_parts

Line = KnownLine | Logged | Unreadable | UnreadLine
Told = tuple[int, Line]
"""A line, and how many records of the log come before it."""
Placed = tuple[int, int, Logged | KnownLine | Lost]
"""A line to be taken, with its time and its place in the log."""
FIRST = -(2**63)
"""Before any time."""
TOGETHER = 100
"""Lines that are packed together."""
Packed = tuple[Any, ...]
"""A line as `marshal` takes it."""
Meanings = dict[bytes, Common]
"""What known lines mean, by the names of their meanings."""


class Piece(NamedTuple):
    """A piece of the log by the name of its file; ``before`` None: its lines know themselves where they stand."""

    name: str
    before: Before | None


Parts = tuple[Before | None, Sequence[bytes]]
"""Lines of a piece by part, with what comes before it."""


class Known(NamedTuple):
    """What is to be known of the files of lines: which there are, and what their known lines mean."""

    pieces: list[Piece]
    meanings: Meanings


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

    ``size`` is that of its lines in bytes, ``meanings`` are those of its known lines.
    """

    lines: int
    records: int
    size: int
    packed: bytes | None
    rest: list[tuple[int, int, Mapping[str, Any] | BadLine]]
    meanings: Meanings


class LineTask(NamedTuple):
    """All lines of some parts, and how they are to be taken: they are in ``files``, or in the task itself.

    So are the ``meanings`` of those that are known.
    """

    timed: bool
    is_csv: bool
    first: int
    last: int
    files: PieceFiles | None
    pieces: Sequence[Parts]
    meanings: Meanings


class JudgedLines(NamedTuple):
    """What was found in some lines, each with its place among all that is found in the log, and what was counted."""

    found: list[tuple[bytes, bytes]]
    summary: Summary


class LinePacker:
    """Packs lines as bytes, by part. ``count`` is how many there are, ``meanings`` are those of the known lines.

    ``size`` is how many bytes they have, but for the last lines, which wait to be packed together.
    """

    def __init__(self, parts: int) -> None:
        self._parts = parts
        self._waiting: defaultdict[int, list[Packed]] = defaultdict(list)
        self.count = 0
        self._blobs: defaultdict[int, bytearray] = defaultdict(bytearray)
        self._used: dict[bytes, Meaning] = {}
        self.size = 0

    def add(self, index: int, line: Line) -> None:
        """Keep a line that has a ticket, with its place among the records."""
        ticket = line.ticket
        assert ticket is not None
        if type(line) is KnownLine:
            number, _, meaning, item, texts, time, tickets = line
            self._used[meaning.name] = meaning
            at = (int(number), number.file, number.number) if isinstance(number, LineOf) else number
            one: Packed = (index, at, ticket, meaning.name, item, texts, time and (*time,), tickets)
        else:
            one = (index, pickle.dumps(line))
        self._waiting[crc32(ticket.encode()) % self._parts].append(one)
        self.count += 1
        if self.count % TOGETHER == 0:
            self._pack()

    def _pack(self) -> None:
        for part, lines in self._waiting.items():
            blob = marshal.dumps(lines)
            self._blobs[part] += len(blob).to_bytes(4, "big") + blob
            self.size += len(blob)
        self._waiting.clear()

    def packed(self) -> bytes:
        """All that was added, as a file of parts."""
        self._pack()
        return packed_parts(self._blobs, self._parts)

    @property
    def meanings(self) -> Meanings:
        """What the known lines mean."""
        return {name: meaning.common for name, meaning in self._used.items()}


class LineJudge:
    """What a worker keeps: how the lines of a log are read and judged."""

    def __init__(self, model: Model, names: LogNames, late: int | None, clocks: float) -> None:
        self._reader = LogReader(model, names, settled=True)
        self._judge = Judge(model, names.begins, names.copies, late, names.own)
        self._clocks = clocks
        self._skimming: Skimming | None = None
        self._known: Known | None = None

    def read(self, task: ChunkTask) -> ReadChunk:
        """A piece of the log, its lines by part."""
        lines = LinePacker(task.parts)
        with collector_paused():
            made = read_chunk(self._reader, task.chunk, task.settled, lines.add)
        packed = lines.packed()
        if task.files is not None:
            task.files.write(task.name, packed)
        kept = packed if task.files is None else None
        return ReadChunk(made.lines, made.records, len(packed), kept, made.rest, lines.meanings)

    def judged(self, task: LineTask) -> JudgedLines:
        """What there is to tell of some tickets."""
        self._reader.is_csv = task.is_csv
        if self._skimming is None:
            self._skimming = Skimming(Ordering(self._judge, timed=task.timed, clocks=self._clocks), self._reader)
        summary, found = Summary(timed=task.timed), list[tuple[bytes, Found]]()
        pieces, meanings = task.pieces, task.meanings
        if task.files is not None:
            if self._known is None:
                self._known = kept_pieces(task.files)
            meanings = self._known.meanings
            pieces = taken(task.files, self._known.pieces, task.first, task.last)
        known = {name: self._reader.meaning(common) for name, common in meanings.items()}
        with collector_paused():
            for part in range(task.last - task.first):
                lines = [one for before, blobs in pieces if blobs[part] for one in unpacked(blobs[part], before, known)]
                if lines:
                    self._follow(self._skimming, lines, found, summary)
        self._skimming.agreement.tell(summary)
        return JudgedLines([(place, pickle.dumps(one)) for place, one in found], summary)

    def _follow(
        self, skimming: Skimming, lines: list[Told], found: list[tuple[bytes, Found]], summary: Summary
    ) -> None:
        run = Run(skimming, summary)
        try:
            for time, place, record in _unusual(skimming, self._in_order(lines, found, summary), summary):
                told = run.take(record)
                if told:
                    found += ((_place(time, place) + _four(n), one) for n, one in enumerate(told))
            found += ((_last(waits, one, n), one) for n, (waits, one) in enumerate(run.end()))
        finally:
            run.close()

    def _in_order(self, lines: list[Told], found: list[tuple[bytes, Found]], summary: Summary) -> list[Placed]:
        """The lines that can be read, and what the others lose, in the order in which they are to be taken.

        One without a time comes after those of its ticket that stand before it.
        """
        lines.sort(key=itemgetter(0))
        timed, last, placed = summary.timed, dict[str, int](), list[Placed]()
        for index, line in lines:
            record = self._reader.one(line) if isinstance(line, UnreadLine) else line
            if isinstance(record, Unreadable):
                summary.unreadable += 1
                found.append((unread_place(index, timed=timed), record))
                assert record.ticket is not None
                placed.append(
                    (last.get(record.ticket, FIRST) if timed else 0, 2 * index + 1, Lost(record.ticket, record.line))
                )
                continue
            if record.time is None:
                summary.timeless += 1
                time = last.get(record.ticket, FIRST)
            else:
                time, ticket = record.time[0], record.ticket
                if last.get(ticket, FIRST) < time:
                    last[ticket] = time
            placed.append((time if timed else 0, 2 * index, record))
        if timed:
            placed.sort(key=itemgetter(0))
        return placed


def _unusual(skimming: Skimming, lines: list[Placed], summary: Summary) -> Iterable[Placed]:
    """The lines of those tickets of which not all lines are known to agree with the rules; the others are counted."""
    tickets, unusual = defaultdict[str, list[KnownLine]](list), set[str]()
    for _, _, line in lines:
        if isinstance(line, KnownLine):
            tickets[line.ticket].append(line)
        else:
            unusual.add(line.ticket)
    for ticket, its in tickets.items():
        if ticket not in unusual and skimming.agreement.whole(its):
            summary.tickets += 1
            summary.steps += len(its)
        else:
            unusual.add(ticket)
    return [one for one in lines if one[2].ticket in unusual] if unusual else ()


def unpacked(blob: bytes, before: Before | None, meanings: Mapping[bytes, Meaning]) -> list[Told]:
    """The lines that were packed; ``before`` None: they know themselves where they stand."""
    found = list[Told]()
    begin, first = 0, 0 if before is None else before.records
    while begin < len(blob):
        start = begin + 4
        begin = start + int.from_bytes(blob[start - 4 : start], "big")
        for one in marshal.loads(blob[start:begin]):
            if len(one) > 2:
                index, at, ticket, name, item, texts, time, tickets = one
                number = before.at(at) if before is not None else at if type(at) is int else LineOf(*at)
                moment = time and made(Moment, time)
                found.append(
                    (first + index, made(KnownLine, (number, ticket, meanings[name], item, texts, moment, tickets)))
                )
                continue
            other: Logged | Unreadable | UnreadLine = pickle.loads(one[1])
            found.append((first + one[0], other if before is None else before.moved(other)))
    return found


def keep_pieces(files: PieceFiles, known: Known) -> None:
    """Tell whoever reads the files what they are."""
    files.write("pieces", packed_parts({0: pickle.dumps(known)}, files.parts))


def kept_pieces(files: PieceFiles) -> Known:
    """What was told of the files."""
    known: Known = pickle.loads(files.read("pieces", 0, 1)[0])
    return known


def taken(files: PieceFiles, pieces: Iterable[Piece], first: int, last: int) -> list[Parts]:
    """All lines of some parts, from the first one to before the last one."""
    return [(piece.before, files.read(piece.name, first, last)) for piece in pieces]


def count_read(summary: Summary, record: Logged | Unreadable | KnownLine) -> None:
    """Count whether a line can be read, and says when it was."""
    if isinstance(record, Unreadable):
        summary.unreadable += 1
    elif record.time is None:
        summary.timeless += 1


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
