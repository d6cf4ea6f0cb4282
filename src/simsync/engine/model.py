"""A policy with its readings chosen: the tables and machines that a step asks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from typing import Any

from simsync.engine.compared import Compared
from simsync.engine.decision import Decision, Fired
from simsync.engine.decision_table import DecisionTable, in_dependency_order
from simsync.engine.facts import Situation
from simsync.engine.machine_library import Builder, StateMachine
from simsync.engine.memo import Announced, Announcement, Bearing, Dependence, MadeOnce, MemoTable, bearing
from simsync.engine.presence import presence
from simsync.engine.watched import compared_facts, presence_facts, watched_fields
from simsync.engine.world import World
from simsync.errors import not_among, usage_error
from simsync.policy.facts import SINCE
from simsync.policy.options import (
    allows,
    exchange,
    in_force,
    readings_by_row,
    readings_by_trigger,
    readings_moving,
    tested_by,
    tested_readings,
    touches,
    with_delivery,
)
from simsync.policy.policy import (
    Claim,
    Decides,
    MachineSpec,
    Policy,
    Reading,
    Transition,
    Vocabulary,
)
from simsync.policy.words import Words

MODELS_KEPT = 64


class Model:
    """A policy under one choice of readings. Made by :func:`simsync.load_model`; immutable but for its memory.

    ``readings`` maps every reading to its chosen option.
    """

    def __init__(self, factory: ModelFactory, readings: Mapping[str, str]) -> None:
        self.factory = factory
        self.policy: Policy = factory.policy
        self.readings = dict(readings)
        self.status_spec, self.status = factory.machine(self.policy.status, self.readings)
        self.link_spec, self.link = factory.machine(self.policy.link, self.readings)
        self.never = [prop for prop in self.policy.properties if prop.claim is Claim.NEVER]
        watched = factory.watched
        self.enumerated = tuple((f.name, f.name in watched) for f in self.vocabulary.fields.values() if f.values)
        self.tested = {name: self.readings[name] for name in factory.tested}
        self.compared = factory.compared
        self.tracks = not SINCE.keys().isdisjoint(factory.compared)
        self.decisions: dict[Situation, Decision] = {}
        self.refusals: dict[tuple[str, str, str], str] = {}
        self.announcements: dict[Announced, Announcement] = {}

    @cached_property
    def tables(self) -> dict[str, DecisionTable]:
        """The decision tables by name, their rows exchanged as the readings say."""
        return {name: self.factory.table(name, self.readings) for name in self.policy.tables}

    @cached_property
    def status_machines(self) -> tuple[MachineSpec, ...]:
        """The status machine, or each of several as it is declared, with the transitions that its readings leave it."""
        if not self.policy.machines:
            return (self.status_spec,)
        return tuple(
            replace(machine, transitions=tuple(t for t in self.policy.transitions(machine) if self._has(t)))
            for machine in self.policy.machines
        )

    def _has(self, transition: Transition) -> bool:
        name, _, option = (transition.reading or "").partition("=")
        return (not name or self.readings[name] == option) and allows(transition.when, self.tested)

    def _that_decide(self, role: Decides, once: str | None = None) -> list[DecisionTable]:
        found = [one for one in self.tables.values() if one.table.decides is role]
        return [one for one in found if once is None or one.table.once == once]

    @cached_property
    def permission(self) -> list[DecisionTable]:
        """The tables that say whether an action is allowed."""
        return self._that_decide(Decides.PERMISSION)

    @cached_property
    def derived(self) -> list[DecisionTable]:
        """The tables of derived facts, each after those that give the facts it tests."""
        return in_dependency_order(self._that_decide(Decides.FACT))

    @cached_property
    def change(self) -> list[DecisionTable]:
        """The tables that say what crosses over, and what becomes of the link."""
        return self._that_decide(Decides.CHANGE)

    @cached_property
    def copy(self) -> list[DecisionTable]:
        """The tables that say what a new copy is like."""
        return self._that_decide(Decides.COPY)

    @cached_property
    def item_notices(self) -> list[DecisionTable]:
        """The tables that say who is told of an item."""
        return self._that_decide(Decides.NOTIFICATION, "item")

    @cached_property
    def step_notices(self) -> list[DecisionTable]:
        """The tables that say who is told of a step."""
        return self._that_decide(Decides.NOTIFICATION, "step")

    @cached_property
    def item_consequences(self) -> list[DecisionTable]:
        """The tables that say what a step brings about for each item that it decides on."""
        return self._that_decide(Decides.CONSEQUENCE, "item")

    @cached_property
    def step_consequences(self) -> list[DecisionTable]:
        """The tables that say what a step as a whole brings about."""
        return self._that_decide(Decides.CONSEQUENCE, "step")

    @property
    def vocabulary(self) -> Vocabulary:
        """Partners, kinds, fields and what a ticket shows."""
        return self.policy.vocabulary

    @property
    def words(self) -> Words:
        """What the policy calls the things of its world."""
        return self.policy.vocabulary.words

    @property
    def chosen(self) -> dict[str, str]:
        """The readings whose option is not the default one."""
        return {name: option for name, option in self.readings.items() if option != self.factory.defaults[name]}

    def machine(self, name: str) -> Any:
        """The `transitions` machine of a name, made anew in its initial state: to trigger or draw (``get_graph``).

        Triggers take the facts that transitions test: ``machine.trigger("accept", facts={"actor": "service"})``.
        Raises ValueError for a name that no machine of the policy has.
        """
        machines = {machine.name: machine for machine in (*self.status_machines, self.link_spec)}
        if name not in machines:
            raise ValueError(not_among("a machine", name, machines))
        return self.factory.library(machines[name]).drawable()

    def __repr__(self) -> str:
        chosen = "".join(f"; {name}={option}" for name, option in self.chosen.items())
        partners = " and ".join(self.vocabulary.partners)
        return f"<Model of {partners}; tables: {len(self.tables)}, readings: {len(self.readings)}{chosen}>"

    def _repr_svg_(self) -> str | None:
        """Both machines together, for a notebook; None where there is nothing to draw with."""
        svg: str | None = import_module("simsync.drawing.notebook").model_svg(self)  # a room above: only notebooks ask
        return svg

    def phase(self, status: str) -> str:
        """The synchronization phase of a status."""
        phase = self.status_spec.states[status].phase
        assert phase is not None
        return phase

    def present(self, world: World, actor: str) -> Compared:
        """The facts that are tested of whether tickets show any item of a kind, as somebody acts in a world."""
        return presence(self.factory.present, self.vocabulary, world, actor) if self.factory.present else ()

    def move(self, status: str, actor: str, action: str, present: Compared = ()) -> Fired | None:
        """What a status action does in a status, None where the status machine refuses it; see :meth:`present`."""
        return self.status.fire(status, action, {"actor": actor, **self.tested, **dict(present)})

    def way(self, status: str, actor: str, whose: str, state: str, present: Compared = ()) -> Fired | None:
        """The transition by which rules move a machine, whoever may fire it; None where none leads there from here."""
        spec, facts = self.status_spec, {**self.tested, **dict(present)}
        alone = (t for t in spec.transitions if status in t.source and t.dest == state != status)
        for transition in spec.ways.get((status, actor, whose, state), ()) if spec.ways else alone:
            if allows(transition.when, facts):
                return Fired(transition, status, transition.dest)
        return None

    def gone(self, phase: str) -> tuple[str, ...]:
        """The partners whose ticket is taken away by a status action that leads into a phase."""
        return self.status_spec.phases[phase].takes_away

    def __reduce__(self) -> tuple[Callable[..., Model], tuple[object, ...]]:
        return ModelFactory.model, (self.factory, self.readings)

    def under(self, readings: Mapping[str, str]) -> Model:
        """The same policy with other readings; those not named stay as they are here.

        Raises :class:`SimsyncError` for a reading or option that the policy does not declare.
        """
        return self.factory.model({**self.readings, **readings})


class ModelFactory:
    """Makes the models of one policy. Models share the tables, machines and decisions in which their readings agree.

    ``watched`` are the fields whose values decide something, or are asked about. ``left_out`` tells what whoever walked
    through all that can happen had to leave out, a sentence each.
    """

    def __init__(
        self, policy: Policy, build: Builder, like: ModelFactory | None = None, watched: Iterable[str] = ()
    ) -> None:
        self.policy = policy
        self.watched: frozenset[str] = (
            watched_fields(policy, known=like.policy if like else None)
            | frozenset(watched)
            | (like.watched if like else frozenset())
        )
        self._build = build
        self._like = like
        self.left_out: dict[str, None] = like.left_out if like else {}
        self._models: OrderedDict[tuple[str, ...], Model] = OrderedDict()
        self._deliveries: dict[tuple[str, ...], ModelFactory] = {tuple(policy.fixed.values()): self}
        self._tables: dict[tuple[str, ...], DecisionTable] = {}
        self._machines: dict[tuple[str, ...], tuple[MachineSpec, StateMachine]] = {}
        self.defaults = {reading.name: reading.default for reading in policy.readings.values()}
        self.triggers = tuple(dict.fromkeys(t.trigger for t in policy.transitions(policy.status)))
        self.bearings: Mapping[str, Bearing] = MadeOnce(self._bearing)
        self.decisions: MemoTable[Situation, Decision] = MemoTable()
        self.announcements: MemoTable[Announced, Announcement] = MemoTable()
        self.dependence: MemoTable[Situation, Dependence] = MemoTable()
        self.touching: Mapping[str, list[str]] = MadeOnce(self._touching)
        self.moving = {m.name: readings_moving(policy, m) for m in (policy.status, policy.link)}
        self.tested = tested_readings(policy)
        self.compared = compared_facts(policy)
        self.present = presence_facts(policy)

    @cached_property
    def _readings_apart(self) -> list[Reading]:
        """The readings that the policy declares otherwise than the one that it is like, as they are in either."""
        ours, theirs = self.policy.readings, self._like.policy.readings if self._like else {}
        pairs = ((some.get(name) for some in (ours, theirs)) for name in {**ours, **theirs})
        return [one for mine, other in pairs if mine is not other for one in (mine, other) if one is not None]

    def _sharing(self, table: str) -> ModelFactory | None:
        """The factory that this is like, if a table and the readings that touch it are the same in both."""
        like, declared = self._like, self.policy.tables[table]
        if like is None or like.policy.tables.get(table) is not declared:
            return None
        return None if any(touches(reading, declared) for reading in self._readings_apart) else like

    def _bearing(self, table: str) -> Bearing:
        like = self._sharing(table)
        return like.bearings[table] if like else bearing(self.policy, self.policy.tables[table], self._tested_by(table))

    def _touching(self, table: str) -> list[str]:
        like, declared = self._sharing(table), self.policy.tables[table]
        if like:
            return like.touching[table]
        tested = self._tested_by(table)
        readings = self.policy.readings.items()
        return [name for name, reading in readings if name in tested or touches(reading, declared)]

    def _tested_by(self, table: str) -> set[str]:
        """The readings that rows of a table test."""
        return tested_by(self.policy, table, self.tested)

    @cached_property
    def readings_by_row(self) -> dict[str, set[str]]:
        """The readings that exchange each row, or that its table tests, by its id."""
        return readings_by_row(self.policy, self.tested)

    @cached_property
    def readings_by_trigger(self) -> dict[str, set[str]]:
        """The readings that add a transition, or that it tests, by its trigger."""
        return readings_by_trigger(self.policy, self.tested)

    def library(self, spec: MachineSpec) -> StateMachine:
        """A machine as the state machine library has it."""
        return self._build(spec)

    def __reduce__(self) -> tuple[type[ModelFactory], tuple[object, ...]]:
        """What it has made stays behind: in another process it is made again."""
        return ModelFactory, (self.policy, self._build, None, self.watched)

    def of(self, policy: Policy, watched: Iterable[str] = ()) -> ModelFactory:
        """A factory for another policy, with the same state machine library."""
        return ModelFactory(policy, self._build, None, watched)

    def variant(self, policy: Policy) -> ModelFactory:
        """A factory for a policy that shares most of its declarations with this one.

        Tables and machines whose declarations are the same objects are not made again.
        """
        return ModelFactory(policy, self._build, self)

    def model(self, readings: Mapping[str, str]) -> Model:
        """The model under these readings, the defaults where one is not named."""
        self._check(readings)
        chosen = {**self.defaults, **readings}
        if self.policy.fixed and (maker := self._delivering(chosen)) is not self:
            return maker.model(chosen)
        key = tuple(chosen.values())
        found = self._models.get(key)
        if found is None:
            found = self._models[key] = Model(self, chosen)
            if len(self._models) > MODELS_KEPT:
                self._models.popitem(last=False)
        else:
            self._models.move_to_end(key)
        return found

    def _delivering(self, readings: Mapping[str, str]) -> ModelFactory:
        """The factory for the policy with its fields delivered as some readings say."""
        key = tuple(readings[name] for name in self.policy.fixed)
        if key not in self._deliveries:
            made = ModelFactory(with_delivery(self.policy, readings), self._build, None, self.watched)
            made._deliveries = self._deliveries  # all of them know each other
            self._deliveries[key] = made
        return self._deliveries[key]

    def _check(self, readings: Mapping[str, str]) -> None:
        declared = self.policy.readings
        problems = []
        for name, option in readings.items():
            if name not in declared:
                problems.append(not_among("a reading", name, declared))
            elif option not in declared[name].options:
                problems.append(not_among(f"an option of '{name}'", option, declared[name].options))
        if problems:
            raise usage_error("readings", *problems)

    def table(self, name: str, readings: Mapping[str, str]) -> DecisionTable:
        """One table with its rows exchanged as the readings say."""
        touching = self.touching[name]
        key = (name, *(readings[r] for r in touching))
        found = self._tables.get(key)
        if found is None:
            options = [self.policy.readings[r].options[readings[r]] for r in touching]
            like, declared = self._like, self.policy.tables[name]
            theirs = like.touching[name] if like else []
            if like is not None and self._same([*touching, *theirs], readings, like.policy.tables[name], declared):
                found = self._tables[key] = like.table(name, readings)
            else:
                found = self._tables[key] = DecisionTable(in_force(exchange(declared, options), self._chosen(readings)))
        return found

    def _chosen(self, readings: Mapping[str, str]) -> dict[str, str]:
        """The readings that may be tested like facts, with their options."""
        return {name: readings[name] for name in self.tested}

    def _same(self, names: list[str], readings: Mapping[str, str], theirs: object, ours: object) -> bool:
        """Whether a declaration, and the options that may change it, are those of the factory that this is like."""
        return (
            self._like is not None
            and theirs is ours
            and all(
                self.policy.readings[r].options[readings[r]] is self._like.policy.readings[r].options[readings[r]]
                for r in names
            )
        )

    def machine(self, spec: MachineSpec, readings: Mapping[str, str]) -> tuple[MachineSpec, StateMachine]:
        """One machine with the transitions that the readings add."""
        moving = self.moving[spec.name]
        key = (spec.name, *(readings[r] for r in moving))
        found = self._machines.get(key)
        like = self._like
        if found is None and like is not None:
            theirs = like.policy.status if spec is self.policy.status else like.policy.link
            if self._same(moving, readings, theirs, spec):
                found = self._machines[key] = like.machine(spec, readings)
        if found is None:
            added = [
                t for r in moving for t in self.policy.readings[r].options[readings[r]].transitions.get(spec.name, ())
            ]
            chosen = self._chosen(readings)
            there = tuple(t for t in (*spec.transitions, *added) if allows(t.when, chosen))
            spec = replace(spec, transitions=there)
            found = self._machines[key] = (spec, self._build(spec))
        return found
