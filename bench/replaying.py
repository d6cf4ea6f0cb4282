"""What `simsync replay` takes of a large log: `python bench/replaying.py --lines 200000`. Writes replaying.md.

Processor time counts, since the machine is not ours alone; walls are told where several processes share the work.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow
from pyarrow import parquet

from measure import HERE, ROOT, SIMSYNC, output, python
from simsync.app import load_model
from simsync.engine.trace import simulate
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.replay import logged
from table import Line, held, render

MODEL = load_model(ROOT / "machines")
WAYS, AT_ONCE, FILES = 400, 200, 20
READ = "import json, sys\nfor line in open(sys.argv[1], 'rb'): json.loads(line)"
PAPER_LINES, WORKERS = 10**9, 50

OWN = """import resource, sys
from simsync.cli import main
main(sys.argv[1:])
own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(own.ru_utime + own.ru_stime, workers.ru_utime + workers.ru_stime, file=sys.stderr)"""
NOTES = """
- The log: random walks over everything that the shipped rules have, 14 lines a ticket, {tickets:,} tickets,
  {size:.0f} bytes a line, {at_once} tickets at any time, no line illegal; a line says its status, who was told, and
  what both tickets show.
- *json alone* reads the same lines with `json.loads` and does nothing with them; its start is counted, as ours is.
- Processor seconds are those of all processes that take part, and walls say little where the load is above the
  number of cores. *At best* is what two processes that nobody disturbs come to: of the processor's time what the first
  process takes by itself, and half of what the two take that read and judge.
- *Shuffled* are the same lines with a time each, in any order over {files} files: first they are put in the order of
  time, on disk.
- On paper: reading and judging 10^9 lines takes {workers} workers {paper:.1f} hours, and the one process that keeps the
  lines by ticket in between {reading:.1f} hours, which is then what it waits for.
"""


def written(folder: Path, count: int) -> tuple[Path, int]:
    """A log of so many lines at least, with how many tickets it has."""
    ways = [
        [json.dumps(logged(MODEL, "@", o)) for o in simulate(MODEL, d.trace)] for d in walks(MODEL, 1, WAYS, texts=())
    ]
    path, lines, tickets = folder / "log.jsonl", 0, 0
    with path.open("w") as stream:
        while lines < count:
            group = [
                [line.replace('"@"', f'"T{tickets + n}"', 1) for line in ways[(tickets + n) % WAYS]]
                for n in range(AT_ONCE)
            ]
            tickets += AT_ONCE
            for step in range(max(map(len, group))):
                told = [way[step] for way in group if step < len(way)]
                stream.write("".join(f"{line}\n" for line in told))
                lines += len(told)
    return path, tickets


def shuffled(path: Path, folder: Path) -> None:
    """The lines with a time each, in any order over some files."""
    chance = random.Random(7)
    lines = [f'{{"time": {number}, {line[1:]}' for number, line in enumerate(path.read_text().splitlines())]
    chance.shuffle(lines)
    for number in range(FILES):
        (folder / f"part{number:02}.jsonl").write_text("\n".join(lines[number::FILES]) + "\n")


def as_parquet(path: Path, folder: Path) -> Path:
    """The same lines as columns."""
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["tickets"] = json.dumps(row["tickets"])
        row["fields"] = json.dumps(row["fields"]) if "fields" in row else None
    names = list(dict.fromkeys(name for row in rows for name in row))
    parquet.write_table(
        pyarrow.Table.from_pylist([{n: row.get(n) for n in names} for row in rows]), folder / "log.parquet"
    )
    return folder / "log.parquet"


def taken(command: list[str]) -> tuple[float, float]:
    """Seconds of the processor's and of the wall's time that a command and its children take."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return processor, time.perf_counter() - start


def own_and_workers(*arguments: str) -> tuple[float, float]:
    """Seconds of the processor's time of a run of simsync: of its own process, and of those that it started."""
    command = python("-c", OWN, *arguments)
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    own, workers = map(float, done.stderr.split()[-2:])
    return own, workers


