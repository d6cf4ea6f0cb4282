"""One item's whole life under every combination of readings, in one walk.

A policy whose readings are not chosen yet is a family of models, which agree nearly everywhere. So each place and each
step carries the set of the combinations that it holds under, as the bits of an integer, and is looked at once for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import prod
from typing import NamedTuple

from simsync.analysis.life import NAME, Place, Sketch
from simsync.core.decision import announce, decide
from simsync.core.facts import NO_CHANGE, Facts, Situation, holds
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import situation_of, step, target
from simsync.errors import Code, usage_error
from simsync.model.decision import Decision
from simsync.model.policy import Decides, MachineSpec, Policy, Row, Table, Transition, Value
from simsync.model.world import Event, World

MOST = 2**16
"""Combinations walked at once; a set of so many takes 8 kB."""


class Combinations:
    """The combinations of a policy's readings, numbered; a set of them is an integer with a bit for each.

    Number 0 has every default. Raises :class:`SimsyncError` where there are more than can be walked at once.
    """

    def __init__(self, policy: Policy) -> None:
        self.options = {reading.name: tuple(reading.options) for reading in policy.readings.values()}
        self.size = prod(len(options) for options in self.options.values())
        if self.size > MOST:
            message = f"the readings have {self.size:,} combinations; at most {MOST:,} are walked through at once"
            raise usage_error("readings", message, code=Code.TOO_MANY)
        self.everything = (1 << self.size) - 1
        self._with: dict[tuple[str, str], int] = {}
        stride = 1
        for reading, options in self.options.items():
            period = stride * len(options)
            each_period = self.everything // ((1 << period) - 1)
            for number, option in enumerate(options):
                self._with[reading, option] = (((1 << stride) - 1) << (number * stride)) * each_period
            stride = period

    def with_option(self, reading: str, option: str) -> int:
        """All combinations with this option."""
        return self._with[reading, option]

    def under(self, readings: Mapping[str, str]) -> int:
        """All combinations with these options."""
        bits = self.everything
        for reading, option in readings.items():
            bits &= self._with[reading, option]
        return bits

    def given_by(self, reading: str | None) -> int:
        """Those under which a row or transition is there: ``reading=option`` contributes it, None: it always is."""
        return self.everything if reading is None else self._with[tuple(reading.split("=", 1))]  # type: ignore[index]

    def readings_of(self, index: int) -> dict[str, str]:
        """The options of one combination."""
        chosen = {}
        for reading, options in self.options.items():
            index, number = divmod(index, len(options))
            chosen[reading] = options[number]
        return chosen

    def members(self, bits: int) -> Iterator[int]:
        """The numbers of the combinations in a set, ascending."""
        while bits:
            lowest = bits & -bits
            yield lowest.bit_length() - 1
            bits ^= lowest

    def first(self, bits: int, nearest_to: Mapping[str, str]) -> dict[str, str]:
        """The member of a set that differs in the fewest readings from given ones; of several the lowest number."""
        near = {0: bits}
        for reading, option in nearest_to.items():
            same, fresh = self._with[reading, option], dict[int, int]()
            for apart, some in near.items():
                for more, part in ((apart, some & same), (apart + 1, some & ~same)):
                    if part:
                        fresh[more] = fresh.get(more, 0) | part
            near = fresh
        return self.readings_of(next(self.members(near[min(near)])))


class Branch(NamedTuple):
    """What a step does, and under which combinations. Of a refusal's sentence only the reason is sure to be theirs."""

    combos: int
    outcome: Outcome


class FamilyVisit(NamedTuple):
    """A step taken from a place by all combinations that come there and have this outcome."""

    place: Place
    event: Event
    combos: int
    outcome: Outcome


