"""What the same events come to under all combinations of readings, as the engine has it: for rules of any kind.

Two combinations do the same where all rows that decide under one of them are there under the other, since one row of a
table decides. So each way that a step can go is simulated once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.policy.policy import Row
from simsync.statespace.combinations import Variants
from simsync.statespace.differences import seen


class ReadRun(NamedTuple):
    """What the events so far come to under some combinations, as bits: the world, and the outcome of each event.

    The outcomes are those of one of the combinations. Under the others only the wording of a refusal may differ: it
    names what else would be possible.
    """

    bits: int
    world: World
    outcomes: tuple[Outcome, ...]


class EveryWay:
    """Simulates traces under all of some combinations; readings that are not among them are as the model has them."""

    def __init__(self, model: Model, among: Variants) -> None:
        self._model, self.among = model, among
        self._there: dict[str, int] = {}

    def courses(self, trace: Trace) -> list[ReadRun]:
        """All combinations, parted by what is seen of a trace or lies behind it."""
        found = [ReadRun(self.among.everything, World(trace.status), ())]
        for event in trace.events:
            parted: dict[Hashable, ReadRun] = {}
            for number, one in enumerate(found):
                for bits, outcome in self.ways(one.bits, one.world, event):
                    key = number, outcome.after, observed(outcome)
                    known = parted.get(key)
                    outcomes = known.outcomes if known else (*one.outcomes, outcome)
                    parted[key] = ReadRun(bits | (known.bits if known else 0), outcome.after, outcomes)
            found = list(parted.values())
        return found

    def ways(self, bits: int, world: World, event: Event) -> Iterator[tuple[int, Outcome]]:
        """What an event does in a world under some combinations, each time with those under which it does just that."""
        left = bits
        while left:
            number = next(self.among.members(left))
            outcome = step(self._model.under(self.among.readings_of(number)), world, event)
            alike = (1 << number) if outcome.defects else left & self._alike(outcome)
            yield alike, outcome
            left &= ~alike

    def _alike(self, outcome: Outcome) -> int:
        """The combinations under which a step does the same: all that decided it is there, and as it is."""
        factory, model = outcome.model.factory, outcome.model
        triggers = [outcome.event.action]
        names = set(model.policy.fixed)
        bits = self.among.everything
        for hit in outcome.hits:
            then = hit.row.then
            triggers += [link for link in (then.link, then.create and then.create.link) if isinstance(link, str)]
            names.update(factory.moving[model.policy.status.name] if then.move else ())
            if hit.row.id not in self._there:
                self._there[hit.row.id] = self._under(self._declared[hit.row.id])
            bits &= self._there[hit.row.id]
        names.update(name for trigger in triggers for name in factory.readings_by_trigger.get(trigger, ()))
        return bits & self._with_the_same(names, outcome)

    def _with_the_same(self, names: Iterable[str], outcome: Outcome) -> int:
        bits = self.among.everything
        for name in names:
            if name in self.among.options:
                bits &= self.among.with_option(name, outcome.model.readings[name])
        return bits

    def _under(self, row: Row) -> int:
        """The combinations under which a row is there, all else being as the model has it."""
        bits = self.among.everything
        for reading in self._model.policy.readings.values():
            if reading.name not in self.among.options:
                continue
            for option in reading.options.values():
                if row.id in option.replace:
                    bits &= ~self.among.with_option(reading.name, option.name)
            if (row.reading or "").partition("=")[0] == reading.name:
                bits &= self.among.given_by(row.reading)
            for _, values in (one for one in row.when if one[0] == reading.name):
                bits &= sum(self.among.with_option(reading.name, str(option)) for option in values)
        return bits

    @cached_property
    def _declared(self) -> dict[str, Row]:
        return {row.id: row for row in self._model.policy.rows}


def observed(outcome: Outcome) -> Hashable:
    """What is seen of a step, as a key."""
    shown = seen(outcome)
    tickets = tuple(
        (partner, tuple((name, tuple(view.items())) for name, view in there.items()))
        for partner, there in shown.tickets.items()
    )
    return shown.refused, shown.undecided, shown.status, tickets, shown.notified
