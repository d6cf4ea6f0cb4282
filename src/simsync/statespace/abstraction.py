"""Abstract states of one item, the worlds that look like them, and the events that make sense there.

Free texts are left out: of them only counts whether both tickets have the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from math import prod
from typing import NamedTuple, TypeVar

from simsync.engine.actions import Action, Grammar
from simsync.engine.model import Model
from simsync.engine.world import Agreed, Entry, Event, Item, World
from simsync.policy.facts import CARRIES, CREATE, DELETE, EDIT
from simsync.policy.fields import Carried, Delivery, Field
from simsync.policy.policy import Value
from simsync.statespace.narrowing import Narrowing, unused

NAME = "N1"
"""What the one item is called."""

TEXT = "another text"
"""What is set where any text would do, until the events are told."""

TEXTS = ("text 1", "text 2", "text 3")
"""Texts that stand for all where rules test whether texts are alike: one for each of two tickets, and what they had.

Rules that only compare texts cannot tell more of them apart (data independence: Wolper, 1986).
"""

MIRRORED = Delivery(by=())
"""Stands for how texts are delivered that are carried either way: they are the same, or not."""

P = TypeVar("P")
Fields = tuple[tuple[str, Value], ...]

Sort = tuple[str, str]
"""The owner and the kind of an item: what it is decided by which events make sense with it."""


class Move(NamedTuple):
    """All that an item sees of a status action; ``follows``: whether the status of the other ticket follows."""

    actor: str
    phase: str
    next_phase: str
    follows: bool = False


class AbstractItem(NamedTuple):
    """An item without its free texts, of which only counts whether the copy's are the original's."""

    owner: str
    kind: str
    values: Fields
    present: bool
    copy: tuple[str, Fields] | None
    same: bool
    link: str
    history: frozenset[str]
    agreed: tuple[Fields, Fields] | None = None
    last: str | None = None


class AbstractState(NamedTuple):
    """A status, and the item if it was created."""

    status: str
    item: AbstractItem | None


def estimated(model: Model, watched: Collection[str]) -> int:
    """How many steps there are to try at most, by how many values of fields are told apart: far too many, mostly."""
    words = model.vocabulary
    ways = 0
    for kind in words.kinds.values():
        told = [words.fields[name] for name in kind.fields if name in watched]
        looks = prod([_count(field) for field in told])
        edits = 2 * prod([1 + _count(field) for field in told if EDIT in field.set_by])
        ways += looks * (1 + looks) * edits
    combined = len(model.policy.status.states) * len(model.policy.link.states) * len(words.partners)
    return (ways * combined) << len(words.history)


def _count(field: Field) -> int:
    return len(field.values or (field.default, *TEXTS))


class Abstraction:
    """Maps worlds to abstract states and back, and knows every event that makes sense in a state.

    A field that is not ``watched`` (by the rules, where nothing is said) is treated as a free text. ``texts`` are all
    of these, ``carried`` those of them that are carried alike either way, and so are the same, or not; ``sorts`` are
    those that items can be of.
    What a ``narrowing`` leaves out makes no sense.
    """

    def __init__(
        self,
        model: Model,
        watched: Collection[str] | None = None,
        narrowing: Narrowing = Narrowing(),  # noqa: B008 - nobody changes it
    ) -> None:
        self.model, self.narrowing = model, narrowing
        fields = model.vocabulary.fields.values()
        watched = {*(model.factory.watched if watched is None else watched)} - narrowing.alike
        self._compared = compared_texts(model)
        self._texts = {
            f.name: _representatives(f, TEXTS if model.tracks else TEXTS[:2])
            for f in fields
            if not f.values and f.name in {*watched, *self._compared}
        }
        self.told = {f.name: f.values for f in fields if f.values and f.name in watched}
        self.told |= {f.name: (f.default, *TEXTS) for f in fields if f.name in self._texts}
        self.texts = frozenset(f.name for f in fields if f.name not in self.told)
        self.carried = frozenset(f.name for f in fields if f.name in self.texts and f.mirrored)
        self._grammar = Grammar(model.factory)
        self._status_events = [
            Event(actor=actor, action=trigger)
            for actor, trigger in dict.fromkeys(
                (actor, t.trigger) for t in model.policy.transitions(model.policy.status) for actor in t.actors
            )
        ]
        self._creations = [e for partner in model.vocabulary.partners for e in self._creating(partner)]
        self._changes: dict[Sort, Sequence[Event]] = {}
        self.sorts: tuple[Sort, ...] = tuple(product(model.vocabulary.partners, model.vocabulary.kinds))

    @property
    def tells_texts(self) -> bool:
        """Whether free texts are told apart, by a few that stand for all."""
        return bool(self._texts)

    def limit(self, first: Iterable[Event], changes: Mapping[Sort, Sequence[Event]]) -> None:
        """From now on only these events make sense: ``first`` without an item, ``changes`` by sort of item."""
        first = list(first)
        self._status_events = [event for event in first if event.item is None]
        self._creations = [event for event in first if event.item is not None]
        self._changes, self.sorts = dict(changes), tuple(changes)

    def events(self, item: AbstractItem | None) -> Iterator[Event]:
        """Every action that makes sense with the item like this, whether or not it will be refused."""
        yield from self._status_events
        if item is None:
            yield from self._creations
            return
        yield from self.changes(item.owner, item.kind)

    def changes(self, owner: str, kind: str) -> Sequence[Event]:
        """Every change of an item of a kind, by either partner."""
        key = (owner, kind)
        if key not in self._changes:
            self._changes[key] = [e for actor in self.model.vocabulary.partners for e in self._changing(actor, *key)]
        return self._changes[key]

    def like(self, event: Event, item: AbstractItem | None) -> Event:
        """The event that does with the item like this what another one does, whatever its texts and the item's name."""
        if event.item is None:
            return event
        owner, kind = (event.actor, event.kind or "") if item is None else (item.owner, item.kind)
        settable = self._grammar.fields(Action(event.action, event.kind, NAME), kind, owner, event.actor)
        texts = event.fields.keys() & self.texts
        if event.action == CREATE:
            declared = self.model.vocabulary.fields
            told = {n: TEXT if n in self.texts else event.fields.get(n, declared[n].default) for n in settable}
        else:
            told = {n: value for n, value in event.fields.items() if n not in texts}
            sorts = dict.fromkeys(self._sort_of(n) for n in settable if n in texts)
            uncounted: list[Delivery | None] = [None] if texts and not told else []
            for sort in [sort for sort in sorts if sort is not None] or uncounted:
                told[next(n for n in settable if n in self.texts and self._sort_of(n) == sort)] = TEXT
        return replace(event, item=NAME, fields=told)

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
        """The fields that an action can set, each with every value: all of them at once, or any but none of them.

        Of the texts that count alike one stands for all in an edit, and of those that do not count another one.
        """
        if not everything:
            first = {self._sort_of(name): name for name in reversed(settable) if name in self.texts}
            left = first.pop(None, None)
            if not self._compared.isdisjoint(settable):
                first.pop(MIRRORED, None)
            settable = tuple(name for name in settable if name not in self.texts or name in first.values())
            if left is not None:
                yield {left: TEXT}
        texts = {n: [v for v in some if v not in TEXTS[1:] or not everything] for n, some in self._texts.items()}
        few = dict(self.narrowing.values)
        choices = {n: texts[n] if n in texts else few.get(n) or self.told.get(n, (TEXT,)) for n in settable}
        sizes = [len(choices)] if everything else range(1, len(choices) + 1)
        for size in sizes:
            for names in combinations(choices, size):
                for values in product(*(choices[name] for name in names)):
                    fields = dict(zip(names, values, strict=True))
                    if self.narrowing.allows(self.in_use(fields) if everything else fields.keys()):
                        yield fields

    def in_use(self, fields: Mapping[str, Value]) -> Collection[str]:
        """The fields that have another value than items begin with."""
        return [name for name, value in fields.items() if name in self.told and value not in self.unused(name)]

    def unused(self, name: str) -> frozenset[Value]:
        """The values of a field that no edit gave it."""
        first = self._texts[name][0] if name in self._texts else self.told[name][0]
        field = self.model.vocabulary.fields[name]
        return unused(self.model, field, first if CREATE in field.set_by and not field.values else field.default)

    def _sort_of(self, text: str) -> Delivery | None:
        """What counts of a text that is not told apart, if anything: how it is delivered."""
        how = self.model.vocabulary.fields[text].delivered
        if text in self.carried:
            return MIRRORED
        return how if CARRIES in self.model.compared else None

    def world(self, state: AbstractState) -> World:
        """A world that an abstract state stands for."""
        return World(state.status, {NAME: self._item(state.item)} if state.item else {})

    def _item(self, item: AbstractItem) -> Item:
        texts: dict[str, Value] = dict.fromkeys(self.texts, "a text")
        copied: dict[str, Value] = dict.fromkeys(self.texts, "its own text")
        copied |= dict.fromkeys(self.carried, "a text") if item.same else {}
        original = self._entry(item.kind, item.values, texts)
        copy = self._entry(*item.copy, copied) if item.copy else None
        agreed: Agreed | None = None
        if item.agreed is not None:
            said = {n: "a text" for n in original.fields if n in self.carried}
            answered = {n: text for n, text in said.items() if copy is None or n in copy.fields}
            agreed = ({**dict(item.agreed[0]), **said}, {**dict(item.agreed[1]), **answered})
        return Item(NAME, item.owner, original, item.present, copy, item.link, item.history, agreed, item.last)

    def _entry(self, kind: str, values: Fields, texts: Mapping[str, Value]) -> Entry:
        given = {**dict(values), **texts}
        return Entry(kind, {name: given[name] for name in self.model.vocabulary.kinds[kind].fields})

    def state(self, world: World) -> AbstractState:
        """The abstract state of a world."""
        item = world.items.get(NAME)
        return AbstractState(world.status, None if item is None else self.item(item))

    def item(self, item: Item) -> AbstractItem:
        """The abstract state of an item."""
        original, copy = item.original, item.copy
        # once the original is gone, nothing can tell its texts from the copy's any more
        same = not item.present or (
            copy is not None
            and all(original.fields.get(n, text) == text for n, text in copy.fields.items() if n in self.carried)
        )
        return AbstractItem(
            owner=item.owner,
            kind=original.kind,
            values=self._finite(original.fields),
            present=item.present,
            copy=(copy.kind, self._finite(copy.fields)) if copy else None,
            same=same,
            link=item.link,
            history=item.history,
            agreed=None if item.agreed is None else (self._finite(item.agreed[0]), self._finite(item.agreed[1])),
            last=item.last,
        )

    def _finite(self, fields: Mapping[str, Value]) -> Fields:
        return tuple([one for one in fields.items() if one[0] not in self.texts])


