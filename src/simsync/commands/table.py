"""`simsync table`."""

from __future__ import annotations

import sys

import click
from click.core import ParameterSource

from simsync.commands.help import Command
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
        ("table --out rules.xlsx", "for a spreadsheet, to be edited; simsync import reads it back"),
    ],
    terms=["hit policy", "row", "effect", "phase"],
)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@format_option("text", "json", "markdown", "csv", "xlsx")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write a CSV or XLSX file, by its ending.")
@model_options
@click.pass_context
def table(
    context: click.Context,
    names: tuple[str, ...],
    form: str,
    out: str | None,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Print the decision tables, the two machines' transitions and the statements, all or those named.

    As CSV or XLSX they can be edited; simsync import reads them back.
    """
    from simsync.report import tables

    if out is not None and context.get_parameter_source("form") is not ParameterSource.COMMANDLINE:
        form = next((one for one in ("csv", "xlsx") if out.lower().endswith(f".{one}")), form)
    model = model_of(machines, readings)
    sheets = {sheet.name: sheet for sheet in tables.sheets(model)}
    problems = [not_among("a table or machine", name, sheets) for name in names if name not in sheets]
    if problems:
        raise usage_error("NAME", *problems)
    if form in ("csv", "xlsx"):
        _export(model, machines, names or tuple(sheets), form, out)
        return
    if out is not None:
        raise usage_error("--out", "it is for CSV and XLSX; end its name in .csv or .xlsx", code=Code.USAGE)
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
