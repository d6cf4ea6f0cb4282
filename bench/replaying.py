"""What `simsync replay` takes of a large log: `python bench/replaying.py --lines 1000000`. Writes replaying.md.

Processor time counts, since the machine is not ours alone. Logs are made and judged by processes of their own, so that
none inherits another's memory.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from measure import HERE, ROOT, CommandError, output, python
from simsync.app import load_model
from simsync.questions.replay.log.columns import LogNames
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.shares import FEWEST
from simsync.questions.replay.worker_tasks import LinePacker
from table import Line, held, render

READ = """import json, resource, sys
for name in sys.argv[1:]:
    for line in open(name, 'rb'): json.loads(line)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"own": used.ru_utime + used.ru_stime}), file=sys.stderr)"""
FEW = 100
"""Lines of which the time to start is most of what they take."""
PACKED = 20_000
"""Lines by which it is told how large they are packed."""
PAPER_LINES, WORKERS = 10**9, 50
PARALLEL, MEMORY, TIMES = 1.8, 500, 5
"""The goals."""
NOTES = """
- The log: {tickets:,} tickets of 2 to 8 lines, {size:.0f} bytes a line, 200 at any time, no line illegal. Walks
  over everything that the shipped rules have made 350 tickets; the lines of each stand there again and again, with
  other ids of the ticket and of its items, other texts and another time. A line says its time and status, who was told,
  and what both tickets show; in CSV not the latter, for which it has no place.
- *Shuffled* are the same lines in any order over {files} files.
- *json alone* reads the same lines with `json.loads` and does nothing with them. The time to start is left out on both
  sides, {start:.1f} s on ours: a large log has it but once. Only that of the cluster is counted.
- Processor seconds are those of all processes that take part. *At best* is what two processes come to that nobody
  disturbs: what the first process takes by itself, and half of what the two take that read and judge. A wall would say
  little here: others use these cores too (load {load:.0f}).
- Of the cluster's two workers one was killed while they read, and one while they judged: {killed} in all. What they had
  begun was done again, and is counted.
- On paper, 10^9 lines on {workers} workers, from what was measured: reading and judging them takes {paper:.1f} hours,
  {each:.0f} µs a line in a worker. Workers write {kept:.0f} GB into the folder that all reach, {packed:.0f} bytes
  a line, and read it once: {moved:.1f} hours where that does 1 GB/s. The one process that shares the work out is at
  work for {hours:.2f} of these hours. What it waits for longest is {longest}.
"""


class Taken(NamedTuple):
    """What a run took: seconds of the processor's time, megabytes at most, and a digest of what it told."""

    own: float
    workers: float
    peak: float
    workers_peak: float
    killed: int
    told: str


