"""Which rounds a system is driven through while it is disrupted."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, cycle, islice, product
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.questions.conform.overlap.rounds import Act, Acts, Disruption
from simsync.questions.conform.overlap.situations import (
    Allows,
    SettledSituation,
    choices,
    cuts_while_busy,
    deed_key,
    situation_key,
)

SINGLE, BETWEEN, ALONE, MANY = 4, 3, 1, 2
TEN = SINGLE + BETWEEN + ALONE + MANY
"""Of ten rounds so many have an action and a disruption, an action between two, no action, and more of both."""
ONE_EACH = "an action and a disruption"
PLACES = (True, False)
"""A disruption comes before the action, or after it."""
MORE = ("adb", "dab", "dab", "dda", "dadb", "daeb", "dabe", "ad bd", "da db", "add")
"""Rounds with more: ``a`` and ``b`` are actions, ``d`` and ``e`` are disruptions, a blank is a settle."""
SAME = 0.6
"""How often the second action is on the item of the first."""


Beginning = tuple[SettledSituation, Event]
"""An action in a situation that it can be done in."""


class Disrupted(NamedTuple):
    """Where it begins, what is done, and in words what that is."""

    situation: SettledSituation
    rounds: tuple[Acts, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Disrupting:
    """Rounds with disruptions, in some ``ways``, from settled situations.

    Each kind of action on each kind of item comes once before and once after each disruption until any does so again.
    Of the situations it comes in that in which there were fewest such disruptions, first where something crosses over.
    """

    model: Model
    situations: Sequence[SettledSituation]
    allows: Allows
    chance: random.Random
    ways: tuple[str, ...]

    def rounds(self) -> Iterator[Disrupted]:
        """An action with one disruption, or between two, and now and then other numbers of both; it may never end."""
        if not self.ways:
            return
        single, between, alone, more = self._single(), self._between(), self._alone(), self._many()
        while some := [*islice(single, SINGLE), *islice(between, BETWEEN), *islice(alone, ALONE), *islice(more, MANY)]:
            yield from some

    @property
    def combinations(self) -> int:
        """How many there are of a kind of action, a disruption, and whether it comes before or after."""
        return len(self._by(kind_of)) * len(self.ways) * len(PLACES)

    def _single(self) -> Iterator[Disrupted]:
        """One of each combination, then a second of each in another situation, and so on.

        It comes first where something crosses over, if there is such a situation. However few there are, no kind of
        action and no disruption has many more than others.
        """
        kinds, others = [*self._by(kind_of).values()], [*product(self.ways, PLACES)]
        self.chance.shuffle(kinds)
        self.chance.shuffle(others)
        crossing = {id(found): [one for one in found if self._crosses(one)] for found in kinds}
        waiting = deque(
            (crossing[id(found)], [*found], *others[(turn + place) % len(others)])
            for turn in range(len(others))
            for place, found in enumerate(kinds)
        )
        used: Counter[object] = Counter()
        while waiting:
            first, found, way, before = waiting.popleft()
            disruption, among = Disruption(way), first or found
            situation, event = among[self._fewest([one for one, _ in among], disruption, used)]
            found.remove((situation, event))
            acts = (disruption, event) if before else (event, disruption)
            yield Disrupted(situation, (acts,), ONE_EACH)
            if found:
                waiting.append(([], found, way, before))

    def _crosses(self, beginning: Beginning) -> bool:
        """Whether something reaches the other ticket."""
        situation, event = beginning
        return bool(step(self.model, situation.world, event).synced)

    def _by(self, key: Callable[[World, Event], tuple[str, ...]]) -> dict[tuple[str, ...], list[Beginning]]:
        """What can be done in which situation, by what is the same of it."""
        found: dict[tuple[str, ...], list[Beginning]] = {}
        for situation in self.situations:
            for event in self._events(situation.world):
                found.setdefault(key(situation.world, event), []).append((situation, event))
        return found

    def _between(self) -> Iterator[Disrupted]:
        """Each action between each two disruptions, whatever its item is: for each two another one each time."""
        deeds = [*self._by(deed_key).values()]
        self.chance.shuffle(deeds)
        pairs = [*product(map(Disruption, self.ways), repeat=2)]
        self.chance.shuffle(pairs)
        used: Counter[object] = Counter()
        for turn in count() if deeds else ():
            for place, (one, two) in enumerate(pairs):
                found = deeds[(turn + place) % len(deeds)]
                situation, event = found[self._fewest([here for here, _ in found], one, used)]
                yield Disrupted(situation, ((one, event, two),), "an action between two disruptions")

    def _fewest(self, found: Sequence[SettledSituation], disruption: Disruption, used: Counter[object]) -> int:
        """The place of one of those situations in which a disruption was used least; it is counted."""
        keys = [(situation_key(one.world), disruption) for one in found]
        least = min(used[key] for key in keys)
        place = self.chance.choice([place for place, key in enumerate(keys) if used[key] == least])
        used[keys[place]] += 1
        return place

    def _alone(self) -> Iterator[Disrupted]:
        """Disruptions of which nobody acts: one, the same twice, and then two, in one situation of each sort."""
        sorts = {situation_key(one.world): one for one in reversed(self.situations)}
        situations = [*sorts.values()]
        single = [Disruption(way) for way in self.ways]
        piles: list[Acts] = [*((one,) for one in single), *((one, one) for one in single)]
        piles += [pair for pair in product(single, repeat=2) if pair[0] != pair[1]]
        for pile in piles:
            self.chance.shuffle(situations)
            yield from (Disrupted(one, (pile,), "a disruption alone") for one in situations)

    def _many(self) -> Iterator[Disrupted]:
        """More actions or disruptions: links cut while something of one's own waits, and any others, in turns."""
        busy, more = self._busy(), self._more()
        for one in busy:
            yield one
            yield from islice(more, 1)
        yield from more

    def _busy(self) -> Iterator[Disrupted]:
        """A disruption, an action of somebody's own, and one that cuts a link: each kind once after each disruption."""
        kinds = [*product(self.ways, cuts_while_busy(self.model, self.situations, self.allows))]
        self.chance.shuffle(kinds)
        for way, found in kinds:
            situation, first, second = self.chance.choice(found)
            yield Disrupted(situation, ((Disruption(way), first, second),), "a link cut while another action waits")

    def _more(self) -> Iterator[Disrupted]:
        """Two actions or two disruptions, of one actor or of two; without end."""
        among = [one for one in self.situations if next(self._events(one.world), None) is not None]
        kinds = [*product(MORE, self.ways, (True, False))]
        self.chance.shuffle(kinds)
        for pattern, way, alike in cycle(kinds if among else ()):
            situation = self.chance.choice(among)
            first = self._any(situation.world, [*self._events(situation.world)])
            second = self._second(step(self.model, situation.world, first).after, first, same_actor=alike)
            if second is None:
                continue
            acts: dict[str, Act] = {"a": first, "b": second}
            acts |= {"d": Disruption(way), "e": Disruption(self.chance.choice(self.ways))}
            rounds = tuple(tuple(acts[letter] for letter in one) for one in pattern.split())
            yield Disrupted(situation, rounds, "two actions or two disruptions")

    def _second(self, world: World, first: Event, *, same_actor: bool) -> Event | None:
        """An action after another one, on the same item more often than not; None where there is none."""
        found = [one for one in self._events(world) if (one.actor == first.actor) is same_actor]
        same = [one for one in found if one.item is not None and one.item == first.item]
        chosen = same if same and self.chance.random() < SAME else found
        return self._any(world, chosen) if chosen else None

    def _any(self, world: World, events: Sequence[Event]) -> Event:
        """One of some events: what is done has the same chance, however many kinds of items it can be done to."""
        deeds: dict[tuple[str, ...], list[Event]] = {}
        for event in events:
            deeds.setdefault(deed_key(world, event), []).append(event)
        return self.chance.choice(self.chance.choice([*deeds.values()]))

    def _events(self, world: World) -> Iterator[Event]:
        """What can be done in a world, and is not refused."""
        for actor in self.model.vocabulary.acting:
            for event in choices(self.model, world, actor, 30 + len(world.items)):
                if self.allows(world, event) and step(self.model, world, event).refused is None:
                    yield event


def kind_of(world: World, event: Event) -> tuple[str, ...]:
    """What is the same of actions of one kind: what is done to whose item, and of which kind that is."""
    item = world.items.get(event.item) if event.item is not None else None
    return (*deed_key(world, event), event.kind or ("" if item is None else item.original.kind))
