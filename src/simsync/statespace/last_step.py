"""Questions about the last step of a way: who acted, what the action did, and who was told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.engine.world import Event
from simsync.errors import Code, usage_error
from simsync.policy.facts import CHANGES, domain_of
from simsync.policy.policy import Policy, Value, When
from simsync.statespace.properties import Exploration, State
from simsync.statespace.transition_table import REFUSED, Flags, TransitionTable

NOBODY = "nobody"
STEP_FACTS: Mapping[str, str] = {
    "actor": "who does the last step",
    "action": "what the last step is",
    "refused": "whether the last step is refused",
    "synced": "whether a change reaches the other {ticket} in the last step",
    "told": "who is told of the last step, perhaps among others",
}
"""What can be asked of the last step; a fact of the same name that a policy declares comes first."""


class StepTaken(NamedTuple):
    """A step from some state: the state after, which is the same if it is refused, and who is told."""

    event: Event
    after: State
    refused: bool
    synced: bool
    told: tuple[str, ...]


def step_domain(policy: Policy) -> dict[str, tuple[Value, ...]]:
    """Every fact of the last step with the values it can have."""
    triggers = dict.fromkeys(one.trigger for one in policy.transitions(policy.status))
    recipients = tuple(policy.vocabulary.recipients)
    found: dict[str, tuple[Value, ...]] = {
        "actor": policy.vocabulary.acting,
        "action": (*CHANGES, *triggers),
        "refused": (False, True),
        "synced": (False, True),
        "told": (*recipients, NOBODY) if recipients else (),
    }
    taken = domain_of(policy)
    return {fact: values for fact, values in found.items() if values and fact not in taken}


def shortest_to(table: TransitionTable, last: When, goal: Flags) -> Trace | None:
    """The shortest way of one item to one of some states by a step of which a condition holds; None if there is none.

    Raises :class:`SimsyncError` where the engine has none of the ways come out so: it depends on what free texts say.
    """
    one, unsure = Exploration(table), 0
    for state in one.came:
        for taken in steps_from(table, state):
            if goal[taken.after] and _meets(taken, last):
                trace = one.trace(state, taken.event)
                if _meets(_taken(simulate(table.model, trace)[-1], taken.after), last):
                    return trace
                unsure += 1
    if unsure:
        message = "whether there is a way depends on what free texts say, so that it cannot be told"
        raise usage_error("QUERY", message, code=Code.USAGE)
    return None


def _taken(outcome: Outcome, after: State) -> StepTaken:
    """A step as the engine took it."""
    return StepTaken(outcome.event, after, outcome.refused is not None, outcome.synced, outcome.notified)


def _meets(taken: StepTaken, last: When) -> bool:
    return all(_holds(taken, fact, values) for fact, values in last)


def _holds(taken: StepTaken, fact: str, values: tuple[Value, ...]) -> bool:
    if fact == "told":
        return any(value in taken.told or (value == NOBODY and not taken.told) for value in values)
    known: Mapping[str, Value] = {
        "actor": taken.event.actor,
        "action": taken.event.action,
        "refused": taken.refused,
        "synced": taken.synced,
    }
    return known[fact] in values


def steps_from(table: TransitionTable, state: State) -> Iterator[StepTaken]:
    """Every step in a state that makes sense there and that the rules decide."""
    s, i = state
    p = int(table.phase[s])
    for a in np.flatnonzero((table.next[p, i] >= 0) | (table.next[p, i] == REFUSED)):
        after, event = int(table.next[p, i, a]), table.events[int(a)]
        if after == REFUSED:
            yield StepTaken(event, state, True, False, ())
        else:
            seen = table.outcomes[int(table.told[p, i, a])]
            yield StepTaken(event, (s, after), False, seen.synced, seen.notified)
    for b, event in enumerate(table.actions):
        if table.status[s, b] == REFUSED:
            yield StepTaken(event, state, True, False, ())
            continue
        m = int(table.move[s, b])
        if table.moved[m, i] >= 0:
            seen = table.outcomes[int(table.fate[m, i])]
            synced = bool(seen.synced or table.moves[m].follows) if i else bool(table.moves[m].follows)
            told = (*table.announced[m][int(seen.synced and i > 0)], *(seen.notified if i else ()))
            yield StepTaken(event, (int(table.status[s, b]), int(table.moved[m, i])), False, synced, told)
