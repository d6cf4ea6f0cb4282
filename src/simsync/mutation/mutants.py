"""Mutants of a policy: each is the policy with one plausible fault in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations

from simsync.engine.model import Model
from simsync.errors import listed
from simsync.mutation import operators
from simsync.policy.facts import names_of, row_domain, testable_readings
from simsync.policy.policy import (
    Decides,
    MachineSpec,
    Option,
    Policy,
    Row,
    Table,
    Then,
    Transition,
    When,
)


class Operator(StrEnum):
    """What kind of fault a mutant has."""

    OUTCOME = "outcome"
    CONDITION = "condition"
    REMOVED = "row removed"
    SWAPPED = "rows swapped"
    TRANSITION = "transition"
    PHASE = "phase"
    MEMORY = "memory"
    LEAK = "reading leaks"


OPERATORS: Mapping[Operator, str] = {
    Operator.OUTCOME: "a row decides something else: effect, link, the copy's form, recipients, refusal, derived value",
    Operator.CONDITION: "a condition of a row or transition is dropped, inverted, or loses one of its values",
    Operator.REMOVED: "a row is not there",
    Operator.SWAPPED: "two rows of a table have each other's outcome",
    Operator.TRANSITION: "a transition is not there from a source, leads elsewhere, or is the other {partner}'s",
    Operator.PHASE: "a state belongs to another phase",
    Operator.MEMORY: "a memory is kept under other conditions",
    Operator.LEAK: "an option of a reading, or a single rule of it, is in force where another one was chosen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which steps a mutant can change: those that such a row could decide, such a trigger moves, or such a status sees.

    ``rows`` are as they were and as they are, None where there is none; ``links`` and ``actions`` are triggers;
    ``memory`` is one that is kept otherwise.
    """

    rows: tuple[tuple[Row | None, Row | None], ...] = ()
    links: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    memory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A policy with one fault. ``rule`` is the id of what was changed, ``what`` the change in words.

    ``reading`` is the option that contributes what was changed, if one does; ``sources`` what the rule cites.
    """

    id: str
    operator: Operator
    rule: str
    where: str
    what: str
    sources: tuple[str, ...]
    reading: str | None
    policy: Policy = field(repr=False)
    reach: Reach = field(repr=False)


def mutants(model: Model) -> list[Mutant]:
    """Every mutant of a model's policy, in the order of the rules; ids are unique and stay while the rule stays."""
    made = _Maker(model)
    found: dict[str, Mutant] = {}
    for mutant in made.all():
        found.setdefault(mutant.id, mutant)
    return list(found.values())


