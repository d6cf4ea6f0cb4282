"""One item's whole behaviour under one combination of readings as a transition table: dense arrays of integers.

It is read off a state space. Steps depend on the status through its phase alone, so the arrays are indexed by phase.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simsync.engine.deciding import announce
from simsync.engine.decision import Defect
from simsync.engine.facts import Facts, holds
from simsync.engine.model import Model
from simsync.engine.state_facts import state_facts
from simsync.engine.step import step
from simsync.engine.watched import named_fields, tested_fields, watched_fields
from simsync.engine.world import Event
from simsync.errors import Code, usage_error
from simsync.policy.facts import NO_CHANGE, status_facts
from simsync.policy.policy import When
from simsync.policy.words import Words
from simsync.statespace.abstraction import NAME, Abstraction, AbstractItem, AbstractState, Move, statuses
from simsync.statespace.combinations import Variants
from simsync.statespace.consequences import without_consequences
from simsync.statespace.space import Space, State
from simsync.statespace.walking import unwalked

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
class TransitionTable:
    """One item's behaviour. Sizes: S statuses, P phases, I item states, A events on an item, B status actions, M moves.

    A move is what an item sees of a status action. Item state 0 is an item that was not created yet.

    - ``item_states[I]``, ``events[A]``, ``actions[B]``, ``moves[M]``: what is numbered. ``phase[S]``: that of a status.
    - ``next[P, I, A]``, ``moved[M, I]``: the item state after; or `REFUSED`, `SENSELESS`, `UNDECIDED`.
    - ``told[P, I, A]``, ``fate[M, I]``: what was told of that, an index of ``outcomes``.
    - ``broken[P, I, A]``, ``broken_move[M, I]``: an index of ``breaches``, each the numbers of those of ``model.never``
      that a step breaks at once; the first is none of them.
    - ``status[S, B]``: the status after, or `REFUSED`; ``move[S, B]``: the move.
    - ``announced[M]``: who is notified once for the step, if nothing crosses over, and if something does.
    - ``reached[S, I]``: whether one item can come to it there.

    ``defects`` tell what the rules leave open, by ("step", p, i, a) and ("move", m, i). ``engine`` is the model with
    nothing claimed of it.
    """

    model: Model = field(repr=False)
    engine: Model = field(repr=False)
    statuses: tuple[str, ...]
    phases: tuple[str, ...]
    phase: Ints
    item_states: tuple[AbstractItem | None, ...] = field(repr=False)
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
            known = {"status": status, **status_facts(self.model.status_spec, status)}
            for i in np.flatnonzero(self.reached[s]):
                found[s, i] = holds(what, {**self._facts[int(self.phase[s]), int(i)], **known})
        return found

    @cached_property
    def _facts(self) -> dict[tuple[int, int], Facts]:
        abstraction, facts = Abstraction(self.engine), {}
        for s, status in enumerate(self.statuses):
            for i in np.flatnonzero(self.reached[s]):
                if (key := (int(self.phase[s]), int(i))) not in facts:
                    item = abstraction.world(AbstractState(status, self.item_states[i])).items.get(NAME)
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

    Nor do steps have consequences.

    Fields that are among ``facts`` are watched, besides those that the rules and properties look at.
    """
    words = model.vocabulary
    history = {name: memory for name, memory in words.history.items() if name in memories}
    policy = without_consequences(model.policy)
    policy = replace(policy, properties=(), vocabulary=replace(words, history=history))
    watched = watched_fields(model.policy, facts) | model.factory.watched
    return model.factory.of(policy, watched).model(model.readings)


def transition_table(model: Model, kinds: Iterable[str] | None = None, facts: Iterable[str] = ()) -> TransitionTable:
    """The behaviour of one item under a model's readings, of some kinds or of all.

    Every event is looked at in every state of an item that can come about in a phase. ``facts`` are those that the
    caller will ask about beyond what the rules and properties do.
    """
    kinds = frozenset(model.vocabulary.kinds if kinds is None else kinds)
    facts = tuple(facts)
    engine = engine_of(model, looked_at(model, facts), facts)
    asked = asked_of(model, facts)
    return _Numbering(model, unwalked(engine, Variants(engine.policy, [engine.readings]), asked), kinds).table()


def asked_of(model: Model, facts: Iterable[str]) -> frozenset[str]:
    """The fields whose values properties, or a caller, ask about."""
    return tested_fields(model.policy) | named_fields(model.vocabulary, facts)


