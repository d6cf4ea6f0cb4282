"""Where a log is: files here or elsewhere, some by a pattern, and which line of which of them a number means."""

from __future__ import annotations

import errno
import glob
import io
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO

from simsync.errors import Code, Diagnostic, SimsyncError, listed, usage_error
from simsync.extras import lacking

STANDARD_INPUT = "-"
ELSEWHERE = "://"
"""In the address of a file that is not here."""
OF_THIS_PROCESS, OF_THIS_MACHINE = ("memory://",), ("file://", "local://")
"""What addresses begin with that are not elsewhere."""
PATTERN = "*?["
BUFFER = 1_000_000
"""Bytes that are asked for at once of a file that is not here."""


class LineOf(int):
    """A line's number in a log of several files; it is told as its number in its own file.

    >>> line = LineOf(107, "b.jsonl", 7)
    >>> str(line), line + 1, place_of("the log", line)
    ('7 of b.jsonl', 108, 'b.jsonl:7')
    """

    file: str
    number: int

    def __new__(cls, whole: int, file: str, number: int) -> LineOf:
        made = super().__new__(cls, whole)
        made.file, made.number = file, number
        return made

    def __str__(self) -> str:
        return f"{self.number} of {self.file}"

    def __reduce__(self) -> tuple[type[LineOf], tuple[int, str, int]]:
        return LineOf, (int(self), self.file, self.number)


def place_of(log: str, line: int) -> str:
    """A line with its file; ``log`` is the one file of a log that has no others."""
    return f"{line.file}:{line.number}" if isinstance(line, LineOf) else f"{log}:{line}"


def line_json(line: int) -> dict[str, Any]:
    """A line for programs, with its file where there are several."""
    return {"file": line.file, "line": line.number} if isinstance(line, LineOf) else {"line": line}


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a log. ``opener`` opens it; it is None for standard input."""

    name: str
    opener: Callable[[], Any] | None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Its bytes. Raises :class:`SimsyncError` where it cannot be opened."""
        if self.opener is None:
            yield sys.stdin.buffer
            return
        try:
            raw = self.opener()
        except Exception as error:  # a file system that is not ours fails as it likes
            code = Code.NOT_FOUND if isinstance(error, FileNotFoundError) else Code.UNREADABLE
            message = f"the log cannot be opened: {getattr(error, 'strerror', None) or error}"
            raise usage_error(self.name, message, code=code) from error
        if not isinstance(raw, io.BufferedReader):
            raw = io.BufferedReader(_Foreign(raw, self.name), BUFFER)
        with raw:
            yield raw

    @property
    def size(self) -> int:
        """How many bytes it has."""
        with self.opened() as stream:
            return stream.seek(0, os.SEEK_END)


class _Foreign(io.RawIOBase):
    """A file of a file system that is not ours: whatever it fails with is an OSError, as that of one of ours is."""

    def __init__(self, raw: Any, name: str) -> None:
        self._raw, self.name = raw, name

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """Whether any place of it can be read."""
        return bool(self._raw.seekable())

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        with _as_os_error():
            return int(self._raw.seek(offset, whence))

    def readinto(self, buffer: Any) -> int:
        """Fill some of the buffer; 0 at the end."""
        with _as_os_error():
            data = self._raw.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of it."""
        self._raw.close()
        super().close()


@contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise OSError(errno.EIO, " ".join(str(error).split()) or type(error).__name__) from error


def sources(paths: Iterable[str]) -> list[Source]:
    """The files that paths stand for, in their order, those of a pattern in the order of their names.

    Raises :class:`SimsyncError` with all that is wrong with any of them.
    """
    found: list[Source] = []
    problems: list[Diagnostic] = []
    for path in paths:
        try:
            found += _elsewhere(path) if ELSEWHERE in path else _here(path)
        except SimsyncError as error:
            problems += error.diagnostics
    alike: dict[Hashable, list[str]] = defaultdict(list)
    for source in found:
        alike[_file_of(source.name)].append(source.name)
    for first, *others in alike.values():
        if others:
            also = listed([one for one in dict.fromkeys(others) if one != first])
            often = "twice" if len(others) == 1 else f"{len(others) + 1} times"
            message = f"it is named {often}{also and f', also as {also}'}, and its lines would count so often"
            problems += usage_error(first, f"{message}; name it once", code=Code.USAGE).diagnostics
    if problems:
        raise SimsyncError(problems)
    return found


def _file_of(name: str) -> Hashable:
    """The file that a name means, whatever it is called."""
    path = next((name.removeprefix(one) for one in OF_THIS_MACHINE if name.startswith(one)), name)
    try:
        there = os.stat(path)
    except (OSError, ValueError):  # it is elsewhere, or is not there, which is told when it is opened
        return name
    return (there.st_dev, there.st_ino) if there.st_ino else os.path.realpath(path)


def _here(path: str) -> Sequence[Source]:
    if path == STANDARD_INPUT:
        return [Source(path, None)]
    if any(sign in path for sign in PATTERN) and not os.path.exists(path):
        names = sorted(name for name in glob.glob(path, recursive=True) if not os.path.isdir(name))
        if not names:
            raise usage_error(path, "no file has such a name", code=Code.NOT_FOUND)
        return [_file(name) for name in names]
    if os.path.isdir(path):
        message = f"this is a directory; name a log file, or several, as in {os.path.join(path, '*.jsonl')}"
        raise usage_error(path, message, code=Code.NOT_A_FILE)
    return [_file(path)]


def _file(name: str) -> Source:
    return Source(name, lambda: open(name, "rb"))


def _elsewhere(path: str) -> Sequence[Source]:
    """Files on whatever fsspec reaches."""
    try:
        import fsspec
    except ImportError as error:
        raise usage_error(path, lacking("a log that is not here", "logs"), code=Code.USAGE) from error
    try:
        system, inner = fsspec.core.url_to_fs(path)
        patterned = any(sign in inner for sign in PATTERN)
        names = sorted(system.glob(inner)) if patterned else [inner]
    except Exception as error:  # no such protocol, or what it needs is not installed
        message = f"the log cannot be reached: {error}"
        raise usage_error(path, message, code=Code.UNREADABLE) from error
    if not names:
        raise usage_error(path, "no file has such a name", code=Code.NOT_FOUND)
    return [_of(system, name, system.unstrip_protocol(name) if patterned else path) for name in names]


def _of(system: Any, inner: str, name: str) -> Source:
    return Source(name, lambda: system.open(inner, "rb"))
