"""`simsync generate`."""

from __future__ import annotations

import click

from simsync.commands.examples import Command
from simsync.commands.options import jobs_option, model_of, model_options, progress


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
              help="statements, rules, states, transitions, pairs, cells or mutants.")  # fmt: skip
@click.option("--out", metavar="DIR", required=True, type=click.Path(file_okay=False), help="Where to write it.")
@click.option("--seed", default=0, show_default=True, type=int, help="Of what is tried; the same gives the same suite.")
@jobs_option
@model_options
def generate(
    criterion: str, out: str, seed: int, jobs: int | None, machines: str | None, readings: tuple[str, ...]
) -> None:
    """Write scenarios that together cover all of a criterion that a run with one item can reach.

    Each has a title that tells what it is there for, its sources, and everything that can be expected of each step by
    the rules as they are: read them, and agree or find an error. Written is one file, into a directory in which all
    scenario files are as simsync wrote them. The criterion `mutants` is every fault of `simsync mutate`; only it takes
    several processes.
    """
    from simsync.analysis.suite.coverage import WHY
    from simsync.analysis.suite.goals import name_of
    from simsync.suites.generation import criterion_of, generated, summary, write_suite
    from simsync.suites.killing import NAME, killing, write_killing
    from simsync.suites.killing import summary as kills
    from simsync.suites.team import cores

    if criterion == NAME:
        killed = killing(model_of(machines, readings), seed, jobs or cores(), progress)
        click.echo(f"{write_killing(killed, out)}: {kills(killed)}")
        return
    wanted = criterion_of(criterion)
    model = model_of(machines, readings)
    made = generated(model, wanted, seed)
    click.echo(f"{write_suite(made, out)}: {summary(made)}")
    if made.unreachable:
        click.echo(f"out of reach, {len(made.unreachable)}: {WHY[wanted]}")
        for goal in made.unreachable:
            click.echo(f"  {name_of(model, goal)}")
