"""Where there is no way to a state: whether there is one with another option of one reading."""

from __future__ import annotations

from typing import NamedTuple

from simsync.app import collector_paused
from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.questions.explore.explore import sought, way_in
from simsync.statespace.query import Query
from simsync.statespace.transition_table import transition_table

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
        for name, option in others:
            other = model.under({name: option})
            try:
                one = way_in(transition_table(other, facts=wanted.facts), wanted) if alone else sought(other, wanted)
            except SimsyncError:  # what free texts say decides it, or items bear on each other
                return OtherWays((), 0)
            if one is not None:
                found.append(OtherWay(name, option, len(one.events)))
    return OtherWays(tuple(found), len(others))
