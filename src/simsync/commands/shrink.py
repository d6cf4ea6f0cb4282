"""`simsync shrink`."""

from __future__ import annotations

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options


@click.command(
    cls=Command,
    short_help="The smallest scenario that fails the same way.",
    examples=[
        ("shrink {scenario} --reading {reading}", "every scenario there that fails under this reading"),
        ("shrink {step}", "the scenario that this line is in, if it fails"),
    ],
)
@click.argument("scenario", metavar="SCENARIO[:LINE]")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write it there, not on the screen.")
@model_options
@click.pass_context
def shrink(
    context: click.Context, scenario: str, out: str | None, machines: str | None, readings: tuple[str, ...]
) -> None:
    """Make scenarios that fail as small as they can be and still fail in the same way.

    SCENARIO is a scenario file or a directory of them; with LINE, only the scenario that this line is in is looked at.
    Steps, {items}, fields and readings are left out, and the beginning is moved to a later {status}, as long as the
    step that failed first is decided by the same row and fails the same expectations with the same values. Only these
    are kept. Exit code 0 if no scenario there fails, 1 if one does.
    """
    from simsync import app
    from simsync.files import whole_file
    from simsync.questions.shrink.report import document
    from simsync.questions.shrink.shrink import shrunk_at
    from simsync.report.phrases import counted

    if out is not None:
        app.refuse_to_replace(out)
    found = shrunk_at(model_of(machines, readings), scenario)
    if not found:
        click.echo("no scenario here fails, so that there is nothing to shrink", err=True)
        return
    text = "---\n".join(document(one.result, one.smallest, one.tries) for one in found)
    if out is None:
        click.echo(text, nl=False)
    else:
        with whole_file(out) as stream:
            stream.write(text)
        click.echo(f"{counted(len(found), 'scenario')} in {out}")
    context.exit(1)
