"""A sequence of events, done by a system and a model in lock step."""

from __future__ import annotations

from dataclasses import dataclass

from simsync.conformance.protocol import Observed, SystemFault, Trouble
from simsync.conformance.sut import System
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.model.world import Event, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """Where to begin, what to do, and where that comes from."""

    status: str
    events: tuple[Event, ...]
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What could be seen of one action: ``refused`` is the reason, None if it was not; then what is shown."""

    refused: str | None
    shown: Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first step, counted from 0, at which the system does not do what the model does.

    ``aspects`` are what differs: ``refused``, ``status``, ``notified``, or the names of partners whose tickets do.
    """

    at: int
    outcomes: tuple[Outcome, ...]
    expected: Seen
    actual: Seen
    aspects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong with the system itself, with the last exchanges before it."""

    trouble: Trouble
    message: str
    trace: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """What came of a drive: it conforms where there is neither a divergence nor a fault. ``steps`` were judged."""

    drive: Drive
    steps: int
    divergence: Divergence | None = None
    fault: Fault | None = None


def simulated(model: Model, drive: Drive) -> list[Outcome]:
    """What the model does in a drive."""
    world, outcomes = World(drive.status), []
    for event in drive.events:
        outcomes.append(step(model, world, event))
        world = outcomes[-1].after
    return outcomes


def drive_through(system: System, model: Model, drive: Drive) -> Driven:
    """Do a drive with a system and a model in lock step, up to the first divergence."""
    done = 0
    try:
        system.begin(drive.status)
        outcomes: list[Outcome] = []
        world = World(drive.status)
        for number, event in enumerate(drive.events):
            outcomes.append(step(model, world, event))
            world = outcomes[-1].after
            expected = expected_of(system, outcomes[-1])
            actual = Seen(refused=system.act(event), shown=system.observe(expected.shown))
            done = number + 1
            aspects = aspects_of(system, expected, actual)
            if aspects:
                found = Divergence(
                    at=number, outcomes=tuple(outcomes), expected=expected, actual=actual, aspects=aspects
                )
                return Driven(drive=drive, steps=done, divergence=found)
    except SystemFault as fault:
        trace = tuple((one.request, one.answer) for one in system.trace)
        return Driven(drive=drive, steps=done, fault=Fault(trouble=fault.trouble, message=fault.message, trace=trace))
    return Driven(drive=drive, steps=done)


def expected_of(system: System, outcome: Outcome) -> Seen:
    """What a system that follows the rules shows of an outcome."""
    shown = system.translation.expected(outcome.model, outcome.after, outcome.notified)
    return Seen(refused=outcome.refused, shown=shown)


def aspects_of(system: System, expected: Seen, actual: Seen) -> tuple[str, ...]:
    """What differs; empty where nothing does, as far as the system shows it."""
    refused = ("refused",) if (expected.refused is None) != (actual.refused is None) else ()
    return (*refused, *system.translation.aspects(expected.shown, actual.shown))
