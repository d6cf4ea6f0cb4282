"""`simsync generate`."""

from __future__ import annotations

import click

from simsync.commands.help import Command
from simsync.commands.options import cluster_option, jobs_option, model_of, model_options, timeout_option
from simsync.commands.progress_line import watching


@click.command(
    cls=Command,
    short_help="Make a suite of scenarios that covers a criterion.",
    examples=[
        ("generate --cover transitions --out generated", "every transition of both machines, in few steps"),
        ("generate --cover pairs --out generated", "every two transitions of a machine, one right after the other"),
        ("generate --cover w-method --kind {kind} --out generated", "all faults of one {item} of a kind, with a proof"),
        ("generate --cover rules --out generated --seed 7", "goals in another order, maybe a shorter suite"),
    ],
    terms=["cell", "pair", "mutant", "row", "transition"],
)
@click.option("--cover", "criterion", metavar="CRITERION", required=True,
              help="statements, rules, states, transitions, pairs, cells, mutants or w-method.")  # fmt: skip
@click.option("--out", metavar="DIR", required=True, type=click.Path(file_okay=False), help="Where to write it.")
@click.option("--seed", metavar="N", type=int,
              help="Which of equally near goals comes first; the same gives the same suite. Default: 0.")  # fmt: skip
@click.option("--extra-states", "extra", metavar="K", type=click.IntRange(0, 9),
              help="With w-method: how many states an implementation may have more. Default: 0.")  # fmt: skip
@click.option("--kind", "kinds", metavar="KIND", multiple=True,
              help="With w-method: only {items} of this kind; repeatable.")  # fmt: skip
@jobs_option("one per core")
@cluster_option
@timeout_option
@model_options
def generate(
    criterion: str,
    out: str,
    seed: int | None,
    jobs: int | None,
    cluster: str | None,
    timeout: float | None,
    extra: int | None,
    kinds: tuple[str, ...],
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Write scenarios that together cover all of a criterion that a run with one {item} can reach.

    Each has a title that tells what it is there for, its sources, and everything that can be expected of each step by
    the rules as they are: read them, and agree or find an error. Written is one file, into a directory in which all
    scenario files are as simsync wrote them. The criterion `mutants` is every fault of `simsync mutate`; only it takes
    several workers.

    A suite for w-method is for `simsync conform`: a system that passes it, and has no more states than the rules and
    K, does with one {item} what the rules do, always. What exactly is proven stands at the top of the file.
    """
    from simsync.questions.generate.suites import suite, write_suite

    model = model_of(machines, readings)
    nothing = "no file was written: only a whole suite covers what it says"
    with watching(timeout, nothing=nothing) as progress:
        made = suite(
            model, criterion, seed=seed, jobs=jobs, cluster=cluster, kinds=kinds, extra=extra, progress=progress
        )
        written = write_suite(made, out)
    click.echo(f"{written}: {made.summary}")
    for note in made.notes:
        click.echo(note)
