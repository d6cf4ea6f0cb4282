"""How far something is, for whoever waits: at once at a terminal, elsewhere a line now and then, or nothing."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from simsync.progress import Progress, until

QUIET = 30.0
"""Seconds between two lines where nobody sits at a terminal."""
WIDEST = 79
"""Characters of a line that is said at one."""
OFTEN = 0.1
"""Seconds between two looks of somebody who does."""


class Watched:
    """Says how far something is; ``head`` comes first, once. ``quiet`` None: nothing is said but at a terminal."""

    def __init__(self, head: str = "", quiet: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._head, self._clock = head, clock
        self._shows = sys.stderr.isatty()
        self._every = OFTEN if self._shows else quiet
        self._next = clock() + (0 if self._shows else quiet or 0)
        self._said = False

    def __call__(self, what: str, done: int, of: int) -> None:
        """Say it, if it is time to."""
        if self._every is None or (now := self._clock()) < self._next:
            return
        self._next = now + self._every
        if not self._said:
            self._said = True
            if self._head:
                click.echo(f"{self._start}{self._head}", err=True)
        far = f"{done:,} of {of:,}" if of else f"{done:,}" if done else "..."
        click.echo(f"{self._start}{what}: {far}{' ' if self._shows else ''}", err=True, nl=not self._shows)

    def end(self) -> None:
        """Leave the line to what is told next."""
        if self._shows and self._said:
            click.echo(f"\r{' ' * WIDEST}\r", err=True, nl=False)

    @property
    def _start(self) -> str:
        return "\r" if self._shows else ""


@contextmanager
def watching(timeout: float | None = None, head: str = "", quiet: float | None = None) -> Iterator[Progress]:
    """What is to be told how far something is; it is ended when the time is up."""
    watched = Watched(head, quiet)
    try:
        yield watched if timeout is None else until(timeout, watched)
    finally:
        watched.end()
