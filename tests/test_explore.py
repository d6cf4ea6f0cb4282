"""Every state of one item is visited, on arrays that do what the engine does, and each property gets its verdict."""

from __future__ import annotations

import itertools
import json
import random
from dataclasses import replace

import pytest

from conftest import ROOT, Run
from simsync.analysis.explore import Exploration, Verdict
from simsync.analysis.life import NAME, Life, Shape, Sketch
from simsync.analysis.tabulate import REFUSED, Tabulation, tabulate
from simsync.app import load_model
from simsync.core.model import Model
from simsync.core.simulate import run_scenario
from simsync.core.state_facts import state_facts
from simsync.core.step import step
from simsync.loading.scenarios import ScenarioLoader
from simsync.model.policy import Claim
from simsync.model.world import Event, Item, World
from simsync.reporting.exploration import scenario
from simsync.reporting.findings import as_yaml

BASE = load_model(ROOT / "machines")
TABLE = tabulate(BASE)
OTHER = BASE.under({reading.name: list(reading.options)[-1] for reading in BASE.policy.readings.values()})
FRESH = itertools.count()
WALKS, STEPS = 10_000, 6


@pytest.mark.parametrize("model", [BASE, OTHER], ids=["defaults", "all others"])
def test_the_counts_are_those_of_a_plain_search_on_the_engine(model: Model) -> None:
    life = Life(model)
    steps = sum(visit.outcome.refused is None for visit in life.walk())
    explored = Exploration(tabulate(model))
    assert (explored.states, explored.transitions) == (len(life.came), steps)
    assert explored.depth == max(len(life.path(place)[1]) for place in life.came)


def shape_of(sketch: Sketch, world: World, name: str) -> Shape | None:
    item = world.items.get(name)
    return None if item is None else sketch.place(World(world.status, {NAME: replace(item, name=NAME)})).shape


def same_step(table: Tabulation, sketch: Sketch, world: World, event: Event) -> World:
    """The world after a step, which the arrays agree on: refusal, status, every item, what crossed, who was told."""
    index = {shape: i for i, shape in enumerate(table.shapes)}
    s = table.statuses.index(world.status)
    before = {name: index[shape_of(sketch, world, name)] for name in world.items}
    fresh = {n: f"{v} {next(FRESH)}" if v == "another text" else v for n, v in event.fields.items()}
    outcome = step(table.model, world, replace(event, fields=fresh))
    if event.item is not None:
        a = table.events.index(replace(event, item=NAME))
        where = (table.phase[s], before.get(event.item, 0), a)
        assert (table.next[where] == REFUSED) == (outcome.refused is not None)
        if outcome.refused is None:
            assert index[shape_of(sketch, outcome.after, event.item)] == table.next[where]
            assert table.outcomes[table.told[where]] == (outcome.synced, outcome.notified)
        return outcome.after
    b = table.actions.index(event)
    assert (table.status[s, b] == REFUSED) == (outcome.refused is not None)
    if outcome.refused is None:
        m = table.move[s, b]
        assert table.statuses[table.status[s, b]] == outcome.after.status
        fates = [table.outcomes[table.fate[m, i]] for i in before.values()]
        for name, i in before.items():
            assert index[shape_of(sketch, outcome.after, name)] == table.moved[m, i]
        assert outcome.synced == any(fate.synced for fate in fates)
        told = [*table.announced[m][outcome.synced], *(name for fate in fates for name in fate.notified)]
        assert sorted(outcome.notified) == sorted(told)
    return outcome.after


@pytest.mark.parametrize("model", [BASE, OTHER], ids=["defaults", "all others"])
def test_arrays_and_engine_agree_on_random_walks_of_several_items(model: Model) -> None:
    table, sketch, chance = tabulate(model), Sketch(model), random.Random(7)
    for walk in range(WALKS // 2):
        world = World(table.statuses[walk % len(table.statuses)])
        for _ in range(STEPS):
            name = chance.choice(["N1", "N2", "N3"])
            event = chance.choice(list(sketch.events(shape_of(sketch, world, name))))
            world = same_step(table, sketch, world, replace(event, item=name) if event.item else event)


def test_every_property_holds_of_the_shipped_rules(cli: Run) -> None:
    code, out, err = cli("explore", "--format", "json")
    found = json.loads(out)
    assert (code, err, found["verdict"]) == (0, "", "holds")
    assert {one["id"] for one in found["properties"]} == {one.name for one in BASE.policy.properties}
    assert {one.claim for one in BASE.policy.properties} == set(Claim)
    assert all(one["sources"] for one in found["properties"])


def test_a_claim_without_what_it_assumes_is_violated_by_the_shortest_scenario() -> None:
    claim = next(one for one in BASE.policy.properties if one.name == "linked-is-never-stale")
    model = BASE.under({"resume": "discard"})
    explored = Exploration(tabulate(model))
    judged = explored.judge(claim)
    assert judged.verdict is Verdict.VIOLATED
    assert len(judged.events) == 4
    shown = scenario(model, judged)
    assert shown is not None
    (loaded,) = ScenarioLoader(model.workshop).load_bytes(as_yaml(shown).encode(), "x.yaml").scenarios
    after = run_scenario(BASE, loaded).steps[-1].outcome.after
    (item,) = after.items.values()
    facts = state_facts(model, after.status, item)
    assert all(facts[fact] in values for fact, values in claim.what)


def test_every_property_of_states_can_be_violated() -> None:
    explored = Exploration(TABLE)
    for claim in BASE.policy.properties:
        if claim.claim is not Claim.NEVER:
            what = (("link", ("linked",)),) if claim.claim is Claim.NO_STATE else (("link", ("nothing",)),)
            judged = explored.judge(replace(claim, what=what))
            assert judged.verdict is Verdict.VIOLATED


def test_a_step_that_breaks_a_property_is_found() -> None:
    claim = replace(BASE.never[0], name="nothing-ever-crosses", what=(("synced", (True,)),))
    policy = replace(BASE.policy, properties=(claim,))
    model = BASE.workshop.of(policy).model({})
    judged = Exploration(tabulate(model)).judge(claim)
    assert (judged.verdict, len(judged.events)) == (Verdict.VIOLATED, 1)


def test_an_unknown_property_is_told(cli: Run) -> None:
    code, out, err = cli("explore", "--property", "severed-is-finall")
    assert (code, out) == (2, "")
    assert "severed-is-final" in err


def test_an_item_at_rest_has_the_facts_of_both_tickets() -> None:
    world = World("In Progress")
    event = Event(actor="service", action="create", item="N1", kind="note", fields={"text": "a"})
    item: Item = step(BASE, world, event).after.items["N1"]
    facts = state_facts(BASE, "In Progress", item)
    assert (facts["lead.internal_users_only"], facts["service.internal_users_only"], facts["stale"]) == (
        True,
        False,
        False,
    )
