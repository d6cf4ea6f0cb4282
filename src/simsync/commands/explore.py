"""`simsync explore`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from simsync.commands.help import Command
from simsync.commands.options import Amount, Size, format_option, model_of, model_options
from simsync.commands.progress_line import watching
from simsync.errors import HELD, INTERRUPTED, Code, usage_error

if TYPE_CHECKING:
    from simsync.questions.explore.asked import Explored


@click.command(
    cls=Command,
    short_help="Judge the properties over every state.",
    examples=[
        ("explore", "does what the properties claim hold in every state that {items} can come to?"),
        ("explore --items 6 --format json", "the states of six {items}; for programs"),
        ("explore --reading {reading} --write counterexamples", "under another reading, counterexamples as files"),
        ("explore --items 2 --no-symmetry", "visit every state, each {item} told from the others"),
        ("explore --no-symmetry --max-states 100000 --checkpoint kept.npz", "stop early and keep the search ..."),
        ("explore --no-symmetry --resume kept.npz", "... and go on with it"),
    ],
    terms=["reading"],
)
@click.option("--items", metavar="N", type=int, default=2, show_default=True, help="Up to how many {items} there are.")
@click.option("--property", "names", metavar="ID", multiple=True, help="Judge this property only; repeatable.")
@click.option(
    "--several",
    metavar="K",
    type=click.IntRange(1, 1000),
    default=1,
    help="Up to K counterexamples of a property that differ in how they end.",
)
@click.option("--no-symmetry", is_flag=True, help="Visit every state one by one, and tell the {items} from each other.")
@click.option("--max-states", metavar="N", type=click.IntRange(1), help="Stop at more states than these.")
@click.option(
    "--max-memory", metavar="SIZE", type=Size(), help="Do not begin a search that takes more, as in 512M or 4G."
)
@click.option("--timeout", metavar="SECONDS", type=Amount(0), help="Stop when the time is up.")
@click.option("--checkpoint", metavar="FILE", help="Where to keep a search that is stopped; with --no-symmetry.")
@click.option("--resume", metavar="FILE", help="Go on with a search that was kept; with --no-symmetry.")
@click.option("--write", metavar="DIR", help="Write each counterexample as a scenario file, for simsync run.")
@format_option("text", "json")
@model_options
@click.pass_context
def explore(
    context: click.Context,
    items: int,
    names: tuple[str, ...],
    several: int,
    no_symmetry: bool,
    max_states: int | None,
    max_memory: int | None,
    timeout: float | None,
    checkpoint: str | None,
    resume: str | None,
    write: str | None,
    form: str,
    machines: str | None,
    readings: tuple[str, ...],
) -> None:
    """Judge each property over every state that up to N {items} can come to.

    A property holds, or is violated, with the shortest scenario that shows it, or the search was incomplete. As far as
    {items} cannot influence each other, which is checked, a verdict stands for any number of them, and states are
    counted without visiting them; how many {items} are in which state is all that counts then. --no-symmetry visits
    every state, breadth first. A property that assumes other readings than those chosen is left out unless it is
    named. Exit code 1 if a property is violated or the search is incomplete.
    """
    from simsync.questions.explore.asked import ExploreOptions
    from simsync.questions.explore.explore import INTERRUPTION, explored
    from simsync.statespace.explicit import SearchLimits
    from simsync.statespace.properties import Verdict

    model = model_of(machines, readings)
    if not no_symmetry:
        _refuse_files({"--checkpoint": checkpoint, "--resume": resume})
    asked = ExploreOptions(
        items=items,
        names=names,
        several=several,
        symmetry=not no_symmetry,
        limits=SearchLimits(states=max_states, memory=max_memory, deadline=_deadline(timeout)),
        checkpoint=checkpoint,
        resume=resume,
    )
    with watching() as progress:
        made = explored(model, asked, progress)
    _report(made, form, write)
    if made.found.stopped == INTERRUPTION:
        context.exit(INTERRUPTED)
    context.exit(HELD if made.verdict is Verdict.HOLDS else 1)


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _refuse_files(named: Mapping[str, str | None]) -> None:
    """Say of the first option of which there is a file that it needs a search; raises :class:`SimsyncError`."""
    for option, path in named.items():
        if path is not None:
            message = "it goes with --no-symmetry: without that, states are counted, and there is no search to keep"
            raise usage_error(option, message, code=Code.USAGE)


def _report(made: Explored, form: str, write: str | None) -> None:
    """Print what was found, and write counterexamples if asked to."""
    from simsync.questions.explore.report import as_json, as_text, scenarios
    from simsync.report.as_json import dumps
    from simsync.scenarios.files import write_sealed

    files = {f"{name}.yaml": text for name, text in scenarios(made).items()}
    if write is not None and files:
        for path in write_sealed(write, "explore", files):
            click.echo(path, err=True)
    if form == "json":
        sys.stdout.write(dumps(as_json(made), sys.stdout) + "\n")
    else:
        for line in as_text(made):
            click.echo(line)
    if sys.stderr.isatty():
        click.echo(f"{made.seconds:.2f} s", err=True)
    _say_where(made)


def _say_where(made: Explored) -> None:
    """Where a search was kept."""
    if made.found.stopped and made.asked.checkpoint and os.path.exists(made.asked.checkpoint):
        click.echo(f"kept in {made.asked.checkpoint}; go on with --resume {made.asked.checkpoint}", err=True)
