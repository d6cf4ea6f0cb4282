"""Which readings an outcome depends on."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.policy.policy import Reading


def readings_behind(outcome: Outcome) -> tuple[str, ...]:
    """The readings of which another option, all others as they are, would give another outcome of this step.

    Only a reading that exchanges one of the deciding rows, or adds a transition for a trigger that was fired, can.
    """
    model = outcome.model
    by_row, by_trigger = model.workshop.readings_by_row, model.workshop.readings_by_trigger
    concerned = set(by_trigger.get(outcome.event.action, ()))
    for hit in outcome.hits:
        concerned.update(by_row.get(hit.row.id, ()), by_trigger.get(hit.row.then.link or "", ()))
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
