"""How fast `simsync explore` visits every state, beside model checkers that were given the same policy by hand.

    python bench/exploring.py [--most N] [--limit SECONDS] [--only NAME]...

Every contestant is a process of its own, in one run. All that visit states one by one have to count the same; what is
reported are ratios. Writes exploring.md, and growth.svg beside the docs: what a number of items costs, with and without
reduction.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from checkers import BITS, CONTESTANTS, Ran, contest, disagreement, limited, table
from measure import HERE, ROOT, SIMSYNC, Command, CommandError, output, python, walls
from plots import plotted
from table import Line, held, render

SPIN = "Spin, depth first"
OURS, COUNTED = "simsync, visiting", "simsync, counting"
NOTES = """
- The checkers' models are written by hand (bench/peers/), with the limits and options that their users would choose
  for speed; compiling them is shown apart. simsync reads machines/, makes its transition table, and checks all
  properties; every state's depth is kept, so that a shortest trace to any of them can be found. Starts are in all
  times.
- *Visiting* is `simsync explore --no-symmetry`: every state, each item told from the others. *Counting* is `simsync
  explore`: items that share nothing but the status need not be put together to know all their states.
- Symmetry in Rumur and TLC reduces to one state for each set of item states, like counting; they count transitions
  otherwise then.
- Checkers with more items than stand here would have been over the run's limit of seconds.
- *In process* times are those that simsync itself reports: without Python's start and loading the rules.
"""


def ours(items: int, *options: str, name: str) -> Ran:
    """One run of simsync explore; with a kept transition table, as every run after the first."""
    command: Command = [SIMSYNC, "explore", "--items", str(items), "--format", "json", *options]
    with tempfile.TemporaryDirectory() as folder:
        said, seconds, core_seconds, megabytes, _ = limited(command, Path(folder), 3600)
    found: dict[str, Any] = json.loads(said)
    if found["verdict"] != "holds":
        raise CommandError(f"{' '.join(command)}: {found['verdict']}")
    return Ran(
        checker=name,
        items=items,
        symmetry=name == COUNTED,
        compiled=0,
        seconds=seconds,
        core_seconds=core_seconds,
        megabytes=megabytes,
        states=found["states"],
        transitions=found["transitions"],
    )


def reported(items: int) -> float:
    """The seconds that simsync explore itself reports, with a kept transition table; the best of a few."""
    command = [SIMSYNC, "explore", "--items", str(items), "--format", "json"]
    return min(float(json.loads(output(command))["seconds"]) for _ in range(3))


def tabling() -> float:
    """Seconds that the transition table of the shipped model takes, nothing being decided yet; the best of a few."""
    code = "import time, simsync; from simsync.statespace.transition_table import transition_table"
    code += "; from simsync.app import collector_paused"
    code += "; m = simsync.load_model(); t = time.perf_counter()\nwith collector_paused(): transition_table(m)"
    code += "\nprint(time.perf_counter() - t)"
    return min(float(output(python("-c", code))) for _ in range(3))


def goals(runs: Sequence[Ran]) -> list[Line]:
    """What was aimed for, and what came of it."""
    by_name = {(ran.checker, ran.items): ran for ran in runs}
    lines = []
    most = max(ran.items for ran in runs if ran.checker == OURS)
    for items in range(2, most + 1):
        ran = by_name[OURS, items]
        assert ran.rate is not None
        assert ran.states is not None
        spin = by_name.get((SPIN, items))
        if spin is not None and spin.rate is not None and items > 2:
            ratio, memory = ran.rate / spin.rate, ran.megabytes / spin.megabytes
            against = f"{spin.rate:,.0f} states/s, {SPIN}"
            what = f"{items} items, {ran.states:,} states"
            lines.append(Line(what, f"{ran.rate:,.0f} states/s", against, f"{ratio:.0f}x", "≥ 20x", held(ratio >= 20)))
            against = f"{spin.megabytes:,.0f} MB, {SPIN}"
            lines.append(
                Line(what, f"{ran.megabytes:,.0f} MB", against, f"{memory:.2f}x", "≤ 0.25x", held(memory <= 0.25))
            )
        if ran.states >= 1e7:
            lines.append(
                Line(f"{items} items", f"{ran.rate:,.0f} states/s", goal="≥ 5 million", verdict=held(ran.rate >= 5e6))
            )
            for states, limit in ((1e7, 3), (1e9, 120)):
                if ran.states >= states:
                    took = ran.seconds * states / ran.states
                    what = f"{items} items, {states:.0e} states' share of the time"
                    lines.append(Line(what, f"{took:.1f} s", goal=f"< {limit} s", verdict=held(took < limit)))
    for items, most_seconds in ((3, 0.3), (6, 10.0), (1000, 10.0)):
        took = reported(items)
        lines.append(
            Line(
                f"{items} items, counted; in process",
                f"{took:.2f} s",
                goal=f"< {most_seconds:g} s",
                verdict=held(took < most_seconds),
            )
        )
    took = reported(2)
    lines.append(Line("any number of items, in process", f"{took:.2f} s", goal="< 1 s", verdict=held(took < 1)))
    return lines


def cold() -> list[Line]:
    """The default command from its start to its end, with nothing kept and with what an earlier run kept."""
    with tempfile.TemporaryDirectory() as folder:
        env = ["env", f"XDG_CACHE_HOME={folder}"]
        fresh = ["sh", "-c", f"rm -rf {folder}/simsync; exec env XDG_CACHE_HOME={folder} {SIMSYNC} explore"]
        made = walls({"nothing kept": fresh}, 5)["nothing kept"]
        kept = walls({"kept": [*env, SIMSYNC, "explore"]}, 5)["kept"]
    return [
        Line("simsync explore, nothing kept from before", f"{made:.2f} s", goal="< 1 s", verdict=held(made < 1)),
        Line("simsync explore, transition table kept", f"{kept:.2f} s", goal="< 1 s", verdict=held(kept < 1)),
        Line(
            "making the transition table, in process",
            f"{(took := tabling()):.2f} s",
            goal="< 0.5 s",
            verdict=held(took < 0.5),
        ),
    ]


def plot(runs: Sequence[Ran], path: Path) -> None:
    """Seconds by the number of items."""

    def draw(axes: Any) -> None:
        for name in dict.fromkeys(ran.checker for ran in runs):
            points = [(ran.items, ran.seconds) for ran in runs if ran.checker == name and ran.states is not None]
            bold = name in (OURS, COUNTED)
            axes.plot(*zip(*points, strict=True), marker="o", label=name, linewidth=2.5 if bold else 1)
        axes.set_yscale("log")
        axes.set_xlabel("items")
        axes.set_ylabel("seconds, start to end")

    plotted(path, (8, 4.5), draw)


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--most", type=int, default=4, help="up to how many items simsync visits (default 4)")
    asked.add_argument("--limit", type=float, default=120, help="seconds for one run of a checker (default 120)")
    asked.add_argument("--only", action="append", metavar="NAME", help="this checker only; repeatable")
    options = asked.parse_args()
    chosen = [one for one in CONTESTANTS if not options.only or one.name in options.only]
    missing = {one.program for one in chosen if shutil.which(one.program) is None}
    if missing:
        print(f"exploring: not installed: {', '.join(sorted(missing))}", file=sys.stderr)
        return 1
    try:
        runs = [ours(items, "--no-symmetry", "--max-memory", "16G", name=OURS) for items in range(1, options.most + 1)]
        for ran in contest(BITS, options.limit, chosen):
            print(f"{ran.items} x {ran.checker}: {ran.seconds:.1f} s", file=sys.stderr)
            runs.append(ran)
        if (wrong := disagreement(runs)) is not None:
            raise CommandError(wrong)
        runs += [ours(items, name=COUNTED) for items in (1, 2, 3, 4, 6, 8, 10, 20)]
        lines = [*goals(runs), *cold()]
    except CommandError as failed:
        print(f"exploring: {failed}", file=sys.stderr)
        return 1
    visited = sorted((ran for ran in runs if ran.items <= options.most), key=lambda ran: (ran.items, ran.checker))
    report = f"# Every state, measured\n\n{render(lines)}\n\n{table(visited)}\n{NOTES}"
    (HERE / "exploring.md").write_text(report, encoding="utf-8")
    plot(runs, ROOT / "docs" / "growth.svg")
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
