"""Tabulations kept from one run to the next, by the digest of the rules, the readings, and what made them.

A store that cannot be read or written is one that is empty: nothing fails for it, and what is damaged is replaced.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.files import whole_file
from simsync.policy.policy import Value
from simsync.statespace.independence import Independence, independence
from simsync.statespace.kept import Damaged, read_arrays, write_arrays
from simsync.statespace.places import ItemShape, Move
from simsync.statespace.tabulate import Tabulation, Told, engine_of, looked_at, tabulate

MOST = 64
"""Tabulations that are kept, the latest ones; each takes some tens of kB."""

ARRAYS = ("phase", "next", "told", "broken", "status", "move", "moved", "fate", "broken_move", "reached")


def tabulated(model: Model, facts: Iterable[str] = (), folder: Path | None = None) -> tuple[Tabulation, Independence]:
    """The tabulation of a loaded model, and whether items are independent in it, made or as kept in a folder.

    The model must be as loaded from files, of which its policy's digest tells.
    """
    facts, folder = tuple(facts), _home() if folder is None else folder
    engine = engine_of(model, looked_at(model, facts), facts)
    path = folder / f"{_key(engine)}.npz"
    kept = _read(path, model, engine)
    if kept is not None:
        return kept
    table = tabulate(model, facts=facts)
    found = independence(table)
    if not table.defects:
        _write(path, table, found)
    return table, found


def _home() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "simsync"


def _key(engine: Model) -> str:
    """What a tabulation depends on: rules, readings, memories and fields looked at, and the program itself."""
    looked_at = [sorted(engine.vocabulary.history), sorted(engine.workshop.watched)]
    parts = [engine.policy.digest, json.dumps(engine.readings), json.dumps(looked_at)]
    digest = hashlib.sha256("\n".join(parts).encode())
    root = Path(__file__).parents[1]
    for room in ("policy", "engine", "statespace"):
        for source in sorted((root / room).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:32]


def _write(path: Path, table: Tabulation, found: Independence) -> None:
    told: dict[str, Any] = {
        "shapes": [shape and {**shape._asdict(), "history": sorted(shape.history)} for shape in table.shapes],
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
    arrays = {"words": np.frombuffer(json.dumps(told).encode(), np.uint8)}
    arrays |= {name: getattr(table, name) for name in ARRAYS}
    if os.path.exists(path) and not os.path.isfile(path):
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(str(path)) as stream:
            write_arrays(stream.buffer, arrays, compressed=True)
        for old in sorted(path.parent.glob("*.npz"), key=os.path.getmtime)[:-MOST]:
            old.unlink()
    except OSError:
        return


def _read(path: Path, model: Model, engine: Model) -> tuple[Tabulation, Independence] | None:
    try:
        arrays = read_arrays(path)
    except (OSError, Damaged):
        return None
    told = json.loads(arrays.pop("words").tobytes())
    facts, steps, against = told["independence"]
    table = Tabulation(
        model=model,
        engine=engine,
        statuses=tuple(told["statuses"]),
        phases=tuple(told["phases"]),
        shapes=tuple(None if shape is None else _shape(shape) for shape in told["shapes"]),
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


def _shape(kept: dict[str, Any]) -> ItemShape:
    copy = kept["copy"]
    return ItemShape(
        **{
            **kept,
            "values": _values(kept["values"]),
            "copy": None if copy is None else (copy[0], _values(copy[1])),
            "history": frozenset(kept["history"]),
        }
    )


def _values(kept: list[list[Any]]) -> tuple[tuple[str, Value], ...]:
    return tuple((name, value) for name, value in kept)
