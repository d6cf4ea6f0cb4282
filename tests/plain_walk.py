"""Every place that one item can come to, walked through with the engine alone: what a state space is held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event
from simsync.statespace.abstraction import Abstraction, AbstractState, statuses, way_back


class Visit(NamedTuple):
    """A step taken from a place, and the place that it leads to."""

    place: AbstractState
    event: Event
    outcome: Outcome
    after: AbstractState


class PlainWalk:
    """Walks through every place that one item can come to, from empty tickets in every status that can be reached.

    ``came`` tells of each place the one before it and the event between, None where a scenario can begin.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.came: dict[AbstractState, tuple[AbstractState, Event] | None] = {}

    def walk(self) -> Iterator[Visit]:
        """Every step from every place, in the order of how many steps it takes to come there."""
        abstraction = Abstraction(self.model)
        waiting = [AbstractState(status, None) for status in statuses(self.model)]
        self.came = dict.fromkeys(waiting)
        for place in waiting:  # grows while we walk
            world = abstraction.world(place)
            for event in abstraction.events(place.item):
                outcome = step(self.model, world, event)
                after = place if outcome.after is world else abstraction.state(outcome.after)
                yield Visit(place, event, outcome, after)
                if after not in self.came:
                    self.came[after] = place, event
                    waiting.append(after)

    def path(self, place: AbstractState) -> tuple[str, list[Event]]:
        """The shortest way to a place that was come to: the status to begin in, and the events."""
        start, events = way_back(self.came, place)
        return start.status, events
