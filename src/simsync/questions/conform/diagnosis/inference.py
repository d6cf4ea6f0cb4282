"""Which readings explain what is observed: sets of combinations, parted by what would be seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace
from simsync.questions.conform.diagnosis.conformity import Report
from simsync.questions.conform.driven import Driven, Seen
from simsync.questions.conform.sequences.drives import Drive
from simsync.statespace.combinations import Combinations
from simsync.statespace.comparing import first_difference
from simsync.statespace.observations import Observations
from simsync.statespace.product_search import Sides
from simsync.statespace.read_every_way import ReadRun
from simsync.statespace.space import Space
from simsync.statespace.variant_traces import branches


class Partition(NamedTuple):
    """Combinations that do the same in a drive, and what they do."""

    combos: int
    outcomes: tuple[Outcome, ...]


Same = Callable[[Sequence[Outcome], Sequence[Outcome]], bool]
"""Whether two runs of a drive look the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A drive that was put to the system, what was seen, and the options that it ruled out, by reading."""

    drive: Drive
    seen: tuple[Seen, ...]
    ruled_out: Mapping[str, tuple[str, ...]]
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unexplained:
    """A drive in which no combination of readings does what the system did, from step ``at`` on (counted from 0)."""

    drive: Drive
    at: int
    expected: Outcome
    actual: Seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """A reading that nothing decided: the options left, why, and the drive that would have told them apart."""

    options: tuple[str, ...]
    why: str
    drive: Drive | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inference:
    """What was found out. ``settled``: by reading its option and the number of the drive, from 1, that decided it.

    ``settled`` with 0 were given beforehand. ``left`` combinations of ``all`` explain everything that was explained.
    ``confirmation`` is a campaign under the readings found, None where none was run. ``stopped`` is who ended it before
    all was asked.
    """

    name: str
    model: Model
    asked: tuple[Probe, ...] = ()
    settled: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    open: Mapping[str, Open] = field(default_factory=dict)
    unexplained: tuple[Unexplained, ...] = ()
    faults: tuple[Driven, ...] = ()
    left: int = 0
    all: int = 0
    confirmation: Report | None = None
    stopped: str | None = None

    @property
    def readings(self) -> dict[str, str]:
        """The options that were settled."""
        return {name: option for name, (option, _) in self.settled.items()}


class VersionSpace:
    """The combinations that explain everything so far, and what to ask next.

    ``fixed`` are readings that are not in question. ``possible`` says whether a system can do a drive.
    """

    def __init__(self, model: Model, fixed: Mapping[str, str], possible: Callable[[Drive], bool], same: Same) -> None:
        self.model = model
        self.combinations = Combinations(model.policy)
        self.space = Space(model, self.combinations, walked=False)
        self.sides = Sides(Observations(self.space))
        self.remaining = self.combinations.under(fixed)
        self.total = self.remaining.bit_count()
        self._possible = possible
        self._same = same
        self._asked: set[Trace] = set()
        self._pool: dict[Trace, Drive] = {}
        self._differences: dict[tuple[str, str], Drive | None] = {}
        self.impossible: dict[tuple[str, str], Drive] = {}

    def parts(self, drive: Drive) -> list[Partition]:
        """The remaining combinations, parted by what they do in a drive of one item."""
        return self._joined(branches(self.space, self.remaining, drive.trace))

    def _joined(self, parted: Sequence[ReadRun]) -> list[Partition]:
        found: list[Partition] = []
        for combos, _, outcomes in parted:
            same = next((n for n, one in enumerate(found) if self._same(one.outcomes, outcomes)), None)
            if same is None:
                found.append(Partition(combos, outcomes))
            else:
                found[same] = Partition(found[same].combos | combos, found[same].outcomes)
        return found

    def options(self) -> dict[str, tuple[str, ...]]:
        """By reading, the options of the remaining combinations."""
        with_option = self.combinations.with_option
        return {
            reading.name: tuple(o for o in reading.options if self.remaining & with_option(reading.name, o))
            for reading in self.model.policy.readings.values()
        }

    def next(self) -> tuple[Drive, list[Partition]] | None:
        """The drive that tells most about the remaining combinations, of several the shortest; None if none does.

        What was once found to tell some apart may tell others too; only where it does not, more is looked for.
        """
        found = self._best()
        if found is None:
            self._pool = {drive.trace: drive for drive in self._candidates() if drive.trace not in self._asked}
            found = self._best()
        if found is not None:
            self._asked.add(found[0].trace)
            del self._pool[found[0].trace]
        return found

    def _best(self) -> tuple[Drive, list[Partition]] | None:
        best: tuple[int, int, Drive, list[Partition]] | None = None
        for drive in self._pool.values():
            parts = self.parts(drive)
            rank = doubt(part.combos.bit_count() for part in parts), len(drive.trace.events)
            if len(parts) > 1 and (best is None or rank < best[:2]):
                best = *rank, drive, parts
        return None if best is None else best[2:]

    def _candidates(self) -> Iterator[Drive]:
        """For each option left besides the likeliest combination's, the shortest drive that tells them apart."""
        likeliest = self.combinations.first(self.remaining, self.model.readings)
        for name, options in self.options().items():
            for option in options:
                if option != likeliest[name]:
                    drive = self._difference(likeliest, name, option)
                    if drive is None:
                        continue
                    if self._possible(drive):
                        yield drive
                    else:
                        self.impossible[name, option] = drive

    def _difference(self, likeliest: Mapping[str, str], name: str, option: str) -> Drive | None:
        some = self.remaining & self.combinations.with_option(name, option)
        other = self.combinations.first(some, likeliest)
        key = (repr(likeliest), repr(other))
        if key not in self._differences:
            found = first_difference(self.model.under(likeliest), self.model.under(other), self.sides)
            drive = found and Drive(trace=Trace(status=found.status, events=found.events), source=f"{name}={option}")
            self._differences[key] = drive or None
        return self._differences[key]

    def why_open(self, name: str) -> Open:
        """Why nothing decided a reading."""
        options = self.options()[name]
        drive = next((self.impossible[name, option] for option in options if (name, option) in self.impossible), None)
        if drive is not None:
            return Open(
                options=options, why="what would tell them apart, this system cannot be asked to do", drive=drive
            )
        likeliest = self.combinations.first(self.remaining, self.model.readings)
        differing = (self._difference(likeliest, name, one) for one in options if one != likeliest[name])
        drive = next((one for one in differing if one is not None), None)
        if drive is not None:
            return Open(options=options, why="what would tell them apart did not, on this system", drive=drive)
        return Open(options=options, why="as the others are settled, nobody can tell them apart")


def doubt(sizes: Iterable[int]) -> int:
    """How much stays open after an answer with parts of these sizes: the less, the more bits an answer has.

    That is two to the power of what the parts' logarithms, each as often as the part is large, come to, without
    rounding anything.
    """
    return prod(size**size for size in sizes)
