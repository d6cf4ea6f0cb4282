"""One combination of readings alone in a state space: every state that it comes to, breadth first, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.policy.policy import Transition
from simsync.statespace.abstraction import statuses, way_back
from simsync.statespace.columns import Ints, distinct, spread
from simsync.statespace.space import Space, State, StatusTurn


class MemberVisit(NamedTuple):
    """A step taken from a state: the numbers of the event and of the part that decides, and the state after.

    ``part`` is -1, and ``transition`` None, where a status action is refused; ``transition`` is the status's.
    """

    state: State
    event: int
    part: int
    after: State
    transition: Transition | None


class Visits(NamedTuple):
    """Every step from every state that is come to, [n] each: see :class:`MemberVisit`.

    ``state`` and ``after`` are the numbers of states, ``transition`` the status's by number, -1 for none.
    """

    state: Ints
    event: Ints
    part: Ints
    after: Ints
    transition: Ints


class Member:
    """Walks through a state space as one of its models does, from empty tickets in every status that can be reached.

    ``states`` are those that it comes to, nearest first, and numbered so; ``visits`` all steps, in this order.
    ``came`` tells of each state the one before it and the event between, None where a scenario can begin.
    """

    def __init__(self, space: Space, model: Model) -> None:
        self.space, self.model = space, model
        one = space.variants.under(model.readings)
        self._has = np.array([bool(bits & one) for bits in space.sets.bits], np.bool_)
        self.states = tuple(state for state, bits in space.came.items() if bits & one)
        self.transitions: list[Transition] = []
        taken = [np.concatenate(columns) for columns in zip(self._acting(), self._changing(), strict=True)]
        visits = Visits._make(column[np.argsort(taken[0], kind="stable")] for column in taken)
        self.came = self._nearest_first(visits)
        rank = np.array([*map({state: n for n, state in enumerate(self.came)}.get, self.states)], np.int32)
        self.states = tuple(self.came)
        visits = visits._replace(state=rank[visits.state], after=rank[visits.after])
        self.visits = Visits._make(column[np.argsort(visits.state, kind="stable")] for column in visits)

    @cached_property
    def _place(self) -> Ints:
        """The numbers of the status and of the item state, by the number of the state: [P, 2]."""
        return np.array(self.states, np.int32).reshape(-1, 2)

    @cached_property
    def _chosen(self) -> Ints:
        """Of each response the one step that this model takes."""
        return np.flatnonzero(self._has[self.space.frame.sets[self.space.compiled.table.part]]).astype(np.int32)

    @cached_property
    def _number(self) -> Ints:
        """The number of the state by status and item state, [S, I]; -1 where it is not come to."""
        number = np.full((len(self.space.statuses), len(self.space.compiled.items)), -1, np.int32)
        number[self._place[:, 0], self._place[:, 1]] = np.arange(len(self._place))
        return number

    def _acting(self) -> Visits:
        """The status actions, from every state."""
        space, table, actions = self.space, self.space.compiled.table, len(self.space.actions)
        turns = [[self._turn(turns) for turns in by_action] for by_action in space.turns]
        taken = np.array(turns, np.int32).reshape(len(space.statuses), actions, 3)
        dest, move, transition = taken[self._place[:, 0]].reshape(-1, 3).T
        state = np.repeat(np.arange(len(self.states), dtype=np.int32), actions)
        event = np.tile(np.arange(actions, dtype=np.int32), len(self.states))
        refused = move < 0
        at = self._chosen[table.moved[self._place[state, 1], move]]
        after = np.where(refused, -1, table.after[at])
        after = np.where(after < 0, state, self._number[dest, after])
        return Visits(state, event, np.where(refused, -1, table.part[at]), after, transition)

    def _turn(self, turns: Sequence[StatusTurn]) -> tuple[int, int, int]:
        """The status after an action, the move, and the number of the transition; -1 where the action is refused."""
        turn = next(turn for turn in turns if self._has[turn.sets])
        if turn.transition is None:
            return -1, -1, -1
        self.transitions.append(turn.transition)
        return turn.dest, turn.move, len(self.transitions) - 1

    def _changing(self) -> Visits:
        """The changes of the item, from every state."""
        space, table = self.space, self.space.compiled.table
        pairs = [space.compiled.pair[space.phase[status], item] for status, item in self.states]
        state, cells = spread(table.cells, np.array(pairs, np.int32))
        at = self._chosen[table.response[cells]]
        after = table.after[at]
        after = np.where(after < 0, state, self._number[self._place[state, 0], after])
        return Visits(state, table.what[cells], table.part[at], after, np.full(len(cells), -1, np.int32))

    def _nearest_first(self, visits: Visits) -> dict[State, tuple[State, Event] | None]:
        """The states in the order in which they are come to, each with how."""
        leads = np.flatnonzero(visits.state != visits.after)
        some = leads[distinct(np.stack([visits.state[leads], visits.after[leads]], axis=1))[0]]
        onwards: list[list[tuple[int, int]]] = [[] for _ in self.states]
        columns = (column[some].tolist() for column in (visits.state, visits.event, visits.after))
        for state, event, after in zip(*columns, strict=True):
            onwards[state].append((event, after))
        waiting = [int(self._number[self.space.statuses.index(status), 0]) for status in statuses(self.model)]
        came: dict[int, tuple[State, Event] | None] = dict.fromkeys(waiting)
        for state in waiting:  # grows while we walk
            for event, after in onwards[state]:
                if after not in came:
                    came[after] = self.states[state], self.space.events[event]
                    waiting.append(after)
        return {self.states[state]: before for state, before in came.items()}

    def walk(self) -> Iterator[MemberVisit]:
        """Every step from every state, in the order of how many steps it takes to come there."""
        return map(self.visit, range(len(self.visits.state)))

    def visit(self, number: int) -> MemberVisit:
        """One of the visits."""
        state, event, part, after, transition = (int(column[number]) for column in self.visits)
        moved = self.transitions[transition] if transition >= 0 else None
        return MemberVisit(self.states[state], event, part, self.states[after], moved)

    def path(self, state: State) -> tuple[str, list[Event]]:
        """The shortest way to a state that was come to: the status to begin in, and the events."""
        start, events = way_back(self.came, state)
        return self.space.statuses[start[0]], events
