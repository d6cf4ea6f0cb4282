"""One item's whole life: every place that it can come to under a model's rules, breadth first, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import NamedTuple

from simsync.core.actions import Action, Grammar
from simsync.core.facts import CREATE, DELETE, EDIT
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.model.policy import Value
from simsync.model.world import Entry, Event, Item, World

NAME = "N1"
"""What the one item is called."""

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
    """A step taken from a place."""

    place: Place
    event: Event
    outcome: Outcome


class Life:
    """Walks through every place that one item can come to, from empty tickets in every status that can be reached.

    ``came`` tells of each place the one before it and the event between, None where a scenario can begin.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.came: dict[Place, tuple[Place, Event] | None] = {}
        self._texts = [f.name for f in model.vocabulary.fields.values() if not f.values]
        self._grammar = Grammar(model.workshop)
        self._status_events = {
            name: [
                Event(actor=t.actor or "", action=t.trigger) for t in model.status_spec.transitions if name in t.source
            ]
            for name in model.status_spec.states
        }
        self._creations = [e for partner in model.vocabulary.partners for e in self._creating(partner)]
        self._changes: dict[tuple[str, str, str], list[Event]] = {}

    def walk(self) -> Iterator[Visit]:
        """Every step from every place, in the order of how many steps it takes to come there."""
        waiting = [Place(status, None) for status in self._statuses()]
        self.came = dict.fromkeys(waiting)
        while waiting:
            coming: list[Place] = []
            for place in waiting:
                world = World(place.status, {NAME: self._item(place.shape)} if place.shape else {})
                for event in self._events(place):
                    outcome = step(self.model, world, event)
                    yield Visit(place, event, outcome)
                    after = Place(outcome.after.status, self._shape(outcome.after))
                    if after not in self.came:
                        self.came[after] = place, event
                        coming.append(after)
            waiting = coming

    def path(self, place: Place) -> tuple[str, list[Event]]:
        """The shortest way to a place that was come to: the status to begin in, and the events."""
        events: list[Event] = []
        while (before := self.came[place]) is not None:
            place, event = before
            events.append(event)
        return place.status, events[::-1]

    def _statuses(self) -> list[str]:
        """The statuses that can be reached, from the first on."""
        spec = self.model.status_spec
        reached = [spec.initial]
        for status in reached:  # grows while we walk
            reached += [t.dest for t in spec.transitions if status in t.source and t.dest not in reached]
        return list(dict.fromkeys(reached))

    def _events(self, place: Place) -> Iterator[Event]:
        yield from self._status_events[place.status]
        if place.shape is None:
            yield from self._creations
            return
        for partner in self.model.vocabulary.partners:
            key = (partner, place.shape.owner, place.shape.kind)
            if key not in self._changes:
                self._changes[key] = list(self._changing(*key))
            yield from self._changes[key]

    def _creating(self, actor: str) -> Iterator[Event]:
        for kind in self.model.vocabulary.kinds:
            settable = self._grammar.fields(Action(CREATE, kind, NAME), kind, actor, actor)
            for fields in self._settings(settable, everything=True):
                yield Event(actor=actor, action=CREATE, item=NAME, kind=kind, fields=fields)

    def _changing(self, actor: str, owner: str, kind: str) -> Iterator[Event]:
        for fields in self._settings(
            self._grammar.fields(Action(EDIT, None, NAME), kind, owner, actor), everything=False
        ):
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

    def _item(self, shape: Shape) -> Item:
        texts: dict[str, Value] = dict.fromkeys(self._texts, "a text")
        copied: dict[str, Value] = texts if shape.same else dict.fromkeys(self._texts, "its own text")
        original = self._entry(shape.kind, shape.values, texts)
        copy = self._entry(*shape.copy, copied) if shape.copy else None
        return Item(NAME, shape.owner, original, shape.present, copy, shape.link, shape.history)

    def _entry(self, kind: str, values: Fields, texts: Mapping[str, Value]) -> Entry:
        given = {**dict(values), **texts}
        return Entry(kind, {name: given[name] for name in self.model.vocabulary.kinds[kind].fields})

    def _shape(self, world: World) -> Shape | None:
        item = world.items.get(NAME)
        if item is None:
            return None
        original, copy = item.original, item.copy
        same = copy is not None and all(
            original.fields[name] == copy.fields[name]
            for name in self._texts
            if name in original.fields and name in copy.fields
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
        return tuple((name, value) for name, value in entry.fields.items() if name not in self._texts)
