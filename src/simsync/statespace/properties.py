"""Every state that one item can come to, breadth first, and what the policy's properties make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.policy.policy import Claim, Property, When
from simsync.statespace.abstraction import with_texts
from simsync.statespace.transition_table import UNDECIDED, Flags, TransitionTable

State = tuple[int, int]
"""A status and an item state, as a transition table numbers them."""


class Verdict(StrEnum):
    """What came of looking for a counterexample; *incomplete* means that not every state was visited."""

    HOLDS = "holds"
    VIOLATED = "violated"
    INCOMPLETE = "incomplete"


def trace_of(model: Model, status: str, events: Iterable[tuple[int, Event]]) -> Trace:
    """A trace of several items, given each event with its item's number; they are called N1, N2 and so on.

    Numbers go by the order in which items are created; -1 stands for the status.
    """
    names: dict[int, str] = {}
    named = [
        event if number < 0 else replace(event, item=names.setdefault(number, f"N{len(names) + 1}"))
        for number, event in events
    ]
    return Trace(status=status, events=with_texts(model, named))


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedProperty:
    """A property's verdict with its counterexamples, shortest first; ``any_number``: it stands for that many items."""

    claim: Property
    verdict: Verdict
    traces: tuple[Trace, ...] = ()
    any_number: bool = False


class Exploration:
    """All states of one item up to some ``depth``, from empty tickets in every status.

    ``states``, ``transitions``, ``depth`` are counts; a transition is a step that is not refused, also one that changes
    nothing. ``complete``: nothing lies deeper.
    """

    def __init__(self, table: TransitionTable, depth: int | None = None) -> None:
        self.table = table
        self.came: dict[State, tuple[State, Event] | None] = {(s, 0): None for s in range(len(table.statuses))}
        self.after: dict[State, list[State]] = {}
        self.breaks: list[tuple[int, State, Event]] = []
        self.undecided: tuple[State, Event] | None = None
        self.transitions = 0
        self.complete = True
        far = dict.fromkeys(self.came, 0)
        for state in (waiting := list(self.came)):  # grows while we walk
            if far[state] == depth:
                self.complete = False
                continue
            self.after[state] = []
            for event, after, broken in self._steps(state):
                if after[1] == UNDECIDED:
                    self.undecided = self.undecided or (state, event)
                    continue
                self.transitions += 1
                self.after[state].append(after)
                self.breaks += [(k, state, event) for k in table.breaches[broken]]
                if after not in self.came:
                    self.came[after], far[after] = (state, event), far[state] + 1
                    waiting.append(after)
        self.states, self.depth = len(waiting), max(far.values())

    def _steps(self, state: State) -> Iterable[tuple[Event, State, int]]:
        """The steps that are not refused, each with the state after and the number of its breach."""
        t, (s, i) = self.table, state
        p = t.phase[s]
        for a in np.flatnonzero((t.next[p, i] >= 0) | (t.next[p, i] == UNDECIDED)):
            yield t.events[a], (s, int(t.next[p, i, a])), int(t.broken[p, i, a])
        for b in np.flatnonzero(t.status[s] >= 0):
            m = t.move[s, b]
            yield t.actions[b], (int(t.status[s, b]), int(t.moved[m, i])), int(t.broken_move[m, i])

    def trace(self, state: State, *last: Event) -> Trace:
        """A shortest way to a state, and on from there."""
        events: list[Event] = []
        while (before := self.came[state]) is not None:
            state, event = before
            events.append(event)
        return Trace(status=self.table.statuses[state[0]], events=with_texts(self.table.model, (*events[::-1], *last)))

    def defect(self) -> Trace | None:
        """The shortest way to a step that the rules leave open, if there is one."""
        return None if self.undecided is None else self.trace(self.undecided[0], self.undecided[1])

    def judge(self, claim: Property, several: int = 1) -> JudgedProperty:
        """Whether a property holds in every state and on every step of one item.

        With up to ``several`` different counterexamples: no two end in the same action on the same kind of item.
        """
        violations = self._steps_against(claim) if claim.claim is Claim.NEVER else self._states_against(claim)
        traces = tuple(trace for trace, _ in zip(self._different(violations), range(several), strict=False))
        wrong = bool(traces)
        if claim.claim is Claim.CAN:
            wrong = self.complete and not bool(self._among(self.table.states(claim.what)).any())
            undecided = not self.complete and not bool(self._among(self.table.states(claim.what)).any())
        else:
            undecided = not self.complete
        verdict = Verdict.VIOLATED if wrong else Verdict.INCOMPLETE if undecided else Verdict.HOLDS
        return JudgedProperty(claim=claim, verdict=verdict, traces=traces)

    def _steps_against(self, claim: Property) -> Iterator[tuple[State, tuple[Event, ...]]]:
        k = self.table.model.never.index(claim)
        return ((state, (event,)) for one, state, event in self.breaks if one == k)

    def _states_against(self, claim: Property) -> Iterator[tuple[State, tuple[Event, ...]]]:
        there = self.table.states(claim.what)
        if claim.claim is Claim.CAN or (claim.claim is not Claim.NO_STATE and not self.complete):
            return
        wrong = there if claim.claim is Claim.NO_STATE else self._lost(claim, there)
        yield from ((state, ()) for state in self.came if wrong[state])

    def _different(self, violations: Iterable[tuple[State, tuple[Event, ...]]]) -> Iterator[Trace]:
        """Ways to violations, without those that differ from an earlier one in their fields and flags only."""
        told: set[tuple[object, ...]] = set()
        for state, last in violations:
            trace = self.trace(state, *last)
            shape = self.table.item_states[state[1]]
            end = trace.events[-1:]
            sort = (*((e.actor, e.action) for e in end), shape and (shape.owner, shape.kind))
            if sort not in told:
                told.add(sort)
                yield trace

    def _among(self, flags: Flags) -> Flags:
        """The flags of the states that were visited."""
        visited = np.zeros_like(flags)
        visited[tuple(np.array(list(self.came)).T)] = True
        return flags & visited

    def _lost(self, claim: Property, there: Flags) -> Flags:
        """The states a claim speaks of from which it cannot be come to or, of *eventually*, need not be."""
        lost = ~self._leading(there, np.ones_like(there))
        if claim.claim is Claim.EVENTUALLY:
            lost = self._leading(lost, ~there)
        return lost & self.table.states(claim.start) if claim.start else lost

    def _leading(self, goal: Flags, through: Flags) -> Flags:
        """The states from which a way leads to the goal, by such states only."""
        found, grew = goal.copy(), True
        while grew:
            grew = False
            for state in reversed(self.after):
                if not found[state] and through[state] and any(found[after] for after in self.after[state]):
                    found[state] = grew = True
        return found