class Family:
    """Walks through every place that one item can come to under any combination of readings.

    ``came``: the combinations under which each place is reached. A place that some combinations come to later than
    others is visited again for these.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.combinations = Combinations(model.policy)
        self.came: dict[Place, int] = {}
        self.sketch = Sketch(model)
        self._before: dict[Place, list[tuple[int, Place, Event] | None]] = {}
        self._exchanges = _Exchanges(model.policy)
        self._decided: dict[Situation, tuple[int, ...]] = {}
        self._announced: dict[tuple[str, str, str, str, bool], tuple[int, ...]] = {}
        self._fired: dict[tuple[str, str, str], tuple[int, ...]] = {}
        self._models: dict[int, Model] = {}

    def branches(self, place: Place, event: Event) -> tuple[Branch, ...]:
        """All combinations, parted by what the event does at a place."""
        world = self.sketch.world(place)
        parts = self._parts(world, event)
        return tuple(Branch(bits, step(self._model(bits), world, event)) for bits in parts)

    def walk(self) -> Iterator[FamilyVisit]:
        """Every step from every place; for each combination in the order of how many steps it takes to come there."""
        front = {Place(status, None): bits for status, bits in self._statuses().items()}
        self.came = dict(front)
        self._before = {place: [] for place in front}
        while front:
            reached: dict[Place, int] = {}
            for place, new in front.items():
                for visit in self._visits(place, new):
                    yield visit
                    self._arrive(visit, reached)
            front = reached

    def _visits(self, place: Place, new: int) -> Iterator[FamilyVisit]:
        world = self.sketch.world(place)
        for event in self.sketch.events(place.shape):
            for bits in self._parts(world, event):
                if bits & new:
                    yield FamilyVisit(place, event, bits & new, step(self._model(bits), world, event))

    def _arrive(self, visit: FamilyVisit, reached: dict[Place, int]) -> None:
        if visit.outcome.after is visit.outcome.before:
            return
        after = self.sketch.place(visit.outcome.after)
        known = self.came.get(after, 0)
        fresh = visit.combos & ~known
        if fresh:
            self.came[after] = known | fresh
            reached[after] = reached.get(after, 0) | fresh
            self._before.setdefault(after, []).append((fresh, visit.place, visit.event))

    def path(self, place: Place, readings: Mapping[str, str]) -> tuple[str, list[Event]]:
        """The shortest way to a place under one combination that comes there: the status to begin in, the events."""
        one = self.combinations.under(readings)
        events: list[Event] = []
        while True:
            found = next(
                (step_before for step_before in self._before[place] if step_before and step_before[0] & one), None
            )
            if found is None:
                return place.status, events[::-1]
            _, place, event = found
            events.append(event)

    def _statuses(self) -> dict[str, int]:
        """The statuses in which a scenario can begin, with the combinations for which each can be reached."""
        spec = self.model.policy.status
        reached = {spec.initial: self.combinations.everything}
        waiting = [spec.initial]
        for status in waiting:  # grows while we walk
            for transition in self.model.policy.transitions(spec):
                new = reached[status] & self.combinations.given_by(transition.reading)
                if status in transition.source and new & ~reached.get(transition.dest, 0):
                    reached[transition.dest] = reached.get(transition.dest, 0) | new
                    waiting.append(transition.dest)
        return reached

    def _model(self, bits: int) -> Model:
        """The model of a set's first combination, which stands for all of the set."""
        index = (bits & -bits).bit_length() - 1
        found = self._models.get(index)
        if found is None:
            found = self._models[index] = self.model.workshop.model(self.combinations.readings_of(index))
        return found

    def _parts(self, world: World, event: Event) -> tuple[int, ...]:
        """A partition of all combinations in whose parts a step is the same."""
        if event.item is None:
            return self._status_parts(world, event)
        found = target(self.model, world, event)
        if found is None:
            return (self.combinations.everything,)
        _, situation = found
        parts: list[int] = []
        for bits in self._decisions(situation):
            decision = decide(self._model(bits), situation)
            parts += self._with_notices(bits, decision.synced, event, situation.phase, situation.phase, event.action)
        return tuple(parts)

    def _status_parts(self, world: World, event: Event) -> tuple[int, ...]:
        parts: list[int] = []
        for bits in self._status_moves(world.status, event):
            moved = self._model(bits).status.fire(world.status, event.action, {"actor": event.actor})
            if moved is None:
                parts.append(bits)
                continue
            phase, next_phase = self.model.phase(world.status), self.model.phase(moved.dest)
            item = world.items.get(NAME)
            if item is None:
                parts += self._with_notices(bits, False, event, phase, next_phase, NO_CHANGE)
                continue
            situation = situation_of(self.model, item, event, phase, next_phase)
            for decided in self._decisions(situation):
                if bits & decided:
                    synced = decide(self._model(decided), situation).synced
                    parts += self._with_notices(bits & decided, synced, event, phase, next_phase, NO_CHANGE)
        return tuple(parts)

    def _with_notices(
        self, bits: int, synced: bool, event: Event, phase: str, next_phase: str, change: str
    ) -> Iterator[int]:
        key = (event.actor, change, phase, next_phase, synced)
        found = self._announced.get(key)
        if found is None:
            facts: Facts = dict(zip(("actor", "change", "phase", "next phase", "synced"), key, strict=True))
            concerned = self._exchanges.concerned(facts, Exchanged.for_a_step)
            found = self._announced[key] = self._split(lambda _: concerned, lambda model: announce(model, *key))
        return (bits & part for part in found if bits & part)

    def _status_moves(self, status: str, event: Event) -> tuple[int, ...]:
        key = (status, event.action, event.actor)
        if key not in self._fired:
            concerned = self._exchanges.moving(self.model.policy.status, event.action, status)
            self._fired[key] = self._split(
                lambda _: concerned, lambda model: model.status.fire(status, event.action, {"actor": event.actor})
            )
        return self._fired[key]

    def _decisions(self, situation: Situation) -> tuple[int, ...]:
        found = self._decided.get(situation)
        if found is None:

            def concerned(model: Model) -> Iterable[str]:
                return self._concerned(situation, decide(model, situation))

            found = self._decided[situation] = self._split(concerned, lambda model: decide(model, situation))
        return found

    def _concerned(self, situation: Situation, decision: Decision) -> Iterator[str]:
        """The readings of which another option could make this another decision, as far as it was taken."""
        asked = Exchanged.permits if decision.refused is not None else Exchanged.for_an_item
        yield from self._exchanges.concerned(decision.facts, asked)
        if decision.then and decision.then.link:
            yield from self._exchanges.moving(self.model.policy.link, decision.then.link, situation.link)

    def _split(self, concerned: Callable[[Model], Iterable[str]], result: Callable[[Model], object]) -> tuple[int, ...]:
        """A decision tree: branch where a reading is concerned, until none is; parts with equal results joined."""
        found: list[tuple[object, int]] = []
        waiting: list[tuple[int, frozenset[str]]] = [(self.combinations.everything, frozenset())]
        while waiting:
            bits, settled = waiting.pop()
            model = self._model(bits)
            reading = next((name for name in concerned(model) if name not in settled), None)
            if reading is not None:
                options = self.combinations.options[reading]
                parts = [bits & self.combinations.with_option(reading, option) for option in options]
                waiting += [(part, settled | {reading}) for part in parts]
                continue
            made = result(model)
            same = next((n for n, (other, _) in enumerate(found) if other == made), None)
            if same is None:
                found.append((made, bits))
            else:
                found[same] = made, found[same][1] | bits
        return tuple(bits for _, bits in found)


