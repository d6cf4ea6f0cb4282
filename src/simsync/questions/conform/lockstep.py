"""A sequence of events, done by a system and a model in lock step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import count

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.questions.conform.driven import Divergence, Driven, Exchanges, Fault, Later, Observed, Seen, joined
from simsync.questions.conform.fault_localization import APPEARANCE, StepMismatch, blamed, told_otherwise
from simsync.questions.conform.sequences.drives import Drive
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.protocol import NOTIFIED, NoWayThere, SystemFault
from simsync.questions.conform.systems.sut import TRACE, System

AHEAD = 2
"""Changes that are made after a divergence, to see whether what differs comes with one of them."""
TRACED = 15
"""Exchanges that are kept up to where something differs."""
REFUSED, SYNCHRONIZATION = "refused", "synchronization"
"""What can differ besides what is shown: whether an action is refused, whether the system failed to synchronize."""


def drive_through(system: System, model: Model, drive: Drive, *, careful: bool = False, ahead: int = AHEAD) -> Driven:
    """Do a drive with a system and a model in lock step. It ends at a divergence, or at a step that no row decides.

    Two divergences do not end it. A synchronization may fail or be late, and come right when it is asked for again. An
    item may be there that no action created; it is ignored from then on. After any other divergence the system is
    settled once more, and ``ahead`` more changes are made. ``careful``: a system that cannot say when it rests is
    looked at after each step for as long as after the last one.
    """
    asked = system.requests
    driven = _Lockstep(system, model, drive, careful=careful, ahead=ahead).driven()
    return replace(driven, requests=system.requests - asked)


class _Lockstep:
    """A drive in the middle."""

    def __init__(self, system: System, model: Model, drive: Drive, *, careful: bool, ahead: int) -> None:
        self._system, self._model, self._drive = system, model, drive
        self._careful, self._ahead = careful, ahead
        self._outcomes: list[Outcome] = []
        self._done = 0
        self._own: frozenset[str] = frozenset()
        self._passed: list[Divergence] = []
        self._undecided: tuple[Outcome, ...] = ()
        self._left: Divergence | None = None
        self._fault: Fault | None = None

    def driven(self) -> Driven:
        """All that came of it; what was seen before a fault is kept beside it."""
        try:
            self._system.begin(self._drive.trace.status)
        except NoWayThere as nowhere:
            return Driven(drive=self._drive, steps=0, unreached=nowhere.message, instance=self._system.instance)
        except SystemFault as fault:
            found = traced(self._system, fault, begun=False)
            return Driven(drive=self._drive, steps=0, fault=found, instance=self._system.instance)
        instance = self._system.instance
        try:
            for number, event in enumerate(self._drive.trace.events):
                if not self._conforms_or_passes(number, event):
                    break
        except SystemFault as fault:
            self._fault = traced(self._system, fault)
        return Driven(
            drive=self._drive,
            steps=self._done,
            rules=_rules(self._outcomes[: self._done]),
            divergence=self._left,
            passed=tuple(self._passed),
            fault=self._fault,
            undecided=self._undecided,
            own=self._own,
            instance=instance,
            trace=_exchanges(self._system, TRACED) if self._careful else (),
        )

    def _conforms_or_passes(self, number: int, event: Event) -> bool:
        """Do one step; gives whether the drive can be followed further."""
        system = self._system
        world = self._outcomes[-1].after if self._outcomes else World(self._drive.trace.status)
        outcome = step(self._model, world, event)
        if outcome.defects:  # the rules do not say what a system should do
            self._undecided = (*self._outcomes, outcome)
            return False
        self._outcomes.append(outcome)
        expected = expected_of(system, outcome)
        last = self._careful or number == len(self._drive.trace.events) - 1
        actual = Seen(refused=system.act(event), shown=system.observe(expected.shown, last=last))
        self._done = number + 1
        self._own |= actual.shown.own
        if not aspects_of(system, expected, actual):
            return True
        unlike = unlike_of(system, expected, actual)
        found = Divergence(
            at=number,
            outcomes=tuple(self._outcomes),
            expected=expected,
            actual=actual,
            unlike=unlike,
            rules=tuple(blamed(self._outcomes, unlike)),
            trace=_exchanges(system, TRACED),
        )
        found = replace(found, later=self._later(found))
        if can_be_passed(found):
            for partner, item in found.unlike.items if not found.late else ():
                system.leave_out(partner, item)
            self._passed.append(found)
            return True
        self._left = found
        return False

    def _later(self, found: Divergence) -> Later | None:
        """What is seen afterwards: of what differed, does it come with the next settle, or with a change?"""
        if REFUSED in found.unlike.aspects:
            return None
        later = Later()
        try:
            first = self._system.observe()
            later = Later(settles=1, seen=(first,))
            shown = joined(found.actual.shown, first)
            if not self._system.translation.aspects(found.expected.shown, shown):
                return replace(later, came=True)
            if not _only_strays(found):
                for looked in self._changed(found, later, shown.notified):
                    later = looked
                    if later.came:
                        break
        except SystemFault as fault:
            self._fault = traced(self._system, fault)
            later = replace(later, ended=fault.message)
        return later

    def _changed(self, found: Divergence, later: Later, told: tuple[str, ...] | None) -> Iterator[Later]:
        """What is seen after each of some changes that have nothing to do with what differs.

        Where it differs after a status action that leaves the status, every other one is that action again: if it
        synchronizes, what is late comes with the next one.
        Who was notified in the end may have been so by the change itself: then another one notifies them again.
        """
        expected, world = found.expected.shown, found.outcomes[-1].after
        words = self._model.vocabulary
        acted = found.outcomes[-1].event.actor
        actor = acted if acted in words.partners else next(iter(words.partners))
        came: Later | None = None
        while len(later.changes) < self._ahead + (came is not None):
            outcome = once_more(found.outcomes[-1], world) if len(later.changes) % 2 else None
            if outcome is None:
                taken = {*world.items, *found.unlike.names}
                outcome = harmless(self._model, self._system.ability, world, actor, taken)
                actor = words.other(actor)
            if outcome is None or self._system.act(outcome.event) is not None:
                yield came or later
                return
            world, shown = outcome.after, self._system.observe()
            made = (*later.changes, outcome.event)
            later = Later(settles=1 + len(made), changes=made, seen=(*later.seen, shown))
            expected = joined(expected, expected_of(self._system, outcome).shown)
            shown = joined(replace(shown, notified=told), shown)
            told = shown.notified
            before, came = came, None
            if not differs_still(self._system, found.unlike, expected, shown):
                came = before or replace(later, came=True)
            sure = came is not None and (came is before or NOTIFIED not in found.unlike.aspects)
            yield came if came is not None and sure else later


def can_be_passed(found: Divergence) -> bool:
    """Whether a drive can be followed further: nothing differs any more, or only items that no action created."""
    later = found.later
    return later is not None and not later.changes and later.ended is None and (later.came or _only_strays(found))


def _only_strays(found: Divergence) -> bool:
    return is_stray(found) and set(found.unlike.aspects) == {partner for partner, _ in found.unlike.items}


def once_more(last: Outcome, world: World) -> Outcome | None:
    """What comes of a status action that leaves the status, done again; None where the last step was none."""
    if last.event.item is not None or last.refused is not None or last.before.status != last.after.status:
        return None
    outcome = step(last.model, world, last.event)
    return None if outcome.refused is not None or outcome.defects else outcome


def harmless(model: Model, ability: Ability, world: World, actor: str, taken: Collection[str]) -> Outcome | None:
    """What comes of a new item, which the rules allow and the system can be asked for.

    Best one that crosses over, and of which nobody is notified, so that it is not taken for what is looked for.
    """
    name = next(name for number in count(len(taken) + 1) if (name := f"N{number}") not in taken)
    possible: list[Outcome] = []
    for maker in (actor, model.vocabulary.other(actor)):
        for kind in model.vocabulary.kinds:
            event = Event(actor=maker, action=CREATE, item=name, kind=kind)
            outcome = step(model, world, event)
            if outcome.refused is None and not outcome.defects and ability.lacks(world, event) is None:
                possible.append(outcome)
    return min(possible, key=lambda one: (not one.synced, len(one.notified)), default=None)


def differs_still(system: System, unlike: StepMismatch, expected: Observed, shown: Observed) -> bool:
    """Whether anything of what differed differs still."""
    now = unlike_of(system, Seen(refused=None, shown=expected), Seen(refused=None, shown=shown))
    others = set(unlike.aspects) - {partner for partner, _ in unlike.items} - {SYNCHRONIZATION}
    return bool(others & set(now.aspects) or unlike.items.keys() & now.items.keys())


def is_stray(found: Divergence) -> bool:
    """Whether what differs of items is that some are shown which no action created."""
    created = {outcome.event.item for outcome in found.outcomes}
    return bool(found.unlike.items) and all(
        name not in created and name not in found.expected.shown.tickets.get(partner, {})
        for partner, name in found.unlike.items
    )


def traced(system: System, fault: SystemFault, *, begun: bool = True) -> Fault:
    """What went wrong, with the last exchanges before it."""
    return Fault(trouble=fault.trouble, message=fault.message, trace=_exchanges(system), begun=begun)


def _exchanges(system: System, most: int = TRACE) -> Exchanges:
    """The last exchanges, not more than so many."""
    return tuple((one.request, one.answer) for one in [*system.trace][-most:])


def _rules(outcomes: Iterable[Outcome]) -> frozenset[str]:
    return frozenset(rule for outcome in outcomes for rule in outcome.rules)


def expected_of(system: System, outcome: Outcome) -> Seen:
    """What a system that follows the rules shows of an outcome."""
    shown = system.translation.expected(outcome.model, outcome.after, outcome.notified)
    return Seen(refused=outcome.refused, shown=shown)


def aspects_of(system: System, expected: Seen, actual: Seen) -> tuple[str, ...]:
    """What differs; empty where nothing does, as far as the system shows it."""
    refused = (REFUSED,) if (expected.refused is None) != (actual.refused is None) else ()
    failed = (SYNCHRONIZATION,) if actual.shown.failed is not None else ()
    return (*refused, *failed, *system.translation.aspects(expected.shown, actual.shown))


def unlike_of(system: System, expected: Seen, actual: Seen) -> StepMismatch:
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
    due, told = (Counter(seen.shown.notified or ()) for seen in (expected, actual))
    otherwise = told_otherwise(due.elements(), told.elements())
    return StepMismatch(aspects=aspects, items=items, told=otherwise, missed=frozenset(due - told))
