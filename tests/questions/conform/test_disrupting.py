"""Which rounds a system is driven through while it is disrupted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.questions.conform.overlap.disrupting import ONE_EACH, Disrupted, Disrupting, kind_of
from simsync.questions.conform.overlap.plan import Overlapping, RoundsPlan
from simsync.questions.conform.overlap.rounds import Disruption, disruptions_of, events_of
from simsync.questions.conform.overlap.situations import ITEM, cuts_while_busy, situation_key

WAYS = ("worker killed", "connection cut")


def plan_of(model: Model, drives: int = 1200, *ways: str) -> RoundsPlan:
    return RoundsPlan(model, Overlapping(drives=drives, disruptions=ways), lambda _world, _event: True, jumps=True)


@pytest.fixture
def rounds(model: Model) -> Iterator[Disrupted]:
    plan = plan_of(model, 1200, *WAYS)
    return Disrupting(model, plan.situations, lambda _world, _event: True, plan._chance, WAYS).rounds()


def combination(one: Disrupted) -> tuple[object, ...]:
    """Who does what to whose item of which kind, and which disruption comes before or after it."""
    (acts,) = one.rounds
    (event,) = events_of(acts)
    return (*kind_of(one.situation.world, event), *disruptions_of(acts), isinstance(acts[0], Disruption))


def test_however_few_there_are_no_kind_and_no_disruption_has_more(model: Model) -> None:
    ways = tuple(f"way {number}" for number in range(7))
    plan = plan_of(model, 1200, *ways)
    singles = [one for one in plan.disrupted() if one.source == ONE_EACH]
    assert plan.combinations > len(singles) == 480
    each = Counter(
        (*disruptions_of(acts), isinstance(acts[0], Disruption))
        for one in singles
        for acts in one.rounds
        if disruptions_of(acts)
    )
    assert len(each) == 14
    assert max(each.values()) - min(each.values()) <= 2


def test_links_are_cut_while_something_else_waits_of_each_kind_after_each_disruption(model: Model) -> None:
    plan = plan_of(model, 1200, *WAYS)
    kinds = cuts_while_busy(model, plan.situations, lambda _world, _event: True)
    assert len(kinds) == 24
    for situation, first, second in (one for kind in kinds for one in kind):
        between = step(model, situation.world, first)
        after = step(model, between.after, second).after
        assert between.refused is None
        assert situation.world.items[ITEM].owner != first.actor == second.actor
        assert after.items[ITEM].link == "severed" != between.after.items[ITEM].link
    source = "a link cut while another action waits"
    assert sum(one.source == source for one in plan.drives()) == 2 * len(kinds)
    assert sum(one.source == source for one in plan.disrupted()) == len(WAYS) * len(kinds)


def test_every_combination_comes_once_before_any_comes_twice(rounds: Iterator[Disrupted]) -> None:
    seen: Counter[tuple[object, ...]] = Counter()
    singles = (one for one in rounds if one.source == "an action and a disruption")
    while not seen or max(seen.values()) == 1:
        seen[combination(next(singles))] += 1
    kinds = {key[:-2] for key in seen}
    assert len(seen) == len(kinds) * len(WAYS) * 2
    assert ("service", "edit", "own", "text", "time entry") in kinds
    assert ("lead", "reject completion", "", "") in kinds


def test_a_disruption_comes_in_each_sort_of_situation_that_allows_an_action(rounds: Iterator[Disrupted]) -> None:
    first = [next(rounds) for _ in range(300)]
    for way in WAYS:
        sorts = {
            situation_key(one.situation.world)
            for one in first
            if way in disruptions_of(one.rounds[0]) and events_of(one.rounds[0])
        }
        links = {key[1] for key in sorts if len(key) > 1}
        assert links == {"local", "linked", "held", "severed", "ended", "deleted"}


def test_some_rounds_have_the_same_disruption_twice_and_actions_of_both(rounds: Iterator[Disrupted]) -> None:
    first = [next(rounds) for _ in range(400)]
    piles = [disruptions_of(acts) for one in first for acts in one.rounds]
    assert any(len(pile) == 2 and len({*pile}) == 1 for pile in piles)
    assert any(len(pile) == 2 and len({*pile}) == 2 for pile in piles)
    assert any(not events_of(one.rounds[0]) for one in first)
    actors = {len({event.actor for event in events_of(acts)}) for one in first for acts in one.rounds}
    assert actors == {0, 1, 2}
    assert any(len(one.rounds) == 2 for one in first)


def test_nothing_comes_where_nothing_disrupts(model: Model) -> None:
    assert not [*Disrupting(model, plan_of(model).situations, lambda *_: True, plan_of(model)._chance, ()).rounds()]
    assert not [*plan_of(model).disrupted()]


def test_where_nothing_can_be_done_disruptions_come_alone(model: Model) -> None:
    plan = plan_of(model, 1200, *WAYS)
    found = Disrupting(model, plan.situations[:1], lambda *_: False, plan._chance, WAYS).rounds()
    assert [one.rounds for one in found] == [
        ((Disruption("worker killed"),),),
        ((Disruption("connection cut"),),),
        ((Disruption("worker killed"), Disruption("worker killed")),),
        ((Disruption("connection cut"), Disruption("connection cut")),),
        ((Disruption("worker killed"), Disruption("connection cut")),),
        ((Disruption("connection cut"), Disruption("worker killed")),),
    ]


def test_rounds_with_and_without_disruptions_come_in_turns(model: Model) -> None:
    drives = [*plan_of(model, 40, *WAYS).all()]
    kinds = [any(disruptions_of(acts) for acts in drive.rounds) for drive in drives]
    assert kinds == [False, True] * 40


def test_the_same_seed_gives_the_same_rounds(model: Model) -> None:
    assert [*plan_of(model, 40, *WAYS).all()] == [*plan_of(model, 40, *WAYS).all()]


def test_kinds_of_actions_tell_items_and_fields_apart() -> None:
    status = Event(actor="lead", action="complete")
    made = Event(actor="lead", action="create", item="N1", kind="note", fields={"text": "a"})
    assert kind_of(World("Accepted"), status) == ("lead", "complete", "", "")
    assert kind_of(World("Accepted"), made) == ("lead", "create", "", "note")
