"""`simsync compare`."""

from __future__ import annotations

import os
import sys

import click

from simsync.commands.examples import Command
from simsync.commands.options import format_option, model_of
from simsync.errors import Code, usage_error
from simsync.statespace.differences import Side


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
    from simsync.questions.compare.report import compared_json, compared_text
    from simsync.report.as_json import dumps
    from simsync.report.phrases import diagnostic

    made, problems = compared(*_sides(left, right), places or shipped_scenarios(), every=every)
    if picture is not None:
        from simsync.questions.compare.picture import draw

        draw(made, picture)
    if form == "json":
        sys.stdout.write(dumps(compared_json(made), sys.stdout) + "\n")
    elif form == "markdown":
        click.echo(as_markdown(made), nl=False)
    else:
        for line in compared_text(made, full=full):
            click.echo(line)
    for problem in problems:
        click.echo(diagnostic(problem), err=True)
    context.exit(2 if problems else 1 if made.differ else 0)


def _sides(left: str, right: str) -> tuple[Side, Side]:
    """Both sides; what stands in one directory is read once."""
    from simsync.app import chosen_readings

    place, readings = _meant(left)
    model = model_of(place, readings)
    its, others = _meant(right)
    same = _directory(place) == _directory(its)
    other = model.factory.model(chosen_readings(others, "--reading")) if same else model_of(its, others)
    return Side(left, model), Side(right, other)


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
