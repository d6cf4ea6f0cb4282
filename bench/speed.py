"""Every number that simsync promises, in one table: `python bench/speed.py`; also written to bench/results.md.

What is compared with what, and what is fair about it, is said with each measurement below and under the table.
Ratios only mean something within one run; see `measure.py`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from contenders import Contest, prepare
from generate import generate
from measure import HERE, ROOT, SIMSYNC, CommandError, best_of, concurrently, inside, output, python, wall, walls
from simsync.drawing.render import FORMS, renderer
from table import Line, held, render

SCENARIOS, FILES, SEED = 2000, 40, 1
MEMORY_SCENARIOS, MEMORY_FILES = 11_200, 200


def parser_limit(work: Path, rounds: int) -> list[Line]:
    """`simsync run` against parsing and constructing the same bytes with PyYAML's C loader, which checks nothing."""
    walks = work / "walks"
    steps = generate(walks, SCENARIOS, FILES, SEED)
    size = sum(path.stat().st_size for path in walks.glob("*.yaml")) / 1e6
    what = f"{SCENARIOS:,} scenarios, {steps:,} steps, {size:.1f} MB"
    outside = walls(
        {
            "text": [SIMSYNC, "run", str(walks)],
            "c loader": python(HERE / "load_yaml.py", walks),
            "json": [SIMSYNC, "run", str(walks), "--format", "json"],
        },
        rounds,
    )
    within = inside("parse", walks, rounds)
    lines = []
    for name, found in (("process", outside), ("in-process", within)):
        for form in ("text", "json"):
            ratio = found[form] / found["c loader"]
            goal = "≤ 1.5x" if form == "text" else ""
            measured = f"{found[form]:.2f} s, {steps / found[form]:,.0f} steps/s"
            other = f"{found['c loader']:.2f} s, C loader alone"
            verdict = held(ratio <= 1.5) if goal else ""
            lines.append(Line(f"{what}; {name}, {form}", measured, other, f"{ratio:.2f}x", goal, verdict))
    return lines


