"""`simsync generate`."""

from __future__ import annotations

import click

from simsync.commands.examples import Command
from simsync.commands.options import jobs_option, model_of, model_options, timeout_option, watched
from simsync.engine.model import Model
from simsync.errors import Code, usage_error
from simsync.progress import Progress


@click.command(
    cls=Command,
    short_help="Make a suite of scenarios that covers a criterion.",
    examples=[
        ("generate --cover transitions --out generated", "every transition of both machines, in few steps"),
        ("generate --cover pairs --out generated", "every two transitions of a machine, one right after the other"),
        ("generate --cover w-method --kind {kind} --out generated", "all faults of one item of a kind, with a proof"),
        ("generate --cover rules --out generated --seed 7", "goals in another order, maybe a shorter suite"),
    ],
)
@click.option("--cover", "criterion", metavar="CRITERION", required=True,
              help="statements, rules, states, transitions, pairs, cells, mutants or w-method.")  # fmt: skip
@click.option("--out", metavar="DIR", required=True, type=click.Path(file_okay=False), help="Where to write it.")
@click.option("--seed", metavar="N", type=int,
              help="Which of equally near goals comes first; the same gives the same suite. Default: 0.")  # fmt: skip
@click.option("--extra-states", "extra", metavar="K", type=click.IntRange(0, 9),
              help="With w-method: how many states an implementation may have more. Default: 0.")  # fmt: skip
@click.option("--kind", "kinds", metavar="KIND", multiple=True,
              help="With w-method: only items of this kind; repeatable.")  # fmt: skip
@jobs_option
@timeout_option
@model_options
def generate(
    criterion: str,
    out: str,
    seed: int | None,
    jobs: int | None,
    timeout: float | None,
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
    from simsync.questions.generate.generate import W_METHOD
    from simsync.questions.generate.mutants import NAME as MUTANTS

    given = {"--extra-states": extra is not None, "--kind": bool(kinds)}, {"--jobs": jobs is not None}
    for options, only in zip(given, (W_METHOD, MUTANTS), strict=True):
        if criterion != only and (option := next((name for name, said in options.items() if said), None)):
            raise usage_error(option, f"this is for --cover {only}", code=Code.USAGE)
    if criterion == W_METHOD and seed is not None:
        raise usage_error("--seed", f"--cover {W_METHOD} leaves nothing to chance", code=Code.USAGE)
    model, progress = model_of(machines, readings), watched(timeout)
    if criterion == W_METHOD:
        _complete(model, kinds, extra or 0, out, progress)
    elif criterion == MUTANTS:
        _killing(model, seed or 0, jobs, out, progress)
    else:
        _covering(model, criterion, seed or 0, out, progress)


def _complete(model: Model, kinds: tuple[str, ...], extra: int, out: str, progress: Progress) -> None:
    from simsync.questions.generate.generate import W_METHOD, write_suite
    from simsync.questions.generate.w_method import complete_text, completed

    whole = completed(model, kinds, extra, progress)
    path = write_suite(W_METHOD, complete_text(whole, progress), out)
    click.echo(f"{path}: {whole.summary}\n{whole.guarantee}")


def _killing(model: Model, seed: int, jobs: int | None, out: str, progress: Progress) -> None:
    from simsync.questions.generate.mutants import killing, summary, write_killing
    from simsync.questions.mutate.workers import cores

    made = killing(model, seed, jobs or cores(), progress)
    click.echo(f"{write_killing(made, out)}: {summary(made)}")


def _covering(model: Model, criterion: str, seed: int, out: str, progress: Progress) -> None:
    from simsync.questions.coverage.coverage import WHY
    from simsync.questions.coverage.goals import name_of
    from simsync.questions.generate.generate import criterion_of, generated, suite_text, summary, write_suite

    wanted = criterion_of(criterion)
    made = generated(model, wanted, seed, progress)
    click.echo(f"{write_suite(wanted, suite_text(made), out)}: {summary(made)}")
    if made.unreachable:
        click.echo(f"out of reach, {len(made.unreachable)}: {WHY[wanted]}")
        for goal in made.unreachable:
            click.echo(f"  {name_of(model, goal)}")
