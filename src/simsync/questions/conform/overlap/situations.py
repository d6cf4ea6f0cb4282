"""Settled situations that one item can be in, and what each actor can do there."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, zip_longest

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.view import entry_on
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.policy.policy import Value

ITEM = "N1"
"""The item that situations are about."""
DEEP = 4
"""Steps from empty tickets after which no further situation is looked for."""
MOST = 20_000
"""Steps that are tried for it at most."""

Allows = Callable[[World, Event], bool]


@dataclass(frozen=True, slots=True)
class SettledSituation:
    """A status to begin in, what is done there until all has settled, and the world then."""

    status: str
    events: tuple[Event, ...]
    world: World


def situations(model: Model, starts: Sequence[str], allows: Allows) -> list[SettledSituation]:
    """The first way to each situation that one item can be in, by status, owner, kind, link, and where it is.

    Situations that differ in status, link or presence come before those that differ in owner or kind alone.
    """
    waiting = deque(SettledSituation(status, (), World(status)) for status in starts)
    found: dict[tuple[object, ...], SettledSituation] = {}
    tried = 0
    while waiting and tried < MOST:
        here = waiting.popleft()
        key = _like(here.world)
        if key in found:
            continue
        found[key] = here
        if len(here.events) >= DEEP:
            continue
        for actor in model.vocabulary.acting:
            for event in choices(model, here.world, actor, len(here.events)):
                tried += 1
                if not allows(here.world, event) or (event.action == CREATE and here.world.items):
                    continue
                outcome = step(model, here.world, event)
                if outcome.refused is None and not outcome.defects:
                    waiting.append(SettledSituation(here.status, (*here.events, event), outcome.after))
    groups: dict[tuple[object, ...], list[SettledSituation]] = {}
    for situation in found.values():
        groups.setdefault(situation_key(situation.world), []).append(situation)
    return [one for turn in zip_longest(*groups.values()) for one in turn if one is not None]


def situation_key(world: World) -> tuple[object, ...]:
    """What is the same of situations of one sort, whoever's item it is and of whatever kind."""
    item = next(iter(world.items.values()), None)
    return (world.status,) if item is None else (world.status, item.link, item.present, item.copy is not None)


def _like(world: World) -> tuple[object, ...]:
    item = next(iter(world.items.values()), None)
    return situation_key(world) if item is None else (*situation_key(world), item.owner, item.original.kind)


def deed_key(world: World, event: Event) -> tuple[str, ...]:
    """What is the same of actions that do the same: who does what to whose item, and to what of it."""
    item = world.items.get(event.item) if event.item is not None else None
    whose = "" if item is None else "own" if item.owner == event.actor else "other's"
    return (event.actor, event.action, whose, *(sorted(event.fields) if event.action == EDIT else ()))


Cut = tuple[SettledSituation, Event, Event]
"""An action of somebody that the other has yet to hear of, and a change of the other's item that cuts its link."""


def cuts_while_busy(model: Model, found: Sequence[SettledSituation], allows: Allows) -> list[list[Cut]]:
    """Such pairs of each kind, in all situations of it: nobody is told of the cut, and it must not be forgotten."""
    kinds: dict[tuple[object, ...], list[Cut]] = {}
    for situation in found:
        for actor in model.vocabulary.acting:
            for first, second in _cuts(model, situation.world, actor, allows):
                deeds = (deed_key(situation.world, event) for event in (first, second))
                kinds.setdefault((situation.world.status, *deeds), []).append((situation, first, second))
    return [*kinds.values()]


def _cuts(model: Model, world: World, actor: str, allows: Allows) -> Iterator[tuple[Event, Event]]:
    for first in choices(model, world, actor, 61):
        outcome = step(model, world, first)
        crosses = outcome.moved is not None or (first.action == CREATE and bool(outcome.synced))
        if outcome.refused is not None or not crosses or not allows(world, first):
            continue
        before = outcome.after
        for second in choices(model, before, actor, 62):
            item = world.items.get(second.item or "")
            if item is None or item.owner == actor or not allows(before, second):
                continue
            if step(model, before, second).after.items[item.name].link != before.items[item.name].link:
                yield first, second


def choices(model: Model, world: World, actor: str, salt: int) -> Iterator[Event]:
    """What an actor can try in a world: every action of the status, a new item, and changes of what the ticket shows.

    ``salt`` makes texts that are written here other ones than elsewhere.
    """
    triggers = dict.fromkeys(t.trigger for t in model.status_spec.transitions if actor in t.actors)
    yield from (Event(actor=actor, action=trigger) for trigger in triggers)
    words = model.vocabulary
    if actor not in words.partners:
        return
    names = (name for number in count(1) if (name := f"N{number}") not in world.items)
    fresh = next(names)
    for kind in words.kinds:
        texts = _texts(model, kind, CREATE, f"{actor} {salt}")
        yield Event(actor=actor, action=CREATE, item=fresh, kind=kind, fields=texts)
    for name, item in world.items.items():
        entry = entry_on(item, actor)
        if entry is None:
            continue
        texts = _texts(model, entry.kind, EDIT, f"{actor} {salt}")
        if texts:
            yield Event(actor=actor, action=EDIT, item=name, fields=texts)
        for field in (words.fields[one] for one in words.kinds[entry.kind].fields):
            if field.values and EDIT in field.set_by:
                other = next((value for value in field.values if value != entry.fields.get(field.name)), None)
                if other is not None:
                    yield Event(actor=actor, action=EDIT, item=name, fields={field.name: other})
        yield Event(actor=actor, action=DELETE, item=name)


def _texts(model: Model, kind: str, change: str, text: str) -> dict[str, Value]:
    fields = (model.vocabulary.fields[name] for name in model.vocabulary.kinds[kind].fields)
    return {field.name: f"text of {text}" for field in fields if not field.values and change in field.set_by}
