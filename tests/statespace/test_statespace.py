"""The state space agrees with the engine: on random walks under random readings, on every policy."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from conftest import ROOT
from planted import without_row
from simsync.app import load_model
from simsync.engine.facts import machine_facts
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event
from simsync.policy.facts import of_machine
from simsync.policy.policy import Decides, Effect, Row
from simsync.statespace.abstraction import Abstraction, compared_texts
from simsync.statespace.combinations import Combinations
from simsync.statespace.consequences import without_consequences
from simsync.statespace.narrowing import narrowings
from simsync.statespace.phase_classes import seen_of_changes, seen_of_moves
from simsync.statespace.space import Space, SpaceStep, State

POLICIES = sorted(
    folder
    for place in ("machines", "tests/policies/*", "examples/policies/*/machines")
    for folder in ROOT.glob(place)
    if not folder.name.endswith("_scenarios")
)
STEPS = 8


def name_of(folder: Path) -> str:
    return folder.relative_to(ROOT).as_posix()


@cache
def space_of(folder: Path) -> Space:
    model = load_model(folder)
    quiet = model.factory.of(without_consequences(model.policy)).model({})  # the space does not follow consequences
    return Space(quiet, Combinations(quiet.policy))


def broken(*rows: str) -> Space:
    model = load_model(ROOT / "machines")
    for row in rows:
        model = without_row(model, row)
    quiet = model.factory.of(without_consequences(model.policy)).model({})
    return Space(quiet, Combinations(quiet.policy))


def walk(space: Space, chance: random.Random) -> Iterator[tuple[Model, State, int, SpaceStep]]:
    """A walk under random readings: the model, the place, the event, and what the state space says of it."""
    index = chance.randrange(space.variants.size)
    model = space.model.under(space.variants.readings_of(index))
    state = chance.choice([state for state, bits in space.layers[0].items() if bits >> index & 1])
    for _ in range(STEPS):
        event = chance.choice(space.possible(state))
        (taken,) = [one for one in space.taken(state, event) if one.bits >> index & 1]
        yield model, state, event, taken
        state = taken.after


def agrees(space: Space, model: Model, state: State, event: int, taken: SpaceStep) -> None:
    outcome = step(model, space.abstraction.world(space.abstract_state(state)), space.events[event])
    assert space.abstraction.state(outcome.after) == space.abstract_state(taken.after)
    assert outcome.moved is None or outcome.moved.transition is taken.transition
    if taken.part < 0:
        assert outcome.refused is not None
        return
    frame = space.frame
    assert (outcome.refused is not None, bool(outcome.defects)) == (frame.refused[taken.part], frame.faulty[taken.part])
    asked = (hit for hit in outcome.hits if model.policy.tables[hit.table].decides is not Decides.STATUS)
    assert {*map(id, rows(space, taken.part))} == {id(hit.row) for hit in asked}
    told = known(space, model, state, space.events[event])
    assert seen(space, event, facts(space, taken.part)) == seen(space, event, told)
    if outcome.refused is None and not outcome.defects:
        decides(space, taken.part, outcome)


def rows(space: Space, part: int) -> list[object]:
    answers = space.frame.answers[part : part + 1]
    one = space.frame.take(range(part, part + 1))  # type: ignore[arg-type] # as indices
    return [space.rules.rows[row] for row in answers[space.rules.trail(one)]]


def facts(space: Space, part: int) -> dict[str, object]:
    codes = space.frame.facts[part].tolist()
    values = [values[code] for values, code in zip(space.rules.columns.values, codes, strict=True)]
    return {fact: value for fact, value in zip(space.rules.columns.facts, values, strict=True) if value is not None}


def seen(space: Space, event: int, known: dict[str, object]) -> dict[str, object]:
    """Facts without those in which phases differ where changes of items, or moves of the status, go alike."""
    seen_of = seen_of_moves if space.events[event].item is None else seen_of_changes
    tested = seen_of(space.model.policy)
    left_out = {fact for fact in known if of_machine(fact) and fact.removeprefix("next ") not in tested}
    left_out |= {"phase", "next phase"} if left_out else set()
    return {fact: value for fact, value in known.items() if fact not in left_out}


def known(space: Space, model: Model, state: State, event: Event) -> dict[str, object]:
    from simsync.engine.deciding import decide
    from simsync.questions.coverage.goals import situations

    outcome = step(model, space.abstraction.world(space.abstract_state(state)), event)
    for _, situation in situations(outcome):
        found = decide(model, situation).facts
        return {fact: value for fact, value in found.items() if value is not None and fact not in model.tested}
    after = outcome.moved.dest if outcome.moved else space.statuses[state[0]]
    phases = model.phase(space.statuses[state[0]]), model.phase(after)
    machines = machine_facts(model.vocabulary, model.status_spec.phases, event.actor, *phases)
    return {"actor": event.actor, "change": "none", "phase": phases[0], "next phase": phases[1], **machines}


def decides(space: Space, part: int, outcome: Outcome) -> None:
    links = [fired.transition for fired in outcome.fired if fired is not outcome.moved]
    fired = int(space.frame.fired[part])
    assert links == ([] if fired < 0 else [space.rules.transitions[fired]])
    assert outcome.notified == space.rules.notified(space.frame.answers[part].tolist())


def agree(space: Space, walks: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(walks):
        for one in walk(space, chance):
            agrees(space, *one)


@pytest.mark.parametrize("folder", POLICIES, ids=name_of)
def test_a_random_walk_goes_as_the_engine_says(folder: Path) -> None:
    agree(space_of(folder), walks=30, seed=1)


def test_a_random_walk_goes_so_with_one_field_in_use_at_a_time() -> None:
    model = load_model(ROOT / "tests/policies/trackers")
    *_, narrow = narrowings(model, model.factory.watched, compared_texts(model), ())
    agree(Space(model, Combinations(model.policy), abstraction=Abstraction(model, narrowing=narrow)), walks=60, seed=2)


@pytest.mark.parametrize("folder", POLICIES, ids=name_of)
def test_an_item_state_is_found_by_its_shape(folder: Path) -> None:
    compiled = space_of(folder).compiled
    assert all(compiled.number(compiled.abstract_item(item)) == item for item in range(len(compiled.items)))


def with_any_effects(folder: Path, seed: int) -> Space:
    """The rules of a policy with an effect drawn for each row, so that all effects come about everywhere."""
    chance, policy = random.Random(seed), load_model(folder).policy

    def drawn(row: Row) -> Row:
        return replace(row, then=replace(row.then, effect=chance.choice([*Effect])))

    tables = {
        name: replace(table, rows=tuple(map(drawn, table.rows))) if table.decides is Decides.CHANGE else table
        for name, table in policy.tables.items()
    }
    model = load_model(folder).factory.of(replace(policy, tables=tables, properties=())).model({})
    return Space(model, Combinations(policy))


@pytest.mark.parametrize("seed", [1, 12, 13])
def test_every_effect_is_what_the_engine_makes_of_it(seed: int) -> None:
    for folder in (ROOT / "tests" / "policies" / "atelier", ROOT / "examples" / "policies" / "vdirsyncer" / "machines"):
        agree(with_any_effects(folder, seed), walks=100, seed=seed)


@pytest.mark.thorough
@pytest.mark.parametrize("folder", POLICIES, ids=name_of)
def test_ten_thousand_random_walks_go_as_the_engine_says(folder: Path) -> None:
    agree(space_of(folder), walks=10_000, seed=2)


@pytest.mark.thorough
def test_rules_with_holes_are_left_open_where_the_engine_says() -> None:
    agree(broken("sends-withdrawal", "sync-emails"), walks=2_000, seed=3)
