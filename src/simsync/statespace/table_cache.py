"""Transition tables kept from one run to the next, by the digest of the rules, the readings, and what made them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.policy.policy import Value
from simsync.statespace.abstraction import AbstractItem, Move
from simsync.statespace.array_cache import Arrays, keep, key_of, recalled
from simsync.statespace.independence import Independence, independence
from simsync.statespace.transition_table import Told, TransitionTable, asked_of, engine_of, looked_at, transition_table

ARRAYS = ("phase", "next", "told", "broken", "status", "move", "moved", "fate", "broken_move", "reached")


def kept_table(
    model: Model, facts: Iterable[str] = (), folder: Path | None = None
) -> tuple[TransitionTable, Independence]:
    """A model's transition table, and whether items are independent in it, made or as kept in a folder."""
    facts = tuple(facts)
    engine = engine_of(model, looked_at(model, facts), facts)
    key = key_of(engine.policy, engine.readings, sorted(engine.factory.watched), sorted(asked_of(model, facts)))
    if (arrays := recalled(key, folder)) is not None:
        return _read(arrays, model, engine)
    table = transition_table(model, facts=facts)
    found = independence(table)
    if not table.defects:
        keep(key, _arrays(table, found), folder)
    return table, found


def _arrays(table: TransitionTable, found: Independence) -> Arrays:
    told: dict[str, Any] = {
        "item_states": [shape and {**shape._asdict(), "history": sorted(shape.history)} for shape in table.item_states],
        "events": [asdict(event) for event in table.events],
        "actions": [asdict(event) for event in table.actions],
        "statuses": table.statuses,
        "phases": table.phases,
        "moves": table.moves,
        "outcomes": table.outcomes,
        "announced": table.announced,
        "breaches": table.breaches,
        "independence": [found.facts, found.steps, found.against],
    }
    arrays: Arrays = {"words": np.frombuffer(json.dumps(told).encode(), np.uint8)}
    return arrays | {name: getattr(table, name) for name in ARRAYS}


def _read(arrays: Arrays, model: Model, engine: Model) -> tuple[TransitionTable, Independence]:
    told = json.loads(arrays.pop("words").tobytes())
    facts, steps, against = told["independence"]
    table = TransitionTable(
        model=model,
        engine=engine,
        statuses=tuple(told["statuses"]),
        phases=tuple(told["phases"]),
        item_states=tuple(None if shape is None else _shape(shape) for shape in told["item_states"]),
        events=tuple(Event(**event) for event in told["events"]),
        actions=tuple(Event(**event) for event in told["actions"]),
        moves=tuple(Move(*move) for move in told["moves"]),
        outcomes=tuple(Told(synced, tuple(names)) for synced, names in told["outcomes"]),
        announced=tuple((tuple(quiet), tuple(crossing)) for quiet, crossing in told["announced"]),
        breaches=tuple(tuple(breach) for breach in told["breaches"]),
        defects={},
        **arrays,
    )
    return table, Independence(facts, steps, tuple(against))


def _shape(kept: dict[str, Any]) -> AbstractItem:
    copy = kept["copy"]
    return AbstractItem(
        **{
            **kept,
            "values": _values(kept["values"]),
            "copy": None if copy is None else (copy[0], _values(copy[1])),
            "history": frozenset(kept["history"]),
            "agreed": None if kept["agreed"] is None else tuple(map(_values, kept["agreed"])),
        }
    )


def _values(kept: list[list[Any]]) -> tuple[tuple[str, Value], ...]:
    return tuple((name, value) for name, value in kept)
