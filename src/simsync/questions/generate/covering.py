"""Suites of scenarios with one item that cover a criterion in few steps, and how few would do at best."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.policy.facts import CREATE
from simsync.policy.policy import Transition
from simsync.progress import Progress, silent
from simsync.questions.coverage.coverage import space_under, to_give
from simsync.questions.coverage.declared_goals import declared, declared_by, other_options
from simsync.questions.coverage.goals import Criterion, Goal
from simsync.questions.coverage.item_graph import GraphStep, ItemGraph, Point
from simsync.questions.coverage.step_goals import StepGoals
from simsync.statespace.abstraction import NAME, with_texts
from simsync.statespace.member import Member

LONGEST = 12
"""How many steps a scenario has at most, unless a single goal takes more: longer ones tell a reader little."""

CAN_BE_COVERED = tuple(criterion for criterion in Criterion if criterion is not Criterion.READINGS)
"""The criteria that suites are made for. What readings make of a step is no matter of one step under one of them."""


class Story(NamedTuple):
    """A scenario of a suite, and the goals that no other one of it covers."""

    trace: Trace
    covers: tuple[Goal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A suite. ``bound``: no suite of scenarios with one item has fewer steps; ``unreachable``: goals of no run."""

    model: Model
    criterion: Criterion
    stories: tuple[Story, ...]
    goals: int
    bound: int
    unreachable: tuple[Goal, ...]

    @property
    def steps(self) -> int:
        """How many steps the suite has."""
        return sum(len(story.trace.events) for story in self.stories)


def generate(model: Model, criterion: Criterion, seed: int = 0, progress: Progress = silent) -> Generated:
    """A suite that covers all of a criterion that a run can reach: as the rules are read, then what options add.

    Deterministic for a seed. It goes to the nearest goal left, and begins anew where that is nearer. Of goals equally
    near the seed and the goal's own name decide, not what other goals there are: a change of the rules changes the
    scenarios that it is about, and few others.
    """
    left = dict.fromkeys(declared(model, criterion))
    goals, bound, stories = 0, 0, list[Story]()
    walked: set[tuple[tuple[Transition, ...], ...]] = set()
    models = (model,) if criterion is Criterion.CELLS else (model, *other_options(model))
    space = space_under(models)
    covers = StepGoals(space, [criterion])
    for one in models:
        has = declared_by(one)
        here = None if criterion is Criterion.CELLS else [goal for goal in left if has(goal)]
        moves = one.status_spec.transitions, one.link_spec.transitions
        if here == [] or (criterion is Criterion.PAIRS and moves in walked):
            continue
        walked.add(moves)
        trip = _Trips(Member(space, one), covers, here, progress)
        if trip.goals:
            goals, bound = goals + len(trip.goals), bound + trip.bound()
            stories += trip.stories(seed, to_give(model, one))
        left = {goal: None for goal in left if goal not in trip.first}
    return Generated(
        model=model, criterion=criterion, stories=tuple(stories), goals=goals, bound=bound, unreachable=tuple(left)
    )


class _Step(NamedTuple):
    """A step from a point: where it leads, and which of the goals it covers."""

    edge: GraphStep
    after: Point
    goals: frozenset[Goal]


class _Walk(NamedTuple):
    start: Point
    steps: tuple[_Step, ...]

    @property
    def goals(self) -> list[Goal]:
        """What it covers, in the order of its steps."""
        return list(dict.fromkeys(goal for step in self.steps for goal in sorted(step.goals, key=str)))


