"""Where there is no way to a state: whether there is one with another option of one reading."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import NamedTuple

from simsync.app import collector_paused
from simsync.engine.facts import holds
from simsync.engine.model import Model
from simsync.engine.state_facts import state_facts
from simsync.engine.world import Item
from simsync.errors import SimsyncError
from simsync.policy.policy import When
from simsync.questions.explore.explore import sought, way_in
from simsync.statespace.abstraction import NAME
from simsync.statespace.combinations import Variants
from simsync.statespace.query import Query
from simsync.statespace.space import Space
from simsync.statespace.transition_table import engine_of, looked_at, transition_table
from simsync.statespace.walking import is_long

MOST = 2_000_000
"""Cells of transition tables that are made for it at most: some seconds."""


class OtherWay(NamedTuple):
    """An option of a reading with which alone there is a way, and how many steps it has."""

    reading: str
    option: str
    steps: int


class OtherWays(NamedTuple):
    """The options with which there is a way, of so many that were looked at; none where that would take too long."""

    ways: tuple[OtherWay, ...]
    looked_at: int


def other_ways(model: Model, wanted: Query) -> OtherWays:
    """Look for a way under each other option of one reading, all others as they are."""
    others = [
        (reading.name, option)
        for reading in model.policy.readings.values()
        for option in reading.options
        if option != model.readings[reading.name]
    ]
    alone = len(wanted.items) <= 1
    if not others or len(others) * transition_table(model, facts=wanted.facts).next.size > MOST:
        return OtherWays((), 0)
    found = []
    with collector_paused():
        try:
            near = _near(model, others, wanted)
        except SimsyncError:  # items bear on each other
            return OtherWays((), 0)
        for name, option in near:
            other = model.under({name: option})
            try:
                one = way_in(transition_table(other, facts=wanted.facts), wanted) if alone else sought(other, wanted)
            except SimsyncError:  # what free texts say decides it, or several items bear on each other
                return OtherWays((), 0)
            if one is not None:
                found.append(OtherWay(name, option, len(one.events)))
    return OtherWays(tuple(found), len(others))


def _near(model: Model, others: Sequence[tuple[str, str]], wanted: Query) -> list[tuple[str, str]]:
    """The options under which one item comes to each thing that is asked about; with any other there is no way.

    All are walked through at once, as far as that can be done without a bound.
    """
    if is_long(model):
        return [*others]
    models = [model.under({name: option}) for name, option in others]
    memories = frozenset[str]().union(*(looked_at(one, wanted.facts) for one in models))
    engine = engine_of(model, memories, wanted.facts)
    variants = Variants(engine.policy, [one.readings for one in models])
    space = Space(engine, variants)
    met = [0] * len(wanted.conditions)
    for state, bits in space.came.items():
        told = space.abstract_state(state)
        item = space.abstraction.world(told).items.get(NAME)
        for number, when in enumerate(wanted.conditions):
            if bits & ~met[number]:
                met[number] |= _met(engine, models, told.status, item, when, bits & ~met[number])
    return [others[number] for number in variants.members(reduce(and_, met, variants.everything))]


def _met(engine: Model, models: Sequence[Model], status: str, item: Item | None, when: When, bits: int) -> int:
    """Under which of some models a condition holds of an item; only what tables find out depends on the model."""
    derived = {lookup.table.gives for lookup in engine.derived}
    given = tuple(one for one in when if one[0] not in derived)
    if not holds(given, state_facts(engine, status, item)):
        return 0
    if len(given) == len(when):
        return bits
    holding = (n for n, one in enumerate(models) if bits >> n & 1 and holds(when, state_facts(one, status, item)))
    return sum(1 << n for n in holding)
