"""`simsync diagrams`."""

from __future__ import annotations

import click

from simsync.commands.examples import Command
from simsync.commands.options import model_of, model_options


@click.command(
    cls=Command,
    short_help="Draw the machines and the decision tables.",
    examples=[
        ("diagrams", "write every diagram into diagrams/"),
        ("diagrams --reading {reading} --out other-reading", "as another reading has it"),
        ("diagrams --check", "are the diagrams in diagrams/ those of the rules as they are now?"),
    ],
)
@click.option("--out", metavar="DIR", default="diagrams", show_default=True, type=click.Path(file_okay=False))
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name what is stale or missing.")
@model_options
@click.pass_context
def diagrams(context: click.Context, out: str, check: bool, machines: str | None, readings: tuple[str, ...]) -> None:
    """Draw the two machines, what moves a link in each phase, and every decision table.

    Each machine as DOT, Mermaid and PlantUML, and as SVG and PNG where there is a `dot`: on PATH, or from the package
    graphviz-pure (pip install 'simsync[render]').
    """
    from simsync.diagrams.render import RenderError, renderer
    from simsync.errors import Code, usage_error
    from simsync.pictures import stale, write_drawings

    model = model_of(machines, readings)
    if check:
        names = list(stale(model, out))
        for name in names:
            click.echo(f"stale: {name}")
        click.echo(f"{len(names)} stale; run: simsync diagrams" if names else "every diagram is that of the rules")
        context.exit(1 if names else 0)
    command = renderer()
    try:
        written = list(write_drawings(model, out, command))
    except RenderError as error:
        raise usage_error("diagrams", str(error), code=Code.UNWRITABLE) from error
    click.echo(f"{len(written)} files in {out}")
    if command is None:
        click.echo(
            "no pictures, only texts: there is no `dot` on PATH; install Graphviz, or pip install 'simsync[render]'",
            err=True,
        )
