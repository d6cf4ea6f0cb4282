"""What a suite of scenarios can be asked to cover, and what one step of it does cover."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from simsync.engine.decision import Fired
from simsync.engine.facts import Situation
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import situation_of, target
from simsync.errors import listed
from simsync.policy.facts import CREATE, DELETE
from simsync.policy.joining import fired_in, parts_of
from simsync.policy.policy import ALONE, MachineSpec, Policy, Transition


class Criterion(StrEnum):
    """Kinds of things to cover; each is counted for itself."""

    STATEMENTS = "statements"
    RULES = "rules"
    STATES = "states"
    TRANSITIONS = "transitions"
    PAIRS = "pairs"
    CELLS = "cells"
    READINGS = "readings"


CRITERIA: Mapping[Criterion, str] = {
    Criterion.STATEMENTS: "statements that something which decided a step rests on",
    Criterion.RULES: "rows that decided a step, those of every reading's options too",
    Criterion.STATES: "states of both machines that something was in",
    Criterion.TRANSITIONS: "transitions of both machines, from each of their sources",
    Criterion.PAIRS: "transitions of a machine taken one right after the other",
    Criterion.CELLS: "situations that the tables decide: phase, link, actor, action, kind and flags",
    Criterion.READINGS: "options of readings under which a step came out as it did because of the reading",
}

_OF_SEVERAL: Mapping[Criterion, str] = {
    Criterion.STATES: "states of every machine that something was in",
    Criterion.TRANSITIONS: "transitions of every machine, from each of their sources",
    Criterion.PAIRS: "transitions of a link one right after the other; those of several status machines do not count",
}


def meaning(criterion: Criterion, policy: Policy) -> str:
    """What a criterion counts, in words: of a policy with several status machines, which of them."""
    return (policy.machines and _OF_SEVERAL.get(criterion)) or CRITERIA[criterion]


PAINTABLE: Mapping[Criterion, str] = {
    Criterion.STATES: "state",
    Criterion.TRANSITIONS: "transition",
    Criterion.RULES: "row",
}
"""What can be painted, by what it is called."""


class Goal(NamedTuple):
    """One thing to cover. ``key`` is what a reader calls it, but of a cell it is the situation, without memories."""

    criterion: Criterion
    key: str | Situation


class TakenTransition(NamedTuple):
    """A transition as a machine took it: from one of its sources."""

    machine: str
    transition: str
    source: str

    def __str__(self) -> str:
        return f"{self.transition} from {self.source}"


def status_taken(policy: Policy, one: Transition, source: str) -> list[TakenTransition]:
    """A transition of the status as machines took it: of several, each that moved by itself."""
    of = {t.id: machine.name for machine in policy.declared[:-1] for t in policy.transitions(machine)}
    return [TakenTransition(of[name], name, state) for name, state in fired_in(policy, one, source)]


def taken(policy: Policy, fired: Fired) -> list[TakenTransition]:
    """A transition that fired."""
    if fired.item is None:
        return status_taken(policy, fired.transition, fired.source)
    return [TakenTransition(policy.link.name, fired.transition.id, fired.source)]


def status_states(policy: Policy, status: str) -> Iterator[Goal]:
    """The state of the status, of several machines that of each."""
    parts = parts_of(policy.machines, tuple(policy.vocabulary.partners))
    names = {part.key: part.spec for part in parts}
    states = policy.status.parts(status)
    yield from (state(names[key], name) for key, name in states.items())
    if not states:
        yield state(policy.status, status)


def state(machine: MachineSpec, name: str) -> Goal:
    """A state of a machine."""
    return Goal(Criterion.STATES, f"{machine.name}: {name}")


def transition(one: TakenTransition) -> Goal:
    """A transition from one of its sources."""
    return Goal(Criterion.TRANSITIONS, str(one))


def pair(first: TakenTransition, second: TakenTransition) -> Goal:
    """Two transitions of one machine, the second right after the first."""
    return Goal(Criterion.PAIRS, f"{first}, then {second.transition}")


def cell(situation: Situation) -> Goal:
    """A situation as the tables see it, whatever is remembered of the item."""
    return Goal(Criterion.CELLS, situation._replace(history=frozenset()))


def situations(outcome: Outcome) -> Iterator[tuple[str, Situation]]:
    """Each item that a step asked the tables about, with its situation; none where a status action was refused."""
    model, before, event = outcome.model, outcome.before, outcome.event
    if event.item is not None:
        found = target(model, before, event)
        if found is not None:
            yield event.item, found[1]
        return
    present = model.present(before, event.actor)
    if (moved := model.move(before.status, event.actor, event.action, present)) is not None:
        phase, next_phase = model.phase(before.status), model.phase(moved.dest)
        for name, item in before.items.items():
            yield name, situation_of(model, item, event, phase, next_phase, present=present)


def reached(outcome: Outcome) -> Iterator[Goal]:
    """What a step covers, but for pairs and readings; a step that the rules leave open covers nothing."""
    yield from named(outcome)
    if not outcome.defects:
        yield from (cell(situation) for _, situation in situations(outcome))


def named(outcome: Outcome) -> Iterator[Goal]:
    """What a step covers of all that the rules have a name for; cells are the rest."""
    if outcome.defects:
        return
    yield from (Goal(Criterion.STATEMENTS, name) for name in outcome.sources)
    yield from (Goal(Criterion.RULES, hit.row.id) for hit in outcome.hits)
    model = outcome.model
    for status in {outcome.before.status, outcome.after.status}:
        yield from status_states(model.policy, status)
    for before, after in outcome.links.values():
        yield state(model.link_spec, model.link_spec.initial if before is None else before)
        yield state(model.link_spec, after)
    for fired in outcome.fired:
        yield from map(transition, taken(model.policy, fired))


class Trail:
    """The last transition of the status and of each item's link in a run, from which pairs are told."""

    def __init__(self) -> None:
        self._last: dict[str | None, TakenTransition] = {}

    def pairs(self, outcome: Outcome) -> Iterator[Goal]:
        """The pairs that a step completes; steps are told of in the order of the run."""
        policy = outcome.model.policy
        for fired in outcome.fired:
            if fired.item is None and policy.machines:
                continue  # what comes after what is asked of one machine alone
            (one,) = taken(policy, fired)
            if fired.item in self._last:
                yield pair(self._last[fired.item], one)
            self._last[fired.item] = one


