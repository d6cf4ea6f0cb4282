"""`simsync schema`."""

from __future__ import annotations

import sys

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options
from simsync.errors import not_among, usage_error


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
