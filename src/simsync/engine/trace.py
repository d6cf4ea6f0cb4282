"""A trace: where a run begins, under which readings, and what is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The status to begin in with empty tickets, and the events, one after the other.

    ``readings`` are those that it says itself; the others are as whoever simulates it has them.
    """

    status: str
    readings: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()

    def __hash__(self) -> int:
        return hash((self.status, frozenset(self.readings.items()), self.events))


def simulate(model: Model, trace: Trace) -> list[Outcome]:
    """What each event of a trace does under a model, and the trace's own readings.

    >>> from simsync import load_model
    >>> model = load_model()
    >>> first = next(iter(model.status_spec.transitions))
    >>> trace = Trace(status=first.source[0], events=(Event(actor=first.actors[0], action=first.trigger),))
    >>> [outcome.after.status == first.dest for outcome in simulate(model, trace)]
    [True]
    """
    model = model.under(trace.readings) if trace.readings else model
    world, outcomes = World(trace.status), []
    for event in trace.events:
        outcomes.append(step(model, world, event))
        world = outcomes[-1].after
    return outcomes
