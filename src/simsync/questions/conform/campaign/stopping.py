"""How a campaign is ended from outside, or when its time is up, and keeps what it knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupted(KeyboardInterrupt):
    """Somebody wants the campaign to end while a system is waited for."""


class Stop:
    """Whether somebody wants a campaign to end, and who; it is told at once only where something is waited for.

    With ``seconds``, the campaign ends when they are over, counted from now; that is told before each request.

    >>> stop = Stop()
    >>> stop.ask("enough")
    >>> stop.asked
    'enough'
    """

    def __init__(self, seconds: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.asked: str | None = None
        self._waiting = False
        self._seconds, self._clock, self._start = seconds, clock, clock()

    def ask(self, why: str) -> None:
        """Have the campaign end; raises :class:`Interrupted` in the midst of waiting."""
        self.asked = why
        if self._waiting:
            self._waiting = False
            raise Interrupted(why)

    def check(self) -> None:
        """Raise :class:`Interrupted` if the campaign is to end."""
        if self.asked is None and self._seconds is not None and self._clock() - self._start >= self._seconds:
            self.asked = f"the time was up after {self._seconds:g} s, as asked for; it was not carried through"
        if self.asked is not None:
            raise Interrupted(self.asked)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While something may be waited for: there, the campaign can be ended."""
        self._waiting = True
        try:
            self.check()
            yield
        finally:
            self._waiting = False
