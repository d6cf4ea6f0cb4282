"""`simsync export`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from simsync.commands.examples import Command
from simsync.commands.options import model_of, model_options

if TYPE_CHECKING:
    from simsync.questions.export.listing import ExpectedCounts
    from simsync.statespace.transition_table import TransitionTable

MOST_ITEMS = 64


@click.command(
    cls=Command,
    short_help="Write the rules for Spin or Rumur, to check a verdict again.",
    examples=[
        ("export --to promela --out model.pml", "for Spin; how to run it stands at the top of the file"),
        ("export --to murphi --items 2 --kind {kind}", "for Rumur, two {items} of one kind only"),
    ],
)
@click.option("--to", "form", type=click.Choice(["promela", "murphi"]), required=True, help="The language to write.")
@click.option(
    "--items", type=click.IntRange(1, MOST_ITEMS), default=1, show_default=True, help="How many {items} there can be."
)
@click.option("--kind", "kinds", metavar="KIND", multiple=True, help="Only {items} of this kind; repeatable.")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write to a file instead of the terminal.")
@model_options
def export(
    form: str,
    items: int,
    kinds: tuple[str, ...],
    out: str | None,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Write the model with a number of {items} in the language of a model checker that is not ours.

    The file is complete: its first lines say how to run it, how many states and transitions have to come out, and
    which properties it checks. Spin reads promela, Rumur reads murphi.
    """
    from simsync.app import collector_paused, report_path
    from simsync.errors import not_among, usage_error
    from simsync.files import whole_file
    from simsync.questions.export.listing import Listing
    from simsync.questions.export.murphi import murphi
    from simsync.questions.export.promela import promela
    from simsync.statespace.transition_table import transition_table

    model = model_of(machines, readings)
    known = model.vocabulary.kinds
    problems = [not_among("a kind", kind, known) for kind in kinds if kind not in known]
    if problems:
        raise usage_error("--kind", *problems)
    if out is not None:
        report_path(out, "--out")
    chosen = tuple(kind for kind in known if not kinds or kind in kinds)
    with collector_paused():
        table = transition_table(model, chosen)
        listing = Listing(table=table, items=items, kinds=chosen, size=_size(table, items))
        write, suffix = (promela, "pml") if form == "promela" else (murphi, "m")
        text = write(listing, os.path.basename(out) if out else f"model.{suffix}")
    if out is None:
        sys.stdout.write(text)
        return
    with whole_file(out) as stream:
        stream.write(text)
    click.echo(f"{out}: how to run it stands at its top")


def _size(table: TransitionTable, items: int) -> ExpectedCounts | None:
    """The states and transitions of so many items, each told from the others; None if items are not independent."""
    from simsync.questions.export.listing import ExpectedCounts
    from simsync.statespace.counting import CountingAbstraction
    from simsync.statespace.independence import independence

    if items > 1 and not independence(table):
        return None
    counts = CountingAbstraction(table).counts(items, symmetry=False)
    return ExpectedCounts(counts.states, counts.transitions)
