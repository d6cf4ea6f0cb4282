"""`simsync mutate`."""

from __future__ import annotations

import click

from simsync.commands.help import Command
from simsync.commands.options import (
    Amount,
    HowMany,
    cluster_option,
    exit_code,
    format_option,
    hand_written_option,
    jobs_option,
    model_of,
    model_options,
    tell,
    timeout_option,
    whole,
)
from simsync.commands.progress_line import watching


@click.command(
    cls=Command,
    short_help="Which faults in the rules would a suite of scenarios notice?",
    examples=[
        ("mutate --hand-written", "would the scenarios in scenarios/ that people wrote notice a fault in any rule?"),
        (
            "mutate {scenario} --source {statement} --write missing",
            "in a rule that rests on this statement, by one file; with scenarios for what it lacks",
        ),
        ("mutate --source {statement} --format json", "for programs"),
    ],
    terms=["mutant", "row"],
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@click.option("--min", "least", metavar="SHARE", default=100.0, show_default=True, type=Amount(0, 100),
              help="Exit 1 if less of the mutants, in percent, are killed.")  # fmt: skip
@click.option("--survivors", metavar="N", default=10, show_default=True, type=HowMany(),
              help="How many to tell of, or 'all'.")  # fmt: skip
@click.option("--write", "folder", metavar="DIR", type=click.Path(file_okay=False),
              help="Write the scenarios that would kill the survivors.")  # fmt: skip
@click.option("--source", "citing", metavar="ID", multiple=True,
              help="Faults only in rules that cite this statement, gap or {page}; repeatable.")  # fmt: skip
@jobs_option("one per core")
@cluster_option
@timeout_option
@hand_written_option
@format_option("text", "json")
@model_options
@click.pass_context
def mutate(
    context: click.Context,
    paths: tuple[str, ...],
    least: float,
    survivors: int,
    folder: str | None,
    citing: tuple[str, ...],
    jobs: int | None,
    cluster: str | None,
    timeout: float | None,
    hand_written: bool,
    form: str,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Put every plausible fault into the rules, one at a time, and run the scenarios that it can affect.

    PATH is a scenario file or a directory of them; default: scenarios/. A mutant is killed if a scenario fails under
    it. One that survives comes with the shortest scenario that would kill it; one that nobody could tell from the
    rules, under any combination of readings, is proven so and does not count. Exit code 1 if fewer are killed than
    --min asks for.
    """
    from simsync import api
    from simsync.questions.mutate.mutate import write_killers

    with watching(timeout, tells=True) as progress:
        answer = api.mutate(
            model_of(machines, readings),
            *paths,
            sources=citing,
            least=least,
            hand_written=hand_written,
            survivors=survivors,
            jobs=jobs,
            cluster=cluster,
            progress=progress,
        )
    tell(answer, form)
    if folder is not None and whole(answer):
        written = write_killers(answer.value, folder)
        click.echo(f"written: {', '.join(written)}" if written else "there is no survivor to write of", err=True)
    context.exit(exit_code(answer))
