"""A campaign of rounds: driven, what no order explains grouped, done again and shrunk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from simsync.questions.conform.overlap.driving import RoundsDriven, drive_rounds
from simsync.questions.conform.overlap.fates import Fate, fates
from simsync.questions.conform.overlap.orders import Explaining, Nature, RoundMismatch
from simsync.questions.conform.overlap.rounds import ActAnswer, RoundsDrive, disruptions_of
from simsync.questions.conform.overlap.shrinking import length, shrunk
from simsync.questions.conform.systems.sut import System

MOST_FAULTS = 5
"""Drives that end in a fault of the system until it is given up."""
AGAIN = 5
"""How often the shortest drive is done again."""
MOST_SHRUNK = 12
"""Findings that are shrunk; of others the shortest drive that was seen is told."""

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapFinding:
    """Rounds that no order explains, alike in what became of what: the shortest drive, and how often it was ``seen``.

    ``again``: how often the shortest drive showed it when it was done again, of so many ``tries``.
    """

    driven: RoundsDriven
    fates: tuple[Fate, ...]
    seen: int
    again: int = 0
    tries: int = 0

    @property
    def mismatch(self) -> RoundMismatch:
        """Where it shows."""
        assert self.driven.mismatch is not None
        return self.driven.mismatch

    @property
    def accuses(self) -> bool:
        """Whether it is laid to the system: not where nobody who answers at once could be right."""
        return self.mismatch.nature is not Nature.UNWINNABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapReport:
    """What came of rounds: so many ``drives``, with ``rounds`` judged, ``overlapping`` of them of several actions.

    ``parallel``: actions were sent at once. ``disruptions`` are those that the system names, ``disrupted`` how often
    they were tried, ``struck`` how often that had an effect. ``worlds``: in how many worlds at once the system may have
    been. ``faults`` ended in one of the system; ``undecided`` drives at a round of which the rules do not say what
    comes, ``alone`` at an action that diverges, and nothing overlapped before it. ``stopped`` says why no more was
    driven.
    """

    parallel: bool
    situations: int = 0
    drives: int = 0
    rounds: int = 0
    overlapping: int = 0
    worlds: int = 1
    disruptions: tuple[str, ...] = ()
    disrupted: int = 0
    struck: int = 0
    findings: tuple[OverlapFinding, ...] = ()
    faults: tuple[RoundsDriven, ...] = ()
    undecided: int = 0
    alone: int = 0
    stopped: str | None = None

    @property
    def diverges(self) -> bool:
        """Whether anything is laid to the system."""
        return any(finding.accuses for finding in self.findings)


class RoundsCampaign:
    """Drives a system through rounds, and gathers what no order explains."""

    def __init__(self, system: System, explaining: Explaining, *, parallel: bool) -> None:
        self.system, self.explaining, self.parallel = system, explaining, parallel
        self._report = OverlapReport(parallel=parallel)
        self._seen: dict[Key, list[RoundsDriven]] = {}

    def drive_all(self, drives: Iterable[RoundsDrive], progress: Callable[[int, int], None]) -> None:
        """Drive through them, one after the other, until the system failed too often.

        ``progress`` is told how many were driven, and in how many no order explains what was seen.
        """
        for drive in drives:
            if self._report.stopped is not None:
                return
            self._add(self._drive(drive))
            progress(self._report.drives, sum(map(len, self._seen.values())))

    def _add(self, driven: RoundsDriven) -> None:
        """Count a drive."""
        old = self._report
        faults = (*old.faults, driven) if driven.fault is not None else old.faults
        apart = driven.mismatch if driven.fault is None else None
        self._report = replace(
            old,
            drives=old.drives + 1,
            rounds=old.rounds + driven.rounds,
            overlapping=old.overlapping + driven.overlapping,
            worlds=max(old.worlds, driven.worlds),
            disrupted=old.disrupted + driven.disrupted,
            struck=old.struck + driven.struck,
            undecided=old.undecided + driven.undecided,
            alone=old.alone + (apart is not None and not driven.overlapped),
            faults=faults,
            stopped=f"given up, since the system failed {MOST_FAULTS} times" if len(faults) >= MOST_FAULTS else None,
        )
        if apart is not None and driven.overlapped:
            self._seen.setdefault(self._key(apart), []).append(driven)

    def report(self, situations: int, disruptions: tuple[str, ...], *, shrink: bool) -> OverlapReport:
        """What came of it; what was found is done again, and shrunk, if there is time for it."""
        found = tuple(self._findings(MOST_SHRUNK if shrink else 0))
        return replace(self._report, situations=situations, disruptions=disruptions, findings=found)

    def _drive(self, drive: RoundsDrive) -> RoundsDriven:
        return drive_rounds(self.system, self.explaining, drive, parallel=self.parallel)

    def _key(self, found: RoundMismatch) -> Key:
        """What is the same of rounds that are probably one finding: the worst of what became of anything."""
        if found.nature is Nature.UNWINNABLE:
            done = (event for event, answer in found.seen.answered if answer is not ActAnswer.REFUSED)
            return found.nature, tuple(sorted(f"{event.actor}: {event.action}" for event in done))
        told = fates(self.explaining.model, found)
        return found.nature, bool(disruptions_of(found.seen.acts)), told[0].kind if told else None

    def _findings(self, most: int) -> list[OverlapFinding]:
        found = []
        worst = sorted(self._seen.items(), key=lambda one: (_rank(one[1][0]), -len(one[1])))
        for number, (key, driven) in enumerate(worst):
            shortest, runs = min(driven, key=length), list[RoundsDriven]()
            if number < most:
                shortest = shrunk(shortest, self._drive, lambda run, key=key: self._shows(run, key))  # type: ignore[misc]
                runs = [self._drive(shortest.drive) for _ in range(AGAIN)]
            assert shortest.mismatch is not None
            if shortest.overlapped:  # else it shows without any overlap, too
                told = tuple(fates(self.explaining.model, shortest.mismatch))
                again = sum(self._shows(run, key) for run in runs)
                finding = OverlapFinding(driven=shortest, fates=told, seen=len(driven), again=again, tries=len(runs))
                found.append(finding)
        return found

    def _shows(self, driven: RoundsDriven, key: Key) -> bool:
        return driven.mismatch is not None and self._key(driven.mismatch) == key


def _rank(driven: RoundsDriven) -> int:
    """How bad it is; the worst first."""
    assert driven.mismatch is not None
    return list(Nature).index(driven.mismatch.nature)
