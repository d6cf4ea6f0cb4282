"""The use case behind `simsync rulebook`."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from simsync.drawing.dot import graph_dot
from simsync.drawing.extract import graphs
from simsync.drawing.render import Job, rendered, renderer
from simsync.engine.model import Model
from simsync.files import whole_file
from simsync.play.page import page as page_to_act_in
from simsync.play.pictures import machine_pictures
from simsync.progress import Progress, silent, told
from simsync.questions.coverage.coverage import measure
from simsync.questions.coverage.goals import PAINTABLE
from simsync.rulebook.acting import Acting
from simsync.rulebook.matrix import write_matrix
from simsync.rulebook.page import BOTH, page
from simsync.rulebook.traceability import Traceability, trace
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import run_scenario


def write_rulebook(
    model: Model,
    scenarios: Sequence[Scenario],
    out: str,
    csv: str | None,
    play: str | None = None,
    progress: Progress = silent,
) -> Traceability:
    """Write the page, and, where they are wanted, the matrix as CSV and the page to act in; gives what was traced.

    Raises :class:`RenderError` where the renderer fails; where there is none, the page says so.
    """
    traced = trace(
        model.policy,
        told((run_scenario(model, scenario) for scenario in scenarios), progress, "scenarios run", len(scenarios)),
    )
    names = (*(machine.name for machine in model.policy.declared), BOTH)
    drawn = dict(zip(names, graphs(model), strict=True))
    pictures = {}
    if (command := renderer()) is not None:
        jobs = [Job(name, graph_dot(graph), graph.arrows) for name, graph in drawn.items()]
        for (name, graph), made in zip(drawn.items(), rendered(command, jobs, ["svg"]), strict=True):
            pictures[name] = (graph, made["svg"])
    covered = measure(model, (result for result in traced.results if result.passed), list(PAINTABLE))
    with ExitStack() as stack:  # all are there, or none
        stream = stack.enter_context(whole_file(out))
        matrix = None if csv is None else stack.enter_context(whole_file(csv))
        if play is not None:
            stack.enter_context(whole_file(play)).write(page_to_act_in(model, scenarios, machine_pictures(model)))
        for part in page(traced, covered, pictures, Acting(traced.results, play, out), progress):
            stream.write(part)
        if matrix is not None:
            write_matrix(traced, matrix)
    return traced
