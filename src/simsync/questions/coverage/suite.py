"""The use case behind `simsync coverage`: a suite measured, its holes as scenario files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from simsync.app import collector_paused, load_scenarios
from simsync.engine.model import Model
from simsync.errors import Code, not_among, usage_error
from simsync.generated_marker import is_ours
from simsync.progress import Progress, known, silent
from simsync.questions.coverage.coverage import Coverage, CoveredByRun, Hole, measured
from simsync.questions.coverage.goals import CRITERIA, Criterion, meaning, name_of
from simsync.report.made_titles import title_in_words
from simsync.scenarios.files import write_sealed
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult, run_scenario
from simsync.scenarios.writing import Document, as_yaml, expecting
from simsync.workers.workers import HERE, Where, Workers, chunks

MOST_RUN = 50
"""Scenarios of one task."""


def criteria_of(names: Iterable[str], option: str = "criteria") -> tuple[Criterion, ...]:
    """The criteria of some names, in the usual order; ``option`` is where they were given, for the report."""
    wanted = [name.strip() for name in names]
    _refuse_unknown(wanted, option)
    return tuple(criterion for criterion in CRITERIA if criterion in wanted)


def least_of(texts: Sequence[str], option: str = "--min") -> dict[Criterion, float]:
    """The shares, in percent, that are wanted at least: ``rules=100,pairs=80``."""
    parts = [part.partition("=") for text in texts for part in text.split(",")]
    _refuse_unknown([name.strip() for name, _, _ in parts], option)
    problems, least = [], {}
    for name, _, number in parts:
        try:
            share = float(number)
        except ValueError:
            share = -1.0
        if not 0 <= share <= 100:
            problems.append(f"'{name.strip()}={number}' is no share; a number from 0 to 100 is wanted, as in rules=100")
        least[Criterion(name.strip())] = share
    if problems:
        raise usage_error(option, *problems, code=Code.USAGE)
    return least


def _refuse_unknown(names: Iterable[str], option: str) -> None:
    problems = [not_among("a criterion", name, CRITERIA) for name in names if name not in set(CRITERIA)]
    if problems:
        raise usage_error(option, *problems)


def run_suite(
    model: Model, paths: Sequence[str], hand_written: bool = False
) -> tuple[list[ScenarioResult], list[ScenarioResult]]:
    """The scenarios at some places, run: those that pass, and those that fail.

    ``hand_written`` leaves out the files that are as simsync wrote them.
    Raises :class:`SimsyncError` with every problem of every file, and where nothing is left.
    """
    with collector_paused():
        results = [run_scenario(model, scenario) for scenario in _suite(model, paths, hand_written)]
    return [one for one in results if one.passed], [one for one in results if not one.passed]


def _suite(model: Model, paths: Sequence[str], hand_written: bool) -> list[Scenario]:
    scenarios = load_scenarios(*paths, model=model)
    if hand_written:
        ours = {file for file in {scenario.file for scenario in scenarios} if is_ours(file)}
        scenarios = [scenario for scenario in scenarios if scenario.file not in ours]
        if not scenarios:
            raise usage_error("--hand-written", "every scenario here was written by simsync", code=Code.NO_SCENARIO)
    return scenarios


def measured_suite(
    model: Model,
    paths: Sequence[str],
    criteria: Collection[Criterion],
    hand_written: bool = False,
    progress: Progress = silent,
    place: Where = HERE,
) -> Coverage:
    """What the scenarios at some places cover, which workers run; raises as :func:`run_suite` does."""
    with collector_paused():
        scenarios = _suite(model, paths, hand_written)
        with Workers(place, SuiteRunner, model) as team:
            runs, stopped = known(_covered(team, scenarios, progress))
        failed = [run_scenario(model, one) for one, run in zip(scenarios, runs, strict=False) if run is None]
        covered = [run for run in runs if run is not None]
        return replace(measured(model, covered, criteria, progress, stopped), failed=tuple(failed))


def _covered(
    team: Workers[SuiteRunner], scenarios: Sequence[Scenario], progress: Progress
) -> Iterator[CoveredByRun | None]:
    """What each scenario covers, None for one that fails."""
    done = 0
    for chunk in team.each(SuiteRunner.covered, chunks(scenarios, MOST_RUN)):
        yield from chunk
        done += len(chunk)
        progress("scenarios run", done, len(scenarios))


class SuiteRunner:
    """What a worker keeps: the model under which scenarios are run."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def covered(self, scenarios: Sequence[Scenario]) -> list[CoveredByRun | None]:
        """What each of some scenarios covers, None for one that fails."""
        with collector_paused():
            results = [run_scenario(self._model, scenario) for scenario in scenarios]
            return [CoveredByRun.of(self._model, result) if result.passed else None for result in results]


def write_holes(coverage: Coverage, folder: str, criteria: Collection[Criterion]) -> list[str]:
    """Write for each of some of the criteria measured a file of the scenarios that fill its holes; gives the paths."""
    return write_sealed(folder, "coverage", _files(coverage, criteria))


def _files(coverage: Coverage, criteria: Collection[Criterion]) -> dict[str, str]:
    bodies = {}
    for criterion in criteria:
        tally = coverage.tallies[criterion]
        by_way: dict[str, list[Hole]] = {}
        for hole in tally.missing:
            by_way.setdefault(repr(hole.way), []).append(hole)
        if by_way:
            counts = meaning(criterion, coverage.model.policy)
            head = f"# {criterion}: {counts}. What is expected is what the rules say today.\n\n"
            bodies[f"{criterion}.yaml"] = head + as_yaml(
                *(_document(coverage.model, holes) for holes in by_way.values())
            )
    return bodies


def _document(model: Model, holes: Sequence[Hole]) -> Document:
    """One scenario that fills some holes."""
    names, way = [name_of(model, hole.goal) for hole in holes], holes[0].way
    what = "this hole" if len(names) == 1 else f"{len(names)} holes"
    in_words = holes[0].goal.criterion is Criterion.CELLS  # a cell's name is, anyway
    title = names[0] if in_words else title_in_words(model, way)
    about = "" if names == [title] else f"It fills {what}: {'; '.join(names)}."
    return expecting(model, way, title, about)
