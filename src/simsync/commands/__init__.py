"""The commands, each with examples in its help."""

from __future__ import annotations

import click

from simsync.commands.run import run
from simsync.commands.show import readings, schema, table
from simsync.commands.start import completion, init
from simsync.commands.why import why
from simsync.version import __version__


@click.group(
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
      simsync why "lead: edit N1" --scenario my.yaml
      simsync table "own change"                 read a decision table
      simsync readings                           where the page is ambiguous
      simsync init my-policy                     start a policy of your own
    """


for command in (run, why, table, readings, schema, init, completion):
    simsync.add_command(command)
