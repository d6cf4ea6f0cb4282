"""Every place that one item can come to, walked through with the engine alone: what a state space is held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event
from simsync.statespace.places import Place, Sketch, statuses, way_back


class Visit(NamedTuple):
    """A step taken from a place, and the place that it leads to."""

    place: Place
    event: Event
    outcome: Outcome
    after: Place


class PlainWalk:
    """Walks through every place that one item can come to, from empty tickets in every status that can be reached.

    ``came`` tells of each place the one before it and the event between, None where a scenario can begin.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.came: dict[Place, tuple[Place, Event] | None] = {}

    def walk(self) -> Iterator[Visit]:
        """Every step from every place, in the order of how many steps it takes to come there."""
        sketch = Sketch(self.model)
        waiting = [Place(status, None) for status in statuses(self.model)]
        self.came = dict.fromkeys(waiting)
        for place in waiting:  # grows while we walk
            world = sketch.world(place)
            for event in sketch.events(place.shape):
                outcome = step(self.model, world, event)
                after = place if outcome.after is world else sketch.place(outcome.after)
                yield Visit(place, event, outcome, after)
                if after not in self.came:
                    self.came[after] = place, event
                    waiting.append(after)

    def path(self, place: Place) -> tuple[str, list[Event]]:
        """The shortest way to a place that was come to: the status to begin in, and the events."""
        start, events = way_back(self.came, place)
        return start.status, events
