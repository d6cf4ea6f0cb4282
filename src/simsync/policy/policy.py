"""A policy as declared in a machines directory: vocabulary, machines, decision tables, readings, properties."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from simsync.policy.citations import Citations
from simsync.policy.fields import Delivery, Field
from simsync.policy.source import NOWHERE, Span
from simsync.policy.words import USUAL_WORDS, Words

Value = str | bool
"""What a fact or an enumerated field can be."""

When = tuple[tuple[str, tuple[Value, ...]], ...]
"""A conjunction: each fact has one of the values."""


ALONE = "always"
"""The one state, and its phase, of a machine that no file declares: there is nothing to tell of it."""

SAME = "same"
"""How a copy's kind is called that is its original's."""


class Decides(StrEnum):
    """What a decision table decides, and so when the engine asks it."""

    PERMISSION = "permission"
    FACT = "fact"
    CHANGE = "change"
    COPY = "copy"
    NOTIFICATION = "notification"
    CONSEQUENCE = "consequence"
    STATUS = "status"


class Effect(StrEnum):
    """What a deciding row makes cross over.

    From the owner's ticket to the other one: a delivery makes the copy, or brings it up to date; or the copy is
    removed. From the other ticket to the owner's: the original takes over what the copy says, and comes back if it was
    deleted; or it is removed. A change that is reverted is undone on the ticket where it was made. To agree is to note
    that both are as they should be.
    """

    NONE = "none"
    DELIVER = "deliver"
    REMOVE = "remove"
    TAKE = "take"
    REMOVE_ORIGINAL = "remove original"
    REVERT = "revert"
    AGREE = "agree"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One thing that a ticket shows of an item: a field, possibly negated, possibly on one ticket only."""

    name: str
    field: str
    about: str = ""
    negated: bool = False
    ticket: str | None = None
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of item, what it is where that is said, and the names of its fields."""

    name: str
    about: str
    fields: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A flag of an item that turns true at the end of a step in which all its conditions hold."""

    name: str
    about: str
    when: When
    sources: tuple[str, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The finite domain: partners, kinds, fields, what is shown, remembered, and who can be notified.

    ``actors`` have no ticket and act on the status alone: an automation, a synchronizing job.
    """

    partners: Mapping[str, str]
    actors: Mapping[str, str]
    kinds: Mapping[str, Kind]
    fields: Mapping[str, Field]
    shows: tuple[Shown, ...]
    history: Mapping[str, Memory]
    recipients: Mapping[str, str]
    words: Words = USUAL_WORDS
    span: Span = dataclasses.field(default=NOWHERE, compare=False)

    @property
    def acting(self) -> tuple[str, ...]:
        """All who can act: the partners, then those without a ticket."""
        return (*self.partners, *self.actors)

    def other(self, partner: str) -> str:
        """The other of the two partners."""
        first, second = self.partners
        return second if partner == first else first


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What a state of the status machine means for synchronization; ``tickets``: who has one then.

    ``takes_away``: the partners whose ticket is gone, with all that is on it, once a status action leads into it.
    ``facts``: where there are several status machines, what is known in it of each.
    """

    name: str
    about: str
    tickets: tuple[str, ...]
    sources: tuple[str, ...]
    takes_away: tuple[str, ...] = ()
    facts: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A state of a machine; ``phase`` is None on the link machine.

    ``parts``: of several status machines as one, the state of each, by its key: a partner, or a shared machine's name.
    """

    name: str
    about: str
    final: bool
    phase: str | None
    sources: tuple[str, ...]
    parts: tuple[tuple[str, str], ...] = ()
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A transition of a machine.

    ``actors`` are those who may fire it, none on the link machine; ``reading`` is ``name=option`` if an option adds it.
    ``followed``: the rows that say how the other tickets' statuses follow; ``followers``: the partners whose does.
    ``ids``: of one that stands for several, theirs.
    """

    id: str
    trigger: str
    source: tuple[str, ...]
    dest: str
    actors: tuple[str, ...]
    when: When
    sources: tuple[str, ...]
    reading: str | None = None
    followed: tuple[Row, ...] = ()
    followers: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    span: Span = dataclasses.field(default=NOWHERE, compare=False)

    @property
    def declared(self) -> tuple[str, ...]:
        """The ids of the transitions that are declared."""
        return self.ids or (self.id,)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSpec:
    """A state machine as declared, or several as one.

    ``of`` tells of a status machine whose it is: a partner's, each ticket's, or, if None, shared. ``ways`` tells of
    several as one where a consequence leads: by the state, the actor, the machine that is to move, and where to.
    """

    name: str
    about: str
    initial: str
    states: Mapping[str, State]
    transitions: tuple[Transition, ...]
    phases: Mapping[str, Phase]
    aliases: Mapping[str, str]
    begin: str
    of: str | None = None
    ways: Mapping[tuple[str, str, str, str], tuple[Transition, ...]] = dataclasses.field(default_factory=dict)
    span: Span = dataclasses.field(default=NOWHERE, compare=False)

    def parts(self, state: str) -> dict[str, str]:
        """The state of each of several machines, by its key; empty where this is one alone."""
        return dict(self.states[state].parts)

    @property
    def states_of_each(self) -> dict[str, tuple[str, ...]]:
        """The states of each of several machines, by its key; empty where this is one alone."""
        parts = [self.parts(state) for state in self.states]
        return {key: tuple(dict.fromkeys(one[key] for one in parts)) for key in parts[0]}

    def said(self, state: str) -> str | dict[str, str]:
        """A state as scenarios say it: its name, or the state of each machine by its key."""
        return self.parts(state) or state

    def at(self, parts: Mapping[str, str]) -> str | None:
        """The state in which several machines are in these, the others where scenarios begin; None if there is none."""
        wanted = {**self.parts(self.begin), **parts}
        return next((name for name, state in self.states.items() if dict(state.parts) == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """An item that the product makes: its kind, its owner, whether the other ticket has a copy from the start.

    ``link`` is the trigger that its link begins with, ``fields`` what is not the default.
    """

    kind: str
    owner: str
    both: bool
    link: str | None = None
    fields: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What a row decides; which of these are meant depends on what its table decides.

    ``kind`` is None also where a copy is of its original's kind. Of consequences, ``create`` is an item that the
    product makes, ``move`` the states that machines go to; ``again``: the other items are decided again.
    """

    refuse: str | None = None
    fact: str | None = None
    value: Value | None = None
    effect: Effect = Effect.NONE
    link: str | None = None
    kind: str | None = None
    fields: tuple[tuple[str, Value], ...] = ()
    notify: tuple[str, ...] = ()
    create: Creation | None = None
    move: tuple[tuple[str, str], ...] = ()
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a decision table; ``reading`` is ``name=option`` if an option contributes it."""

    id: str
    table: str
    when: When
    then: Then
    sources: tuple[str, ...]
    reading: str | None = None
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A decision table with hit policy unique; asked only where ``scope`` holds; ``gives`` is the fact it derives."""

    name: str
    question: str
    decides: Decides
    once: str
    gives: str | None
    scope: When
    rows: tuple[Row, ...]
    span: Span = dataclasses.field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a reading: the rows and transitions that it exchanges, and how fields are delivered under it.

    Where one option of a reading says how a field is delivered, ``delivered`` of every option of it does.
    """

    name: str
    about: str
    replace: Mapping[str, tuple[Row, ...]]
    add: Mapping[str, tuple[Row, ...]]
    transitions: Mapping[str, tuple[Transition, ...]]
    delivered: Mapping[str, Delivery | None] = dataclasses.field(default_factory=dict)

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row that it contributes."""
        return tuple(row for rows in (*self.replace.values(), *self.add.values()) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A named choice where the source is ambiguous or silent; the first option is the default.

    ``gap`` is empty where the policy names no gaps.
    """

    name: str
    question: str
    gap: str
    evidence: str
    sources: tuple[str, ...]
    options: Mapping[str, Option]
    span: Span = dataclasses.field(default=NOWHERE, compare=False)

    @property
    def default(self) -> str:
        return next(iter(self.options))


class Claim(StrEnum):
    """What a property claims of its condition; all but the first are about states, those of one item at rest."""

    NEVER = "never"
    NO_STATE = "no state"
    CAN = "can"
    ALWAYS_CAN = "always can"
    EVENTUALLY = "eventually"


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """What must hold: ``what`` is the condition that the claim is about, ``says`` the whole in a sentence for readers.

    ``start``: of which states *always can* and *eventually* speak, all of them where it is empty. ``assuming``: the
    options of readings that a claim about states rests on; under others it is not made.
    """

    name: str
    claim: Claim
    what: When
    sources: tuple[str, ...]
    says: str = ""
    start: When = ()
    assuming: tuple[tuple[str, tuple[str, ...]], ...] = ()
    span: Span = dataclasses.field(default=NOWHERE, compare=False)

    def claimed(self, readings: Mapping[str, str]) -> bool:
        """Whether it is claimed at all under these readings."""
        return all(readings[name] in options for name, options in self.assuming)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything in a machines directory, checked and with its readings not yet chosen.

    Where it has several status machines, ``machines`` are these as declared, and ``status`` is all of them as one.
    ``digest`` is the same for files that say the same, whatever their comments and layout. ``fixed`` are the readings
    that change how fields are delivered, each with the option by which the vocabulary says it here.
    """

    vocabulary: Vocabulary
    citations: Citations
    status: MachineSpec
    link: MachineSpec
    tables: Mapping[str, Table]
    readings: Mapping[str, Reading]
    properties: tuple[Property, ...]
    digest: str
    machines: tuple[MachineSpec, ...] = ()
    fixed: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def options(self) -> Iterator[Option]:
        """Every option of every reading."""
        return (option for reading in self.readings.values() for option in reading.options.values())

    @property
    def rows(self) -> Iterator[Row]:
        """Every row of every table, then those that options contribute."""
        yield from (row for table in self.tables.values() for row in table.rows)
        yield from (row for option in self.options for row in option.rows)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects of its rows, and those by which any policy makes copies."""
        used = {row.then.effect for row in self.rows}
        return tuple(e for e in Effect if e in used or e in (Effect.NONE, Effect.DELIVER, Effect.REMOVE))

    @property
    def declared(self) -> tuple[MachineSpec, ...]:
        """The machines as declared: those of the status, then the link's."""
        return (*(self.machines or (self.status,)), self.link)

    def transitions(self, machine: MachineSpec) -> Iterator[Transition]:
        """Every transition of a machine, then those that options add."""
        yield from machine.transitions
        yield from (t for option in self.options for t in option.transitions.get(machine.name, ()))
