"""Every state of items is visited or counted, on arrays that do what the engine does; each property has its verdict."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import ROOT, Run
from plain_search import PlainSearch
from sampling import few
from simsync.app import load_model
from simsync.engine.facts import holds
from simsync.engine.model import Model
from simsync.engine.state_facts import state_facts
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, Item, World
from simsync.policy.policy import Claim, When
from simsync.questions.explore.asked import ExploreOptions
from simsync.questions.explore.explore import explored
from simsync.questions.explore.report import scenarios, witness
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml
from simsync.statespace import independence as independence_module
from simsync.statespace.abstraction import NAME, Abstraction, AbstractItem
from simsync.statespace.counting import CountingAbstraction
from simsync.statespace.explicit import ExplicitSearch
from simsync.statespace.independence import independence
from simsync.statespace.properties import Exploration, Verdict, condition
from simsync.statespace.transition_table import REFUSED, TransitionTable, engine_of, looked_at, transition_table
from transition_tables import BASE, OTHER, table_of

ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
FRESH = itertools.count()
WALKS, STEPS = 10_000, 6
MODELS = pytest.mark.parametrize("model", few([ATELIER, BASE, OTHER], 3), ids=["atelier", "defaults", "all others"])


def searches(model: Model, items: int, kinds: set[str]) -> None:
    """A plain search over the engine, one over bitmaps, and the count without a search come to the same."""
    memories = looked_at(model)
    table = transition_table(model, kinds)
    claims = [one for one in model.policy.properties if one.claim in (Claim.NO_STATE, Claim.CAN)]

    def some(what: When) -> Callable[[World], bool]:
        def there(world: World) -> bool:
            return any(holds(what, state_facts(model, world.status, item)) for item in world.items.values())

        return there

    plain = PlainSearch(engine_of(model, memories), items, kinds, memories).run({c.name: some(c.what) for c in claims})
    dense = ExplicitSearch(table, items)
    dense.run()
    found = (plain.states, plain.transitions, plain.depth)
    for counts in (dense.counts(), CountingAbstraction(table).counts(items, symmetry=False)):
        assert found == (counts.states, counts.transitions, counts.depth)
    for claim in claims:
        nearest = dense.first(condition(table, claim.what))
        assert (nearest is None) == (claim.name not in plain.first)
        if nearest is not None:
            assert len(dense.trace(nearest)[1]) == plain.first[claim.name]


@MODELS
def test_one_item_has_the_states_that_a_plain_search_on_the_engine_finds(model: Model) -> None:
    searches(model, 1, set(model.vocabulary.kinds))
    one, alone = Exploration(table_of(model)), CountingAbstraction(table_of(model)).counts(1, symmetry=True)
    assert (one.states, one.transitions, one.depth) == (alone.states, alone.transitions, alone.depth)


@pytest.mark.parametrize(("model", "kind"), few([(ATELIER, "draft"), (BASE, "time entry"), (OTHER, "charge")], 3))
def test_two_items_have_the_states_that_a_plain_search_on_the_engine_finds(model: Model, kind: str) -> None:
    searches(model, 2, {kind})


@pytest.mark.long
@pytest.mark.parametrize("model", [BASE, OTHER], ids=["defaults", "all others"])
def test_two_items_of_any_kind_have_the_states_that_a_plain_search_on_the_engine_finds(model: Model) -> None:
    searches(model, 2, set(model.vocabulary.kinds))


@MODELS
def test_counts_are_those_of_visiting_each_state_level_by_level(model: Model) -> None:
    table = table_of(model)
    several = CountingAbstraction(table)
    for items in (1, 2, 3) if model is ATELIER else (1, 2):
        dense = ExplicitSearch(table, items, cores=1)
        said: list[tuple[str, int, int]] = []
        dense.run(progress=partial(_keep, said))
        assert dense.counts() == several.counts(items, symmetry=False)
        for depth, (what, states, _) in enumerate(said, 1):
            assert what.startswith(f"states up to depth {depth}, ")
            assert several.within(items, states, symmetry=False) == (depth, states)


def _keep(said: list[tuple[str, int, int]], *one: Any) -> None:
    said.append(one)


def test_symmetry_counts_each_set_of_items_once() -> None:
    """Against a search by bitmaps of two items, with the second's state not before the first's."""
    dense = ExplicitSearch(table_of(BASE), 2)
    dense.run()
    pairs = 0
    for one in dense.maps:
        bits = np.unpackbits(one.seen.view(np.uint8), axis=-1, bitorder="little")[:, : len(one.local)]
        assert (bits == bits.T).all()
        pairs += int(np.triu(bits).sum())
    assert CountingAbstraction(table_of(BASE)).counts(2, symmetry=True).states == pairs


def test_a_large_search_uses_threads_and_comes_to_the_same() -> None:
    table = transition_table(BASE, ["note"])
    dense = ExplicitSearch(table, 3, cores=2)
    dense.run()
    assert dense.counts() == CountingAbstraction(table).counts(3, symmetry=False)


def shape_of(abstraction: Abstraction, world: World, name: str) -> AbstractItem | None:
    item = world.items.get(name)
    return None if item is None else abstraction.state(World(world.status, {NAME: replace(item, name=NAME)})).item


def same_step(table: TransitionTable, abstraction: Abstraction, world: World, event: Event) -> World:
    """The world after a step, which the arrays agree on: refusal, status, every item, what crossed, who was told."""
    index = {shape: i for i, shape in enumerate(table.item_states)}
    s = table.statuses.index(world.status)
    before = {name: index[shape_of(abstraction, world, name)] for name in world.items}
    fresh = {n: f"{v} {next(FRESH)}" if v == "another text" else v for n, v in event.fields.items()}
    outcome = step(table.engine, world, replace(event, fields=fresh))
    if event.item is not None:
        a = table.events.index(replace(event, item=NAME))
        where = (table.phase[s], before.get(event.item, 0), a)
        assert (table.next[where] == REFUSED) == (outcome.refused is not None)
        if outcome.refused is None:
            assert index[shape_of(abstraction, outcome.after, event.item)] == table.next[where]
            assert table.outcomes[table.told[where]] == (outcome.synced, outcome.notified)
        return outcome.after
    b = table.actions.index(event)
    assert (table.status[s, b] == REFUSED) == (outcome.refused is not None)
    if outcome.refused is None:
        m = table.move[s, b]
        assert table.statuses[table.status[s, b]] == outcome.after.status
        fates = [table.outcomes[table.fate[m, i]] for i in before.values()]
        for name, i in before.items():
            assert index[shape_of(abstraction, outcome.after, name)] == table.moved[m, i]
        assert outcome.synced == any(fate.synced for fate in fates)
        told = [*table.announced[m][outcome.synced], *(name for fate in fates for name in fate.notified)]
        assert sorted(outcome.notified) == sorted(told)
    return outcome.after


@MODELS
def test_arrays_and_engine_agree_on_random_walks_of_several_items(model: Model) -> None:
    table = table_of(model)
    abstraction, chance = Abstraction(table.engine), random.Random(7)
    for walk in range(WALKS // (10 if model is ATELIER else 2)):
        world = World(table.statuses[walk % len(table.statuses)])
        for _ in range(STEPS):
            name = chance.choice(["N1", "N2", "N3"])
            event = chance.choice(list(abstraction.events(shape_of(abstraction, world, name))))
            world = same_step(table, abstraction, world, replace(event, item=name) if event.item else event)


def test_every_property_holds_of_the_shipped_rules(cli: Run) -> None:
    code, out, err = cli("explore", "--format", "json")
    found = json.loads(out)
    assert (code, err, found["verdict"]) == (0, "", "holds")
    assert {one["id"] for one in found["properties"]} == {one.name for one in BASE.policy.properties}
    assert {one.claim for one in BASE.policy.properties} == set(Claim)
    assert all(one["sources"] for one in found["properties"])


def replays(model: Model, text: str) -> list[World]:
    """The worlds after each step of a scenario file that passes, or whose last step breaks a property."""
    (loaded,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "x.yaml").scenarios
    result = run_scenario(model, loaded)
    assert result.passed or [bool(one.outcome.defects) for one in result.steps][-1]
    return [one.outcome.after for one in result.steps]


def test_a_claim_without_what_it_assumes_is_violated_by_the_shortest_scenario() -> None:
    claim = next(one for one in BASE.policy.properties if one.name == "linked-is-never-stale")
    model = BASE.under({"resume": "discard"})
    judged = Exploration(table_of(model)).judge(claim, several=3)
    assert judged.verdict is Verdict.VIOLATED
    assert [len(trace.events) for trace in judged.traces] == [4, 4, 4]
    for trace in judged.traces:
        world = replays(model, scenarios_of(model, judged.claim.name, trace))[-1]
        (item,) = world.items.values()
        assert holds(claim.what, state_facts(model, world.status, item))


def scenarios_of(model: Model, title: str, trace: Trace) -> str:
    return as_yaml(witness(model, title, trace))


@pytest.mark.parametrize("symmetry", few([False, True], 2))
def test_every_kind_of_property_can_be_violated(symmetry: bool) -> None:
    properties = []
    for claim in BASE.policy.properties:
        wrong: dict[Claim, When] = {Claim.NEVER: (("synced", (True,)),), Claim.NO_STATE: (("link", ("linked",)),)}
        what = wrong.get(claim.claim, (("link", ("nothing",)),))
        properties.append(replace(claim, what=what, start=(), assuming=()))
    model = BASE.factory.of(replace(BASE.policy, properties=tuple(properties), digest="spoiled")).model({})
    made = explored(model, ExploreOptions(items=2, symmetry=symmetry))
    assert made.verdict is Verdict.VIOLATED
    assert {one.verdict for one in made.found.judged} == {Verdict.VIOLATED}
    files = scenarios(made)
    assert files
    for text in files.values():
        replays(model, text)
    assert all(one.traces for one in made.found.judged if one.claim.claim is not Claim.CAN)


@pytest.mark.thorough
def test_a_search_of_several_items_finds_the_shortest_counterexample(cli: Run) -> None:
    options = ("--property", "linked-is-never-stale", "--reading", "resume=discard", "--format", "json")
    found = [json.loads(cli("explore", *options, *more)[1]) for more in ((), ("--no-symmetry",))]
    steps = [len(one["properties"][0]["scenario"]["steps"]) for one in found]
    assert steps == [4, 4]
    assert [one["verdict"] for one in found] == ["violated", "violated"]


def test_a_step_that_breaks_a_property_is_found() -> None:
    claim = replace(BASE.never[0], name="nothing-ever-crosses", what=(("synced", (True,)),))
    model = BASE.factory.of(replace(BASE.policy, properties=(claim,))).model({})
    judged = Exploration(table_of(model)).judge(claim)
    assert (judged.verdict, [len(trace.events) for trace in judged.traces]) == (Verdict.VIOLATED, [1])


def test_a_hole_in_the_rules_is_a_violation() -> None:
    table = BASE.policy.tables["own change"]
    rows = tuple(row for row in table.rows if row.id != "own-edit-kept")
    policy = replace(BASE.policy, tables={**BASE.policy.tables, table.name: replace(table, rows=rows)}, digest="holed")
    model = BASE.factory.of(policy).model({})
    made = explored(model, ExploreOptions())
    assert made.undecided is not None
    assert made.verdict is Verdict.VIOLATED
    assert "undecided" in scenarios(made)


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


@MODELS
def test_items_are_independent(model: Model) -> None:
    found = independence(table_of(model))
    assert found
    assert found.steps > 100


def test_rules_that_look_at_other_items_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(independence_module, "OF_THE_ITEM", independence_module.OF_THE_ITEM - {"shown"})
    found = independence(table_of(BASE))
    assert not found
    assert "rules test 'shown'" in found.against[0]


@pytest.mark.thorough
def test_an_engine_that_lets_items_meet_is_noticed(monkeypatch: pytest.MonkeyPatch, cli: Run, tmp_path: Path) -> None:
    def meeting(model: Model, world: World, event: Event) -> object:
        """Like the engine, but who edits an item deletes the others."""
        outcome = step(model, world, event)
        if event.action != "edit" or event.item is None or outcome.refused is not None:
            return outcome
        kept = {event.item: outcome.after.items[event.item]}
        return replace(outcome, after=World(outcome.after.status, kept))

    monkeypatch.setattr(independence_module, "step", meeting)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = independence(table_of(BASE))
    assert not found
    assert "beside another item" in found.against[0]
    code, out, _ = cli("explore", "--items", "1", "--format", "json")
    assert (code, json.loads(out)["any_number_of_items"]) == (0, False)
    code, out, _ = cli("explore", "--items", "2")
    assert code == 1  # what can be come to again and again is judged for one item only
    assert "stand for 2 items only" in out
