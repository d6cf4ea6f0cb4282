"""Failures of a system, done again: what fails each time leaves it unjudged, what does not is evidence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simsync.questions.conform.campaign.reproduction import TRIES, Repeating
from simsync.questions.conform.diagnosis.conformity import FailedRun, Recurrence, Recurs
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.sequences.drives import Drive


def now_and_then(again: Repeating, faulty: Iterable[Driven]) -> list[FailedRun]:
    """The failures that do not come each time that the same is done, those with the same trouble as one."""
    alike: dict[object, list[Driven]] = {}
    for one in faulty:
        assert one.fault is not None
        if not one.differs:
            alike.setdefault((one.fault.trouble, re.sub(r"\d+", "#", one.fault.message)), []).append(one)
    found = []
    for same in alike.values():
        first = min(same, key=lambda one: one.steps)
        recurrence = _done_again(again, up_to_it(first))
        if recurrence is not None:
            sources = dict.fromkeys(one.drive.source for one in same)
            found.append(FailedRun(driven=first, all=tuple(same), seen_in=tuple(sources), recurrence=recurrence))
    return found


def up_to_it(driven: Driven) -> Drive:
    """A drive up to the step at which the system failed; to its first one where it failed at the reset."""
    return driven.drive.doing(driven.drive.trace.events[: driven.steps + 1])


def _done_again(again: Repeating, drive: Drive) -> Recurrence | None:
    """How often a drive fails; None where it fails again at once on a fresh instance, or nobody can tell."""
    runs: list[Driven] = []
    for number in range(TRIES - 1):
        run = again.whatever(drive, fresh=number == 0)
        if run is None or (number == 0 and run.fault is not None):
            break
        runs.append(run)
    failed = sum(run.fault is not None for run in runs)
    return Recurrence(how=Recurs.SOMETIMES, seen=1 + failed, tries=1 + len(runs)) if runs else None
