"""`simsync serve`."""

from __future__ import annotations

import sys

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options


@click.command(
    cls=Command,
    short_help="Be a system under test that follows the rules.",
    examples=[
        ("""serve <<< '{{"op": "hello", "protocol": 1}}'""", "speak the protocol by hand"),
        ("conform --sut 'simsync serve'", "it conforms"),
        ("conform --sut 'simsync serve --reading {reading}' --random 20", "... and under another reading it does not"),
    ],
)
@model_options
def serve(machines: str | None, readings: tuple[str, ...]) -> None:
    """Answer the protocol of systems under test on standard input and output, as the rules have it.

    To try simsync conform out, to see the protocol spoken, and to test adapters against. See docs/conformance.md.
    """
    from simsync.reference import answers

    model = model_of(machines, readings)
    for line in answers(model, sys.stdin.buffer):
        click.echo(line)
