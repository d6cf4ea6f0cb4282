"""What a step does under every combination of readings, in worlds of any number of items.

A policy whose readings are not chosen yet is a family of models, which agree nearly everywhere. So each step is looked
at once for all that agree in it; a set of combinations is the bits of an integer. What one item can come to is compiled
in `space`; this is for what it does not have: several items, and variants of the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from simsync.engine.deciding import announce, decide
from simsync.engine.decision import Decision
from simsync.engine.facts import Facts, Situation, holds
from simsync.engine.model import Model
from simsync.engine.step import situation_of, target
from simsync.engine.world import Event, World
from simsync.policy.facts import NO_CHANGE
from simsync.policy.policy import Decides, MachineSpec, Policy, Row, Table, Transition, Value, When
from simsync.statespace.combinations import Combinations
from simsync.statespace.places import Sketch

Part = tuple[int, Decision | None]
"""Some combinations, and what the tables say of the item under them."""


class Family:
    """Takes steps for all combinations of readings at once, each with the engine, in worlds of any number of items.

    ``scope``: the combinations looked at, by default all.
    """

    def __init__(self, model: Model, combinations: Combinations | None = None, scope: int | None = None) -> None:
        """``combinations`` are those of the model's policy, for families whose readings are the same."""
        self.model = model
        self.combinations = combinations or Combinations(model.policy)
        self.scope = self.combinations.everything if scope is None else scope
        self.sketch = Sketch(model)
        self._exchanges = _Exchanges(model.policy)
        self._decided: dict[Situation, tuple[tuple[int, Decision], ...]] = {}
        self._announced: dict[tuple[str, str, str, str, bool], tuple[int, ...]] = {}
        self._fired: dict[tuple[str, str, str], tuple[int, ...]] = {}
        self._models: dict[int, Model] = {}

    def statuses(self) -> dict[str, int]:
        """The statuses in which a scenario can begin, with the combinations for which each can be reached."""
        spec = self.model.policy.status
        reached = {spec.initial: self.scope}
        waiting = [spec.initial]
        for status in waiting:  # grows while we walk
            for transition in self.model.policy.transitions(spec):
                new = reached[status] & self.combinations.given_by(transition.reading)
                if status in transition.source and new & ~reached.get(transition.dest, 0):
                    reached[transition.dest] = reached.get(transition.dest, 0) | new
                    waiting.append(transition.dest)
        return reached

    def model_of(self, bits: int) -> Model:
        """The model of a set's first combination, which stands for all of the set."""
        index = (bits & -bits).bit_length() - 1
        found = self._models.get(index)
        if found is None:
            found = self._models[index] = self.model.workshop.model(self.combinations.readings_of(index))
        return found

    def parts(self, world: World, event: Event) -> list[Part]:
        """A partition of the combinations looked at in whose parts a step is the same."""
        if event.item is None:
            return list(self._status_parts(world, event))
        found = target(self.model, world, event)
        if found is None:
            return [(self.scope, None)]
        _, situation = found
        parts: list[Part] = []
        for bits, decision in self._decisions(situation):
            if decision.refused is not None:
                parts.append((bits, decision))
                continue
            notices = self._with_notices(bits, decision.synced, event, situation.phase, situation.phase, event.action)
            parts += [(part, decision) for part in notices]
        return parts

    def _status_parts(self, world: World, event: Event) -> Iterator[Part]:
        for bits in self._status_moves(world.status, event):
            moved = self.model_of(bits).status.fire(world.status, event.action, {"actor": event.actor})
            if moved is None:
                yield bits, None
                continue
            phase, next_phase = self.model.phase(world.status), self.model.phase(moved.dest)
            fates: list[tuple[int, bool, Decision | None]] = [(bits, False, None)]
            for item in world.items.values():
                decided = self._decisions(situation_of(self.model, item, event, phase, next_phase))
                fates = [
                    (some & part, synced or decision.synced, decision)
                    for some, synced, _ in fates
                    for part, decision in decided
                    if some & part
                ]
            for some, synced, last in fates:
                for part in self._with_notices(some, synced, event, phase, next_phase, NO_CHANGE):
                    yield part, last

    def _with_notices(
        self, bits: int, synced: bool, event: Event, phase: str, next_phase: str, change: str
    ) -> Iterator[int]:
        key = (event.actor, change, phase, next_phase, synced)
        found = self._announced.get(key)
        if found is None:
            facts: Facts = dict(zip(("actor", "change", "phase", "next phase", "synced"), key, strict=True))
            concerned = _concerned(self._exchanges.for_a_step, facts)
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

    def _decisions(self, situation: Situation) -> tuple[tuple[int, Decision], ...]:
        """What each combination decides in a situation; parts that know other facts in the end stay apart."""
        found = self._decided.get(situation)
        if found is None:

            def concerned(model: Model) -> Iterable[str]:
                return self._concerned(situation, decide(model, situation))

            def result(model: Model) -> object:
                decision = decide(model, situation)
                return decision, decision.facts

            parts = self._split(concerned, result)
            found = self._decided[situation] = tuple((bits, decide(self.model_of(bits), situation)) for bits in parts)
        return found

    def _concerned(self, situation: Situation, decision: Decision) -> Iterator[str]:
        """The readings of which another option could make this another decision, as far as it was taken."""
        asked = self._exchanges.permits if decision.refused is not None else self._exchanges.for_an_item
        yield from _concerned(asked, decision.facts)
        if decision.then and decision.then.link:
            yield from self._exchanges.moving(self.model.policy.link, decision.then.link, situation.link)

    def _split(self, concerned: Callable[[Model], Iterable[str]], result: Callable[[Model], object]) -> tuple[int, ...]:
        """A decision tree: branch where a reading is concerned, until none is; parts with equal results joined."""
        found: list[tuple[object, int]] = []
        waiting: list[tuple[int, frozenset[str]]] = [(self.scope, frozenset())]
        while waiting:
            bits, settled = waiting.pop()
            model = self.model_of(bits)
            reading = next((name for name in concerned(model) if name not in settled), None)
            if reading is not None:
                options = self.combinations.options[reading]
                parts = [bits & self.combinations.with_option(reading, option) for option in options]
                waiting += [(part, settled | {reading}) for part in parts if part]
                continue
            made = result(model)
            same = next((n for n, (other, _) in enumerate(found) if other == made), None)
            if same is None:
                found.append((made, bits))
            else:
                found[same] = made, found[same][1] | bits
        return tuple(bits for _, bits in found)


