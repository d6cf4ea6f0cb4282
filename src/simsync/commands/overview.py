"""`simsync overview`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options
from simsync.commands.progress_line import watching

QUESTIONS = "docs/questions.md"
"""The page with worked questions, where the documentation is at hand."""

if TYPE_CHECKING:
    from simsync.engine.model import Model
    from simsync.progress import Progress
    from simsync.scenarios.simulate import ScenarioResult


@click.command(
    cls=Command,
    short_help="The rules in a few lines, one scenario in full, what to try.",
    examples=[
        ("overview", "with the first scenario of scenarios/"),
        ("overview {step}", "with the scenario that this line is in"),
    ],
    terms=["row", "statement", "gap", "reading"],
)
@click.argument("place", metavar="[PATH[:LINE]]", required=False)
@model_options
@click.pass_context
def overview(context: click.Context, place: str | None, machines: str | None, readings: tuple[str, ...]) -> None:
    """Say what the rules are and whether they are complete, draw one scenario in full, and run those in scenarios/.

    PATH is a scenario file, LINE a line of the scenario to draw; default: the first one of scenarios/, or, where
    nothing is here, of those that ship with simsync. Exit code 1 if the rules have an error or a scenario fails.
    """
    from simsync import api, app
    from simsync.questions.check.findings import Severity
    from simsync.questions.run.report import drawn
    from simsync.report.overview import about
    from simsync.report.terminal import console_for, glyphs_for, is_terminal
    from simsync.scenarios.loading import HERE

    model = model_of(machines, readings)
    with watching() as progress:
        errors = sum(one.severity is Severity.ERROR for one in api.check(model, progress=progress).value)
        folder = HERE if Path(HERE).is_dir() or not app.uses_packaged_rules(machines) else str(app.packaged(HERE))
        here = Path(folder).is_dir()
        results = app.run_scenarios_at(place or folder, model) if place or here else []
        told, failed = _counted(model, folder, progress) if here else ("", 0)
    for line in about(model, errors):
        click.echo(line)
    if results:
        width, coloured = console_for(sys.stdout).width, is_terminal(sys.stdout)
        shown = drawn(model, results[0], glyphs=glyphs_for(sys.stdout), coloured=coloured, width=width)
        click.echo("\n" + shown, nl=False)
        click.echo("\n".join([*([told] if told else []), *_next(model, results[0])]))
    context.exit(1 if errors or failed else 0)


def _counted(model: Model, folder: str, progress: Progress) -> tuple[str, int]:
    """How many scenarios of a folder do as they expect, in a sentence, and how many do not."""
    from simsync import app
    from simsync.report.phrases import counted

    passed = failed = bad = 0
    for file, results in app.run_files(app.read_scenario_files([folder], model), model):
        bad += bool(file.diagnostics)
        for result in results:
            passed, failed = passed + result.passed, failed + (not result.passed)
            progress("scenarios", passed + failed, 0)
    unread = f", {counted(bad, 'file')} cannot be read" if bad else ""
    return (
        f"{counted(passed + failed, 'scenario')} in {folder}/: {passed:,} passed, {failed:,} failed{unread}",
        failed + bad,
    )


def _next(model: Model, result: ScenarioResult) -> Iterator[str]:
    """What to try next."""
    scenario, page = result.scenario, model.words.page
    tries = {f"simsync why {scenario.file}:{scenario.steps[-1].line}": "which rule decided the last step"}
    if model.policy.readings:
        every = f"simsync run {scenario.file}:{scenario.line} --all-readings"
        tries = {every: f"every outcome, however the {page} is read", **tries}
    else:
        tries["simsync table"] = "every rule"
    tries["simsync play"] = "a page to act in: press what a partner does, and see both tickets"
    if Path(QUESTIONS).is_file():
        tries[QUESTIONS] = "seven questions, each answered by a few lines and one command"
    widest = max(map(len, tries))
    yield from (f"{command:<{widest}}  {about}" for command, about in tries.items())
