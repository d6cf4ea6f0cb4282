"""`simsync conform`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from simsync.commands.examples import Command
from simsync.commands.options import format_option, model_of, model_options
from simsync.errors import Code, usage_error

if TYPE_CHECKING:
    from simsync.analysis.system.conformity import Report
    from simsync.conforming.plan import Sources
    from simsync.conforming.pool import Pool
    from simsync.core.model import Model
    from simsync.model.scenario import Scenario

EXIT = {"conforms": 0, "diverges": 1, "error": 2}
FINITE = click.FloatRange(min=0, min_open=True, max=86_400)


@click.command(
    cls=Command,
    short_help="Does a real system follow the rules?",
    examples=[
        ("conform --sut 'simsync serve'", "scenarios and random walks, in lock step with the rules"),
        ("conform --sut 'simsync serve --reading {reading}' --out found", "what diverges, as scenarios and pictures"),
        ("conform --sut 'simsync serve' scenarios/severing.yaml", "these scenarios only"),
        ("conform --sut-python simsync.reference:system --random 50 --seed 7", "a Python object; random walks only"),
        ("conform --sut 'simsync serve --reading {reading}' --infer-readings", "which readings does it follow?"),
    ],
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@click.option("--sut", "command", metavar="COMMAND", help="A program that answers in JSON Lines.")
@click.option("--sut-http", "urls", metavar="URL", multiple=True, help="A service that answers to POST; repeatable.")
@click.option("--sut-python", "factory", metavar="MODULE:FACTORY", help="What makes a Python object that answers.")
@click.option("--random", "count", metavar="N", type=click.IntRange(0, 1_000_000), help="So many random walks.")
@click.option("--seed", metavar="S", type=int, default=0, show_default=True, help="Of the random walks.")
@click.option(
    "--exhaustive-depth", "depth", metavar="D", type=click.IntRange(1, 5), help="Every sequence of D steps of one item."
)
@click.option("--infer-readings", "infer", is_flag=True, help="Find out which readings explain what the system does.")
@click.option("--map", "mapping", metavar="FILE", type=click.Path(), help="What the system calls things, and lacks.")
@click.option("--known", metavar="FILE", type=click.Path(), help="Deviations that are known, until they expire.")
@click.option("--today", metavar="DATE", help="The day by which they expire. Default: today.")
@click.option(
    "--max-divergences", "most", metavar="N", type=click.IntRange(1), help="End once so many sequences diverge."
)
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), default=1, help="So many instances side by side.")
@click.option("--timeout", "seconds", type=FINITE, default=10.0, show_default=True, help="Seconds for an answer.")
@click.option("--max-answer", "size", type=click.IntRange(100), default=1_000_000, help="Bytes of an answer.")
@click.option(
    "--settle-timeout",
    "patience",
    type=click.FloatRange(0, 86_400),
    help="Look again for so many seconds until all is as expected. Default: 5 for a system that cannot settle, else 0.",
)
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False), help="Write scenarios and pictures there.")
@format_option("text", "json", "junit", "html")
@model_options
@click.pass_context
def conform(context: click.Context, /, machines: str | None, readings: tuple[str, ...], **options: Any) -> None:
    """Drive a system under test in lock step with the rules, and say where it does something else.

    After every action the refusal, the status, both tickets and the notifications are compared. The first divergence of
    a sequence is shrunk to the shortest scenario that shows it, with the rule that it breaks; what would explain all of
    it is looked for. Without PATH and other sources: scenarios/ (or those that ship with simsync; none with
    --machines), every status action in every status, items that look alike, and 100 random
    walks.

    Exit code 0: it conforms, 1: it diverges, 2: it could not be judged, or bad input. See docs/conformance.md.
    """
    from simsync.conforming.plan import WALKS, Sources

    model = model_of(machines, readings)
    pool = _pool(model, options)
    try:
        if options["infer"]:
            context.exit(_infer(pool, model, readings, options))
        scenarios, problems = _scenarios(options["paths"], model, machines, options)
        alone = options["paths"] or options["count"] is not None or options["depth"] is not None
        sources = Sources(
            scenarios=scenarios,
            walks=options["count"] if options["count"] is not None else 0 if alone else WALKS,
            seed=options["seed"],
            depth=options["depth"] or 0,
            systematic=not alone,
        )
        report = _campaign(pool, model, sources, options)
    finally:
        pool.close()
    _print(report, options)
    context.exit(2 if problems else EXIT[report.verdict])


def _pool(model: Model, options: Mapping[str, Any]) -> Pool:
    from simsync.conformance.protocol import Limits
    from simsync.conformance.sut import Settling, System, by_command, by_http, by_python
    from simsync.conforming.pool import Pool
    from simsync.loading.system_files import load_names
    from simsync.model.mapping import SAME

    command, urls, factory, jobs = (options[name] for name in ("command", "urls", "factory", "jobs"))
    if (command is not None) + bool(urls) + (factory is not None) != 1:
        message = "exactly one of --sut, --sut-http and --sut-python says what is to be tested"
        raise usage_error("--sut", message, code=Code.USAGE)
    if urls and jobs not in (1, len(urls)):
        message = f"each of {jobs} instances needs a --sut-http of its own; sequences on one service would mix"
        raise usage_error("--jobs", message, code=Code.USAGE)
    if command is not None:
        connect = [by_command(command)] * jobs
    elif factory is not None:
        connect = [by_python(factory)] * jobs
    else:
        connect = [by_http(url) for url in urls]
    names = SAME if options["mapping"] is None else load_names(options["mapping"], model)
    limits = Limits(seconds=options["seconds"], size=options["size"])
    settling = Settling(seconds=options["patience"])
    return Pool(lambda number: System(connect[number], model, names, limits, settling), len(connect))


def _scenarios(
    paths: Sequence[str], model: Model, machines: str | None, options: Mapping[str, Any]
) -> tuple[list[Scenario], bool]:
    """The scenarios to drive, and whether any file is bad."""
    from simsync import app
    from simsync.reporting.phrases import diagnostic

    if not paths:
        paths = _default_paths(machines, options)
    found: list[Scenario] = []
    problems = False
    for file in app.read_scenario_files(paths, model):
        found += file.scenarios
        for problem in file.diagnostics:
            problems = True
            click.echo(diagnostic(problem), err=True)
    return found, problems


def _default_paths(machines: str | None, options: Mapping[str, Any]) -> list[str]:
    """The scenarios that go with the rules, where no other sequences are asked for."""
    from simsync import app

    if machines is not None or options["count"] is not None or options["depth"] is not None:
        return []
    if os.path.isdir("scenarios"):
        return ["scenarios"]
    return [str(app.packaged("scenarios"))] if app.uses_packaged_rules(machines) else []


def _campaign(pool: Pool, model: Model, sources: Sources, options: Mapping[str, Any]) -> Report:
    from simsync.app import collector_paused
    from simsync.conforming.campaign import Terms, campaign
    from simsync.loading.system_files import load_deviations

    known = () if options["known"] is None else load_deviations(options["known"], model)
    shows = sys.stderr.isatty()

    def progress(run: int, diverged: int) -> None:
        if shows and run % 10 == 0:
            click.echo(f"\r{run:,} sequences, {diverged:,} diverge ", nl=False, err=True)

    with collector_paused():
        terms = Terms(known=known, today=_day(options["today"]), most_divergences=options["most"])
        report = campaign(pool, model, sources, terms, progress)
    if shows:
        click.echo("\r" + " " * 50 + "\r", nl=False, err=True)
    return report


def _day(text: str | None) -> date:
    try:
        return date.today() if text is None else date.fromisoformat(text)
    except ValueError:
        raise usage_error("--today", f"'{text}' is no day such as 2027-06-30", code=Code.USAGE) from None


def _print(report: Report, options: Mapping[str, Any]) -> None:
    from simsync.conforming.files import pictures_of, write_findings
    from simsync.reporting import conformance
    from simsync.reporting.as_json import dumps
    from simsync.reporting.conformance_junit import as_junit
    from simsync.reporting.conformance_page import as_page
    from simsync.reporting.terminal import write_styled

    form, out = options["form"], options["out"]
    pictures = pictures_of(report) if out is not None or form == "html" else {}
    files = write_findings(report, pictures, out) if out is not None else {}
    if form == "json":
        sys.stdout.write(dumps(conformance.as_json(report, files), sys.stdout) + "\n")
    elif form == "junit":
        sys.stdout.write(as_junit(report))
    elif form == "html":
        sys.stdout.write(as_page(report, pictures))
    else:
        write_styled(sys.stdout, conformance.as_text(report, files))


def _say_inferred(asked: int, left: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{asked:,} asked, {left:,} combinations of readings left ", err=True, nl=left == 1)


def _infer(pool: Pool, model: Model, readings: tuple[str, ...], options: Mapping[str, Any]) -> int:
    """Find out which readings the system follows; gives the exit code."""
    from simsync.app import collector_paused
    from simsync.conforming.inferring import infer
    from simsync.reporting import inference
    from simsync.reporting.as_json import dumps
    from simsync.reporting.terminal import write_styled

    if options["form"] not in ("text", "json"):
        message = "what was inferred can be printed as text or json"
        raise usage_error("--format", message, code=Code.USAGE)
    fixed = {name: model.readings[name] for name in (text.partition("=")[0].strip() for text in readings)}
    with collector_paused():
        found = infer(pool.first, model, fixed, _say_inferred)
    if options["form"] == "json":
        sys.stdout.write(dumps(inference.as_json(found), sys.stdout) + "\n")
    else:
        write_styled(sys.stdout, inference.as_text(found))
    return EXIT[inference.verdict(found)]
