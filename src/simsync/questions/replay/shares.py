"""A log held against the rules by several workers: each ticket's lines, all together, by one of them.

They read the log in pieces, and put the lines of each by ticket into files; then they judge these, some tickets at a
time. What they found is put in the order in which one worker alone would have come to it. Through this process goes
nothing but that, and what only it can read.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from simsync.progress import Progress
from simsync.questions.replay.disk import Disk
from simsync.questions.replay.following import Found
from simsync.questions.replay.judging.ticket import Summary
from simsync.questions.replay.log.chunks import Before, Chunk, chunks_of
from simsync.questions.replay.log.columns import Unreadable
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.log.sources import Source
from simsync.questions.replay.scratch import PieceFiles
from simsync.questions.replay.worker_tasks import (
    ChunkTask,
    Known,
    Line,
    LineJudge,
    LinePacker,
    LineTask,
    Piece,
    ReadChunk,
    count_read,
    keep_pieces,
    taken,
    unread_place,
)
from simsync.workers.workers import Workers


class Bounds(NamedTuple):
    """In how many pieces something goes, so long as each has neither too few nor too many bytes."""

    pieces: int
    least: int
    most: int

    def each(self, size: int) -> int:
        """Bytes of a piece of so many."""
        return min(self.most, max(self.least, size // self.pieces))


CHUNKS = Bounds(400, 2_000_000, 64_000_000)
"""What is read at once."""
TASKS = Bounds(64, 2_000_000, 32_000_000)
"""What is judged in one task: some whole parts."""
PART = 500_000
"""Bytes of a part, all lines of some tickets, which are in memory at once."""
FEWEST, MOST = 256, 65_536
"""Parts."""
UNKNOWN = 2_000_000_000
"""Bytes that a log may have of which that is not known."""
BUFFERED = 8_000_000
"""Bytes of lines that are kept here before they are written."""
COUNTED = (
    "steps", "tickets", "illegal", "incomplete", "unjudged", "left_out", "unreadable", "late", "own", "timeless",
)  # fmt: skip
"""What is counted of each ticket for itself."""


def parts_of(files: Sequence[Source] | None) -> int:
    """In how many parts the lines of some files go; None where it is not known how large they are."""
    size = UNKNOWN if files is None else sum(one.size for one in files)
    return min(MOST, max(FEWEST, size // PART))


class Sharing:
    """Shares a log out to workers, and puts what they find in order. ``summary`` counts, and says how lines are taken.

    All lines are read before the first is judged. Their parts are in ``files``; ``reached``: the workers reach these.
    """

    def __init__(
        self, team: Workers[LineJudge], reader: LogReader, summary: Summary, files: PieceFiles, progress: Progress,
        *, reached: bool,
    ) -> None:  # fmt: skip
        self._team, self._reader, self._summary, self._progress = team, reader, summary, progress
        self._files, self._theirs = files, files if reached else None
        self._known = Known([], {})
        self._size = 0
        self._here = LinePacker(files.parts)
        self._found = Disk("CREATE TABLE found (place BLOB PRIMARY KEY, one BLOB) WITHOUT ROWID")

    def of_lines(self, lines: Iterable[Line]) -> Iterator[Found]:
        """What there is to tell of lines that are read here."""
        for index, line in enumerate(lines):
            self._take(index, line)
        return self._judged()

    def of_files(self, files: Sequence[Source]) -> Iterator[Found]:
        """What there is to tell of files that workers read, piece by piece."""
        size = CHUNKS.each(sum(one.size for one in files))
        chunks = [chunk for source in files for chunk in chunks_of(source, size)]
        before = Before(0, 0, 0, None)
        for number, (chunk, read) in enumerate(zip(chunks, self._read(chunks), strict=True)):
            file = chunk.source if len(files) > 1 else None
            before = before._replace(of_file=before.of_file if chunk.begin else 0, file=file)
            self._known.pieces.append(Piece(f"{number}", before))
            self._known.meanings.update(read.meanings)
            self._size += read.size
            if read.packed is not None:
                self._files.write(f"{number}", read.packed)
            for index, line, said in read.rest:
                self._take(before.records + index, before.moved(self._reader.read_one(line, said)))
            self._summary.lines += read.records
            before = before._replace(
                records=before.records + read.records,
                lines=before.lines + read.lines,
                of_file=before.of_file + read.lines,
            )
            self._progress(f"{before.lines:,} lines read; pieces", number + 1, len(chunks))
        return self._judged()

    def close(self) -> None:
        """Let go of what was found."""
        self._found.close()

    def _read(self, chunks: Sequence[Chunk]) -> Iterator[ReadChunk]:
        """Each piece as a worker reads it, by the keys that are settled when it is its turn."""
        tasks = (
            ChunkTask(chunk, self._reader.settled, f"{number}", self._files.parts, self._theirs)
            for number, chunk in enumerate(chunks)
        )
        return self._team.each(LineJudge.read, tasks)

    def _take(self, index: int, line: Line) -> None:
        """Keep a line that is read here."""
        if isinstance(line, Unreadable) and line.ticket is None:
            count_read(self._summary, line)
            place = unread_place(index, timed=self._summary.timed)
            self._found.do("INSERT INTO found VALUES (?, ?)", place, pickle.dumps(line))
            return
        self._here.add(index, line)
        if self._here.size >= BUFFERED:
            self._write()

    def _write(self) -> None:
        name = f"here{len(self._known.pieces)}"
        packed = self._here.packed()
        self._files.write(name, packed)
        self._known.pieces.append(Piece(name, None))
        self._known.meanings.update(self._here.meanings)
        self._size += len(packed)
        self._here = LinePacker(self._files.parts)

    def _tasks(self) -> Iterator[LineTask]:
        """All lines, those of a ticket in one task."""
        parts = self._files.parts
        many = max(1, parts * TASKS.each(self._size) // max(1, self._size))
        timed, is_csv = self._summary.timed, self._reader.is_csv
        for first in range(0, parts, many):
            last = min(parts, first + many)
            if self._theirs is not None:
                yield LineTask(timed, is_csv, first, last, self._theirs, (), {})
                continue
            pieces = taken(self._files, self._known.pieces, first, last)
            yield LineTask(timed, is_csv, first, last, None, pieces, self._known.meanings)

    def _judged(self) -> Iterator[Found]:
        if self._here.count:
            self._write()
        keep_pieces(self._files, self._known)
        summary = self._summary
        for judged in self._team.each(LineJudge.judged, self._tasks()):
            for name in COUNTED:
                setattr(summary, name, getattr(summary, name) + getattr(judged.summary, name))
            summary.rules.update(judged.summary.rules)
            summary.kinds.update(judged.summary.kinds)
            for place, one in judged.found:
                self._found.do("INSERT INTO found VALUES (?, ?)", place, one)
            self._progress("lines judged", summary.steps + summary.unjudged + summary.left_out, summary.lines)
        for (one,) in self._found.do("SELECT one FROM found ORDER BY place"):
            yield pickle.loads(one)
