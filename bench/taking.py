"""What a run of simsync takes: `python bench/taking.py [--kill FOLDER] replay ...` prints it as JSON on standard error.

With --kill, FOLDER is that in which its workers keep lines: one of them is killed while they read, and one while they
judge. Modules that measure are not imported here, so that the run is as small as one by hand.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

from simsync.cli import main

OFTEN = 0.01
READ_FIRST = 3
"""Pieces of the log that are read before the first worker is killed."""


def workers() -> list[int]:
    """The workers of a cluster of this process."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(pid) for pid, parent, said in rows if int(parent) == os.getpid() and "spawn_main" in said]


def kept(folder: Path) -> list[str]:
    """The names of files that workers put into a folder."""
    return [path.name for path in folder.glob("simsync-*/*")]


def kill(folder: Path, killed: list[int]) -> None:
    """Kill a worker when some pieces are read, and one when all are and judging has begun."""
    for judging in (False, True):
        while not ("pieces" in kept(folder) if judging else len(kept(folder)) >= READ_FIRST):
            time.sleep(OFTEN)
        victim = next(pid for pid in workers() if pid not in killed)
        killed.append(victim)
        os.kill(victim, signal.SIGKILL)


def run() -> None:
    """Run a command in this process."""
    arguments, killed = sys.argv[1:], list[int]()
    if arguments[0] == "--kill":
        Thread(target=kill, args=(Path(arguments[1]), killed), daemon=True).start()
        arguments = [*arguments[2:], "--scratch", arguments[1]]
    start = time.perf_counter()
    code = main(arguments)
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    unit = 1 if sys.platform == "darwin" else 1024
    taken = {
        "code": code,
        "own": own.ru_utime + own.ru_stime,
        "workers": others.ru_utime + others.ru_stime,
        "wall": time.perf_counter() - start,
        "peak": own.ru_maxrss * unit / 1e6,
        "workers' peak": others.ru_maxrss * unit / 1e6,
        "killed": len(killed),
    }
    print(json.dumps(taken), file=sys.stderr)


if __name__ == "__main__":
    run()
