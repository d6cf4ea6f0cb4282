"""One item's whole life: every place that it can come to under a model's rules, breadth first, and how."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import NamedTuple, TypeVar

from simsync.core.actions import Action, Grammar
from simsync.core.facts import CREATE, DELETE, EDIT
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.model.policy import Value
from simsync.model.world import Entry, Event, Item, World

NAME = "N1"
"""What the one item is called."""

P = TypeVar("P")
Fields = tuple[tuple[str, Value], ...]


class Shape(NamedTuple):
    """An item without its free texts, of which only counts whether the copy's are the original's."""

    owner: str
    kind: str
    values: Fields
    present: bool
    copy: tuple[str, Fields] | None
    same: bool
    link: str
    history: frozenset[str]


class Place(NamedTuple):
    """A status, and the item if it was created."""

    status: str
    shape: Shape | None


class Visit(NamedTuple):
    """A step taken from a place, and the place that it leads to."""

    place: Place
    event: Event
    outcome: Outcome
    after: Place


class Sketch:
    """Turns an item into its shape and back, and knows every event that makes sense at a place."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._texts = frozenset(f.name for f in model.vocabulary.fields.values() if not f.values)
        self._grammar = Grammar(model.workshop)
        self._status_events = [
            Event(actor=actor, action=trigger)
            for actor, trigger in dict.fromkeys(
                (t.actor or "", t.trigger) for t in model.policy.transitions(model.policy.status)
            )
        ]
        self._creations = [e for partner in model.vocabulary.partners for e in self._creating(partner)]
        self._changes: dict[tuple[str, str, str], list[Event]] = {}

    def events(self, shape: Shape | None) -> Iterator[Event]:
        """Every action that makes sense with the item like this, whether or not it will be refused."""
        yield from self._status_events
        if shape is None:
            yield from self._creations
            return
        for partner in self.model.vocabulary.partners:
            key = (partner, shape.owner, shape.kind)
            if key not in self._changes:
                self._changes[key] = list(self._changing(*key))
            yield from self._changes[key]

    def _creating(self, actor: str) -> Iterator[Event]:
        for kind in self.model.vocabulary.kinds:
            settable = self._grammar.fields(Action(CREATE, kind, NAME), kind, actor, actor)
            for fields in self._settings(settable, everything=True):
                yield Event(actor=actor, action=CREATE, item=NAME, kind=kind, fields=fields)

    def _changing(self, actor: str, owner: str, kind: str) -> Iterator[Event]:
        settable = self._grammar.fields(Action(EDIT, None, NAME), kind, owner, actor)
        for fields in self._settings(settable, everything=False):
            yield Event(actor=actor, action=EDIT, item=NAME, fields=fields)
        yield Event(actor=actor, action=DELETE, item=NAME)

    def _settings(self, settable: tuple[str, ...], *, everything: bool) -> Iterator[dict[str, Value]]:
        """The fields that an action can set, each with every value: all of them at once, or any but none of them."""
        fields = self.model.vocabulary.fields
        choices = {name: fields[name].values or ("another text",) for name in settable}
        sizes = [len(choices)] if everything else range(1, len(choices) + 1)
        for size in sizes:
            for names in combinations(choices, size):
                for values in product(*(choices[name] for name in names)):
                    yield dict(zip(names, values, strict=True))

    def world(self, place: Place) -> World:
        """A world that looks like a place."""
        return World(place.status, {NAME: self._item(place.shape)} if place.shape else {})

    def _item(self, shape: Shape) -> Item:
        texts: dict[str, Value] = dict.fromkeys(self._texts, "a text")
        copied: dict[str, Value] = texts if shape.same else dict.fromkeys(self._texts, "its own text")
        original = self._entry(shape.kind, shape.values, texts)
        copy = self._entry(*shape.copy, copied) if shape.copy else None
        return Item(NAME, shape.owner, original, shape.present, copy, shape.link, shape.history)

    def _entry(self, kind: str, values: Fields, texts: Mapping[str, Value]) -> Entry:
        given = {**dict(values), **texts}
        return Entry(kind, {name: given[name] for name in self.model.vocabulary.kinds[kind].fields})

    def place(self, world: World) -> Place:
        """The place that a world is at."""
        item = world.items.get(NAME)
        return Place(world.status, None if item is None else self._shape(item))

    def _shape(self, item: Item) -> Shape:
        original, copy = item.original, item.copy
        # once the original is gone, nothing can tell its texts from the copy's any more
        same = not item.present or (
            copy is not None
            and all(original.fields.get(name) == copy.fields.get(name) for name in self._texts if name in copy.fields)
        )
        return Shape(
            owner=item.owner,
            kind=original.kind,
            values=self._finite(original),
            present=item.present,
            copy=(copy.kind, self._finite(copy)) if copy else None,
            same=same,
            link=item.link,
            history=item.history,
        )

    def _finite(self, entry: Entry) -> Fields:
        return tuple([one for one in entry.fields.items() if one[0] not in self._texts])


def with_texts(model: Model, events: Iterable[Event]) -> tuple[Event, ...]:
    """The events with a text of its own wherever one is set: on a walk only counts whether texts are the same.

    What a creation sets to its default goes without saying.
    """
    fields = model.vocabulary.fields

    def said(event: Event, number: int) -> dict[str, Value]:
        texts = {n: value if fields[n].values else f"text {number}" for n, value in event.fields.items()}
        return {n: v for n, v in texts.items() if event.action != CREATE or v != fields[n].default}

    return tuple(replace(event, fields=said(event, number)) for number, event in enumerate(events, 1))


def way_back(came: Mapping[P, tuple[P, Event] | None], place: P) -> tuple[P, list[Event]]:
    """The shortest way to something that a search came to: where it began, and the events from there."""
    events: list[Event] = []
    while (before := came[place]) is not None:
        place, event = before
        events.append(event)
    return place, events[::-1]


def statuses(model: Model) -> list[str]:
    """The statuses that can be reached, from the first on."""
    spec = model.status_spec
    reached = [spec.initial]
    for status in reached:  # grows while we walk
        reached += [t.dest for t in spec.transitions if status in t.source and t.dest not in reached]
    return list(dict.fromkeys(reached))


class Life:
    """Walks through every place that one item can come to, from empty tickets in every status that can be reached.

    ``came`` tells of each place the one before it and the event between, None where a scenario can begin.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.came: dict[Place, tuple[Place, Event] | None] = {}

    def walk(self) -> Iterator[Visit]:
        """Every step from every place, in the order of how many steps it takes to come there."""
        sketch = Sketch(self.model)
        waiting = [Place(status, None) for status in statuses(self.model)]
        self.came = dict.fromkeys(waiting)
        for place in waiting:  # grows while we walk
            world = sketch.world(place)
            for event in sketch.events(place.shape):
                outcome = step(self.model, world, event)
                after = place if outcome.after is world else sketch.place(outcome.after)
                yield Visit(place, event, outcome, after)
                if after not in self.came:
                    self.came[after] = place, event
                    waiting.append(after)

    def path(self, place: Place) -> tuple[str, list[Event]]:
        """The shortest way to a place that was come to: the status to begin in, and the events."""
        start, events = way_back(self.came, place)
        return start.status, events
