"""What a scenario comes to under all combinations of readings: each different outcome once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import NamedTuple

from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.questions.run.independent_readings import together
from simsync.report.who_sees_what import left_open
from simsync.scenarios.scenario import Scenario
from simsync.statespace.combinations import Combinations
from simsync.statespace.describing import Cube, described
from simsync.statespace.differences import Observable, Seen, what_is_seen
from simsync.statespace.read_every_way import EveryWay, ReadRun, observed


class DifferentOutcome(NamedTuple):
    """What is seen of a run under some combinations, those with one of these choices of options.

    ``combinations`` says how many they are, ``in_force`` whether the model's own is among them.
    """

    cubes: tuple[Cube, ...]
    combinations: int
    in_force: bool
    outcomes: tuple[Outcome, ...]


class Parting(NamedTuple):
    """Something that is otherwise from a step on: what it is, and what is seen there, for each outcome in order."""

    look: Observable
    seen: tuple[Seen, ...]


class Deciding(NamedTuple):
    """Readings that decide some of what is seen together, whatever all others are; and what that comes to, ours first.

    In the outcomes all other readings are those in force.
    """

    readings: tuple[str, ...]
    outcomes: tuple[DifferentOutcome, ...]

    @property
    def partings(self) -> Iterator[Parting]:
        """Where outcomes come apart, step by step: what differs, unless it differs as it did the step before."""
        runs = [dict(what_is_seen(one.outcomes)) for one in self.outcomes]
        for look in dict.fromkeys(look for run in runs for look in run):
            values = tuple(run.get(look) for run in runs)
            before = tuple(run.get(look._replace(step=look.step - 1)) for run in runs)
            lasting = look.what in ("status", "ticket")
            if any(value != values[0] for value in values) and not (lasting and values == before):
                yield Parting(look, values)


@dataclass(frozen=True, slots=True)
class ReadEveryWay:
    """A scenario under all combinations of the readings that are ``open``, and its different outcomes, ours first.

    ``apart`` are the readings that decide something, parted into those that go together: each outcome is what one
    choice of theirs comes to, for all of them. ``of_sight`` are those that decide anything but who is told, parted
    alike; ``of_notices`` decide only who is told, with all those as they are in force, and ``elsewhere`` with some of
    those as they are not.
    """

    model: Model
    scenario: Scenario
    open: tuple[str, ...]
    combinations: int
    outcomes: tuple[DifferentOutcome, ...]
    apart: tuple[Deciding, ...]
    of_sight: tuple[Deciding, ...]
    of_notices: tuple[Deciding, ...]

    @property
    def sights(self) -> int:
        """How many different things there are to see, but for who is told."""
        return prod(len(one.outcomes) for one in self.of_sight)

    @property
    def elsewhere(self) -> tuple[str, ...]:
        """The readings that decide only who is told, and that only with others as they are not in force."""
        known = {name for one in (*self.of_sight, *self.of_notices) for name in one.readings}
        return tuple(name for name in self.combined.readings if name not in known)

    @property
    def combined(self) -> Deciding:
        """All readings that decide something, as if they went together."""
        names = {name for one in self.apart for name in one.readings}
        return Deciding(tuple(name for name in self.open if name in names), self.outcomes)

    @property
    def left_open(self) -> dict[str, str]:
        """The gaps that some outcome rests on and that no reading is about, each with what it leaves open."""
        return left_open(self.model, (outcome for one in self.outcomes for outcome in one.outcomes))

    @property
    def unseen(self) -> dict[str, int]:
        """The open readings on which steps depend though nobody sees it, each with the line of the last such step."""
        if len(self.outcomes) > 1:
            return {}
        steps = zip(self.scenario.steps, self.outcomes[0].outcomes, strict=True)
        lines = {name: step.line for step, outcome in steps for name in readings_behind(outcome)}
        return {name: lines[name] for name in self.open if name in lines}


def read_every_way(model: Model, scenario: Scenario, settled: Collection[str] = ()) -> ReadEveryWay:
    """Run a scenario under all combinations of readings, without those that it gives itself or that are ``settled``.

    Raises :class:`SimsyncError` where there are too many.
    """
    model = model.under(scenario.readings)
    open_ = {n: one for n, one in model.policy.readings.items() if n not in settled and n not in scenario.readings}
    among = Combinations(replace(model.policy, readings=open_, fixed={}))
    grouped: dict[Hashable, ReadRun] = {}
    for course in EveryWay(model, among).courses(scenario.trace):
        key = tuple(observed(outcome) for outcome in course.outcomes)
        known = grouped.get(key, course)
        grouped[key] = known._replace(bits=known.bits | course.bits)
    ours = {name: model.readings[name] for name in open_}
    return _told_apart(model, scenario, among, ours, list(grouped.values()))


def _told_apart(model: Model, scenario: Scenario, among: Combinations, ours: Cube, runs: list[ReadRun]) -> ReadEveryWay:
    """Different runs, and what decides in which way they differ."""
    every = among.everything
    apart, of_sight = (_decided(runs, among, ours, every, one) for one in (lambda _: True, _of_sight))
    seen = {name: ours[name] for one in of_sight for name in one.readings}
    within = among.under(seen)
    here = [one._replace(bits=one.bits & within) for one in runs if one.bits & within]
    return ReadEveryWay(
        model=model,
        scenario=scenario,
        open=tuple(ours),
        combinations=among.size,
        outcomes=_outcomes(runs, among, ours, every),
        apart=apart,
        of_sight=of_sight,
        of_notices=_decided(here, among, ours, within, lambda look: not _of_sight(look)),
    )


def _of_sight(look: Observable) -> bool:
    return look.what != "notified"


def _decided(
    runs: Sequence[ReadRun], among: Combinations, ours: Cube, within: int, looked_at: Callable[[Observable], bool]
) -> tuple[Deciding, ...]:
    """The readings that decide some of what is looked at, parted into those that go together, and their outcomes."""
    return tuple(
        Deciding(names, _outcomes([_under(some, among, names, ours) for some in parts], among, ours, within))
        for names, parts in together(runs, among, within, looked_at)
    )


def _under(some: Sequence[ReadRun], among: Combinations, names: tuple[str, ...], ours: Cube) -> ReadRun:
    """Runs in which some readings decide the same, as one: that of them with all others as they are in force.

    Of several such, which differ in what is not looked at, it is that in force, or else the first.
    """
    others = among.under({name: option for name, option in ours.items() if name not in names})
    near = [one for one in some if one.bits & others]
    nearest = min(near, key=lambda one: (not one.bits & among.under(ours), one.bits & -one.bits))
    return nearest._replace(bits=sum(one.bits for one in some))


def _outcomes(runs: Sequence[ReadRun], among: Combinations, ours: Cube, within: int) -> tuple[DifferentOutcome, ...]:
    """What runs within some combinations come to, that of the readings in force first."""
    in_force = among.under(ours)
    return tuple(
        DifferentOutcome(
            cubes=tuple(described(one.bits, among, within)),
            combinations=one.bits.bit_count(),
            in_force=bool(one.bits & in_force),
            outcomes=one.outcomes,
        )
        for one in sorted(runs, key=lambda one: (not one.bits & in_force, one.bits & -one.bits))
    )
