"""A program that is started here, and that is ended here with whatever it started."""

from __future__ import annotations

import atexit
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

MARK = "SIMSYNC_SYSTEM"
"""The environment variable by which whatever a program started is known again, also in a session of its own."""
ROUNDS = 20
"""Looks for what a program started, since that may start more while it is being ended."""
PROCESSES = Path("/proc")
PAUSE = 0.1
"""Seconds between two looks at most."""
_running: set[Program] = set()


class Program:
    """A process with pipes for its three streams, in a session of its own.

    On Linux all that carries its mark in the environment is ended with it. Elsewhere that is its process group, and on
    Windows the tree of its children. What is still running when Python ends is ended then. Raises OSError or ValueError
    where it cannot be started.
    """

    def __init__(self, command: list[str]) -> None:
        self._mark = secrets.token_hex(16)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, MARK: f"{os.environ.get(MARK, '')}/{self._mark}"},
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        _running.add(self)

    @property
    def streams(self) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
        """Its input, its output and what it says beside; whoever uses them closes them."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        return process.stdin, process.stdout, process.stderr

    def code(self, seconds: float) -> int | None:
        """Its exit code, if it ends within some seconds; negative where a signal ended it."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """End it at once, and whatever it started. Any thread may do so."""
        known = set(self._strays())
        if sys.platform == "win32":
            tree = ["taskkill", "/F", "/T", "/PID", str(self._process.pid)]
            subprocess.run(tree, capture_output=True, check=False)
        elif hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        for looked in range(ROUNDS):
            strays = set(self._strays())
            known |= strays
            for stray in strays:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(stray, signal.SIGKILL)
            if not strays and not any(map(_runs, known)):
                break
            time.sleep(min(looked**2 / 1000, PAUSE))  # a busy machine takes a while to end them

    def _strays(self) -> Iterator[int]:
        """What carries its mark, where the system lets us look."""
        mark = self._mark.encode()
        for entry in PROCESSES.glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in entry.read_bytes():
                    yield int(entry.parent.name)

    def end(self) -> None:
        """End it for good."""
        self.kill()
        self._process.wait()
        _running.discard(self)


def _runs(pid: int) -> bool:
    """Whether a process is there; one that is ended loses its environment first, and is gone a moment later."""
    try:
        state = (PROCESSES / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()[0]
    except OSError:
        return False
    return state not in (b"Z", b"X")


@atexit.register
def _end_all() -> None:
    for program in list(_running):
        program.end()


def how_ended(code: int) -> str:
    """An exit code in words.

    >>> how_ended(3), how_ended(-9), how_ended(-35)
    ('it ended with exit code 3', 'it was ended by SIGKILL', 'it was ended by signal 35')
    """
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:  # a real-time signal has none
        name = f"signal {-code}"
    return f"it was ended by {name}"
