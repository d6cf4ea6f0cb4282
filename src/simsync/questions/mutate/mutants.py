"""Mutants of a policy: each is the policy with one plausible fault in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import combinations

from simsync.engine.model import Model
from simsync.errors import listed
from simsync.policy.facts import FactNames, domain
from simsync.policy.policy import (
    Decides,
    Effect,
    MachineSpec,
    Option,
    Policy,
    Row,
    Table,
    Then,
    Transition,
    Value,
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
    Operator.TRANSITION: "a transition is not there from a source, leads elsewhere, or is the other partner's",
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


def domain_of(policy: Policy) -> dict[str, tuple[Value, ...]]:
    """The values that each fact of a policy can have."""
    words = policy.vocabulary
    derived: dict[str, list[Value]] = {}
    for row in policy.rows:
        if row.then.fact is not None and row.then.value is not None:
            derived.setdefault(row.then.fact, []).append(row.then.value)
    return domain(
        FactNames(
            partners=tuple(words.partners),
            kinds=tuple(words.kinds),
            fields={f.name: f.values for f in words.fields.values() if f.values},
            memories=tuple(words.history),
            phases=tuple(policy.status.phases),
            links=tuple(policy.link.states),
            derived={fact: tuple(dict.fromkeys(values)) for fact, values in derived.items()},
        )
    )


class _Maker:
    def __init__(self, model: Model) -> None:
        self.model, self.policy = model, model.policy
        self.domain = domain_of(model.policy)
        self.triggers = tuple(dict.fromkeys(t.trigger for t in model.policy.transitions(model.policy.link)))

    def all(self) -> Iterator[Mutant]:
        for row in self.policy.rows:
            table = self.policy.tables[row.table]
            yield from self._outcomes(table, row)
            yield from self._conditions(row)
            yield self._of_rows(Operator.REMOVED, (row,), (_never(row),), "is not there")
        for table in self.policy.tables.values():
            for one, other in combinations(table.rows, 2):
                if one.then != other.then:
                    swapped = (replace(one, then=other.then), replace(other, then=one.then))
                    yield self._of_rows(Operator.SWAPPED, (one, other), swapped, f"and '{other.id}' are swapped")
        for machine in (self.policy.status, self.policy.link):
            for transition in self.policy.transitions(machine):
                yield from self._transitions(machine, transition)
        yield from self._phases()
        yield from self._memories()
        yield from self._leaks()

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
        }
        for then, what in thens[table.decides](row):
            if then != row.then:
                yield self._of_rows(Operator.OUTCOME, (row,), (replace(row, then=then),), what)

    def _values(self, row: Row) -> Iterator[tuple[Then, str]]:
        for value in self.domain[row.then.fact or ""]:
            given = listed([row.then.value])
            yield replace(row.then, value=value), f"gives {row.then.fact}: {listed([value])} instead of {given}"

    def _changes(self, row: Row) -> Iterator[tuple[Then, str]]:
        then = row.then
        for effect in Effect:
            yield replace(then, effect=effect), f"has the effect {effect} instead of {then.effect}"
        for trigger in (None, *self.triggers):
            yield replace(then, link=trigger), f"fires {trigger or 'nothing'} instead of {then.link or 'nothing'}"

    def _forms(self, row: Row) -> Iterator[tuple[Then, str]]:
        then, words = row.then, self.policy.vocabulary
        for kind in words.kinds:
            yield replace(then, kind=kind), f"makes a {kind} instead of a {then.kind}"
        for name in words.kinds[then.kind or next(iter(words.kinds))].fields:
            given = dict(then.fields).get(name, words.fields[name].default)
            for value in words.fields[name].values if not words.fields[name].delivered else ():
                if value != given:
                    fields = tuple(dict(then.fields, **{name: value}).items())
                    yield replace(then, fields=fields), f"makes a copy with {name}: {listed([value])}"

    def _notices(self, row: Row) -> Iterator[tuple[Then, str]]:
        told = row.then.notify
        for name in self.policy.vocabulary.recipients:
            if name in told:
                fewer = tuple(other for other in told if other != name)
                yield replace(row.then, notify=fewer), f"does not tell {name}"
            else:
                yield replace(row.then, notify=(*told, name)), f"tells {name} too"

    def _conditions(self, row: Row) -> Iterator[Mutant]:
        for when, what in self._other_conditions(row.when):
            yield self._of_rows(Operator.CONDITION, (row,), (replace(row, when=when),), what)

    def _other_conditions(self, when: When) -> Iterator[tuple[When, str]]:
        for number, (fact, values) in enumerate(when):
            before, after = when[:number], when[number + 1 :]
            yield (*before, *after), f"no longer tests {fact}"
            others = tuple(value for value in self.domain[fact] if value not in values)
            if others:
                what = f"tests {fact}: {listed(others)} instead of {listed(values)}"
                yield (*before, (fact, others), *after), what
            for value in values if len(values) > 1 else ():
                fewer = tuple(other for other in values if other != value)
                yield (*before, (fact, fewer), *after), f"no longer takes {fact}: {listed([value])}"

    def _transitions(self, machine: MachineSpec, one: Transition) -> Iterator[Mutant]:
        for source in one.source:
            fewer = replace(one, source=tuple(other for other in one.source if other != source))
            yield self._of_transition(Operator.TRANSITION, machine, one, fewer, f"is not there from {source}")
        for state in machine.states:
            if state != one.dest:
                what = f"leads to {state} instead of {one.dest}"
                yield self._of_transition(Operator.TRANSITION, machine, one, replace(one, dest=state), what)
        if one.actor is not None:
            actor = self.policy.vocabulary.other(one.actor)
            what = f"is for {actor} instead of {one.actor}"
            yield self._of_transition(Operator.TRANSITION, machine, one, replace(one, actor=actor), what)
        for when, what in self._other_conditions(one.when):
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
            for phase in spec.phases:
                if phase != state.phase:
                    what = f"is {phase} instead of {state.phase}"
                    states = {**spec.states, state.name: replace(state, phase=phase)}
                    yield Mutant(
                        id=f"{state.name}: {what}",
                        operator=Operator.PHASE,
                        rule=state.name,
                        where=f"machine '{spec.name}'",
                        what=f"state '{state.name}' {what}",
                        sources=state.sources,
                        reading=None,
                        policy=replace(self.policy, status=replace(spec, states=states)),
                        reach=Reach(statuses=frozenset({state.name})),
                    )

    def _memories(self) -> Iterator[Mutant]:
        words = self.policy.vocabulary
        for memory in words.history.values():
            never: tuple[When, str] = ((*memory.when, (memory.when[0][0], ())), "is never kept")
            for when, what in (never, *self._other_conditions(memory.when)):
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
    if row.then.refuse is None:
        yield replace(row.then, refuse="it is refused"), "refuses instead of allowing"
    else:
        yield replace(row.then, refuse=None), "allows instead of refusing"


def _never(row: Row) -> Row:
    """The row with conditions that nothing meets, so that options that replace it still do."""
    return replace(row, when=(("change", ()), *row.when))


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
