"""`simsync explore`."""

from __future__ import annotations

import sys

import click

from simsync.commands.examples import Command
from simsync.commands.options import format_option, model_of, model_options
from simsync.errors import not_among, usage_error


@click.command(
    cls=Command,
    short_help="Judge the properties over every state of an item.",
    examples=[
        ("explore", "does what properties.yaml claims hold in every state that an item can come to?"),
        ("explore --reading {reading}", "under another reading"),
        ("explore --format json", "for programs"),
    ],
)
@click.option("--property", "names", metavar="ID", multiple=True, help="Judge this property only; repeatable.")
@format_option("text", "json")
@model_options
@click.pass_context
def explore(
    context: click.Context, names: tuple[str, ...], form: str, machines: str | None, readings: tuple[str, ...]
) -> None:
    """Visit every state that one item can come to, breadth first, and judge each property of properties.yaml.

    A violated property comes with the shortest scenario that shows it. The verdicts stand for one item. A property that
    assumes other readings than those chosen is left out. Exit code 1 if a property is violated.
    """
    from simsync.analysis.explore import Exploration, Verdict
    from simsync.analysis.tabulate import tabulate
    from simsync.app import collector_paused
    from simsync.reporting.as_json import dumps
    from simsync.reporting.exploration import as_json, as_text

    model = model_of(machines, readings)
    declared = {one.name: one for one in model.policy.properties}
    problems = [not_among("a property", name, declared) for name in names if name not in declared]
    if problems:
        raise usage_error("--property", *problems)
    with collector_paused():
        explored = Exploration(tabulate(model))
        wanted = [one for one in declared.values() if (not names or one.name in names) and one.claimed(model.readings)]
        judged = [explored.judge(one) for one in wanted]
    if form == "json":
        sys.stdout.write(dumps(as_json(explored, judged), sys.stdout) + "\n")
    else:
        for line in as_text(explored, judged):
            click.echo(line)
    bad = explored.undecided is not None or any(one.verdict is Verdict.VIOLATED for one in judged)
    context.exit(1 if bad else 0)
