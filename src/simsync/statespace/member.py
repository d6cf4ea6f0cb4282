"""One combination of readings alone in a state space: every place that it comes to, breadth first, and how."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.policy.policy import Transition
from simsync.statespace.places import statuses, way_back
from simsync.statespace.space import Space, State


class MemberVisit(NamedTuple):
    """A step taken from a place: the numbers of the event and of the part that decides, and the place after.

    ``part`` is -1, and ``transition`` None, where a status action is refused; ``transition`` is the status's.
    """

    state: State
    event: int
    part: int
    after: State
    transition: Transition | None


class Member:
    """Walks through a state space as one of its models does, from empty tickets in every status that can be reached.

    ``came`` tells of each place the one before it and the event between, None where a scenario can begin.
    """

    def __init__(self, space: Space, model: Model) -> None:
        self.space, self.model = space, model
        self._one = space.variants.under(model.readings)
        self._has: list[bool] = []
        self.came: dict[State, tuple[State, Event] | None] = {}

    def walk(self) -> Iterator[MemberVisit]:
        """Every step from every place, in the order of how many steps it takes to come there."""
        space = self.space
        waiting = [(space.statuses.index(status), 0) for status in statuses(self.model)]
        self.came = dict.fromkeys(waiting)
        for state in waiting:  # grows while we walk
            for visit in self._visits(state):
                yield visit
                if visit.after not in self.came:
                    self.came[visit.after] = state, space.events[visit.event]
                    waiting.append(visit.after)

    def _visits(self, state: State) -> Iterator[MemberVisit]:
        (s, i), space, has = state, self.space, self._member
        for event, turns in enumerate(space.turns[s]):
            turn = next(turn for turn in turns if has(turn.sets))
            if turn.transition is None:
                yield MemberVisit(state, event, -1, state, None)
                continue
            step = next(step for step in space.compiled.moved(turn.move, i) if has(step.sets))
            yield MemberVisit(
                state, event, step.part, state if step.after < 0 else (turn.dest, step.after), turn.transition
            )
        for steps in space.compiled.by_event(space.phase[s], i):
            step = steps[0] if len(steps) == 1 else next(step for step in steps if has(step.sets))
            yield MemberVisit(state, step.what, step.part, state if step.after < 0 else (s, step.after), None)

    def _member(self, number: int) -> bool:
        """Whether the combination is in a set."""
        sets = self.space.sets.bits
        while len(self._has) < len(sets):
            self._has.append(bool(sets[len(self._has)] & self._one))
        return self._has[number]

    def path(self, state: State) -> tuple[str, list[Event]]:
        """The shortest way to a place that was come to: the status to begin in, and the events."""
        start, events = way_back(self.came, state)
        return self.space.statuses[start[0]], events
