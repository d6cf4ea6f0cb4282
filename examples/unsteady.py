"""Three systems that do not always do what the rules say at once: to see what `simsync conform` tells of such.

simsync conform --sut-python examples.unsteady:late
simsync conform --sut-python examples.unsteady:doubling
simsync conform --sut-python examples.unsteady:racing --overlap
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from simsync.app import load_model
from simsync.engine.world import World
from simsync.reference import ReferenceSystem

Tickets = dict[str, dict[str, Any]]


class Late(ReferenceSystem):
    """Passes a deletion on with the next change only."""

    def reset(self, status: str) -> dict[str, Any]:
        """Nothing waits to be passed on."""
        self._kept: Tickets = {}
        return super().reset(status)

    def act(self, actor: str, action: str, item: str = "", *rest: Any, **fields: Any) -> dict[str, Any]:
        """Whatever is done passes on what waits; the other ticket keeps what is deleted now."""
        before = {partner: dict(self._simulation.ticket(partner)) for partner in self.model.vocabulary.partners}
        answer = super().act(actor, action, item, *rest, **fields)
        other = self.model.vocabulary.other(actor)
        self._kept = {other: {item: before[other][item]}} if action == "delete" and item in before[other] else {}
        return answer

    def observe(self) -> dict[str, Any]:
        """What both tickets show, with what waits to be deleted."""
        shown = super().observe()
        tickets = {partner: {**self._kept.get(partner, {}), **items} for partner, items in shown["tickets"].items()}
        return {**shown, "tickets": tickets}


class Doubling(ReferenceSystem):
    """Makes a copy twice now and then, as whoever repeats a request of which the answer was lost."""

    def __init__(self, chance: Callable[[], float]) -> None:
        super().__init__(load_model())
        self._chance = chance

    def reset(self, status: str) -> dict[str, Any]:
        """There are no copies yet."""
        self._known: dict[tuple[str, str], bool] = {}
        return super().reset(status)

    def observe(self) -> dict[str, Any]:
        """What both tickets show, with the copies that were made twice."""
        shown = super().observe()
        tickets = {partner: dict(self._doubled(partner, items)) for partner, items in shown["tickets"].items()}
        return {**shown, "tickets": tickets}

    def _doubled(self, partner: str, items: Mapping[str, Any]) -> Tickets:
        made: Tickets = {}
        for name, view in items.items():
            made[name] = view
            copied = self._simulation.world.items[name].owner != partner
            if self._known.setdefault((partner, name), copied and self._chance() < 0.2):
                made[f"{name} (2)"] = view
        return made


class Racing(ReferenceSystem):
    """Loses the second of two changes that are made before anything settles: its owner alone has it."""

    def reset(self, status: str) -> dict[str, Any]:
        """Nothing is under way."""
        self._under_way = 0
        return super().reset(status)

    def act(self, actor: str, action: str, item: str = "", *rest: Any, **fields: Any) -> dict[str, Any]:
        """What is done after something that is under way does not reach the other ticket."""
        world = self._simulation.world
        answer = super().act(actor, action, item, *rest, **fields)
        self._under_way += 1
        changed = self._simulation.world.items.get(item)
        if changed is not None and changed.owner == actor and self._under_way > 1:
            before = world.items[item].copy if item in world.items else None
            items = {**self._simulation.world.items, item: replace(changed, copy=before)}
            self._simulation.world = World(self._simulation.world.status, items)
        return answer

    def settle(self) -> dict[str, Any]:
        """All has arrived that will."""
        self._under_way = 0
        return super().settle()


_CHANCE = random.Random(4)


def late() -> Late:
    """The first."""
    return Late(load_model())


def doubling() -> Doubling:
    """The second. All of them share their chance, so that a fresh one does not do the same again."""
    return Doubling(_CHANCE.random)


def racing() -> Racing:
    """The third."""
    return Racing(load_model())
