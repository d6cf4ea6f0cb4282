"""A system that is a program: JSON Lines on its standard input and output."""

from __future__ import annotations

import os
import selectors
import shlex
import signal
import subprocess
import time
from contextlib import suppress

from simsync.analysis.system.driven import Trouble
from simsync.conformance.protocol import Json, Limits, SystemFault, as_text, excerpt, parsed
from simsync.errors import Code, usage_error

CHUNK = 65536
LAST_WORDS = 2000
"""Bytes kept of what a program says on stderr."""
GRACE = 0.5
"""Seconds that a program has to end by itself once its input is closed."""


def words_of(command: str) -> list[str]:
    """The words of a command line; raises :class:`SimsyncError` where it cannot be read."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise usage_error("--sut", f"the command cannot be read: {error}", code=Code.USAGE) from error
    if not words:
        raise usage_error("--sut", "a command is wanted, such as 'python my_system.py'", code=Code.USAGE)
    return words


class PipeConnection:
    """A program of ours: started here, ended when it is let go.

    Its output is read only while an answer is awaited and only as far as an answer may go, so that whoever floods it
    waits. What it says on stderr is read and forgotten, but for the end.
    """

    def __init__(self, command: list[str], limits: Limits) -> None:
        self._limits = limits
        self._buffer = b""
        self._said = b""
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise SystemFault(Trouble.START, f"'{command[0]}' cannot be started: {why}") from error
        streams = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._in, self._out, self._err = (stream.fileno() for stream in streams if stream)
        for descriptor in (self._in, self._out, self._err):
            os.set_blocking(descriptor, False)
        self._ready = selectors.DefaultSelector()
        self._ready.register(self._out, selectors.EVENT_READ)
        self._ready.register(self._err, selectors.EVENT_READ)

    def exchange(self, request: Json) -> Json:
        """Ask, and wait for the line that answers."""
        if self._buffer or self._spoke_unasked():
            raise SystemFault(Trouble.UNASKED, f"it spoke without being asked: {excerpt(self._buffer)}")
        deadline = time.monotonic() + self._limits.seconds
        self._write(as_text(request).encode() + b"\n", deadline)
        line = self._line(deadline)
        if self._buffer:
            raise SystemFault(Trouble.UNASKED, f"it answered once more than it was asked: {excerpt(self._buffer)}")
        return parsed(line)

    def _spoke_unasked(self) -> bool:
        for key, _ in self._ready.select(0):
            self._take(key.fd)
        return bool(self._buffer)

    def _write(self, data: bytes, deadline: float) -> None:
        """Write all; most of the time the pipe takes it at once."""
        with suppress(BlockingIOError):
            try:
                data = data[os.write(self._in, data) :]
            except (BrokenPipeError, ConnectionResetError):
                raise self._ended() from None
        if data:
            self._write_on(data, deadline)

    def _write_on(self, data: bytes, deadline: float) -> None:
        self._ready.register(self._in, selectors.EVENT_WRITE)
        try:
            while data:
                for key, _ in self._wait(deadline):
                    if key.fd == self._in:
                        data = data[os.write(self._in, data) :]
                    elif key.fd == self._err:
                        self._take(self._err)
                    elif self._take(self._out):
                        raise SystemFault(Trouble.UNASKED, f"it spoke before it was asked: {excerpt(self._buffer)}")
        except (BrokenPipeError, ConnectionResetError):
            raise self._ended() from None
        finally:
            self._ready.unregister(self._in)

    def _line(self, deadline: float) -> bytes:
        while True:
            line, newline, rest = self._buffer.partition(b"\n")
            if len(line) > self._limits.size:
                message = f"an answer has more than {self._limits.size:,} bytes: {excerpt(line)}"
                raise SystemFault(Trouble.TOO_LARGE, message)
            if newline:
                self._buffer = rest
                return line
            for key, _ in self._wait(deadline):
                self._take(key.fd)

    def _wait(self, deadline: float) -> list[tuple[selectors.SelectorKey, int]]:
        left = deadline - time.monotonic()
        ready = self._ready.select(left) if left > 0 else []
        if not ready and time.monotonic() >= deadline:
            got = f", only {excerpt(self._buffer)}" if self._buffer else ""
            message = f"no answer within {self._limits.seconds:g} s{got}{self._last_words()}"
            raise SystemFault(Trouble.TIMEOUT, message)
        return ready

    def _take(self, descriptor: int) -> bool:
        """Read what is there; raises SystemFault at the end of the output."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return False
        if descriptor == self._err:
            self._said = (self._said + data)[-LAST_WORDS:]
            if not data:
                self._ready.unregister(self._err)
        elif data:
            self._buffer += data
        else:
            raise self._ended()
        return bool(data)

    def _ended(self) -> SystemFault:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        while any(key.fd == self._err for key, _ in self._ready.select(0)):
            self._take(self._err)
        code = self._process.poll()
        if code is None:
            what = "it closed its output but runs on"
        elif code < 0:
            what = f"it was ended by {signal.Signals(-code).name}"
        else:
            what = f"it ended with exit code {code}"
        got = f" that ends its line, only {excerpt(self._buffer)}" if self._buffer else ""
        return SystemFault(Trouble.ENDED, f"{what}, without an answer{got}{self._last_words()}")

    def _last_words(self) -> str:
        lines = self._said.decode("utf-8", "backslashreplace").strip().splitlines()
        return f"; on stderr it said last: {excerpt(lines[-1])}" if lines else ""

    def kill(self) -> None:
        """End the program at once; may be called while another thread waits for its answer."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the program and whatever it started."""
        process = self._process
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            with suppress(OSError):
                stream.close()
        self._ready.close()
        self._await_end()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _await_end(self) -> None:
        """Give the program time to end; it is not reaped, so that its group's number stays its own."""
        deadline = time.monotonic() + GRACE
        with suppress(ChildProcessError):
            while time.monotonic() < deadline:
                if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    return
                time.sleep(0.005)
