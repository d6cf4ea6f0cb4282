"""What comes about at all under any combination of readings: gathered in one walk, for everything that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, groupby
from typing import NamedTuple

from simsync.engine.decision import Decision, Defect
from simsync.engine.facts import Facts, holds
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.policy.facts import CHANGES, NO_CHANGE
from simsync.policy.policy import Decides, Table
from simsync.statespace.family import Combinations, Family, FamilyVisit
from simsync.statespace.grid import STEP_FACTS, Cell, facts_of, once_a_step
from simsync.statespace.life import Place
from simsync.statespace.product import Seen, seen


class Witness(NamedTuple):
    """A step that runs into a defect, and the combinations for which none before it did so in the same way."""

    number: int
    combos: int
    place: Place
    event: Event
    defect: Defect
    facts: Facts


class Decided(NamedTuple):
    """What the tables said somewhere, and the combinations under which they came to be asked."""

    decision: Decision
    combos: int


class Alike(NamedTuple):
    """Two options of a reading that nothing has told apart so far."""

    reading: str
    one: str
    other: str


DefectKey = tuple[str, tuple[str, ...], tuple[str, ...], str | None, Cell]
"""A defect's kind, tables, rows, property; and of a hole, the values of the facts that its table looks at."""


class Reached:
    """Walks through everything that can happen to one item under any combination, and keeps what was come upon.

    ``faults`` are, for each different defect, the steps that are the first to show it for some combinations; ``rows``,
    ``fired`` (transition, source) and ``states`` what played a part, if only in a fault; ``alike`` the options that no
    step told apart from one that comes before it.
    """

    def __init__(self, model: Model, tick: Callable[[], None] = lambda: None) -> None:
        self.model = model
        self.family = Family(model)
        self.faults: dict[DefectKey, list[Witness]] = {}
        self.rows: set[str] = set()
        self.fired: set[tuple[str, str]] = set()
        self.alike = [
            Alike(reading.name, *pair) for reading in model.policy.readings.values() for pair in _pairs(reading.options)
        ]
        self._facts = {table.name: facts_of(model.policy, table) for table in model.policy.tables.values()}
        self._decisions: dict[int, Decided] = {}
        self._steps: dict[Cell, int] = {}
        for number, visits in enumerate(self._runs()):
            tick()
            for visit in visits:
                self._note(visit)
                self._fault(number, visit)
            if len(visits) > 1 and self.alike:
                self._tell_apart(visits)
        self.states = {place.status for place in self.family.came}
        self.states |= {place.shape.link for place in self.family.came if place.shape is not None}

    @property
    def combinations(self) -> Combinations:
        """The combinations of readings, numbered."""
        return self.family.combinations

    @property
    def decisions(self) -> tuple[Decided, ...]:
        """Everything that the tables said of an item."""
        return tuple(self._decisions.values())

    def _runs(self) -> Iterator[list[FamilyVisit]]:
        """The visits, those of one step by different combinations together."""
        for _, visits in groupby(self.family.walk(), key=lambda visit: (id(visit.place), id(visit.event))):
            yield list(visits)

    def _note(self, visit: FamilyVisit) -> None:
        decision, outcome = visit.decision, visit.outcome
        if decision is not None:
            known = self._decisions.get(id(decision))
            self._decisions[id(decision)] = Decided(decision, visit.combos | (known.combos if known else 0))
        self.rows.update([hit.row.id for hit in outcome.hits])
        self.fired.update([(fired.transition.id, fired.source) for fired in outcome.fired])
        if outcome.refused is None and (cell := self._of_the_step(visit)) is not None:
            self._steps[cell] = self._steps.get(cell, 0) | visit.combos

    def _of_the_step(self, visit: FamilyVisit) -> Cell | None:
        """The facts that are known of a step as a whole."""
        status, event = visit.place.status, visit.event
        phase = self.model.phase(status)
        change, after = (event.action, phase) if event.action in CHANGES else (NO_CHANGE, None)
        if after is None:
            model = self.family.model_of(visit.combos)
            moved = model.status.fire(status, event.action, {"actor": event.actor})
            after = self.model.phase(moved.dest) if moved else None
        synced = visit.decision is not None and visit.decision.synced
        return None if after is None else (event.actor, change, phase, after, synced)

    def cells(self, tables: Sequence[Table], facts: tuple[str, ...]) -> dict[Cell, int]:
        """The values of some facts with which tables that decide the same are asked, and under which combinations."""
        table, found = tables[0], dict[Cell, int]()
        if once_a_step(table):
            known = ((dict(zip(STEP_FACTS, cell, strict=True)), bits) for cell, bits in self._steps.items())
        else:
            known = ((dict(d.decision.facts), d.combos) for d in self.decisions if self._asked(table, d.decision))
        for values, bits in known:
            if len(tables) > 1 or holds(table.scope, values):
                cell = tuple([values.get(fact) for fact in facts])
                found[cell] = found.get(cell, 0) | bits
        return found

    def _asked(self, table: Table, decision: Decision) -> bool:
        """Whether it came to asking a table, or one of those that decide the same."""
        facts, acts = decision.facts, decision.facts["change"] != NO_CHANGE
        if table.decides is Decides.PERMISSION:
            return acts
        if decision.refused is not None:
            return False
        if table.decides is Decides.FACT:
            return table.gives in facts or any(table.name in defect.tables for defect in decision.defects)
        if table.decides is Decides.CHANGE:
            return all(lookup.table.gives in facts for lookup in self.model.derived)
        return "synced" in facts

    def _fault(self, number: int, visit: FamilyVisit) -> None:
        for defect in visit.outcome.defects:
            self.rows.update(defect.rows)
            facts = self._known(visit, defect)
            cell: Cell = ()
            if defect.kind == "undecided":
                cell = tuple([facts.get(fact) for fact in self._facts[defect.tables[0]]])
            witnesses = self.faults.setdefault((defect.kind, defect.tables, defect.rows, defect.broken, cell), [])
            fresh = visit.combos
            for witness in witnesses:
                fresh &= ~witness.combos
            if fresh:
                witnesses.append(Witness(number, fresh, visit.place, visit.event, defect, facts))

    def _known(self, visit: FamilyVisit, defect: Defect) -> Facts:
        """The facts that were known where a step ran into a defect."""
        if defect.tables and once_a_step(self.model.policy.tables[defect.tables[0]]):
            return dict(zip(STEP_FACTS, self._of_the_step(visit) or (), strict=True))
        return dict(visit.decision.facts) if visit.decision else {}

    def _tell_apart(self, visits: list[FamilyVisit]) -> None:
        """Strike out the options between which anybody can see a difference in what combinations do in a step."""
        parts: list[tuple[Seen, int]] = []
        for visit in visits:
            shown = seen(visit.outcome)
            same = next((n for n, (other, _) in enumerate(parts) if other == shown), None)
            if same is None:
                parts.append((shown, visit.combos))
            else:
                parts[same] = shown, parts[same][1] | visit.combos
        if len(parts) > 1:
            bits = [part for _, part in parts]
            self.alike = [pair for pair in self.alike if not self.apart(pair, bits)]

    def apart(self, pair: Alike, parts: Sequence[int]) -> bool:
        """Whether two combinations that differ in nothing but these options are in different parts."""
        as_first = self.combinations.as_first
        ones = [as_first(part, pair.reading, pair.one) for part in parts]
        others = [as_first(part, pair.reading, pair.other) for part in parts]
        return any(one & other for n, one in enumerate(ones) for m, other in enumerate(others) if n != m)


def _pairs(options: Iterable[str]) -> Iterator[tuple[str, str]]:
    yield from combinations(options, 2)
