"""The command line's one boundary: errors to sentences, results to exit codes."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

import click

from simsync.errors import BAD_INPUT, HELD, INTERRUPTED, Code, Diagnostic, SimsyncError

READER_GONE = 141
ENDING = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""Signals that ask a program to end; each system has some of them."""
CLOSED = "it is closed, so that nothing can be told"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code: 0 all held, 1 something did not, 2 bad input."""
    _prepare_streams()
    from simsync.commands import simsync
    from simsync.commands.help import ReaderGone

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
        if error.errno == errno.EBADF and not error.filename:
            why = CLOSED
        return _bad_input([Diagnostic(file=where, line=0, col=0, code=Code.UNWRITABLE, message=why)])
    except MemoryError:
        message = "there is not enough memory for this"
        return _bad_input([Diagnostic(file="simsync", line=0, col=0, code=Code.TOO_LARGE, message=message)])


def _bad_input(diagnostics: Iterable[Diagnostic]) -> int:
    from simsync.report.phrases import diagnostic

    with suppress(OSError):  # nobody may be there to hear it
        for found in diagnostics:
            click.echo(diagnostic(found), err=True)
    return BAD_INPUT


def _prepare_streams() -> None:
    """Streams that are there, and that escape what their encoding lacks.

    Where standard input is closed it has an end at once; closed standard output takes nothing, and closed standard
    error loses what is said there.
    """
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115 - it lives as long as we do
    if sys.stdout is None:  # written to what can only be read, which fails
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115 - it lives as long
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - it lives as long as we do
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _let_go() -> None:
    """Flush the streams; what a stream cannot take goes nowhere, without a complaint when Python closes it."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # neither is there where we end before we began
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _end(number: int, _frame: object) -> None:
    """End as if interrupted, so that nothing half-done and nothing running is left behind."""
    raise SystemExit(128 + number)


def _end_when_asked() -> None:
    """Have signals end us in order; what our caller has us ignore, as ``nohup`` does, stays ignored."""
    for name in ENDING:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def entry() -> None:
    """The console script."""
    _end_when_asked()
    try:
        code = main()
    except KeyboardInterrupt:
        code = INTERRUPTED
    finally:
        _let_go()
    sys.exit(code)
