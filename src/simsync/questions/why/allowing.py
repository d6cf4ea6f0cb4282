"""By which reading an action is refused: another option of which alone would have it done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate


@dataclass(frozen=True, slots=True)
class Allowing:
    """An option of a reading under which alone the action is done, and its outcome then.

    ``given`` says that the scenario itself chooses another option.
    """

    reading: str
    now: str
    option: str
    outcome: Outcome
    given: bool


def allowing(model: Model, trace: Trace) -> Iterator[Allowing]:
    """Each option of one reading by which the last event of a trace is not refused, the events before it done anew."""
    under = model.under(trace.readings)
    for reading in model.policy.readings.values():
        now = under.readings[reading.name]
        for option in reading.options:
            if option == now:
                continue
            readings = {**trace.readings, reading.name: option}
            outcome = simulate(model, Trace(status=trace.status, readings=readings, events=trace.events))[-1]
            if outcome.refused is None and not outcome.defects:
                yield Allowing(reading.name, now, option, outcome, reading.name in trace.readings)
