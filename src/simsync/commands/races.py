"""`simsync races`."""

from __future__ import annotations

import sys

import click

from simsync.commands.help import Command
from simsync.commands.options import cluster_option, format_option, jobs_option, model_of, model_options, tell
from simsync.commands.progress_line import watching


@click.command(
    cls=Command,
    short_help="Where the order of two actions matters.",
    examples=[
        ("races", "where both at once is a question, and what no system can get right"),
        ("races {scenario}", "only in the situations that these scenarios come to"),
        ("races --reading {reading}", "what if the {page} is read this way?"),
        ("races --jobs 4", "by four processes"),
        ("races --format markdown > races.md", "a text for the vendor"),
        ("races --format json", "for programs"),
    ],
    terms=["race", "round"],
)
@click.argument("paths", metavar="[PATH[:LINE]]...", nargs=-1, type=click.Path())
@jobs_option("one")
@cluster_option
@format_option("text", "json", "markdown")
@model_options
def races(
    paths: tuple[str, ...],
    jobs: int | None,
    cluster: str | None,
    form: str,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Find the pairs of actions whose order matters to anybody, in every situation that can be come to.

    Both {partners} act before either {ticket} shows what the other did. Told apart are pairs of which no order makes
    true what each is answered alone, pairs that come to something else by the order, those of which one order alone
    does both, and those of which one makes the other possible. Each is shown with the shortest scenario, and with what
    both orders come to. With PATH, only the situations of scenarios are looked at.
    """
    from simsync import api
    from simsync.questions.races.letter import as_markdown
    from simsync.questions.races.report import as_text
    from simsync.report.terminal import glyphs_for

    model = model_of(machines, readings)
    with watching() as progress:
        answer = api.races(model, *paths, jobs=jobs, cluster=cluster, progress=progress)
    if form == "markdown":
        click.echo(as_markdown(answer.value), nl=False)
    elif form == "text":
        click.echo("\n".join(as_text(answer.value, glyphs_for(sys.stdout))))
    else:
        tell(answer, form)
