"""Timing on a machine that is not ours alone.

Contestants of one comparison take turns within one run and each counts with its best round, so that what else the
machine does falls on all of them alike; what is reported are ratios. Everything that is measured runs in a process of
its own: no contestant inherits another's memory, and this process stays small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SIMSYNC = str(Path(sys.executable).with_name("simsync"))

Command = Sequence[str]


class CommandFailed(RuntimeError):
    """A contestant did not do what it was to be timed at."""


def best_of(contestants: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """The best time of each contestant, which take turns."""
    best = dict.fromkeys(contestants, float("inf"))
    for _ in range(rounds):
        for name, once in contestants.items():
            best[name] = min(best[name], once())
    return best


def wall(command: Command, folder: Path = ROOT, allowed: tuple[int, ...] = (0,)) -> float:
    """Seconds from start to exit of a command whose output nobody reads."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start = time.perf_counter()
    code = subprocess.run(command, cwd=folder, check=False, **quiet).returncode
    seconds = time.perf_counter() - start
    if code not in allowed:
        raise CommandFailed(f"exit code {code}: {' '.join(command)}")
    return seconds


def walls(commands: Mapping[str, Command], rounds: int, allowed: tuple[int, ...] = (0,)) -> dict[str, float]:
    """The best wall time of each command, which take turns."""
    return best_of({name: lambda c=command: wall(c, allowed=allowed) for name, command in commands.items()}, rounds)


def peak_megabytes(command: Command) -> float:
    """The largest resident set of a command, as the kernel counts it for that process alone."""
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise CommandFailed(f"exit code {process.returncode}: {' '.join(command)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return usage.ru_maxrss * unit / 1e6


def python(*arguments: object) -> list[str]:
    """A command that runs this Python."""
    return [sys.executable, *map(str, arguments)]


def inside(measurement: str, *arguments: object) -> dict[str, Any]:
    """A measurement of `inside.py`, made in a process of its own."""
    command = python(HERE / "inside.py", measurement, *arguments)
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CommandFailed(f"{' '.join(command)}\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