def ran(command: list[str]) -> Taken:
    """A command that says what it took."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate()
    if process.returncode:
        raise CommandError(f"{' '.join(command)}\n{err.decode()}")
    said = json.loads(err.splitlines()[-1])
    if said.get("code", 0):
        raise CommandError(f"{' '.join(command)}\n{err.decode()}\n{out.decode()[:2000]}")
    return Taken(
        said["own"],
        said.get("workers", 0),
        said.get("peak", 0),
        said.get("workers' peak", 0),
        said.get("killed", 0),
        hashlib.sha256(out).hexdigest(),
    )


def replay(*arguments: object, scratch: Path | None = None) -> list[str]:
    """A run of simsync; with ``scratch``, workers are killed in the middle of it."""
    kill = () if scratch is None else ("--kill", scratch)
    return python(HERE / "taking.py", *kill, "replay", *arguments)


def commands_for(folder: Path) -> dict[str, list[str]]:
    """The runs on the log in a folder."""
    few, log, parts = folder / "few.jsonl", folder / "log.jsonl", folder / "part*.jsonl"
    with log.open() as stream:
        few.write_text("".join(line for line, _ in zip(stream, range(FEW), strict=False)))
    scratch = folder / "scratch"
    scratch.mkdir()
    return {
        "start": replay(few),
        "json": python("-c", READ, log),
        "start of json": python("-c", READ, few),
        "one": replay(log),
        "two": replay(log, "--jobs", 2),
        "shuffled": replay(parts),
        "csv": replay(folder / "part*.csv"),
        "parquet": replay(folder / "part*.parquet"),
        "shuffled on two": replay(parts, "--jobs", 2),
        "start of two": replay(few, "--jobs", 2),
        "cluster": replay(parts, "--cluster", "local:2", scratch=scratch),
    }


def measured(folder: Path, rounds: int, at_once: int) -> dict[str, Taken]:
    """What each run took, so many at once; of several rounds the one that took least."""
    commands = commands_for(folder)
    best: dict[str, Taken] = {}
    runs = [name for _ in range(rounds) for name in commands]
    with ThreadPoolExecutor(at_once) as pool:
        for name, taken in zip(runs, pool.map(lambda name: ran(commands[name]), runs), strict=True):
            print(f"{name}: {taken.own:.1f} s and {taken.workers:.1f} s of workers", file=sys.stderr, flush=True)
            if name not in best or taken.own + taken.workers < best[name].own + best[name].workers:
                best[name] = taken
    return best


class Costs:
    """What runs on so many lines took beyond the time to start."""

    def __init__(self, best: dict[str, Taken], lines: int) -> None:
        self._best, self._lines = best, lines
        self._json = self.own("json", "start of json")

    def own(self, name: str, start: str = "start") -> float:
        """Seconds of the first process."""
        return max(0.0, self._best[name].own - self._best[start].own)

    def workers(self, name: str, start: str = "start of two") -> float:
        """Seconds of its workers."""
        return max(0.0, self._best[name].workers - self._best[start].workers)

    def line(self, what: str, took: float, goal: float | None = None) -> Line:
        """What a run took beside what reading takes."""
        ratio = took / self._json
        goals = (f"≤ {goal:g}x", held(ratio <= goal)) if goal else ()
        one, other = (f"{seconds / self._lines * 1e6:.1f} µs" for seconds in (took, self._json))
        return Line(what, one, f"{other}, json alone", f"{ratio:.1f}x", *goals)

    def parallel(self, what: str, two: str, one: str) -> Line:
        """What two processes took beside what one did."""
        own, workers, alone = self.own(two, "start of two"), self.workers(two), self.own(one)
        ratio = alone / (own + workers / 2)
        said = f"{own:.1f} s and {workers:.1f} s / 2"
        return Line(what, said, f"{alone:.1f} s on one", f"{ratio:.2f}x", f"≥ {PARALLEL}x", held(ratio >= PARALLEL))


def peak(what: str, megabytes: float) -> Line:
    """The most memory that a process had."""
    return Line(what, f"{megabytes:.0f} MB", "", "", f"< {MEMORY} MB", held(megabytes < MEMORY))


def packed_size(log: Path) -> float:
    """Bytes of a line as workers keep it."""
    reader, packer = LogReader(load_model(ROOT / "machines"), LogNames()), LinePacker(FEWEST)
    with log.open("rb") as stream:
        for index, line in enumerate(islice(reader.skim(stream), PACKED)):
            packer.add(index, line)
    return len(packer.packed()) / packer.count


def page(lines: int, tickets: int, size: int, packed: float, best: dict[str, Taken]) -> str:
    """The table and its notes."""
    costs = Costs(best, lines)
    cluster = best["cluster"]
    same = len({best[name].told for name in ("shuffled", "shuffled on two", "cluster")}) == 1
    same = same and best["one"].told == best["two"].told
    table = [
        costs.line("one process, JSON Lines: processor time a line", costs.own("one"), TIMES),
        costs.line("one process, shuffled over 20 files", costs.own("shuffled")),
        costs.line("the same as CSV", costs.own("csv")),
        costs.line("the same as Parquet", costs.own("parquet")),
        costs.parallel("two processes at best", "two", "one"),
        costs.parallel("two processes at best, shuffled", "shuffled on two", "shuffled"),
        costs.line("a local cluster of two, shuffled, workers killed", cluster.own + cluster.workers),
        peak("peak memory, one process", best["one"].peak),
        peak("peak memory, one process, shuffled", best["shuffled"].peak),
        peak("peak memory, cluster: the first process", cluster.peak),
        peak("peak memory, cluster: the largest worker", cluster.workers_peak),
        Line(f"told the same by one, two, and the cluster with {cluster.killed} workers killed", held(same)),
    ]
    where = f"{lines:,} lines of {tickets:,} tickets on {os.cpu_count()} cores that others use too."
    return f"# Large logs, measured\n\n{where}\n\n{render(table)}\n{notes(lines, tickets, size, packed, best)}"


def notes(lines: int, tickets: int, size: int, packed: float, best: dict[str, Taken]) -> str:
    """What stands below the table."""
    costs = Costs(best, lines)
    paper = costs.workers("shuffled on two") / lines * PAPER_LINES / WORKERS / 3600
    hours = costs.own("shuffled on two", "start of two") / lines * PAPER_LINES / 3600
    gigabytes = packed * PAPER_LINES / 1e9
    moved = 2 * gigabytes / 3600
    longest = max((paper, "the workers"), (moved, "the folder"), (hours, "the process that shares the work out"))
    return NOTES.format(
        tickets=tickets,
        size=size / lines,
        files=20,
        start=best["start"].own,
        load=os.getloadavg()[0],
        killed=best["cluster"].killed,
        workers=WORKERS,
        paper=paper,
        each=paper * 3600 * WORKERS / PAPER_LINES * 1e6,
        kept=gigabytes,
        packed=packed,
        moved=moved,
        hours=hours,
        longest=longest[1],
    )


def run() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--at-once", type=int, default=1, help="runs at once; it is processor time that counts")
    options.add_argument("--folder", help="where logs are made, 2 kB a line; default: that of temporary files")
    options.add_argument("--out", type=Path, default=HERE / "replaying.md")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        tickets = int(output(python(HERE / "made_logs.py", folder, chosen.lines, "csv", "parquet")))
        size = (folder / "log.jsonl").stat().st_size
        packed = packed_size(folder / "log.jsonl")
        best = measured(folder, chosen.rounds, chosen.at_once)
    chosen.out.write_text(page(chosen.lines, tickets, size, packed, best))
    sys.stdout.write(chosen.out.read_text())


if __name__ == "__main__":
    run()
