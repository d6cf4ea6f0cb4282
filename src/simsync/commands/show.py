"""`simsync table`, `simsync schema`."""

from __future__ import annotations

import sys

import click

from simsync.commands.examples import Command
from simsync.commands.options import format_option, model_of, model_options
from simsync.engine.model import Model
from simsync.errors import Code, not_among, usage_error


@click.command(
    cls=Command,
    short_help="Print the decision tables, machines and statements.",
    examples=[
        ("table", "every table and both machines"),
        ('table "{table}" {other_table}', "some of them"),
        ('table "{table}" --reading {reading}', "as another reading has it"),
        ("table --format markdown > rules.md", "for a document"),
        ("table --format xlsx --out rules.xlsx", "for a spreadsheet, to be edited ..."),
        ("table --import rules.xlsx --dry-run", "... and what its import would change"),
    ],
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@format_option("text", "json", "markdown", "csv", "xlsx")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write a CSV or XLSX file.")
@click.option("--import", "sheet", metavar="FILE", help="Read an edited CSV or XLSX file back into the rules.")
@click.option("--dry-run", is_flag=True, help="With --import: write nothing, only say what would change.")
@model_options
def table(
    names: tuple[str, ...],
    form: str,
    out: str | None,
    sheet: str | None,
    dry_run: bool,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Print the decision tables, the two machines' transitions and the statements, all or those named.

    As CSV or XLSX the decision tables can be edited and imported again: into the machine files, with every comment
    kept, or with a sentence for each cell that is wrong.
    """
    from simsync.report import tables

    model = model_of(machines, readings)
    if sheet is not None:
        if names or readings or out is not None:
            message = "it goes alone: the sheet says which tables it is about, and as which readings have them"
            raise usage_error("--import", message, code=Code.USAGE)
        import_tables(model, machines, sheet, dry_run=dry_run)
        return
    if dry_run:
        raise usage_error("--dry-run", "it goes with --import", code=Code.USAGE)
    sheets = {sheet.name: sheet for sheet in tables.sheets(model)}
    problems = [not_among("a table or machine", name, sheets) for name in names if name not in sheets]
    if problems:
        raise usage_error("NAME", *problems)
    if form in ("csv", "xlsx"):
        _export(model, names, form, out)
        return
    if out is not None:
        raise usage_error("--out", "it goes with --format csv or xlsx", code=Code.USAGE)
    _print(model, names or tuple(sheets), form)


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


def _export(model: Model, names: tuple[str, ...], form: str, out: str | None) -> None:
    """Write tables as CSV or XLSX, to a file or to standard output."""
    from simsync.app import report_path
    from simsync.files import whole_file
    from simsync.questions.table.blocks import blocks
    from simsync.questions.table.files import csv_text, xlsx_bytes

    if out is not None and not out.lower().endswith(f".{form}"):
        raise usage_error("--out", f"'{out}' does not end in .{form}", code=Code.USAGE)
    chosen = blocks(model, names)
    if out is None and form == "csv":
        sys.stdout.write(csv_text(chosen))
        return
    if out is None:
        raise usage_error("--out", "a workbook is written to a file; name it, as in --out rules.xlsx", code=Code.USAGE)
    # a mark at the start tells spreadsheet programs that CSV is UTF-8
    content = xlsx_bytes(chosen) if form == "xlsx" else csv_text(chosen).encode("utf-8-sig")
    with whole_file(report_path(out, "--out")) as stream:
        stream.buffer.write(content)
    click.echo(out)


def import_tables(
    model: Model, machines: str | None, path: str, *, dry_run: bool, form: str | None = None, option: str = "--import"
) -> None:
    """Read edited tables back, and say what changed; ``option`` is what named the file."""
    from simsync import app
    from simsync.questions.table.importing import Import
    from simsync.report.phrases import counted

    if app.uses_packaged_rules(machines):
        message = "there are no rules here to import into; simsync init DIR makes a working copy of those that ship"
        raise usage_error(option, message, code=Code.USAGE)
    imported = Import(model, machines or app.machines_directory(), path, form)
    if not dry_run:
        imported.write()
    for change in imported.changes:
        click.echo(change)
    told = counted(len(imported.changes), "change")
    click.echo(f"{told}{', none of them written' if dry_run else ''}")
    if imported.renamed:
        click.echo("where a scenario expects a rule by its old name, change that too")


@click.command(
    cls=Command,
    short_help="Print the JSON Schema of scenario or machine files.",
    examples=[
        ("schema > scenario.schema.json", "the schema of scenario files"),
        ("schema rules", "the schema of the file with the decision tables"),
        ("schema --out schemas", "all of them"),
    ],
)
@click.argument("part", default="scenario")
@click.option("--out", metavar="DIR", type=click.Path(file_okay=False), help="Write all schemas into a directory.")
@click.option("--format", type=click.Choice(["json"]), default="json", expose_value=False, help="A schema is JSON.")
@model_options
def schema(part: str, out: str | None, machines: str | None, readings: tuple[str, ...]) -> None:
    """Print the JSON Schema of scenario files, or of another PART, with the {statuses}, kinds and ids of your rules.

    PART is `scenario` (the default), `vocabulary`, `statements`, `status`, `link`, `rules`, `readings`, `properties`,
    or `transition-table`, which is what export writes as JSON.
    """
    import json

    from simsync.questions.start.start import schemas_of, write_schemas

    made = schemas_of(model_of(machines, readings), machines)
    if out is not None:
        for path in write_schemas(made, machines, out):
            click.echo(path)
        return
    if part not in made:
        message = not_among("a part with a schema", part, made)
        raise usage_error("PART", message)
    sys.stdout.write(json.dumps(made[part], indent=2, ensure_ascii=False) + "\n")
