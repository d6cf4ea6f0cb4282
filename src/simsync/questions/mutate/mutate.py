"""The use case behind `simsync mutate`: every mutant judged, on several cores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.errors import Code, Diagnostic, SimsyncError, not_among, usage_error
from simsync.progress import Progress
from simsync.questions.coverage.suite import run_suite
from simsync.questions.mutate.judging import Fate, Judgement, judged
from simsync.questions.mutate.mutants import OPERATORS, mutants
from simsync.questions.mutate.report import Score, title_of
from simsync.questions.mutate.workers import Team
from simsync.report.full_scenario import full_scenario
from simsync.scenarios.files import write_sealed
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A suite judged by mutants of the rules."""

    model: Model
    scenarios: tuple[Scenario, ...]
    judgements: tuple[Judgement, ...]

    @property
    def survivors(self) -> list[Judgement]:
        """The mutants that survived."""
        return [one for one in self.judgements if one.fate is Fate.SURVIVED]

    @staticmethod
    def tally(judgements: Iterable[Judgement]) -> tuple[int, int]:
        """How many of some mutants were killed, and how many there are; those equal to the rules do not count."""
        fates = [one.fate for one in judgements if one.fate is not Fate.EQUIVALENT]
        return sum(fate is Fate.KILLED for fate in fates), len(fates)


def mutation(
    model: Model,
    paths: Sequence[str],
    jobs: int,
    progress: Progress,
    citing: Collection[str] = (),
    hand_written: bool = False,
) -> Mutation:
    """Judge every mutant of the rules by the scenarios at some places, or those of rules that cite something.

    Raises :class:`SimsyncError` with every problem of every file, with every scenario that fails before anything is
    mutated, and for a citation that there is not.
    """
    known = model.policy.citations
    if problems := [not_among("a statement, gap or page", name, known) for name in citing if name not in known]:
        raise usage_error("--source", *problems)
    passed, failed = run_suite(model, paths, hand_written)
    if failed:
        raise SimsyncError(map(_fails_already, failed))
    scenarios = tuple(result.scenario for result in passed)
    made = mutants(model)
    numbers = [n for n, mutant in enumerate(made) if not citing or set(citing) & set(mutant.sources)]
    with collector_paused(), Team(model, scenarios, jobs) as team:
        killers = dict(team.killers(numbers, progress))
        ways = dict(team.ways([number for number in numbers if not killers[number].visible], progress))
    judgements = [judged(made[number], killers[number], ways.get(number)) for number in numbers]
    return Mutation(model=model, scenarios=scenarios, judgements=tuple(judgements))


def _fails_already(result: ScenarioResult) -> Diagnostic:
    message = "this scenario fails before any rule is mutated; a suite is judged by mutants only if it passes"
    return Diagnostic(file=result.scenario.file, line=result.scenario.line, col=1, code=Code.USAGE, message=message)


def write_killers(made: Mutation, folder: str) -> list[str]:
    """Write the scenarios that would kill the survivors into a file; gives its path, if there is one."""
    by_way: dict[str, list[Judgement]] = {}
    for one in made.survivors:
        by_way.setdefault(repr(one.way), []).append(one)
    if not by_way:
        return []
    head = "# What no scenario would notice yet. What is expected is what the rules say today.\n\n"
    documents = [_document(made.model, survivors) for survivors in by_way.values()]
    return write_sealed(folder, "mutate", {"survivors.yaml": head + "---\n".join(documents)})


def _document(model: Model, survivors: Sequence[Judgement]) -> str:
    way = survivors[0].way
    assert way is not None
    mutants = [one.mutant for one in survivors]
    about = f"It fails if {'; if '.join(mutant.what for mutant in mutants)}." if len(mutants) > 1 else ""
    return full_scenario(model, way, title_of(mutants[0]), about)


def score_of(made: Mutation, citing: Collection[str] = ()) -> Score:
    """The score of a suite: in total, for each operator, and for each statement by what rests on it.

    Only for the statements among ``citing``, if it names any source: of others, not all mutants were judged.
    """
    statements = [s for s in made.model.policy.citations.statements if not citing or s in citing]
    return Score(
        model=made.model,
        scenarios=made.scenarios,
        judgements=made.judgements,
        total=made.tally(made.judgements),
        operators={o: made.tally(one for one in made.judgements if one.mutant.operator is o) for o in OPERATORS},
        statements={s: made.tally(one for one in made.judgements if s in one.mutant.sources) for s in statements},
    )
