"""Delta debugging on traces: the smallest one that still fails, for any notion of failing.

After A. Zeller and R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002), with what is known of runs:
what is done to an item goes with its creation, the beginning can be moved to a later status, fields can be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import combinations

from simsync.engine.actions import Action, Created, Grammar
from simsync.engine.model import ModelFactory
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.policy.facts import CREATE

PAIRS_UP_TO = 40
"""The number of events up to which every two are tried to be left out together."""


class Shrinker:
    """Makes traces smaller. ``fails`` is asked of traces that make sense only, and of none twice.

    ``later`` gives traces that come to the same, and begin nearer to the end; those that leave out most come first.
    ``pairs_up_to`` is the number of events up to which every two are tried to be left out together.
    """

    def __init__(
        self,
        factory: ModelFactory,
        fails: Callable[[Trace], bool],
        later: Callable[[Trace], Iterable[Trace]],
        pairs_up_to: int = PAIRS_UP_TO,
    ) -> None:
        self._grammar = Grammar(factory)
        self._fails, self._later, self._pairs_up_to = fails, later, pairs_up_to
        self._known: dict[Trace, bool] = {}

    @property
    def tries(self) -> int:
        """How many different traces were tried."""
        return len(self._known)

    def shrink(self, trace: Trace) -> Trace:
        """The smallest trace found that fails, starting from one that does.

        No event, no two events of a short trace, no item and no field can be left out of it, nor a beginning moved, so
        that what remains still fails. Raises ValueError where the trace to start from does not fail.
        """
        if not self._fails(trace):
            raise ValueError("this trace does not fail, so that there is nothing to shrink")
        self._known[trace] = True
        while True:
            before = trace
            trace = self._first(self._later(trace)) or trace
            trace = self._with_fewer_fields(self._with_fewer_events(trace))
            if trace == before:
                fewer = self._first(self._without_pairs(trace))
                if fewer is None:
                    return trace
                trace = fewer

    def fails(self, trace: Trace) -> bool:
        """Whether a trace makes sense and fails."""
        if trace not in self._known and self.makes_sense(trace):
            self._known[trace] = self._fails(trace)
        return self._known.get(trace, False)

    def makes_sense(self, trace: Trace) -> bool:
        """Whether every event could stand where it does in a scenario, whatever comes of it."""
        created = Created()
        for event in trace.events:
            action = Action(event.action, event.kind, event.item)
            if any(self._grammar.misuses(action, event.actor, created, event.fields)):
                return False
            if event.action == CREATE and event.item is not None:
                created[event.item] = event.actor, event.kind
        return bool(trace.events)

    def _first(self, traces: Iterable[Trace]) -> Trace | None:
        return next(filter(self.fails, traces), None)

    def _with_fewer_events(self, trace: Trace) -> Trace:
        """Without as many stretches of events as can go, halves first, then ever smaller ones (ddmin)."""
        size = max(1, len(trace.events) // 2)
        while size >= 1:
            start = 0
            while start < len(trace.events):
                less = replace(trace, events=_sensible((*trace.events[:start], *trace.events[start + size :])))
                if self.fails(less):
                    trace = less
                else:
                    start += size
            size //= 2
        return trace

    def _with_fewer_fields(self, trace: Trace) -> Trace:
        """Without as many fields as can go; texts come last."""
        for number, event in enumerate(trace.events):
            for name in sorted(event.fields, key=lambda one: isinstance(event.fields[one], str)):
                present = trace.events[number]
                less = replace(present, fields={key: value for key, value in present.fields.items() if key != name})
                fewer = replace(trace, events=(*trace.events[:number], less, *trace.events[number + 1 :]))
                trace = fewer if self.fails(fewer) else trace
        return trace

    def _without_pairs(self, trace: Trace) -> Iterator[Trace]:
        if len(trace.events) <= self._pairs_up_to:
            for left_out in combinations(range(len(trace.events)), 2):
                yield replace(trace, events=_sensible(e for n, e in enumerate(trace.events) if n not in left_out))


def _sensible(events: Iterable[Event]) -> tuple[Event, ...]:
    """The events without those that name an item which none before them creates."""
    created: set[str | None] = {None}
    kept: list[Event] = []
    for event in events:
        if event.action == CREATE and event.item is not None:
            created.add(event.item)
        if event.item in created:
            kept.append(event)
    return tuple(kept)
