"""The commands, each with examples in its help."""

from __future__ import annotations

import sys
from typing import Any

import click

from simsync.commands.run import run
from simsync.commands.show import readings, schema, table
from simsync.commands.start import completion, init
from simsync.commands.why import why
from simsync.version import __version__


class ReaderGone(Exception):  # noqa: N818 - not an error
    """Whoever read our output has seen enough."""


class Commands(click.Group):
    """A group that does not take a reader who stops reading for a failure."""

    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command and see that all it wrote is out."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except BrokenPipeError as error:
            raise ReaderGone from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit code: 0 all held, 1 something did not, 2 bad input.",
)
@click.version_option(__version__, prog_name="simsync", message="%(prog)s %(version)s")
def simsync() -> None:
    """Simulate a two-party synchronization policy: which of its rules does each action follow?

    \b
    Examples:
      simsync run                                run every scenario in scenarios/
      simsync run my.yaml --show all             ... as dialogues of the two tickets
      simsync why "lead: edit N1" --scenario scenarios/severing.yaml
      simsync table "own change"                 read a decision table
      simsync readings                           where the page is ambiguous
      simsync init my-policy                     start a policy of your own
    """


for command in (run, why, table, readings, schema, init, completion):
    simsync.add_command(command)
