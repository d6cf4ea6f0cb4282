"""The command line: options in, exit code out; the one place where errors become messages."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from simsync.errors import SimsyncError
from simsync.version import __version__

HELD, NOT_HELD, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 all held, 1 something did not, 2 bad input."""
    from simsync.commands import simsync
    from simsync.commands.examples import ReaderGone

    try:
        code = simsync.main(args=arguments, prog_name="simsync", standalone_mode=False)
        sys.stdout.flush()
        return int(code or HELD)
    except SimsyncError as error:
        from simsync.reporting.phrases import diagnostic

        for found in error.diagnostics:
            click.echo(diagnostic(found), err=True)
        return BAD_INPUT
    except click.exceptions.Exit as request:
        return request.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except ReaderGone:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return HELD
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"simsync: {where}{error.strerror or error}", err=True)
        return BAD_INPUT


def entry() -> None:
    """The console script."""
    sys.exit(main())


if __name__ == "__main__":
    entry()


__all__ = ["__version__", "entry", "main"]