class _Trips:
    """Ways through everything that one item can do under one choice of readings."""

    def __init__(self, member: Member, covers: StepGoals, wanted: Collection[Goal] | None, progress: Progress) -> None:
        """``covers`` tells of one criterion; ``wanted`` None stands for every goal of it."""
        self.model = member.model
        self.graph = ItemGraph(member, covers, wanted, progress)
        self._pairs, self._wanted = Criterion.PAIRS in covers.criteria, frozenset(wanted or ())
        self._steps: dict[Point, list[_Step]] = {}
        self.starts = [Point(number) for number in self.graph.starts]
        self.came: dict[Point, tuple[Point, _Step] | None] = dict.fromkeys(self.starts)
        self.first: dict[Goal, tuple[Point, _Step]] = {}
        self.most: dict[Goal, int] = {}
        waiting = list(self.starts)
        for point in waiting:  # grows while we walk
            for step in self.steps(point):
                for goal in step.goals:
                    self.first.setdefault(goal, (point, step))
                    self.most[goal] = max(self.most.get(goal, 0), len(step.goals))
                if step.after not in self.came:
                    self.came[step.after] = point, step
                    waiting.append(step.after)
        self.goals = tuple(self.first)
        self.depth = {goal: len(self._way(point)[1]) + 1 for goal, (point, _) in self.first.items()}

    def steps(self, point: Point) -> list[_Step]:
        """Every step from a point that covers something or leads on."""
        found = self._steps.get(point)
        if found is None:
            every = (self._step(point, edge) for edge in self.graph.edges[point.state])
            found = self._steps[point] = [step for step in every if step.goals or step.after != point]
        return found

    def _step(self, point: Point, edge: GraphStep) -> _Step:
        if not self._pairs:
            return _Step(edge, Point(edge.after), edge.goals)
        return _Step(edge, point.along(edge), frozenset(point.pairs(edge)) & self._wanted)

    def _way(self, point: Point) -> tuple[Point, list[_Step]]:
        steps: list[_Step] = []
        while (before := self.came[point]) is not None:
            point, step = before
            steps.append(step)
        return point, steps[::-1]

    def bound(self) -> int:
        """Fewer steps cannot do.

        Each goal counts for the share that it has at least of any step that covers it, so that no step counts for more
        than one; and the first step towards the farthest goal is as far from it as it is.
        """
        shares = sum(1 / self.most[goal] for goal in self.goals)
        return max(math.ceil(round(shares, 9)), max(self.depth.values()))

    def stories(self, seed: int, readings: Mapping[str, str]) -> list[Story]:
        """The suite, with what each scenario is there for: without it nothing would cover that.

        ``readings`` are those that its scenarios give.
        """
        order = {goal: (self.depth[goal], sha256(f"{seed} {goal.key}".encode()).digest()) for goal in self.goals}
        walks = self._shortened(self._walks(sorted(self.goals, key=order.__getitem__)))
        counted = Counter(goal for walk in walks for goal in walk.goals)
        return [
            Story(self._trace(walk, readings), tuple(goal for goal in walk.goals if counted[goal] == 1))
            for walk in walks
        ]

    def _walks(self, goals: Iterable[Goal]) -> list[_Walk]:
        """Walks through some goals: to the first one left, then on to the nearest while none left is nearer anew."""
        left = dict.fromkeys(goals)
        walks: list[_Walk] = []
        while left:
            point, last = self.first[next(iter(left))]
            start, steps = self._way(point)
            walk = [*steps, last]
            self._cross_off(left, walk)
            while left and len(walk) < LONGEST:
                nearest = self.depth[next(iter(left))]
                more = self._onwards(walk[-1].after, left, min(nearest, LONGEST - len(walk)))
                if more is None:
                    break
                self._cross_off(left, more)
                walk += more
            walks.append(_Walk(start, tuple(walk)))
        return walks

    @staticmethod
    def _cross_off(left: dict[Goal, None], steps: Sequence[_Step]) -> None:
        for step in steps:
            for goal in step.goals:
                left.pop(goal, None)

    def _onwards(self, point: Point, left: Mapping[Goal, None], most: int) -> list[_Step] | None:
        """The way to a nearest step that covers something left, of those the one that covers most; at most so far."""
        came: dict[Point, tuple[Point, _Step] | None] = {point: None}
        layer = [point]
        for _ in range(most):
            best: tuple[int, Point, _Step] | None = None
            onwards: list[Point] = []
            for here in layer:
                for step in self.steps(here):
                    new = sum(goal in left for goal in step.goals)
                    if new and (best is None or new > best[0]):
                        best = new, here, step
                    if step.after not in came:
                        came[step.after] = here, step
                        onwards.append(step.after)
            if best is not None:
                _, here, last = best
                steps = [last]
                while (before := came[here]) is not None:
                    here, step = before
                    steps.append(step)
                return steps[::-1]
            layer = onwards
        return None

    def _shortened(self, walks: Sequence[_Walk]) -> list[_Walk]:
        """Each walk, the longest first, for no more than what no other one covers: cut short, or made anew."""
        counted = Counter(goal for walk in walks for goal in walk.goals)
        kept: list[_Walk] = []
        for walk in sorted(walks, key=lambda walk: (-len(walk.steps), str(walk.start))):
            counted.subtract(walk.goals)
            alone = [goal for goal in walk.goals if not counted[goal]]
            last = max((n for n, step in enumerate(walk.steps, 1) if not step.goals.isdisjoint(alone)), default=0)
            choices = [_Walk(walk.start, walk.steps[:last])], self._walks(alone)
            best = min(choices, key=lambda choice: sum(len(one.steps) for one in choice))
            counted.update(goal for one in best for goal in one.goals)
            kept += best
        return [walk for walk in kept if walk.steps]

    def _trace(self, walk: _Walk, readings: Mapping[str, str]) -> Trace:
        events = with_texts(self.model, renamed(step.edge.event for step in walk.steps))
        return Trace(status=self.graph.status(walk.start.state), readings=readings, events=events)


def renamed(events: Iterable[Event]) -> Iterator[Event]:
    """The events with another item for each creation: one that was refused has used up its name."""
    created = 0
    for event in events:
        created += event.action == CREATE
        yield event if event.item is None else replace(event, item=f"{NAME[:-1]}{created}")
