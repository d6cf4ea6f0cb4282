"""The use case behind `simsync compare`: two versions of the rules, where they differ, and what that affects."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice

from simsync.app import collector_paused, read_scenario_files
from simsync.engine.trace import Trace
from simsync.errors import Code, Diagnostic, usage_error
from simsync.progress import Progress, StoppedAt, known, silent
from simsync.questions.compare.affected import Compared, exchanges, restated, turns
from simsync.questions.compare.renamed import Rename
from simsync.statespace.comparing import Comparison
from simsync.statespace.differences import DifferenceKind, Side

SCENARIOS = "scenarios"

_Difference = tuple[DifferenceKind, Trace]


def compared(
    left: Side,
    right: Side,
    places: Sequence[str] = (),
    *,
    every: bool = False,
    renamed: Sequence[Rename] = (),
    progress: Progress = silent,
) -> tuple[Compared, tuple[Diagnostic, ...]]:
    """Compare two sides, and run the scenarios at some places on both.

    ``renamed`` is what the left calls otherwise; its model has the right's names. With ``every``, one difference of
    each kind is looked for. Given too is what is wrong with scenario files that neither side can read. Raises
    :class:`SimsyncError` for sides that no scenario could have in common.
    """
    if left.model.vocabulary.partners.keys() != right.model.vocabulary.partners.keys():
        message = f"the two have different {left.model.words.partner.many}, and so no scenario in common"
        raise usage_error("RIGHT", message, code=Code.USAGE)
    files = [list(read_scenario_files(places, side.model)) for side in (left, right)]
    scenarios = [[scenario for file in one for scenario in file.scenarios] for one in files]
    wrong = [{file.path: file.diagnostics for file in one if file.diagnostics} for one in files]
    problems = tuple(d for path, found in wrong[0].items() if path in wrong[1] for d in found)
    with collector_paused():
        turned, stopped = turns((left.model, scenarios[0]), (right.model, scenarios[1]), progress)
        walk, found = Comparison(left.model, right.model, known_to_both=not every), list[_Difference]()
        if stopped is None:
            walk, found, stopped = _differences(walk, every, progress)
    made = Compared(
        left=left,
        right=right,
        every=every,
        differences=tuple(found),
        pairs=walk.pairs,
        steps=walk.steps,
        exchanges=tuple(exchanges(left.model, right.model)),
        restated=tuple(restated(left.model, right.model)),
        turns=turned,
        renamed=tuple(renamed),
        stopped=stopped,
    )
    return made, problems


def _differences(
    walk: Comparison, every: bool, progress: Progress
) -> tuple[Comparison, list[_Difference], StoppedAt | None]:
    """What a walk finds; where the first is asked for, and no scenario that both can run has one, what any has."""
    most = None if every else 1
    found, stopped = known(islice(walk.differences(progress), most))
    if stopped is None and not found and not every:
        walk = Comparison(walk.left, walk.right)
        found, stopped = known(islice(walk.differences(progress), most))
    return walk, found, stopped


def shipped_scenarios() -> tuple[str, ...]:
    """The scenarios of the working directory, where there are some."""
    return (SCENARIOS,) if os.path.isdir(SCENARIOS) else ()
