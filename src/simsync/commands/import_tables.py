"""`simsync import`."""

from __future__ import annotations

import click

from simsync.commands.examples import Command
from simsync.commands.options import model_of
from simsync.commands.table import import_tables


@click.command(
    "import",
    cls=Command,
    short_help="Read edited decision tables back: DMN, CSV or a workbook.",
    examples=[
        ("export --to dmn --out tables.dmn", "for an editor of decision tables ..."),
        ("import --from dmn tables.dmn --dry-run", "... and what reading it back would change, and what that means"),
    ],
)
@click.argument("file", type=click.Path())
@click.option("--from", "form", type=click.Choice(["dmn", "csv", "xlsx"]), help="What the file is, whatever its name.")
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what the change means.")
@click.option("--machines", metavar="DIR", type=click.Path(), help="The rules to change. Default: machines/ here.")
def import_(file: str, form: str | None, dry_run: bool, machines: str | None) -> None:
    """Read decision tables that were edited elsewhere back into the machine files, with every comment kept.

    All of it is written, or nothing, with a sentence for each place that is wrong.
    """
    import_tables(model_of(machines, ()), machines, file, dry_run=dry_run, form=form, option="FILE")
