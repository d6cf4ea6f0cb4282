"""Every state that one item can come to, breadth first, and what the policy's properties make of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simsync.analysis.life import with_texts
from simsync.analysis.tabulate import UNDECIDED, Flags, Tabulation
from simsync.model.policy import Claim, Property, When
from simsync.model.world import Event

State = tuple[int, int]
"""A status and an item state, as a tabulation numbers them."""


class Verdict(StrEnum):
    """What came of looking for a counterexample in every state."""

    HOLDS = "holds"
    VIOLATED = "violated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A property's verdict; ``events`` lead from ``status`` to the counterexample, if there is one to show."""

    claim: Property
    verdict: Verdict
    status: str | None = None
    events: tuple[Event, ...] = ()


class Exploration:
    """All states of one item, from empty tickets in every status: ``states``, ``transitions``, ``depth`` are counts.

    A transition is a step that is not refused, also one that changes nothing.
    """

    def __init__(self, table: Tabulation) -> None:
        self.table = table
        self.came: dict[State, tuple[State, Event] | None] = {(s, 0): None for s in range(len(table.statuses))}
        self.after: dict[State, list[State]] = {}
        self.breaks: list[tuple[int, State, Event]] = []
        self.undecided: tuple[State, Event] | None = None
        self.transitions = 0
        far = dict.fromkeys(self.came, 0)
        for state in (waiting := list(self.came)):  # grows while we walk
            self.after[state] = []
            for event, after, broken in self._steps(state):
                if after[1] == UNDECIDED:
                    self.undecided = self.undecided or (state, event)
                    continue
                self.transitions += 1
                self.after[state].append(after)
                self.breaks += [(k, state, event) for k in range(broken.bit_length()) if broken >> k & 1]
                if after not in self.came:
                    self.came[after], far[after] = (state, event), far[state] + 1
                    waiting.append(after)
        self.states, self.depth = len(waiting), max(far.values())

    def _steps(self, state: State) -> Iterable[tuple[Event, State, int]]:
        """The steps that are not refused, each with the state after and the bits of the properties that it breaks."""
        t, (s, i) = self.table, state
        p = t.phase[s]
        for a in np.flatnonzero((t.next[p, i] >= 0) | (t.next[p, i] == UNDECIDED)):
            yield t.events[a], (s, int(t.next[p, i, a])), int(t.broken[p, i, a])
        for b in np.flatnonzero(t.status[s] >= 0):
            m = t.move[s, b]
            yield t.actions[b], (int(t.status[s, b]), int(t.moved[m, i])), int(t.broken_move[m, i])

    def path(self, state: State) -> tuple[str, list[Event]]:
        """A shortest way to a state: the status to begin in, and the events."""
        events: list[Event] = []
        while (before := self.came[state]) is not None:
            state, event = before
            events.append(event)
        return self.table.statuses[state[0]], events[::-1]

    def first(self, found: Flags) -> State | None:
        """The state nearest to a beginning among those flagged, [S, I]."""
        return next((state for state in self.came if found[state]), None)

    def find(self, what: When) -> State | None:
        """The nearest state in which a condition on an item at rest holds."""
        return self.first(self.table.states(what))

    def judge(self, claim: Property) -> Judged:
        """Whether a property holds in every state and on every step of one item."""
        if claim.claim is Claim.NEVER:
            k = self.table.model.never.index(claim)
            broken = next(((state, event) for one, state, event in self.breaks if one == k), None)
            return self._violated(claim, *broken) if broken else Judged(claim=claim, verdict=Verdict.HOLDS)
        there = self.table.states(claim.what)
        if claim.claim is Claim.CAN:
            held = self.first(there) is not None
            return Judged(claim=claim, verdict=Verdict.HOLDS if held else Verdict.VIOLATED)
        wrong = there if claim.claim is Claim.NO_STATE else self._lost(claim, there)
        state = self.first(wrong & self.table.reached)
        return Judged(claim=claim, verdict=Verdict.HOLDS) if state is None else self._violated(claim, state)

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

    def _violated(self, claim: Property, state: State, *last: Event) -> Judged:
        status, events = self.path(state)
        return Judged(
            claim=claim,
            verdict=Verdict.VIOLATED,
            status=status,
            events=with_texts(self.table.model, (*events, *last)),
        )
