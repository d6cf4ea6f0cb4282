"""What a larger language costs: `python bench/language.py [--rounds N]`.

`run`, `check` and `explore` of the rules as they were before the language grew, by the program of now and of then, in
processor time with an empty cache; and how long `check` takes for each policy in examples/policies/. Writes
language.md.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from measure import HERE, ROOT, best_of
from statespace import as_before, processor_time
from table import Line, held, render

START = "3abd823"
"""The last commit before."""

COMMANDS = ("run", "check", "explore")
LOSS = 1.05
"""What may be lost of the shipped rules."""

SECONDS = 2
"""What the check of an example may take."""


def against_before(command: str, before: Path, rounds: int) -> Line:
    """The rules and scenarios of before, with the program of now and of before, taking turns."""
    there = f"{command} --machines {before / 'machines'}" + (f" {before / 'scenarios'}" if command == "run" else "")
    trees = {"now": ROOT, "before": before}
    times = best_of({name: partial(processor_time, tree, there) for name, tree in trees.items()}, rounds)
    ratio = times["now"] / times["before"]
    now, then = (f"{times[name]:.2f} s" for name in trees)
    return Line(f"simsync {command}", now, then, f"{ratio:.2f}", f"<= {LOSS}", held(ratio <= LOSS))


def of_example(folder: Path, rounds: int) -> Line:
    """The check of an example, with an empty cache."""
    command = f"check --machines {folder / 'machines'}"
    seconds = min(processor_time(ROOT, command) for _ in range(rounds))
    return Line(f"simsync check, {folder.name}", f"{seconds:.2f} s", "", "", f"< {SECONDS} s", held(seconds < SECONDS))


def main() -> None:
    """Measure, and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with as_before(START) as before:
        lines = [against_before(command, before, rounds) for command in COMMANDS]
    examples = sorted(path.parent for path in (ROOT / "examples" / "policies").glob("*/machines"))
    lines += [of_example(folder, rounds) for folder in examples]
    (HERE / "language.md").write_text(
        f"# The language, measured\n\n{render(lines)}\n\n"
        f"- Seconds of the processor's time, the best of {rounds} turns, with an empty cache; against: {START},\n"
        "  with the rules and scenarios of that commit on both sides.\n"
        f"- Python {sys.version.split()[0]}.\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
