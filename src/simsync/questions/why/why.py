"""Why a step did what it did, and the smallest change of the facts that would have turned the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import combinations, product

from simsync.engine.deciding import decide
from simsync.engine.decision import Decision
from simsync.engine.facts import Situation
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step, target
from simsync.engine.world import Event, World
from simsync.policy.facts import CHANGES, CREATE, DELETE, STATUS, of_presence
from simsync.policy.policy import Value

FARTHEST = 3


_Step = tuple[str, Value | None, Value | None]


class StepVerdict(StrEnum):
    """What an action comes to."""

    REFUSED = "refused"
    SYNCED = "synced"
    NOT_SYNCED = "not synced"
    DONE = "done"
    UNDECIDED = "undecided: the rules fail here"


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact (or reading) that would have to be different."""

    fact: str
    now: Value | None
    then: Value | None


@dataclass(frozen=True, slots=True)
class Flip:
    """Changes that together turn the verdict, and what it becomes."""

    changes: tuple[FactChange, ...]
    becomes: StepVerdict


Flips = tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class StepExplanation:
    """An outcome, its verdict, and the nearest flips: as few changes as it takes, every such set of them."""

    outcome: Outcome
    verdict: StepVerdict
    flips: Flips


def explain(model: Model, world: World, event: Event) -> StepExplanation:
    """Why the event does what it does in this world."""
    outcome = step(model, world, event)
    if outcome.defects:
        return StepExplanation(outcome, StepVerdict.UNDECIDED, ())
    if event.action in CHANGES:
        verdict = (
            StepVerdict.REFUSED if outcome.refused else StepVerdict.SYNCED if outcome.synced else StepVerdict.NOT_SYNCED
        )
        flips = _nearest_of_item(model, world, event, verdict)
    else:
        verdict = StepVerdict.REFUSED if outcome.refused else StepVerdict.DONE
        flips = _nearest_of_status(model, world, event, verdict)
    return StepExplanation(outcome, verdict, flips)


def _nearest(
    axes: list[list[_Step]], becomes: Callable[[tuple[_Step, ...]], StepVerdict | None], now: StepVerdict
) -> Flips:
    """The fewest changes, at most one an axis, that turn the verdict; every such set of them."""
    for size in range(1, FARTHEST + 1):
        flips = []
        for chosen_axes in combinations(axes, size):
            for chosen in product(*chosen_axes):
                verdict = becomes(chosen)
                if verdict is not None and verdict is not now:
                    flips.append(Flip(tuple(FactChange(*change) for change in chosen), verdict))
        if flips:
            return tuple(flips)
    return ()


def _readings_axes(model: Model) -> list[list[_Step]]:
    return [
        [(r.name, model.readings[r.name], option) for option in r.options if option != model.readings[r.name]]
        for r in model.policy.readings.values()
    ]


def _nearest_of_status(model: Model, world: World, event: Event, verdict: StepVerdict) -> Flips:
    """Another status, actor or reading under which the status machine decides otherwise."""
    spec = model.status_spec
    here = spec.parts(world.status)
    statuses: list[list[_Step]] = [[("status", world.status, s) for s in spec.states if s != world.status]]
    if here:  # of several status machines each can be elsewhere
        states = {key: dict.fromkeys(spec.parts(one)[key] for one in spec.states) for key in here}
        statuses = [[(f"{k}.{STATUS}", here[k], s) for s in some if s != here[k]] for k, some in states.items()]
    actors: list[_Step] = [("actor", event.actor, model.vocabulary.other(event.actor))]

    def becomes(chosen: tuple[_Step, ...]) -> StepVerdict:
        changed = {fact: str(then) for fact, _, then in chosen}
        under = model.under({k: v for k, v in changed.items() if k in model.readings})
        parts = {key: changed.get(f"{key}.{STATUS}", state) for key, state in here.items()}
        status = spec.at(parts) or world.status if here else changed.get("status", world.status)
        actor = changed.get("actor", event.actor)
        present = dict(under.present(world, actor)) | {fact: then for fact, _, then in chosen if of_presence(fact)}
        moved = under.move(status, actor, event.action, tuple(present.items()))
        return StepVerdict.DONE if moved else StepVerdict.REFUSED

    shown: list[list[_Step]] = [[(fact, value, not value)] for fact, value in model.present(world, event.actor)]
    return _nearest([*statuses, actors, *shown, *_readings_axes(model)], becomes, verdict)


