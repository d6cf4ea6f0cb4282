"""The command line's one boundary: errors to sentences, results to exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

import click

from simsync.errors import Code, Diagnostic, SimsyncError

HELD, BAD_INPUT, INTERRUPTED, READER_GONE, TERMINATED = 0, 2, 130, 141, 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 all held, 1 something did not, 2 bad input."""
    _prepare_streams()
    from simsync.commands import simsync
    from simsync.commands.examples import ReaderGone

    try:
        code = int(simsync.main(args=arguments, prog_name="simsync", standalone_mode=False) or HELD)
        sys.stdout.flush()
        return code
    except SimsyncError as error:
        return _bad_input(error.diagnostics)
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return BAD_INPUT
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except (ReaderGone, BrokenPipeError):
        return READER_GONE
    except OSError as error:
        where, why = str(error.filename or "output"), error.strerror or str(error)
        return _bad_input([Diagnostic(file=where, line=0, col=0, code=Code.UNWRITABLE, message=why)])


def _bad_input(diagnostics: Iterable[Diagnostic]) -> int:
    from simsync.reporting.phrases import diagnostic

    with suppress(OSError):  # nobody may be there to hear it
        for found in diagnostics:
            click.echo(diagnostic(found), err=True)
    return BAD_INPUT


def _prepare_streams() -> None:
    """Streams that are there, and that escape what their encoding lacks. Closed standard input has an end at once."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - it lives as long as we do
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - it lives as long as we do
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _let_go() -> None:
    """Flush the streams; what a stream cannot take goes nowhere, without a complaint when Python closes it."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _terminated(*_: object) -> None:
    """End as if interrupted, so that nothing half-done is left behind."""
    raise SystemExit(TERMINATED)


def entry() -> None:
    """The console script."""
    signal.signal(signal.SIGTERM, _terminated)
    try:
        code = main()
        _let_go()
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)
