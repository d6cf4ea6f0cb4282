"""The files of a log, read one after the other, and how far that has come."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import BinaryIO, TypeVar

from simsync.errors import Code, usage_error
from simsync.questions.replay.log.columns import Logged, Unreadable, UnreadLine
from simsync.questions.replay.log.known_lines import KnownLine, made
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.log.sources import LineOf, Source

L = TypeVar("L", bound=Logged | Unreadable | UnreadLine | KnownLine)


class LogFiles:
    """Reads all files of a log. Of several, each line knows which it is of."""

    def __init__(self, reader: LogReader, sources: Sequence[Source], form: str | None) -> None:
        self.reader, self._sources, self._form = reader, sources, form
        self._open = ExitStack()
        self._stream: BinaryIO | None = None
        self._begun = 0

    def skim(self) -> Iterator[Logged | Unreadable | KnownLine]:
        """Every line as it is read, or skimmed."""
        return self._lines(self.reader.skim)

    def split(self) -> Iterator[Logged | Unreadable | KnownLine | UnreadLine]:
        """Every line as it is skimmed, or left to other readers where that can be."""
        return self._lines(self.reader.split)

    def _lines(self, read: Callable[[BinaryIO, str | None, str], Iterator[L]]) -> Iterator[L]:
        before, first = 0, True
        for source in self._sources:
            self._begun += 1
            self._stream = self._open.enter_context(source.opened())
            last, is_csv = 0, self.reader.is_csv
            for line in read(self._stream, self._form, source.name):
                if not first and not last and self.reader.is_csv != is_csv:
                    message = "CSV stands beside other files; name those of one form at once"
                    raise usage_error(source.name, message, code=Code.USAGE)
                first, last = False, line.line
                yield line if len(self._sources) == 1 else _of(line, before, source.name)
            if not last:  # a file without lines has no form
                self.reader.is_csv = is_csv
            before += last
            self._open.close()

    def far(self, lines: int) -> tuple[str, int, int]:
        """How far the log is read: in bytes, where it is known how many there are, else in files or lines."""
        if len(self._sources) > 1:
            return f"{lines:,} lines; files", self._begun, len(self._sources)
        stream = self._stream
        if stream is None or not stream.seekable():
            return "lines", lines, 0
        try:
            return f"{lines:,} lines; bytes", stream.tell(), os.fstat(stream.fileno()).st_size
        except OSError:  # it is no file of this machine
            return "lines", lines, 0

    def close(self) -> None:
        """Let go of the file that is open."""
        self._open.close()


def _of(line: L, before: int, file: str) -> L:
    """A line with its number among the lines of all files."""
    number = LineOf(before + line.line, file, line.line)
    if isinstance(line, KnownLine):
        return made(type(line), (number, *line[1:]))
    return line._replace(line=number) if isinstance(line, UnreadLine) else replace(line, line=number)
