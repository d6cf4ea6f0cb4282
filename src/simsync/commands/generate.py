"""`simsync generate`."""

from __future__ import annotations

import click

from simsync.commands.examples import Command
from simsync.commands.options import model_of, model_options


@click.command(
    cls=Command,
    short_help="Make a suite of scenarios that covers a criterion.",
    examples=[
        ("generate --cover transitions --out generated", "every transition of both machines, in few steps"),
        ("generate --cover pairs --out generated", "every two transitions of a machine, one right after the other"),
        ("generate --cover rules --out generated --seed 7", "other attempts, maybe a shorter suite"),
    ],
)
@click.option("--cover", "criterion", metavar="CRITERION", required=True,
              help="statements, rules, states, transitions, pairs or cells.")  # fmt: skip
@click.option("--out", metavar="DIR", required=True, type=click.Path(file_okay=False), help="Where to write it.")
@click.option("--seed", default=0, show_default=True, type=int, help="Of what is tried; the same gives the same suite.")
@model_options
def generate(criterion: str, out: str, seed: int, machines: str | None, readings: tuple[str, ...]) -> None:
    """Write scenarios that together cover all of a criterion that a run with one item can reach.

    Each has a title that tells what it is there for, its sources, and everything that can be expected of each step by
    the rules as they are: read them, and agree or find an error. Written is one file, into a directory in which all
    scenario files are as simsync wrote them.
    """
    from simsync.analysis.suite.coverage import WHY
    from simsync.analysis.suite.goals import name_of
    from simsync.suites.generation import criterion_of, generated, summary, write_suite

    wanted = criterion_of(criterion)
    model = model_of(machines, readings)
    made = generated(model, wanted, seed)
    click.echo(f"{write_suite(made, out)}: {summary(made)}")
    if made.unreachable:
        click.echo(f"out of reach, {len(made.unreachable)}: {WHY[wanted]}")
        for goal in made.unreachable:
            click.echo(f"  {name_of(model, goal)}")
