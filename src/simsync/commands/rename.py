"""`simsync rename`."""

from __future__ import annotations

import os

import click

from simsync.commands.help import Command
from simsync.errors import Code, usage_error

FEW = 10
"""How many of the lines in which the old name is left are told."""

SORTS = (
    *(
        "partner",
        "actor",
        "kind",
        "field",
        "value",
        "memory",
        "recipient",
        "machine",
        "state",
        "phase",
        "action",
        "transition",
    ),
    *("table", "row", "fact", "reading", "option", "property", "statement", "gap", "page"),
)


@click.command(
    cls=Command,
    short_help="Call something otherwise, in the rules and in all that speaks of it.",
    examples=[
        ("rename kind {kind} remark --dry-run", "what would change, here and in scenarios/?"),
        ("rename partner {first} us --dry-run", "without --dry-run it is written"),
    ],
    terms=["phase", "reading"],
)
@click.argument("sort", type=click.Choice(SORTS), metavar="SORT")
@click.argument("old")
@click.argument("new")
@click.option(
    "--scenarios",
    "places",
    metavar="PATH",
    multiple=True,
    help="Scenarios that follow; repeatable. Default: scenarios/ here, where there is one; with --machines, none.",
)
@click.option("--map", "others", metavar="FILE", multiple=True, help="A mapping, or known deviations, that follow.")
@click.option("--dry-run", is_flag=True, help="Only say what would change, as a diff.")
@click.option("--machines", metavar="DIR", help="Machine files. Default: machines/ here.")
def rename(
    sort: str,
    old: str,
    new: str,
    places: tuple[str, ...],
    others: tuple[str, ...],
    dry_run: bool,
    machines: str | None,
) -> None:
    """Call something otherwise: in the rules, the scenarios, and in files with names for systems and logs.

    SORT is what OLD is: partner, actor, kind, field, value, memory, recipient, machine, state, phase, action,
    transition, table, row, fact, reading, option, property, statement, gap or page. Only names change: remarks, layout
    and texts stay. All files are written, or none: not if NEW is taken, or if any scenario came out otherwise. The
    lines in which OLD is left, such as texts, are told.
    """
    from simsync import app
    from simsync.questions.conform.systems.files import load_deviations, load_names
    from simsync.questions.rename.rename import renaming
    from simsync.questions.replay.log.names import load_log_names
    from simsync.report.phrases import counted

    if app.uses_packaged_rules(machines):
        message = "there are no rules here to rename anything in; simsync init DIR makes a working copy"
        raise usage_error("rename", message, code=Code.USAGE)
    scenarios = places or (("scenarios",) if machines is None and os.path.isdir("scenarios") else ())
    readers = (load_names, load_log_names, load_deviations)
    made = renaming(machines or app.machines_directory(), sort, (old, new), scenarios, others, readers)
    if dry_run:
        click.echo("".join(made.diff()), nl=False)
    else:
        made.write()
    told = counted(len(made.changed), "file")
    click.echo(f"{told} would change" if dry_run else f"{told} changed; simsync schema --out schemas tells editors")
    if made.left:
        shown = [f"{path}:{line}" for path, line in made.left[:FEW]]
        more = f" and {len(made.left) - FEW} more" if len(made.left) > FEW else ""
        click.echo(f"'{old}' is left in {counted(len(made.left), 'line')}: {', '.join(shown)}{more}")
