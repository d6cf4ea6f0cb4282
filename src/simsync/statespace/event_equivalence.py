"""Events that do the same to an item: only one of them need be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from simsync.statespace.columns import Codes, Ints, distinct, spread
from simsync.statespace.items import HISTORY, KIND, LINK, OWNER, SAME, Events, Items

Looks = tuple[int, int]
"""What tells which events make sense with an item: the codes of its owner and its kind."""


class EventClasses:
    """The equivalence classes of item states under actions, before any rule applies, and those of events in each.

    Items of one class (a *sort*) differ in nothing that an action sees or touches. Events are equivalent if they have
    the same actor and action, and the same result. ``first[s]``: one event of each class, the first, of those that make
    sense with items of sort s; ``alike[s]``: for each of these events the first one equivalent to it.
    """

    def __init__(self, states: Items, events: Events, change: Codes, possible: Mapping[Looks, Ints]) -> None:
        self._states, self._events, self._change, self._possible = states, events, change, possible
        self.first: list[Ints] = []
        self.alike: list[dict[int, int]] = []
        self._place: list[dict[int, int]] = []
        self._number: dict[bytes, int] = {}
        self._different: dict[tuple[int, ...], tuple[int, ...]] = {}

    def sorts(self, items: Ints) -> Ints:
        """The numbers of the sorts of item states, [n, W]."""
        seen = np.delete(items, (SAME, LINK, HISTORY), axis=1)
        some, which = distinct(seen)
        keys = [row.tobytes() for row in seen[some]]
        fresh = {key: number for number, key in enumerate(keys) if key not in self._number}
        if fresh:
            self._number |= {key: number for number, key in enumerate(fresh, len(self.first))}
            self._file(items[some[[*fresh.values()]]])
        return np.array([self._number[key] for key in keys], np.int32)[which]

    def _file(self, items: Ints) -> None:
        """Note the events on items, one of each sort that is new."""
        events = [self._possible[owner, kind] for owner, kind in items[:, [OWNER, KIND]].tolist()]
        starts = np.cumsum([0, *map(len, events)], dtype=np.int32)
        item, _ = spread(starts, np.arange(len(items), dtype=np.int32))
        what = np.concatenate(events)
        sensible = self._states.allowed(items[item], self._events.sets[what], self._events.creates[what])
        item, what = item[sensible], what[sensible]
        starts = np.searchsorted(item, np.arange(len(items) + 1)).astype(np.int32)
        done = self._states.done(items[item], self._events.take(what))
        same = np.stack([item, self._events.actor[what], self._change[what], done.told, done.carries], axis=1)
        first, which = distinct(np.concatenate([same, done.items], axis=1))
        for begin, end in pairwise(starts.tolist()):
            low, high = np.searchsorted(first, (begin, end))
            self.first.append(what[first[low:high]])
            every = what[begin:end].tolist()
            self.alike.append(dict(zip(every, what[first[which[begin:end]]].tolist(), strict=True)))
            self._place.append(dict(zip(every, (which[begin:end] - low).tolist(), strict=True)))

    def place(self, sort: int, event: int) -> int | None:
        """The place in ``first`` of the event that is alike; None where an event makes no sense."""
        return self._place[sort].get(event)

    def different(self, sorts: tuple[int, ...]) -> tuple[int, ...]:
        """The events that make sense with items of any of some sorts: of those alike for all the first."""
        if sorts not in self._different:
            places = [self._place[sort] for sort in sorts]
            same: dict[tuple[int | None, ...], int] = {}
            for event in (event for place in places for event in place):
                same.setdefault(tuple([place.get(event) for place in places]), event)
            self._different[sorts] = tuple(same.values())
        return self._different[sorts]