def _representatives(field: Field, texts: tuple[str, ...]) -> tuple[Value, ...]:
    """The texts that stand for all that a field is set to; none at all, where that counts."""
    how = field.delivered
    return (field.default, *texts) if how and how.when is Carried.WHERE_EMPTY else texts


def compared_texts(model: Model) -> frozenset[str]:
    """Of each kind the first free text that is carried, where rules compare them: it stands for the others."""
    fields = model.vocabulary.fields
    texts = [n for n, field in fields.items() if field.mirrored and not field.values and model.tracks]
    kinds = model.vocabulary.kinds.values()
    return frozenset(
        next(n for n in kind.fields if n in texts) for kind in kinds if not {*texts}.isdisjoint(kind.fields)
    )


def with_texts(model: Model, events: Iterable[Event]) -> tuple[Event, ...]:
    """The events with a text of its own wherever one is set: on a walk only counts whether texts are the same.

    A field that nothing looks at takes its values in turn. What a creation sets to its default goes without saying.
    """
    fields = model.vocabulary.fields
    turns: Counter[str] = Counter()

    def said(event: Event, number: int) -> dict[str, Value]:
        texts: dict[str, Value] = {}
        for n, value in event.fields.items():
            values = fields[n].values
            if values and value == TEXT and TEXT not in values:
                first = values.index(fields[n].default)
                value = values[(first + turns[n]) % len(values)]
                turns[n] += 1
            texts[n] = value if values or value in TEXTS else f"text {number}"
        return {n: v for n, v in texts.items() if event.action != CREATE or v != fields[n].default}

    return tuple(replace(event, fields=said(event, number)) for number, event in enumerate(events, 1))


def way_back(came: Mapping[P, tuple[P, Event] | None], state: P) -> tuple[P, list[Event]]:
    """The shortest way to something that a search came to: where it began, and the events from there."""
    events: list[Event] = []
    while (before := came[state]) is not None:
        state, event = before
        events.append(event)
    return state, events[::-1]


def statuses(model: Model) -> list[str]:
    """The statuses that can be reached, from the first on."""
    spec = model.status_spec
    reached = [spec.initial]
    for status in reached:  # grows while we walk
        reached += [t.dest for t in spec.transitions if status in t.source and t.dest not in reached]
    return list(dict.fromkeys(reached))
