"""Which readings an outcome depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.model.policy import Reading
from simsync.model.world import Event, World

Step = Callable[[Model, World, Event], Outcome]


def readings_behind(model: Model, step: Step, outcome: Outcome) -> tuple[str, ...]:
    """The readings of which another option, all others as they are, would give another outcome of this step.

    Only a reading that exchanges one of the deciding rows, or adds a transition for this action, can.
    """
    by_row, by_trigger = model.workshop.readings_by_row, model.workshop.readings_by_trigger
    concerned = {name for hit in outcome.hits for name in by_row.get(hit.row.id, ())}
    concerned.update(by_trigger.get(outcome.event.action, ()))
    if not concerned:
        return ()
    seen = _observable(outcome)
    return tuple(
        reading.name
        for reading in model.policy.readings.values()
        if reading.name in concerned
        and any(_observable(step(other, outcome.before, outcome.event)) != seen for other in _others(model, reading))
    )


def _others(model: Model, reading: Reading) -> Iterator[Model]:
    for option in reading.options:
        if option != model.readings[reading.name]:
            yield model.under({reading.name: option})


def _observable(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.refused is None,
        outcome.synced,
        sorted(outcome.notified),
        outcome.after.status,
        outcome.after.items,
        bool(outcome.defects),
    )
