"""What a step depends on: the facts that the deciding rows test, and the readings, also by what was done before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.policy.facts import LATE
from simsync.policy.policy import Decides, Value
from simsync.statespace.differences import Observable, Seen, what_is_seen

_THE_ACTION = ("actor", "change", "original")
"""Facts that say no more than the action itself."""
_REFUSING = ("ticket", "shown")
"""Facts that go without saying unless they stand against the action."""


def facts_tested(outcome: Outcome) -> dict[str, list[Value | None]]:
    """The facts that the deciding rows test, with their values there, one after the other where items differ.

    What a table finds out is no fact of its own: what that table tests stands for it.
    """
    model, found = outcome.model, dict[str, list[Value | None]]()
    left_out = {*LATE, *_THE_ACTION, *(() if outcome.refused is not None else _REFUSING)}
    left_out |= {t.name for t in model.policy.tables.values() if t.decides is Decides.FACT}
    for hit in outcome.hits:
        actual = dict(hit.actual)
        for fact, allowed in (*hit.row.when, *model.tables[hit.table].table.scope):
            if fact in left_out or (fact not in actual and len(allowed) > 1):
                continue
            value = actual.get(fact, allowed[0])
            if value not in found.setdefault(fact, []):
                found[fact].append(value)
    return found


def readings_before(model: Model, trace: Trace) -> Iterator[str]:
    """The readings on which what is seen of the last event depends by what was done before it, one by one."""
    under = model.under(trace.readings)
    here = simulate(under, trace)[-1]
    behind, seen = readings_behind(here), _seen_of_it(here)
    for reading in model.policy.readings.values():
        others = (option for option in reading.options if option != under.readings[reading.name])
        if reading.name not in behind and any(
            _seen_of_it(simulate(model, _under(trace, {reading.name: option}))[-1]) != seen for option in others
        ):
            yield reading.name


def _under(trace: Trace, readings: Mapping[str, str]) -> Trace:
    return Trace(status=trace.status, readings={**trace.readings, **readings}, events=trace.events)


def _seen_of_it(outcome: Outcome) -> dict[Observable, Seen]:
    """What is seen of a step, but not what tickets show of items that it is not about."""
    item = outcome.event.item
    return {
        look: seen
        for look, seen in what_is_seen([outcome])
        if look.what != "ticket" or item is None or look.item == item
    }
