"""What a notebook shows of a model, a run or a drawing: SVG, where there is something to draw it with."""

from __future__ import annotations

from collections.abc import Sequence

from simsync.drawing.dot import graph_dot
from simsync.drawing.extract import product_graph
from simsync.drawing.render import Job, rendered, renderer
from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence_svg import laid_out
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.scenarios.scenario import Scenario, Step
from simsync.scenarios.simulate import ScenarioResult, StepResult

PLAYED = "played"
"""Where what was done stands, instead of a file."""


def model_svg(model: Model) -> str | None:
    """Both machines together, no wider than the page; None where there is no ``dot``."""
    graph = product_graph(model)
    svg = dot_svg(graph.name, graph_dot(graph), graph.arrows)
    return svg and svg.replace("<svg ", '<svg style="max-width: 100%; height: auto" ', 1)


def run_svg(result: ScenarioResult) -> str:
    """A run as a sequence diagram."""
    return laid_out(sequence_of(result.steps[0].outcome.model, result)).svg()


def played_svg(outcomes: Sequence[Outcome]) -> str | None:
    """What was done one after the other, as a sequence diagram; None where nothing was."""
    if not outcomes:
        return None
    steps = tuple(Step(outcome.event, number) for number, outcome in enumerate(outcomes, 1))
    begin, name = outcomes[0].before.status, "What was done"
    scenario = Scenario(file=PLAYED, line=1, name=name, about="", sources=(), status=begin, steps=steps)
    results = tuple(StepResult(step, outcome, ()) for step, outcome in zip(steps, outcomes, strict=True))
    return run_svg(ScenarioResult(scenario, outcomes[0].model.readings, results))


def dot_svg(name: str, dot: str, edges: int) -> str | None:
    """A graph of so many edges; None where there is no ``dot``. Raises :class:`RenderError` where that fails."""
    command = renderer()
    return None if command is None else rendered(command, [Job(name, dot, edges)], ["svg"])[0]["svg"].decode()