class Exchanged(NamedTuple):
    """A row that a reading's option gives or takes away."""

    reading: str
    table: Table
    row: Row

    def permits(self) -> bool:
        """Whether it says who may do something."""
        return self.table.decides is Decides.PERMISSION

    def for_a_step(self) -> bool:
        """Whether it is asked once for a step, and not for each item."""
        return self.table.decides is Decides.NOTIFICATION and self.table.once == "step"

    def for_an_item(self) -> bool:
        """Whether it is asked for each item."""
        return not self.for_a_step()


class _Exchanges:
    """What readings exchange: rows of tables, and transitions of machines."""

    def __init__(self, policy: Policy) -> None:
        own = {row.id: row for table in policy.tables.values() for row in table.rows}
        self._rows: dict[tuple[str, str], Exchanged] = {}
        self._transitions: dict[str, list[tuple[str, Transition]]] = {policy.status.name: [], policy.link.name: []}
        for reading in policy.readings.values():
            for option in reading.options.values():
                for row in (*(own[name] for name in option.replace), *option.rows):
                    self._rows[reading.name, row.id] = Exchanged(reading.name, policy.tables[row.table], row)
                for machine, added in option.transitions.items():
                    self._transitions[machine] += [(reading.name, transition) for transition in added]

    def concerned(self, facts: Mapping[str, Value | None], asked: Callable[[Exchanged], bool]) -> list[str]:
        """The readings that exchange a row which matches, in the tables that are asked."""
        return [
            one.reading
            for one in self._rows.values()
            if asked(one) and holds(one.row.when, facts) and holds(one.table.scope, facts)
        ]

    def moving(self, machine: MachineSpec, trigger: str, state: str) -> list[str]:
        """The readings that add a transition for a trigger in a state."""
        return [reading for reading, t in self._transitions[machine.name] if t.trigger == trigger and state in t.source]
