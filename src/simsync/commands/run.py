"""`simsync run`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol

import click

from simsync.commands.help import Command
from simsync.commands.options import format_option, model_of, model_options
from simsync.commands.progress_line import watching
from simsync.engine.model import Model
from simsync.errors import Code, Diagnostic, usage_error
from simsync.scenarios.loading import ScenarioFile
from simsync.scenarios.simulate import ScenarioResult


class RunReport(Protocol):
    """What a run is written to."""

    def add(self, result: ScenarioResult) -> None: ...

    def close(self, summary: dict[str, int], diagnostics: list[Diagnostic], /) -> None: ...


class _Ran(NamedTuple):
    """The counts of a run, all that is wrong in files, and whether it was interrupted."""

    summary: dict[str, int]
    problems: list[Diagnostic]
    interrupted: bool


@click.command(
    cls=Command,
    examples=[
        ("run", "run every scenario in scenarios/; say so for each file"),
        ("run {scenario} --show all", "draw each scenario as a dialogue of the two {tickets}"),
        ("run {step}", "draw what happens in the scenario that this line is in, and who sees what at the end"),
        ('run --do "{maker}: create {new} N1" --do "{maker}: delete N1"', "ask, and write no file for it"),
        ("run --list", "titles and verdicts only, what failed first"),
        ("run --reading {reading}", "what if the {page} is read this way?"),
        ("run {step} --all-readings", "... and what if it is read in any way? Each different outcome once"),
        (
            "run --all-readings --list",
            "how many outcomes each has, and which come out otherwise by which reading",
        ),
        ("run --format json > results.json", "for programs"),
        ("run --format lines", "a line for each thing that does not hold, for editors"),
        ("run --junit results.xml --sarif results.sarif", "for continuous integration"),
    ],
    terms=["as read", "row", "statement", "gap"],
)
@click.argument("paths", metavar="[PATH[:LINE]]...", nargs=-1, type=click.Path())
@format_option("text", "json", "lines")
@model_options
@click.option(
    "--show",
    type=click.Choice(["failed", "all", "none"]),
    help="Which scenarios to draw as dialogues of the two {tickets}; failed: also those in which nothing is expected. "
    "Default: the first ten of these, and all that a LINE names.",
)
@click.option(
    "--do",
    "steps",
    metavar="STEP",
    multiple=True,
    help='Ask what comes of a step: "ACTOR: ACTION, FIELD: VALUE", as in a file; repeatable, and no PATH is run.',
)
@click.option("--given", "status", metavar="STATUS", help="Where the steps of --do begin.")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Keep the steps of --do as a scenario.")
@click.option("--list", "listed", is_flag=True, help="Print titles and verdicts only, what failed first.")
@click.option(
    "--all-readings",
    is_flag=True,
    help="Tell each different outcome once, with the readings that lead to it, and where they come apart; readings "
    "that decide nothing together each by itself. What nobody can see counts as the same; expectations are not judged.",
)
@click.option(
    "--combined",
    is_flag=True,
    help="With --all-readings: tell outcome by outcome, also of readings that decide nothing together.",
)
@click.option("--junit", metavar="FILE", type=click.Path(dir_okay=False), help="Write a JUnit report too.")
@click.option("--sarif", metavar="FILE", type=click.Path(dir_okay=False), help="Write what does not hold as SARIF too.")
@click.pass_context
def run(
    context: click.Context,
    paths: tuple[str, ...],
    form: str,
    machines: str | None,
    readings: tuple[str, ...],
    show: str | None,
    steps: tuple[str, ...],
    status: str | None,
    out: str | None,
    listed: bool,
    all_readings: bool,
    combined: bool,
    junit: str | None,
    sarif: str | None,
) -> None:
    """Run scenarios and check every step against the table.

    PATH is a scenario file or a directory of them (every .yaml and .yml under it); default: scenarios/. With LINE,
    only the scenario that this line is in is run. Where nothing is expected, it is said what happens: that is no check.
    """
    from simsync import app
    from simsync.scenarios.loading import split_place

    model = model_of(machines, readings)
    files = _files(model, paths, steps, status, out)
    if combined and (not all_readings or form == "json"):
        raise usage_error("--combined", "it goes with --all-readings as text; JSON has both", code=Code.USAGE)
    if all_readings:
        _refuse_reports(bool(junit or sarif or show or form == "lines" or (listed and combined)))
        settled = app.chosen_readings(readings, "--reading")
        context.exit(2 if _run_every_way(files, model, settled, form, combined=combined, listed=listed) else 0)
    chosen = [part for reading in readings for part in ("--reading", reading)]
    chosen += [] if machines is None else ["--machines", machines]
    if show is None and (paths or steps) and all(split_place(path)[1] is not None for path in paths):
        show = "all"
    packaged = app.uses_packaged_rules(machines)
    wanting = partial(_wanting, model, _as_asked(steps, status), chosen)
    printed = _printed(model, form, show, listed=listed, packaged=packaged, chosen=chosen, wanting=wanting)
    reports = [printed, *_written(junit, sarif)]
    context.exit(_reported(files, model, reports))


def _reported(files: Iterable[ScenarioFile], model: Model, reports: Sequence[RunReport]) -> int:
    """Run scenarios and write every report; gives the exit code."""
    summary, problems, interrupted = _run(files, model, reports)
    for report in reports:
        report.close(summary, problems)
    if interrupted:
        _say_interrupted()
    return 2 if problems else 1 if summary["failed"] else 0


def _refuse_reports(any_of_one_run: bool) -> None:
    """Raise :class:`SimsyncError` where a report of one run is wanted of all readings."""
    if any_of_one_run:
        without = "--show, --junit, --sarif, --format lines, and --list with --combined"
        raise usage_error("--all-readings", f"it goes without {without}", code=Code.USAGE)


def _say_interrupted() -> None:
    """Say that what was told is not all, and end."""
    click.echo("that is all that was run before the interruption", err=True)
    raise KeyboardInterrupt


def _printed(
    model: Model,
    form: str,
    show: str | None,
    *,
    listed: bool,
    packaged: bool,
    chosen: list[str],
    wanting: Callable[[ScenarioResult], Iterator[tuple[str, str]]],
) -> RunReport:
    """What is printed of a run."""
    from simsync.questions.run.report import RunList, RunText
    from simsync.report.as_json import RunWriter
    from simsync.report.run_findings import RunLines

    if form == "json":
        return RunWriter(sys.stdout, model)
    if form == "lines":
        return RunLines(sys.stdout)
    if listed:
        return RunList(sys.stdout, packaged=packaged)
    return RunText(sys.stdout, model, show, packaged=packaged, chosen=chosen, wanting=wanting)


def _as_asked(steps: Sequence[str], status: str | None) -> tuple[str, ...]:
    """The command that asks of some steps."""
    given = () if status is None else ("--given", status)
    return "simsync", "run", *given, *(word for step in steps for word in ("--do", step))


def _wanting(
    model: Model, again: tuple[str, ...], chosen: Sequence[str], result: ScenarioResult
) -> Iterator[tuple[str, str]]:
    """What would make the refusals of a question possible, line by line."""
    from simsync.questions.why.moment import explain_step
    from simsync.questions.why.report import wanting
    from simsync.report.terminal import glyphs_for

    for one in result.refusals:
        number, place = result.steps.index(one), result.scenario.place
        told = wanting(explain_step(model, result.scenario, number, again), glyphs_for(sys.stdout).arrow, chosen)
        if len(result.refusals) > 1:
            if one is not result.refusals[0]:
                yield "", ""
            yield f"{place} {one.step.line}, {one.outcome.event.actor}: {one.outcome.event}", "bold underline"
        yield from told


def _written(junit: str | None, sarif: str | None) -> Iterator[RunReport]:
    """What is written to files besides."""
    from simsync.app import report_path
    from simsync.report.junit import JUnit
    from simsync.report.run_findings import RunSarif

    if junit is not None:
        yield JUnit(report_path(junit, "--junit"))
    if sarif is not None:
        yield RunSarif(report_path(sarif, "--sarif"))


def _files(
    model: Model, paths: Sequence[str], steps: Sequence[str], status: str | None, out: str | None
) -> Iterable[ScenarioFile]:
    """The scenario files that are run: those at some paths, or the one that steps make, which is kept where asked for.

    Raises :class:`SimsyncError` where the options do not go together, and where there is a file already.
    """
    from simsync import app
    from simsync.files import whole_file
    from simsync.scenarios.asked import asked
    from simsync.scenarios.loading import HERE, ScenarioLoader
    from simsync.scenarios.scenario import NO_FILE

    if not steps:
        for option, value in (("--given", status), ("--out", out)):
            if value is not None:
                raise usage_error(option, "it goes with --do", code=Code.USAGE)
        return app.read_scenario_files(paths or [HERE], model)
    if paths:
        raise usage_error("--do", "it asks of its own steps, and goes without PATH", code=Code.USAGE)
    if out is not None:
        app.refuse_to_replace(out)
    file, text = asked(ScenarioLoader(model.factory), steps, status, out or NO_FILE)
    if out is not None and not file.diagnostics:
        with whole_file(out) as stream:
            stream.write(text)
    return [file]


def _run(files: Iterable[ScenarioFile], model: Model, reports: Sequence[RunReport]) -> _Ran:
    """Run scenarios, each told to every report, until somebody interrupts it."""
    from simsync import app

    summary = {"scenarios": 0, "passed": 0, "answered": 0, "failed": 0, "steps": 0}
    problems: list[Diagnostic] = []
    interrupted = True
    with suppress(KeyboardInterrupt), app.collector_paused(), watching(what="scenarios") as progress:
        for file, results in app.run_files(files, model):
            problems += _told(file)
            for result in results:
                progress("scenarios", summary["scenarios"] + 1, 0)
                summary["scenarios"] += 1
                summary["passed" if result.passed else "failed"] += 1
                summary["answered"] += result.answered
                summary["steps"] += len(result.steps)
                for report in reports:
                    report.add(result)
        interrupted = False
    return _Ran(summary, problems, interrupted)


def _told(file: ScenarioFile) -> Sequence[Diagnostic]:
    """What is wrong in a file, once it is told."""
    from simsync.report.phrases import diagnostic

    for found in file.diagnostics:
        click.echo(diagnostic(found), err=True)
    return file.diagnostics


def _run_every_way(
    files: Iterable[ScenarioFile], model: Model, settled: Collection[str], form: str, *, combined: bool, listed: bool
) -> list[Diagnostic]:
    """Tell what scenarios come to under all readings; gives all that is wrong in files."""
    from simsync import app
    from simsync.questions.run.all_readings import read_every_way
    from simsync.questions.run.every_way_data import EveryWayJson
    from simsync.questions.run.every_way_report import EveryWayText

    report: EveryWayJson | EveryWayText = EveryWayJson(sys.stdout)
    if form != "json":
        report = EveryWayText(sys.stdout, combined=combined, listed=listed)
    problems: list[Diagnostic] = []
    interrupted = True
    with suppress(KeyboardInterrupt), app.collector_paused(), watching() as progress:
        for file in files:
            problems += _told(file)
            for number, scenario in enumerate(file.scenarios):
                progress(f"scenarios of {file.path}", number, len(file.scenarios))
                report.add(read_every_way(model, scenario, settled))
        interrupted = False
    report.close(problems)
    if interrupted:
        _say_interrupted()
    return problems
