"""The use case behind `simsync generate`: a suite for a criterion, written as a scenario file."""

from __future__ import annotations

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.engine.trace import simulate
from simsync.errors import not_among, usage_error
from simsync.progress import Progress, silent
from simsync.questions.coverage.goals import Criterion, covered_at, meaning, name_of
from simsync.questions.generate.covering import CAN_BE_COVERED, Generated, Story, generate
from simsync.questions.generate.mutants import NAME as MUTANTS
from simsync.report.made_titles import title_in_words, told_apart
from simsync.report.phrases import counted
from simsync.scenarios.writing import Document, as_yaml, expecting

W_METHOD = "w-method"
"""The criterion that is none of coverage, but a proof; see :mod:`simsync.questions.generate.w_method`."""


def criterion_of(name: str) -> Criterion:
    """The criterion of a name; raises :class:`SimsyncError` where a suite cannot be made for it."""
    if name not in CAN_BE_COVERED:
        known = (*CAN_BE_COVERED, MUTANTS, W_METHOD)
        raise usage_error("--cover", not_among("a criterion that suites are made for", name, known))
    return Criterion(name)


def generated(model: Model, criterion: Criterion, seed: int, progress: Progress = silent) -> Generated:
    """A suite for a criterion."""
    with collector_paused():
        return generate(model, criterion, seed, progress)


def suite_text(made: Generated) -> str:
    """A suite as a file says it: each scenario with a title that tells what it is for, and all that is expected."""
    head = f"# {made.criterion}: {meaning(made.criterion, made.model.policy)}.\n# {summary(made)}\n\n"
    named = sorted(
        ((_title(made.model, story), story) for story in made.stories),
        key=lambda one: (one[0], repr(one[1].trace.events)),
    )
    titles = told_apart(title for title, _ in named)
    return head + as_yaml(
        *(_document(made.model, title, story) for title, (_, story) in zip(titles, named, strict=True))
    )


def summary(made: Generated) -> str:
    """What a suite comes to, and how few steps would do at best."""
    if not made.goals:
        return f"There is nothing to cover: of {made.criterion}, no run with one {made.model.words.item} reaches any."
    scenarios, steps = counted(len(made.stories), "scenario"), counted(made.steps, "step")
    return (
        f"All {made.goals:,} that a run with one {made.model.words.item} can reach, by {scenarios} with {steps}; "
        f"fewer than {made.bound:,} cannot do."
    )


def _title(model: Model, story: Story) -> str:
    """What is done in the step that covers what no other scenario does, and what comes of it; a cell in its words."""
    if story.covers[0].criterion is Criterion.CELLS:
        return name_of(model.under(story.trace.readings), story.covers[0])
    outcomes = simulate(model.under(story.trace.readings), story.trace)
    at, before = covered_at(outcomes, story.covers[0])
    return title_in_words(model, story.trace, at, before)


def _document(model: Model, title: str, story: Story) -> Document:
    names = [name_of(model.under(story.trace.readings), goal) for goal in story.covers]
    about = "" if names == [title] else f"Without it nothing covers {'; '.join(names)}."
    return expecting(model, story.trace, title, about)
