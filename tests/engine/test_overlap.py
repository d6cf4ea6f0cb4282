"""What a round of overlapping actions comes to is what its orders give, each followed by itself."""

from __future__ import annotations

import random
from itertools import permutations

import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.overlap import OverlappingTrace, Reply, Round, answer_of, round_outcomes, simulate_rounds
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE, EDIT

MODEL = load_model(ROOT / "machines")
NOTE = Event(actor="service", action=CREATE, kind="note", item="N1", fields={"text": "a"})


def edit(actor: str, text: str, item: str = "N1") -> Event:
    return Event(actor=actor, action=EDIT, item=item, fields={"text": text})


def by_every_order(model: Model, world: World, events: Round) -> set[object]:
    """The answers, the world and the notifications of each order that keeps each actor's own, one by one."""
    found: set[object] = set()
    for order in permutations(range(len(events))):
        if any(events[a].actor == events[b].actor and a > b for n, a in enumerate(order) for b in order[n:]):
            continue
        here, answers, told = world, dict[int, Reply](), list[str]()
        for position in order:
            outcome = step(model, here, events[position])
            here, answers[position] = outcome.after, answer_of(outcome)
            told += outcome.notified
        found.add((tuple(answers[n] for n in range(len(events))), here, tuple(sorted(told))))
    return found


def compared(events: Round, world: World) -> int:
    found = round_outcomes(MODEL, world, events)
    assert {(one.answers, one.after, one.notified) for one in found} == by_every_order(MODEL, world, events)
    return len(found)


def at(status: str, *events: Event) -> World:
    world = World(status)
    for event in events:
        world = step(MODEL, world, event).after
    return world


def random_rounds(seed: int, rounds: int, size: int) -> list[int]:
    """How many outcomes random rounds have, each compared with all its orders."""
    chance, found = random.Random(seed), []
    status_actions = [(who, t.trigger) for t in MODEL.status_spec.transitions for who in t.actors]
    world = at("In Progress", NOTE)
    for number in range(rounds):
        events: list[Event] = []
        for turn in range(size):
            actor = chance.choice(["lead", "service"])
            kind = chance.randrange(4)
            if kind == 0:
                who, action = chance.choice(status_actions)
                events.append(Event(actor=who, action=action))
            elif kind == 1:
                events.append(Event(actor=actor, action=DELETE, item="N1"))
            else:
                events.append(edit(actor, f"text {number} {turn}"))
        found.append(compared(tuple(events), world))
        world = at(chance.choice(list(MODEL.status_spec.states)), NOTE) if number % 3 else world
    return found


def test_orders_are_what_they_come_to_one_by_one() -> None:
    assert max(random_rounds(1, 8, 3)) > 1


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(5))
def test_more_orders_are_what_they_come_to_one_by_one(seed: int) -> None:
    assert max(random_rounds(seed, 60, 5)) > 1


def test_orders_that_come_to_the_same_are_one() -> None:
    found = round_outcomes(MODEL, at("In Progress", NOTE), (edit("lead", "b"), edit("service", "c")))
    assert [(one.order, one.orders, one.synced) for one in found] == [((0, 1), 2, None)]


def test_the_order_as_written_comes_first() -> None:
    cancel, accept = Event(actor="lead", action="cancel"), Event(actor="service", action="accept")
    for events in ((cancel, accept), (accept, cancel)):
        first, second = round_outcomes(MODEL, World("Assigned"), events)
        assert (first.order, second.order) == ((0, 1), (1, 0))
        assert first.answers == second.answers[::-1] == (Reply.DONE, Reply.REFUSED)


def test_what_has_not_arrived_is_not_acted_on() -> None:
    events = (NOTE, edit("lead", "b"), edit("service", "c"))
    (found,) = round_outcomes(MODEL, World("In Progress"), events)
    assert found.answers == (Reply.DONE, Reply.NOT_SENT, Reply.DONE)
    assert (found.order, found.of(1)) == ((0, 2), None)
    assert isinstance(found.of(2), Outcome)


def test_the_run_goes_on_in_every_world_and_equal_ones_are_one() -> None:
    cancel, accept = Event(actor="lead", action="cancel"), Event(actor="service", action="accept")
    again = Event(actor="lead", action="outsource")
    trace = OverlappingTrace(status="Assigned", rounds=((cancel, accept), (again,), (accept,)))
    first, second, third = simulate_rounds(MODEL, trace)
    assert [fork.outcome.after.status for fork in first] == ["Canceled", "Accepted"]
    assert [(fork.before, fork.outcome.answers, fork.after) for fork in second] == [
        (0, (Reply.DONE,), 0),
        (1, (Reply.REFUSED,), 1),
    ]
    assert [fork.after for fork in third] == [0, 0]
    assert hash(trace) == hash(OverlappingTrace(status="Assigned", rounds=trace.rounds))
