"""The commands, each with examples in its help."""

from __future__ import annotations

import click

from simsync.commands.check import check
from simsync.commands.compare import compare
from simsync.commands.conform import conform
from simsync.commands.coverage import coverage
from simsync.commands.diagrams import diagrams, draw
from simsync.commands.examples import Group
from simsync.commands.explore import explore
from simsync.commands.export import export
from simsync.commands.find import find
from simsync.commands.generate import generate
from simsync.commands.mutate import mutate
from simsync.commands.replay import replay
from simsync.commands.rulebook import rulebook
from simsync.commands.run import run
from simsync.commands.serve import serve
from simsync.commands.show import readings, schema, table
from simsync.commands.shrink import shrink
from simsync.commands.start import completion, init
from simsync.commands.why import why
from simsync.version import __version__


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit code: 0 all held, 1 something did not, 2 bad input.",
    examples=[
        ("run", "run every scenario in scenarios/"),
        ("run scenarios/severing.yaml --show all", "... as dialogues of the two tickets"),
        ('why "{first}: edit N1" --scenario scenarios/severing.yaml', "which row decided that, and what would flip it"),
        ('table "{table}"', "read a decision table"),
        ("readings", "where the page is ambiguous"),
        ("init my-policy", "start a policy of your own"),
    ],
)
@click.version_option(__version__, prog_name="simsync", message="%(prog)s %(version)s")
def simsync() -> None:
    """Simulate a two-party synchronization policy: which of its rules does each action follow?"""


ASKING = (run, why, check, explore, find, compare, readings)
SUITES = (coverage, generate, mutate, shrink)
TESTING = (conform, replay, serve)
SHOWING = (table, diagrams, draw, rulebook, schema, export)
STARTING = (init, completion)
for command in (*ASKING, *SUITES, *TESTING, *SHOWING, *STARTING):
    simsync.add_command(command)
