"""A transition table as plain data, for engines that are not ours, and the JSON Schema of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from simsync.engine.view import shown
from simsync.engine.world import Event
from simsync.policy.policy import Decides, Then
from simsync.statespace.abstraction import NAME, Abstraction, AbstractItem, AbstractState
from simsync.statespace.transition_table import REFUSED, SENSELESS, UNDECIDED, TransitionTable
from simsync.version import __version__

FORMAT = 1
CODES = {"refused": REFUSED, "makes no sense": SENSELESS, "left open": UNDECIDED}
"""What stands instead of a number of what comes after."""


def as_data(table: TransitionTable) -> dict[str, Any]:
    """The table under its names, and what its numbers stand for."""
    model, words = table.model, table.model.vocabulary
    abstraction = Abstraction(table.engine)
    decided = [one.table for one in model.tables.values() if one.table.decides is Decides.CONSEQUENCE]
    besides = [one.name for one in decided if any(row.then != Then() for row in one.rows)]
    return {
        "simsync": __version__,
        "format": FORMAT,
        "model": model.policy.digest,
        "readings": dict(model.readings),
        "left_out": besides,
        "codes": CODES,
        "partners": list(words.partners),
        "begin": table.statuses.index(model.status_spec.initial),
        "phases": list(table.phases),
        "statuses": [
            {"name": name, "status": model.status_spec.said(name), "phase": int(phase)}
            for name, phase in zip(table.statuses, table.phase, strict=True)
        ],
        "texts": _texts(abstraction),
        "item_states": [_item(table, abstraction, item) for item in table.item_states],
        "events": [_event(event) for event in table.events],
        "actions": [_event(event) for event in table.actions],
        "moves": [one._asdict() for one in table.moves],
        "outcomes": [{"synced": one.synced, "notified": list(one.notified)} for one in table.outcomes],
        "announced": [{"quiet": list(quiet), "crossing": list(crossing)} for quiet, crossing in table.announced],
        "status_after": table.status.tolist(),
        "move": table.move.tolist(),
        "after": table.next.tolist(),
        "outcome": table.told.tolist(),
        "moved": table.moved.tolist(),
        "fate": table.fate.tolist(),
    }


def lines(data: Mapping[str, Any]) -> Iterator[str]:
    """The data as JSON in lines: one for each thing that has a number, and one for each row of numbers."""
    yield "{"
    for number, (key, value) in enumerate(data.items()):
        end = "," if number + 1 < len(data) else ""
        rows = [row for row in value if row is None or isinstance(row, dict | list)] if isinstance(value, list) else []
        if rows and len(rows) == len(value):
            yield f"  {_json(key)}: ["
            yield from (f"    {line}" for line in _rows(value))
            yield f"  ]{end}"
        else:
            yield f"  {_json(key)}: {_json(value)}{end}"
    yield "}"


def _rows(rows: list[Any]) -> Iterator[str]:
    for number, row in enumerate(rows):
        end = "," if number + 1 < len(rows) else ""
        if isinstance(row, list) and row and isinstance(row[0], list):
            yield "["
            yield from (f"  {line}" for line in _rows(row))
            yield f"]{end}"
        else:
            yield f"{_json(row)}{end}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _texts(abstraction: Abstraction) -> dict[str, list[str]]:
    """The free texts that the table leaves out: those that a copy has alike, and those that it need not."""
    carried = abstraction.carried
    return {
        "alike": [name for name in abstraction.model.vocabulary.fields if name in carried],
        "others": [name for name in abstraction.model.vocabulary.fields if name in abstraction.texts - carried],
    }


def _event(event: Event) -> dict[str, Any]:
    about = {"kind": event.kind} if event.kind else {}
    fields = {"fields": dict(event.fields)} if event.item else {}
    return {"actor": event.actor, "action": event.action, **about, **fields}


def _item(table: TransitionTable, abstraction: Abstraction, item: AbstractItem | None) -> dict[str, Any] | None:
    if item is None:
        return None
    words = table.model.vocabulary
    world = abstraction.world(AbstractState(table.statuses[0], item)).items[NAME]
    untold = {show.name for show in words.shows if show.field in abstraction.texts}
    tickets: dict[str, Any] = {}
    for partner in words.partners:
        view = shown(words, world, partner)
        tickets[partner] = None if view is None else {n: v for n, v in view.items() if n not in untold}
    made = {"kind": item.kind, "owner": item.owner, "link": item.link, "same_texts": item.same}
    return {**made, "history": sorted(item.history), "tickets": tickets}


def _array(items: dict[str, Any], about: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": about}


def _object(about: str, **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": about,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_NAME = {"type": "string"}
_NAMES = {"type": "array", "items": _NAME}
_VALUES = {"type": "object", "additionalProperties": {"type": ["string", "boolean"]}}
_NUMBERS = {"type": "array", "items": {"type": "integer", "minimum": min(CODES.values())}}
_STEPS = {"type": "array", "items": _NUMBERS}


def table_schema() -> dict[str, Any]:
    """The JSON Schema, with a sentence for each key."""
    shape = _object(
        "What one item can come to under one combination of readings, as numbers; written by simsync export --to json.",
        simsync={**_NAME, "description": "the version that wrote it"},
        format={"const": FORMAT},
        model={**_NAME, "description": "the digest of the rules"},
        readings={"type": "object", "additionalProperties": _NAME, "description": "the option of each reading"},
        left_out={**_NAMES, "description": "tables of consequences, whose effects on other items are not in here"},
        codes=_object("what stands instead of a number", **{name: {"const": code} for name, code in CODES.items()}),
        partners={**_NAMES, "minItems": 2, "maxItems": 2},
        begin={"type": "integer", "minimum": 0, "description": "the first status"},
        phases=_array(_NAME, "P phases"),
        statuses=_array(_status_schema(), "S statuses"),
        texts=_object("fields whose values the table leaves out", alike=_NAMES, others=_NAMES),
        item_states=_array(_item_schema(), "I states of an item; the first is an item that was not created yet"),
        events=_array(_event_schema(), "A changes of an item; a text that is left out stands as another text"),
        actions=_array(_event_schema(), "B status actions"),
        moves=_array(_move_schema(), "M moves"),
        outcomes=_array(
            _object("what is seen of a step besides", synced={"type": "boolean"}, notified=_NAMES), "outcomes"
        ),
        announced=_array(
            _object("who is notified once", quiet=_NAMES, crossing=_NAMES),
            "of each move who is notified once, where nothing crosses over, and where something does",
        ),
        status_after=_array(_NUMBERS, "[S][B]: the status after an action"),
        move=_array(_NUMBERS, "[S][B]: the move that the action is"),
        after=_array(_STEPS, "[P][I][A]: the item state after an event"),
        outcome=_array(_STEPS, "[P][I][A]: the outcome of that"),
        moved=_array(_NUMBERS, "[M][I]: the item state after a move"),
        fate=_array(_NUMBERS, "[M][I]: the outcome of that"),
    )
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": "simsync: transition table", **shape}


def _status_schema() -> dict[str, Any]:
    return _object(
        "a status; of several machines the status of each",
        name=_NAME,
        status={"type": ["string", "object"], "additionalProperties": _NAME},
        phase={"type": "integer", "minimum": 0},
    )


def _move_schema() -> dict[str, Any]:
    seen = {"actor": _NAME, "phase": _NAME, "next_phase": _NAME, "follows": {"type": "boolean"}}
    return _object("what an item sees of a status action", **seen)


def _event_schema() -> dict[str, Any]:
    shape = _object("an action", actor=_NAME, action=_NAME, kind=_NAME, fields=_VALUES)
    return {**shape, "required": ["actor", "action"]}


def _item_schema() -> dict[str, Any]:
    shape = _object(
        "a state of an item",
        kind=_NAME,
        owner=_NAME,
        link=_NAME,
        same_texts={"type": "boolean", "description": "whether the texts that are carried alike are alike"},
        history={**_NAMES, "description": "the memories that are true"},
        tickets={
            "type": "object",
            "additionalProperties": {"oneOf": [_VALUES, {"type": "null"}]},
            "description": "what each ticket shows of it, without texts; null where it does not show it",
        },
    )
    return {"oneOf": [shape, {"type": "null"}]}
