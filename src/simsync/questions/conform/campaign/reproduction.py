"""Doing again what a system was seen to do, and counting how often it comes to the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.questions.conform.campaign.checkpoint import Kept
from simsync.questions.conform.campaign.stopping import Interrupted, Stop
from simsync.questions.conform.diagnosis.conformity import Recurrence, Recurs
from simsync.questions.conform.diagnosis.symptoms import SymptomKind, symptom_of
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.lockstep import AHEAD, drive_through, is_stray
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.protocol import NOTIFIED
from simsync.questions.conform.systems.sut import System

MOST_FAULTS = 3
"""Faults after which nothing is done again any more."""
TRIES = 6
"""How often the same is done, all in all, where it does not come back."""
FAR = 4
"""Changes after which it is looked whether what differs comes late, once its shortest drive is known."""
SURE = 3
"""How often something must show when it is done again, to be said to have come each time."""
MOST_BEFORE = 400
"""Drives that are done again in a campaign to find what an instance had to go through before."""


CHANGE, SETTLE = "change", "settle"
"""With what something may come late."""


class DivergenceKey(NamedTuple):
    """What is the same of divergences that are probably one and the same.

    ``what``: the rule that it is laid to, how else it shows, or what the system said of a failed synchronization; of
    notifications both, since one rule may be about somebody who is told too often and too seldom.
    ``stray``: it is about items that no action created. ``late``: with what it came.
    """

    what: str
    stray: bool = False
    late: str = ""


def key_of(driven: Driven) -> DivergenceKey:
    """The key of a drive that was left at a divergence."""
    found = driven.divergence
    assert found is not None
    if found.actual.shown.failed is not None:
        return DivergenceKey(re.sub(r"\S*\d\S*", "#", found.actual.shown.failed))
    late = "" if found.later is None or not found.late else CHANGE if found.later.changes else SETTLE
    symptom = symptom_of(found.outcomes, found.unlike)
    what = found.rules[0].id if symptom.sort is SymptomKind.RULES else symptom.about
    if found.unlike.aspects == (NOTIFIED,):
        what = f"{what}: {symptom.about}"
    return DivergenceKey(what, is_stray(found), late)


def cut(driven: Driven) -> Drive:
    """A drive up to where it was left."""
    return driven.drive.doing(driven.drive.trace.events[: driven.steps])


def ended_there(driven: Driven) -> Driven:
    """What came of a drive, as that of one which ends where it was left."""
    return replace(driven, drive=cut(driven))


def shown_at_end(driven: Driven | None, key: DivergenceKey) -> Driven | None:
    """The occurrence of a divergence with a key at the last step of a drive."""
    if driven is None:
        return None
    last = (one for one in driven.occurrences() if one.steps == len(driven.drive.trace.events))
    return next((one for one in last if key_of(one) == key), None)


def _begins_with(driven: Driven, drive: Drive) -> bool:
    """Whether a drive that was judged as far begins as another one goes."""
    number = len(drive.trace.events)
    whole = driven.drive.trace
    return driven.steps >= number and (whole.status, whole.events[:number]) == (drive.trace.status, drive.trace.events)


class Repeating:
    """Does drives again, until the system failed too often or somebody wants the campaign to end.

    ``ended`` says why nothing is done any more; ``faulty`` are the drives that ended in a fault meanwhile, ``requests``
    those that were made. What was ``kept`` from before is not done again.
    """

    def __init__(
        self,
        system: System,
        model: Model,
        stop: Stop,
        ended: str | None,
        history: Sequence[Driven],
        kept: Kept | None = None,
    ) -> None:
        self.system, self.model = system, model
        self.ended = ended
        self.faulty: list[Driven] = []
        self._stop, self._history, self._kept = stop, history, kept or Kept(model)
        self.requests = 0
        self._before = self._failed = 0
        self._unreached = ""
        self._poisons: list[tuple[Drive, ...]] = []

    @property
    def interrupted(self) -> bool:
        """Whether somebody waits for the report."""
        return self._stop.asked is not None

    def do(self, drive: Drive, *, fresh: bool = False, ahead: int = AHEAD) -> Driven | None:
        """What comes of a drive, ``fresh``: on a fresh instance where there can be one. None: it cannot be judged."""
        driven = self.whatever(drive, fresh=fresh, ahead=ahead)
        if driven is not None and driven.fault is not None:
            self.faulty.append(driven)
        return driven if driven is not None and (driven.fault is None or driven.differs) else None

    def whatever(self, drive: Drive, *, fresh: bool = False, ahead: int = AHEAD) -> Driven | None:
        """The same, be it a fault; None where nothing is done any more."""
        if self._stop.asked is not None:
            self.ended = self._stop.asked
        if self.ended is not None:
            return None

        def now() -> Driven:
            with self._stop.waiting():
                if fresh:
                    self.system.renew()
                return drive_through(self.system, self.model, drive, careful=True, ahead=ahead)

        try:
            driven = self._kept.done((drive, fresh, ahead), now)
        except Interrupted as asked:
            self.ended = str(asked)
            return None
        self.requests += driven.requests
        if driven.unreached is not None:
            self._unreached = f"it cannot {driven.unreached}"
            return None
        self._failed += driven.fault is not None
        if self._failed >= MOST_FAULTS:
            self.ended = f"the system failed {MOST_FAULTS} times when something was done again"
        return driven

    def recurrence(self, shown: Driven, key: DivergenceKey, seen: int) -> Recurrence:
        """How often a drive shows what it did, which it was ``seen`` to do so often; in the end on fresh instances."""
        drive = shown.drive
        runs = [self.do(drive, fresh=number == 0) for number in range(SURE)]
        runs += self._recorded(drive)
        if any(run is not None and shown_at_end(run, key) is None for run in runs):
            runs += [self.do(drive, fresh=True) for _ in range(TRIES - seen - SURE)]
        return self._counted(runs, key, seen)

    def on_record(self, drive: Drive, key: DivergenceKey) -> Recurrence:
        """How often a drive showed something in the campaign itself, at the beginning of others too.

        Where it did not each time, it is done again, as often as what does not come back is.
        """
        runs = self._recorded(drive)
        found = self._counted(runs, key, 0)
        if found.how is not Recurs.SOMETIMES:
            return found
        return self._counted([*runs, *(self.do(drive, fresh=n == 0) for n in range(TRIES - len(runs)))], key, 0)

    def _recorded(self, drive: Drive) -> list[Driven]:
        """What a drive came to in the campaign, where others began alike; the exchanges of then are not kept."""
        found = [one for one in self._history if _begins_with(one, drive)]
        went = [one.divergence if one.steps <= len(drive.trace.events) else None for one in found]
        named = [replace(drive, source=one.drive.source) for one in found]
        return [replace(one, drive=a, divergence=b, trace=()) for one, a, b in zip(found, named, went, strict=True)]

    def missed(self, driven: Driven, key: DivergenceKey, runs: Sequence[Driven]) -> Recurrence:
        """How often a drive shows what it did once, and not when it was done again."""
        drive = cut(driven)
        more = [self.do(drive, fresh=number == 0) for number in range(TRIES - 1 - len(runs))]
        return self._counted([*runs, *more], key, 1)

    def untried(self) -> Recurrence:
        """That a drive was not done again, and why."""
        return Recurrence(how=Recurs.UNTRIED, why=self.ended or self._unreached or "the system failed when it was")

    def _counted(self, runs: Sequence[Driven | None], key: DivergenceKey, seen: int) -> Recurrence:
        done = [run for run in runs if run is not None]
        otherwise = [run for run in done if shown_at_end(run, key) is None]
        if not done and seen == 1:
            return self.untried()
        return Recurrence(
            how=Recurs.SOMETIMES if otherwise else Recurs.ALWAYS,
            seen=seen + len(done) - len(otherwise),
            tries=seen + len(done),
            otherwise=min(otherwise, key=lambda run: not run.exchanges, default=None),
        )

    def needed_before(self, driven: Driven, key: DivergenceKey) -> tuple[Drive, ...]:
        """The drives, best one, that an instance has to go through first for a drive to show what it did."""
        mine = driven.instance
        if mine is None or not self.system.renew():
            return ()
        for known in self._poisons:
            if self._tells_apart(known, driven, key):
                return known
        place = mine.place, mine.number
        earlier = [one for one in self._history if one.instance and (one.instance.place, one.instance.number) == place]
        drives = [one.drive for one in earlier if one.instance and one.instance.before < mine.before]
        size = 1
        while drives and not self._shows_after(tuple(drives[-size:]), driven, key):
            if size >= len(drives) or self._before > MOST_BEFORE:
                return ()
            size = min(2 * size, len(drives))
        found = self._fewer(tuple(drives[-size:]), driven, key) if drives else ()
        if not found or not self._tells_apart(found, driven, key):
            return ()
        self._poisons.append(found)
        return found

    def _tells_apart(self, drives: Sequence[Drive], driven: Driven, key: DivergenceKey) -> bool:
        """Whether a drive shows something each time after others, and on a fresh instance never, in turns."""
        for _ in range(SURE):
            if not self._shows_after(drives, driven, key):
                return False
            fresh = self.do(cut(driven), fresh=True)
            if fresh is None or shown_at_end(fresh, key) is not None:
                return False
        return True

    def _fewer(self, drives: tuple[Drive, ...], driven: Driven, key: DivergenceKey) -> tuple[Drive, ...]:
        """Half of the drives as long as that is enough."""
        while len(drives) > 1:
            middle = len(drives) // 2
            half = next((h for h in (drives[:middle], drives[middle:]) if self._shows_after(h, driven, key)), None)
            if half is None:
                break
            drives = half
        return drives

    def _shows_after(self, drives: Sequence[Drive], driven: Driven, key: DivergenceKey) -> bool:
        for number, drive in enumerate(drives):
            self._before += 1
            if self._before > MOST_BEFORE or self.do(drive, fresh=number == 0, ahead=0) is None:
                return False
        return shown_at_end(self.do(cut(driven)), key) is not None
