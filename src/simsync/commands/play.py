"""`simsync play`."""

from __future__ import annotations

from pathlib import Path

import click

from simsync.commands.help import HERE, Command
from simsync.commands.options import model_of, model_options


@click.command(
    cls=Command,
    short_help="Write the rules as one page to act in.",
    examples=[
        ("play", "write play.html, with every scenario in scenarios/ to open"),
        ("play {scenario} --out one.html", "it begins with the first scenario of that file"),
        ("play {step}", "it begins with the scenario that the line is in"),
        ("play --reading {reading}", "it begins with another reading; there they can be changed too"),
    ],
)
@click.argument("scenario", metavar="[SCENARIO]", required=False, type=click.Path())
@click.option(
    "--out",
    metavar="FILE",
    default="play.html",
    show_default=True,
    type=click.Path(dir_okay=False),
    help="Where to write it.",
)
@model_options
def play(scenario: str | None, out: str, machines: str | None, readings: tuple[str, ...]) -> None:
    """Write one HTML file in which to act on both {tickets} and see what the rules do; open it in a browser.

    SCENARIO is a scenario file, FILE:LINE, or a directory: it begins with that. The file needs no network.
    """
    from simsync import app
    from simsync.play.page import write_page
    from simsync.report.phrases import counted

    model = model_of(machines, readings)
    app.report_path(out, "--out")
    ours = machines is None and (Path(HERE).is_dir() or app.uses_packaged_rules(machines))
    if scenario is not None:
        scenarios = app.load_scenarios(scenario, model=model)
    elif ours:
        scenarios = app.load_scenarios(HERE if Path(HERE).is_dir() else app.packaged(HERE), model=model)
    else:
        scenarios = []
    write_page(model, scenarios, out, first=None if scenario is None or not scenarios else 0)
    click.echo(f"{out}: open it in a browser; {counted(len(scenarios), 'scenario')} to begin with")