class _Maker:
    def __init__(self, model: Model) -> None:
        self.model, self.policy = model, model.policy
        self.domain = {**row_domain(names_of(model.policy)), **testable_readings(model.policy)}
        self.triggers = tuple(dict.fromkeys(t.trigger for t in model.policy.transitions(model.policy.link)))

    def all(self) -> Iterator[Mutant]:
        tables = [table for table in self.policy.tables.values() if table.decides is not Decides.STATUS]
        names = {table.name for table in tables}
        for row in (row for row in self.policy.rows if row.table in names):
            yield from self._outcomes(self.policy.tables[row.table], row)
            yield from self._conditions(row)
            yield self._of_rows(Operator.REMOVED, (row,), (_never(row),), "is not there")
        for table in tables:
            for one, other in combinations(table.rows, 2):
                if one.then != other.then:
                    swapped = (replace(one, then=other.then), replace(other, then=one.then))
                    yield self._of_rows(Operator.SWAPPED, (one, other), swapped, f"and '{other.id}' are swapped")
        for machine in self._changed:
            for transition in self.policy.transitions(machine):
                yield from self._transitions(machine, transition)
        yield from self._phases() if self.policy.status in self._changed else ()
        yield from self._memories()
        yield from self._leaks()

    @property
    def _changed(self) -> tuple[MachineSpec, ...]:
        """The machines that are changed: several of the status are not, nor how one follows another."""
        return (self.policy.link,) if self.policy.machines else (self.policy.status, self.policy.link)

    def _of_rows(self, operator: Operator, rows: tuple[Row, ...], changed: tuple[Row, ...], what: str) -> Mutant:
        row, *others = rows
        policy = self.policy
        for old, new in zip(rows, changed, strict=True):
            policy = _with_row(policy, old, new)
        return Mutant(
            id=f"{row.id}: {what}",
            operator=operator,
            rule=row.id,
            where=f"table '{row.table}'",
            what=f"row '{row.id}' {what}",
            sources=tuple(dict.fromkeys(s for one in (row, *others) for s in one.sources)),
            reading=row.reading,
            policy=policy,
            reach=Reach(rows=tuple(zip(rows, changed, strict=True))),
        )

    def _outcomes(self, table: Table, row: Row) -> Iterator[Mutant]:
        thens: dict[Decides, Callable[[Row], Iterator[tuple[Then, str]]]] = {
            Decides.PERMISSION: _permissions,
            Decides.FACT: self._values,
            Decides.CHANGE: self._changes,
            Decides.COPY: self._forms,
            Decides.NOTIFICATION: self._notices,
            Decides.CONSEQUENCE: self._consequences,
        }
        for then, what in thens[table.decides](row):
            if then != row.then:
                yield self._of_rows(Operator.OUTCOME, (row,), (replace(row, then=then),), what)

    def _values(self, row: Row) -> Iterator[tuple[Then, str]]:
        for then in operators.values(row.then, self.domain[row.then.fact or ""]):
            yield then, f"gives {row.then.fact}: {listed([then.value])} instead of {listed([row.then.value])}"

    def _changes(self, row: Row) -> Iterator[tuple[Then, str]]:
        for then in operators.effects(row.then, self.policy.effects):
            yield then, f"has the effect {then.effect} instead of {row.then.effect}"
        for then in operators.links(row.then, self.triggers):
            yield then, f"fires {then.link or 'nothing'} instead of {row.then.link or 'nothing'}"

    def _forms(self, row: Row) -> Iterator[tuple[Then, str]]:
        words = self.policy.vocabulary
        for then in operators.kinds(row.then, words):
            yield then, f"makes a {then.kind} instead of {f'a {row.then.kind}' if row.then.kind else 'the same'}"
        for name in words.kinds[row.then.kind or next(iter(words.kinds))].fields:
            given = dict(row.then.fields).get(name, words.fields[name].default)
            for value, then in operators.field_values(row.then, name, words) if not words.fields[name].mirrored else ():
                if value != given:
                    yield then, f"makes a copy with {name}: {listed([value])}"

    def _notices(self, row: Row) -> Iterator[tuple[Then, str]]:
        for name, then in operators.told(row.then, self.policy.vocabulary.recipients):
            yield then, f"does not tell {name}" if name in row.then.notify else f"tells {name} too"

    def _consequences(self, row: Row) -> Iterator[tuple[Then, str]]:
        return operators.consequences(row.then, self.policy)

    def _conditions(self, row: Row) -> Iterator[Mutant]:
        for when, what in operators.conditions(row.when, self.domain):
            yield self._of_rows(Operator.CONDITION, (row,), (replace(row, when=when),), what)

    def _transitions(self, machine: MachineSpec, one: Transition) -> Iterator[Mutant]:
        for source in one.source:
            fewer = operators.leaving(one, source)
            yield self._of_transition(Operator.TRANSITION, machine, one, fewer, f"is not there from {source}")
        for new in operators.leading(one, machine.states):
            if new.dest != one.dest:
                what = f"leads to {new.dest} instead of {one.dest}"
                yield self._of_transition(Operator.TRANSITION, machine, one, new, what)
        for new, what in operators.for_others(one, self.policy.vocabulary):
            yield self._of_transition(Operator.TRANSITION, machine, one, new, what)
        for when, what in operators.conditions(one.when, self.domain):
            yield self._of_transition(Operator.CONDITION, machine, one, replace(one, when=when), what)

    def _of_transition(
        self, operator: Operator, machine: MachineSpec, one: Transition, new: Transition, what: str
    ) -> Mutant:
        triggers = frozenset({one.trigger})
        return Mutant(
            id=f"{one.id}: {what}",
            operator=operator,
            rule=one.id,
            where=f"machine '{machine.name}'",
            what=f"transition '{one.id}' {what}",
            sources=one.sources,
            reading=one.reading,
            policy=_with_transition(self.policy, machine, one, new),
            reach=Reach(actions=triggers) if machine is self.policy.status else Reach(links=triggers),
        )

    def _phases(self) -> Iterator[Mutant]:
        spec = self.policy.status
        for state in spec.states.values():
            for new in operators.phases(state, spec.phases):
                what = f"is {new.phase} instead of {state.phase}"
                yield Mutant(
                    id=f"{state.name}: {what}",
                    operator=Operator.PHASE,
                    rule=state.name,
                    where=f"machine '{spec.name}'",
                    what=f"state '{state.name}' {what}",
                    sources=state.sources,
                    reading=None,
                    policy=replace(self.policy, status=replace(spec, states={**spec.states, state.name: new})),
                    reach=Reach(statuses=frozenset({state.name})),
                )

    def _memories(self) -> Iterator[Mutant]:
        words = self.policy.vocabulary
        for memory in words.history.values():
            never: tuple[When, str] = ((*memory.when, (memory.when[0][0], ())), "is never kept")
            for when, what in (never, *operators.conditions(memory.when, self.domain)):
                history = {**words.history, memory.name: replace(memory, when=when)}
                yield Mutant(
                    id=f"{memory.name}: {what}",
                    operator=Operator.MEMORY,
                    rule=memory.name,
                    where="the vocabulary",
                    what=f"memory '{memory.name}' {what}",
                    sources=memory.sources,
                    reading=None,
                    policy=replace(self.policy, vocabulary=replace(words, history=history)),
                    reach=Reach(memory=memory.name),
                )

    def _leaks(self) -> Iterator[Mutant]:
        for reading in self.policy.readings.values():
            chosen = reading.options[self.model.readings[reading.name]]
            for other in reading.options.values():
                if other is chosen:
                    continue
                parts = _parts(other, chosen)
                for number, (leaked, what) in enumerate(parts):
                    options = {**reading.options, chosen.name: leaked}
                    readings = {**self.policy.readings, reading.name: replace(reading, options=options)}
                    yield Mutant(
                        id=f"{reading.name}={other.name} leaks: {what}",
                        operator=Operator.LEAK,
                        rule=f"{reading.name}={other.name}",
                        where=f"reading '{reading.name}'",
                        what=f"{what} in force under {reading.name}={chosen.name} too, not only under {other.name}",
                        sources=reading.sources if number == 0 else _cited(leaked, chosen),
                        reading=f"{reading.name}={chosen.name}",
                        policy=replace(self.policy, readings=readings),
                        reach=self._reach_of(other, chosen),
                    )

    def _reach_of(self, *options: Option) -> Reach:
        replaced = {name for option in options for name in option.replace}
        rows = [row for row in self.policy.rows if row.id in replaced]
        rows += [row for option in options for row in option.rows if row not in rows]
        moved = {name: [t for o in options for t in o.transitions.get(name, ())] for name in self._machines()}
        return Reach(
            rows=tuple((row, None) for row in rows),
            actions=frozenset(t.trigger for t in moved[self.policy.status.name]),
            links=frozenset(t.trigger for t in moved[self.policy.link.name]),
        )

    def _machines(self) -> tuple[str, str]:
        return self.policy.status.name, self.policy.link.name


