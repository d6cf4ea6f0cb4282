"""Which readings an outcome depends on."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.engine.deciding import announce, decide
from simsync.engine.facts import Situation
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step, target
from simsync.engine.world import Event
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
    changed = None if outcome.event.item is None else target(model, outcome.before, outcome.event)
    situation = changed[1] if changed else None
    return tuple(
        reading.name
        for reading in model.policy.readings.values()
        if reading.name in concerned and any(_differs(outcome, situation, other) for other in _others(model, reading))
    )


def _others(model: Model, reading: Reading) -> Iterator[Model]:
    for option in reading.options:
        if option != model.readings[reading.name]:
            yield model.under({reading.name: option})


def _differs(outcome: Outcome, situation: Situation | None, other: Model) -> bool:
    """Whether another model has another outcome of this step; it is only taken where the decisions do not tell."""
    if situation is not None:
        ours, theirs = (_consequences(model, outcome.event, situation) for model in (outcome.model, other))
        if ours is not None and theirs is not None:
            if ours[0] != theirs[0]:
                return True
            if ours[1] == theirs[1]:
                return False
    return _observable(step(other, outcome.before, outcome.event)) != _observable(outcome)


def _consequences(model: Model, event: Event, situation: Situation) -> tuple[object, object] | None:
    """What a change leads to whatever the item says, and what it does to the copy; None where the rules fail."""
    decision = decide(model, situation)
    if decision.refused is not None:
        return None, None
    phase = situation.phase
    notified, _, defects = announce(model, event.actor, event.action, phase, phase, decision.synced)
    if decision.defects or defects:
        return None
    seen = decision.synced, decision.link, decision.history, sorted((*notified, *decision.notified))
    return seen, (decision.then and decision.then.effect, decision.copy)


def _observable(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.refused is None,
        outcome.synced,
        sorted(outcome.notified),
        outcome.after.status,
        outcome.after.items,
        bool(outcome.defects),
    )
