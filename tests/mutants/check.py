"""Mutation testing of simsync's own code (`make mutants`): what the quick tests let live, held to what is known equal.

    python tests/mutants/check.py [NAME...]     e.g. 'simsync.engine.step*'

mutmut changes the files that pyproject.toml names, and runs the tests that touch each change. A mutant that survives is
a hole in the tests, unless `equivalent.toml` says why nobody could tell it from the original. Exit code 1: there is a
survivor that is not listed there, or an entry that no mutant is like any more.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SURVIVED, UNTESTED, TYPES = 0, (5, 33), 37

Change = tuple[str, str]
"""The function that a mutant changes, and the lines that it takes away and puts in."""


def main() -> int:
    """Run the mutants, print what came of them, and give the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="mutants, as patterns; all without any")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="only tell what the last run came to")
    options = parser.parse_args()
    if not options.report:
        command = [str(Path(sys.executable).parent / "mutmut"), "run", "--max-children", str(options.jobs)]
        subprocess.run([*command, *options.names], cwd=ROOT, check=True)
    return _report(options.names)


def _report(names: list[str]) -> int:
    results = {name: code for name, code in _results() if not names or any(fnmatch(name, pattern) for pattern in names)}
    known = {(one["function"], _lines(one["change"].strip().splitlines())) for one in _listed()}
    alive = {name: _change(name) for name, code in results.items() if code == SURVIVED}
    untested = [name for name, code in results.items() if code in UNTESTED]
    print(_summary(results), _table(results, {name for name, change in alive.items() if change in known}), sep="\n\n")
    missed = {name: change for name, change in alive.items() if change not in known}
    for name, (function, lines) in missed.items():
        print(f"\nsurvives: {name}\n{function}\n{lines}")
    for name in untested:
        print(f"\nno test touches {name}")
    stale = [] if names else sorted(known - set(alive.values()))
    for function, lines in stale:
        print(f"\nlisted as equivalent, but no survivor is like it: {function}\n{lines}")
    return 1 if missed or untested or stale else 0


def _summary(results: dict[str, int | None]) -> str:
    count = Counter(results.values())
    told = {"killed by tests": sum(n for code, n in count.items() if code not in (SURVIVED, *UNTESTED, TYPES, None))}
    told |= {"killed by types": count[TYPES], "survived": count[SURVIVED], "not run": count[None]}
    return f"{len(results):,} mutants: " + ", ".join(f"{number:,} {what}" for what, number in told.items())


def _table(results: dict[str, int | None], equivalent: set[str]) -> str:
    """What came of the mutants of each file, as the table that ARCHITECTURE.md shows."""
    lines = ["| file | mutants | killed by tests | killed by types | equivalent | survive |", "| --- |" + " ---: |" * 5]
    files: dict[str, Counter[str]] = {}
    for name, code in results.items():
        alive = "equivalent" if name in equivalent else "survive"
        fate = {SURVIVED: alive, TYPES: "types", None: "not run"} | dict.fromkeys(UNTESTED, "survive")
        files.setdefault(name.rpartition(".")[0].partition(".")[2], Counter())[fate.get(code, "tests")] += 1
    for file, count in sorted(files.items()):
        fates = (f"{count[fate]:,}" for fate in ("tests", "types", "equivalent", "survive"))
        lines.append(f"| `{file.replace('.', '/')}.py` | {count.total():,} | {' | '.join(fates)} |")
    return "\n".join(lines)


def _results() -> Iterator[tuple[str, int | None]]:
    """Each mutant's name, and the code that mutmut ended with; None where it was not run."""
    for file in sorted((ROOT / "mutants" / "src").rglob("*.meta")):
        yield from json.loads(file.read_text())["exit_code_by_key"].items()


def _listed() -> list[dict[str, str]]:
    entries: list[dict[str, str]] = tomllib.loads((HERE / "equivalent.toml").read_text())["equivalent"]
    return entries


def _change(name: str) -> Change:
    """What a mutant changes, without the numbers that another change of the file would move."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    lines = get_diff_for_mutant(name).splitlines()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    function = name.rpartition("__mutmut_")[0].replace("xǁ", "").replace("ǁ", ".").replace(".x_", ".")
    return function, _lines(changed)


def _lines(changed: list[str]) -> str:
    """Lines taken away and put in, without their indentation, which mutmut shows of a method as of a function."""
    return "\n".join(f"{line[0]} {line[1:].strip()}" for line in changed)


if __name__ == "__main__":
    sys.exit(main())
