"""`simsync why`."""

from __future__ import annotations

import sys

import click

from simsync.commands.help import Command
from simsync.commands.options import format_option, model_of, model_options, tell
from simsync.errors import Code, usage_error


@click.command(
    cls=Command,
    short_help="Explain one action: which row decided, and what would flip it.",
    examples=[
        ("why {step}", "why the step in that line did what it did"),
        ('why "{did}" --scenario {scenario}', "the first such step of the scenarios there"),
        (
            'why "{maker}: edit {item}" --set {set} --scenario {step}',
            "what if this had been done instead, before the step in that line?",
        ),
        ('why "{second}: create {new} N1" --reading {reading}', "on an empty {ticket}, with the {page} read this way"),
    ],
    terms=["row", "statement", "gap", "phase"],
)
@click.argument("action", metavar='"ACTOR: ACTION" | FILE:LINE')
@click.option(
    "--scenario", "place", metavar="FILE[:LINE]", help="Where it happens; LINE is a step's. Default: an empty {ticket}."
)
@click.option("--set", "fields", metavar="FIELD=VALUE", multiple=True, help="A field that the action sets; repeatable.")
@format_option("text", "json")
@model_options
@click.pass_context
def why(
    context: click.Context,
    action: str,
    place: str | None,
    fields: tuple[str, ...],
    form: str,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Explain one action: the row that decides it, every condition's value, the statements, and what would flip it.

    FILE:LINE is the step in that line, as it happened. If the scenario has a step that is the action (in LINE, if
    given), it is explained as it happened there. Otherwise it is tried out: before the step that LINE is in, or after
    the last one.
    """
    from simsync import api
    from simsync.questions.why.report import lines
    from simsync.report.terminal import glyphs_for, write_styled

    answer = api.explain(model_of(machines, readings), action, place, **dict(_field(text) for text in fields))
    if form == "json":
        tell(answer, form)
    else:
        chosen = [word for reading in readings for word in ("--reading", reading)]
        chosen += [] if machines is None else ["--machines", machines]
        write_styled(sys.stdout, lines(answer.value, glyphs_for(sys.stdout).arrow, chosen))
    context.exit(0 if answer.holds else 1)


def _field(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        message = f"'{text}' is not of the form field=value, as in --set NAME=true"
        raise usage_error("--set", message, code=Code.USAGE)
    return name, value
