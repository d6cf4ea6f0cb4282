"""Fuzzes from one seed to before another: `python tests/fuzz.py logs 0 100000 --jobs 8`, or `files`.

Prints what the inputs came to, and the first seeds with which something was wrong. `--cluster ADDRESS` has the workers
of a Dask cluster do it, where PYTHONPATH has the tests of this checkout.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from fuzzing import MAPPING, spoilt, try_mapping, try_scenario_file
from log_fuzzing import ROOT, model_of, try_log
from simsync.scenarios.loading import ScenarioLoader
from simsync.workers.workers import Where, Workers, where

FEW = 20
"""Inputs that are one task."""
SHOWN = 10


class Fuzzer:
    """Tries what seeds make of some kind of input."""

    def __init__(self, kind: str) -> None:
        self._try = {"logs": self._log, "files": self._files}[kind]
        texts = [path.read_text() for path in sorted((ROOT / "scenarios").glob("*.yaml"))]
        self._scenarios = [one for text in texts for one in text.split("\n---\n")]
        self._loader = ScenarioLoader(model_of(0).factory)

    def tried(self, seeds: Sequence[int]) -> list[str]:
        """What each seed came to; "wrong: " and why, where something is that must not be."""
        return [self._tried(seed) for seed in seeds]

    def _tried(self, seed: int) -> str:
        try:
            with tempfile.TemporaryDirectory() as folder:  # of its own: workers that were forked share all else
                return self._try(seed, Path(folder))
        except Exception as error:  # whatever it is, it is what was looked for
            return f"wrong: {type(error).__name__}: {error}"

    def _log(self, seed: int, folder: Path) -> str:
        return f"exit code {try_log(seed, folder)}"

    def _files(self, seed: int, folder: Path) -> str:
        random = Random(seed)
        text = spoilt(random, random.choice(self._scenarios))
        runs = try_scenario_file(self._loader, model_of(0), folder / "a.yaml", text)
        used = try_mapping(model_of(0), folder / "b.yaml", spoilt(random, MAPPING))
        return f"scenarios {'run' if runs else 'refused'}, mapping {'used' if used else 'refused'}"


def fuzzed(kind: str, seeds: range, place: Where) -> tuple[Counter[str], list[str]]:
    """How often what came of a seed, and what was wrong with which, in the order of the seeds."""
    counted, wrong = Counter[str](), list[str]()
    tasks = (seeds[start : start + FEW] for start in range(0, len(seeds), FEW))
    with Workers(place, Fuzzer, kind) as team:
        results = (one for some in team.each(Fuzzer.tried, tasks) for one in some)
        for seed, result in zip(seeds, results, strict=True):
            is_wrong = result.startswith("wrong: ")
            counted["wrong" if is_wrong else result] += 1
            if is_wrong:
                wrong.append(f"seed {seed}: {result}")
    return counted, wrong


def main() -> int:
    """Fuzz and tell; the exit code."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("kind", choices=["logs", "files"])
    options.add_argument("first", type=int)
    options.add_argument("last", type=int)
    options.add_argument("--jobs", type=int)
    options.add_argument("--cluster")
    chosen = options.parse_args()
    place = where(chosen.jobs, chosen.cluster, otherwise=1)
    counted, wrong = fuzzed(chosen.kind, range(chosen.first, chosen.last), place)
    for what, often in sorted(counted.items()):
        print(f"{often:8,}  {what}")
    print(*wrong[:SHOWN], sep="\n", end="\n" if wrong else "")
    return bool(wrong)


if __name__ == "__main__":
    import fuzz  # what workers are given is of a module that they find

    sys.exit(fuzz.main())
