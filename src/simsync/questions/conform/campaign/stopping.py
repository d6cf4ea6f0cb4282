"""How a campaign is ended from outside, or when its time is up, and keeps what it knows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from simsync.questions.conform.diagnosis.estimate import HOUR


class Interrupted(KeyboardInterrupt):
    """Somebody wants the campaign to end while a system is waited for."""


class Stop:
    """Whether somebody wants a campaign to end, and who; it is told at once only where something is waited for.

    With ``seconds``, the campaign ends when they are over, counted from now; that is told before each request. With
    ``requests``, so many are made in any hour: the next one waits until there is room for it.

    >>> stop = Stop()
    >>> stop.ask("enough")
    >>> stop.asked
    'enough'
    """

    def __init__(
        self,
        seconds: float | None = None,
        requests: int | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.asked: str | None = None
        self._waiting = False
        self._seconds, self._clock, self._start = seconds, clock, clock()
        self._made: deque[float] | None = None if requests is None else deque(maxlen=requests)
        self._sleep = sleep

    @property
    def hourly(self) -> int | None:
        """Requests that can be made in an hour; None where nobody counts them."""
        return None if self._made is None else self._made.maxlen

    @property
    def limited(self) -> bool:
        """Whether there is only so much time."""
        return self._seconds is not None

    @property
    def half_over(self) -> bool:
        """Whether there is only so much time, and half of it is over."""
        return self._seconds is not None and self._clock() - self._start >= self._seconds / 2

    def ask(self, why: str) -> None:
        """Have the campaign end; raises :class:`Interrupted` in the midst of waiting."""
        self.asked = why
        if self._waiting:
            self._waiting = False
            raise Interrupted(why)

    def check(self) -> None:
        """Raise :class:`Interrupted` if the campaign is to end."""
        self._end_after(0)

    def before_request(self) -> None:
        """Wait until there is room for one more request; raises :class:`Interrupted` where it is not to be made."""
        wait = self._wait()
        self._end_after(wait)
        if wait:
            self._sleep(wait)
        if self._made is not None:
            self._made.append(self._clock())

    def _end_after(self, wait: float) -> None:
        """Raise :class:`Interrupted` if the campaign is to end, or would once it waited so many seconds."""
        if self.asked is None and self._seconds is not None and self._clock() + wait - self._start >= self._seconds:
            self.asked = f"the time was up after {self._seconds:g} s, as asked for; it was not carried through"
        if self.asked is not None:
            raise Interrupted(self.asked)

    def _wait(self) -> float:
        """Seconds until there is room for one more request."""
        if self._made is None or len(self._made) != self._made.maxlen:
            return 0
        return max(0.0, self._made[0] + HOUR - self._clock())

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """While something may be waited for: there, the campaign can be ended."""
        self._waiting = True
        try:
            self.check()
            yield
        finally:
            self._waiting = False
