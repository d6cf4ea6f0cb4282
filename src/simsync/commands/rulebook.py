"""`simsync rulebook`."""

from __future__ import annotations

import os

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options
from simsync.commands.progress_line import watching


@click.command(
    cls=Command,
    short_help="Write the rules, readings and scenarios as one HTML file.",
    examples=[
        ("rulebook", "write rulebook.html, with every scenario in scenarios/"),
        ("rulebook {scenario} --out one.html", "with the scenarios of one file"),
        ("rulebook --csv traceability.csv", "the traceability matrix for a spreadsheet too"),
        ("rulebook --play play.html", "what `simsync play` makes too; every scenario, row and reading leads into it"),
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
@click.option("--play", metavar="FILE", type=click.Path(dir_okay=False), help="Write what simsync play makes, too.")
@model_options
@click.pass_context
def rulebook(
    context: click.Context,
    paths: tuple[str, ...],
    out: str,
    csv: str | None,
    play: str | None,
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
    taken = {os.path.realpath(out): "the rulebook itself"}
    for option, path in (("--csv", csv), ("--play", play)):
        if path is not None:
            app.report_path(path, option)
            if what := taken.get(os.path.realpath(path)):
                raise usage_error(option, f"'{path}' is {what}; name another file", code=Code.USAGE)
            taken[os.path.realpath(path)] = f"what {option} writes"
    scenarios = app.load_scenarios(*paths, model=model)
    with app.collector_paused(), watching() as progress:
        traced = write_rulebook(model, scenarios, out, csv, play, progress)
    failed = sum(not result.passed for result in traced.results)
    *others, last = [path for path in (out, csv, play) if path is not None]
    written = f"{', '.join(others)} and {last}" if others else last
    click.echo(f"{written}: {counted(len(traced.results), 'scenario')}, {failed:,} failed")
    context.exit(1 if failed else 0)
