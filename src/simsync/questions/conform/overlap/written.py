"""Rounds with their disruptions as a file, by which they are done again alone: no scenario says what is disrupted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from simsync.engine.checked import check_event, grammar_of
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.errors import Code, SimsyncError, not_among, usage_error
from simsync.policy.loading.nodes import Problems, read_bytes
from simsync.questions.conform.overlap.rounds import Act, Acts, Disruption, RoundsDrive, events_of
from simsync.strict_json import NoJson, loads

ENDING = ".rounds"
"""How such a file ends, so that none is taken for a scenario."""


def as_written(drive: RoundsDrive) -> str:
    """A drive as JSON, a round a line: what a system is asked, in the names of the rules."""
    lines = (f"  [{', '.join(json.dumps(_request(act), ensure_ascii=False) for act in acts)}]" for acts in drive.rounds)
    rounds = ",\n".join(lines)
    return f'{{"given": {json.dumps(drive.status, ensure_ascii=False)}, "rounds": [\n{rounds}\n]}}\n'


def _request(act: Act) -> dict[str, Any]:
    if isinstance(act, Disruption):
        return {"disrupt": act.what}
    said = {"actor": act.actor, "action": act.action, "kind": act.kind, "item": act.item}
    fields = {"fields": dict(act.fields)} if act.fields else {}
    return {**{name: value for name, value in said.items() if value is not None}, **fields}


def read_drive(path: str, model: Model) -> RoundsDrive:
    """The drive of a file; raises :class:`SimsyncError` where it cannot be read, or makes no sense by the rules."""
    problems = Problems(path)
    raw = read_bytes(path, problems)
    if raw is None:
        raise SimsyncError(problems.told)
    written = b"\n".join(b"" if line.startswith(b"#") else line for line in raw.split(b"\n"))
    try:
        return _drive(loads(written), model, path)
    except NoJson as problem:
        message = f"this is no JSON: {problem}"
    except ValueError as problem:
        message = str(problem)
    raise usage_error(path, f"it has no rounds to do again: {message}", code=Code.USAGE)


def _drive(said: object, model: Model, path: str) -> RoundsDrive:
    if not isinstance(said, dict) or said.keys() != {"given", "rounds"} or not isinstance(said["rounds"], list):
        raise ValueError('an object with "given" and a list of "rounds" is wanted')
    states = model.status_spec.states
    if said["given"] not in states:
        raise ValueError(not_among(model.words.status.a, str(said["given"]), states))
    if not said["rounds"]:
        raise ValueError('"rounds" is empty')
    world, rounds = World(said["given"]), list[Acts]()
    for acts in said["rounds"]:
        if not isinstance(acts, list) or not acts:
            raise ValueError("a round is a list of actions and disruptions")
        rounds.append(tuple(_act(one) for one in acts))
        world = _after(model, world, events_of(rounds[-1]))
    return RoundsDrive(status=said["given"], rounds=tuple(rounds), source=path)


def _act(said: object) -> Act:
    if isinstance(said, dict) and said.keys() == {"disrupt"} and isinstance(said["disrupt"], str):
        return Disruption(said["disrupt"])
    texts = {"actor", "action", "kind", "item"}
    if (
        not isinstance(said, dict)
        or not {"actor", "action"} <= said.keys() <= {*texts, "fields"}
        or not all(isinstance(said[name], str) for name in texts & said.keys())
    ):
        raise ValueError(f'an action has an "actor" and an "action", a disruption is {{"disrupt": ...}}, not {said!r}')
    fields = said.get("fields", {})
    if not isinstance(fields, Mapping):
        raise ValueError(f'"fields" is an object, not {fields!r}')
    return Event(
        actor=said["actor"], action=said["action"], kind=said.get("kind"), item=said.get("item"), fields=fields
    )


def _after(model: Model, world: World, events: tuple[Event, ...]) -> World:
    """The world after some actions, each of which makes sense where it is done."""
    for event in events:
        check_event(grammar_of(model.factory), world, event)
        world = step(model, world, event).after
    return world
