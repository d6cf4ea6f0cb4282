"""How a campaign tells how far it is: to whoever watches at once, to others a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import click

from simsync.questions.conform.campaign.campaign import MOST_HUNG

QUIET = 30.0
"""Seconds between two lines where nobody watches."""
WIDEST = 79
"""Characters of a line that is said."""
OFTEN = 0.1
"""Seconds between two looks of somebody who does."""


class Watched:
    """Says how far it is; first how long an answer is waited for, and how often at most."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._shows = sys.stderr.isatty()
        self._next = clock() + (0 if self._shows else QUIET)
        self._said = False

    def __call__(self, what: str, done: int, of: int) -> None:
        """Say it, if it is time to."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + (OFTEN if self._shows else QUIET)
        if not self._said:
            self._said = True
            click.echo(f"{self._start}an answer is waited for {self._seconds:g} s at most, {MOST_HUNG} times", err=True)
        far = f"{done:,} of {of:,}" if of else f"{done:,}" if done else "..."
        click.echo(f"{self._start}{what}: {far}{' ' if self._shows else ''}", err=True, nl=not self._shows)

    def end(self) -> None:
        """Leave the line to what is told next."""
        if self._shows and self._said:
            click.echo(f"\r{' ' * WIDEST}\r", err=True, nl=False)

    @property
    def _start(self) -> str:
        return "\r" if self._shows else ""
