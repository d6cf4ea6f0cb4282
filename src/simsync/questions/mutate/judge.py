"""The work of judging mutants, as tasks for workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeVar

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.mutation.mutants import mutants
from simsync.progress import Progress
from simsync.questions.mutate.altered import Unmutated
from simsync.questions.mutate.judging import Killer, SuiteUnderTest, told_apart
from simsync.scenarios.scenario import Scenario
from simsync.workers.workers import Where, Workers, chunks

MOST_RUN, MOST_COMPARED = 100, 300
"""Mutants of one task, which runs scenarios or compares with the rules: the more are compared at once, the quicker."""
_T = TypeVar("_T")


class MutantJudge:
    """What a worker keeps: the mutants of a model by number, a suite of scenarios, the rules to compare them with."""

    def __init__(self, model: Model, scenarios: Sequence[Scenario]) -> None:
        self.mutants = mutants(model)
        self.suite = SuiteUnderTest(model, scenarios)

    @cached_property
    def rules(self) -> Unmutated:
        """The rules that mutants are compared with, once a worker needs them."""
        return Unmutated(self.suite.model)

    def killers(self, numbers: Sequence[int]) -> list[tuple[int, Killer]]:
        """The killer of each of some mutants."""
        with collector_paused():
            return [(number, self.suite.killer(self.mutants[number])) for number in numbers]

    def kills(self, numbers: Sequence[int]) -> list[tuple[int, dict[int, int]]]:
        """For each of some mutants the scenarios that fail visibly under it, see :meth:`SuiteUnderTest.kills`."""
        with collector_paused():
            return [(number, self.suite.kills(self.mutants[number])) for number in numbers]

    def ways(self, numbers: Sequence[int]) -> list[tuple[int, Trace | None]]:
        """The scenario that tells each of some mutants from the rules, None if there is none."""
        with collector_paused():
            found = told_apart(self.rules, [self.mutants[number] for number in numbers])
            return list(zip(numbers, found, strict=True))


def judges(model: Model, scenarios: Sequence[Scenario], where: Where) -> Workers[MutantJudge]:
    """Workers that judge the mutants of a model by some scenarios."""
    return Workers(where, MutantJudge, model, scenarios, shared=lambda judge: judge.rules)


def killers_of(team: Workers[MutantJudge], numbers: Sequence[int], progress: Progress) -> Iterator[tuple[int, Killer]]:
    """The killer of each mutant."""
    return _in_chunks(team.each(MutantJudge.killers, chunks(numbers, MOST_RUN)), "mutants run", len(numbers), progress)


def kills_of(
    team: Workers[MutantJudge], numbers: Sequence[int], progress: Progress
) -> Iterator[tuple[int, dict[int, int]]]:
    """For each mutant all scenarios that fail visibly under it, with the number of steps to the first failure."""
    return _in_chunks(team.each(MutantJudge.kills, chunks(numbers, MOST_RUN)), "mutants run", len(numbers), progress)


def ways_of(
    team: Workers[MutantJudge], numbers: Sequence[int], progress: Progress
) -> Iterator[tuple[int, Trace | None]]:
    """The scenario that tells each of some mutants from the rules, None if there is none."""
    found = team.each(MutantJudge.ways, chunks(numbers, MOST_COMPARED))
    return _in_chunks(found, "mutants compared with the rules", len(numbers), progress)


def _in_chunks(found: Iterable[Sequence[_T]], what: str, of: int, progress: Progress) -> Iterator[_T]:
    done = 0
    for chunk in found:
        yield from chunk
        done += len(chunk)
        progress(what, done, of)
