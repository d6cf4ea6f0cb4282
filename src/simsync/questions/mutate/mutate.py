"""The use case behind `simsync mutate`: every mutant judged, by several workers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.errors import Code, Diagnostic, SimsyncError, not_among, usage_error
from simsync.mutation.mutants import OPERATORS, mutants
from simsync.progress import Progress, known
from simsync.questions.coverage.suite import run_suite
from simsync.questions.mutate.judge import judges, killers_of, ways_of
from simsync.questions.mutate.judging import Judgement, MutantStatus, judged
from simsync.questions.mutate.report import Score, Tally, Unjudged
from simsync.report.made_titles import titles_in_words
from simsync.scenarios.files import write_sealed
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult
from simsync.scenarios.writing import Document, as_yaml, expecting
from simsync.workers.workers import Where


def mutation(
    model: Model,
    paths: Sequence[str],
    where: Where,
    progress: Progress,
    citing: Collection[str] = (),
    hand_written: bool = False,
) -> Score:
    """Judge every mutant of the rules by the scenarios at some places, or those of rules that cite something.

    An interruption leaves those out that were not judged by then. Raises :class:`SimsyncError` with every problem of
    every file, with every scenario that fails before anything is mutated, and for a citation that there is not.
    """
    cited = model.policy.citations
    if problems := [
        not_among(f"a statement, gap or {model.words.page}", name, cited) for name in citing if name not in cited
    ]:
        raise usage_error("--source", *problems)
    passed, failed = run_suite(model, paths, hand_written)
    if failed:
        raise SimsyncError(map(_fails_already, failed))
    scenarios = tuple(result.scenario for result in passed)
    made = mutants(model)
    numbers = [n for n, mutant in enumerate(made) if not citing or set(citing) & set(mutant.sources)]
    with collector_paused(), judges(model, scenarios, where) as team:
        run, stopped = known(killers_of(team, numbers, progress))
        killers, ways = dict(run), dict[int, Trace | None]()
        unseen = [number for number in killers if not killers[number].visible]
        if stopped is None:
            compared, stopped = known(ways_of(team, unseen, progress))
            ways = dict(compared)
    sure = [number for number in killers if killers[number].visible or number in ways]
    judgements = [judged(made[number], killers[number], ways.get(number)) for number in sure]
    left = len(numbers) - len(sure)
    open_ones = Unjudged(stopped, left, len(unseen) - len(ways)) if stopped and left else None
    return _score(model, scenarios, judgements, citing, open_ones)


def _fails_already(result: ScenarioResult) -> Diagnostic:
    message = "this scenario fails before any rule is mutated; a suite is judged by mutants only if it passes"
    return Diagnostic(file=result.scenario.file, line=result.scenario.line, col=1, code=Code.USAGE, message=message)


def write_killers(made: Score, folder: str) -> list[str]:
    """Write the scenarios that would kill the survivors into a file; gives its path, if there is one."""
    by_way: dict[str, list[Judgement]] = {}
    for one in made.survivors:
        by_way.setdefault(repr(one.way), []).append(one)
    if not by_way:
        return []
    head = "# What no scenario would notice yet. What is expected is what the rules say today.\n\n"
    titles = titles_in_words(made.model, (each[0].way for each in by_way.values() if each[0].way is not None))
    documents = [_document(made.model, *one) for one in zip(by_way.values(), titles, strict=True)]
    return write_sealed(folder, "mutate", {"survivors.yaml": head + as_yaml(*documents)})


def _document(model: Model, survivors: Sequence[Judgement], title: str) -> Document:
    way = survivors[0].way
    assert way is not None
    mutants = [one.mutant for one in survivors]
    about = f"It fails if {'; if '.join(mutant.what for mutant in mutants)}."
    return expecting(model, way, title, about)


def _score(
    model: Model,
    scenarios: Sequence[Scenario],
    judgements: Sequence[Judgement],
    citing: Collection[str],
    unjudged: Unjudged | None,
) -> Score:
    """In total, for each operator, and for each statement by what rests on it.

    Only for the statements among ``citing``, if it names any source: of others, not all mutants were judged.
    """
    statements = [s for s in model.policy.citations.statements if not citing or s in citing]
    return Score(
        model=model,
        scenarios=scenarios,
        judgements=tuple(judgements),
        unjudged=unjudged,
        total=_tally(judgements),
        operators={o: _tally(one for one in judgements if one.mutant.operator is o) for o in OPERATORS},
        statements={s: _tally(one for one in judgements if s in one.mutant.sources) for s in statements},
    )


def _tally(judgements: Iterable[Judgement]) -> Tally:
    """How many of some mutants were killed, and how many there are; those equal to the rules do not count."""
    fates = [one.fate for one in judgements if one.fate is not MutantStatus.EQUIVALENT]
    return sum(fate is MutantStatus.KILLED for fate in fates), len(fates)
