"""What the same events come to under all combinations of readings at once, in worlds of any number of items.

Which combinations part at a step is read off the state space, item by item; what the step does is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.statespace.read_every_way import EveryWay, ReadRun
from simsync.statespace.space import Space


def branches(space: Space, bits: int, trace: Trace) -> list[ReadRun]:
    """Some combinations, parted by what they make of a trace."""
    found = [ReadRun(bits, World(trace.status), ())]
    for event in trace.events:
        found = [longer for one in found for longer in _stepped(space, one, event)]
    return found


def _stepped(space: Space, one: ReadRun, event: Event) -> Iterator[ReadRun]:
    for bits in parts(space, one.world, event):
        if some := bits & one.bits:
            outcome = step(space.model_of(bits), one.world, event)
            yield ReadRun(some, outcome.after, (*one.outcomes, outcome))


def parts(space: Space, world: World, event: Event) -> list[int]:
    """All combinations, parted by what an event does in a world.

    Where rules compare texts, the state space has a few that stand for all, and a world may have any: there, the engine
    is asked under each way in which the rules can be read.
    """
    if space.abstraction.tells_texts:
        return [bits for bits, _ in _every_way(space).ways(space.variants.everything, world, event)]
    return list(_moved(space, world, event) if event.item is None else _changed(space, world, event))


@lru_cache(maxsize=2)
def _every_way(space: Space) -> EveryWay:
    return EveryWay(space.model, space.variants)


def _changed(space: Space, world: World, event: Event) -> Iterator[int]:
    item = world.items.get(event.item or "")
    if item is None and event.action != CREATE:
        yield space.variants.everything
        return
    abstract = None if item is None else space.abstraction.item(item)
    number = space.number_of(space.abstraction.like(event, abstract))
    phase = space.phase[space.statuses.index(world.status)]
    yield from (
        space.sets.bits[one.sets] for one in space.compiled.steps(phase, space.compiled.number(abstract), number)
    )


def _moved(space: Space, world: World, event: Event) -> Iterator[int]:
    """Items share nothing but the status: what parts the combinations is what parts them for any of the items."""
    bits_of, both = space.sets.bits, space.sets.both
    numbers = [space.compiled.number(space.abstraction.item(item)) for item in world.items.values()] or [0]
    for turn in space.turns[space.statuses.index(world.status)][space.number_of(event)]:
        found = [turn.sets]
        for number in numbers if turn.dest >= 0 else ():
            found = [
                part
                for sets in found
                for one in space.compiled.moved(turn.move, number)
                if (part := both(sets, one.sets))
            ]
        yield from (bits_of[sets] for sets in found)
