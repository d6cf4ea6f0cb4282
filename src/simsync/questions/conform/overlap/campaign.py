"""A campaign of rounds: driven, what no order explains grouped, done again and shrunk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from simsync.questions.conform.driven import Fault, Trouble
from simsync.questions.conform.overlap.disrupting import ONE_EACH
from simsync.questions.conform.overlap.driving import RoundsDriven, drive_rounds
from simsync.questions.conform.overlap.explained_orders import UNAVOIDABLE, Explaining, Nature, RoundMismatch
from simsync.questions.conform.overlap.fates import Fate, FateKind, deeds_on, fates
from simsync.questions.conform.overlap.rounds import ActAnswer, RoundsDrive, disruptions_of
from simsync.questions.conform.overlap.shrinking import SPARING, USUAL, length, shrunk
from simsync.questions.conform.systems.sut import System

MOST_FAULTS = 5
"""Drives that end in a fault where nothing overlapped until the system is given up."""
MOST_HUNG = 5
"""Time limits that are waited out until it is given up."""
MOST_IN_VAIN = 20
"""Drives in a row that end in a fault until it is given up."""
AGAIN = 5
"""How often the shortest drive is done again."""
MOST_SHRUNK = 16
"""Findings that are shrunk; of others the shortest drive that was seen is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCause:
    """What is the same of rounds that are probably one finding: what became of something, and of what.

    ``kind`` is the worst that became of anything, ``whom`` who is told otherwise, ``deeds`` what was done to the item
    that it became of, or by everybody where nobody can win; ``disruptions`` those of the round.
    """

    nature: Nature
    kind: FateKind | None = None
    whom: str | None = None
    deeds: frozenset[str] = frozenset()
    disruptions: frozenset[str] = frozenset()

    def covers(self, other: RoundCause) -> bool:
        """Whether another one is of the same kind, and of no more than is here."""
        same = (self.nature, self.kind, self.whom) == (other.nature, other.kind, other.whom)
        alike = bool(self.deeds) == bool(other.deeds) and bool(self.disruptions) == bool(other.disruptions)
        return same and alike and other.deeds <= self.deeds and other.disruptions <= self.disruptions


Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapFinding:
    """Rounds that no order explains, alike in what became of what: the shortest drive, and how often it was ``seen``.

    ``again``: how often the shortest drive showed it when it was done again, of so many ``tries``. ``early``: it did
    not come when the system, which cannot say when it rests, was looked at for longer.
    """

    driven: RoundsDriven
    fates: tuple[Fate, ...]
    seen: int
    again: int = 0
    tries: int = 0
    early: bool = False

    @property
    def mismatch(self) -> RoundMismatch:
        """Where it shows."""
        assert self.driven.mismatch is not None
        return self.driven.mismatch

    @property
    def accuses(self) -> bool:
        """Whether it is laid to the system: not where nobody who answers at once could be right."""
        return self.mismatch.nature not in UNAVOIDABLE and not self.early


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFailure:
    """A failure of the system that comes only where actions overlap, or it is disrupted; its numbers as above.

    The last round of the drive is the one in which it comes.
    """

    driven: RoundsDriven
    seen: int
    again: int = 0
    tries: int = 0

    @property
    def fault(self) -> Fault:
        """What went wrong."""
        assert self.driven.fault is not None
        return self.driven.fault


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapReport:
    """What came of rounds: so many ``drives`` in so many ``requests``, with ``rounds`` judged.

    ``overlapping`` of the rounds are of several actions.

    ``parallel``: actions were sent at once. ``disruptions`` are those that the system names, ``disrupted`` how often
    they were tried, ``struck`` how often that had an effect. Of so many ``combinations`` of a kind of action and a
    disruption before or after it so many were ``combined`` in a drive. ``worlds``: in how many worlds at once the
    system may have been.

    ``failures`` come only where something overlaps, ``faults`` also elsewhere. ``undecided`` drives end at a round of
    which the rules do not say what comes, ``alone`` at an action that diverges, and nothing overlapped before.
    ``unreached`` ones could not begin in a system that is never reset. ``most`` is how many drives there were to be at
    most, of each part; ``fewer``: these are fewer than usual, since the system cannot say when it rests. ``stopped``
    says why no more was driven.
    """

    parallel: bool
    situations: int = 0
    drives: int = 0
    requests: int = 0
    rounds: int = 0
    overlapping: int = 0
    worlds: int = 1
    disruptions: tuple[str, ...] = ()
    disrupted: int = 0
    struck: int = 0
    combinations: int = 0
    combined: int = 0
    findings: tuple[OverlapFinding, ...] = ()
    failures: tuple[RoundFailure, ...] = ()
    faults: tuple[RoundsDriven, ...] = ()
    undecided: int = 0
    alone: int = 0
    unreached: int = 0
    most: int = 0
    fewer: bool = False
    stopped: str | None = None

    @property
    def all(self) -> tuple[OverlapFinding | RoundFailure, ...]:
        """What was found, as it is numbered."""
        return (*self.findings, *self.failures)

    @property
    def uncombined(self) -> int:
        """How many kinds of an action before or after a disruption were not tried."""
        return max(0, self.combinations - self.combined)

    @property
    def diverges(self) -> bool:
        """Whether anything is laid to the system."""
        return bool(self.failures) or any(finding.accuses for finding in self.findings)


