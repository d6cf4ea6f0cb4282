"""The commands, each with examples in its help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import click

from simsync.commands.help import Group
from simsync.version import __version__

SECTIONS = {
    "Ask the rules": ("overview", "run", "play", "why", "find", "races", "readings", "table", "draw"),
    "Check the rules and the scenarios": (
        *("check", "explore", "coverage", "generate", "mutate", "compare", "shrink"),
    ),
    "Hold a system against the rules": ("conform", "adapter", "replay", "serve"),
    "Change the rules and make what follows from them": (
        *("init", "import", "rename", "diagrams", "rulebook", "export", "schema", "completion"),
    ),
}
"""The commands under the headings of the help, the first to try first."""
MODULES = {name: f".{name}" for names in SECTIONS.values() for name in names}
MODULES |= {"draw": ".diagrams", "init": ".start", "completion": ".start", "import": ".import_tables"}
"""The module of each command."""
KEYWORDS = {"import": "import_"}
"""What a command is called in its module, whose name is a word of Python's."""


class _Commands(Mapping[str, click.Command]):
    """The commands by name, each imported when it is asked for from one of some modules."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> click.Command:
        module = import_module(self._modules[name], __name__)
        command: click.Command = getattr(module, KEYWORDS.get(name, name))
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


@click.group(
    cls=Group,
    commands=_Commands(MODULES),
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit code: 0 all held, 1 something did not, 2 bad input.",
    examples=[
        ("overview", "the rules in a few lines, one scenario in full, what to try"),
        ("play", "write a page to act in with the browser"),
        ("run", "run every scenario in scenarios/"),
        ("run {scenario} --show all", "... as dialogues of the two {tickets}"),
        ('why "{did}" --scenario {scenario}', "which row decided that, and what would flip it"),
        ('table "{table}"', "read a decision table"),
        ("readings", "where the {page} is ambiguous"),
        ("init my-policy", "start a policy of your own"),
    ],
)
@click.version_option(__version__, prog_name="simsync", message="%(prog)s %(version)s")
def simsync() -> None:
    """Simulate a two-party synchronization policy: which of its rules does each action follow?"""
