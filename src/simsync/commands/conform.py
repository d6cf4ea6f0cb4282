"""`simsync conform`."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from simsync.commands.asked_instead import EXIT, check_adapter, inferred, print_inferred, refuse_beside_again
from simsync.commands.help import Command
from simsync.commands.options import Duration, cluster_option, format_option, model_of, model_options
from simsync.commands.progress_line import say, watching
from simsync.commands.system_options import AGAIN, pool_of, system_options
from simsync.errors import Code, SimsyncError, usage_error

if TYPE_CHECKING:
    from simsync.engine.model import Model
    from simsync.questions.conform.campaign.checkpoint import Kept
    from simsync.questions.conform.campaign.plan import Sources
    from simsync.questions.conform.campaign.pool import Pool
    from simsync.questions.conform.diagnosis.conformity import Report
    from simsync.questions.conform.diagnosis.estimate import Estimate
    from simsync.scenarios.scenario import Scenario


@click.command(
    cls=Command,
    short_help="Does a real system follow the rules?",
    examples=[
        ("conform --sut 'simsync serve'", "scenarios and random walks, in lock step with the rules"),
        ("conform --sut 'simsync serve --reading {reading}' --out found", "what diverges, as scenarios and pictures"),
        ("conform --sut 'simsync serve' {scenario}", "these scenarios only"),
        ("conform --sut 'simsync serve' --overlap --rounds 100 --random 1", "both sides act at once"),
        (
            "conform --sut-python simsync.reference:system --random 50 --seed 7",
            "a Python object; random walks only",
        ),
        ("conform --sut 'simsync serve --reading {reading}' --infer-readings", "which readings does it follow?"),
        ("conform --sut 'simsync serve' --plan", "how many requests it would make"),
        ("conform --sut 'simsync serve' {scenario} --checkpoint kept.campaign", "keep what is seen ..."),
        ("conform --sut 'simsync serve' {scenario} --resume kept.campaign", "... and go on if it was interrupted"),
        ("conform --sut 'simsync serve' --check-adapter", "does what speaks for it keep the protocol?"),
    ],
    terms=["round", "settle"],
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@system_options
@click.option("--random", "count", metavar="N", type=click.IntRange(0, 1_000_000), help="So many random walks.")
@click.option("--seed", metavar="S", type=int, default=0, show_default=True, help="Of the random walks.")
@click.option(
    "--exhaustive-depth",
    "depth",
    metavar="D",
    type=click.IntRange(1, 5),
    help="Every sequence of D steps of one {item}.",
)
@click.option(
    "--items",
    metavar="N",
    type=click.IntRange(0, 1000),
    help="{Items} of each {partner} in long sequences. Default: 60.",
)
@click.option("--steps", metavar="N", type=click.IntRange(0, 10_000), help="Actions in long sequences. Default: 200.")
@click.option(
    "--overlap/--no-overlap",
    default=None,
    help="Have both {partners} act with no settling between. Default: for systems that say 'parallel' or disruptions.",
)
@click.option(
    "--order",
    type=click.Choice(["any", "sent"]),
    default="any",
    show_default=True,
    help="Which orders explain what overlaps.",
)
@click.option(
    "--rounds",
    metavar="N",
    type=click.IntRange(1, 1_000_000),
    help="So many drives of overlap, and have it. Default: 1200, or 120 where a system cannot say when it rests.",
)
@click.option(
    "--again",
    "redone",
    metavar="FILE",
    type=click.Path(),
    help="Only these rounds, which --out or the page wrote, 20 times (--rounds N): how often is it so?",
)
@click.option("--infer-readings", "infer", is_flag=True, help="Find out which readings explain what it does.")
@click.option("--check-adapter", "checked", is_flag=True, help="One sequence with its transcript: what looks wrong?")
@click.option("--known", metavar="FILE", type=click.Path(), help="Deviations that are known, until they expire.")
@click.option("--today", metavar="DATE", help="The day by which they expire. Default: today.")
@click.option(
    "--max-divergences", "most", metavar="N", type=click.IntRange(1), help="End once so many sequences diverge."
)
@click.option(
    "--for",
    "time",
    metavar="TIME",
    type=Duration(),
    help="End when so much time is over, such as 90s, 10m or 1h30m, with a report of what is known.",
)
@click.option("--plan", "planned", is_flag=True, help="Say how many requests it would make, and make none.")
@click.option("--checkpoint", metavar="FILE", help="Where to keep what was seen, so that it can be gone on with.")
@click.option(
    "--resume",
    "resume_from",
    metavar="FILE",
    help="Go on with what was kept there, and keep on keeping it there; what was done is not done again.",
)
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), help="So many instances side by side. Default: 1.")
@cluster_option
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False), help="Write scenarios and pictures there.")
@format_option("text", "json", "junit", "html")
@model_options
@click.pass_context
def conform(context: click.Context, /, machines: str | None, readings: tuple[str, ...], **options: Any) -> None:
    """Drive a system under test in lock step with the rules, and say where it does something else.

    After every action the refusal, the {status}, both {tickets} and the notifications are compared. The first
    divergence of a sequence is shrunk to the shortest scenario that shows it, with the rule that it breaks; what would
    explain all of it is looked for. Without PATH and other sources: scenarios/ (or those that ship with simsync; none
    with --machines), every {status} action in every {status}, {items} that look alike, twice round every cycle of the
    {status} machine, texts that connectors break, long sequences (--items 0 --steps 0: none), and 100 random walks
    (--random 0: none).

    Exit code 0: it conforms, 1: it diverges, 2: it could not be judged, was interrupted, or bad input. Ctrl-C ends it
    with a report of what is known, and so does the end of the time that --for gives it. See docs/conformance.md.
    """
    model = model_of(machines, readings)
    again = _again(context, machines)
    if options["checked"]:
        context.exit(check_adapter(model, options))
    if options["infer"]:
        with _running(model, options) as pool:
            found = inferred(pool, model, readings, options)
        context.exit(print_inferred(found, options, again))
    if options["redone"] is not None:
        refuse_beside_again(options)
    kept = _kept(model, options)
    with _running(model, options) as pool:
        scenarios, problems = _scenarios(options["paths"], model, machines, options)
        sources = _sources(scenarios, model, options)
        report = None if options["planned"] else _campaign(pool, model, sources, options, kept)
        estimate = _estimate(pool, model, sources, options, kept) if report is None and not problems else None
    if report is None:
        context.exit(_print_plan(estimate, options))
    if report.stopped and kept.path and os.path.exists(kept.path):
        click.echo(f"kept in {kept.path}; go on with --resume {shlex.quote(kept.path)}", err=True)
    _print(report, options, " ".join([again, *(f"--reading {one}" for one in readings)]))
    context.exit(2 if problems else EXIT[report.verdict])


def _again(context: click.Context, machines: str | None) -> str:
    """The command that speaks to the same system by the same rules."""
    words = ["simsync", "conform"]
    for name, option in AGAIN.items():
        value = context.params[name]
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            every = value if isinstance(value, tuple) else (value,)
            words += [word for one in every for word in (option, f"{one:g}" if isinstance(one, float) else str(one))]
    return shlex.join([*words, *(["--machines", machines] if machines is not None else [])])


@contextmanager
def _running(model: Model, options: Mapping[str, Any]) -> Iterator[Pool]:
    """The instances of the system. What an object of the caller's prints does not mix with the report."""
    with redirect_stdout(sys.stderr) if options["factory"] is not None else nullcontext():
        pool = pool_of(model, options)
        try:
            yield pool
        finally:
            pool.close()


