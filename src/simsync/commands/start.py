"""`simsync init` and `simsync completion`."""

from __future__ import annotations

import shlex

import click
from click.shell_completion import get_completion_class

from simsync.commands.help import Command

SHELLS = ("bash", "zsh", "fish")


@click.command(
    cls=Command,
    short_help="Make a working copy to start a policy of your own from.",
    examples=[
        ("init my-policy && cd my-policy && simsync run", "make a copy and see that it runs"),
        ("init --minimal small && cd small && simsync run", "... of the smallest policy that runs: four rows"),
    ],
)
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False))
@click.option("--minimal", is_flag=True, help="The smallest policy that runs, instead of the rules that ship here.")
def init(directory: str, minimal: bool) -> None:
    """Make a working copy to start a policy of your own from: machines/, scenarios/, schemas for your editor.

    DIR must not exist or be empty; nothing of yours is overwritten.
    """
    from simsync.questions.start.start import start_policy

    for name in start_policy(directory, minimal=minimal):
        click.echo(f"  {name}")
    click.echo(
        f"Next: cd {shlex.quote(directory)} && simsync run, then change machines/ and see which scenarios notice."
    )


@click.command(
    cls=Command,
    short_help="Print a script for TAB completion in your shell.",
    examples=[
        ("completion bash >> ~/.bashrc", "from the next shell on, TAB completes"),
        ("completion zsh >> ~/.zshrc", "the same for zsh"),
        ("completion fish > ~/.config/fish/completions/simsync.fish", "the same for fish"),
    ],
)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes TAB complete commands, options and readings in your shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root().command
    click.echo(kind(root, {}, "simsync", "_SIMSYNC_COMPLETE").source())
