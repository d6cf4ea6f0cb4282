"""`simsync import`."""

from __future__ import annotations

import shlex

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of
from simsync.errors import Code, usage_error

DIAGRAMS, RULEBOOK = "diagrams", "rulebook.html"
"""Where `simsync diagrams` and `simsync rulebook` write, too."""


@click.command(
    "import",
    cls=Command,
    short_help="Read edited decision tables back: DMN, CSV or a workbook.",
    examples=[
        ("table --format xlsx --out rules.xlsx", "for a spreadsheet; or, for an editor of decision tables ..."),
        ("export --to dmn --out tables.dmn", "... DMN"),
        ("import rules.xlsx --dry-run", "what reading it back would change, and what that means"),
        ("import tables.dmn --draw", "read it back, then draw the pictures and write the rulebook anew"),
    ],
)
@click.argument("file", required=False, type=click.Path())
@click.option("--from", "form", type=click.Choice(["dmn", "csv", "xlsx"]), help="What the file is, whatever its name.")
@click.option("--dry-run", is_flag=True, help="Write nothing, only say what the change means.")
@click.option("--draw", is_flag=True, help="Then write diagrams/ and rulebook.html anew, for all to see.")
@click.option("--undo", is_flag=True, help="Put back what the last import changed; the import before it is next.")
@click.option("--machines", metavar="DIR", type=click.Path(), help="The rules to change. Default: machines/ here.")
def import_(file: str | None, form: str | None, dry_run: bool, draw: bool, undo: bool, machines: str | None) -> None:
    """Read decision tables that were edited elsewhere back into the machine files, with every comment kept.

    All of it is written, or nothing, with a sentence for each place that is wrong. It can be undone.
    """
    from simsync import app

    if undo and (file is not None or form is not None):
        raise usage_error("--undo", "it goes without a file", code=Code.USAGE)
    if dry_run and draw:
        raise usage_error("--draw", "it goes without --dry-run", code=Code.USAGE)
    if file is None and not undo:
        raise usage_error("FILE", "name what was edited, or say --undo", code=Code.USAGE)
    if app.uses_packaged_rules(machines):
        message = "there are no rules here to import into; simsync init DIR makes a working copy of those that ship"
        raise usage_error("--undo" if undo else "FILE", message, code=Code.USAGE)
    if file is None:
        _undo(machines, dry_run=dry_run)
    else:
        _import(machines, file, form, dry_run=dry_run)
    if draw:
        _draw(machines)


def _import(machines: str | None, path: str, form: str | None, *, dry_run: bool) -> None:
    """Read edited tables back, and say what changed."""
    from simsync import app
    from simsync.commands.meaning import failing, meaning
    from simsync.commands.progress_line import watching
    from simsync.questions.table.importing import Import
    from simsync.report.phrases import counted

    imported = Import(model_of(machines, ()), machines or app.machines_directory(), path, form)
    if not dry_run:
        imported.write()
    for change in imported.changes:
        click.echo(change)
    told = counted(len(imported.changes), "change")
    back = f"; simsync import --undo{f' --machines {shlex.quote(machines)}' if machines else ''} takes it back"
    click.echo(f"{told}{', none of them written' if dry_run else back if imported.changes else ''}")
    if imported.changes:
        with watching() as progress:
            lines = list((meaning if dry_run else failing)(*imported.sides, progress))
        for line in lines:
            click.echo(line)
    if imported.renamed:
        click.echo("where a scenario expects a rule by its old name, change that too")


def _undo(machines: str | None, *, dry_run: bool) -> None:
    """Take the last import back."""
    from simsync import app
    from simsync.questions.table.undo import undo

    for path in undo(machines or app.machines_directory(), dry_run=dry_run):
        click.echo(f"{path} {'would be' if dry_run else 'is'} as it was before the last import")


def _draw(machines: str | None) -> None:
    """Draw the diagrams and write the rulebook of the rules as they are now."""
    from simsync import app
    from simsync.commands.diagrams import write
    from simsync.drawing.files import drawings
    from simsync.report.phrases import counted
    from simsync.rulebook.make import write_rulebook

    model = model_of(machines, ())
    click.echo(f"{len(write(drawings(model), DIAGRAMS))} files in {DIAGRAMS}")
    scenarios = app.load_scenarios(model=model)
    traced = write_rulebook(model, scenarios, RULEBOOK, None)
    failed = sum(not result.passed for result in traced.results)
    click.echo(f"{RULEBOOK}: {counted(len(traced.results), 'scenario')}, {failed:,} failed")
