"""The shortest difference as a picture: the two runs side by side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from simsync.drawing.render import no_png, rasterized, stamped
from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence_pair import Pair
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.errors import Code, usage_error
from simsync.files import write_together
from simsync.generated_marker import refuse_foreign, was_drawn
from simsync.questions.compare.affected import Compared
from simsync.report.difference import title_of, told
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import ScenarioResult, StepResult
from simsync.scenarios.writing import as_yaml, document
from simsync.statespace.differences import Side, seen


def draw(made: Compared, path: str) -> None:
    """Draw the shortest scenario's two runs as one picture, SVG or PNG by the path's ending.

    Raises :class:`SimsyncError` where there is no difference to draw, the path has another ending or is taken by a
    file of someone else, or PNG cannot be made.
    """
    ending = os.path.splitext(path)[1].lower()
    if ending not in (".svg", ".png"):
        raise usage_error("--picture", f"'{path}' does not end in .svg or .png", code=Code.USAGE)
    if not made.differences:
        raise usage_error("--picture", "there is no difference to draw", code=Code.USAGE)
    pair = _pair(made)
    content: bytes | None = pair.svg().encode()
    if ending == ".png":
        content = rasterized(pair.svg(), pair.area)
        if content is None:
            raise usage_error("--picture", no_png("a picture"), code=Code.RENDERER)
        content = stamped(content, made.left.model.policy.digest)
    assert content is not None
    refuse_foreign([path], was_drawn)
    write_together({path: content})


def _pair(made: Compared) -> Pair:
    """The shortest difference, laid out; step numbers are the lines of the scenario as it is printed."""
    difference = made.differences[0][1]
    title = title_of(made.left.name, made.right.name)
    text = as_yaml(document(title, difference))
    sides = (made.left, made.right)
    outcomes = [simulate(side.model, difference) for side in sides]
    runs = [
        replace(
            sequence_of(side.model, _result(side.model, text, run)), title=side.name, given=_given(difference, side)
        )
        for side, run in zip(sides, outcomes, strict=True)
    ]
    apart = {}
    for number, (one, other) in enumerate(zip(*outcomes, strict=True)):
        if seen(one) != seen(other):
            apart[number] = tuple(told(one, other, why=False)), tuple(told(other, one, why=False))
    return Pair(title, (runs[0], runs[1]), apart)


def _result(model: Model, text: str, outcomes: Sequence[Outcome]) -> ScenarioResult:
    """A run of the printed scenario, of which nothing is expected."""
    (scenario,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "scenario").scenarios
    steps = tuple(StepResult(one, outcome, ()) for one, outcome in zip(scenario.steps, outcomes, strict=True))
    return ScenarioResult(scenario, model.readings, steps)


def _given(difference: Trace, side: Side) -> str:
    chosen = ", ".join(f"{name}={option}" for name, option in side.model.chosen.items())
    return f"given {difference.status}{f', read as {chosen}' if chosen and chosen != side.name else ''}"
