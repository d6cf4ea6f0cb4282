"""How good suites are that simsync makes, beside other ways to test: `python bench/suites.py [--most STEPS]`.

All are judged alike, in one run, by the pairs of transitions that they cover and the mutants of the rules that they
kill. Writes suites.md, and killed.svg beside the docs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from judging import Judged, judge, loaded, until, written
from measure import HERE, ROOT, SIMSYNC, CommandError, walls
from plots import plotted
from simsync.mutation.mutants import mutants
from simsync.questions.coverage.goals import Criterion
from simsync.questions.coverage.suite import run_suite
from simsync.questions.generate.generate import generated, suite_text
from simsync.questions.generate.mutants import killing_text, mutation_suite
from simsync.questions.mutate.judge import judges, ways_of
from simsync.scenarios.scenario import Scenario
from simsync.workers.workers import Where, cores
from table import Line, held, render
from testers import LENGTH, MODEL, TESTERS, Tester

HAND, ALL = "written by hand", "made for mutants"
MADE = {f"made for {one}": one for one in (Criterion.PAIRS, Criterion.RULES, Criterion.CELLS)}
SEED = 1
NOTES = """
- A step is an action of a scenario. A pair is two transitions of a machine, one right after the other; these are all
  that a run with one item can reach, under some option of some reading. A mutant counts if anything that can be seen
  of one item tells it from the rules, under any readings; it is killed at the first step at which what can be seen
  is not what the rules say. Suites run in the order of their files. The scenarios written by hand leave some things to
  see unsaid where they name a link or a rule; `simsync mutate` counts these too, and has them kill all.
- Random walks are over the machine of one item that simsync makes from the rules: they know which actions make sense
  where, and what a step does. They begin anew after {length} steps. AALpy's oracles ask, with their own limits, what
  they would ask of a system that is this machine; actions that make no sense are not counted. hypothesis drives
  `simsync.state_machine`, with several items at a time. Every second sequence is about the rules as they are read, the
  others take turns with the other options of readings. All stop at {most:,} steps. Seed {seed}.
- Exploration is, in process: to walk through everything that can happen to one item under all combinations of readings,
  and to compare every mutant with it, on {cores} cores.
"""


def up_to(tester: Tester, most: int) -> Iterator[Scenario]:
    """Sequences with all their expectations, up to so many steps."""
    steps = 0
    for way in tester(SEED, most):
        yield from written(MODEL, [way])
        steps += len(way.events)
        if steps >= most:
            return


def contest(most: int) -> dict[str, Judged]:
    """Everybody, judged."""
    made = mutation_suite(MODEL, 0, Where(cores()), lambda *_: None)
    every = judge(MODEL, loaded(MODEL, killing_text(made)), range(len(mutants(MODEL))))
    if len(every.kills) != made.killed:
        raise CommandError(f"the suite for mutants kills {len(every.kills)} of {made.killed}")
    by_hand = [one.scenario for one in run_suite(MODEL, [str(ROOT / "scenarios")], hand_written=True)[0]]
    found = {ALL: every, HAND: _told(HAND, judge(MODEL, by_hand, every.kills))}
    for name, criterion in MADE.items():
        suite = loaded(MODEL, suite_text(generated(MODEL, criterion, 0)))
        found[name] = _told(name, judge(MODEL, suite, every.kills))
    for name, tester in TESTERS.items():
        found[name] = _told(name, judge(MODEL, up_to(tester, most), every.kills))
    return found


def _told(name: str, one: Judged) -> Judged:
    print(f"{name}: {one.steps:,} steps, {len(one.pairs)} pairs, {len(one.kills):,} mutants", file=sys.stderr)
    return one


def table(found: Mapping[str, Judged]) -> str:
    """A line for everybody."""
    pairs, killed, length = len(_pairs(found)), len(found[ALL].kills), found[ALL].steps
    head = [
        "Who",
        "Steps",
        f"to all {pairs} pairs",
        f"killed after {length} steps",
        "killed in the end",
        f"steps to all {killed:,} mutants",
    ]
    rows = [head, ["---"] * len(head)]
    for name, one in found.items():
        end = len(one.kills)
        rows.append([
            name,
            f"{one.steps:,}",
            _steps(until((one.pairs[p] for p in _pairs(found) if p in one.pairs), pairs), one.steps),
            f"{one.killed_by(length) / killed:.0%}",
            f"{end / killed:.1%}",
            _steps(until(one.kills.values(), killed), one.steps),
        ])  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _pairs(found: Mapping[str, Judged]) -> list[object]:
    return [*found["made for pairs"].pairs]


def _steps(number: int | None, most: int) -> str:
    return f"not in {most:,}" if number is None else f"{number:,}"


def exploration() -> float:
    """Seconds to compare every mutant with the rules."""
    start = time.perf_counter()
    with judges(MODEL, (), Where(cores())) as team:
        for _ in ways_of(team, range(len(mutants(MODEL))), lambda *_: None):
            pass
    return time.perf_counter() - start


def speed(rounds: int) -> list[Line]:
    """What simsync's own commands take, from start to end."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = ["sh", "-c", f"rm -rf {folder}/pairs; exec {SIMSYNC} generate --cover pairs --out {folder}/pairs"]
        mutate = [SIMSYNC, "mutate", "--hand-written", "scenarios"]
        took = walls({"pairs": fresh, "mutate": mutate}, rounds)
    explored = min(exploration() for _ in range(rounds))
    return [
        _line("simsync generate --cover pairs", took["pairs"], 5),
        _line("simsync mutate --hand-written", took["mutate"], 20),
        _line(f"exploration: {len(mutants(MODEL)):,} mutants compared with the rules", explored, 5),
    ]


