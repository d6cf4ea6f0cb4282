"""`simsync export`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options

if TYPE_CHECKING:
    from simsync.engine.model import Model
    from simsync.questions.export.listing import ExpectedCounts
    from simsync.statespace.transition_table import TransitionTable

MOST_ITEMS = 64
CHECKERS = {"promela": "pml", "murphi": "m"}
"""The languages of model checkers, with how their files are called."""


@click.command(
    cls=Command,
    short_help="Write the rules for other tools: model checkers, statecharts, DMN.",
    examples=[
        ("export --to promela --out model.pml", "for Spin; how to run it stands at the top of the file"),
        ("export --to murphi --items 2 --kind {kind}", "for Rumur, two {items} of one kind only"),
        ("export --to scxml --out {machines}.scxml", "the machines, for tools that read the W3C's statecharts"),
        ("export --to xstate --out {machines}.mjs", "the machines, for XState and Stately's editor"),
        ("export --to dmn --out tables.dmn", "the decision tables, for editors of DMN; simsync import reads them back"),
        ("export --to json --out table.json", "what one {item} can come to, for an engine of your own"),
    ],
)
@click.option(
    "--to",
    "form",
    type=click.Choice([*CHECKERS, "scxml", "xstate", "dmn", "json"]),
    required=True,
    help="The language to write.",
)
@click.option(
    "--items", type=click.IntRange(1, MOST_ITEMS), help="For checkers: how many {items} there can be. Default: 1."
)
@click.option(
    "--kind", "kinds", metavar="KIND", multiple=True, help="For checkers and json: only this kind; repeatable."
)
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write to a file instead of the terminal.")
@model_options
def export(
    form: str,
    items: int | None,
    kinds: tuple[str, ...],
    out: str | None,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Write the rules in a language that is not ours.

    promela and murphi have what a number of {items} can come to, for the model checkers Spin and Rumur: the first
    lines say how to run it, how many states and transitions have to come out, and which properties are checked.
    scxml and xstate have the machines as statecharts, dmn the decision tables. json has what one {item} can come to,
    as a transition table whose JSON Schema is that of simsync schema transition-table.
    """
    from simsync.app import collector_paused, report_path
    from simsync.errors import Code, not_among, usage_error
    from simsync.files import whole_file

    model = model_of(machines, readings)
    known = model.vocabulary.kinds
    problems = [not_among("a kind", kind, known) for kind in kinds if kind not in known]
    if problems:
        raise usage_error("--kind", *problems)
    for option, given, forms in (("--items", items, [*CHECKERS]), ("--kind", kinds, [*CHECKERS, "json"])):
        if given and form not in forms:
            raise usage_error(option, f"it goes with --to {', '.join(forms)}", code=Code.USAGE)
    if out is not None:
        report_path(out, "--out")
    chosen = tuple(kind for kind in known if not kinds or kind in kinds)
    with collector_paused():
        text = _written(model, form, items or 1, chosen, out)
    if out is None:
        sys.stdout.write(text)
        return
    with whole_file(out) as stream:
        stream.write(text)
    click.echo(f"{out}: how to run it stands at its top" if form in CHECKERS else out)


def _written(model: Model, form: str, items: int, kinds: tuple[str, ...], out: str | None) -> str:
    """The whole file."""
    if form in CHECKERS:
        return _for_checker(model, form, items, kinds, os.path.basename(out) if out else f"model.{CHECKERS[form]}")
    if form == "json":
        from simsync.report.table_data import as_data, lines
        from simsync.statespace.transition_table import transition_table

        return "\n".join(lines(as_data(transition_table(model, kinds)))) + "\n"
    if form == "dmn":
        from simsync.questions.table.dmn_writing import dmn_text

        return dmn_text(model)
    from simsync.questions.export.chart import chart_of
    from simsync.questions.export.scxml import scxml
    from simsync.questions.export.xstate import xstate

    return (scxml if form == "scxml" else xstate)(chart_of(model))


def _for_checker(model: Model, form: str, items: int, kinds: tuple[str, ...], file: str) -> str:
    """The source for a model checker; ``file`` is what the commands in it call it."""
    from simsync.questions.export.listing import Listing
    from simsync.questions.export.murphi import murphi
    from simsync.questions.export.promela import promela
    from simsync.statespace.transition_table import transition_table

    table = transition_table(model, kinds)
    listing = Listing(table=table, items=items, kinds=kinds, size=_size(table, items))
    write: Callable[[Listing, str], str] = promela if form == "promela" else murphi
    return write(listing, file)


def _size(table: TransitionTable, items: int) -> ExpectedCounts | None:
    """The states and transitions of so many items, each told from the others; None if items are not independent."""
    from simsync.questions.export.listing import ExpectedCounts
    from simsync.statespace.counting import CountingAbstraction
    from simsync.statespace.independence import independence

    if items > 1 and not independence(table):
        return None
    counts = CountingAbstraction(table).counts(items, symmetry=False)
    return ExpectedCounts(counts.states, counts.transitions)