class _Exchanges:
    """What readings exchange: rows of tables, and transitions of machines."""

    def __init__(self, policy: Policy) -> None:
        own = {row.id: row for table in policy.tables.values() for row in table.rows}
        self._policy = policy
        self._transitions: dict[str, list[tuple[str, Transition]]] = {policy.status.name: [], policy.link.name: []}
        self._rows: dict[tuple[str, str], Row] = {}
        for reading in policy.readings.values():
            for option in reading.options.values():
                self._rows |= {(reading.name, r.id): r for r in (*(own[n] for n in option.replace), *option.rows)}
                for machine, added in option.transitions.items():
                    self._transitions[machine] += [(reading.name, transition) for transition in added]
        self.permits = self._in(lambda table: table.decides is Decides.PERMISSION)
        self.for_a_step = self._in(_once_a_step)
        self.for_an_item = self._in(lambda table: not _once_a_step(table))

    def _in(self, asked: Callable[[Table], bool]) -> list[Exchanged]:
        tables = self._policy.tables
        return [
            Exchanged(reading, row.when, tables[row.table].scope)
            for (reading, _), row in self._rows.items()
            if asked(tables[row.table])
        ]

    def moving(self, machine: MachineSpec, trigger: str, state: str) -> list[str]:
        """The readings that add a transition for a trigger in a state."""
        return [reading for reading, t in self._transitions[machine.name] if t.trigger == trigger and state in t.source]


class Exchanged(NamedTuple):
    """A row that a reading's option gives or takes away, and where its table is asked."""

    reading: str
    when: When
    scope: When


def _once_a_step(table: Table) -> bool:
    return table.decides is Decides.NOTIFICATION and table.once == "step"


def _concerned(rows: list[Exchanged], facts: Mapping[str, Value | None]) -> list[str]:
    """The readings that exchange a row which matches."""
    return [one.reading for one in rows if holds(one.when, facts) and holds(one.scope, facts)]