def _line(what: str, seconds: float, most: float) -> Line:
    return Line(what, f"{seconds:.1f} s", goal=f"< {most:g} s", verdict=held(seconds < most))


def goals(found: Mapping[str, Judged]) -> list[Line]:
    """Fewer steps than anybody else."""
    pairs, killed = _pairs(found), len(found[ALL].kills)
    others = {name: one for name, one in found.items() if name in TESTERS}
    lines = []
    for what, name, needed in (
        (f"steps to all {len(pairs)} pairs", "made for pairs", len(pairs)),
        (f"steps to all {killed:,} mutants", ALL, killed),
    ):
        mine = found[name]
        took = {
            who: until(one.kills.values() if name == ALL else one.pairs.values(), needed) or one.steps
            for who, one in {**others, name: mine}.items()
        }
        best = min(others, key=lambda who: (-len(others[who].kills if name == ALL else others[who].pairs), took[who]))
        seen = len(others[best].kills if name == ALL else others[best].pairs)
        against = f"{took[best]:,} for {seen:,} of them, {best}"
        ratio = took[name] / took[best]
        lines.append(Line(what, f"{took[name]:,}", against, f"{ratio:.2f}x", "fewer than any", held(ratio < 1)))
    return lines


def plot(found: Mapping[str, Judged], path: Path) -> None:
    """Mutants killed by the number of steps run."""
    killed = len(found[ALL].kills)

    def draw(axes: Any) -> None:
        for name, one in found.items():
            at = [1, *sorted(one.kills.values()), one.steps]
            share = [0.0, *(100 * n / killed for n in range(1, len(one.kills) + 1)), 100 * len(one.kills) / killed]
            width, style = (1, "--") if name in TESTERS else (2.2, "-")
            axes.step(at, share, where="post", label=name, linewidth=width, linestyle=style)
        axes.set_xscale("log")
        axes.set_xlabel("steps run")
        axes.set_ylabel("% of mutants killed")
        axes.set_ylim(0, 101)

    plotted(path, (9, 4.8), draw)


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--most", type=int, default=20_000, help="steps of everybody else at most (default 20000)")
    asked.add_argument("--rounds", type=int, default=2, help="how often each command is timed (default 2)")
    options = asked.parse_args()
    try:
        lines = speed(options.rounds)
        found = contest(options.most)
    except CommandError as failed:
        print(f"suites: {failed}", file=sys.stderr)
        return 1
    lines = [*goals(found), *lines]
    notes = NOTES.format(length=LENGTH, most=options.most, seed=SEED, cores=Where(cores()))
    report = f"# Suites, measured\n\n{render(lines)}\n\n{table(found)}\n{notes}"
    (HERE / "suites.md").write_text(report, encoding="utf-8")
    plot(found, ROOT / "docs" / "killed.svg")
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
