"""All combinations of readings walked at once agree, combination by combination, with walking each alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from conftest import ROOT
from plain_walk import PlainWalk
from planted import without_row
from sampling import few
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import simulate
from simsync.engine.world import Event, World
from simsync.errors import Code, SimsyncError
from simsync.questions.conform.sequences.walks import walks
from simsync.statespace.abstraction import Abstraction, AbstractState
from simsync.statespace.combinations import Combinations
from simsync.statespace.space import Space
from simsync.statespace.variant_traces import branches, parts

SHIPPED = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")


Steps = dict[tuple[AbstractState, str], list[tuple[int, Outcome]]]


def walked(model: Model) -> tuple[Space, Steps]:
    space, steps = Space(model, Combinations(model.policy)), Steps()
    for state, bits in space.came.items():
        place = space.abstract_state(state)
        for number in space.possible(state):
            event, world = space.events[number], space.abstraction.world(place)
            parts = (
                (taken.bits & bits, step(space.model_of(taken.bits), world, event))
                for taken in space.taken(state, number)
            )
            steps[place, key(event)] = [(combos, outcome) for combos, outcome in parts if combos]
    return space, steps


def key(event: Event) -> str:
    return f"{event.actor}: {event} {dict(event.fields)}"


def same(one: Outcome, other: Outcome) -> bool:
    """Equal but for sentences, which may name what other readings allow or what their rows look at."""
    return what(one) == what(other)


def what(outcome: Outcome) -> tuple[object, ...]:
    told = outcome.after, outcome.synced, outcome.notified, outcome.fired, outcome.row_of
    return outcome.refused is None, told, [hit.row for hit in outcome.hits], [d.kind for d in outcome.defects]


BROKEN = without_row(without_row(SHIPPED, "sends-withdrawal"), "sync-emails")
"""Rules with holes under some combinations."""


def agrees(model: Model, space: Space, steps: Steps, index: int) -> None:
    readings, one = space.variants.readings_of(index), 1 << index
    states = {space.abstract_state(state): state for state in space.came}
    walk = PlainWalk(model.under(readings))
    visits = list(walk.walk())
    assert {space.abstract_state(state) for state, combos in space.came.items() if combos & one} == {*walk.came}
    for visit in visits:
        found = [outcome for combos, outcome in steps[visit.place, key(visit.event)] if combos & one]
        assert len(found) == 1
        assert same(found[0], visit.outcome)
    for place in random.Random(index).sample([*walk.came], min(50, len(walk.came))):
        status, events = space.path(states[place], readings)
        assert len(events) == len(walk.path(place)[1])
        assert leads(model.under(readings), status, events) == place


@pytest.mark.parametrize("model", few([ATELIER, SHIPPED, BROKEN], 3), ids=["atelier", "shipped", "broken"])
def test_a_space_agrees_with_each_of_its_members(model: Model) -> None:
    space, steps = walked(model)
    some = 1 if model is BROKEN else 3
    for index in random.Random(4).sample(range(space.variants.size), min(some, space.variants.size)):
        agrees(model, space, steps, index)


@pytest.mark.long
def test_a_space_agrees_with_many_of_its_members() -> None:
    space, steps = walked(SHIPPED)
    for index in random.Random(5).sample(range(space.variants.size), 100):
        agrees(SHIPPED, space, steps, index)


def leads(model: Model, status: str, events: list[Event]) -> AbstractState:
    abstraction = Abstraction(model)
    place = AbstractState(status, None)
    for event in events:
        place = abstraction.state(step(model, abstraction.world(place), event).after)
    return place


def test_no_visit_is_made_twice_by_a_combination() -> None:
    _, steps = walked(ATELIER)
    for taken in steps.values():
        together = 0
        for combos, _ in taken:
            assert not together & combos
            together |= combos


def test_parts_are_a_partition_in_which_a_step_is_the_same() -> None:
    space = Space(SHIPPED, Combinations(SHIPPED.policy), walked=False)
    world = World("Waiting Approval")
    event = next(e for e in space.events if e.item is not None)
    found = parts(space, world, event)
    assert len(found) > 1
    assert sum(found) == space.variants.everything
    for bits in found:
        *_, last = space.variants.members(bits)
        model = SHIPPED.under(space.variants.readings_of(last))
        assert same(step(space.model_of(bits), world, event), step(model, world, event))


@pytest.mark.parametrize("rules", ["examples/policies/unison/machines", "examples/policies/zendesk/machines"])
def test_a_trace_is_parted_also_where_rules_compare_texts(rules: str) -> None:
    model = load_model(ROOT / rules)
    space = Space(model, Combinations(model.policy), walked=False)
    chance = random.Random(3)
    parted = 0
    for drive in walks(model, 3, 6):
        found = branches(space, space.variants.everything, drive.trace)
        assert sum(one.bits for one in found) == space.variants.everything
        parted += len(found) > 1
        for one in found:
            member = chance.choice([*space.variants.members(one.bits)])
            outcomes = simulate(model.under(space.variants.readings_of(member)), drive.trace)
            assert [same(*pair) for pair in zip(outcomes, one.outcomes, strict=True)] == [True] * len(outcomes)
    assert parted


def combinations() -> Iterator[dict[str, str]]:
    made = Combinations(SHIPPED.policy)
    yield from (made.readings_of(index) for index in range(made.size))


def test_combinations_are_numbered_and_found_again() -> None:
    made = Combinations(SHIPPED.policy)
    assert made.size == 2**14
    assert made.readings_of(0) == SHIPPED.readings
    for index, readings in enumerate(combinations()):
        assert made.under(readings) == 1 << index
    assert [*made.members(0b10110)] == [1, 2, 4]


def test_the_first_is_the_nearest() -> None:
    made = Combinations(SHIPPED.policy)
    far = {**SHIPPED.readings, "resume": "discard", "charges": "unsynced"}
    near = {**SHIPPED.readings, "charges": "unsynced"}
    both = made.under(far) | made.under(near)
    assert made.first(both, SHIPPED.readings) == near
    assert made.first(both, far) == far
    assert made.first(made.everything, far) == far


def test_too_many_combinations_are_bad_input() -> None:
    reading = SHIPPED.policy.readings["resume"]
    many = {f"r{n}": replace(reading, name=f"r{n}") for n in range(17)}
    with pytest.raises(SimsyncError) as caught:
        Combinations(replace(SHIPPED.policy, readings=many))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code is Code.TOO_MANY
    assert "131,072 combinations; at most 65,536" in diagnostic.message
