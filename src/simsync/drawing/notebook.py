"""What a notebook shows of a model, a run or a drawing: SVG, where there is something to draw it with."""

from __future__ import annotations

from simsync.drawing.dot import graph_dot
from simsync.drawing.extract import product_graph
from simsync.drawing.render import Job, rendered, renderer
from simsync.drawing.runs import sequence_of
from simsync.drawing.sequence_svg import laid_out
from simsync.engine.model import Model
from simsync.scenarios.simulate import ScenarioResult


def model_svg(model: Model) -> str | None:
    """Both machines together; None where there is no ``dot``."""
    graph = product_graph(model)
    return dot_svg(graph.name, graph_dot(graph), graph.arrows)


def run_svg(result: ScenarioResult) -> str:
    """A run as a sequence diagram."""
    return laid_out(sequence_of(result.steps[0].outcome.model, result)).svg(styled=True)


def dot_svg(name: str, dot: str, edges: int) -> str | None:
    """A graph of so many edges; None where there is no ``dot``. Raises :class:`RenderError` where that fails."""
    command = renderer()
    return None if command is None else rendered(command, [Job(name, dot, edges)], ["svg"])[0]["svg"].decode()