Asked = tuple[RoundsDrive, bool]
"""A drive that is to be done, and whether with care."""
Remembered = Callable[[Asked, Callable[[], RoundsDriven]], RoundsDriven]
"""Gives what came of a drive before, where that is known, or else what comes of it now."""


class RoundsCampaign:
    """Gathers what no order explains of drives, and has a system do it again and shrink it; ``kept`` as above."""

    def __init__(self, system: System, explaining: Explaining, *, parallel: bool, kept: Remembered) -> None:
        self.system, self.explaining, self.parallel, self._kept = system, explaining, parallel, kept
        self._report = OverlapReport(parallel=parallel)
        self._seen: dict[RoundCause, list[RoundsDriven]] = {}
        self._failed: dict[Key, list[RoundsDriven]] = {}
        self._in_vain = self._hung = 0

    def drive_all(self, done: Iterable[RoundsDriven], progress: Callable[[int, int], None]) -> None:
        """Take what comes of drives, in their order, until the system failed too often.

        ``progress`` is told how many were driven, and in how many no order explains what was seen.
        """
        for driven in done:
            self._add(driven)
            progress(self._report.drives, sum(map(len, (*self._seen.values(), *self._failed.values()))))
            if self._report.stopped is not None:
                return

    def _add(self, driven: RoundsDriven) -> None:
        """Count a drive."""
        self._report = replace(self._report, requests=self._report.requests + driven.requests)
        old, fault = self._report, driven.fault
        if driven.unreached is not None:
            self._report = replace(old, unreached=old.unreached + 1)
            return
        apart = driven.mismatch if fault is None else None
        self._in_vain = 0 if fault is None else self._in_vain + 1
        self._hung += fault is not None and fault.trouble is Trouble.TIMEOUT
        faults = (*old.faults, driven) if fault is not None and not driven.overlapped else old.faults
        self._report = replace(
            old,
            drives=old.drives + 1,
            rounds=old.rounds + driven.rounds,
            overlapping=old.overlapping + driven.overlapping,
            worlds=max(old.worlds, driven.worlds),
            disrupted=old.disrupted + driven.disrupted,
            struck=old.struck + driven.struck,
            combined=old.combined + (driven.drive.source == ONE_EACH),
            undecided=old.undecided + driven.undecided,
            alone=old.alone + (apart is not None and not driven.overlapped),
            faults=faults,
            stopped=self._given_up(faults),
        )
        if apart is not None and driven.overlapped:
            self._seen.setdefault(self._cause(apart), []).append(driven)
        elif fault is not None and driven.overlapped:
            self._failed.setdefault(_failure_key(fault), []).append(driven)

    def _given_up(self, faults: tuple[RoundsDriven, ...]) -> str | None:
        if len(faults) >= MOST_FAULTS:
            return f"given up, since the system failed {MOST_FAULTS} times"
        if self._hung >= MOST_HUNG:
            return f"given up, since {MOST_HUNG} answers did not come within the time limit"
        if self._in_vain >= MOST_IN_VAIN:
            return f"given up, since the system failed {MOST_IN_VAIN} times in a row"
        return None

    def report(self, situations: int, disruptions: tuple[str, ...], *, shrink: bool) -> OverlapReport:
        """What came of it; what was found is done again, and shrunk, if there is time for it."""
        most = MOST_SHRUNK if shrink else 0
        failures, faults = self._failures(most)
        findings = tuple(self._findings(most))
        return replace(
            self._report,
            situations=situations,
            disruptions=disruptions,
            findings=findings,
            failures=tuple(failures),
            faults=(*self._report.faults, *faults),
        )

    def _drive(self, drive: RoundsDrive, *, careful: bool = False) -> RoundsDriven:
        def now() -> RoundsDriven:
            return drive_rounds(self.system, self.explaining, drive, parallel=self.parallel, careful=careful)

        driven = self._kept((drive, careful), now)
        self._report = replace(self._report, requests=self._report.requests + driven.requests)
        return driven

    def _cause(self, found: RoundMismatch) -> RoundCause:
        if found.nature is Nature.UNWINNABLE:
            done = (event for event, answer in found.seen.answered if answer is not ActAnswer.REFUSED)
            return RoundCause(nature=found.nature, deeds=frozenset(f"{event.actor}: {event.action}" for event in done))
        worst = next(iter(fates(self.explaining.model, found)), None)
        if found.nature is Nature.LATE:  # whatever it is, it is not lost
            return RoundCause(nature=found.nature, disruptions=frozenset(disruptions_of(found.seen.acts)))
        return RoundCause(
            nature=found.nature,
            kind=worst.kind if worst else None,
            whom=worst.whom if worst else None,
            deeds=frozenset(deeds_on(found, worst.item) if worst else ()),
            disruptions=frozenset(disruptions_of(found.seen.acts)),
        )

    def _findings(self, most: int) -> list[OverlapFinding]:
        """One for each cause, the worst first: what comes to the same once it is shrunk is one."""
        found: dict[RoundCause, OverlapFinding] = {}
        natures, kinds = [*Nature], [None, *FateKind]
        worst = sorted(
            self._seen.items(),
            key=lambda one: (natures.index(one[0].nature), kinds.index(one[0].kind), len(one[0].deeds), -len(one[1])),
        )
        for number, (cause, driven) in enumerate(worst):
            shrink = number < most
            known = next((one for one in found if cause.covers(one)), None)
            if known is not None and not shrink:
                found[known] = replace(found[known], seen=found[known].seen + len(driven))
            elif (finding := self._shortest(cause, driven, shrink=shrink)) is not None:
                old = found.get(key := self._cause(finding.mismatch))
                found[key] = replace(old, seen=old.seen + finding.seen) if old else finding
        return list(found.values())

    def _shortest(self, cause: RoundCause, driven: list[RoundsDriven], *, shrink: bool) -> OverlapFinding | None:
        """The shortest drive that shows something, done again; None where nothing overlaps in it any more."""
        shortest, runs = min(driven, key=length), list[RoundsDriven]()
        rests = self.system.quiet is None
        if shrink:
            effort = USUAL if rests else SPARING
            shortest = shrunk(shortest, self._drive, lambda run: self._shows(run, cause), effort)
            runs = [self._drive(shortest.drive, careful=not rests) for _ in range(AGAIN)]
        if not shortest.overlapped:
            return None
        assert shortest.mismatch is not None
        again = sum(self._shows(run, cause) for run in runs)
        return OverlapFinding(
            driven=shortest,
            fates=tuple(fates(self.explaining.model, shortest.mismatch)),
            seen=len(driven),
            again=again,
            tries=len(runs),
            early=bool(runs) and not rests and not any(run.mismatch for run in runs),
        )

    def _failures(self, most: int) -> tuple[list[RoundFailure], list[RoundsDriven]]:
        """Failures that come only with overlap, the most frequent first; and drives that fail without any, too."""
        found: list[RoundFailure] = []
        plain: list[RoundsDriven] = []
        for number, (key, driven) in enumerate(sorted(self._failed.items(), key=lambda one: -len(one[1]))):
            shortest, runs = min(driven, key=length), list[RoundsDriven]()
            if number < most:
                hangs = driven[0].fault is not None and driven[0].fault.trouble is Trouble.TIMEOUT
                shortest = shrunk(shortest, self._drive, lambda run: _fails(run, key), SPARING if hangs else USUAL)  # noqa: B023 - used in this turn
                runs = [self._drive(shortest.drive) for _ in range(1 if hangs else AGAIN)]
            if not shortest.overlapped:
                plain.append(shortest)
                continue
            again = sum(_fails(run, key) for run in runs)
            found.append(RoundFailure(driven=shortest, seen=len(driven), again=again, tries=len(runs)))
        return found, plain

    def _shows(self, driven: RoundsDriven, cause: RoundCause) -> bool:
        return driven.mismatch is not None and cause.covers(self._cause(driven.mismatch))


def _failure_key(fault: Fault) -> Key:
    """What is the same of failures that are probably one: their kind, and their words but for numbers."""
    return fault.trouble, re.sub(r"\d+", "", fault.message)


def _fails(driven: RoundsDriven, key: Key) -> bool:
    return driven.fault is not None and _failure_key(driven.fault) == key
