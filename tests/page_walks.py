"""Random walks, done by simsync's engine and by that of the page in Node."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import simsync.play
from conftest import ROOT
from simsync.engine.actions import Action
from simsync.engine.checked import grammar_of
from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model, ModelFactory
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import entry_on, shown
from simsync.engine.world import Event, World
from simsync.play.rules import rules_of
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.policy.policy import Value
from simsync.questions.why.why import explain

POLICIES = {
    path.name if path.name != "machines" or path == ROOT / "machines" else path.parent.name: path
    for path in sorted(
        [
            ROOT / "machines",
            *(ROOT / "examples" / "policies").glob("*/machines"),
            *(path for path in (ROOT / "tests" / "policies").iterdir() if not path.name.endswith("_scenarios")),
        ]
    )
}

"""Every policy here by a name: the shipped one, the examples, those of the tests."""
PAGE = Path(simsync.play.__file__).parent
TEXTS = ("", "one", "two", "three, with a comma")
Told = dict[str, Any]


def node() -> str:
    """The command; skips the test where there is none, unless it must not be."""
    found = shutil.which("node")
    if found is None and os.environ.get("SIMSYNC_BROWSER") == "required":
        pytest.fail("Node is not installed (make browser)")
    if found is None:
        pytest.skip("Node is not installed (make browser)")
    return found


class Walker:
    """Makes random walks of a policy: any status, any readings, any action on any item that is there."""

    def __init__(self, factory: ModelFactory, seed: int) -> None:
        self.factory = factory
        self.words = factory.policy.vocabulary
        self.random = random.Random(seed)
        self.grammar = grammar_of(factory)

    def walk(self, steps: int) -> Trace:
        """A walk of so many steps."""
        policy = self.factory.policy
        readings = {r.name: self.random.choice([*r.options]) for r in policy.readings.values()}
        model = self.factory.model(readings)
        status = self.random.choice([*[policy.status.begin] * 4, *policy.status.states])
        world, events = World(status), list[Event]()
        for number in range(steps):
            events.append(self.event(model, world, f"N{number}"))
            world = step(model, world, events[-1]).after
        return Trace(status=status, readings=readings, events=tuple(events))

    def event(self, model: Model, world: World, name: str) -> Event:
        """Some action in a world; what it creates has a name."""
        pick, status, items = self.random, world.status, world.items
        sort = pick.choices(("status", CREATE, EDIT, DELETE), (2, 2 if len(items) < 6 else 0, 5, 1))[0]
        if sort == "status" and self.factory.triggers:
            here = (t for t in model.status_spec.transitions if status in t.source)
            able = [(who, t.trigger) for t in here for who in t.actors]
            every = [(who, trigger) for who in self.words.acting for trigger in self.factory.triggers]
            actor, action = pick.choice(able if able and pick.random() < 0.7 else every)
            return Event(actor=actor, action=action)
        actor = pick.choice([*self.words.partners])
        if sort == CREATE or not items or not self.words.kinds:
            kind = pick.choice([*self.words.kinds])
            fields = self._fields(self.grammar.fields(Action(CREATE, kind, "N"), kind, actor, actor))
            return Event(actor=actor, action=CREATE, item=name, kind=kind, fields=fields)
        there = [name for name, one in items.items() if entry_on(one, actor) is not None]
        item = items[pick.choice(there if there and pick.random() < 0.8 else [*items])]
        settable = self.grammar.fields(Action(EDIT, None, item.name), item.original.kind, item.owner, actor)
        fields = self._fields(settable) if sort == EDIT else {}
        return Event(actor=actor, action=EDIT if fields else DELETE, item=item.name, fields=fields)

    def _fields(self, names: Sequence[str]) -> dict[str, Value]:
        some = [name for name in names if self.random.random() < 0.6]
        return {name: self.random.choice(self.words.fields[name].values or TEXTS) for name in some}


def told(outcome: Outcome) -> Told:
    """What a step did, as the program in Node tells it."""
    words = outcome.model.vocabulary
    return {
        "refused": outcome.refused,
        "synced": outcome.synced,
        "notified": list(outcome.notified),
        "status": outcome.after.status,
        "rules": list(outcome.rules),
        "sources": list(outcome.sources),
        "hits": [[hit.table, hit.row.id, [list(pair) for pair in hit.actual]] for hit in outcome.hits],
        "fired": [[one.transition.id, one.source, one.dest, one.item] for one in outcome.fired],
        "items": told_items(outcome.model, outcome.after),
        "order": list(outcome.after.items),
        "defects": [[d.kind, list(d.tables), list(d.rows), d.broken] for d in outcome.defects],
        "reached": [one for one in words.partners if one in outcome.reached],
        "undone": outcome.undone,
        "readings": list(readings_behind(outcome)),
        "rowOf": dict(outcome.row_of),
    }


def told_items(model: Model, world: World) -> Told:
    """The items of a world, as the program in Node tells them."""
    words = model.vocabulary
    return {
        name: {
            "link": item.link,
            "history": sorted(item.history),
            "last": item.last,
            "agreed": None if item.agreed is None else [dict(one) for one in item.agreed],
            "present": item.present,
            "original": {"kind": item.original.kind, "fields": dict(item.original.fields)},
            "views": {partner: shown(words, item, partner) for partner in words.partners},
        }
        for name, item in world.items.items()
    }


def in_node(factory: ModelFactory, traces: Sequence[Trace], **asked: object) -> Iterator[Told]:
    """What the page's engine says of each walk: of its steps, and whatever is asked for besides."""
    return asked_in_node(
        factory,
        [
            {"status": t.status, "readings": dict(t.readings), "events": [as_data(e) for e in t.events], **asked}
            for t in traces
        ],
    )


def asked_in_node(factory: ModelFactory, walks: Sequence[Told]) -> Iterator[Told]:
    """What the program in Node answers of each walk that it is given as data."""
    script = Path(__file__).parent / "play" / "engine_in_node.js"
    done = subprocess.run(
        [node(), script, PAGE],
        input=json.dumps({"rules": rules_of(factory), "walks": walks}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    yield from map(json.loads, done.stdout.splitlines())


def as_data(event: Event) -> Told:
    """An event as the page has it."""
    fields = dict(event.fields)
    return {"actor": event.actor, "action": event.action, "item": event.item, "kind": event.kind, "fields": fields}


def differences(factory: ModelFactory, traces: Sequence[Trace]) -> list[str]:
    """The steps that the two engines tell otherwise, each with what differs."""
    found = []
    for trace, theirs in zip(traces, in_node(factory, traces), strict=True):
        ours = [told(outcome) for outcome in simulate(factory.model({}), trace)]
        for number, (mine, other) in enumerate(zip(ours, theirs["steps"], strict=True)):
            apart = {key: (mine[key], other[key]) for key in mine if mine[key] != other[key]}
            if apart:
                found.append(f"{trace.status} {dict(trace.readings)} step {number} {trace.events[number]}: {apart}")
                break
    return found


def explained(model: Model, trace: Trace) -> list[Told]:
    """What would have to be different in the last two steps of a walk, as `why` says it."""
    found = []
    for outcome in simulate(model, trace)[-2:]:
        told = explain(model, outcome.before, outcome.event)
        flips = [
            {"changes": [[c.fact, c.now, c.then] for c in flip.changes], "becomes": str(flip.becomes)}
            for flip in told.flips
        ]
        found.append({"verdict": str(told.verdict), "flips": flips})
    return found
