"""`simsync readings`."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from simsync.commands.help import Command
from simsync.commands.options import exit_code, format_option, model_of, model_options, tell
from simsync.commands.progress_line import watching
from simsync.engine.model import Model
from simsync.errors import BAD_INPUT, HELD, Code, usage_error


@click.command(
    cls=Command,
    short_help="Print where the {page} is ambiguous, the options and the evidence.",
    examples=[
        ("readings", "all of them; the option in force is marked with a star"),
        ("readings --consequences", "what does each option change, in the shortest scenario that shows it?"),
        ("readings --questions", "the fewest scenarios that settle them all, for you"),
        (
            "readings --questions --format html > questions.html",
            "... and as a sheet for whoever knows, with answers to tick",
        ),
        ("readings --answers questions.html", "what the filled-in sheet settles, and what is still open"),
        ("readings --questions --reading {reading}", "... if this one is settled already"),
        ("readings --format markdown > readings.md", "for a document"),
    ],
    terms=["reading", "combination"],
)
@format_option("text", "json", "markdown", "html")
@click.option(
    "--consequences", is_flag=True, help="For each other option, the shortest scenario that shows what changes."
)
@click.option(
    "--questions",
    is_flag=True,
    help="The fewest scenarios that settle all readings, for somebody who can tell what is seen in them.",
)
@click.option("--answers", metavar="FILE", help="Read a filled-in sheet of questions: which readings does it settle?")
@click.option(
    "--steps",
    type=click.IntRange(1, 6),
    help="With --questions: how many steps one may have, 4 by default; with more there are fewer, found more slowly.",
)
@model_options
@click.pass_context
def readings(
    context: click.Context,
    form: str,
    consequences: bool,
    questions: bool,
    answers: str | None,
    steps: int | None,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Print the readings: where the {page} is ambiguous, the options, and the evidence.

    The option in force is marked with a star. Consequences and questions are scenarios that can be run; as Markdown or
    HTML the questions are a sheet for whoever knows how it really is, which --answers reads back, filled in. What
    --reading chooses is settled, and not asked any more.
    """
    from simsync.app import chosen_readings
    from simsync.questions.readings import report
    from simsync.report.as_json import dumps
    from simsync.report.terminal import console_for

    if consequences and questions:
        raise usage_error("--questions", "it goes without --consequences", code=Code.USAGE)
    if steps is not None and not questions:
        raise usage_error("--steps", "it goes with --questions", code=Code.USAGE)
    model = model_of(machines, readings)
    if answers is not None:
        if consequences or questions or readings:
            raise usage_error("--answers", "it goes alone: the sheet says what was settled already", code=Code.USAGE)
        context.exit(_answers(model, answers, form))
    elif consequences:
        context.exit(_consequences(model, form))
    elif questions:
        _questions(model, chosen_readings(readings, "--reading"), steps, form)
    elif form == "json":
        sys.stdout.write(dumps(report.as_json(model), sys.stdout) + "\n")
    elif form == "markdown":
        sys.stdout.write(report.as_markdown(model.policy))
    elif form == "html":
        raise usage_error("--format", "html is for --questions", code=Code.USAGE)
    else:
        report.print_readings(console_for(sys.stdout), model)


def _questions(model: Model, settled: Mapping[str, str], steps: int | None, form: str) -> None:
    """The fewest scenarios that settle all readings but those settled already."""
    from simsync.app import collector_paused
    from simsync.questions.readings import question_sheet
    from simsync.questions.readings.questions import STEPS, sheet
    from simsync.questions.readings.vendor_markdown import as_markdown
    from simsync.questions.readings.vendor_page import as_page
    from simsync.questions.readings.vendor_sheet import vendor_sheet
    from simsync.report.as_json import dumps

    nothing = "which questions are the fewest is known only at the end"
    with collector_paused(), watching(what="looking for the fewest questions", nothing=nothing):
        made = sheet(model, set(settled), steps or STEPS)
    if form == "json":
        sys.stdout.write(dumps(question_sheet.as_json(model, made), sys.stdout) + "\n")
    elif form == "text":
        for line in question_sheet.as_text(model, made):
            click.echo(line)
    else:
        asked = vendor_sheet(model, made, settled)
        click.echo(as_page(asked) if form == "html" else as_markdown(asked), nl=False)


def _answers(model: Model, path: str, form: str) -> int:
    """Tell what a filled-in sheet settles; 0 where every question has an answer that some reading gives."""
    from simsync.app import collector_paused
    from simsync.questions.readings import answered
    from simsync.questions.readings.filled_in import read
    from simsync.report.as_json import dumps
    from simsync.report.phrases import diagnostic

    if form not in ("text", "json"):
        raise usage_error("--format", "what answers settle is told as text or json", code=Code.USAGE)
    with collector_paused():
        told = answered.judged(model, read(path))
    if form == "json":
        sys.stdout.write(dumps(answered.as_json(told), sys.stdout) + "\n")
    else:
        for line in answered.as_text(told):
            click.echo(line)
    for found in told.unclear:
        click.echo(diagnostic(found), err=True)
    return BAD_INPUT if told.unclear else HELD if told.holds else 1


def _consequences(model: Model, form: str) -> int:
    """Tell what each option changes against the one in force; the exit code."""
    from simsync.questions.readings.consequences import consequences

    if form not in ("text", "json"):
        raise usage_error("--format", "consequences are told as text or json", code=Code.USAGE)
    with watching(tells=True) as progress:
        answer = consequences(model, progress)
    tell(answer, form)
    return exit_code(answer)
