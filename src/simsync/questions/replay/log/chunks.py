"""Files of JSON Lines in pieces that workers read, so that reading is shared as well."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, BinaryIO, NamedTuple

from simsync.errors import Code, usage_error
from simsync.questions.replay.log.columns import Logged, Unreadable, UnreadLine
from simsync.questions.replay.log.known_lines import KnownLine
from simsync.questions.replay.log.lines import json_lines, parsed
from simsync.questions.replay.log.parquet import is_parquet
from simsync.questions.replay.log.reading import LogReader, SettledKeys
from simsync.questions.replay.log.sources import ELSEWHERE, OF_THIS_MACHINE, OF_THIS_PROCESS, LineOf, Source, sources
from simsync.questions.replay.log.text import BadLine, broken_off

BEGINNING = 4096


class Chunk(NamedTuple):
    """A piece of a file."""

    source: str
    begin: int
    end: int


class Before(NamedTuple):
    """What comes before a piece: how many records and lines of the log, and how many lines of its file.

    ``file`` is its file where there are several.
    """

    records: int
    lines: int
    of_file: int
    file: str | None

    def at(self, number: int) -> int:
        """A line of the piece as a line of the log."""
        here = self.of_file + number
        return here if self.file is None else LineOf(self.lines + number, self.file, here)

    def moved(self, line: Logged | Unreadable | UnreadLine) -> Logged | Unreadable | UnreadLine:
        """The same line with its number in the log."""
        number = self.at(line.line)
        return line._replace(line=number) if isinstance(line, UnreadLine) else replace(line, line=number)


class ChunkLines(NamedTuple):
    """What a piece has: how many lines and records, and on which of them others bear.

    These are told by their place among the records: they cannot be read, or have a key that was not met before; what is
    said of that hangs on the lines before them.
    """

    lines: int
    records: int
    rest: list[tuple[int, int, Mapping[str, Any] | BadLine]]


def can_be_shared(files: Sequence[Source], form: str | None, *, here: bool) -> bool:
    """Whether workers can read the files: they reach them, and each has an object of JSON in each of its lines.

    ``here`` says whether workers are on this machine.
    """
    return all(_is_reached(one, here=here) and _begins_anywhere(one) and _has_objects(one, form) for one in files)


def _is_reached(source: Source, *, here: bool) -> bool:
    if source.opener is None or source.name.startswith(OF_THIS_PROCESS):
        return False
    return here or (ELSEWHERE in source.name and not source.name.startswith(OF_THIS_MACHINE))


def _begins_anywhere(source: Source) -> bool:
    """Whether reading may begin anywhere in a file; of a web server that knows no ranges it may not."""
    try:
        return source.size >= 0
    except OSError:
        return False


def _has_objects(source: Source, form: str | None) -> bool:
    if is_parquet(form, source.name):
        return False
    with source.opened() as stream:
        try:
            begin = stream.read(BEGINNING)
        except OSError as error:
            raise broken_off(stream, error) from error
    first = begin.lstrip().split(b"\n")[0].strip()
    return form in (None, "jsonl") and first[:1] == b"{" and first[1:2] not in (b"", b"\0")


def chunks_of(source: Source, each: int) -> Iterator[Chunk]:
    """The pieces of a file, of so many bytes each; a piece ends where a line does."""
    with source.opened() as stream:
        size, begin = stream.seek(0, os.SEEK_END), 0
        while begin < size:
            end = _line_end(stream, min(begin + each, size))
            yield Chunk(source.name, begin, end)
            begin = end


def _bytes_of(source: Source, chunk: Chunk) -> bytes:
    with source.opened() as stream:
        try:
            stream.seek(chunk.begin)
            data = stream.read(chunk.end - chunk.begin)
        except OSError as error:
            raise broken_off(stream, error) from error
    if len(data) < chunk.end - chunk.begin:
        raise usage_error(source.name, "it became shorter while it was read", code=Code.UNREADABLE)
    return data


def _line_end(stream: BinaryIO, at: int) -> int:
    stream.seek(at - 1)
    while piece := stream.readline(BEGINNING):
        if piece.endswith(b"\n"):
            break
    return stream.tell()


def read_chunk(
    reader: LogReader,
    chunk: Chunk,
    settled: SettledKeys,
    leave: Callable[[int, KnownLine | Logged | Unreadable | UnreadLine], None],
) -> ChunkLines:
    """What a piece has, by a reader for which the keys are settled that are settled before it.

    ``leave`` takes each line on which no other line bears, with its place among the records.
    """
    reader.settle(settled)
    (source,) = sources([chunk.source])
    data = _bytes_of(source, chunk)
    made = ChunkLines(data.count(b"\n") + (not data.endswith(b"\n")), 0, [])
    records, known = 0, reader.known
    for number, raw in json_lines(data):
        line: KnownLine | Logged | Unreadable | UnreadLine | None = known(number, raw)
        if line is None:
            said = parsed(raw)
            line = None if isinstance(said, BadLine) else reader.left(number, raw, said)
            if line is None:
                made.rest.append((records, number, said))
        if line is not None:
            leave(records, line)
        records += 1
    return made._replace(records=records)
