"""Rounds of two actions by their kind, so that however few there is time for, those come first that tell most."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.overlap import Reply, round_outcomes
from simsync.engine.step import step
from simsync.engine.view import entry_on
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE
from simsync.questions.conform.overlap.situations import Allows, SettledSituation, choices, deed_key

Pair = tuple[Event, Event]


class BegunRound(NamedTuple):
    """Two actions that overlap, and the situation that they begin in. ``first``: none of their kind came before."""

    situation: SettledSituation
    acts: Pair
    first: bool = False


KindKey = tuple[object, ...]
"""What is the same of rounds of one kind: the status, and what each action does to whose item, and to what of it."""


class KindsOfRounds:
    """Rounds of two actions from settled situations, one of each kind, then a second of each, and so on."""

    def __init__(self, model: Model, found: Sequence[SettledSituation], allows: Allows, chance: random.Random) -> None:
        self.model, self._found, self._allows, self._chance = model, found, allows, chance

    def of_each_side(self) -> dict[KindKey, list[BegunRound]]:
        """One action of each of two actors, which some order does."""
        kinds: dict[KindKey, list[BegunRound]] = {}
        for situation in self._found:
            world = situation.world
            for one, other in combinations(self.model.vocabulary.acting, 2):
                ours, theirs = self.tried(world, one, 11), self.tried(world, other, 12)
                for pair in map(_apart, product(ours, theirs)):
                    if self.both_done(world, pair):
                        key = (world.status, *(deed_key(world, event) for event in pair))
                        kinds.setdefault(key, []).append(BegunRound(situation, pair))
        return kinds

    def of_one_side(self) -> dict[KindKey, list[BegunRound]]:
        """Two actions of one actor, on the same item, or one of them on the status."""
        kinds: dict[KindKey, list[BegunRound]] = {}
        for situation in self._found:
            world = situation.world
            for actor in self.model.vocabulary.acting:
                for first in self.tried(world, actor, 13):
                    outcome = step(self.model, world, first)
                    if outcome.refused is not None or outcome.defects or first.action == DELETE:
                        continue
                    for second in self._next(world, first, outcome.after):
                        deeds = deed_key(world, first), deed_key(outcome.after, second)
                        kinds.setdefault((world.status, *deeds), []).append(BegunRound(situation, (first, second)))
        return kinds

    def _next(self, world: World, first: Event, after: World) -> Iterator[Event]:
        """What somebody can do after an action of theirs; not on what arrives with it."""
        for second in self.tried(after, first.actor, 14):
            items = {first.item, second.item}
            if (len(items) == 2) is not (None in items):  # two items, or twice the status
                continue
            item = world.items.get(second.item or "")
            if item is not None and entry_on(item, first.actor) is None:
                continue
            if step(self.model, after, second).refused is None:
                yield second

    def in_turns(self, kinds: Mapping[KindKey, list[BegunRound]], *, both: bool) -> Iterator[BegunRound]:
        """One of each kind, those first that tell most, then a second of each, and so on.

        Kinds that differ in the status alone come later. ``both``: all of them come the other way round, too.
        """
        chosen = {key: self._shuffled(found) for key, found in kinds.items()}
        ranked = sorted(chosen, key=lambda key: -self._told_by(chosen[key][-1]))
        deeds: dict[object, KindKey] = {}
        for key in ranked:
            deeds.setdefault(key[1:], key)
        first = [*deeds.values()]
        kept = set(first)
        for keys in (first, [key for key in ranked if key not in kept]):
            now = [chosen[key].pop() for key in keys]
            yield from (one._replace(first=True) for one in now)
            if both:
                yield from (one._replace(acts=one.acts[::-1]) for one in now)
        waiting = deque(found for key in ranked if (found := chosen[key]))
        while waiting:
            found = waiting.popleft()
            one = found.pop()
            yield one
            if both:
                yield one._replace(acts=one.acts[::-1])
            if found:
                waiting.append(found)

    def _shuffled(self, found: list[BegunRound]) -> list[BegunRound]:
        """Rounds of a kind in any order, but last of all one that tells most, and takes few steps to come to."""
        some = self._chance.sample(found, len(found))
        best = max(range(len(some)), key=lambda place: (self._told_by(some[place]), -len(some[place].situation.events)))
        return [*some[:best], *some[best + 1 :], some[best]]

    def _told_by(self, one: BegunRound) -> int:
        """How many of its actions reach the other ticket, and one more where both are on one item."""
        world, crossing = one.situation.world, 0
        for event in one.acts:
            outcome = step(self.model, world, event)
            crossing += bool(outcome.synced)
            if len({event.actor for event in one.acts}) == 1:
                world = outcome.after
        first, second = one.acts
        return crossing + (first.item is not None and first.item == second.item)

    def tried(self, world: World, actor: str, salt: int) -> list[Event]:
        """What an actor is tried with: of new items one kind, another one each time."""
        found = [event for event in choices(self.model, world, actor, salt) if self._allows(world, event)]
        made = [event for event in found if event.action == CREATE]
        kept = [self._chance.choice(made)] if made else []
        return [event for event in found if event.action != CREATE] + kept

    def both_done(self, world: World, pair: Sequence[Event]) -> bool:
        """Whether there is for each action an order in which it is done."""
        outcomes = round_outcomes(self.model, world, tuple(pair))
        return all(any(one.answers[n] is Reply.DONE for one in outcomes) for n in range(len(pair)))


def _apart(pair: Pair) -> Pair:
    """A pair whose new items have names of their own."""
    one, other = pair
    if one.action == other.action == CREATE:
        other = Event(actor=other.actor, action=CREATE, item="N3", kind=other.kind, fields=other.fields)
    return one, other
