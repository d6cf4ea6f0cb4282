"""Every state of N items, found by nothing but the engine's `step`: what faster searches are held against."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.world import Event, Item, World
from simsync.policy.policy import Value

State = tuple[object, ...]


@dataclass(frozen=True)
class Plain:
    """How many states and transitions there are, how deep, and after how many steps a condition first holds."""

    states: int
    transitions: int
    depth: int
    first: dict[str, int]


class PlainSearch:
    """A breadth-first search over worlds; of texts only counts whether a copy's is the original's."""

    def __init__(self, model: Model, items: int, kinds: set[str], memories: frozenset[str] = frozenset()) -> None:
        self.model, self.kinds, self.memories = model, kinds, memories
        self.names = [f"N{n + 1}" for n in range(items)]
        self.texts = itertools.count()

    def run(self, conditions: dict[str, Callable[[World], bool]] | None = None) -> Plain:
        """Search from empty tickets in every status that can be reached."""
        conditions = conditions or {}
        worlds = [World(status) for status in self._statuses()]
        far = {self._state(world): 0 for world in worlds}
        first: dict[str, int] = {}
        transitions = 0
        for world in worlds:  # grows while we walk
            depth = far[self._state(world)]
            first |= {name: depth for name, holds in conditions.items() if name not in first and holds(world)}
            for event in self._events(world):
                outcome = step(self.model, world, event)
                if outcome.refused is not None:
                    continue
                assert not outcome.defects
                transitions += 1
                state = self._state(outcome.after)
                if state not in far:
                    far[state] = depth + 1
                    worlds.append(outcome.after)
        return Plain(len(worlds), transitions, max(far.values()), first)

    def _statuses(self) -> list[str]:
        spec = self.model.status_spec
        found = [spec.initial]
        for status in found:
            found += [t.dest for t in spec.transitions if status in t.source and t.dest not in found]
        return list(dict.fromkeys(found))

    def _state(self, world: World) -> State:
        return (world.status, *(self._item(world.items.get(name)) for name in self.names))

    def _item(self, item: Item | None) -> State | None:
        if item is None:
            return None
        free = [f.name for f in self.model.vocabulary.fields.values() if not f.values]
        here, copy = item.original, item.copy
        same = not item.present or (copy is not None and all(here.fields[f] == copy.fields[f] for f in free))
        return (
            item.owner,
            here.kind,
            tuple((n, v) for n, v in here.fields.items() if n not in free),
            item.present,
            copy and (copy.kind, tuple((n, v) for n, v in copy.fields.items() if n not in free)),
            same,
            item.link,
            item.history & self.memories,
        )

    def _events(self, world: World) -> Iterator[Event]:
        words = self.model.vocabulary
        for actor, trigger in dict.fromkeys(
            (a, t.trigger) for t in self.model.status_spec.transitions for a in t.actors
        ):
            yield Event(actor=actor, action=trigger)
        for name, partner in itertools.product(self.names, words.partners):
            item = world.items.get(name)
            if item is None:
                for kind in sorted(self.kinds):
                    for values in self._values(words.kinds[kind].fields):
                        yield Event(actor=partner, action="create", item=name, kind=kind, fields=values)
                continue
            yield Event(actor=partner, action="delete", item=name)
            entry = item.original if item.owner == partner else item.copy
            if entry is not None:
                fields = [f for f in words.kinds[entry.kind].fields if "edit" in words.fields[f].set_by]
                for size in range(1, len(fields) + 1):
                    for some in itertools.combinations(fields, size):
                        for values in self._values(some):
                            yield Event(actor=partner, action="edit", item=name, fields=values)

    def _values(self, fields: Iterable[str]) -> Iterator[dict[str, Value]]:
        """Each field with each of its values; a text is a new one."""
        allowed = {f: self.model.vocabulary.fields[f].values for f in fields}
        for chosen in itertools.product(*(values or (None,) for values in allowed.values())):
            yield {f: f"text {next(self.texts)}" if v is None else v for f, v in zip(allowed, chosen, strict=True)}
