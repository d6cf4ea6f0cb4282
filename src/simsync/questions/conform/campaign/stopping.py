"""How a campaign is ended from outside, and keeps what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Interrupted(KeyboardInterrupt):
    """Somebody wants the campaign to end while a system is waited for."""


class Stop:
    """Whether somebody wants a campaign to end, and who; it is told at once only where something is waited for.

    >>> stop = Stop()
    >>> stop.ask("enough")
    >>> stop.asked
    'enough'
    """

    def __init__(self) -> None:
        self.asked: str | None = None
        self._waiting = False

    def ask(self, why: str) -> None:
        """Have the campaign end; raises :class:`Interrupted` in the midst of waiting."""
        self.asked = why
        if self._waiting:
            self._waiting = False
            raise Interrupted(why)

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While something may be waited for: there, the campaign can be ended."""
        self._waiting = True
        try:
            if self.asked is not None:
                raise Interrupted(self.asked)
            yield
        finally:
            self._waiting = False
