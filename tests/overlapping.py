"""Systems that go wrong only where actions overlap, or where they are disrupted, and right ones that look odd."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise, permutations
from threading import Lock
from typing import Any

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, Item, World
from simsync.progress import silent
from simsync.questions.conform.campaign.checkpoint import Kept
from simsync.questions.conform.campaign.overlapping import overlapped
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions, planned
from simsync.questions.conform.campaign.pool import Pool
from simsync.questions.conform.campaign.stopping import Stop
from simsync.questions.conform.overlap.campaign import OverlapReport
from simsync.questions.conform.systems.sut import System
from simsync.reference import ReferenceSystem

KILLED = "worker killed"


def rounds_of(system: System, model: Model, options: OverlapOptions) -> OverlapReport:
    """What comes of a system that is driven through rounds."""
    pool = Pool(lambda _: system, 1)
    return overlapped(pool, model, planned(system, model, options, (), 0), silent, Stop(), Kept(model))


class RoundSystem(ReferenceSystem):
    """Follows the rules one action after the other, and does something to the world as it settles after a round."""

    def __init__(self, model: Model, spoil: Spoil | None = None, **says: Any) -> None:
        super().__init__(model)
        self.spoil, self.says = spoil, says
        self.before = self._simulation.world
        self.round: list[Outcome] = []
        self.killed: list[str] = []
        self._one = Lock()

    def hello(self, protocol: int) -> dict[str, Any]:
        said = super().hello(protocol)
        return {**said, **self.says, "can": [*said["can"], *self.says.get("can", ())]}

    def reset(self, status: Any) -> dict[str, Any]:
        answer = super().reset(status)
        self.before, self.round, self.killed = self._simulation.world, [], []
        return answer

    def act(self, *given: Any, **asked: Any) -> dict[str, Any]:
        with self._one:
            count = len(self._simulation.outcomes)
            answer = super().act(*given, **asked)
            self.round += self._simulation.outcomes[count:]
        return answer

    def disrupt(self, what: str) -> dict[str, Any]:
        self.killed.append(what)
        return {"ok": True, "struck": bool(self.round)}

    def settle(self) -> dict[str, Any]:
        if self.spoil is not None and (len(self.round) > 1 or self.killed):
            self.spoil(self)
        self.before, self.round, self.killed = self._simulation.world, [], []
        return {"ok": True}

    @property
    def world(self) -> World:
        return self._simulation.world

    def put(self, item: Item) -> None:
        """An item as it is to be from now on."""
        world = self._simulation.world
        self._simulation.world = World(world.status, {**world.items, item.name: item})

    def tell(self, change: Callable[[list[str]], list[str]]) -> None:
        self._told = change(self._told)

    @property
    def done(self) -> list[Event]:
        """The actions of the round that were not refused."""
        return [one.event for one in self.round if one.refused is None]


Spoil = Callable[[RoundSystem], None]


def last_is_lost(system: RoundSystem) -> None:
    """What the second action does to the other ticket does not come there."""
    event = system.done[-1] if len(system.done) > 1 else None
    if event is not None and event.item in system.world.items:
        name = str(event.item)
        item, old = system.world.items[name], system.before.items.get(name)
        if event.actor == item.owner and item.copy is not None and item.present:
            system.put(replace(item, copy=old.copy if old is not None else None))


def old_after_new(system: RoundSystem) -> None:
    """Of two edits of one item the first one arrives last."""
    edits = [event for event in system.done if event.action == "edit" and "text" in event.fields]
    for one, two in pairwise(edits):
        item = system.world.items[str(one.item)]
        if one.item == two.item and one.actor == two.actor == item.owner and item.copy is not None:
            copy = replace(item.copy, fields={**item.copy.fields, "text": one.fields["text"]})
            system.put(replace(item, copy=copy))


def comes_back(system: RoundSystem) -> None:
    """What one side deletes while the other edits it is there again, on the ticket where it was deleted."""
    deleted = {event.item: event.actor for event in system.done if event.action == "delete"}
    edited = {event.item: event.actor for event in system.done if event.action == "edit"}
    for name in deleted.keys() & edited.keys():
        item, old = system.world.items[str(name)], system.before.items.get(str(name))
        if old is not None and deleted[name] != edited[name]:
            system.put(replace(item, present=True) if deleted[name] == item.owner else replace(item, copy=old.copy))


def owner_overwrites(system: RoundSystem) -> None:
    """The owner's edit overwrites what the other side writes at the same time, whichever comes first."""
    for event in system.done:
        item = system.world.items.get(str(event.item))
        others = [other for other in system.done if other.item == event.item and other.actor != event.actor]
        if (
            item is not None
            and item.copy is not None
            and event.actor == item.owner
            and event.action == "edit"
            and others
        ):
            fields = {name: value for name, value in event.fields.items() if name in item.copy.fields}
            system.put(replace(item, copy=replace(item.copy, fields={**item.copy.fields, **fields})))


