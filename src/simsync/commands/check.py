"""`simsync check`."""

from __future__ import annotations

import sys

import click

from simsync.commands.examples import Command
from simsync.commands.options import format_option, model_of, model_options


@click.command(
    cls=Command,
    short_help="Look for holes and clashes in the rules.",
    examples=[
        ("check", "is every situation that an item can come to decided, and by one row?"),
        ("check --reading {reading}", "starting from another reading"),
        ("check --format json", "for programs"),
    ],
)
@format_option("text", "json")
@model_options
@click.pass_context
def check(context: click.Context, form: str, machines: str | None, readings: tuple[str, ...]) -> None:
    """Walk through everything that can happen to an item, and name what the rules leave open or decide twice.

    Every step of every partner is tried in every situation that one item can come to: as the rules are read, then
    with each other option of each reading alone. Each error has the shortest scenario that shows it. Warnings are rows,
    transitions and states that no item comes to there, and statements that nothing rests on. Exit code 1 if there is
    an error.
    """
    from simsync.analysis.table_check import Severity
    from simsync.analysis.table_check import check as found_in
    from simsync.app import collector_paused
    from simsync.reporting.as_json import dumps
    from simsync.reporting.findings import as_json, as_text

    model = model_of(machines, readings)
    with collector_paused():
        findings = list(found_in(model))
    if form == "json":
        sys.stdout.write(dumps(as_json(findings), sys.stdout) + "\n")
    else:
        for line in as_text(findings):
            click.echo(line)
    context.exit(1 if any(finding.severity is Severity.ERROR for finding in findings) else 0)
