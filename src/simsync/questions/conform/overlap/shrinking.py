"""The shortest drive of rounds that shows the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from simsync.questions.conform.overlap.driving import RoundsDriven
from simsync.questions.conform.overlap.rounds import RoundsDrive

TRIES = 3
"""How often a shorter drive is done until it is taken for one that shows nothing."""
MOST_RUNS = 150
"""Shorter drives that are tried at most."""


def shrunk(
    shown: RoundsDriven, drive: Callable[[RoundsDrive], RoundsDriven], shows: Callable[[RoundsDriven], bool]
) -> RoundsDriven:
    """The shortest drive found that shows the same as one does: fewer rounds, fewer actions, plain steps for rounds."""
    best, left = replace(shown, drive=shown.drive.cut(shown.rounds)), MOST_RUNS
    shorter = _shorter(best.drive)
    while left > 0 and (one := next(shorter, None)) is not None:
        left -= 1
        run = next((run for run in (drive(one) for _ in range(TRIES)) if shows(run)), None)
        if run is not None:
            best = replace(run, drive=run.drive.cut(run.rounds))
            shorter = _shorter(best.drive)
    return best


def length(driven: RoundsDriven) -> tuple[int, int]:
    """How many actions, and rounds, a drive has up to where it was left."""
    rounds = driven.drive.cut(driven.rounds).rounds
    return sum(map(len, rounds)), len(rounds)


def _shorter(drive: RoundsDrive) -> Iterator[RoundsDrive]:
    """Drives with a round less, then an action less, then with the first of a round's actions before the others."""
    rounds = drive.rounds
    for number in range(len(rounds)):
        yield replace(drive, rounds=(*rounds[:number], *rounds[number + 1 :]))
    for number, acts in enumerate(rounds):
        for place in range(len(acts) if len(acts) > 1 else 0):
            fewer = (*acts[:place], *acts[place + 1 :])
            yield replace(drive, rounds=(*rounds[:number], fewer, *rounds[number + 1 :]))
    for number, acts in enumerate(rounds):
        if len(acts) > 2:
            yield replace(drive, rounds=(*rounds[:number], acts[:1], acts[1:], *rounds[number + 1 :]))
