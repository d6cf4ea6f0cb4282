"""A system that is a program: JSON Lines on its standard input and output."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Sequence

from simsync.errors import Code, usage_error
from simsync.questions.conform.driven import Trouble
from simsync.questions.conform.systems.program import Program, how_ended
from simsync.questions.conform.systems.protocol import (
    AnswerLimits,
    Json,
    SystemFault,
    Timed,
    as_bytes,
    excerpt,
    parsed,
)
from simsync.questions.conform.systems.streams import streams_of

GRACE = 0.5
"""Seconds that a program has to end by itself once its input is closed."""


def words_of(command: str) -> list[str]:
    """The words of a command line; raises :class:`SimsyncError` where it cannot be read."""
    lexer = shlex.shlex(command, posix=True)
    lexer.whitespace_split, lexer.commenters = True, ""
    if os.name == "nt":
        lexer.escape = ""  # there it parts the names of a path
    try:
        words = list(lexer)
    except ValueError as error:
        raise usage_error("--sut", f"the command cannot be read: {error}", code=Code.USAGE) from error
    if not words:
        raise usage_error("--sut", "a command is wanted, such as 'python my_system.py'", code=Code.USAGE)
    return words


class PipeConnection:
    """A program of ours: started here, ended when it is let go.

    Its output is read only a little further than an answer may go. What it says on stderr is read and forgotten, but
    for the end.
    """

    anew = True

    def __init__(self, command: list[str], limits: AnswerLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        try:
            self._program = Program(command)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise SystemFault(Trouble.START, f"'{command[0]}' cannot be started: {why}") from error
        self._streams = streams_of(self._program)

    def exchange(self, request: Json) -> Json:
        """Ask, and wait for the line that answers."""
        if not self._buffer and (before := self._streams.heard(0)) is not None:
            self._keep(before)
        if self._buffer:
            raise SystemFault(Trouble.UNASKED, f"it spoke without being asked: {excerpt(self._buffer)}")
        deadline = time.monotonic() + self._limits.seconds
        self._streams.send(as_bytes(request) + b"\n")
        line = self._line(deadline)
        if self._buffer:
            raise SystemFault(Trouble.UNASKED, f"it answered once more than it was asked: {excerpt(self._buffer)}")
        return parsed(line)

    def at_once(self, queues: Sequence[Sequence[Json]]) -> list[list[Timed]]:
        """Ask all of it before any answer is waited for: first what is first in each queue. Answers come in turn."""
        asked = sorted((place, number) for number, queue in enumerate(queues) for place in range(len(queue)))
        sent = time.monotonic()
        for place, number in asked:
            self._streams.send(as_bytes(queues[number][place]) + b"\n")
        heard: list[list[Timed]] = [[] for _ in queues]
        for _, number in asked:
            answer = parsed(self._line(sent + self._limits.seconds))
            heard[number].append(Timed(answer, sent, time.monotonic()))
        return heard

    def _line(self, deadline: float) -> bytes:
        """The next line; what comes with it but after it stays in the buffer."""
        looked = 0
        while (end := self._buffer.find(b"\n", looked)) < 0 and len(self._buffer) <= self._limits.size:
            looked = len(self._buffer)
            self._keep(self._streams.heard(deadline - time.monotonic()))
        if end < 0 or end > self._limits.size:
            message = f"an answer has more than {self._limits.size:,} bytes: {excerpt(self._buffer)}"
            raise SystemFault(Trouble.TOO_LARGE, message)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _keep(self, chunk: bytes | None) -> None:
        """Keep what it said; raises SystemFault where nothing comes any more, or did not in time."""
        if chunk is None:
            got = f", only {excerpt(self._buffer)}" if self._buffer else ""
            message = f"no answer within {self._limits.seconds:g} s{got}{self._last_words(0)}"
            raise SystemFault(Trouble.TIMEOUT, message)
        if not chunk:
            raise self._ended()
        self._buffer += chunk

    def _ended(self) -> SystemFault:
        code = self._program.code(GRACE)
        what = "it closed its output but runs on" if code is None else how_ended(code)
        words = self._last_words(0 if code is None else GRACE)
        got = f" that ends its line, only {excerpt(self._buffer)}" if self._buffer else ""
        return SystemFault(Trouble.ENDED, f"{what}, without an answer{got}{words}")

    def _last_words(self, seconds: float) -> str:
        lines = self._streams.last_words(seconds).decode("utf-8", "backslashreplace").strip().splitlines()
        return f"; on stderr it said last: {excerpt(lines[-1])}" if lines else ""

    def kill(self) -> None:
        """End the program at once; may be called while another thread waits for its answer."""
        self._program.kill()

    def close(self) -> None:
        """End the program and whatever it started."""
        try:
            self._streams.close(GRACE)
        finally:  # also where somebody is in a hurry
            self._program.end()
