"""A system that is a program: JSON Lines on its standard input and output.

Its streams are served by threads, since there are systems on which pipes can only be waited for.
"""

from __future__ import annotations

import os
import shlex
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO

from simsync.errors import Code, usage_error
from simsync.questions.conform.driven import Trouble
from simsync.questions.conform.systems.program import Program, how_ended
from simsync.questions.conform.systems.protocol import (
    AnswerLimits,
    Json,
    SystemFault,
    Timed,
    as_text,
    awaited,
    excerpt,
    parsed,
)

CHUNK = 65536
AHEAD = 4
"""Chunks that are read before they are wanted; whoever says more waits."""
LAST_WORDS = 2000
"""Bytes kept of what a program says on stderr."""
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

    Its output is read only a little further than an answer may go, so that whoever floods it waits. What it says on
    stderr is read and forgotten, but for the end.
    """

    anew = True

    def __init__(self, command: list[str], limits: AnswerLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._said = b""
        self._closed = False
        self._asked: SimpleQueue[bytes | None] = SimpleQueue()
        self._heard: SimpleQueue[bytes] = SimpleQueue()
        self._room = threading.Semaphore(AHEAD)
        try:
            self._program = Program(command)
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise SystemFault(Trouble.START, f"'{command[0]}' cannot be started: {why}") from error
        asking, answering, beside = self._program.streams
        self._asking = _served(self._ask_on, asking)
        self._listening = _served(self._listen, answering)
        self._overhearing = _served(self._overhear, beside)

    def exchange(self, request: Json) -> Json:
        """Ask, and wait for the line that answers."""
        while not self._buffer and not self._heard.empty():
            self._buffer += self._heard_next(0)
        if self._buffer:
            raise SystemFault(Trouble.UNASKED, f"it spoke without being asked: {excerpt(self._buffer)}")
        deadline = time.monotonic() + self._limits.seconds
        self._asked.put(as_text(request).encode() + b"\n")
        line = self._line(deadline)
        if self._buffer:
            raise SystemFault(Trouble.UNASKED, f"it answered once more than it was asked: {excerpt(self._buffer)}")
        return parsed(line)

    def at_once(self, queues: Sequence[Sequence[Json]]) -> list[list[Timed]]:
        """Ask all of it before any answer is waited for: first what is first in each queue. Answers come in turn."""
        asked = sorted((place, number) for number, queue in enumerate(queues) for place in range(len(queue)))
        sent = time.monotonic()
        for place, number in asked:
            self._asked.put(as_text(queues[number][place]).encode() + b"\n")
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
            self._buffer += self._heard_next(deadline - time.monotonic())
        if end < 0 or end > self._limits.size:
            message = f"an answer has more than {self._limits.size:,} bytes: {excerpt(self._buffer)}"
            raise SystemFault(Trouble.TOO_LARGE, message)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _heard_next(self, seconds: float) -> bytes:
        """What it says next; raises SystemFault where nothing comes any more, or not in time."""
        try:
            chunk = awaited(self._heard, seconds)
        except Empty:
            got = f", only {excerpt(self._buffer)}" if self._buffer else ""
            message = f"no answer within {self._limits.seconds:g} s{got}{self._last_words()}"
            raise SystemFault(Trouble.TIMEOUT, message) from None
        self._room.release()
        if not chunk:
            raise self._ended()
        return chunk

    def _ask_on(self, stream: IO[bytes]) -> None:
        with suppress(OSError), stream:
            while (request := self._asked.get()) is not None:
                while request:
                    request = request[stream.write(request) :]

    def _listen(self, stream: IO[bytes]) -> None:
        with suppress(OSError), stream:
            while self._room.acquire() and not self._closed and (chunk := stream.read(CHUNK)):
                self._heard.put(chunk)
        self._heard.put(b"")

    def _overhear(self, stream: IO[bytes]) -> None:
        with suppress(OSError), stream:
            while chunk := stream.read(CHUNK):
                self._said = (self._said + chunk)[-LAST_WORDS:]

    def _ended(self) -> SystemFault:
        self._heard.put(b"")  # it stays so
        code = self._program.code(GRACE)
        what = "it closed its output but runs on" if code is None else how_ended(code)
        self._overhearing.join(GRACE if code is not None else 0)
        got = f" that ends its line, only {excerpt(self._buffer)}" if self._buffer else ""
        return SystemFault(Trouble.ENDED, f"{what}, without an answer{got}{self._last_words()}")

    def _last_words(self) -> str:
        lines = self._said.decode("utf-8", "backslashreplace").strip().splitlines()
        return f"; on stderr it said last: {excerpt(lines[-1])}" if lines else ""

    def kill(self) -> None:
        """End the program at once; may be called while another thread waits for its answer."""
        self._program.kill()

    def close(self) -> None:
        """End the program and whatever it started."""
        self._closed = True
        try:
            self._asked.put(None)
            self._room.release()
            self._listening.join(GRACE)
        finally:  # also where somebody is in a hurry
            self._program.end()


def _served(serve: Callable[[IO[bytes]], None], stream: IO[bytes]) -> threading.Thread:
    thread = threading.Thread(target=serve, args=(stream,), daemon=True)
    thread.start()
    return thread
