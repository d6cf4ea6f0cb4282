"""`simsync generate`."""

from __future__ import annotations

import click

from simsync.commands.examples import Command
from simsync.commands.options import jobs_option, model_of, model_options, say_progress
from simsync.errors import Code, usage_error


@click.command(
    cls=Command,
    short_help="Make a suite of scenarios that covers a criterion.",
    examples=[
        ("generate --cover transitions --out generated", "every transition of both machines, in few steps"),
        ("generate --cover pairs --out generated", "every two transitions of a machine, one right after the other"),
        ("generate --cover w-method --kind {kind} --out generated", "all faults of one item of a kind, with a proof"),
        ("generate --cover rules --out generated --seed 7", "other attempts, maybe a shorter suite"),
    ],
)
@click.option("--cover", "criterion", metavar="CRITERION", required=True,
              help="statements, rules, states, transitions, pairs, cells, mutants or w-method.")  # fmt: skip
@click.option("--out", metavar="DIR", required=True, type=click.Path(file_okay=False), help="Where to write it.")
@click.option("--seed", default=0, show_default=True, type=int, help="Of what is tried; the same gives the same suite.")
@click.option("--extra-states", "extra", metavar="K", type=click.IntRange(0, 9),
              help="With w-method: how many states an implementation may have more. Default: 0.")  # fmt: skip
@click.option("--kind", "kinds", metavar="KIND", multiple=True,
              help="With w-method: only items of this kind; repeatable.")  # fmt: skip
@jobs_option
@model_options
def generate(
    criterion: str,
    out: str,
    seed: int,
    jobs: int | None,
    extra: int | None,
    kinds: tuple[str, ...],
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Write scenarios that together cover all of a criterion that a run with one item can reach.

    Each has a title that tells what it is there for, its sources, and everything that can be expected of each step by
    the rules as they are: read them, and agree or find an error. Written is one file, into a directory in which all
    scenario files are as simsync wrote them. The criterion `mutants` is every fault of `simsync mutate`; only it takes
    several processes.

    A suite for w-method is for `simsync conform`: a system that passes it, and has no more states than the rules and K,
    does with one item what the rules do, always. What exactly is proven stands at the top of the file.
    """
    from simsync.analysis.suite.coverage import WHY
    from simsync.analysis.suite.goals import name_of
    from simsync.suites.completing import complete_text, completed
    from simsync.suites.generation import W_METHOD, criterion_of, generated, suite_text, summary, write_suite
    from simsync.suites.killing import NAME as MUTANTS
    from simsync.suites.killing import killing, write_killing
    from simsync.suites.killing import summary as kills
    from simsync.suites.team import cores

    if criterion == W_METHOD:
        whole = completed(model_of(machines, readings), kinds, extra or 0)
        path = write_suite(criterion, complete_text(whole, say_progress), out)
        click.echo(f"{path}: {whole.summary}\n{whole.guarantee}")
        return
    for option, given in (("--extra-states", extra is not None), ("--kind", bool(kinds))):
        if given:
            raise usage_error(option, f"this is for --cover {W_METHOD}", code=Code.USAGE)
    if criterion == MUTANTS:
        killed = killing(model_of(machines, readings), seed, jobs or cores(), say_progress)
        click.echo(f"{write_killing(killed, out)}: {kills(killed)}")
        return
    wanted = criterion_of(criterion)
    model = model_of(machines, readings)
    made = generated(model, wanted, seed)
    click.echo(f"{write_suite(wanted, suite_text(made), out)}: {summary(made)}")
    if made.unreachable:
        click.echo(f"out of reach, {len(made.unreachable)}: {WHY[wanted]}")
        for goal in made.unreachable:
            click.echo(f"  {name_of(model, goal)}")