def covered_at(outcomes: Sequence[Outcome], goal: Goal) -> tuple[int, int | None]:
    """The number of the step of a run that covers a goal, the last one if none does, and that of the pair's first."""
    trail = Trail()
    came: dict[str | None, int] = {}
    for number, outcome in enumerate(outcomes):
        completed = list(trail.pairs(outcome)) if goal.criterion is Criterion.PAIRS else []
        if goal in completed:
            firsts = [came[fired.item] for fired in outcome.fired if fired.item in came]
            return number, min(firsts, default=None)
        if goal.criterion is not Criterion.PAIRS and goal in reached(outcome):
            return number, None
        came |= {fired.item: number for fired in outcome.fired}
    return len(outcomes) - 1, None


def declared_pairs(machine: MachineSpec) -> Iterator[tuple[TakenTransition, TakenTransition]]:
    """Every two transitions of a machine of which the second can follow the first."""
    every = [(t, source) for t in machine.transitions for source in t.source]
    for one, source in every:
        for other, after in every:
            if after == one.dest:
                yield TakenTransition(machine.name, one.id, source), TakenTransition(machine.name, other.id, after)


def name_of(model: Model, goal: Goal) -> str:
    """What a reader calls a goal."""
    return goal.key if isinstance(goal.key, str) else cell_name(model, goal.key)


def cell_name(model: Model, situation: Situation) -> str:
    """A cell in words: what happens to what, where."""
    s, words = situation, model.vocabulary
    does = f"{s.actor}: {s.change}"
    if s.by is None:
        does = f"{s.actor}: {words.words.status}, {s.phase} to {s.next_phase}"
    whose = "" if s.change == CREATE else f" {s.owner}'s"
    enumerated = [field.name for field in words.fields.values() if field.values]
    flags = [f"{name} {listed([value])}" for name, value in zip(enumerated, s.values, strict=True) if value is not None]
    where = [*(one for one in (s.phase, s.link) if one != ALONE), "with a copy" if s.copied else "no copy"]
    if not s.present and not (s.change == DELETE and s.by == "owner"):
        where.append("deleted by its owner")
    if s.shown is False and s.change != CREATE:
        where.append(f"not on the actor's {words.words.ticket}")
    return f"{does}{whose} {s.kind}{f' ({listed(flags)})' if flags else ''}; {listed(where)}"