def _permissions(row: Row) -> Iterator[tuple[Then, str]]:
    what = "refuses instead of allowing" if row.then.refuse is None else "allows instead of refusing"
    yield operators.permission(row.then, "it is refused"), what


def _never(row: Row) -> Row:
    """The row with conditions that nothing meets, so that options that replace it still do."""
    return replace(row, when=operators.never(row.when, "change"))


def _parts(other: Option, chosen: Option) -> list[tuple[Option, str]]:
    """What can leak of another option into the one chosen: all of it, then single rules of it if there are several."""
    whole = replace(chosen, replace=other.replace, add=other.add, transitions=other.transitions)
    parts = [(whole, "everything is")]
    for name, rows in other.replace.items():
        leaked = replace(chosen, replace={**chosen.replace, name: rows})
        parts.append((leaked, f"{listed(row.id for row in rows) or 'nothing'} in place of '{name}' is"))
    for table, rows in other.add.items():
        for row in rows:
            added = {**chosen.add, table: (*chosen.add.get(table, ()), row)}
            parts.append((replace(chosen, add=added), f"row '{row.id}' is"))
    for machine, transitions in other.transitions.items():
        for one in transitions:
            more = {**chosen.transitions, machine: (*chosen.transitions.get(machine, ()), one)}
            parts.append((replace(chosen, transitions=more), f"transition '{one.id}' is"))
    return parts if len(parts) > 2 else parts[:1]


def _cited(leaked: Option, chosen: Option) -> tuple[str, ...]:
    """What the rules that leaked cite."""
    rows = [row for row in leaked.rows if row not in chosen.rows]
    moves = [t for name, ts in leaked.transitions.items() for t in ts if t not in chosen.transitions.get(name, ())]
    cited = [one.sources for one in rows] + [one.sources for one in moves]
    return tuple(dict.fromkeys(source for sources in cited for source in sources))


def _with_row(policy: Policy, old: Row, new: Row) -> Policy:
    """The policy with another row in the place of one, wherever that stands."""
    exchanged = _exchange_in(old, new)
    if old.reading is None:
        table = policy.tables[old.table]
        return replace(policy, tables={**policy.tables, table.name: replace(table, rows=exchanged(table.rows))})
    return _with_option(
        policy,
        old.reading,
        lambda option: replace(
            option,
            replace={name: exchanged(rows) for name, rows in option.replace.items()},
            add={name: exchanged(rows) for name, rows in option.add.items()},
        ),
    )


def _exchange_in(old: Row, new: Row) -> Callable[[tuple[Row, ...]], tuple[Row, ...]]:
    return lambda rows: tuple(new if row is old else row for row in rows)


def _with_transition(policy: Policy, machine: MachineSpec, old: Transition, new: Transition) -> Policy:
    def exchanged(transitions: tuple[Transition, ...]) -> tuple[Transition, ...]:
        return tuple(t for t in (new if one is old else one for one in transitions) if t.source)

    if old.reading is not None:
        return _with_option(
            policy,
            old.reading,
            lambda option: replace(option, transitions={n: exchanged(ts) for n, ts in option.transitions.items()}),
        )
    changed = replace(machine, transitions=exchanged(machine.transitions))
    return replace(policy, status=changed) if machine is policy.status else replace(policy, link=changed)


def _with_option(policy: Policy, reading: str, change: Callable[[Option], Option]) -> Policy:
    name, _, option = reading.partition("=")
    found = policy.readings[name]
    options = {**found.options, option: change(found.options[option])}
    return replace(policy, readings={**policy.readings, name: replace(found, options=options)})
