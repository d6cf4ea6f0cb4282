"""Which readings an outcome depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.model.policy import Reading
from simsync.model.world import Event, World

Step = Callable[[Model, World, Event], Outcome]


def readings_behind(model: Model, world: World, event: Event, step: Step) -> tuple[str, ...]:
    """The readings of which another option, all others as they are, would give another outcome of this step.

    Only a reading that exchanges one of the deciding rows, or adds a transition for this action, can.
    """
    outcome = step(model, world, event)
    rows = {hit.row.id for hit in outcome.hits}
    return tuple(
        reading.name
        for reading in model.policy.readings.values()
        if _concerns(reading, rows, event)
        and any(_observable(step(other, world, event)) != _observable(outcome) for other in _others(model, reading))
    )


def _others(model: Model, reading: Reading) -> Iterator[Model]:
    for option in reading.options:
        if option != model.readings[reading.name]:
            yield model.under({reading.name: option})


def _concerns(reading: Reading, rows: set[str], event: Event) -> bool:
    for option in reading.options.values():
        exchanged = {row.id for new in (*option.replace.values(), *option.add.values()) for row in new}
        if rows & (option.replace.keys() | exchanged):
            return True
        if any(t.trigger == event.action for added in option.transitions.values() for t in added):
            return True
    return False


def _observable(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.refused is None,
        outcome.synced,
        sorted(outcome.notified),
        outcome.after.status,
        outcome.after.items,
        bool(outcome.defects),
    )
