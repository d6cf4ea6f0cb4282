"""How far something is, for whoever waits: at once at a terminal, elsewhere a line now and then, or nothing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Event, Thread

import click

from simsync.commands.signals import heard
from simsync.errors import Code, usage_error
from simsync.progress import TIME_UP, EndAsked, Progress, StoppedAt, telling, until

VARIABLE = "SIMSYNC_PROGRESS"
"""The environment variable with which nothing is said, where it is `no`."""
QUIET = 10.0
"""Seconds between two lines where nobody sits at a terminal."""
WIDEST = 79
"""Characters of a line that is said at one."""
CLEAR = f"\r{' ' * WIDEST}\r"
"""Takes away what is said there."""
OFTEN = 0.1
"""Seconds between two looks of somebody who does."""
PATIENCE = 1.0
"""Seconds after which somebody who sits at one is told that it still goes on."""


def say(what: str) -> None:
    """Say something of what is under way, on a line of its own."""
    if os.environ.get(VARIABLE) != "no":
        click.echo(f"{CLEAR if sys.stderr.isatty() else ''}{what}", err=True)


class Watched:
    """Says how far something is; ``head`` comes first, once. ``quiet``: seconds between two lines elsewhere."""

    def __init__(self, head: str = "", quiet: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        quiet = QUIET if quiet is None else quiet
        self._heads, self._clock = [head] if head else [], clock
        self._muted = os.environ.get(VARIABLE) == "no"
        self._shows = sys.stderr.isatty() and not self._muted
        self._every = OFTEN if self._shows else quiet
        self._began = clock()
        self._next = self._began + (0 if self._shows else quiet)
        self._said = False
        self._asked: str | None = None
        self.far = ""

    def ask(self, why: str) -> None:
        """Have what tells how far it is end there."""
        self._asked = why

    def __call__(self, what: str, done: int, of: int) -> None:
        """Say it, if it is time to; raises :class:`EndAsked` if it was asked to end."""
        now = StoppedAt(f"interrupted by {self._asked}", what, done, of)
        self.far = now.far
        self._say(self.far)
        if self._asked is not None:
            raise EndAsked(now)

    def tell(self, sentence: str) -> None:
        """Say a sentence: at once where somebody sits at a terminal, elsewhere before it is said how far it is."""
        self._heads.append(sentence)
        if self._shows:
            self._tell()

    def still(self, what: str) -> None:
        """Say that it goes on, and since when, if nobody has said how far it is for a while."""
        if self._clock() >= self._next + (PATIENCE if self._shows else 0):
            self._say(f"{self.far or what}, {self._clock() - self._began:.0f} s")

    def _say(self, what: str) -> None:
        if (now := self._clock()) < self._next or self._muted:
            return
        self._next = now + self._every
        self._tell()
        self._said = True
        click.echo(f"{self._start}{what}{' ' if self._shows else ''}", err=True, nl=not self._shows)

    def _tell(self) -> None:
        over = WIDEST if self._said and self._shows else 0
        for head in self._heads:
            click.echo(f"{self._start}{head:<{over}}", err=True)
        self._heads = []

    def end(self) -> None:
        """Leave the line to what is told next."""
        if self._shows and self._said:
            click.echo(CLEAR, err=True, nl=False)

    @property
    def _start(self) -> str:
        return "\r" if self._shows else ""


@contextmanager
def watching(
    timeout: float | None = None,
    head: str = "",
    quiet: float | None = None,
    what: str = "at work",
    *,
    tells: bool = False,
    nothing: str = "",
) -> Iterator[Progress]:
    """What is to be told how far something is; it is ended when the time is up.

    Where nobody is told, it is said that ``what`` still goes on. A signal ends what ``tells`` what it knows where it
    next says how far it is, with :class:`EndAsked`; anything else at once. Whoever interrupts is told how far it
    came, and that ``nothing`` is known yet. Raises :class:`SimsyncError` where the time is up and nothing is known.
    """
    watched, over = Watched(head, quiet), Event()

    def look() -> None:
        while not over.wait(PATIENCE):
            watched.still(what)

    watcher = Thread(target=look, daemon=True)
    watcher.start()
    far = f"it came as far as this: {{}}{nothing and f'; {nothing}'}"
    try:
        with heard(watched.ask) if tells else nullcontext(), telling(watched.tell):
            yield watched if timeout is None else until(timeout, watched)
    except KeyboardInterrupt as asked:
        watched.end()
        if isinstance(asked, EndAsked) and asked.stopped.why == TIME_UP:
            message = f"{timeout:g} s are up, and nothing was written; {far.format(asked.stopped.far)}"
            raise usage_error("--timeout", message, code=Code.USAGE) from asked
        click.echo(f"interrupted; {far.format(watched.far or what)}", err=True)
        raise
    finally:
        over.set()
        watcher.join()
        watched.end()
