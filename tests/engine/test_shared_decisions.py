"""Models of one factory share what they decided: each decides as if it were alone, under whatever readings."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from conftest import ROOT
from planted import without_row
from simsync.app import load_model
from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE, EDIT

POLICIES = sorted(
    folder.parent for folder in (*ROOT.glob("machines/vocabulary.yaml"), *ROOT.glob("*/*/*/vocabulary.yaml"))
)
STEPS = 8


def name_of(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


def event(chance: random.Random, model: Model, world: World) -> Event:
    """Something that makes sense: a status action, or a change of one of two items."""
    words = model.vocabulary
    actor, name = chance.choice(list(words.partners)), chance.choice(("A", "B"))
    if model.factory.triggers and chance.random() < 0.4:
        return Event(actor=actor, action=chance.choice(model.factory.triggers))
    item = world.items.get(name)
    kind = chance.choice(list(words.kinds)) if item is None else item.original.kind
    field = chance.choice(list(words.kinds[kind].fields))
    fields = {field: chance.choice(words.fields[field].values or ("one", "another"))}
    if item is None:
        return Event(actor=actor, action=CREATE, item=name, kind=kind, fields=fields)
    if chance.random() < 0.3:
        return Event(actor=actor, action=DELETE, item=name)
    return Event(actor=actor, action=EDIT, item=name, fields=fields)


def taken(outcome: Outcome, model: Model) -> tuple[object, ...]:
    """What another model makes of a step, as far as anyone can see it."""
    other = step(model, outcome.before, outcome.event)
    return other.refused is None, other.synced, sorted(other.notified), other.after, bool(other.defects)


def depends(outcome: Outcome) -> tuple[str, ...]:
    """The readings that an outcome depends on, each of their options tried; see `readings_behind` for which can."""
    model = outcome.model
    ours = taken(outcome, model)
    others = {
        reading.name: [model.under({reading.name: option}) for option in reading.options]
        for reading in model.policy.readings.values()
    }
    return tuple(name for name, models in others.items() if any(taken(outcome, one) != ours for one in models))


def agree(model: Model, walks: int, seed: int) -> None:
    chance = random.Random(seed)
    readings = model.policy.readings.values()
    for _ in range(walks):
        chosen = {reading.name: chance.choice(list(reading.options)) for reading in readings}
        one, alone = model.under(chosen), model.factory.of(model.policy).model(chosen)
        world = World(chance.choice(list(model.status_spec.states)))
        for _ in range(STEPS):
            outcome = step(one, world, event(chance, model, world))
            assert outcome == step(alone, world, outcome.event)
            if not outcome.defects:
                assert readings_behind(outcome) == depends(outcome)
            world = outcome.after


@pytest.mark.parametrize("folder", POLICIES, ids=name_of)
def test_models_that_share_decide_as_if_alone(folder: Path) -> None:
    agree(load_model(folder), walks=10, seed=1)


@pytest.mark.thorough
@pytest.mark.parametrize("folder", POLICIES, ids=name_of)
def test_models_that_share_decide_as_if_alone_at_length(folder: Path) -> None:
    agree(load_model(folder), walks=300, seed=2)


def test_models_that_share_fail_alike_where_the_rules_have_holes() -> None:
    agree(without_row(without_row(load_model(ROOT / "machines"), "sends-withdrawal"), "sync-emails"), walks=20, seed=3)
