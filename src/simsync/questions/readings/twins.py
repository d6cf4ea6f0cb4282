"""Pairs of combinations that differ in one reading: the shortest scenario that tells any of them apart, or a proof."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.questions.readings.sights import Need, Needs, Sights
from simsync.statespace.places import with_texts
from simsync.statespace.product import Difference

Pair = tuple[int, int]
"""The places that a combination with the first option and its twin with the second one have come to."""


class Twins:
    """Walks through such pairs for many contexts at once, breadth first.

    A pair that some contexts come to later than others is visited again for these.
    """

    def __init__(self, sights: Sights, need: Need, needs: Needs, contexts: int) -> None:
        self.sights, self.need, self.needs, self.contexts = sights, need, needs, contexts
        self.came: dict[Pair, int] = {}
        self._before: dict[Pair, list[tuple[int, Pair, int]]] = {}

    def first_difference(self) -> Difference | None:
        """The shortest scenario that tells any of the twins apart; None is a proof that none does."""
        front = {(place, place): self.contexts for place in self.sights.beginnings(self.contexts)}
        self.came = dict(front)
        while front:
            reached: dict[Pair, int] = {}
            for pair, new in front.items():
                for event in dict.fromkeys((*self.sights.possible(pair[0]), *self.sights.possible(pair[1]))):
                    for apart, after, bits in self._stepped(pair, new, event):
                        if apart:
                            return self._way(pair, event, bits & -bits)
                        fresh = bits & ~self.came.get(after, 0)
                        if fresh:
                            self.came[after] = self.came.get(after, 0) | fresh
                            reached[after] = reached.get(after, 0) | fresh
                            self._before.setdefault(after, []).append((fresh, pair, event))
            front = reached
        return None

    def _stepped(self, pair: Pair, bits: int, event: int) -> Iterator[tuple[bool, Pair, int]]:
        """Whether the twins see the same of an event, where they come to, and in which contexts."""
        ones, others = self.sights.turns(pair[0], event), self.sights.turns(pair[1], event)
        if len(ones) == len(others) == 1:
            yield ones[0].sight != others[0].sight, (ones[0].after, others[0].after), bits
            return
        for one in ones:
            if some := bits & one.combos:
                for other in others:
                    if both := some & self.needs.brought_down(self.need, other.combos):
                        yield one.sight != other.sight, (one.after, other.after), both

    def _way(self, pair: Pair, event: int, context: int) -> Difference:
        """How one context came to a difference."""
        events = [event]
        while before := next((one for one in self._before.get(pair, ()) if one[0] & context), None):
            _, pair, event = before
            events.append(event)
        told = with_texts(self.sights.family.model, [self.sights.events[event] for event in reversed(events)])
        return Difference(status=self.sights.places[pair[0]].status, events=told)
