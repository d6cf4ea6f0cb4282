"""Everything that can happen to one item as a graph: states, and steps that tell what they cover."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.progress import Progress, silent
from simsync.questions.coverage.goals import Criterion, Goal, TakenTransition, declared_pairs, pair
from simsync.questions.coverage.step_goals import StepGoals
from simsync.statespace.abstraction import statuses, way_back
from simsync.statespace.columns import Ints, distinct
from simsync.statespace.member import Member


class GraphStep(NamedTuple):
    """A step from a state: what it covers, and the transitions of the link and of the status that it fires."""

    event: Event
    after: int
    goals: frozenset[Goal]
    link: TakenTransition | None
    status: TakenTransition | None


class Point(NamedTuple):
    """A state with the last transition of either machine on the way there: what pairs are told by."""

    state: int
    link: TakenTransition | None = None
    status: TakenTransition | None = None

    def along(self, edge: GraphStep) -> Point:
        """Where a step leads."""
        return Point(edge.after, edge.link or self.link, edge.status or self.status)

    def pairs(self, edge: GraphStep) -> list[Goal]:
        """The pairs that a step completes."""
        found = []
        if self.link and edge.link:
            found.append(pair(self.link, edge.link))
        if self.status and edge.status:
            found.append(pair(self.status, edge.status))
        return found


_Said = tuple[frozenset[Goal], TakenTransition | None, TakenTransition | None]
"""What an edge tells: the goals, and the transitions of the link and of the status."""


class ItemGraph:
    """The states that one item can come to, nearest first, and the steps from each; the first states are the starts.

    ``covers`` tells what steps cover; ``wanted`` are the goals to be told of, all of them where it is None. ``first``
    has for each of these the state and the edge that cover it after the fewest steps; pairs are not among them. Of the
    steps from a state that are alike, the first has an edge; those that cover nothing, take no transition and lead
    nowhere have none.
    """

    def __init__(
        self,
        member: Member,
        covers: StepGoals,
        wanted: Collection[Goal] | None = None,
        progress: Progress = silent,
    ) -> None:
        self.model, self.member, self.states = member.model, member, member.states
        self.first: dict[Goal, tuple[int, GraphStep]] = {}
        self.edges: list[list[GraphStep]] = [[] for _ in self.states]
        visits = member.visits
        progress(f"steps of {self.model.words.item.a}, taken from everywhere that it can come to", len(visits.state), 0)
        said, which = self._said(covers, frozenset(wanted) if wanted is not None else None)
        tells = np.array([any(one) for one in said], np.bool_)[which] | (visits.state != visits.after)
        steps = np.stack([visits.state, visits.after, which, visits.event], axis=1)[tells]
        for number, after, what, event in steps[distinct(steps[:, :3])[0]].tolist():
            edge = GraphStep(member.space.events[event], after, *said[what])
            self.edges[number].append(edge)
            for goal in edge.goals:
                self.first.setdefault(goal, (number, edge))

    def _said(self, covers: StepGoals, wanted: frozenset[Goal] | None) -> tuple[list[_Said], Ints]:
        """What visits tell, each once, and for each visit which of it."""
        pairs, numbers, found = Criterion.PAIRS in covers.criteria, dict[_Said, int](), list[int]()
        first, alike = covers.alike(self.member)
        for visit in map(self.member.visit, first.tolist()):
            goals = covers.of(visit)
            fired = (covers.link(visit), covers.status(visit)) if pairs else (None, None)
            one = (goals if wanted is None else goals & wanted, *fired)
            found.append(numbers.setdefault(one, len(numbers)))
        return list(numbers), np.array(found, np.int32)[alike]

    @property
    def starts(self) -> range:
        """The states where a scenario can begin."""
        return range(sum(before is None for before in self.member.came.values()))

    def status(self, number: int) -> str:
        """The status of a state."""
        return self.member.space.statuses[self.states[number][0]]

    def way(self, goal: Goal) -> tuple[str, list[Event]]:
        """The shortest way to cover a goal of ``first``: the status to begin in, and the events."""
        number, edge = self.first[goal]
        status, events = self.member.path(self.states[number])
        return status, [*events, edge.event]

    def pairs(self) -> dict[Goal, tuple[str, list[Event]]]:
        """Every pair of transitions that an item or the status can take, with a shortest way that completes it."""
        waiting = [Point(number) for number in self.starts]
        moves = [_moves(edges) for edges in self.edges]
        came: dict[Point, tuple[Point, Event] | None] = dict.fromkeys(waiting)
        found: dict[Goal, tuple[str, list[Event]]] = {}
        for point in waiting:  # grows while we walk
            for edge in moves[point.state]:
                for goal in point.pairs(edge):
                    if goal not in found:
                        start, events = way_back(came, point)
                        found[goal] = self.status(start.state), [*events, edge.event]
                after = point.along(edge)
                if after not in came:
                    came[after] = point, edge.event
                    waiting.append(after)
        return found


def _moves(edges: Iterable[GraphStep]) -> Collection[GraphStep]:
    """Of steps that lead to one place by the same transitions the first."""
    found: dict[tuple[int, TakenTransition | None, TakenTransition | None], GraphStep] = {}
    for edge in edges:
        found.setdefault((edge.after, edge.link, edge.status), edge)
    return found.values()


def status_pairs(model: Model) -> dict[Goal, tuple[str, list[Event]]]:
    """Every pair of transitions of the status, with the shortest way that completes it: from the first one's source."""
    if model.policy.machines:
        return {}
    spec, known = model.status_spec, statuses(model)
    events = {t.id: Event(actor=t.actors[0], action=t.trigger) for t in spec.transitions}
    return {
        pair(one, other): (one.source, [events[one.transition], events[other.transition]])
        for one, other in declared_pairs(spec)
        if one.source in known
    }