class _Numbering:
    """Numbers what one combination of a state space comes to, phase by phase and breadth first."""

    def __init__(self, model: Model, space: Space, kinds: frozenset[str]) -> None:
        self.model, self.space = model, space
        self.statuses = tuple(statuses(model))
        self.phases = tuple(dict.fromkeys(map(model.phase, self.statuses)))
        self._possible = frozenset(n for n, event in enumerate(space.events) if event.kind in (None, *kinds))
        self._state_of = {model.phase(status): space.statuses.index(status) for status in self.statuses}
        self.items: dict[int, int] = {0: 0}
        self.events: dict[int, int] = {}
        self.outcomes: dict[Told, int] = {Told(False, ()): 0}
        self.breaches: dict[tuple[int, ...], int] = {(): 0}
        self.defects: dict[tuple[str | int, ...], Defect] = {}
        self._told: dict[int, tuple[int, int]] = {}
        self._front = [(p, 0) for p in range(len(self.phases))]
        self._known = set(self._front)

    def table(self) -> TransitionTable:
        status, move, moves = self._statuses()
        steps, carried = self._walk(moves)
        shape = (len(self.phases), len(self.items), len(self.events))
        if prod(shape) > MOST_CELLS:
            raise usage_error("machines", _too_many(self.model.words, *shape), code=Code.TOO_MANY)
        next_, told, broken = _filled(shape, steps)
        moved, fate, broken_move = _filled((len(moves), len(self.items)), carried)
        phase = np.array([self.phases.index(self.model.phase(name)) for name in self.statuses], np.int32)
        return TransitionTable(
            model=self.model,
            engine=self.space.model,
            statuses=self.statuses,
            phases=self.phases,
            phase=phase,
            item_states=tuple(map(self.space.abstract_item, self.items)),
            events=tuple(self.space.events[event] for event in self.events),
            actions=self.space.actions,
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

    def _statuses(self) -> tuple[Ints, Ints, dict[Move, tuple[int, int]]]:
        """The status after each action and what items see of it, with a status and an action that show it."""
        space = self.space
        status = np.full((len(self.statuses), len(space.actions)), REFUSED, np.int32)
        move, moves = np.full_like(status, REFUSED), dict[Move, tuple[int, int]]()
        for s, name in enumerate(self.statuses):
            for b, (turn,) in enumerate(space.turns[space.statuses.index(name)]):
                if turn.transition is not None and turn.seen is not None:
                    status[s, b] = self.statuses.index(turn.transition.dest)
                    moves.setdefault(turn.seen, (space.statuses.index(name), b))
                    move[s, b] = list(moves).index(turn.seen)
        return status, move, moves

    def _walk(self, moves: dict[Move, tuple[int, int]]) -> tuple[list[Cell], list[Cell]]:
        space, steps, carried = self.space, list[Cell](), list[Cell]()
        while front := self._front:
            self._front = []
            space.compile((self._state_of[self.phases[p]], item) for p, item in front)
            for p, item in front:
                i, phase = self.items[item], self.phases[p]
                for event in space.compiled.possible(item):
                    if event in self._possible:
                        a, state = self.events.setdefault(event, len(self.events)), (self._state_of[phase], item)
                        steps.append(((p, i, a), *self._step(("step", p, i, a), p, state, event)))
                for m, (one, (status, action)) in enumerate(moves.items()):
                    if one.phase == phase:
                        after = self.phases.index(one.next_phase)
                        carried.append(((m, i), *self._step(("move", m, i), after, (status, item), action)))
        return steps, carried

    def _step(self, key: tuple[str | int, ...], p: int, state: State, event: int) -> tuple[int, int, int]:
        """The numbers of the item state after, of what was told, and of the breach; ``p`` is the phase after."""
        (taken,) = self.space.taken(state, event)
        frame, (_, item) = self.space.frame, taken.after
        if frame.faulty[taken.part]:
            world = self.space.abstraction.world(self.space.abstract_state(state))
            self.defects[key] = step(self.space.model, world, self.space.events[event]).defects[0]
            return UNDECIDED, 0, 0
        if frame.refused[taken.part]:
            return REFUSED, 0, 0
        if (p, item) not in self._known:
            self._known.add((p, item))
            self._front.append((p, item))
        if taken.part not in self._told:
            self._told[taken.part] = self._telling(taken.part)
        return (self.items.setdefault(item, len(self.items)), *self._told[taken.part])

    def _telling(self, part: int) -> tuple[int, int]:
        """What is told of steps that a part decides, and the properties that they break, by their numbers."""
        rules, frame = self.space.rules, self.space.frame
        one, facts = frame.take(np.array([part], np.int32)), rules.columns.told(frame.facts[part])
        moved = facts["change"] == NO_CHANGE
        told = Told(bool(facts.get("synced")), rules.notified(frame.answers[part].tolist(), of_the_item=moved))
        breach = tuple(k for k, claim in enumerate(self.model.never) if not one.stopped[0] and holds(claim.what, facts))
        return self.outcomes.setdefault(told, len(self.outcomes)), self.breaches.setdefault(breach, len(self.breaches))

    def _announced(self, one: Move) -> tuple[tuple[str, ...], tuple[str, ...]]:
        quiet, crossing = (
            announce(self.space.model, one.actor, NO_CHANGE, one.phase, one.next_phase, synced or one.follows)[0]
            for synced in (False, True)
        )
        return quiet, crossing


Cell = tuple[tuple[int, ...], int, int, int]


def _too_many(words: Words, phases: int, states: int, events: int) -> str:
    cells = phases * states * events
    return (
        f"one {words.item} has {states:,} states and {events:,} events in {phases} phases; of which a table has "
        f"{cells:,} cells, and {MOST_CELLS:,} are the most"
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
