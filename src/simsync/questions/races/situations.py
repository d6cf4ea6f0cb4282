"""Every situation that can be come to, walked through on the engine, and which of them nobody could tell apart.

The engine is asked, not the compiled space: what the product does by itself is in it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.overlap import Reply, answer_of
from simsync.engine.step import step
from simsync.engine.view import entry_on, shown
from simsync.engine.world import Event, Item, World
from simsync.policy.facts import CREATE
from simsync.progress import Progress
from simsync.statespace.abstraction import NAME, TEXT, Abstraction, statuses
from simsync.workers.workers import HERE, Where, Workers, chunks

MOST_STEPS = 100_000
"""Steps that are tried at most."""

WORLDS = 16
"""Worlds whose steps are one task."""

MOST_ITEMS = 4
"""Items in a world beyond which nothing is tried, those of the product's own among them."""

NAMES = (NAME, "N2")
"""What partners call the items that they create."""

State = Hashable


class StepTold(NamedTuple):
    """What anybody sees of a step besides the situation after.

    That is the reply, who is notified, and of each free text where it comes from: see :meth:`Stepper.origins`.
    """

    reply: Reply
    notified: tuple[str, ...]
    texts: Hashable


class Taken(NamedTuple):
    """A step: what is told of it, and the number of the situation after."""

    told: StepTold
    after: int


class TriedStep(NamedTuple):
    """A step as whoever takes it tells of it: what was done, what is told of it, and the world after."""

    event: Event
    told: StepTold
    after: World


class Stepper:
    """Takes every step that makes sense in a world. ``items`` is how many items partners create at most."""

    def __init__(self, model: Model, items: int) -> None:
        self.model, self.items = model, items
        self.abstraction = Abstraction(model)

    def steps(self, numbered: Sequence[tuple[int, World]]) -> list[list[TriedStep]]:
        """The steps in each of some worlds, which have a number each, so that every text that is set is a new one."""
        return [
            [self._taken(world, event, f"text {number}.{n}") for n, event in enumerate(self.events(world))]
            for number, world in numbered
        ]

    def _taken(self, world: World, event: Event, fresh: str) -> TriedStep:
        outcome = step(self.model, world, self.told(event, fresh))
        texts = self.origins(world, outcome.after, fresh)
        return TriedStep(event, StepTold(answer_of(outcome), tuple(sorted(outcome.notified)), texts), outcome.after)

    def origins(self, before: World, after: World, fresh: str) -> Hashable:
        """Of each free text that a ticket shows, whether it is the fresh one, and which ticket showed it before."""
        words, found = self.model.vocabulary, list[Hashable]()
        for name, item in after.items.items():
            earlier = before.items.get(name)
            was = [entry_on(earlier, partner) if earlier else None for partner in words.partners]
            for partner in words.partners:
                now = entry_on(item, partner)
                for field in sorted(self.abstraction.texts & now.fields.keys()) if now else ():
                    value = now.fields[field] if now else None
                    found.append((value == fresh, *(one is not None and one.fields.get(field) == value for one in was)))
        return tuple(found)

    def told(self, event: Event, text: str) -> Event:
        """An event with a text wherever any would do."""
        if TEXT not in event.fields.values():
            return event
        return replace(event, fields={n: text if value == TEXT else value for n, value in event.fields.items()})

    def events(self, world: World) -> Iterator[Event]:
        """Every action that makes sense in a world, whether or not it will be refused."""
        fresh = [name for name in NAMES[: self.items] if name not in world.items]
        for event in self.abstraction.events(None):
            if event.action != CREATE:
                yield event
            else:
                yield from (replace(event, item=name) for name in fresh)
        for name, item in world.items.items():
            for event in self.abstraction.changes(item.owner, item.original.kind):
                yield replace(event, item=name)


