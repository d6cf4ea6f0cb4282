"""The goals of a criterion that rules declare, whether or not anything comes to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simsync.engine.model import Model
from simsync.policy.options import looked_at
from simsync.policy.policy import MachineSpec, Transition
from simsync.questions.coverage.goals import Criterion, Goal, TakenTransition, declared_pairs, pair, state, transition


def option(reading: str, name: str) -> Goal:
    """An option of a reading."""
    return Goal(Criterion.READINGS, f"{reading}={name}")


def declared_by(model: Model) -> Callable[[Goal], bool]:
    """Whether a model has the rows and transitions of a goal at all; cells are those of the rules as they are read."""
    rows = {row.id for lookup in model.tables.values() for row in lookup.table.rows}
    moves = {str(TakenTransition(m.name, t.id, source)) for m, t in _in_force(model) for source in t.source}
    pairs = {str(pair(*two).key) for m in paired_machines(model) for two in declared_pairs(m)}
    known = {Criterion.RULES: rows, Criterion.TRANSITIONS: moves, Criterion.PAIRS: pairs, Criterion.CELLS: set[str]()}
    return lambda goal: goal.criterion not in known or goal.key in known[goal.criterion]


def _in_force(model: Model) -> Iterator[tuple[MachineSpec, Transition]]:
    """The declared transitions of a model, each with its machine."""
    yield from ((model.link_spec, t) for t in model.link_spec.transitions)
    yield from ((machine, t) for machine in model.status_machines for t in machine.transitions if t.actors)


def paired_machines(model: Model) -> tuple[MachineSpec, ...]:
    """The machines of which it counts what comes after what: not of several status machines."""
    return (model.link_spec,) if model.policy.machines else (model.status_spec, model.link_spec)


def declared(model: Model, criterion: Criterion) -> Iterator[Goal]:
    """The goals of a criterion that the rules declare, whether or not a run reaches them; cells are not declared."""
    policy = model.policy
    machines = policy.declared
    if criterion is Criterion.STATEMENTS:
        yield from (Goal(criterion, name) for name in policy.citations.in_scope)
    elif criterion is Criterion.RULES:
        yield from (Goal(criterion, row.id) for row in policy.rows if looked_at(policy, row))
    elif criterion is Criterion.STATES:
        yield from (state(machine, name) for machine in machines for name in machine.states)
    elif criterion is Criterion.TRANSITIONS:
        for machine in machines:
            fired = (t for t in policy.transitions(machine) if t.actors or machine is policy.link)
            for t in (t for t in fired if looked_at(policy, t)):
                yield from (transition(TakenTransition(machine.name, t.id, source)) for source in t.source)
    elif criterion is Criterion.PAIRS:
        for one in (model, *other_options(model)):
            for spec in paired_machines(one):
                yield from (pair(*two) for two in declared_pairs(spec))
    elif criterion is Criterion.READINGS:
        yield from (option(r.name, name) for r in policy.readings.values() for name in r.options)


def other_options(model: Model) -> Iterator[Model]:
    """The model with each other option of a reading that delivers fields alike, all else as it is."""
    for reading in model.policy.readings.values():
        for name in reading.options:
            if name != model.readings[reading.name] and reading.name not in model.policy.fixed:
                yield model.under({reading.name: name})
