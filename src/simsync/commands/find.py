"""`simsync find`."""

from __future__ import annotations

import click

from simsync.commands.help import Command
from simsync.commands.options import format_option, model_of, model_options, tell
from simsync.commands.progress_line import watching


@click.command(
    cls=Command,
    short_help="The shortest scenario that leads to a state.",
    examples=[
        ('find "link = {link} and status = {status}"', "is there a way to get there?"),
        ('find "owner(N1) = {first} and owner(N2) = {second} and link(N1) = {link}"', "... with two {items}"),
        ('find "stale = true" --reading {reading} --format json', "under another reading; for programs"),
        ("find 'told = {recipient}'", "when is this one told?"),
        ("find 'action = edit and refused = true'", "what can the last step do: is an edit ever refused?"),
        ("find --facts", "what can be asked about"),
    ],
    terms=["link", "phase", "synced"],
)
@click.argument("query", required=False)
@click.option("--facts", is_flag=True, help="List the facts that can be asked about, and who can be told.")
@format_option("text", "json")
@model_options
@click.pass_context
def find(
    context: click.Context, query: str | None, facts: bool, form: str, machines: str | None, readings: tuple[str, ...]
) -> None:
    """Find the shortest scenario after which QUERY holds, or prove that there is none.

    QUERY is a conjunction of conditions on the {status} and on {items} at rest, in the words of the rules: FACT =
    VALUE, or FACT(ITEM) = VALUE of one of several {items}, joined by and; FACT = VALUE or VALUE allows several values.
    Actor, action, refused, synced and told are of the step that leads there: who acts, and who is told (what
    scenarios expect as notified), say; --facts lists every fact with its values.
    A scenario begins in any {status}, with empty {tickets}. Exit code 1 if there is no way.
    """
    from simsync import api
    from simsync.report.phrases import values
    from simsync.statespace import query as questions

    model = model_of(machines, readings)
    if facts:
        for fact, about, allowed in questions.facts_told(model.policy):
            click.echo(f"{fact}: {values(allowed)}{f'  ({about})' if about else ''}")
        for recipient, about in model.vocabulary.recipients.items():
            click.echo(f"    {recipient}: {about}")
        return
    if not query or not query.strip():
        raise click.UsageError(
            "say what to find, as in: simsync find 'copy = present'; --facts lists what can be asked"
        )
    nothing = "whether there is a way is known only at the end"
    with watching(what="looking at every state", nothing=nothing):
        answer = api.find(model, query)
    tell(answer, form)
    context.exit(0 if answer.holds else 1)
