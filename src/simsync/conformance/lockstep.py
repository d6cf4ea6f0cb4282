"""A sequence of events, done by a system and a model in lock step."""

from __future__ import annotations

from collections.abc import Iterable

from simsync.analysis.system.blame import APPEARANCE, Unlike, blamed, told_otherwise
from simsync.analysis.system.driven import Divergence, Driven, Fault, Seen
from simsync.analysis.system.drives import Drive
from simsync.conformance.protocol import SystemFault
from simsync.conformance.sut import System
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.model.world import World


def drive_through(system: System, model: Model, drive: Drive, *, careful: bool = False) -> Driven:
    """Do a drive with a system and a model in lock step, up to the first divergence.

    ``careful``: look on after each step as long as after the last, at a system that cannot say when it rests.
    """
    outcomes: list[Outcome] = []
    done = 0
    own: frozenset[str] = frozenset()
    try:
        system.begin(drive.status)
        world = World(drive.status)
        for number, event in enumerate(drive.events):
            outcomes.append(step(model, world, event))
            world = outcomes[-1].after
            expected = expected_of(system, outcomes[-1])
            last = careful or number == len(drive.events) - 1
            actual = Seen(refused=system.act(event), shown=system.observe(expected.shown, last=last))
            done = number + 1
            own |= actual.shown.own
            if aspects_of(system, expected, actual):
                unlike = unlike_of(system, expected, actual)
                found = Divergence(
                    at=number,
                    outcomes=tuple(outcomes),
                    expected=expected,
                    actual=actual,
                    unlike=unlike,
                    rules=tuple(blamed(outcomes, unlike)),
                )
                return Driven(drive=drive, steps=done, rules=_rules(outcomes), divergence=found, own=own)
    except SystemFault as fault:
        return Driven(drive=drive, steps=done, fault=traced(system, fault), own=own)
    return Driven(drive=drive, steps=done, rules=_rules(outcomes), own=own)


def traced(system: System, fault: SystemFault) -> Fault:
    """What went wrong, with the last exchanges before it."""
    trace = tuple((one.request, one.answer) for one in system.trace)
    return Fault(trouble=fault.trouble, message=fault.message, trace=trace)


def _rules(outcomes: Iterable[Outcome]) -> frozenset[str]:
    return frozenset(rule for outcome in outcomes for rule in outcome.rules)


def expected_of(system: System, outcome: Outcome) -> Seen:
    """What a system that follows the rules shows of an outcome."""
    shown = system.translation.expected(outcome.model, outcome.after, outcome.notified)
    return Seen(refused=outcome.refused, shown=shown)


def aspects_of(system: System, expected: Seen, actual: Seen) -> tuple[str, ...]:
    """What differs; empty where nothing does, as far as the system shows it."""
    refused = ("refused",) if (expected.refused is None) != (actual.refused is None) else ()
    return (*refused, *system.translation.aspects(expected.shown, actual.shown))


def unlike_of(system: System, expected: Seen, actual: Seen) -> Unlike:
    """What differs, aspect by aspect and item by item; without aspects where nothing does."""
    aspects = aspects_of(system, expected, actual)
    items: dict[tuple[str, str], frozenset[str]] = {}
    for partner, there in expected.shown.tickets.items():
        shown = actual.shown.tickets.get(partner, {})
        for name in dict.fromkeys((*there, *shown)):
            one, other = there.get(name), shown.get(name)
            alone = one is None or other is None
            differing = [APPEARANCE] if alone else system.translation.differing(one or {}, other or {})
            if differing:
                items[partner, name] = frozenset(differing)
    told = told_otherwise(expected.shown.notified or (), actual.shown.notified or ())
    return Unlike(aspects=aspects, items=items, told=told)
