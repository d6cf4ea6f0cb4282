"""`simsync compare`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from simsync.commands.help import Command
from simsync.commands.options import exit_code, format_option, model_of, tell, whole
from simsync.commands.progress_line import watching
from simsync.errors import BAD_INPUT, Code, usage_error
from simsync.statespace.differences import Side

if TYPE_CHECKING:
    from simsync.questions.compare.renamed import Rename


@click.command(
    cls=Command,
    short_help="The shortest scenario that two versions of the rules tell apart.",
    examples=[
        ("compare {reading} machines", "what does this option change, for anybody to see?"),
        ("compare machines {reading} --all", "... one scenario for each kind of difference"),
        ("compare machines {reading} --format markdown > change.md", "... as a change request"),
        ("compare machines {reading} --picture both.svg", "... and both runs as one picture"),
        ("compare machines machines --format json", "two directories of machine files; here, no difference"),
    ],
    terms=["reading"],
)
@click.argument("left")
@click.argument("right")
@click.option("--all", "every", is_flag=True, help="One scenario for every kind of difference, shortest first.")
@click.option(
    "--scenarios",
    "places",
    metavar="PATH",
    multiple=True,
    help="Scenarios to run on both sides; repeatable. Default: scenarios/ here, where there is one.",
)
@click.option(
    "--renamed",
    metavar="SORT OLD NEW",
    nargs=3,
    multiple=True,
    help="What LEFT calls OLD is NEW in RIGHT; repeatable. What else says the same under another name is found.",
)
@click.option("--full", is_flag=True, help="Tell of every scenario that comes out otherwise, not of the first few.")
@click.option("--picture", metavar="FILE", help="Draw the shortest scenario's two runs side by side, as .svg or .png.")
@format_option("text", "json", "markdown")
@click.pass_context
def compare(
    context: click.Context,
    left: str,
    right: str,
    every: bool,
    full: bool,
    renamed: tuple[tuple[str, str, str], ...],
    places: tuple[str, ...],
    picture: str | None,
    form: str,
) -> None:
    """Find the shortest scenario in which LEFT and RIGHT differ: in a refusal, the {status}, {a_ticket},
    or who is told.

    Each side is a directory of machine files, or readings of the rules in machines/ such as name=option[,name=option].
    Everything that can happen to one {item} is tried on both, so that no difference is a proof, and it says for how
    many {items}. Told too is which rules differ, what they rest on, and which scenarios come out otherwise. Exit code
    1 if the two differ.
    """
    from simsync.questions.compare.change_request import as_markdown
    from simsync.questions.compare.compare import compared, shipped_scenarios
    from simsync.questions.compare.renamed import Rename
    from simsync.questions.compare.report import answered
    from simsync.report.phrases import diagnostic

    sides, names = _sides(left, right, [Rename(*one) for one in renamed])
    with watching(what="comparing", tells=True) as progress:
        made, problems = compared(*sides, places or shipped_scenarios(), every=every, renamed=names, progress=progress)
    answer = answered(made, full=full)
    if picture is not None and whole(answer):
        from simsync.questions.compare.picture import draw

        draw(made, picture)
    if form == "markdown":
        click.echo(as_markdown(made), nl=False)
    else:
        tell(answer, form)
    for problem in problems:
        click.echo(diagnostic(problem), err=True)
    context.exit(BAD_INPUT if problems else exit_code(answer))


def _sides(left: str, right: str, given: Sequence[Rename]) -> tuple[tuple[Side, Side], tuple[Rename, ...]]:
    """Both sides, and what they only call otherwise; what stands in one directory is read once."""
    from simsync.app import chosen_readings
    from simsync.questions.compare.renamed import as_in

    place, readings = _meant(left)
    its, others = _meant(right)
    same = _directory(place) == _directory(its)
    if given and (same or place is None or its is None):
        raise usage_error("--renamed", "both sides must be directories, and not the same", code=Code.USAGE)
    model = model_of(place, readings)
    other = model.factory.model(chosen_readings(others, "--reading")) if same else model_of(its, others)
    if place is None or its is None or same:
        return (Side(left, model), Side(right, other)), ()
    renamed, names = as_in(place, its, given)
    return (Side(left, renamed if names else model), Side(right, other)), names


def _meant(text: str) -> tuple[str | None, tuple[str, ...]]:
    """The directory of machine files that a side is, or the readings."""
    if os.path.isdir(text):
        return text, ()
    if "=" not in text:
        message = f"'{text}' is neither a directory of machine files nor readings such as name=option[,name=option]"
        raise usage_error(text, message, code=Code.NOT_FOUND)
    return None, tuple(text.split(","))


def _directory(place: str | None) -> str:
    from simsync.app import machines_directory

    return os.path.realpath(machines_directory() if place is None else place)
