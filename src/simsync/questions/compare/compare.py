"""The use case behind `simsync compare`: two versions of the rules, where they differ, and what that affects."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from simsync.app import collector_paused, read_scenario_files
from simsync.drawing.render import no_png, rasterized, stamped
from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence_pair import Pair
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.errors import Code, Diagnostic, usage_error
from simsync.files import write_together
from simsync.questions.compare.affected import Compared, exchanges, restated, turns
from simsync.report.difference import title_of, told
from simsync.report.scenario_text import as_yaml, scenario_of
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import ScenarioResult, StepResult
from simsync.seal import refuse_foreign, was_drawn
from simsync.statespace.product import Difference, ProductWalk, Side, seen

SCENARIOS = "scenarios"


def compared(
    left: Side, right: Side, places: Sequence[str] = (), *, every: bool = False
) -> tuple[Compared, tuple[Diagnostic, ...]]:
    """Compare two sides, and run the scenarios at some places on both.

    With ``every``, one difference of each kind is looked for. Given too is what is wrong with scenario files that
    neither side can read. Raises :class:`SimsyncError` for sides that no scenario could have in common.
    """
    if left.model.vocabulary.partners.keys() != right.model.vocabulary.partners.keys():
        message = "the two have different partners, and so no scenario in common"
        raise usage_error("RIGHT", message, code=Code.USAGE)
    files = [list(read_scenario_files(places, side.model)) for side in (left, right)]
    scenarios = [[scenario for file in one for scenario in file.scenarios] for one in files]
    wrong = [{file.path: file.diagnostics for file in one if file.diagnostics} for one in files]
    problems = tuple(d for path, found in wrong[0].items() if path in wrong[1] for d in found)
    with collector_paused():
        # what both can run comes first
        walk = ProductWalk(left.model, right.model, known_to_both=not every)
        found = tuple(walk.differences()) if every else tuple(islice(walk.differences(), 1))
        if not found and not every:
            walk = ProductWalk(left.model, right.model)
            found = tuple(islice(walk.differences(), 1))
        turned = turns((left.model, scenarios[0]), (right.model, scenarios[1]))
    made = Compared(
        left=left,
        right=right,
        every=every,
        differences=found,
        pairs=len(walk.came),
        steps=walk.steps,
        exchanges=tuple(exchanges(left.model, right.model)),
        restated=tuple(restated(left.model, right.model)),
        turns=turned,
    )
    return made, problems


def shipped_scenarios() -> tuple[str, ...]:
    """The scenarios of the working directory, where there are some."""
    return (SCENARIOS,) if os.path.isdir(SCENARIOS) else ()


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
    text = as_yaml(scenario_of(title, difference.status, {}, difference.events))
    sides = (made.left, made.right)
    outcomes = [difference.run(side.model) for side in sides]
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
    (scenario,) = ScenarioLoader(model.workshop).load_bytes(text.encode(), "scenario").scenarios
    steps = tuple(StepResult(one, outcome, ()) for one, outcome in zip(scenario.steps, outcomes, strict=True))
    return ScenarioResult(scenario, model.readings, steps)


def _given(difference: Difference, side: Side) -> str:
    chosen = ", ".join(f"{name}={option}" for name, option in side.model.chosen.items())
    return f"given {difference.status}{f', read as {chosen}' if chosen and chosen != side.name else ''}"
