"""What the compiled state space saves: `python bench/statespace.py [--rounds N] [--without-mutate]`.

Commands on the shipped rules against the state before there was one, by processor time, that of all their processes
together: cold, with an empty cache, and warm, with what a run before kept. Writes statespace.md.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from measure import HERE, ROOT, CommandError, best_of, python
from table import Line, held, render

START = "9470469"
"""The last commit before."""

OUT = "OUT"
"""Stands for a folder that is there for one run."""


class Contest(NamedTuple):
    """A command, and how many times faster it is to be than it was."""

    command: str
    goal: float


CONTESTS = (
    Contest("check", 5),
    Contest("coverage", 5),
    Contest("readings --questions", 4),
    Contest(f"generate --cover rules --out {OUT}", 5),
)
MUTATE = (Contest("mutate scenarios/completion.yaml --min 0", 5), Contest("mutate --hand-written --min 0", 3))

KEPT = ("check", "coverage", "readings --questions", "explore", "find 'copy = present'", "compare machines machines")
"""What is to take less than a second once something was kept."""

FLAG = "{values: [false, true], default: false, delivered: true, set by: [create, edit]}"
FIELDS = {
    "note: {fields: [text, internal]": "note: {fields: [text, internal, urgent, seen]",
    "\n  text: {values": f"\n  urgent: {FLAG}\n  seen: {FLAG}\n  text: {{values",
}
"""Two more boolean fields, in the vocabulary of the shipped rules."""

PROPERTY = "- property: not-both\n  never: {urgent: true, seen: true, by: other, synced: true}\n  sources: [S16]\n"


def processor_time(tree: Path, command: str, cache: Path | None = None) -> float:
    """Seconds of the processor's time that a command takes with the source in a tree; without a cache: an empty one."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed keeps its compiled modules
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as empty:
        environment["XDG_CACHE_HOME"] = str(cache or empty)
        words = [folder if word == OUT else word for word in shlex.split(command)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        whole = python("-m", "simsync", *words)
        done = subprocess.run(whole, cwd=tree, env=environment, check=False, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise CommandError(f"exit code {done.returncode}: {command}\n{done.stderr.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@contextmanager
def as_before(start: str = START) -> Iterator[Path]:
    """A checkout of the state before."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), start], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def measured(contest: Contest, before: Path, rounds: int) -> Line:
    """Now and before, taking turns."""
    trees = {"now": ROOT, "before": before}
    times = best_of({name: partial(processor_time, tree, contest.command) for name, tree in trees.items()}, rounds)
    ratio = times["before"] / times["now"]
    return Line(
        f"simsync {contest.command}",
        f"{times['now']:.1f} s",
        f"{times['before']:.1f} s",
        f"{ratio:.1f}x",
        f"{contest.goal:g}x",
        held(ratio >= contest.goal),
    )


def warm(command: str, rounds: int) -> Line:
    """A command once what it keeps is there."""
    with tempfile.TemporaryDirectory() as cache:
        once = partial(processor_time, ROOT, command, Path(cache))
        once()
        seconds = min(once() for _ in range(rounds))
    return Line(f"simsync {command}, warm", f"{seconds:.2f} s", "", "", "< 1 s", held(seconds < 1))


def with_fields(rounds: int) -> Line:
    """`check` with two more boolean fields, and a property of them, against without."""
    with tempfile.TemporaryDirectory() as folder:
        machines = Path(folder) / "machines"
        shutil.copytree(ROOT / "machines", machines)
        vocabulary = (machines / "vocabulary.yaml").read_text(encoding="utf-8")
        for old, new in FIELDS.items():
            assert old in vocabulary, old
            vocabulary = vocabulary.replace(old, new)
        (machines / "vocabulary.yaml").write_text(vocabulary, encoding="utf-8")
        with (machines / "properties.yaml").open("a", encoding="utf-8") as stream:
            stream.write(PROPERTY)
        commands = {"more": f"check --machines {machines}", "plain": "check"}
        contestants = {name: partial(processor_time, ROOT, command) for name, command in commands.items()}
        times = best_of(contestants, rounds)
    ratio = times["more"] / times["plain"]
    what = "simsync check, two boolean fields more"
    return Line(
        what, f"{times['more']:.1f} s", f"{times['plain']:.1f} s", f"{1 / ratio:.1f}x", "0.5x", held(ratio <= 2)
    )


def main() -> None:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-mutate", action="store_true")
    chosen = parser.parse_args()
    with as_before() as before:
        lines = [measured(contest, before, chosen.rounds) for contest in CONTESTS]
        lines += [measured(contest, before, 1) for contest in (() if chosen.without_mutate else MUTATE)]
    lines += [with_fields(chosen.rounds), *(warm(command, chosen.rounds) for command in KEPT)]
    left_out = "- `mutate` was left out.\n" if chosen.without_mutate else ""
    (HERE / "statespace.md").write_text(
        f"# The state space, measured\n\n{render(lines)}\n\n"
        f"- Seconds of the processor's time, the best of {chosen.rounds} turns (`mutate`: one); against: {START};\n"
        "  two boolean fields more, and a property of them: against without.\n"
        f"{left_out}"
        f"- Python {sys.version.split()[0]}.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
