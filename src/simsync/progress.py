"""How long computations tell how far they are, and how they are ended early with what is known by then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much; of 0 where nobody knows that yet.

Where somebody wants it to end, it raises :class:`EndAsked`.
"""

TIME_UP = "the time was up"
"""Why something ended early that may take so long and no longer."""


@dataclass(frozen=True, slots=True)
class StoppedAt:
    """That something ended early: why, and how far it was, in the words of :data:`Progress`."""

    why: str
    what: str
    done: int
    of: int

    @property
    def far(self) -> str:
        """How far it was, as progress is told.

        >>> StoppedAt("interrupted", "mutants run", 1200, 3000).far
        'mutants run: 1,200 of 3,000'
        """
        return (
            f"{self.what}: {f'{self.done:,} of {self.of:,}' if self.of else f'{self.done:,}' if self.done else '...'}"
        )

    def __str__(self) -> str:
        far = f"{self.done:,}{f' of {self.of:,}' if self.of else ''}"
        return f"{self.why} after {far} {self.what}; what follows is what was known by then, and may not be all"


class EndAsked(KeyboardInterrupt):
    """Somebody wants something to end, or its time is up; raised where it tells how far it is.

    So what was made by then is whole. ``stopped`` says where that was.
    """

    def __init__(self, stopped: StoppedAt) -> None:
        super().__init__(str(stopped))
        self.stopped = stopped


Tell = Callable[[str], None]
"""Told a sentence that whoever waits may want to know at once, such as where more is to be seen."""


def silent(_what: str, _done: int, _of: int) -> None:
    """Nobody is told."""


_told: ContextVar[Tell] = ContextVar("told", default=lambda _sentence: None)


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Have somebody hear sentences that come up meanwhile."""
    token = _told.set(tell)
    try:
        yield
    finally:
        _told.reset(token)


def tell(sentence: str) -> None:
    """Say a sentence to whoever waits, if anybody does."""
    _told.get()(sentence)


def told(many: Iterable[T], progress: Progress, what: str, of: int) -> Iterator[T]:
    """The same, and after each it is told how many there were."""
    for done, one in enumerate(many, 1):
        yield one
        progress(what, done, of)


def known(many: Iterable[T]) -> tuple[list[T], StoppedAt | None]:
    """All of them; or those that came before an interruption, and where that was.

    >>> def steps(progress):
    ...     yield 1
    ...     progress("steps", 1, 2)
    ...     yield 2
    >>> known(steps(silent)), known(steps(until(0, silent)))[0]
    (([1, 2], None), [1])
    """
    found: list[T] = []
    try:
        for one in many:
            found.append(one)
    except EndAsked as asked:
        return found, asked.stopped
    return found, None


def until(seconds: float, progress: Progress) -> Progress:
    """Ends what tells it when the time is up."""
    deadline = time.monotonic() + seconds

    def watched(what: str, done: int, of: int) -> None:
        progress(what, done, of)
        if time.monotonic() > deadline:
            raise EndAsked(StoppedAt(TIME_UP, what, done, of))

    return watched