class Situations:
    """Situations by number, the nearest first, each with a world like it and every step that makes sense there.

    ``items`` is how many items partners create at most, ``place`` where steps are taken. ``steps[n]`` is None of a
    situation that was not gone on from; ``whole``: there is none.
    """

    def __init__(
        self, model: Model, items: int, progress: Progress, most: int = MOST_STEPS, place: Where = HERE
    ) -> None:
        self.model, self.items = model, items
        self._stepper = Stepper(model, items)
        self.abstraction, self.told = self._stepper.abstraction, self._stepper.told
        self.worlds: list[World] = []
        self.steps: list[dict[Event, Taken] | None] = []
        self.numbers: dict[State, int] = {}
        self._before: list[tuple[int, Event] | None] = []
        self.tried = 0
        for status in statuses(model):
            self._number(World(status), None)
        with Workers(place, Stepper, model, items) as team:
            level = range(0)
            while level := range(level.stop, len(self.worlds)):
                self._walk(level, team, progress, most)
        self.whole = None not in self.steps
        self.classes = _Classes(self).classes()

    def _walk(self, level: range, team: Workers[Stepper], progress: Progress, most: int) -> None:
        """Take the steps in some situations, as far as so many steps go; what they lead to comes after them."""
        numbers = [number for number in level if len(self.worlds[number].items) <= MOST_ITEMS]

        def tasks() -> Iterator[list[tuple[int, World]]]:
            for some in chunks(numbers, WORLDS):
                if self.tried < most:
                    yield [(number, self.worlds[number]) for number in some]

        taken = (steps for some in team.each(Stepper.steps, tasks()) for steps in some)
        for number, steps in zip(numbers, taken, strict=False):  # beyond so many steps nothing is taken
            if self.tried >= most:
                break
            self.steps[number] = {
                one.event: Taken(one.told, self._number(one.after, (number, one.event))) for one in steps
            }
            self.tried += len(steps)
            progress("steps tried", self.tried, 0)

    def _number(self, world: World, before: tuple[int, Event] | None) -> int:
        number = self.numbers.setdefault(self.state(world), len(self.worlds))
        if number == len(self.worlds):
            self.worlds.append(world)
            self.steps.append(None)
            self._before.append(before)
        return number

    def state(self, world: World) -> State:
        """A world without its free texts."""
        return world.status, *((name, self.abstraction.item(item)) for name, item in world.items.items())

    def way(self, number: int) -> tuple[str, list[Event]]:
        """The shortest way to a situation: the status to begin in, and the events."""
        events: list[Event] = []
        while (before := self._before[number]) is not None:
            number, event = before
            events.append(event)
        return self.worlds[number].status, events[::-1]

    def view(self, number: int) -> Hashable:
        """What anybody sees in a situation; of free texts, whether both tickets have the same."""
        world = self.worlds[number]
        return world.status, *((name, self._seen(item)) for name, item in world.items.items())

    def _seen(self, item: Item) -> Hashable:
        words, texts = self.model.vocabulary, self.abstraction.texts
        free = {show.name for show in words.shows if show.field in texts}
        views = [shown(words, item, partner) for partner in words.partners]
        first, second = ({} if view is None else view for view in views)
        alike = [(name, first[name] == second[name]) for name in first if name in free and name in second]
        finite = (view and frozenset(one for one in view.items() if one[0] not in free) for view in views)
        return (*finite, *alike)

    def shows_later(self, one: int, other: int) -> list[Event] | None:
        """The shortest further actions by which two situations that look alike are told apart; None if none was found.

        It is a proof that nobody can where all was gone through.
        """
        came: dict[tuple[int, int], tuple[tuple[int, int], Event] | None] = {(one, other): None}
        for pair in (waiting := [(one, other)]):  # grows while we walk
            here, there = (self.steps[number] for number in pair)
            for event in here or {}:
                if here is None or there is None or event not in there:
                    continue
                first, second = here[event], there[event]
                after = first.after, second.after
                if first.told != second.told or self.view(after[0]) != self.view(after[1]):
                    return [*_back(came, pair), event]
                if after not in came and self.classes[after[0]] != self.classes[after[1]]:
                    came[after] = pair, event
                    waiting.append(after)
        return None


def _back(came: dict[tuple[int, int], tuple[tuple[int, int], Event] | None], pair: tuple[int, int]) -> list[Event]:
    events: list[Event] = []
    while (before := came[pair]) is not None:
        pair, event = before
        events.append(event)
    return events[::-1]


class _Classes:
    """The coarsest partition of situations that look alike and whose steps do (E. F. Moore, 1956).

    Whose an item is, and of what kind, parts situations as well: a race is told of the one or the other.
    """

    def __init__(self, situations: Situations) -> None:
        self._all = situations
        self._told: dict[StepTold, int] = {}

    def classes(self) -> Sequence[int]:
        """The class of each situation; one that was not gone on from is alone in its own."""
        steps = self._all.steps
        alone = [n if taken is None else -1 for n, taken in enumerate(steps)]
        found = _numbered([(self._all.view(n), self._whose(n), one) for n, one in enumerate(alone)])
        events: dict[Event, int] = {}
        rows = [self._row(n, events) for n in range(len(steps))]
        while True:
            keys = [
                (found[n], tuple([(event, told, found[after]) for event, told, after in row]))
                for n, row in enumerate(rows)
            ]
            finer = _numbered(keys)
            if max(finer, default=0) == max(found, default=0):
                return finer
            found = finer

    def _whose(self, number: int) -> Hashable:
        return tuple([(item.owner, item.original.kind) for item in self._all.worlds[number].items.values()])

    def _row(self, number: int, events: dict[Event, int]) -> list[tuple[int, int, int]]:
        told = self._told
        return [
            (events.setdefault(event, len(events)), told.setdefault(one.told, len(told)), one.after)
            for event, one in (self._all.steps[number] or {}).items()
        ]


def _numbered(keys: Sequence[Hashable]) -> list[int]:
    numbers: dict[Hashable, int] = {}
    return [numbers.setdefault(key, len(numbers)) for key in keys]