def peak(command: list[str]) -> float:
    """The largest resident set of a command, in megabytes."""
    return float(output(python(HERE / "peak.py", *command)))


def measured(folder: Path, count: int, rounds: int) -> str:
    """The page."""
    path, tickets = written(folder, count)
    lines = sum(1 for _ in path.open("rb"))
    shuffled(path, folder)
    columns = as_parquet(path, folder)
    replay = [SIMSYNC, "replay"]
    commands = {
        "json": python("-c", READ, path),
        "one": [*replay, str(path)],
        "two": [*replay, str(path), "--jobs", "2"],
        "parquet": [*replay, str(columns)],
        "shuffled": [*replay, str(folder / "part*.jsonl")],
        "shuffled on two": [*replay, str(folder / "part*.jsonl"), "--jobs", "2"],
        "cluster": [*replay, str(folder / "part*.jsonl"), "--cluster", "local:2"],
    }
    best: dict[str, tuple[float, float]] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            best[name] = min(best.get(name, (1e9, 1e9)), taken(command))
    same = {output(commands[name]) for name in ("shuffled", "shuffled on two", "cluster")}
    apart = own_and_workers("replay", str(path), "--jobs", "2")
    peaks = peak(commands["one"]), peak(commands["shuffled"])
    return page(lines, tickets, path.stat().st_size, best, apart, peaks, len(same) == 1)


Best = dict[str, tuple[float, float]]


def page(
    lines: int, tickets: int, size: int, best: Best, apart: tuple[float, float], peaks: tuple[float, float], same: bool
) -> str:
    """The table and its notes."""
    own, workers = apart
    alone, ideal = best["json"][0], best["one"][0] / (own + workers / 2)

    def line(what: str, name: str, goal: float | None = None) -> Line:
        ratio = best[name][0] / alone
        goals = (f"≤ {goal:g}x", held(ratio <= goal)) if goal else ()
        each, read = (f"{best[one][0] / lines * 1e6:.0f} µs" for one in (name, "json"))
        return Line(what, each, f"{read}, json alone", f"{ratio:.1f}x", *goals)

    def wall(what: str, name: str, one: str) -> Line:
        walls = best[name][1], best[one][1]
        return Line(what, f"{walls[0]:.1f} s", f"{walls[1]:.1f} s on one", f"{walls[1] / walls[0]:.2f}x")

    table = [
        line("one process, JSON Lines: processor time a line", "one", 5),
        line("one process, Parquet", "parquet"),
        line(f"one process, shuffled over {FILES} files", "shuffled"),
        line("two processes", "two"),
        Line(
            "two processes at best",
            f"{own:.1f} s and {workers:.1f} s / 2",
            "",
            f"{ideal:.2f}x",
            "≥ 1.8x",
            held(ideal >= 1.8),
        ),
        wall("two processes: wall", "two", "one"),
        wall("two processes, shuffled: wall", "shuffled on two", "shuffled"),
        wall("a local cluster of two, shuffled: wall", "cluster", "shuffled"),
        Line("peak memory, one process", f"{peaks[0]:.0f} MB", "", "", "< 500 MB", held(peaks[0] < 500)),
        Line("peak memory, shuffled", f"{peaks[1]:.0f} MB", "", "", "< 500 MB", held(peaks[1] < 500)),
        Line("told the same on one process, two, and the cluster", "yes" if same else "**no**"),
    ]
    notes = NOTES.format(
        tickets=tickets,
        size=size / lines,
        at_once=AT_ONCE,
        files=FILES,
        workers=WORKERS,
        paper=workers / lines * PAPER_LINES / WORKERS / 3600,
        reading=own / lines * PAPER_LINES / 3600,
    )
    where = f"{lines:,} lines on {os.cpu_count()} cores that others use too (load {os.getloadavg()[0]:.0f})."
    return f"# Large logs, measured\n\n{where}\n\n{render(table)}\n{notes}"


def run() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=2)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = measured(Path(folder), chosen.lines, chosen.rounds)
    (HERE / "replaying.md").write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    run()
