"""`simsync check`."""

from __future__ import annotations

import os
import sys

import click

from simsync.commands.help import Command
from simsync.commands.options import exit_code, format_option, model_of, model_options, tell
from simsync.commands.progress_line import watching

LONG = 250_000  # steps, as estimated, of which whoever waits is told beforehand


class _WithCodes(Command):
    """A command whose help lists the codes of findings."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The codes, then the examples."""
        from simsync.questions.check.findings import FINDING_KINDS

        with formatter.section("Codes"):
            formatter.write_dl([(code, sort.about) for code, sort in FINDING_KINDS.items()])
        super().format_epilog(ctx, formatter)


@click.command(
    cls=_WithCodes,
    short_help="Look for holes, clashes and idle parts in the rules.",
    examples=[
        ("check", "is every situation that {a_item} can come to decided, and by one row?"),
        ("check --impossible", "also what the tables leave open where nothing can come to, and why it cannot"),
        ("check --reading {reading}", "scenarios are to differ from this reading as little as can be"),
        ("check --format sarif > check.sarif", "for tools that show findings in a code review"),
    ],
    terms=["row", "transition", "cell", "phase"],
)
@click.option("--impossible", is_flag=True, help="List what cannot come about too, with the reason (text only).")
@format_option("text", "json", "sarif")
@model_options
@click.pass_context
def check(context: click.Context, impossible: bool, form: str, machines: str | None, readings: tuple[str, ...]) -> None:
    """Walk through everything that can happen to {a_item}, and name what the rules leave open or decide twice.

    Every step of every {partner} is tried in every situation that one {item} can come to, under all combinations of
    readings at once. Each error has the shortest scenario that shows it, under the combination that differs least from
    the readings chosen. Warnings are what plays no part under any combination. Then each table is looked at by itself,
    with all values of its facts: what it leaves open there, although nothing can come to it, is told with the reason
    why not. Exit code 1 if there is an error.
    """
    from simsync import api
    from simsync.questions.check.sarif import as_sarif
    from simsync.report.as_json import dumps
    from simsync.statespace.abstraction import estimated
    from simsync.statespace.reachability import without_what_nothing_decides

    model = model_of(machines, readings)
    if (steps := estimated(model, without_what_nothing_decides(model).factory.watched)) > LONG:
        click.echo(f"check: there may be {steps:,} steps to try; this takes a while", err=True)
    with watching(tells=True) as progress:
        answer = api.check(model, impossible=impossible, progress=progress)
    if form == "sarif":
        sys.stdout.write(dumps(as_sarif(answer.value, os.getcwd(), model.words), sys.stdout) + "\n")
    else:
        tell(answer, form)
    context.exit(exit_code(answer))