def peers(work: Path, rounds: int) -> list[Line]:
    """Checked steps a second, against tools that read scenarios too, each in its own runner.

    From each contestant's time that of a run of one scenario is taken off, so that start-up counts for nobody.
    """
    contest = prepare(work / "walks", work / "peers", SCENARIOS // 2)
    commands = {f"{name} {size}": c for name, both in contest.commands.items() for size, c in both.items()}
    best = walls(commands, rounds)
    rates = {n: contest.steps / (best[f"{n} all"] - best[f"{n} one"]) for n in contest.commands}
    fastest = max(rates[name] for name in Contest.PEERS)
    lines = []
    for name in Contest.PEERS:
        for mine in Contest.OURS:
            ratio = rates[mine] / rates[name]
            goal = "≥ 3x the fastest" if rates[name] == fastest else ""
            verdict = held(ratio >= 3) if goal else ""
            ours, theirs = f"{rates[mine]:,.0f} steps/s", f"{rates[name]:,.0f} steps/s, {name}"
            lines.append(Line(f"{contest.steps:,} steps; {mine}", ours, theirs, f"{ratio:.1f}x", goal, verdict))
    return [*lines, *engines(work / "peers" / "simsync all", rounds)]


def engines(folder: Path, rounds: int) -> list[Line]:
    """The engine alone, no files and no checks: against a model written by hand, and against firing machines."""
    found = inside("engine", folder, rounds)
    rates = {name: found["steps"] / found[name] for name in ("step", "by hand", "transitions")}
    what, ours = f"{found['steps']:,} steps, no files: step() alone", f"{rates['step']:,.0f} steps/s"
    others = {"by hand": "hand-written model", "transitions": f"{found['firings']:,} bare transitions"}
    return [
        Line(what, ours, f"{rates[name]:,.0f} steps/s, {other}", f"{rates['step'] / rates[name]:.2f}x")
        for name, other in others.items()
    ]


def cold_start(_work: Path, rounds: int) -> list[Line]:
    """A whole `simsync run` of the shipped scenarios, and what importing costs over starting Python."""
    files = sum(1 for pattern in ("*.yaml", "*.yml") for _ in (ROOT / "scenarios").rglob(pattern))
    best = walls(
        {
            "bare": python("-c", "pass"),
            "import simsync": python("-c", "import simsync"),
            "import simsync; simsync.load_model": python("-c", "import simsync; simsync.load_model"),
        },
        3 * rounds,
    )
    run = walls({"run": [SIMSYNC, "run", "scenarios"]}, rounds, allowed=(0, 1, 2))["run"]
    lines = [Line(f"simsync run, {files} shipped files", f"{run * 1e3:.0f} ms", "", "", "≤ 500 ms", held(run <= 0.5))]
    for name in list(best)[1:]:
        cost = best[name] - best["bare"]
        bare = f"{best['bare'] * 1e3:.0f} ms, bare Python"
        goal = ("≤ 120 ms", held(cost <= 0.12)) if name == "import simsync" else ("", "")
        lines.append(Line(name, f"{cost * 1e3:.0f} ms more", bare, "", *goal))
    return lines


def memory(work: Path, _rounds: int) -> list[Line]:
    """The peak of one run over many files, of which no more than one should be in memory."""
    folder = work / "many"
    steps = generate(folder, MEMORY_SCENARIOS, MEMORY_FILES, SEED)
    lines = []
    for form in ("text", "json"):
        peak = float(output(python(HERE / "peak.py", SIMSYNC, "run", folder, "--format", form)))
        what = f"peak memory, {steps:,} steps in {MEMORY_FILES} files, {form}"
        lines.append(Line(what, f"{peak:.0f} MB", "", "", "≤ 300 MB", held(peak <= 300)))
    return lines


def pictures(work: Path, rounds: int) -> list[Line]:
    """Every diagram of the shipped rules, against the renderer alone; and rulebooks."""
    command = renderer()
    if command is None:
        raise CommandError("there is no renderer; install Graphviz or graphviz-pure")
    dots = sorted((ROOT / "diagrams").glob("*.dot"))
    alone = [[command, f"-T{form}", "-o", str(work / f"{p.stem}.{form}"), str(p)] for p in dots for form in FORMS]
    together = [
        [command, "-Tsvg", "-o", str(work / f"{p.stem}.svg"), "-Tpng", "-o", str(work / f"{p.stem}.png"), str(p)]
        for p in dots
    ]
    best = best_of(
        {
            "simsync": lambda: wall([SIMSYNC, "diagrams", "--out", str(work / "drawn")]),
            "alone": lambda: concurrently(alone),
            "together": lambda: concurrently(together),
        },
        3 * rounds,
    )
    what, ours = f"all diagrams, {2 * len(dots)} pictures and their texts", f"{best['simsync']:.2f} s"
    ratio = best["simsync"] / best["alone"]
    name = Path(command).name
    lines = [
        Line(what, ours, "", "", "≤ 2 s", held(best["simsync"] <= 2)),
        Line(what, ours, f"{best['alone']:.2f} s, {name} a picture", f"{ratio:.2f}x", "≤ 1.3x", held(ratio <= 1.3)),
        Line(what, ours, f"{best['together']:.2f} s, {name} a diagram", f"{best['simsync'] / best['together']:.2f}x"),
    ]
    for scenarios, goal in ((60, 3.0), (SCENARIOS, None)):
        folder, book = work / f"book-{scenarios}", work / "rulebook.html"
        generate(folder, scenarios, 10, SEED)
        seconds = walls({"book": [SIMSYNC, "rulebook", str(folder), "--out", str(book)]}, rounds)["book"]
        size = f"{book.stat().st_size / 1e6:.1f} MB"
        limit = (f"≤ {goal:.0f} s", held(seconds <= goal)) if goal else ("", "")
        lines.append(Line(f"rulebook of {scenarios:,} random walks, {size}", f"{seconds:.2f} s", "", "", *limit))
    return lines


NOTES = """\
What is fair about it:

- Contestants take turns in one run and count with their best round; every one runs in a process of its own.
- The scenarios are random walks, half under the default readings, half each under a random mix of its own, with every
  expectation the format has for each step but `rule`. The C loader builds dicts of the same bytes and checks nothing.
- *Process* is each command as users run it, with its start-up; `simsync run` pauses Python's cycle collector, the C
  loader's script does not. *In-process* the collector is paused for both; the rules are loaded, nothing is decided yet.
- Peers run the walks under default readings, in as many files, under their own runners with the leanest output;
  the time of one scenario is taken off as start-up, from all contestants. *All expectations* are those generated;
  *the peers' checks* are the same scenarios with the verdict, the status and every link only.
- sismic: its BDD runner (behave) with sismic's own steps and a statechart of the status and one item's link; checked
  are the status and the first item's link after every step, not whether it synced or is refused, nor other items.
- pytest-bdd: a hand-written model over a `transitions` machine; checked are refused or synced, the status and every
  item's link, not what tickets show, nor who is notified. No other pytest plugin is loaded.
- The hand-written model alone is the one behind pytest-bdd: policy in code, default readings, no texts on copies, no
  notifications, no deciding rules; it changes its items in place, while `step()` returns a new world each time.
- Bare transitions: the status action of each step and the link triggers that really fire, called from Python lists with
  the state set beforehand, without conditions; what fires is known beforehand, so that deciding it is free, and a step
  that fires nothing costs nothing. `step()` decides, applies and explains; it starts without any remembered decision.
- The renderer alone is run on the same DOT files, as many at a time as there are cores: once *a picture*, SVG and PNG,
  or once *a diagram* for both. simsync starts Python, loads and checks the rules, draws all texts, and renders.
"""


def versions() -> str:
    """The versions of everything measured."""
    from yaml._yaml import get_version_string

    names = ("simsync", "PyYAML", "transitions", "sismic", "behave", "pytest", "pytest-bdd", "click")
    python_version = ".".join(map(str, sys.version_info[:3]))
    found = [f"Python {python_version}", *(f"{name} {version(name)}" for name in names)]
    return f"Versions: {', '.join(found)}, libyaml {get_version_string()}."


SECTIONS: dict[str, Callable[[Path, int], list[Line]]] = {
    "Parser limit": parser_limit,
    "Peers": peers,
    "Cold start": cold_start,
    "Memory": memory,
    "Pictures": pictures,
}


def main() -> int:
    """The command line."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rounds", type=int, default=5, help="how often each contestant runs (default 5)")
    rounds = asked.parse_args().rounds
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # everyone may keep compiled modules, as installed programs do
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        for title, measure in SECTIONS.items():
            print(f"{title} ...", file=sys.stderr)
            try:
                lines += [Line(f"**{title}**"), *measure(Path(folder), rounds)]
            except CommandError as failed:
                print(f"speed: {failed}", file=sys.stderr)
                return 1
    report = f"# simsync, measured\n\n{render(lines)}\n\n{NOTES}\n{versions()}\n"
    (HERE / "results.md").write_text(report, encoding="utf-8")
    print(report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
