"""`simsync diagrams` and `simsync draw`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from simsync.commands.help import Command
from simsync.commands.options import model_of, model_options
from simsync.commands.progress_line import watching

if TYPE_CHECKING:
    from simsync.drawing.files import CheckedDrawings, Drawing
    from simsync.drawing.graph import Graph
    from simsync.engine.model import Model

STALE = "draw anew with simsync diagrams, and delete what is left over"


@click.command(
    cls=Command,
    short_help="Draw the machines and the decision tables.",
    examples=[
        ("diagrams", "write every diagram into diagrams/"),
        ("diagrams --reading {reading} --out other-reading", "as another reading has it"),
        ("diagrams --check", "are the diagrams in diagrams/ those of the rules as they are now?"),
    ],
    terms=["phase", "link"],
)
@click.option(
    "--out",
    metavar="DIR",
    default="diagrams",
    show_default=True,
    type=click.Path(file_okay=False),
    help="Where to write, or what to check.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 1 and name what shows something else now.")
@click.option(
    "--races",
    "marked",
    is_flag=True,
    help="Mark where the order of two actions matters; takes as long as `simsync races`.",
)
@model_options
@click.pass_context
def diagrams(
    context: click.Context, out: str, check: bool, marked: bool, machines: str | None, readings: tuple[str, ...]
) -> None:
    """Draw the two machines, what moves a link in each phase, and every decision table.

    Each machine as DOT, Mermaid and PlantUML, and as SVG and PNG where there is a `dot`: on PATH, or from simsync's
    extra 'render'. With --races, the {status} machines have numbers where the order of two actions matters, those of
    `simsync races`; --check sees whether what it looks at has them.
    """
    from simsync.drawing.files import checked, drawings, shows_races
    from simsync.drawing.render import renderer

    model = model_of(machines, readings)
    drawn = drawings(model, _with_races(model) if marked or (check and shows_races(out)) else ())
    if check:
        found = checked(drawn, out, pictures=renderer() is not None)
        for line in _told(found):
            click.echo(line)
        context.exit(1 if found.stale else 0)
    click.echo(f"{len(write(drawn, out))} files in {out}")


def _with_races(model: Model) -> list[Graph]:
    """The status machines with the races of a model marked."""
    from simsync.questions.races.asked import races_of
    from simsync.questions.races.diagram_marks import marked_machines

    with watching() as progress:
        return marked_machines(races_of(model, progress=progress))


def _told(found: CheckedDrawings) -> Iterator[str]:
    """What is not as the rules have it, drawing by drawing."""
    if not found.made and not found.stale:
        yield "no diagram was made yet; simsync diagrams makes them"
        return
    for paths in found.changed.values():
        endings = ", ".join(os.path.splitext(path)[1] for path in paths)
        yield f"changed: {os.path.splitext(paths[0])[0]} ({endings})"
    yield from (f"left over: {path}" for path in found.left_over)
    yield from (f"not made: {path}" for path in found.missing)
    counts = ((len(found.changed), "changed"), (len(found.left_over), "left over"), (len(found.missing), "not made"))
    said = ", ".join(f"{count} {what}" for count, what in counts if count)
    if found.stale:
        yield f"{said}; {STALE}"
    elif said:
        yield f"{said}; every diagram that was made is that of the rules"
    else:
        yield "every diagram is that of the rules"


@click.command(
    cls=Command,
    short_help="Draw a scenario's run.",
    examples=[
        ("draw {step}", "the scenario that this line is in: who did what, what crossed over, what was cut"),
        ("draw {scenario} --out pictures", "every scenario of a file, into a directory of your choice"),
        ("draw {step} --all", "also as PNG, Mermaid and PlantUML, and the path through the machines"),
    ],
)
@click.argument("scenarios", metavar="SCENARIO[:LINE]...", nargs=-1, required=True)
@click.option(
    "--out",
    metavar="DIR",
    default="drawings",
    show_default=True,
    type=click.Path(file_okay=False),
    help="Where to write.",
)
@click.option(
    "--all", "every", is_flag=True, help="Also write PNG, Mermaid and PlantUML, and the machines with the path."
)
@model_options
def draw(scenarios: tuple[str, ...], out: str, every: bool, machines: str | None, readings: tuple[str, ...]) -> None:
    """Draw runs as sequence diagrams, one SVG a scenario; with --all, also their paths through the machines.

    SCENARIO is a scenario file or a directory of them; with LINE, only the scenario that this line is in is drawn. The
    sequence diagram has each {ticket}'s lane and a lane for each {item}'s link, and at the end who sees what.
    """
    from simsync.app import run_scenarios_at
    from simsync.drawing.files import run_drawings, write_svgs

    model = model_of(machines, readings)
    results = [result for place in scenarios for result in run_scenarios_at(place, model)]
    drawn = run_drawings(model, results)
    if not every:
        for path in write_svgs(drawn, out):
            click.echo(path)
        return
    written = write(drawn, out)
    for drawing in drawn:
        if "svg" in drawing.texts:  # the sequence diagrams; the others go with them
            click.echo(os.path.join(out, f"{drawing.name}.svg"))
    click.echo(f"{len(written)} files in {out}")


def write(drawn: Sequence[Drawing], out: str) -> list[str]:
    """Write drawings; say what is missing where there is no renderer."""
    from simsync.drawing.files import write_drawings
    from simsync.drawing.render import no_png, renderer
    from simsync.extras import lacking

    command = renderer()
    written = write_drawings(drawn, out, command)
    if command is None:
        needed = lacking("one without Graphviz", "render")
        click.echo(f"no pictures of graphs, only texts: there is no `dot` on PATH; {needed}", err=True)
    if {f"{d.name}.png" for d in drawn if "svg" in d.texts} - {os.path.basename(path) for path in written}:
        click.echo(f"no PNG of some sequence diagrams, only SVG: {no_png('one')}", err=True)
    return written
