"""The finite domain of a decision table: every combination of the values of its facts that does not contradict itself.

Contradictory is only what the engine's own construction rules out: a status action has no *by*, what is created has no
copy yet, a kind has the fields that it has. What the rules make of it plays no part, so derived facts are free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, product
from operator import itemgetter

import numpy as np

from simsync.engine.facts import Facts, Situation
from simsync.engine.model import Model
from simsync.policy.facts import (
    ALIKE,
    CARRIES,
    CHANGES,
    COPY_CHANGED,
    CREATE,
    DELETE,
    EDIT,
    LATE,
    NO_CHANGE,
    ORIGINAL_CHANGED,
    compared_domain,
    compares,
    names_of,
    of_machine,
    testable_readings,
)
from simsync.policy.policy import Policy, Row, Table, Value, When
from simsync.statespace.featured_rules import STEP_FACTS

FLAGS = (ALIKE, ORIGINAL_CHANGED, COPY_CHANGED)
"""The facts of both tickets that hold or not."""

Cell = tuple[Value | None, ...]
"""A value for each fact of a grid."""


class Grid:
    """The cells of some facts, numbered; a set of cells is an integer with a bit for each."""

    def __init__(self, facts: Sequence[str], cells: Iterable[Cell]) -> None:
        self.facts = tuple(facts)
        self.cells = tuple(dict.fromkeys(cells))
        self.everything = (1 << len(self.cells)) - 1
        self._with: dict[tuple[str, tuple[Value, ...]], int] = {}
        self._columns = list(zip(*self.cells, strict=True))
        self._at = {fact: number for number, fact in enumerate(self.facts)}
        self._number = {cell: number for number, cell in enumerate(self.cells)}

    def where(self, when: When) -> int:
        """The cells in which a conjunction holds, but for what it tests of other facts than theirs."""
        bits = self.everything
        for fact, values in when:
            if fact not in self.facts:
                continue
            if (fact, values) not in self._with:
                column = self._columns[self.facts.index(fact)] if self.cells else ()
                self._with[fact, values] = _bits(value in values for value in column)
            bits &= self._with[fact, values]
        return bits

    def meets(self, cell: Cell, when: When) -> bool:
        """Whether a conjunction holds in a cell, but for what it tests of other facts than the grid's."""
        return all(cell[self._at[fact]] in values for fact, values in when if fact in self._at)

    def members(self, bits: int) -> Iterator[Cell]:
        """The cells of a set, in order."""
        while bits:
            lowest = bits & -bits
            yield self.cells[lowest.bit_length() - 1]
            bits ^= lowest

    def set_of(self, cells: Iterable[Cell]) -> int:
        """The set of those cells that the grid has."""
        bits = bytearray(len(self.cells) // 8 + 1)
        for cell in cells:
            number = self._number.get(cell)
            if number is not None:
                bits[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(bits, "little")


def _bits(flags: Iterable[bool]) -> int:
    """Flags as the bits of an integer, the first one the lowest."""
    packed = np.packbits(np.fromiter(flags, np.bool_), bitorder="little")
    return int.from_bytes(packed.tobytes(), "little")


def picked(facts: Sequence[str], wanted: Sequence[str]) -> Callable[[Cell], Cell]:
    """What gives of a cell of some facts the values of those that are wanted."""
    at = [facts.index(fact) for fact in wanted]
    return itemgetter(*at) if len(at) > 1 else lambda cell: tuple(cell[n] for n in at)


def matched(grid: Grid, whens: Iterable[When]) -> tuple[int, int]:
    """The cells in which one of some conditions holds at least, and those in which two do."""
    once = twice = 0
    for when in whens:
        bits = grid.where(when)
        twice |= once & bits
        once |= bits
    return once, twice


def rows_of(policy: Policy, table: Table) -> list[Row]:
    """The rows of a table, with those of all readings."""
    return [row for row in policy.rows if row.table == table.name]


def facts_of(policy: Policy, table: Table) -> tuple[str, ...]:
    """The facts that a table looks at under any reading: those of its rows, then those of its scope."""
    tested = (*(row.when for row in rows_of(policy, table)), table.scope)
    readings = testable_readings(policy)
    return tuple(dict.fromkeys(fact for when in tested for fact, _ in when if fact not in readings))


def once_a_step(table: Table) -> bool:
    """Whether a table is asked for the step as a whole."""
    return table.once == "step"


class Domain:
    """Makes the grids of one policy."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._derived: dict[str, tuple[Value, ...]] = {}
        for row in model.policy.rows:
            if row.then.fact is not None and row.then.value is not None:
                known = self._derived.get(row.then.fact, ())
                self._derived[row.then.fact] = tuple(dict.fromkeys((*known, row.then.value)))

    def grid(self, facts: Sequence[str], *, acts: bool = False, step: bool = False) -> Grid:
        """The cells of some facts: of changes of an item only, or of all that is known of a ``step`` as a whole."""
        names = tuple(facts)
        memories = () if step else tuple(name for name in self.model.vocabulary.history if name in names)
        late = any(fact in LATE for fact in names)
        every, situations = self._of_the_engine
        compared = tuple(fact for fact in names if compares(fact))
        more = (*(["copy"] if late else ()), *(["original", "copy", "by"] if compared else ()))
        asked = dict.fromkeys((*names, "change", *more))
        # what is not asked about is left out before more facts are made of what is left
        kept = [fact for fact in asked if fact in every and (fact in STEP_FACTS or of_machine(fact) or not step)]
        change, pick = every.index("change"), picked(every, kept)
        different = dict.fromkeys(pick(one) for one in situations if not acts or one[change] != NO_CHANGE)
        engine: list[Facts] = [dict(zip(kept, one, strict=True)) for one in different]
        engine = [one for known in engine for one in self._remembering(known, memories)]
        if late:
            engine = [one for known in engine for one in self._late(known, step=step)]
        engine = [one for known in engine for one in self._comparing(known, compared)]
        owned = {"kind", *self.model.vocabulary.fields}
        kinds = tuple(fact for fact in names if fact in owned)
        given = {fact: values for fact, values in self._derived.items() if fact in names}
        rest = tuple(fact for fact in names if fact not in (*kinds, *given))
        parts = [(rest, _projected(engine, rest)), (kinds, _projected(() if step else self._kinds(names), kinds))]
        parts += [((fact,), [{fact: value} for value in values]) for fact, values in given.items()]
        told = ([tuple([one.get(fact) for fact in facts]) for one in some] for facts, some in parts)
        pick = picked([fact for facts, _ in parts for fact in facts], names)
        return Grid(names, (pick(tuple(chain.from_iterable(cell))) for cell in product(*told)))

    @cached_property
    def _of_the_engine(self) -> tuple[tuple[str, ...], list[Cell]]:
        """The facts that the engine makes of partners, phases, links, copies and originals, and the values of each.

        Memories are left out.
        """
        words = self.model.vocabulary
        fields = {"kind", *words.history, *(f.name for f in words.fields.values())}
        known = [one.facts(words, self.model.status_spec.phases) for one in self._made()]
        names = tuple(fact for fact in dict.fromkeys(fact for one in known for fact in one) if fact not in fields)
        return names, [tuple([one.get(fact) for fact in names]) for one in known]

    def _remembering(self, known: Facts, memories: tuple[str, ...]) -> Iterator[Facts]:
        """The facts with all that can be remembered: of what is created, nothing."""
        for flags in product((False, True), repeat=len(memories)):
            if not (any(flags) and known["change"] == CREATE):
                yield {**known, **dict(zip(memories, flags, strict=True))}

    @cached_property
    def _compared(self) -> dict[str, tuple[Value, ...]]:
        return compared_domain(names_of(self.model.policy))

    def _comparing(self, known: Facts, compared: tuple[str, ...]) -> Iterator[Facts]:
        """The facts with those of both tickets: what is not there is not alike, nor did it change."""
        if not compared:
            yield known
            return
        present = known["original"] == "present"
        copied = known["copy"] == "present" and (known["change"], known["by"]) != (DELETE, "other")
        mirrored = all(field.mirrored or not field.compared for field in self.model.vocabulary.fields.values())
        since = [
            (alike, original, copy)
            for alike, original, copy in product((False, True), repeat=3)
            if (present or not original)
            and (copied or not copy)
            and (not alike or (present and copied))
            and (not mirrored or not alike or original == copy)
            and (not mirrored or alike or not (present and copied) or original or copy)
        ]
        domain = {**self._compared}
        domain[CARRIES] = {EDIT: (False, True), NO_CHANGE: (False,)}.get(str(known["change"]), (True,))
        shown = [[None, *domain[fact]] if "." in fact else [*domain[fact]] for fact in compared if fact not in FLAGS]
        others = [fact for fact in compared if fact not in FLAGS]
        for flags, values in product(since, product(*shown)):
            found = dict(zip(FLAGS, flags, strict=True))
            yield {
                **known,
                **{fact: found[fact] for fact in compared if fact in found},
                **dict(zip(others, values, strict=True)),
            }

    def _made(self) -> Iterator[Situation]:
        partners, phases = self.model.vocabulary.partners, self.model.status_spec.phases
        links = self.model.link_spec
        yes_no = (False, True)
        acting = self.model.vocabulary.acting
        for actor, owner, phase, change in product(acting, partners, phases, (*CHANGES, NO_CHANGE)):
            owns, acts = actor == owner, change != NO_CHANGE
            if acts and actor not in partners:
                continue
            if change == CREATE:
                if owns:
                    yield self._situation(actor, owner, phase, phase, change, links.initial, False, True)
                continue
            nexts = [phase] if acts else self._phases_after[phase]
            for after, link, copied, present in product(nexts, links.states, yes_no, yes_no):
                yield self._situation(actor, owner, phase, after, change, link, copied, present)

    @cached_property
    def _phases_after(self) -> dict[str, list[str]]:
        """The phases that may come after each: of several status machines, those that a transition leads to."""
        policy, spec = self.model.policy, self.model.status_spec
        if not any(phase.facts for phase in spec.phases.values()):
            return {phase: list(spec.phases) for phase in spec.phases}
        led = {
            (spec.states[source].phase, spec.states[transition.dest].phase)
            for transition in policy.transitions(policy.status)
            for source in transition.source
        }
        return {one: [after for after in spec.phases if one == after or (one, after) in led] for one in spec.phases}

    def _situation(
        self,
        actor: str,
        owner: str,
        phase: str,
        next_phase: str,
        change: str,
        link: str,
        copied: bool,
        present: bool,
    ) -> Situation:
        """One situation; ``present`` is whether the original is there before the step, or made by it."""
        owns, acts, words = actor == owner, change != NO_CHANGE, self.model.vocabulary
        there = present if owns else copied
        return Situation(
            actor=actor,
            change=change,
            by=None if not acts else "owner" if owns else "other",
            owner=owner,
            kind=next(iter(words.kinds)),
            values=tuple(None for f in words.fields.values() if f.values),
            phase=phase,
            next_phase=next_phase,
            link=link,
            copied=copied,
            present=present and not (owns and change == DELETE),
            ticket=actor in self.model.status_spec.phases[phase].tickets,
            shown=None if not acts else there and change != CREATE,
            history=frozenset(),
        )

    def _late(self, known: Facts, *, step: bool) -> Iterator[Facts]:
        """The facts with those that are known only once the change is decided."""
        for link in self.model.link_spec.states:
            for synced in (False, True):
                if step:
                    yield {**known, "synced": synced}
                else:
                    arrives = synced and known["copy"] == "absent"
                    yield {**known, "synced": synced, "arrives": arrives, "next link": link}

    def _kinds(self, names: tuple[str, ...]) -> Iterator[Facts]:
        """Each kind with every combination of the values of some fields; a field that it lacks has none."""
        words = self.model.vocabulary
        fields = [f for f in words.fields.values() if f.values and f.name in names]
        for kind in words.kinds.values():
            for values in product(*(f.values if f.name in kind.fields else (None,) for f in fields)):
                yield {"kind": kind.name, **dict(zip((f.name for f in fields), values, strict=True))}


def _projected(facts: Iterable[Facts], names: tuple[str, ...]) -> list[Facts]:
    """Each different combination of those facts that are named; one without any where there is none."""
    found: dict[tuple[tuple[str, Value | None], ...], None] = {}
    for known in facts:
        found.setdefault(tuple([(name, known[name]) for name in names if name in known]))
    return [dict(one) for one in found] or [{}]
