"""The state space of one item under all combinations of readings at once: compiled level by level, and walked through.

An item's step depends on nothing but the item, the event and the phase; a status action's effect on an item on nothing
but the item, who acts, and the phases before and after. So steps are compiled once for a phase, not for each status.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from simsync.engine.facts import Facts
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.policy.policy import MachineSpec, Policy, Transition
from simsync.progress import EndAsked, Progress, StoppedAt, silent
from simsync.statespace.abstraction import Abstraction, AbstractItem, AbstractState, Move
from simsync.statespace.array_cache import Arrays
from simsync.statespace.columns import Columns, Ints, distinct, spread
from simsync.statespace.combinations import Sets, Variants
from simsync.statespace.compiling import Compiler
from simsync.statespace.consequences import refuse_if_joined
from simsync.statespace.featured_rules import FeaturedRules
from simsync.statespace.items import LINK
from simsync.statespace.phase_classes import MoveClasses, classes
from simsync.statespace.table_lookup import DEFECT, Frame, first_of, transitions_in_force

State = tuple[int, int]
"""An abstract state by the numbers of its status and its item state."""

Turns = tuple[tuple[tuple["StatusTurn", ...], ...], ...]
"""For each status, and each status action, what it does, parted by combinations."""

AT_ONCE = 1_000
"""How many item states are compiled at once at most."""

STATES_ALIKE = 30
"""Steps of states that differ in their status alone, which cost less: so many for one."""


class TooMuch(Exception):  # noqa: N818 - no fault of anybody's
    """There are more steps to walk through than was wanted."""


class StatusTurn(NamedTuple):
    """Some combinations (the number of their set) for which a status action takes a transition, None: is refused.

    ``dest`` is the number of the status after, ``move`` of the first move alike to what is ``seen`` of it; -1 where
    it is refused.
    """

    sets: int
    transition: Transition | None
    dest: int
    move: int
    seen: Move | None = None


class SpaceStep(NamedTuple):
    """The step that an event takes in a state under some combinations: the set of them, as bits.

    ``part`` is the number of what the rules say of the item, or of the step where there is none, -1 where the status
    action is refused; ``after`` is the state after; ``transition`` is the status's.
    """

    bits: int
    part: int
    after: State
    transition: Transition | None


class Space:
    """Everything that one item can come to under some combinations of readings, and what every step does there.

    A state is a pair of numbers, of a status and an item state; item state 0 is an item that was not created yet.
    ``layers[d]`` are the states that some combinations come to after d steps and no sooner, in the order in which they
    do, each with the bits of these; ``came`` all of them together. Where the walk was ``stopped``, all that is there
    are the layers from which every step was compiled by then.
    """

    def __init__(
        self,
        model: Model,
        variants: Variants,
        progress: Progress = silent,
        *,
        abstraction: Abstraction | None = None,
        walked: bool = True,
        most: int | None = None,
    ) -> None:
        """``variants`` are the combinations looked at.

        With an ``abstraction`` of the model, its events are those that are taken. What is not ``walked`` has no layers:
        steps are compiled as they are asked for. Raises :class:`TooMuch` where there are more than ``most`` steps.
        """
        refuse_if_joined(model)
        self.model, self.variants = model, variants
        self.sets = Sets(variants)
        self.abstraction = abstraction or Abstraction(model)
        self.statuses = tuple(model.policy.status.states)
        phases = tuple(model.policy.status.phases)
        alike = classes(model.policy)
        self.phase = tuple(alike[phases.index(model.phase(status))] for status in self.statuses)
        self.actions = tuple(event for event in self.abstraction.events(None) if event.item is None)
        self.moves: dict[Move, int] = {}
        self._alike = MoveClasses(model.policy)
        self.turns = self._turns_under(model.policy)
        self._number_turns()
        self.rules = FeaturedRules(model, Columns(model), self.sets)
        self.compiled = Compiler(self.rules, self.abstraction, tuple(self.moves), alike)
        self.events = self.compiled.events
        self.tried = 0
        self.layers: list[dict[State, int]] = []
        self.came: dict[State, int] = {}
        self.stopped: StoppedAt | None = None
        self._before: dict[State, list[tuple[int, State, int]]] = {}
        self._models: dict[int, Model] = {}
        self._number: dict[tuple[object, ...], int] = {}
        if walked:
            self._walk(progress, most)

    def turns_under(self, policy: Policy) -> Turns:
        """What status actions do under another policy, which has the same statuses, actions and readings."""
        turns = self._turns_under(policy)
        self.compiled.number_moves(tuple(self.moves))
        return turns

    def _turns_under(self, policy: Policy) -> Turns:
        able: dict[tuple[str, str, str], list[tuple[Transition, int]]] = {}
        for transition, bits in transitions_in_force(policy, policy.status, self.variants):
            for status, actor in product(transition.source, transition.actors):
                able.setdefault((status, actor, transition.trigger), []).append((transition, bits))
        return tuple(
            tuple(
                self._turns(policy.status, status, event, able.get((status, event.actor, event.action), []))
                for event in self.actions
            )
            for status in self.statuses
        )

    def _turns(
        self, spec: MachineSpec, status: str, event: Event, able: Sequence[tuple[Transition, int]]
    ) -> tuple[StatusTurn, ...]:
        """What a status action does in a status, parted by the combinations for which it does.

        ``able`` are the transitions that it may take, each with the combinations for which it is there.
        """
        parting = first_of(self.sets, [bits for _, bits in able])
        found = []
        for which, sets in sorted(parting(range(len(able)), 1), key=lambda part: self.sets.rank(part[1])):
            if which == DEFECT:
                found.append(StatusTurn(sets, None, -1, -1))
            else:
                transition, _ = able[which]
                phases = str(spec.states[status].phase), str(spec.states[transition.dest].phase)
                seen = Move(event.actor, *phases, bool(transition.followers))
                move = self.moves.setdefault(self._alike.first(seen), len(self.moves))
                found.append(StatusTurn(sets, transition, self.statuses.index(transition.dest), move, seen))
        return tuple(found)

    def _number_turns(self) -> None:
        """Number the status actions that are possible: those of a status stand together."""
        able = [[(e, turn) for e, turns in enumerate(some) for turn in turns if turn.dest >= 0] for some in self.turns]
        self.transitions = tuple(turn.transition for some in able for _, turn in some if turn.transition is not None)
        rows = [(event, turn.sets, turn.dest, turn.move) for some in able for event, turn in some]
        numbers = np.arange(len(rows), dtype=np.int32)[:, None]
        self._able = np.concatenate([np.array(rows, np.int32).reshape(-1, 4), numbers], axis=1)
        self._turn_starts = np.cumsum([0, *map(len, able)], dtype=np.int32)

    def _walk(self, progress: Progress, most: int | None) -> None:
        front = {(self.statuses.index(status), 0): bits for status, bits in self.beginnings().items()}
        self.came.update(front)
        known = np.zeros((len(self.statuses), 0), np.int32)
        while front:
            self.layers.append(front)
            try:
                self.compile(front, progress, most)
            except EndAsked as asked:
                self._stop(asked)
                return
            states, front = [*front], {}
            new = np.array([self.sets.number(bits) for bits in self.layers[-1].values()], np.int32)
            known = self._noted(known)
            steps = self._leaving(np.array(states, np.int32), most)
            steps = steps[known[steps[:, 3], steps[:, 4]] != 1]
            steps[:, 2] = self.sets.both_of(steps[:, 2], new[steps[:, 0]])
            steps = steps[steps[:, 2] > 0]
            steps = steps[self.sets.both_of(steps[:, 2], known[steps[:, 3], steps[:, 4]]) != steps[:, 2]]
            for state, event, sets, dest, item in steps[distinct(steps[:, 2:])[0]].tolist():
                self._arrive(states[state], event, (dest, item), self.sets.bits[sets], front)

    def _stop(self, asked: EndAsked) -> None:
        """Keep the layers that were walked through; raises what asked for it if there is none."""
        self.layers.pop()
        if not self.layers:
            raise asked
        self.stopped = asked.stopped
        self.came = {}
        for layer in self.layers:
            for state, bits in layer.items():
                self.came[state] = self.came.get(state, 0) | bits

    def _noted(self, known: Ints) -> Ints:
        """The numbers of the sets for which each state was come to by the last layer; 0 for none: [S, I]."""
        found = np.zeros((len(self.statuses), len(self.compiled.items)), np.int32)
        found[:, : known.shape[1]] = known
        for state in self.layers[-1]:
            found[state] = self.sets.number(self.came[state])
        return found

    def compile(self, states: Iterable[State], progress: Progress = silent, most: int | None = None) -> None:
        """Compile all steps from some states at once, as far as they were not before."""
        for some in _chunks([*dict.fromkeys((self.phase[s], i) for s, i in states)]):
            self.compiled.compile(some)
            progress("steps tried", len(self.compiled.table.part), 0)
            if most is not None and len(self.compiled.table.part) > most:
                raise TooMuch

    def _leaving(self, states: Ints, most: int | None) -> Ints:
        """The steps from some states, [n, 2], to others, in order: of those alike the first.

        A row for each: the state by its position among these, the event, the set, and the status and item state after.
        """
        table, frame = self.compiled.table, self.frame
        turns, at = self.moving(states)
        acting = [turns[:, 0], turns[:, 1], self.sets.both_of(turns[:, 2], frame.sets[table.part[at]]), turns[:, 3]]
        pairs = np.array([self.compiled.pair[self.phase[s], i] for s, i in states.tolist()], np.int32)
        self.tried += len(turns) + int((table.cells[pairs + 1] - table.cells[pairs]).sum())
        if most is not None and self.tried > most * STATES_ALIKE:
            raise TooMuch
        state, cells = spread(table.cells, pairs)
        some = distinct(np.stack([state, table.response[cells]], axis=1))[0]
        owner, more = spread(table.steps, table.response[cells[some]])
        state = state[some][owner]
        changing = [state, table.what[cells[some]][owner], frame.sets[table.part[more]], states[state, 0]]
        steps = np.concatenate([np.stack([*acting, table.after[at]], 1), np.stack([*changing, table.after[more]], 1)])
        steps = steps[(steps[:, 4] >= 0) & (steps[:, 3:] != states[steps[:, 0]]).any(axis=1)]
        found: Ints = steps[np.argsort(steps[:, 0], kind="stable")]
        return found

    def moving(self, states: Ints) -> tuple[Ints, Ints]:
        """What status actions do to items in some states, [n, 2].

        A row for each part of each: the state by its position among these, the event, the set for which the status
        turns, the status after, the number of the transition; and where the item's step stands in the table.
        """
        state, turns = spread(self._turn_starts, states[:, 0])
        event, sets, dest, move, transition = self._able[turns].T
        owner, at = spread(self.compiled.table.steps, self.compiled.table.moved[states[state, 1], move])
        return np.stack([state, event, sets, dest, transition], axis=1)[owner], at

    def _arrive(self, state: State, event: int, after: State, bits: int, front: dict[State, int]) -> None:
        known = self.came.get(after, 0)
        fresh = bits & ~known
        if fresh:
            self.came[after] = known | fresh
            front[after] = front.get(after, 0) | fresh
            self._before.setdefault(after, []).append((fresh, state, event))

    def arrays(self) -> Arrays:
        """All that was walked through, as arrays to be kept."""
        number = self.sets.number
        layers = [(n, s, i, number(bits)) for n, layer in enumerate(self.layers) for (s, i), bits in layer.items()]
        ways = [
            (*after, number(bits), *state, event)
            for after, befores in self._before.items()
            for bits, state, event in befores
        ]
        found: Arrays = {"layers": np.array(layers, np.int32), "ways": np.array(ways, np.int32).reshape(-1, 6)}
        return found | {"sets": self.sets.array()} | self.compiled.arrays()

    def restore(self, arrays: Arrays) -> None:
        """Have walked through what is kept in arrays."""
        self.sets.restore(arrays["sets"])
        self.compiled.restore(arrays)
        bits_of = self.sets.bits
        self.layers = [{} for _ in range(int(arrays["layers"][-1, 0]) + 1)]
        for layer, s, i, sets in arrays["layers"].tolist():
            self.layers[layer][s, i] = bits_of[sets]
            self.came[s, i] = self.came.get((s, i), 0) | bits_of[sets]
        for *after, sets, s, i, event in arrays["ways"].tolist():
            self._before.setdefault((after[0], after[1]), []).append((bits_of[sets], (s, i), event))

    def beginnings(self) -> dict[str, int]:
        """The statuses in which a scenario can begin, with the combinations for which each can be reached."""
        spec = self.model.policy.status
        reached = {spec.initial: self.sets.bits[1]}
        waiting = [spec.initial]
        for status in waiting:  # grows while we walk
            for transition in self.model.policy.transitions(spec):
                new = reached[status] & self.variants.there(transition)
                if status in transition.source and new & ~reached.get(transition.dest, 0):
                    reached[transition.dest] = reached.get(transition.dest, 0) | new
                    waiting.append(transition.dest)
        return reached

    def beginning_for_all(self, bits: int) -> list[State]:
        """The states in which a scenario can begin under all of some combinations."""
        return [state for state, some in self.layers[0].items() if not bits & ~some]

    def path(self, state: State, readings: Mapping[str, str]) -> tuple[str, list[Event]]:
        """The shortest way to a state under one combination that comes there: the status to begin in, the events."""
        one = self.variants.under(readings)
        events: list[Event] = []
        while found := next((before for before in self._before.get(state, ()) if before[0] & one), None):
            _, state, event = found
            events.append(self.events[event])
        return self.statuses[state[0]], events[::-1]

    @property
    def frame(self) -> Frame:
        """What the rules say of every situation that was come to, part by part."""
        return self.compiled.frame

    def taken(self, state: State, event: int) -> Iterator[SpaceStep]:
        """What an event does in a state, for all combinations looked at, parted by what decides."""
        (s, i), bits_of = state, self.sets.bits
        if event >= len(self.actions):
            for step in self.compiled.steps(self.phase[s], i, event):
                yield SpaceStep(bits_of[step.sets], step.part, state if step.after < 0 else (s, step.after), None)
            return
        for turn in self.turns[s][event]:
            if turn.transition is None:
                yield SpaceStep(bits_of[turn.sets], -1, state, None)
                continue
            for step in self.compiled.moved(turn.move, i):
                if bits := bits_of[self.sets.both(turn.sets, step.sets)]:
                    yield SpaceStep(
                        bits, step.part, state if step.after < 0 else (turn.dest, step.after), turn.transition
                    )

    def facts(self, part: int) -> Facts:
        """All facts that were known in the end where a part of the frame decides."""
        return self.rules.columns.told(self.frame.facts[part])

    def abstract_state(self, state: State) -> AbstractState:
        """An abstract state by its numbers."""
        return AbstractState(self.statuses[state[0]], self.abstract_item(state[1]))

    def abstract_item(self, item: int) -> AbstractItem | None:
        """An item state by its number."""
        return self.compiled.abstract_item(item)

    def item_links(self) -> list[str | None]:
        """The link of each item state; None of an item that was not created."""
        columns = self.rules.columns
        names = columns.values[columns.at["link"]]
        return [str(names[code]) if code else None for code in self.compiled.items[:, LINK].tolist()]

    def number_of(self, event: Event) -> int:
        """The number of an event, see :meth:`Abstraction.like`; -1 where it makes sense nowhere."""
        if not self._number:
            self._number = {_key(event): number for number, event in enumerate(self.events)}
        return self._number.get(_key(event), -1)

    def possible(self, state: State) -> tuple[int, ...]:
        """The numbers of the events that make sense in a state: status actions, then changes of the item."""
        return (*range(len(self.actions)), *self.compiled.possible(state[1]))

    def different(self, *states: State) -> tuple[int, ...]:
        """The events that make sense in some states, of those that are alike at all of them the first."""
        return (*range(len(self.actions)), *self.compiled.different(*(item for _, item in states)))

    def alike(self, state: State) -> dict[int, int]:
        """For each event that makes sense in a state the first one alike: it comes to the same."""
        return {event: event for event in range(len(self.actions))} | self.compiled.alike(state[1])

    def model_of(self, bits: int) -> Model:
        """The model of a set's first combination, which stands for all of the set."""
        index = (bits & -bits).bit_length() - 1
        found = self._models.get(index)
        if found is None:
            found = self._models[index] = self.model.factory.model(self.variants.readings_of(index))
        return found


def _key(event: Event) -> tuple[object, ...]:
    """What an event is known by; both partners' changes of items are one for all kinds."""
    return event.actor, event.action, event.kind, frozenset(event.fields.items())


def _chunks(pairs: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    return (pairs[n : n + AT_ONCE] for n in range(0, len(pairs), AT_ONCE))
