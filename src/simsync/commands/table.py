"""`simsync table`."""

from __future__ import annotations

import shlex
import sys

import click

from simsync.commands.examples import Command
from simsync.commands.options import format_option, model_of, model_options
from simsync.engine.model import Model
from simsync.errors import Code, not_among, usage_error

DIAGRAMS, RULEBOOK = "diagrams", "rulebook.html"
"""Where `simsync diagrams` and `simsync rulebook` write, too."""


@click.command(
    cls=Command,
    short_help="Print the decision tables, machines and statements.",
    examples=[
        ("table", "every table and both machines"),
        ('table "{table}" {other_table}', "some of them"),
        ('table "{table}" --reading {reading}', "as another reading has it"),
        ("table --format markdown > rules.md", "for a document"),
        ("table --format xlsx --out rules.xlsx", "for a spreadsheet, to be edited ..."),
        ("table --import rules.xlsx --dry-run", "... what its import would change, and what that means"),
        ("table --import rules.xlsx --draw", "import it, then draw the pictures and write the rulebook anew"),
    ],
    terms=["hit policy", "row", "effect", "phase"],
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@format_option("text", "json", "markdown", "csv", "xlsx")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write a CSV or XLSX file.")
@click.option("--import", "sheet", metavar="FILE", help="Read an edited CSV or XLSX file back into the rules.")
@click.option("--dry-run", is_flag=True, help="With --import: write nothing, only say what the change means.")
@click.option("--undo", is_flag=True, help="Put back what the last import changed; the import before it is next.")
@click.option(
    "--draw", is_flag=True, help="With --import or --undo: then write diagrams/ and rulebook.html anew, for all to see."
)
@model_options
def table(
    names: tuple[str, ...],
    form: str,
    out: str | None,
    sheet: str | None,
    dry_run: bool,
    undo: bool,
    draw: bool,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Print the decision tables, the two machines' transitions and the statements, all or those named.

    As CSV or XLSX they can be edited and imported again: into the machine files, with every comment kept, or with a
    sentence for each cell that is wrong. What an import changed can be undone.
    """
    from simsync.report import tables

    _check_options(sheet, dry_run=dry_run, undo=undo, draw=draw, alone=not (names or readings or out))
    if undo:
        _undo(machines, dry_run=dry_run)
    model = model_of(machines, readings)
    if sheet is not None:
        import_tables(model, machines, sheet, dry_run=dry_run)
    if draw:
        _draw(machines)
    if undo or sheet is not None:
        return
    sheets = {sheet.name: sheet for sheet in tables.sheets(model)}
    problems = [not_among("a table or machine", name, sheets) for name in names if name not in sheets]
    if problems:
        raise usage_error("NAME", *problems)
    if form in ("csv", "xlsx"):
        _export(model, machines, names or tuple(sheets), form, out)
        return
    if out is not None:
        raise usage_error("--out", "it goes with --format csv or xlsx", code=Code.USAGE)
    _print(model, names or tuple(sheets), form)


def _check_options(sheet: str | None, *, dry_run: bool, undo: bool, draw: bool, alone: bool) -> None:
    """Raise SimsyncError for options that do not go together."""
    if sheet is not None and not alone:
        message = "it goes alone: the sheet says which tables it is about, and as which readings have them"
        raise usage_error("--import", message, code=Code.USAGE)
    if undo and (sheet is not None or not alone):
        raise usage_error("--undo", "it goes alone", code=Code.USAGE)
    if (dry_run or draw) and not (undo or sheet is not None):
        raise usage_error("--dry-run" if dry_run else "--draw", "it goes with --import or --undo", code=Code.USAGE)
    if dry_run and draw:
        raise usage_error("--draw", "it goes without --dry-run", code=Code.USAGE)


def _print(model: Model, names: tuple[str, ...], form: str) -> None:
    """Print tables, machines and statements as JSON, Markdown or for a terminal."""
    from simsync.report import tables
    from simsync.report.as_json import dumps
    from simsync.report.terminal import console_for

    if form == "json":
        sys.stdout.write(dumps(tables.as_json(model, names), sys.stdout) + "\n")
        return
    console, sheets = console_for(sys.stdout), {sheet.name: sheet for sheet in tables.sheets(model)}
    for name in names:
        if form == "markdown":
            sys.stdout.write(tables.as_markdown(sheets[name]) + "\n")
        else:
            tables.print_sheet(console, sheets[name])
    if form == "text" and any(name in model.tables for name in names):
        click.echo("hit policy unique: exactly one row decides a situation; the order of rows means nothing")


def _export(model: Model, machines: str | None, names: tuple[str, ...], form: str, out: str | None) -> None:
    """Write tables as CSV or XLSX, to a file or to standard output."""
    from simsync.app import report_path
    from simsync.files import whole_file
    from simsync.questions.table.blocks import blocks
    from simsync.questions.table.files import csv_text

    if out is not None and not out.lower().endswith(f".{form}"):
        raise usage_error("--out", f"'{out}' does not end in .{form}", code=Code.USAGE)
    chosen = blocks(model, names)
    if out is None and form == "csv":
        sys.stdout.write(csv_text(chosen))
        return
    if out is None:
        raise usage_error("--out", "a workbook is written to a file; name it, as in --out rules.xlsx", code=Code.USAGE)
    # a mark at the start tells spreadsheet programs that CSV is UTF-8
    content = _workbook(model, machines, names) if form == "xlsx" else csv_text(chosen).encode("utf-8-sig")
    with whole_file(report_path(out, "--out")) as stream:
        stream.buffer.write(content)
    click.echo(out)


def _workbook(model: Model, machines: str | None, names: tuple[str, ...]) -> bytes:
    """The tables of those names as a workbook, with what may stand in their cells."""
    from simsync.app import machines_directory
    from simsync.policy.loading.policy import names_in
    from simsync.questions.table.blocks import blocks
    from simsync.questions.table.offers import offered
    from simsync.questions.table.workbook import xlsx_bytes

    declared = names_in(machines or machines_directory())
    return xlsx_bytes(blocks(model, names), offered(model, declared, names))


def import_tables(
    model: Model, machines: str | None, path: str, *, dry_run: bool, form: str | None = None, option: str = "--import"
) -> None:
    """Read edited tables back, and say what changed; ``option`` is what named the file."""
    from simsync import app
    from simsync.commands.meaning import meaning
    from simsync.commands.progress_line import watching
    from simsync.questions.table.importing import Import
    from simsync.report.phrases import counted

    _own(machines, option)
    imported = Import(model, machines or app.machines_directory(), path, form)
    if not dry_run:
        imported.write()
    for change in imported.changes:
        click.echo(change)
    told = counted(len(imported.changes), "change")
    back = f"; simsync table --undo{f' --machines {shlex.quote(machines)}' if machines else ''} takes it back"
    click.echo(f"{told}{', none of them written' if dry_run else back if imported.changes else ''}")
    if dry_run and imported.changes:
        with watching() as progress:
            lines = list(meaning(*imported.sides, progress))
        for line in lines:
            click.echo(line)
    if imported.renamed:
        click.echo("where a scenario expects a rule by its old name, change that too")


def _own(machines: str | None, option: str) -> None:
    """Raise SimsyncError where the rules are those that ship with simsync."""
    from simsync import app

    if app.uses_packaged_rules(machines):
        message = "there are no rules here to import into; simsync init DIR makes a working copy of those that ship"
        raise usage_error(option, message, code=Code.USAGE)


def _undo(machines: str | None, *, dry_run: bool) -> None:
    """Take the last import back."""
    from simsync import app
    from simsync.questions.table.undo import undo

    _own(machines, "--undo")
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
