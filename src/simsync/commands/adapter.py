"""`simsync adapter`."""

from __future__ import annotations

import sys

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options


@click.command(
    cls=Command,
    short_help="Print a file to begin an adapter for your system with.",
    examples=[
        ("adapter --python > adapter.py && simsync conform --sut 'python adapter.py' --max-divergences 1", "in Python"),
        ("adapter --js > adapter.mjs", "the same for Node.js: simsync conform --sut 'node adapter.mjs'"),
        ("adapter --examples", "adapters to learn from, which came along with simsync"),
    ],
)
@click.option("--python", "language", flag_value="python", help="In Python, 3.10 or newer.")
@click.option("--js", "language", flag_value="js", help="In JavaScript, for Node.js 18 or newer.")
@click.option("--examples", is_flag=True, help="List the examples that came along, each with its path.")
@model_options
def adapter(language: str | None, examples: bool, machines: str | None, readings: tuple[str, ...]) -> None:
    """Print one file that speaks the protocol of simsync conform for a system of yours.

    It needs no simsync and no library. It has a class to fill in, and an example that runs: two {tickets} in memory,
    with the actions, {items} and {statuses} of the rules in force. It answers with what goes wrong in your code, keeps
    what you print out of the answers, and finds out which {item} a copy is one of. See docs/conformance.md.
    """
    from simsync.app import packaged
    from simsync.errors import Code, usage_error
    from simsync.questions.adapter.printed import adapter_file, examples_in

    if (language is None) != examples:
        raise usage_error("adapter", "exactly one of --python, --js and --examples says what to print", code=Code.USAGE)
    if language is None:
        for path, about in examples_in(packaged("examples")):
            click.echo(f"{path}\n    {about}")
        return
    sys.stdout.write(adapter_file(model_of(machines, readings), language))
