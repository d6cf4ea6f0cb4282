"""`simsync coverage`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from simsync.commands.help import Command
from simsync.commands.options import (
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

if TYPE_CHECKING:
    from simsync.questions.coverage.coverage import Coverage


@click.command(
    cls=Command,
    short_help="What a suite of scenarios covers of the rules, and what it leaves out.",
    examples=[
        ("coverage", "what do the scenarios in scenarios/ cover, and what is the shortest way to the rest?"),
        ("coverage --min rules=100,transitions=100", "exit code 1 if there is less"),
        ("coverage --hand-written", "without what `simsync generate` and its like wrote"),
        ("coverage --criteria pairs --write missing", "scenarios for every pair of transitions not covered yet"),
        ("coverage --diagrams painted", "the machines and tables, painted with holes and how often the rest is used"),
        ("coverage --format json", "for programs"),
    ],
    terms=["cell", "pair", "row", "transition"],
)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path())
@click.option("--criteria", metavar="NAME,...", help="Count these only. Default: all of those listed above.")
@click.option("--min", "least", metavar="NAME=SHARE,...", multiple=True, help="Exit 1 below these shares, in percent.")
@click.option(
    "--holes",
    metavar="N",
    default=3,
    show_default=True,
    type=HowMany(),
    help="How many holes of a criterion to tell, or 'all'.",
)
@click.option(
    "--write",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Write the scenarios that fill the holes; for cells only where --criteria names them.",
)
@click.option(
    "--diagrams",
    "pictures",
    metavar="DIR",
    type=click.Path(file_okay=False),
    help="Draw the machines and tables there, painted with their holes.",
)
@hand_written_option
@jobs_option("one")
@cluster_option
@timeout_option
@format_option("text", "json")
@model_options
@click.pass_context
def coverage(
    context: click.Context,
    paths: tuple[str, ...],
    criteria: str | None,
    least: tuple[str, ...],
    holes: int,
    folder: str | None,
    pictures: str | None,
    hand_written: bool,
    jobs: int | None,
    cluster: str | None,
    timeout: float | None,
    form: str,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Count what scenarios cover: statements, rules, states, transitions, pairs, cells, readings.

    PATH is a scenario file or a directory of them; default: scenarios/. Each hole comes with the shortest scenario
    that fills it; what no run with one {item} can reach is left out of the totals and listed. A scenario that fails
    covers nothing. Exit code 1 if one fails, or if less is covered than --min asks for.
    """
    from simsync import api
    from simsync.questions.coverage.goals import CRITERIA, PAINTABLE
    from simsync.questions.coverage.suite import criteria_of, least_of

    wanted = least_of(least) if least else {}
    counted = criteria_of(criteria.split(",") if criteria is not None else CRITERIA, "--criteria")
    with watching(timeout, tells=True) as progress:
        answer = api.coverage(
            model_of(machines, readings),
            *paths,
            criteria=(*counted, *(PAINTABLE if pictures is not None else ())),
            least={str(criterion): share for criterion, share in wanted.items()},
            hand_written=hand_written,
            holes=holes,
            jobs=jobs,
            cluster=cluster,
            progress=progress,
        )
    tell(answer, form)
    _tell_failed(answer.value)
    if (folder is not None or pictures is not None) and whole(answer):
        _make(answer.value, folder, pictures, cells=criteria is not None)
    context.exit(exit_code(answer))


def _tell_failed(found: Coverage) -> None:
    for one in found.failed:
        click.echo(f"{one.scenario.file}:{one.scenario.line}: it fails, and so covers nothing", err=True)


def _make(found: Coverage, folder: str | None, pictures: str | None, *, cells: bool) -> None:
    """Write scenarios into one folder and pictures into another, as far as they were asked for."""
    if folder is not None:
        _write(found, folder, cells=cells)
    if pictures is not None:
        _draw(found, pictures)


def _draw(found: Coverage, folder: str) -> None:
    """Draw the machines and tables with their holes, and say so."""
    from simsync.commands.diagrams import write
    from simsync.questions.coverage.coverage_diagrams import painted

    click.echo(f"{len(write(painted(found), folder))} files in {folder}", err=True)


def _write(found: Coverage, folder: str, *, cells: bool) -> None:
    """Write the scenarios that fill the holes, and say so."""
    from simsync.questions.coverage.goals import Criterion
    from simsync.questions.coverage.suite import write_holes

    written = write_holes(found, folder, [c for c in found.tallies if cells or c is not Criterion.CELLS])
    click.echo(f"{len(written)} files in {folder}: {', '.join(written) or 'there is no hole to fill'}", err=True)
