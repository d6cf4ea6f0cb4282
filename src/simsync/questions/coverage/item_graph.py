"""Everything that can happen to one item as a graph: places, and steps that tell what they cover."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.world import Event
from simsync.progress import Progress, silent
from simsync.questions.coverage.goals import Goal, Taken, declared_pairs, machines_fired, pair, reached, taken
from simsync.statespace.life import Life
from simsync.statespace.places import Place, statuses, way_back

OFTEN = 2_000
"""After how many steps progress is told."""


class Edge(NamedTuple):
    """A step from a place: what it covers, and the transitions of the link and of the status that it fires."""

    event: Event
    after: int
    goals: frozenset[Goal]
    link: Taken | None
    status: Taken | None


class Point(NamedTuple):
    """A place with the last transition of either machine on the way there: what pairs are told by."""

    place: int
    link: Taken | None = None
    status: Taken | None = None

    def along(self, edge: Edge) -> Point:
        """Where a step leads."""
        return Point(edge.after, edge.link or self.link, edge.status or self.status)

    def pairs(self, edge: Edge) -> list[Goal]:
        """The pairs that a step completes."""
        found = []
        if self.link and edge.link:
            found.append(pair(self.link, edge.link))
        if self.status and edge.status:
            found.append(pair(self.status, edge.status))
        return found


class ItemGraph:
    """The places that one item can come to, nearest first, and every step from each; the first places are the starts.

    ``covers`` tells what a step covers. ``first`` has for each goal the place and the edge that cover it after the
    fewest steps; pairs are not among them.
    """

    def __init__(
        self, model: Model, covers: Callable[[Outcome], Iterable[Goal]] = reached, progress: Progress = silent
    ) -> None:
        self.model = model
        self.life = Life(model)
        self.first: dict[Goal, tuple[int, Edge]] = {}
        index, known = dict[Place, int](), dict[frozenset[Goal], frozenset[Goal]]()
        rough: list[tuple[Place, Event, Place, frozenset[Goal], Taken | None, Taken | None]] = []
        for number, (place, event, outcome, after) in enumerate(self.life.walk(), 1):
            if number % OFTEN == 0:
                progress("steps of an item, taken from everywhere that it can come to", number, 0)
            goals = frozenset(covers(outcome))
            rough.append((place, event, after, known.setdefault(goals, goals), *_fired(outcome)))
        self.places = tuple(self.life.came)
        index.update((place, number) for number, place in enumerate(self.places))
        self.edges: list[list[Edge]] = [[] for _ in self.places]
        for place, event, after, goals, link, status in rough:
            edge = Edge(event, index[after], goals, link, status)
            self.edges[index[place]].append(edge)
            for goal in goals:
                if goal not in self.first:
                    self.first[goal] = index[place], edge

    @property
    def starts(self) -> range:
        """The places where a scenario can begin."""
        return range(sum(before is None for before in self.life.came.values()))

    def way(self, goal: Goal) -> tuple[str, list[Event]]:
        """The shortest way to cover a goal of ``first``: the status to begin in, and the events."""
        number, edge = self.first[goal]
        status, events = self.life.path(self.places[number])
        return status, [*events, edge.event]

    def pairs(self) -> dict[Goal, tuple[str, list[Event]]]:
        """Every pair of transitions that an item or the status can take, with a shortest way that completes it."""
        waiting = [Point(number) for number in self.starts]
        came: dict[Point, tuple[Point, Event] | None] = dict.fromkeys(waiting)
        found: dict[Goal, tuple[str, list[Event]]] = {}
        for point in waiting:  # grows while we walk
            for edge in self.edges[point.place]:
                for goal in point.pairs(edge):
                    if goal not in found:
                        start, events = way_back(came, point)
                        found[goal] = self.places[start.place].status, [*events, edge.event]
                after = point.along(edge)
                if after not in came:
                    came[after] = point, edge.event
                    waiting.append(after)
        return found


def _fired(outcome: Outcome) -> tuple[Taken | None, Taken | None]:
    """The transitions of the link and of the status; with one item there is at most one of each."""
    link = status = None
    for machine, fired in machines_fired(outcome):
        if fired is outcome.moved:
            status = taken(machine, fired)
        else:
            link = taken(machine, fired)
    return link, status


def status_pairs(model: Model) -> dict[Goal, tuple[str, list[Event]]]:
    """Every pair of transitions of the status, with the shortest way that completes it: from the first one's source."""
    spec, known = model.status_spec, statuses(model)
    events = {t.id: Event(actor=t.actor or "", action=t.trigger) for t in spec.transitions}
    return {
        pair(one, other): (one.source, [events[one.transition], events[other.transition]])
        for one, other in declared_pairs(spec)
        if one.source in known
    }
