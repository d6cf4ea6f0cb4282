"""`simsync init` and `simsync completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

RC_FILES = {"bash": "~/.bashrc", "zsh": "~/.zshrc", "fish": "~/.config/fish/completions/simsync.fish"}


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False))
def init(directory: str) -> None:
    """Make a working copy to start a policy of your own from: machines/, scenarios/, schemas for your editor.

    DIR must not exist or be empty; nothing of yours is overwritten.

    \b
    Examples:
      simsync init my-policy
      cd my-policy && simsync run
    """
    from simsync import app

    for name in app.start_policy(directory):
        click.echo(f"  {name}")
    click.echo(f"Next: cd {directory} && simsync run, then change machines/ and see which scenarios notice.")


@click.command()
@click.argument("shell", type=click.Choice(list(RC_FILES)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that makes TAB complete commands, options and readings in your shell.

    \b
    Examples:
      simsync completion bash >> ~/.bashrc
      simsync completion zsh >> ~/.zshrc
      simsync completion fish > ~/.config/fish/completions/simsync.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    root = context.find_root().command
    click.echo(kind(root, {}, "simsync", "_SIMSYNC_COMPLETE").source())
