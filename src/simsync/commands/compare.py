"""`simsync compare`."""

from __future__ import annotations

import os
import sys

import click

from simsync.commands.examples import Command
from simsync.commands.options import format_option, model_of
from simsync.core.model import Model
from simsync.errors import Code, usage_error


@click.command(
    cls=Command,
    short_help="The shortest scenario that two versions of the rules tell apart.",
    examples=[
        ("compare {reading} machines", "what does this option change, for anybody to see?"),
        ("compare machines machines --format json", "two directories of machine files; here, no difference"),
    ],
)
@click.argument("left")
@click.argument("right")
@format_option("text", "json")
@click.pass_context
def compare(context: click.Context, left: str, right: str, form: str) -> None:
    """Find the shortest scenario in which LEFT and RIGHT differ: in a refusal, the status, a ticket, or who is told.

    Each side is a directory of machine files, or readings of the rules in machines/ such as name=option[,name=option].
    Everything that can happen to one item is tried on both, so that no difference is a proof for one item. Exit code 1
    if they differ.
    """
    from simsync.analysis.compare import first_difference
    from simsync.reporting.as_json import dumps
    from simsync.reporting.differences import as_json, as_text

    sides = (left, _side(left)), (right, _side(right))
    (_, one), (_, two) = sides
    if one.vocabulary != two.vocabulary:
        message = "the two have different vocabularies (partners, kinds, fields), and so no scenario in common"
        raise usage_error("RIGHT", message, code=Code.USAGE)
    difference = first_difference(one, two)
    if form == "json":
        sys.stdout.write(dumps(as_json(difference, *sides), sys.stdout) + "\n")
    elif difference is None:
        click.echo("no difference: whatever happens to one item, nobody can tell the two apart")
    else:
        for line in as_text(difference, *sides):
            click.echo(line)
    context.exit(0 if difference is None else 1)


def _side(text: str) -> Model:
    if os.path.isdir(text) or "=" not in text:
        return model_of(text, ())
    return model_of(None, tuple(text.split(",")))
