"""A suite for any criterion that suites are made for: covered, proven, or killing every mutant."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.errors import Code, usage_error
from simsync.progress import Progress, silent
from simsync.questions.coverage.coverage import WHY
from simsync.questions.coverage.goals import Criterion, meaning, name_of
from simsync.questions.generate import generate, mutants, w_method
from simsync.questions.generate.covering import Generated
from simsync.questions.generate.mutants import MutationSuite
from simsync.questions.generate.w_method import Completed
from simsync.scenarios.files import write_alone
from simsync.workers.workers import Where, cores, where


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A suite that was made: as a value, as a scenario file, what it comes to, and what there is to say besides."""

    criterion: str
    value: Generated | MutationSuite | Completed
    text: Callable[[], str]
    summary: str
    notes: tuple[str, ...] = ()


def suite(
    model: Model,
    criterion: str,
    *,
    seed: int | None = None,
    jobs: int | None = None,
    cluster: str | None = None,
    kinds: Collection[str] = (),
    extra: int | None = None,
    progress: Progress = silent,
) -> Suite:
    """The suite for a criterion of coverage, for ``mutants`` or ``w-method``.

    Raises :class:`SimsyncError` for another criterion, and for what says nothing about the one that is asked for.
    """
    given = (
        {"--extra-states": extra is not None, "--kind": bool(kinds)},
        {"--jobs": jobs is not None, "--cluster": cluster is not None},
    )
    for options, only in zip(given, (generate.W_METHOD, mutants.NAME), strict=True):
        if criterion != only and (option := next((name for name, said in options.items() if said), None)):
            raise usage_error(option, f"this is for --cover {only}", code=Code.USAGE)
    if criterion == generate.W_METHOD:
        if seed is not None:
            raise usage_error("--seed", f"--cover {criterion} leaves nothing to chance", code=Code.USAGE)
        return _proven(model, kinds, extra or 0, progress)
    if criterion == mutants.NAME:
        return _killing(model, seed or 0, where(jobs, cluster, cores()), progress)
    return _covering(model, criterion, seed or 0, progress)


def _proven(model: Model, kinds: Collection[str], extra: int, progress: Progress) -> Suite:
    made = w_method.completed(model, kinds, extra, progress)
    return Suite(
        criterion=generate.W_METHOD,
        value=made,
        text=lambda: w_method.complete_text(made, progress),
        summary=made.summary,
        notes=(made.guarantee,),
    )


def _killing(model: Model, seed: int, place: Where, progress: Progress) -> Suite:
    made = mutants.mutation_suite(model, seed, place, progress)
    return Suite(
        criterion=mutants.NAME, value=made, text=lambda: mutants.killing_text(made), summary=mutants.summary(made)
    )


def _covering(model: Model, name: str, seed: int, progress: Progress) -> Suite:
    criterion = generate.criterion_of(name)
    made = generate.generated(model, criterion, seed, progress)
    left = [f"out of reach, {len(made.unreachable)}: {WHY[criterion]}"] if made.unreachable else []
    left += [f"  {name_of(model, goal)}" for goal in made.unreachable]
    if model.policy.machines and criterion is Criterion.PAIRS:
        left.append(f"covered are {meaning(criterion, model.policy)}")
    return Suite(
        criterion=criterion,
        value=made,
        text=lambda: generate.suite_text(made),
        summary=generate.summary(made),
        notes=tuple(left),
    )


def write_suite(made: Suite, folder: str) -> str:
    """Write a suite into a directory that holds nothing but what simsync wrote; gives the path.

    Raises :class:`SimsyncError` where a scenario file of someone else is in that directory; then nothing is written.
    """
    return write_alone(folder, "generate", {f"{made.criterion}.yaml": made.text()})