def _nearest_of_item(model: Model, world: World, event: Event, verdict: StepVerdict) -> Flips:
    """Other facts of the item's situation, or readings, under which the tables decide otherwise."""
    found = target(model, world, event)
    if found is None:
        return ()
    _, situation = found
    axes = [*_axes(model, situation), *_readings_axes(model)]
    return _nearest(axes, partial(_becomes, model, situation), verdict)


def _axes(model: Model, situation: Situation) -> Iterator[list[_Step]]:
    """For each fact that could have been otherwise, the other values it could have had."""
    facts = situation.facts(model.vocabulary, model.status_spec.phases)
    spec, words = model.status_spec, model.vocabulary
    yield [("phase", situation.phase, phase) for phase in spec.phases if phase != situation.phase]
    if situation.change == CREATE:
        yield [("actor", situation.actor, words.other(situation.actor))]
    else:
        yield [("link", situation.link, link) for link in model.link_spec.states if link != situation.link]
        yield [("by", situation.by, "other" if situation.by == "owner" else "owner")]
        if not situation.shown:
            yield [("shown", False, True)]
        if situation.by == "owner":  # the other partner acts on the copy itself
            yield [("copy", facts["copy"], "absent" if situation.copied else "present")]
        for memory in words.history:
            yield [(memory, facts[memory], not facts[memory])]
    yield [("kind", situation.kind, kind) for kind in words.kinds if kind != situation.kind]
    for field in words.fields.values():
        if field.values and facts[field.name] is not None:
            yield [(field.name, facts[field.name], value) for value in field.values if value != facts[field.name]]
    for fact, value in situation.compared:
        if of_presence(fact):
            yield [(fact, value, not value)]


def _becomes(model: Model, situation: Situation, chosen: tuple[_Step, ...]) -> StepVerdict | None:
    """The verdict after some changes, None where they make no situation that the rules know."""
    changed = {fact: then for fact, _, then in chosen}
    if changed.get("by") == "other" and "shown" in changed:
        return None  # whether the other's ticket shows it is whether there is a copy
    other = model.under({k: str(v) for k, v in changed.items() if k in model.readings})
    decision = decide(other, _altered(model, situation, changed))
    if decision.defects:
        return None
    return _verdict(decision)


def _verdict(decision: Decision) -> StepVerdict:
    if decision.refused is not None:
        return StepVerdict.REFUSED
    return StepVerdict.SYNCED if decision.synced else StepVerdict.NOT_SYNCED


def _altered(model: Model, situation: Situation, changed: dict[str, Value | None]) -> Situation:
    """The situation with some facts changed, and what follows from them kept in step."""
    words = model.vocabulary
    phase = str(changed.get("phase", situation.phase))
    by = str(changed.get("by", situation.by))
    if situation.change == CREATE:
        owner = actor = str(changed.get("actor", situation.actor))
    else:
        owner = situation.owner
        actor = owner if by == "owner" else words.other(owner)
    kind = str(changed.get("kind", situation.kind))
    enumerated = [f for f in words.fields.values() if f.values]
    values = tuple(
        changed.get(f.name, old if old is not None else f.default) if f.name in words.kinds[kind].fields else None
        for f, old in zip(enumerated, situation.values, strict=True)
    )
    there = situation if situation.change == CREATE else _on_tickets(situation, by, changed)
    return there._replace(
        actor=actor,
        by=by,
        owner=owner,
        kind=kind,
        values=values,
        phase=phase,
        next_phase=phase,
        link=str(changed.get("link", situation.link)),
        ticket=actor in model.status_spec.phases[phase].tickets,
        history=frozenset(m for m in words.history if changed.get(m, m in situation.history)),
        compared=tuple((fact, changed.get(fact, value)) for fact, value in situation.compared),
    )


def _on_tickets(situation: Situation, by: str, changed: dict[str, Value | None]) -> Situation:
    """The situation with the copy and the original as somebody else finds and leaves them, or as they are changed."""
    owns = by == "owner"
    copied = changed["copy"] == "present" if "copy" in changed else situation.copied
    original = bool(situation.shown) if situation.by == "owner" else situation.present
    if "shown" in changed:
        copied, original = copied or not owns, original or owns
    present = original and not (owns and situation.change == DELETE)
    return situation._replace(copied=copied, present=present, shown=original if owns else copied)