def _sources(scenarios: Sequence[Scenario], model: Model, options: Mapping[str, Any]) -> Sources:
    from simsync.questions.conform.campaign.plan import sources_of
    from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
    from simsync.questions.conform.overlap.explained_orders import Order
    from simsync.questions.conform.overlap.written import read_drive

    redone = None if options["redone"] is None else read_drive(options["redone"], model)
    asked = options["rounds"] is not None and options["overlap"] is None
    return sources_of(
        scenarios,
        alone=bool(options["paths"]) or redone is not None,
        seed=options["seed"],
        walks=options["count"],
        depth=options["depth"],
        items=options["items"],
        steps=options["steps"],
        overlap=OverlapOptions(
            wanted=True if asked or redone is not None else options["overlap"],
            order=Order(options["order"]),
            drives=options["rounds"],
            again=redone,
        ),
    )


def _scenarios(
    paths: Sequence[str], model: Model, machines: str | None, options: Mapping[str, Any]
) -> tuple[list[Scenario], bool]:
    """The scenarios to drive, and whether any file is bad."""
    from simsync import app
    from simsync.report.phrases import diagnostic

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

    if machines is not None or options["count"] or options["depth"] is not None or options["redone"] is not None:
        return []
    if os.path.isdir("scenarios"):
        return ["scenarios"]
    return [str(app.packaged("scenarios"))] if app.uses_packaged_rules(machines) else []


