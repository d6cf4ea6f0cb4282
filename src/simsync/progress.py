"""How long computations tell how far they are, and how they are ended when the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from simsync.errors import Code, usage_error

T = TypeVar("T")
Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much; of 0 where nobody knows that yet."""


def silent(_what: str, _done: int, _of: int) -> None:
    """Nobody is told."""


def told(many: Iterable[T], progress: Progress, what: str, of: int) -> Iterator[T]:
    """The same, and after each it is told how many there were."""
    for done, one in enumerate(many, 1):
        yield one
        progress(what, done, of)


def until(seconds: float, progress: Progress) -> Progress:
    """Ends what tells it when the time is up, with a :class:`SimsyncError` that says how far it was."""
    deadline = time.monotonic() + seconds

    def watched(what: str, done: int, of: int) -> None:
        progress(what, done, of)
        if time.monotonic() > deadline:
            far = f"{done:,} of {of:,}" if of else f"{done:,}"
            message = f"{seconds:g} s are up, and nothing was written; it came as far as this: {what}: {far}"
            raise usage_error("--timeout", message, code=Code.USAGE)

    return watched
