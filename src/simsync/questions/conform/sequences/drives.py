"""Sequences to drive a system and a model through: where to begin, what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.policy.policy import Transition
from simsync.statespace.abstraction import Abstraction, statuses, with_texts

Allows = Callable[[World, Event], bool]
"""Whether a system can do an event in a world."""


def anything(_world: World, _event: Event) -> bool:
    """Of a system that can do everything."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A trace to drive a system through, under the readings that it is held against, and where the trace comes from."""

    trace: Trace
    source: str = ""

    def doing(self, events: Iterable[Event]) -> Drive:
        """The same, but for what is done."""
        return replace(self, trace=replace(self.trace, events=tuple(events)))


def move_by(transition: Transition) -> Event:
    """The status action that takes a transition of the status machine."""
    return Event(actor=transition.actors[0], action=transition.trigger)


def ways_from_the_first(model: Model) -> Mapping[str, tuple[Event, ...]]:
    """The shortest way to each status that can be reached from the first one."""
    return ways_from(model, model.status_spec.initial)


def ways_from(model: Model, first: str) -> Mapping[str, tuple[Event, ...]]:
    """The shortest way to each status that can be reached from some status."""
    spec = model.status_spec
    ways: dict[str, tuple[Event, ...]] = {first: ()}
    waiting = [first]
    for status in waiting:  # grows while we walk
        for transition in spec.transitions:
            if status in transition.source and transition.dest not in ways:
                ways[transition.dest] = (*ways[status], move_by(transition))
                waiting.append(transition.dest)
    return ways


def driven_there(drive: Drive, ways: Mapping[str, tuple[Event, ...]], first: str) -> Drive:
    """The same drive for a system that always begins in the first status."""
    trace = Trace(status=first, events=(*ways[drive.trace.status], *drive.trace.events))
    return replace(drive, trace=trace)


def every_sequence(model: Model, depth: int) -> Iterator[Drive]:
    """Every sequence of so many events of one item from every status, but nothing after what is refused."""
    abstraction = Abstraction(model)
    first = [(Drive(trace=Trace(status=status, events=())), World(status)) for status in statuses(model)]
    drives = (one for drive, world in first for one in _extended(model, abstraction, drive, world, depth))
    for number, drive in enumerate(drives, 1):
        yield replace(drive, source=f"sequence {number:,} of depth {depth}")


def _extended(model: Model, abstraction: Abstraction, drive: Drive, world: World, depth: int) -> Iterator[Drive]:
    for event in abstraction.events(abstraction.state(world).item):
        (*_, last) = with_texts(model, (*drive.trace.events, event))
        outcome = step(model, world, last)
        longer = drive.doing((*drive.trace.events, last))
        if depth == 1 or outcome.refused is not None:
            yield longer
        else:
            yield from _extended(model, abstraction, longer, outcome.after, depth - 1)


def every_status_action(model: Model) -> Iterator[Drive]:
    """From every status, all status actions by either partner: first those that are refused, then one that is not."""
    events = [
        Event(actor=partner, action=trigger)
        for trigger in model.factory.triggers
        for partner in model.vocabulary.acting
    ]
    for status in statuses(model):
        refused = tuple(e for e in events if step(model, World(status), e).refused is not None)
        source = f"every {model.words.status} action in {status}"
        yield Drive(trace=Trace(status=status, events=refused), source=source)
        for event in events:
            if event not in refused:
                yield Drive(trace=Trace(status=status, events=(event,)), source=source)


def twins(model: Model) -> Iterator[Drive]:
    """Two items that look alike, by each partner and of each kind: within a phase, and over each change of phase.

    They are changed apart, to other texts and back, by their owner and by the other partner: what a system that tells
    items by their looks, or compares texts, would confuse.
    """
    starts: dict[tuple[str, str | None], tuple[str, Event | None]] = {}
    for status in statuses(model):
        phase = model.phase(status)
        starts.setdefault((phase, None), (status, None))
        for transition in model.status_spec.transitions:
            if status in transition.source and model.phase(transition.dest) != phase:
                move = move_by(transition)
                starts.setdefault((phase, model.phase(transition.dest)), (status, move))
    for (phase, after), (status, event) in starts.items():
        for owner in model.vocabulary.partners:
            for kind in model.vocabulary.kinds:
                drive = _twins(model, owner, kind, status, event)
                if step(model, World(status), drive.trace.events[0]).refused is None:
                    source = f"twins of {owner}: {kind}, {phase}{f' to {after}' if after else ''}"
                    yield replace(drive, source=source)


def _twins(model: Model, owner: str, kind: str, status: str, change: Event | None) -> Drive:
    other = model.vocabulary.other(owner)
    fields = [model.vocabulary.fields[name] for name in model.vocabulary.kinds[kind].fields]
    set_by = {change: [f.name for f in fields if not f.values and change in f.set_by] for change in (CREATE, EDIT)}

    def making(name: str) -> Event:
        return Event(actor=owner, action=CREATE, item=name, kind=kind, fields=dict.fromkeys(set_by[CREATE], "alike"))

    def editing(actor: str, name: str, text: str) -> list[Event]:
        texts = dict.fromkeys(set_by[EDIT], text)
        return [Event(actor=actor, action=EDIT, item=name, fields=texts)] if texts else []

    first, second = "N1", "N2"
    events = [making(first), making(second), *([change] if change else [])]
    events += [*editing(owner, first, "unlike"), *editing(owner, first, "alike"), *editing(owner, first, "alike")]
    events += [*editing(other, second, "unlike"), *editing(owner, second, "once more")]
    events.append(Event(actor=owner, action=DELETE, item=first))
    events.append(Event(actor=other, action=DELETE, item=second))
    return Drive(trace=Trace(status=status, events=tuple(events)))


def there_and_back(model: Model) -> Iterator[Drive]:
    """An item edited and edited back to what it was, by whoever, each followed by a status action that stays.

    Where such an action is what synchronizes, systems that keep what they last saw must not take the old for the same.
    """
    passing: dict[str, Event] = {}
    for status in statuses(model):
        for transition in model.status_spec.transitions:
            if status in transition.source and transition.dest == status:
                passing.setdefault(status, move_by(transition))
    partners = tuple(model.vocabulary.partners)
    for (status, event), kind in product(passing.items(), model.vocabulary.kinds):
        for owner, one, other in product(partners, repeat=3):
            drive = _there_and_back(
                model, status, event, Event(actor=owner, action=CREATE, item="N1", kind=kind), one, other
            )
            if drive is not None and step(model, World(status), drive.trace.events[0]).refused is None:
                yield replace(drive, source=f"{kind} of {owner} edited by {one}, and back by {other}, in {status}")


def _there_and_back(model: Model, status: str, after: Event, made: Event, one: str, other: str) -> Drive | None:
    fields = (model.vocabulary.fields[name] for name in model.vocabulary.kinds[str(made.kind)].fields)
    set_by = [f for f in fields if not f.values and {CREATE, EDIT} <= {*f.set_by}]
    if not set_by:
        return None
    here, there = ({f.name: text for f in set_by} for text in ("as it was", "otherwise"))
    edits = [Event(actor=who, action=EDIT, item=made.item, fields=text) for who, text in ((one, there), (other, here))]
    changes = (replace(made, fields=here), *edits)
    return Drive(trace=Trace(status=status, events=(*(e for change in changes for e in (change, after)), after)))
