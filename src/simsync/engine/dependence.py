"""Which readings an outcome depends on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simsync.engine.deciding import announce, decide
from simsync.engine.facts import Situation
from simsync.engine.memo import Dependence
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step, target
from simsync.policy.policy import Reading


def readings_behind(outcome: Outcome) -> tuple[str, ...]:
    """The readings that matter for an outcome: to change the option of one alone would change what the step does.

    Only a reading that exchanges one of the deciding rows, or adds a transition for a trigger that was fired, can.
    """
    model, event = outcome.model, outcome.event
    changed = None if event.item is None else target(model, outcome.before, event)
    joined = model.item_consequences or model.step_consequences or model.factory.present
    if changed is None or joined or model.policy.fixed:
        depends, open_ = frozenset[str](), _concerned(outcome)
    else:
        depends, open_ = _of_change(outcome, changed[1])
    if not depends and not open_:
        return ()
    return tuple(
        name
        for name, reading in model.policy.readings.items()
        if name in depends or (name in open_ and any(_differs(outcome, other) for other in _others(model, reading)))
    )


def deciding_who_is_told(outcome: Outcome, readings: Iterable[str]) -> list[str]:
    """Of readings behind an outcome those that decide nothing but who is told."""
    here = _but_for_notices(outcome)
    return [
        name
        for name in readings
        if all(
            _but_for_notices(step(other, outcome.before, outcome.event)) == here
            for other in _others(outcome.model, outcome.model.policy.readings[name])
        )
    ]


def _concerned(outcome: Outcome) -> frozenset[str]:
    factory = outcome.model.factory
    by_row, by_trigger = factory.readings_by_row, factory.readings_by_trigger
    concerned = {*factory.policy.fixed, *by_trigger.get(outcome.event.action, ())}
    for hit in outcome.hits:
        concerned.update(by_row.get(hit.row.id, ()), by_trigger.get(hit.row.then.link or "", ()))
    return frozenset(concerned)


def _of_change(outcome: Outcome, situation: Situation) -> Dependence:
    """The readings that a change depends on, as far as its decisions tell. Remembered per situation."""
    model, memo = outcome.model, outcome.model.factory.dependence
    found = memo.find(situation, model.readings)
    if found is None:
        ours = _consequences(model, situation)
        depends, open_ = set[str](), set[str]()
        bearing = decide(model, situation).bearing.union(*(model.factory.touching[n] for n in _announcing(model)))
        for name in _concerned(outcome):
            for other in _others(model, model.policy.readings[name]):
                theirs = _consequences(other, situation)
                bearing |= {name} | decide(other, situation).bearing
                if ours is None or theirs is None or (ours[0] == theirs[0] and ours[1] != theirs[1]):
                    open_.add(name)
                elif ours[0] != theirs[0]:
                    depends.add(name)
        found = frozenset(depends), frozenset(open_ - depends)
        memo.keep(situation, found, model.readings, bearing)
    return found


def _announcing(model: Model) -> list[str]:
    return [lookup.table.name for lookup in model.step_notices]


def _others(model: Model, reading: Reading) -> Iterator[Model]:
    for option in reading.options:
        if option != model.readings[reading.name]:
            yield model.under({reading.name: option})


def _differs(outcome: Outcome, other: Model) -> bool:
    """Whether another model has another outcome of this step."""
    return _observable(step(other, outcome.before, outcome.event)) != _observable(outcome)


def _consequences(model: Model, situation: Situation) -> tuple[object, object] | None:
    """What a change leads to whatever the item says, and what it does to the copy; None where the rules fail."""
    decision = decide(model, situation)
    if decision.refused is not None:
        return None, None
    phase = situation.phase
    notified, _, defects = announce(model, situation.actor, situation.change, phase, phase, decision.synced)
    if decision.defects or defects:
        return None
    seen = decision.synced, decision.link, decision.history, sorted((*notified, *decision.notified))
    return seen, (decision.then and decision.then.effect, decision.copy)


def _observable(outcome: Outcome) -> tuple[object, ...]:
    return (*_but_for_notices(outcome), sorted(outcome.notified))


def _but_for_notices(outcome: Outcome) -> tuple[object, ...]:
    return (
        outcome.refused is None,
        outcome.synced,
        outcome.after.status,
        outcome.after.items,
        bool(outcome.defects),
    )
