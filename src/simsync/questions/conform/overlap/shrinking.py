"""The shortest drive of rounds that shows the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from simsync.questions.conform.overlap.driving import RoundsDriven
from simsync.questions.conform.overlap.rounds import RoundsDrive


@dataclass(frozen=True, slots=True)
class Effort:
    """How many shorter drives are done at most, and each how often until it is taken for one that shows nothing."""

    runs: int = 150
    tries: int = 3


USUAL, SPARING = Effort(), Effort(runs=25, tries=1)
"""``SPARING`` is for what takes seconds each time: a time limit, or a system that cannot say when it rests."""


def shrunk(
    best: RoundsDriven,
    drive: Callable[[RoundsDrive], RoundsDriven],
    shows: Callable[[RoundsDriven], bool],
    effort: Effort = USUAL,
) -> RoundsDriven:
    """The shortest drive found that shows the same as one does: fewer rounds, fewer actions, plain steps for rounds."""
    left = effort.runs
    shorter = _shorter(best.drive)
    while left > 0 and (one := next(shorter, None)) is not None:
        left -= 1
        run = next((run for run in (drive(one) for _ in range(effort.tries)) if shows(run)), None)
        if run is not None:
            best = run
            shorter = _shorter(best.drive)
    return best


def length(driven: RoundsDriven) -> tuple[int, int]:
    """How many actions, and rounds, a drive has up to where it was left."""
    rounds = driven.drive.rounds
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
