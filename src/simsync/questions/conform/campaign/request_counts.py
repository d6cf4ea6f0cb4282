"""How much a campaign asks of a system, before it is asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from simsync.questions.conform.diagnosis.estimate import Estimate
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.overlap.rounds import RoundsDrive
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.protocol import SETTLE
from simsync.questions.conform.systems.sut import System

AHEAD = 1000
"""Sequences that are made before the first one is done, to be counted."""
FEW = 20
"""As many of a campaign that has only so much time."""
ALL = 10_000
"""As many where they are counted and none is done."""
MEASURED = 30
"""Requests by which it is known how quickly a system answers."""


Announce = Callable[[Estimate], None]


def unannounced(_estimate: Estimate) -> None:
    """Nobody is told."""


def measured(
    driven: Iterable[Driven], estimate: Estimate, announce: Announce, clock: Callable[[], float] = time.monotonic
) -> Iterator[Driven]:
    """The same; once enough was asked, it is announced how long all of it takes."""
    began, requests = clock(), 0
    for one in driven:
        if requests < MEASURED <= requests + one.requests:
            each = (clock() - began) / (requests + one.requests)
            announce(replace(estimate, each=each, measured=requests + one.requests))
        requests += one.requests
        yield one


def asked_in(system: System, drives: Iterable[Drive]) -> int:
    """Requests of drives, each of which goes as the rules say. Raises :class:`SystemFault`."""
    begin = 2 if _cannot_settle(system) else 3
    return sum(begin + 3 * len(drive.trace.events) for drive in drives)


def asked_in_rounds(system: System, drives: Iterable[RoundsDrive]) -> int:
    """The same of drives through rounds."""
    begin = 2 if _cannot_settle(system) else 3
    return sum(begin + sum(len(acts) + 2 for acts in drive.rounds) for drive in drives)


def _cannot_settle(system: System) -> bool:
    return SETTLE in system.hello.cannot
