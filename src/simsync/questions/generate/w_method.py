"""The use case behind `simsync generate --cover w-method`: a suite with a proof of what it finds."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.errors import Code, not_among, usage_error
from simsync.files import distinct
from simsync.progress import Progress, silent
from simsync.questions.coverage.coverage import to_give
from simsync.questions.generate.complete import InputWord, ItemMachine, TooManySteps, complete
from simsync.questions.generate.generate import W_METHOD
from simsync.report.phrases import counted
from simsync.report.scenario_text import way_text
from simsync.scenarios.writing import as_yaml, expecting

MOST_STEPS = 200_000
"""A suite with more steps is not made: its file could not be read in reasonable time."""


@dataclass(frozen=True, kw_only=True)
class Completed:
    """A suite that finds every fault in any machine with at most ``extra`` states more than that of the rules."""

    item: ItemMachine
    kinds: tuple[str, ...]
    extra: int
    paths: tuple[InputWord, ...]

    @property
    def steps(self) -> int:
        """How many steps the suite has."""
        return sum(len(path.word) for path in self.paths)

    @property
    def summary(self) -> str:
        """What the suite comes to."""
        states, transitions = self.item.size
        return (
            f"{counted(len(self.paths), 'scenario')} with {counted(self.steps, 'step')}, for the {transitions:,} "
            f"transitions of {states:,} states that can be told apart, of {self.item.places:,}."
        )

    @property
    def guarantee(self) -> str:
        """What the suite is proven to find, and what it is not."""
        (states, _), words = self.item.size, self.item.model.words
        return (
            f"Proven: whatever answers all of it as expected, and has at most {states + self.extra:,} states "
            f"({states:,} and {self.extra:,} more), does as the rules do after every sequence of these "
            f"{len(self.item.events):,} inputs. It is taken to be deterministic and to begin anew for each scenario; "
            "states in which other inputs make sense count as different. What is seen of a step is whether it was "
            f"refused, the {words.status}, both {words.ticket.many}, and who was notified; of texts counts "
            "whether they are the same. "
            f"Not covered: several {words.item.many} at once, readings other than these, and more states."
        )


def completed(model: Model, kinds: Collection[str], extra: int, progress: Progress = silent) -> Completed:
    """The suite for one item of some kinds, or of all where none is named.

    Raises :class:`SimsyncError` for a kind that there is not, and for a suite that would be too large.
    """
    known = tuple(model.vocabulary.kinds)
    if problems := [not_among("a kind", kind, known) for kind in kinds if kind not in known]:
        raise usage_error("--kind", *problems)
    chosen = tuple(kind for kind in known if not kinds or kind in kinds)
    with collector_paused():
        item = ItemMachine.of(model, chosen)
        try:
            paths = complete(item.machine, extra, MOST_STEPS, progress)
        except TooManySteps as far:
            states, transitions = item.size
            message = (
                f"{states:,} states with {transitions:,} transitions and {extra} more states take {far.steps:,} steps "
                f"or more for {far.share:.0%} of them, and a suite of over {MOST_STEPS:,} is not made; say --kind for "
                f"{model.words.item.many} of one kind, or fewer states more"
            )
            raise usage_error("--extra-states", message, code=Code.USAGE) from None
    return Completed(item=item, kinds=chosen, extra=extra, paths=tuple(paths))


def complete_text(made: Completed, progress: Progress) -> str:
    """A suite as a file says it; each scenario is called by what is done in it."""
    about = [
        f"{W_METHOD}: {made.item.model.words.item.many} of the kinds {', '.join(made.kinds)}. {made.summary}",
        made.guarantee,
    ]
    head = "".join(f"# {line}\n" for part in about for line in textwrap.wrap(part, 116))
    return f"{head}\n" + "---\n".join(_documents(made, progress))


def _documents(made: Completed, progress: Progress) -> Iterator[str]:
    model = made.item.model
    given = to_give(model, model)
    ways = [made.item.trace(path, given) for path in made.paths]
    titles = distinct(way_text(model, way) for way in ways)
    for done, (title, way) in enumerate(zip(titles, ways, strict=True), 1):
        yield as_yaml(expecting(model, way, title))
        if done % 100 == 0 or done == len(ways):
            progress("scenarios written", done, len(ways))
