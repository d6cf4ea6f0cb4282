"""The streams of a program that is asked by lines: served by whoever waits, or by threads where none can be polled."""

from __future__ import annotations

import math
import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import IO, Protocol

from simsync.questions.conform.systems.program import Program
from simsync.questions.conform.systems.protocol import TURN, awaited

CHUNK = 65536
AHEAD = 4
"""Chunks that a thread reads before they are wanted; whoever says more waits."""
LAST_WORDS = 2000
"""Bytes kept of what a program says on stderr."""


class Streams(Protocol):
    """What a program is told, and what it says."""

    def send(self, request: bytes) -> None:
        """Tell it something; what it does not take at once it is told while it is heard."""
        ...

    def heard(self, seconds: float) -> bytes | None:
        """What it says next; ``b""`` once it closed its output, None where nothing comes in time."""
        ...

    def last_words(self, seconds: float) -> bytes:
        """The end of what it says on stderr, which is waited for until that is closed, or time is up."""
        ...

    def close(self, seconds: float) -> None:
        """Close its input, and wait until it closes its output or says something, or time is up."""
        ...


def streams_of(program: Program) -> Streams:
    """Polled where the system can do that, as a thread costs more than all else of a request; Windows cannot."""
    return PolledStreams(program) if hasattr(select, "poll") else ThreadedStreams(program)


class PolledStreams:
    """Streams that are served by whoever waits.

    Nothing is read before it is wanted, so that whoever floods its output waits.
    """

    def __init__(self, program: Program) -> None:
        self._input, self._output, self._beside = program.streams
        self._unsent = self._said = b""
        self._answering, self._overhearing = self._output.fileno(), self._beside.fileno()
        self._overhears = True
        self._poll, self._poll_beside = select.poll(), select.poll()
        for stream in program.streams:
            os.set_blocking(stream.fileno(), False)
        self._poll.register(self._output, select.POLLIN)
        self._poll.register(self._beside, select.POLLIN)
        self._poll_beside.register(self._beside, select.POLLIN)

    def send(self, request: bytes) -> None:
        """Tell it something; what it does not take at once it is told while it is heard."""
        self._unsent += request
        if len(self._unsent) == len(request):
            self._send_on()
            if self._unsent:
                self._poll.register(self._input, select.POLLOUT)

    def heard(self, seconds: float) -> bytes | None:
        """What it says next; ``b""`` once it closed its output, None where nothing comes in time."""
        deadline = time.monotonic() + seconds
        while True:
            # in turns: it may not hear a signal that comes right before
            heard = self._serve(self._poll.poll(_milliseconds(min(seconds, TURN))))
            if heard is not None or (seconds := deadline - time.monotonic()) <= 0:
                return heard

    def _serve(self, ready: Sequence[tuple[int, int]]) -> bytes | None:
        """Read and write where that can be done; gives what it says."""
        heard = None
        for file, _ in ready:
            if file == self._answering:
                heard = self._output.read(CHUNK)
            elif file == self._overhearing:
                self._overhear()
            else:
                self._send_on()
                if not self._unsent:
                    self._poll.unregister(self._input)
        return heard

    def _send_on(self) -> None:
        try:
            self._unsent = self._unsent[self._input.write(self._unsent) or 0 :]
        except OSError:  # it listens no more; what it says tells why
            self._unsent = b""

    def _overhear(self) -> None:
        words = self._beside.read(CHUNK)
        self._said = (self._said + (words or b""))[-LAST_WORDS:]
        if words == b"":
            self._overhears = False
            self._poll.unregister(self._beside)

    def last_words(self, seconds: float) -> bytes:
        """The end of what it says on stderr, which is waited for until that is closed, or time is up."""
        deadline = time.monotonic() + seconds
        while self._overhears and self._poll_beside.poll(_milliseconds(deadline - time.monotonic())):
            self._overhear()
        return self._said

    def close(self, seconds: float) -> None:
        """Close its input, and wait until it closes its output or says something, or time is up."""
        if self._unsent:
            self._poll.unregister(self._input)
        try:
            self._input.close()
            self.heard(seconds)
        finally:  # also where somebody is in a hurry
            self._output.close()
            self._beside.close()


def _milliseconds(seconds: float) -> int:
    return max(0, math.ceil(1000 * seconds))


class ThreadedStreams:
    """Streams that are served by a thread each."""

    def __init__(self, program: Program) -> None:
        self._said = b""
        self._closed = False
        self._asked: SimpleQueue[bytes | None] = SimpleQueue()
        self._heard: SimpleQueue[bytes] = SimpleQueue()
        self._room = threading.Semaphore(AHEAD)
        asking, answering, beside = program.streams
        _served(self._ask_on, asking)
        self._listening = _served(self._listen, answering)
        self._overhearing = _served(self._overhear, beside)

    def send(self, request: bytes) -> None:
        """Tell it something; a thread does."""
        self._asked.put(request)

    def heard(self, seconds: float) -> bytes | None:
        """What it says next; ``b""`` once it closed its output, None where nothing comes in time."""
        try:
            chunk = awaited(self._heard, seconds)
        except Empty:
            return None
        self._room.release()
        if not chunk:
            self._heard.put(b"")  # it stays so
        return chunk

    def last_words(self, seconds: float) -> bytes:
        """The end of what it says on stderr, which is waited for until that is closed, or time is up."""
        self._overhearing.join(seconds)
        return self._said

    def close(self, seconds: float) -> None:
        """Close its input, and wait until it closes its output or says something, or time is up."""
        self._closed = True
        self._asked.put(None)
        self._room.release()
        self._listening.join(seconds)

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


def _served(serve: Callable[[IO[bytes]], None], stream: IO[bytes]) -> threading.Thread:
    thread = threading.Thread(target=serve, args=(stream,), daemon=True)
    thread.start()
    return thread
