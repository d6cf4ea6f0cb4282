"""Rounds of two actions: those come first that tell most, and instances of a system take turns with them."""

from __future__ import annotations

import random

import pytest

from overlapping import RoundSystem, Spoil, owner_overwrites
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.progress import silent
from simsync.questions.conform.campaign.checkpoint import Kept
from simsync.questions.conform.campaign.overlapping import overlapped
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions, planned
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.stopping import Stop
from simsync.questions.conform.overlap.campaign import OverlapReport
from simsync.questions.conform.overlap.kinds import BegunRound, KindsOfRounds
from simsync.questions.conform.overlap.plan import Overlapping, RoundsPlan
from simsync.questions.conform.overlap.rounds import events_of
from simsync.questions.conform.overlap.situations import deed_key
from simsync.questions.conform.systems.direct import by_object


@pytest.fixture(scope="module")
def kinds(model: Model) -> KindsOfRounds:
    plan = RoundsPlan(model, Overlapping(), lambda _world, _event: True, jumps=True)
    return KindsOfRounds(model, plan.situations, lambda _world, _event: True, random.Random(0))


def deeds(one: BegunRound) -> tuple[tuple[str, ...], ...]:
    return tuple(deed_key(one.situation.world, event) for event in one.acts)


def test_edits_of_one_item_by_both_come_among_the_first(kinds: KindsOfRounds) -> None:
    found = [*kinds.in_turns(kinds.of_each_side(), both=False)]
    both = [n for n, one in enumerate(found) if all(event.action == "edit" for event in one.acts)]
    same = [n for n in both if found[n].acts[0].item == found[n].acts[1].item]
    assert same[0] < 10
    assert len(both) < len(found)


def test_each_kind_comes_once_before_any_comes_again(kinds: KindsOfRounds) -> None:
    every = kinds.of_each_side()
    found = [*kinds.in_turns(every, both=False)]
    assert [one.first for one in found] == [n < len(every) for n in range(len(found))]
    assert len({(one.situation.world.status, *deeds(one)) for one in found[: len(every)]}) == len(every)
    assert len(found) == sum(map(len, every.values()))


def test_both_orders_of_sending_come_where_one_is_sent_after_the_other(kinds: KindsOfRounds) -> None:
    found = [*kinds.in_turns(kinds.of_each_side(), both=True)]
    sent = {(id(one.situation), *map(str, one.acts), *(act.actor for act in one.acts)) for one in found}
    assert all((key[0], key[2], key[1], key[4], key[3]) in sent for key in sent)


def test_two_actions_of_one_side_are_on_one_item_or_with_the_status(kinds: KindsOfRounds, model: Model) -> None:
    for found in kinds.of_one_side().values():
        for one in found:
            first, second = one.acts
            assert first.actor == second.actor
            assert first.item == second.item is not None or (first.item is None) is not (second.item is None)
            after = step(model, one.situation.world, first).after
            assert step(model, after, second).refused is None


def test_of_few_drives_the_first_half_is_of_new_kinds(model: Model) -> None:
    plan = RoundsPlan(model, Overlapping(drives=120), lambda _world, _event: True, jumps=True)
    sources = [drive.source for drive in plan.drives()]
    assert sources[:60] == ["two actions of a new kind"] * 60
    assert len(sources) == 120


def driven(model: Model, jobs: int, spoil: Spoil | None) -> OverlapReport:
    pool = Pool(lambda _: by_object(RoundSystem(model, spoil), model), jobs)
    plan = planned(pool.first, model, OverlapOptions(drives=40), (), 0)
    return overlapped(pool, model, plan, silent, Stop(), Kept(model))


def test_several_instances_come_to_the_same_as_one(model: Model) -> None:
    one, three = (driven(model, jobs, owner_overwrites) for jobs in (1, 3))
    assert one == three
    assert one.diverges
    assert all(events_of(finding.driven.drive.rounds[-1]) for finding in one.findings)