def _kept(model: Model, options: Mapping[str, Any]) -> Kept:
    """What was kept before, and where to keep what is seen."""
    from simsync.questions.conform.campaign.checkpoint import Kept, may_keep

    checkpoint, resume = options["checkpoint"], options["resume_from"]
    if options["cluster"] is not None and (checkpoint or resume):
        message = "what workers of a cluster did is not kept; leave this out, or drive the system from here"
        raise usage_error("--checkpoint" if checkpoint else "--resume", message, code=Code.USAGE)
    kept = Kept(model, checkpoint)
    if checkpoint is not None:
        may_keep(checkpoint)
    if resume is not None:
        kept.resume(resume)
    return kept


def _estimate(pool: Pool, model: Model, sources: Sources, options: Mapping[str, Any], kept: Kept) -> Estimate | None:
    """How much would be asked; None where the system does not say what it can do."""
    from simsync.questions.conform.campaign.about import about_of
    from simsync.questions.conform.campaign.ahead import looked_ahead
    from simsync.questions.conform.campaign.plan import Plan
    from simsync.questions.conform.campaign.request_counts import ALL
    from simsync.questions.conform.campaign.stopping import Stop
    from simsync.questions.conform.systems.protocol import SystemFault

    if options["form"] not in ("text", "json"):
        raise usage_error("--format", "what is to come can be printed as text or json", code=Code.USAGE)
    try:
        if kept.wanted:
            kept.remember(about_of(pool.first, model, sources))
        estimate = looked_ahead(Plan(model, pool.first, sources), Stop(None, options["requests"]), ALL).estimate
        return replace(estimate, before=kept.requests)
    except SystemFault as fault:
        click.echo(f"the system does not say what it can do: {fault.message}", err=True)
        return None


def _print_plan(estimate: Estimate | None, options: Mapping[str, Any]) -> int:
    """Print how much would be asked; gives the exit code."""
    from simsync.questions.conform.report.expected import as_json, to_come
    from simsync.report.as_json import dumps

    if estimate is None:
        return 2
    click.echo(dumps(as_json(estimate), sys.stdout) if options["form"] == "json" else to_come(estimate))
    return 0


def _campaign(pool: Pool, model: Model, sources: Sources, options: Mapping[str, Any], kept: Kept) -> Report:
    from simsync.app import collector_paused
    from simsync.commands.signals import stopped_by_signals
    from simsync.questions.conform.campaign.campaign import MOST_HUNG, Terms, campaign
    from simsync.questions.conform.report.expected import to_come
    from simsync.questions.conform.systems.files import load_deviations

    known = () if options["known"] is None else load_deviations(options["known"], model)
    terms = Terms(known=known, today=_day(options["today"]), most_divergences=options["most"])
    head = f"an answer is waited for {options['seconds']:g} s at most, {MOST_HUNG} times"

    def announce(estimate: Estimate) -> None:
        say(f"to come: {to_come(estimate)}")

    stopping = stopped_by_signals(options["time"], options["requests"])
    with collector_paused(), stopping as stop, watching(head=head) as progress:
        return campaign(pool, model, sources, terms, progress, stop, kept, announce)


def _day(text: str | None) -> date:
    try:
        return date.today() if text is None else date.fromisoformat(text)
    except ValueError:
        raise usage_error("--today", f"'{text}' is no day such as 2027-06-30", code=Code.USAGE) from None


def _print(report: Report, options: Mapping[str, Any], again: str) -> None:
    from simsync.questions.conform.campaign.files import histories_of, pictures_of, write_findings
    from simsync.questions.conform.report import text as conformance
    from simsync.questions.conform.report.as_json import as_json
    from simsync.questions.conform.report.junit import as_junit
    from simsync.questions.conform.report.page import as_page
    from simsync.report.as_json import dumps
    from simsync.report.terminal import write_styled

    form, out = options["form"], options["out"]
    pictures = pictures_of(report) if out is not None else {}
    files: dict[int, list[str]] = {}
    problem: Exception | None = None
    try:
        files = write_findings(report, pictures, out) if out is not None else {}
    except (SimsyncError, OSError) as error:
        problem = error  # what was found out is told all the same
    if form == "json":
        sys.stdout.write(dumps(as_json(report, files), sys.stdout) + "\n")
    elif form == "junit":
        sys.stdout.write(as_junit(report))
    elif form == "html":
        sys.stdout.write(as_page(report, histories_of(report), files, again))
    else:
        write_styled(sys.stdout, conformance.as_text(report, files, f"{again} {shlex.quote(out or '')}"))
    if problem is not None:
        sys.stdout.flush()
        raise problem
