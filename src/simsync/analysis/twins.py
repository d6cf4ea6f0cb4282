"""Pairs of combinations that differ in one reading: the shortest scenario that tells any of them apart, or a proof."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.analysis.compare import Difference
from simsync.analysis.life import way_back, with_texts
from simsync.analysis.sights import Need, Needs, Sights
from simsync.model.world import Event


class Twins:
    """Walks through pairs of combinations that differ in one reading, for many contexts at once, breadth first."""

    def __init__(self, sights: Sights, need: Need, needs: Needs, contexts: int) -> None:
        self.sights, self.need, self.needs, self.contexts = sights, need, needs, contexts
        self.came: dict[tuple[int, int], int] = {}
        self._before: dict[tuple[int, int, int], tuple[tuple[int, int, int], Event] | None] = {}

    def first_difference(self) -> Difference | None:
        """The shortest scenario that tells any of the pairs apart; None is a proof that none does."""
        starts = [(place, place, self.contexts) for place in self.sights.beginnings(self.contexts)]
        self.came = {(place, other): bits for place, other, bits in starts}
        self._before = dict.fromkeys(starts)
        front = starts
        while front:
            reached: list[tuple[int, int, int]] = []
            for node in front:
                for event in dict.fromkeys((*self.sights.possible(node[0]), *self.sights.possible(node[1]))):
                    for apart, after in self._stepped(node, event):
                        if apart:
                            return self._way(node, event)
                        fresh = after[2] & ~self.came.get(after[:2], 0)
                        if fresh:
                            self.came[after[:2]] = self.came.get(after[:2], 0) | fresh
                            reached.append((*after[:2], fresh))
                            self._before[reached[-1]] = node, self.sights.events[event]
            front = reached
        return None

    def _stepped(self, node: tuple[int, int, int], event: int) -> Iterator[tuple[bool, tuple[int, int, int]]]:
        place, other, bits = node
        for one in self.sights.turns(place, event):
            for two in self.sights.turns(other, event):
                both = bits & one.combos & self.needs.brought_down(self.need, two.combos)
                if both:
                    yield one.sight != two.sight, (one.after, two.after, both)

    def _way(self, node: tuple[int, int, int], event: int) -> Difference:
        (start, _, _), events = way_back(self._before, node)
        told = with_texts(self.sights.family.model, [*events, self.sights.events[event]])
        return Difference(status=self.sights.places[start].status, events=told)
