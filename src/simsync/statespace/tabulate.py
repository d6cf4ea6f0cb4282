"""One item's whole behaviour as dense arrays of integers, made by driving the engine once through every step.

An item's step depends on nothing but the item, the event and the phase; a status action's effect on an item on nothing
but the item, who acts, and the phases before and after. So the arrays are indexed by phase, not by status.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simsync.engine.deciding import announce, decide
from simsync.engine.decision import Decision, Defect
from simsync.engine.facts import Facts, holds
from simsync.engine.model import Model
from simsync.engine.state_facts import state_facts
from simsync.engine.step import situation_of, step, target
from simsync.engine.watched import watched_fields
from simsync.engine.world import Event
from simsync.errors import Code, usage_error
from simsync.policy.facts import NO_CHANGE
from simsync.policy.policy import When
from simsync.statespace.places import NAME, ItemShape, Move, Place, Sketch, statuses

REFUSED, SENSELESS, UNDECIDED = -1, -2, -3
"""Instead of a next state: the step is refused; the event makes no sense there; the rules have a defect there."""

MOST_CELLS = 100_000_000
"""Cells of the largest array, of which there are some."""

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


class Told(NamedTuple):
    """What can be seen of a step besides the item: whether a change crossed over, and who was notified."""

    synced: bool
    notified: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Tabulation:
    """One item's behaviour. Sizes: S statuses, P phases, I item states, A events on an item, B status actions, M moves.

    Item state 0 is an item that was not created yet. ``next[p, i, a]`` and ``moved[m, i]`` are item states after, or
    `REFUSED`, `SENSELESS`, `UNDECIDED`; ``told`` and ``fate`` index ``outcomes`` likewise. ``status[s, b]`` is the
    status after, or `REFUSED`; ``move[s, b]`` the index of what the items see of it; ``announced[m]`` who is notified
    once for the step, if nothing crosses over, and if something does. ``broken`` and ``broken_move`` index
    ``breaches``, the numbers of those of ``model.never`` that a step breaks at once, none of them first; ``defects``
    tells what the rules leave open, by ("step", p, i, a) and
    ("move", m, i). ``reached[s, i]``: whether one item can come to it there. ``engine`` is the model that was driven,
    with nothing claimed of it.
    """

    model: Model = field(repr=False)
    engine: Model = field(repr=False)
    statuses: tuple[str, ...]
    phases: tuple[str, ...]
    phase: Ints
    shapes: tuple[ItemShape | None, ...] = field(repr=False)
    events: tuple[Event, ...] = field(repr=False)
    actions: tuple[Event, ...] = field(repr=False)
    moves: tuple[Move, ...]
    outcomes: tuple[Told, ...] = field(repr=False)
    announced: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = field(repr=False)
    breaches: tuple[tuple[int, ...], ...] = field(repr=False)
    next: Ints = field(repr=False)
    told: Ints = field(repr=False)
    broken: Ints = field(repr=False)
    status: Ints = field(repr=False)
    move: Ints = field(repr=False)
    moved: Ints = field(repr=False)
    fate: Ints = field(repr=False)
    broken_move: Ints = field(repr=False)
    reached: Flags = field(repr=False)
    defects: dict[tuple[str | int, ...], Defect] = field(repr=False)

    def states(self, what: When) -> Flags:
        """Where a condition on one item at rest holds: a flag for each status and item state, [S, I]."""
        found = np.zeros(self.reached.shape, np.bool_)
        for s, status in enumerate(self.statuses):
            for i in np.flatnonzero(self.reached[s]):
                found[s, i] = holds(what, {**self._facts[int(self.phase[s]), int(i)], "status": status})
        return found

    @cached_property
    def _facts(self) -> dict[tuple[int, int], Facts]:
        sketch, facts = Sketch(self.engine), {}
        for s, status in enumerate(self.statuses):
            for i in np.flatnonzero(self.reached[s]):
                if (key := (int(self.phase[s]), int(i))) not in facts:
                    item = sketch.world(Place(status, self.shapes[i])).items.get(NAME)
                    facts[key] = state_facts(self.model, status, item)
        return facts


def looked_at(model: Model, facts: Iterable[str] = ()) -> frozenset[str]:
    """The memories that anything in force looks at: a row, a transition, a property, another such memory, or a caller.

    What nothing looks at cannot matter, and item states that differ in nothing else are one.
    """
    conditions = [
        when for one in model.tables.values() for when in (one.table.scope, *(r.when for r in one.table.rows))
    ]
    conditions += [transition.when for transition in model.link_spec.transitions]
    conditions += [when for one in model.policy.properties for when in (one.what, one.start)]
    tested = {fact for when in conditions for fact, _ in when} | set(facts)
    history = model.vocabulary.history
    found: set[str] = set()
    while fresh := (tested & history.keys()) - found:
        found |= fresh
        tested = {fact for name in fresh for fact, _ in history[name].when}
    return frozenset(found)


def engine_of(model: Model, memories: Collection[str], facts: Iterable[str] = ()) -> Model:
    """The model with nothing claimed of it and other memories forgotten: a step that breaks a property just goes on.

    Fields that are among ``facts`` are watched, besides those that the rules and properties look at.
    """
    words = model.vocabulary
    history = {name: memory for name, memory in words.history.items() if name in memories}
    policy = replace(model.policy, properties=(), vocabulary=replace(words, history=history))
    watched = watched_fields(model.policy, facts) | model.workshop.watched
    return model.workshop.of(policy, watched).model(model.readings)


def tabulate(model: Model, kinds: Iterable[str] | None = None, facts: Iterable[str] = ()) -> Tabulation:
    """The behaviour of one item under a model's readings, of some kinds or of all.

    Every event is tried in every state of an item that can come about in a phase, on the engine itself. ``facts`` are
    those that the caller will ask about beyond what the rules and properties do.
    """
    kinds = frozenset(model.vocabulary.kinds if kinds is None else kinds)
    return _Drive(model, kinds, looked_at(model, facts), facts).tabulation()


class _Drive:
    """Drives the engine through every (phase, item state, event), breadth first."""

    def __init__(self, model: Model, kinds: frozenset[str], memories: frozenset[str], facts: Iterable[str]) -> None:
        self.model, self.kinds = model, kinds
        self.engine = engine_of(model, memories, facts)
        self.sketch = Sketch(self.engine)
        self.statuses = tuple(statuses(model))
        self.phases = tuple(dict.fromkeys(map(model.phase, self.statuses)))
        self.actions = tuple(event for event in self.sketch.events(None) if event.item is None)
        self.shapes: dict[ItemShape | None, int] = {None: 0}
        self.events: dict[tuple[object, ...], tuple[int, Event]] = {}
        self.outcomes: dict[Told, int] = {Told(False, ()): 0}
        self.breaches: dict[tuple[int, ...], int] = {(): 0}
        self.defects: dict[tuple[str | int, ...], Defect] = {}
        self.waiting: list[tuple[int, ItemShape | None]] = [(p, None) for p in range(len(self.phases))]
        self.known = set(self.waiting)

    def tabulation(self) -> Tabulation:
        status, move, moves = self._statuses()
        steps, carried = self._walk(moves)
        shape = (len(self.phases), len(self.shapes), len(self.events))
        if prod(shape) > MOST_CELLS:
            raise usage_error("machines", _too_many(*shape), code=Code.TOO_MANY)
        next_, told, broken = _filled(shape, steps)
        moved, fate, broken_move = _filled((len(moves), len(self.shapes)), carried)
        phase = np.array([self.phases.index(self.model.phase(name)) for name in self.statuses], np.int32)
        return Tabulation(
            model=self.model,
            engine=self.engine,
            statuses=self.statuses,
            phases=self.phases,
            phase=phase,
            shapes=tuple(self.shapes),
            events=tuple(event for _, event in self.events.values()),
            actions=self.actions,
            moves=tuple(moves),
            outcomes=tuple(self.outcomes),
            announced=tuple(self._announced(one) for one in moves),
            breaches=tuple(self.breaches),
            next=next_,
            told=told,
            broken=broken,
            status=status,
            move=move,
            moved=moved,
            fate=fate,
            broken_move=broken_move,
            reached=_reached(phase, next_, status, move, moved),
            defects=self.defects,
        )

    def _statuses(self) -> tuple[Ints, Ints, dict[Move, tuple[str, Event]]]:
        """The status after each action and what items see of it, with a status and an action that show it."""
        status = np.full((len(self.statuses), len(self.actions)), REFUSED, np.int32)
        move, moves = np.full_like(status, REFUSED), dict[Move, tuple[str, Event]]()
        for s, name in enumerate(self.statuses):
            for b, event in enumerate(self.actions):
                fired = self.engine.status.fire(name, event.action, {"actor": event.actor})
                if fired is not None:
                    status[s, b] = self.statuses.index(fired.dest)
                    seen = Move(event.actor, self.model.phase(name), self.model.phase(fired.dest))
                    moves.setdefault(seen, (name, event))
                    move[s, b] = list(moves).index(seen)
        return status, move, moves

    def _walk(self, moves: dict[Move, tuple[str, Event]]) -> tuple[list[Cell], list[Cell]]:
        steps: list[Cell] = []
        carried: list[Cell] = []
        status_in = {self.model.phase(status): status for status in self.statuses}
        for p, shape in self.waiting:  # grows while we walk
            i, phase = self.shapes[shape], self.phases[p]
            for a, event in self._events(shape):
                steps.append(((p, i, a), *self._step(("step", p, i, a), Place(status_in[phase], shape), event)))
            for m, (one, (status, event)) in enumerate(moves.items()):
                if one.phase == phase:
                    carried.append(((m, i), *self._step(("move", m, i), Place(status, shape), event)))
        return steps, carried

    def _events(self, shape: ItemShape | None) -> Iterator[tuple[int, Event]]:
        for event in self.sketch.events(shape):
            if event.item is not None and (event.kind is None or event.kind in self.kinds):
                key = (event.actor, event.action, event.kind, *event.fields.items())
                yield self.events.setdefault(key, (len(self.events), event))

    def _step(self, key: tuple[str | int, ...], place: Place, event: Event) -> tuple[int, int, int]:
        """The item state after, what was told, and the properties broken, by their numbers."""
        world = self.sketch.world(place)
        outcome = step(self.engine, world, event)
        if outcome.defects:
            self.defects[key] = outcome.defects[0]
            return UNDECIDED, 0, 0
        if outcome.refused is not None:
            return REFUSED, 0, 0
        shape = self.sketch.place(outcome.after).shape
        p = self.phases.index(self.model.phase(outcome.after.status))
        if (p, shape) not in self.known:
            self.known.add((p, shape))
            self.waiting.append((p, shape))
        decision = self._decision(place, event, p)
        notified = outcome.notified if event.item else decision.notified if decision else ()
        told = Told(outcome.synced, notified)
        breach = tuple(k for k, one in enumerate(self.model.never) if decision and holds(one.what, decision.facts))
        return (
            self.shapes.setdefault(shape, len(self.shapes)),
            self.outcomes.setdefault(told, len(self.outcomes)),
            self.breaches.setdefault(breach, len(self.breaches)),
        )

    def _decision(self, place: Place, event: Event, next_phase: int) -> Decision | None:
        """What the tables said of the item in a step just taken."""
        world = self.sketch.world(place)
        if event.item is not None:
            found = target(self.engine, world, event)
            return None if found is None else decide(self.engine, found[1])
        item = world.items.get(NAME)
        if item is None:
            return None
        phase = self.model.phase(place.status)
        return decide(self.engine, situation_of(self.engine, item, event, phase, self.phases[next_phase]))

    def _announced(self, one: Move) -> tuple[tuple[str, ...], tuple[str, ...]]:
        quiet, crossing = (
            announce(self.engine, one.actor, NO_CHANGE, one.phase, one.next_phase, synced)[0]
            for synced in (False, True)
        )
        return quiet, crossing


Cell = tuple[tuple[int, ...], int, int, int]


def _too_many(phases: int, states: int, events: int) -> str:
    cells = phases * states * events
    return (
        f"one item has {states:,} states and {events:,} events in {phases} phases; of which a table has {cells:,} "
        f"cells, and {MOST_CELLS:,} are the most"
    )


def _filled(shape: tuple[int, ...], cells: list[Cell]) -> tuple[Ints, Ints, Ints]:
    """Arrays of the states after, of what was told, and of the properties broken."""
    after, told, broken = np.full(shape, SENSELESS, np.int32), np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    if cells:
        where = tuple(np.array([cell[0] for cell in cells]).T)
        after[where] = [cell[1] for cell in cells]
        told[where] = [cell[2] for cell in cells]
        broken[where] = [cell[3] for cell in cells]
    return after, told, broken


def _reached(phase: Ints, next_: Ints, status: Ints, move: Ints, moved: Ints) -> Flags:
    """Where one item can come to, from empty tickets in every status."""
    reached = np.zeros((status.shape[0], next_.shape[1]), np.bool_)
    reached[:, 0] = True
    before = 0
    while (now := int(reached.sum())) != before:
        before = now
        for s in range(len(reached)):
            after = next_[phase[s]][reached[s]]
            reached[s, after[after >= 0]] = True
            for b in np.flatnonzero(status[s] >= 0):
                carried = moved[move[s, b]][reached[s]]
                reached[status[s, b], carried[carried >= 0]] = True
    return reached