def severing_forgotten(system: RoundSystem) -> None:
    """A link that one side cuts while the other one does something is tied again, which shows with the next edit."""
    for outcome in system.round:
        name = str(outcome.event.item)
        if name in outcome.before.items and outcome.refused is None and len(system.done) > 1:
            item, old = system.world.items[name], outcome.before.items[name]
            if item.link != old.link and outcome.event.actor != item.owner and outcome.event.action == "edit":
                system.put(replace(item, link=old.link))


def told_once(system: RoundSystem) -> None:
    """Of the mails of a round each goes to somebody once."""
    system.tell(lambda told: list(dict.fromkeys(told)))


def told_twice(system: RoundSystem) -> None:
    """Each mail of a round goes out twice."""
    system.tell(lambda told: [who for who in told for _ in (0, 1)])


def copy_made_twice(system: RoundSystem) -> None:
    """What is created while the other side does something arrives a second time, under another name."""
    made = [event for event in system.done if event.action == "create"]
    actors = {event.actor for event in system.done}
    item = system.world.items.get(str(made[0].item)) if made and len(actors) > 1 else None
    if item is not None and item.copy is not None:
        system.put(replace(item, name=f"{item.name}-again"))


def lost_when_killed(system: RoundSystem) -> None:
    """What was done before the worker was killed does not arrive."""
    if system.killed and system.done:
        event = system.done[0]
        item = system.world.items.get(str(event.item))
        old = system.before.items.get(str(event.item))
        if item is not None and item.copy is not None and event.actor == item.owner:
            system.put(replace(item, copy=old.copy if old else None))


def told_again_when_killed(system: RoundSystem) -> None:
    """Who is told of what is done as the worker is killed is told twice."""
    if system.killed:
        told_twice(system)


OVERLAP_FAULTS: tuple[Spoil, ...] = (
    last_is_lost,
    old_after_new,
    comes_back,
    owner_overwrites,
    severing_forgotten,
    told_once,
    told_twice,
    copy_made_twice,
)
DISRUPTION_FAULTS: tuple[Spoil, ...] = (lost_when_killed, told_again_when_killed)


def another_order(system: RoundSystem) -> None:
    """Right, but for the order of sending: the last order that gives the same answers is what comes of a round."""
    events, answers = [one.event for one in system.round], [one.refused is None for one in system.round]
    made = {event.item for event in events if event.action == "create"}
    if any(event.item in made and event.action != "create" for event in events):
        return
    for order in permutations(range(len(events))):
        if not _keeps(events, order):
            continue
        world, told = system.before, list[str]()
        outcomes = []
        for number in order:
            outcomes.append(step(system.model, world, events[number]))
            world = outcomes[-1].after
            told += outcomes[-1].notified
        if [one.refused is None for one in outcomes] == [answers[number] for number in order]:
            system._simulation.world = world
            system.tell(lambda _, told=told: told)  # type: ignore[misc] # those of this order


def _keeps(events: Sequence[Event], order: Sequence[int]) -> bool:
    """Whether an order keeps that of each actor's own actions."""
    return all(
        [n for n in order if events[n].actor == actor] == [n for n, event in enumerate(events) if event.actor == actor]
        for actor in {event.actor for event in events}
    )
