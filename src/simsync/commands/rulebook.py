"""`simsync rulebook`."""

from __future__ import annotations

import os

import click

from simsync.commands.examples import Command
from simsync.commands.options import model_of, model_options
from simsync.commands.progress_line import watching


@click.command(
    cls=Command,
    short_help="Write the rules, readings and scenarios as one HTML file.",
    examples=[
        ("rulebook", "write rulebook.html, with every scenario in scenarios/"),
        ("rulebook {scenario} --out one.html", "with the scenarios of one file"),
        ("rulebook --csv traceability.csv", "the traceability matrix for a spreadsheet too"),
    ],
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@click.option(
    "--out",
    metavar="FILE",
    default="rulebook.html",
    show_default=True,
    type=click.Path(dir_okay=False),
    help="Where to write it.",
)
@click.option("--csv", metavar="FILE", type=click.Path(dir_okay=False), help="Write the traceability matrix too.")
@model_options
@click.pass_context
def rulebook(
    context: click.Context,
    paths: tuple[str, ...],
    out: str,
    csv: str | None,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Write one self-contained HTML file: statements, diagrams, decision tables, readings, scenarios, traceability.

    PATH is a scenario file or a directory of them; default: scenarios/. It needs no network. Exit code 1 if a
    scenario fails; it shows which.
    """
    from simsync import app
    from simsync.errors import Code, usage_error
    from simsync.report.phrases import counted
    from simsync.rulebook.make import write_rulebook

    model = model_of(machines, readings)
    app.report_path(out, "--out")
    if csv is not None:
        app.report_path(csv, "--csv")
        if os.path.realpath(csv) == os.path.realpath(out):
            raise usage_error("--csv", f"'{csv}' is the rulebook itself; name another file", code=Code.USAGE)
    scenarios = app.load_scenarios(*paths, model=model)
    with app.collector_paused(), watching() as progress:
        traced = write_rulebook(model, scenarios, out, csv, progress)
    failed = sum(not result.passed for result in traced.results)
    written = f"{out} and {csv}" if csv else out
    click.echo(f"{written}: {counted(len(traced.results), 'scenario')}, {failed:,} failed")
    context.exit(1 if failed else 0)
