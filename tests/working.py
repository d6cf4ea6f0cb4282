"""Tasks for workers, and what became of their processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from simsync.errors import usage_error


class Tens:
    """A state that counts how often a process made it, and is told which task ends its process."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def times_ten(self, number: int) -> int:
        return 10 * number

    def ends_once(self, number: int) -> int:
        """The process that comes to 7 first is killed in the middle."""
        assert self.folder is not None
        if number == 7 and not (self.folder / "killed").exists():
            (self.folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return 10 * number

    def ends_always(self, number: int) -> int:
        if number == 7:
            assert self.folder is not None
            (self.folder / f"killed {time.monotonic_ns()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return number

    def complains(self, number: int) -> int:
        if number == 7:
            raise usage_error("seven", "no")
        return number

    def waits(self, seconds: float) -> float:
        time.sleep(seconds)
        return seconds


def pid_after(state: Tens, seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def is_interruption_held_back(_: Tens, __: int) -> bool:
    """Whether a process would not be told of Ctrl-C."""
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
