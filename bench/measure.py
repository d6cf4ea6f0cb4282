"""Timing on a machine that is not ours alone.

Contestants of one comparison take turns within one run and each counts with its best round, so that what else the
machine does falls on all of them alike; what is reported are ratios. Everything that is measured runs in a process of
its own: no contestant inherits another's memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SIMSYNC = str(Path(sys.executable).with_name("simsync"))

Command = Sequence[str]


class CommandError(RuntimeError):
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
    nowhere = subprocess.DEVNULL
    start = time.perf_counter()
    code = subprocess.run(command, cwd=folder, check=False, stdout=nowhere, stderr=nowhere).returncode
    seconds = time.perf_counter() - start
    if code not in allowed:
        raise CommandError(f"exit code {code}: {' '.join(command)}")
    return seconds


def concurrently(commands: Sequence[Command]) -> float:
    """Seconds for all of several commands, as many at a time as there are cores."""
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(wall, commands))
    return time.perf_counter() - start


def walls(commands: Mapping[str, Command], rounds: int, allowed: tuple[int, ...] = (0,)) -> dict[str, float]:
    """The best wall time of each command, which take turns."""
    return best_of({name: partial(wall, command, ROOT, allowed) for name, command in commands.items()}, rounds)


def output(command: Command) -> str:
    """What a command prints."""
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CommandError(f"{' '.join(command)}\n{done.stderr}")
    return done.stdout


def python(*arguments: object) -> list[str]:
    """A command that runs this Python."""
    return [sys.executable, *map(str, arguments)]


def inside(measurement: str, *arguments: object) -> dict[str, Any]:
    """A measurement of `inside.py`, made in a process of its own."""
    found: dict[str, Any] = json.loads(output(python(HERE / "inside.py", measurement, *arguments)))
    return found