def _breaches_of(table: TransitionTable, claim: Property) -> Flags:
    """Which breaches a *never* property is among, by their numbers."""
    k = table.model.never.index(claim)
    return np.array([k in breach for breach in table.breaches], np.bool_)


def breaking(table: TransitionTable, claim: Property) -> Flags:
    """The states [S, I] in which a step of an item breaks a *never* property."""
    breaks = _breaches_of(table, claim)
    found = np.zeros_like(table.reached)
    for s in range(len(table.statuses)):
        found[s] = breaks[table.broken[table.phase[s]]].any(axis=1)
        for b in np.flatnonzero(table.status[s] >= 0):
            found[s] |= breaks[table.broken_move[table.move[s, b]]]
    return found & table.reached


def breaking_event(
    table: TransitionTable, claim: Property, status: int, items: tuple[int, ...]
) -> tuple[int, Event] | None:
    """A step that breaks a *never* property there, with its item's number, or -1 for a status action."""
    breaks = _breaches_of(table, claim)
    for number, i in enumerate(items):
        for a in np.flatnonzero(breaks[table.broken[table.phase[status], i]]):
            return number, table.events[int(a)]
        for b in np.flatnonzero(table.status[status] >= 0):
            if breaks[table.broken_move[table.move[status, b], i]]:
                return -1, table.actions[int(b)]
    return None


def condition(table: TransitionTable, what: When) -> Flags:
    """The reachable states [S, I] in which a condition on an item at rest holds."""
    return table.states(what) & table.reached
