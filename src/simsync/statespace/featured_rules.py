"""What the rules say of many situations at once, under all combinations of readings: `decide`, column by column.

The tables are asked in the turn in which :mod:`simsync.engine.deciding` asks them of one situation. Where a table has
another answer for some combinations than for others, the situation is parted, and each part goes on by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simsync.engine.decision_table import DecisionTable
from simsync.engine.model import Model
from simsync.policy.facts import CREATE, DELETE, NEXT, NO_CHANGE, of_machine
from simsync.policy.policy import Decides, Effect, Memory, Then, Transition, Value
from simsync.statespace.columns import Codes, Columns, Flags, Ints
from simsync.statespace.combinations import Sets
from simsync.statespace.items import DELIVER, EFFECTS, REMOVE, REMOVE_ORIGINAL, REVERT, TAKE, Decided
from simsync.statespace.table_lookup import (
    DEFECT,
    UNASKED,
    Answers,
    AskedTable,
    Frame,
    Parts,
    first_of,
    one_of,
    rows_in_force,
    transitions_in_force,
)

STEP_FACTS = ("actor", "change", "phase", "next phase", "synced")
"""What is known to a table that is asked once for a step."""

NOTHING = EFFECTS.index(Effect.NONE)


@dataclass(frozen=True, slots=True)
class AskedTrigger:
    """A trigger of the link with the transitions that it has under any readings.

    ``numbers[t]`` is that of its transition t among all of the link, and in the end twice -1: none fires.
    """

    name: str
    transitions: tuple[Transition, ...]
    numbers: Ints
    parts: Parts

    def answers(self, columns: Columns, facts: Codes, sets: Ints, situations: Ints) -> Answers:
        """Which transition fires with some facts, [n, C], for some sets of combinations, [n].

        ``situations[n]`` are their numbers: here they do not matter.
        """
        matches = np.zeros((len(facts), max(1, len(self.transitions))), np.bool_)
        for number, transition in enumerate(self.transitions):
            matches[:, number] = can_fire(columns, transition, facts)
        parents, parted, answers = self.parts.of(matches, sets)
        return parents, parted, self.numbers[answers]


def asked_trigger(name: str, moves: Sequence[tuple[Transition, int, int]], sets: Sets) -> AskedTrigger:
    """A trigger, ready to be fired for all combinations at once.

    ``moves`` are its transitions, each with its number, and the combinations, as bits, for which it is there.
    """
    numbers = np.array([*(number for _, number, _ in moves), -1, -1], np.int32)
    parts = Parts(first_of(sets, [bits for _, _, bits in moves]))
    return AskedTrigger(name, tuple(transition for transition, _, _ in moves), numbers, parts)


def can_fire(columns: Columns, transition: Transition, facts: Codes) -> Flags:
    """Where a transition of the link can fire."""
    actor = (("actor", transition.actors),) if transition.actors else ()
    return columns.holds((("link", transition.source), *actor, *transition.when), facts)


class FeaturedRules:
    """The tables and transitions of a policy, ready to be asked for all combinations of readings at once.

    ``rows``: every row of the policy; answers are their numbers. ``transitions``: those of the link.
    """

    def __init__(self, model: Model, columns: Columns, sets: Sets) -> None:
        self.model, self.columns, self.sets = model, columns, sets
        self.rows = tuple(model.policy.rows)
        self._number = {id(row): number for number, row in enumerate(self.rows)}
        self.tables = {name: self._asked(number, name) for number, name in enumerate(model.policy.tables)}
        self.permission, self.change, self.copy, self.of_items, self.of_steps = (
            [self.tables[one.table.name] for one in lookups]
            for lookups in (
                model.permission,
                model.change,
                model.copy,
                [*model.item_notices, *model.item_consequences],
                [*model.step_notices, *model.step_consequences],
            )
        )
        self.derived = self._in_order(model.derived)
        self.transitions = tuple(model.policy.transitions(model.policy.link))
        self.triggers = [self._asked_trigger(name) for name in dict.fromkeys(t.trigger for t in self.transitions)]
        self.step_facts = (*STEP_FACTS, *(fact for fact in columns.facts if of_machine(fact)))
        self._by_row()
        self._by_phase()

    def _by_row(self) -> None:
        """Arrays by row number, with what stands for `DEFECT` and `UNASKED` in the end, which index them from there."""
        triggers = {trigger.name: number for number, trigger in enumerate(self.triggers)}
        links = (row.then.link for row in self.rows)
        moves = [-1 if link is None else triggers.get(link, -2) for link in links]
        self._effect = np.array([*(EFFECTS.index(row.then.effect) for row in self.rows), NOTHING, NOTHING], np.int32)
        self._trigger = np.array([*moves, -1, -1], np.int32)
        self._dest = np.array([*(self.columns.code("link", t.dest) for t in self.transitions), 0], np.int32)
        self._refuses = np.array([*(row.then.refuse is not None for row in self.rows), False, False], np.bool_)
        derived = {one.column: one.table.gives for one in self.derived}
        self._gives = {
            column: np.array(
                [*(self.columns.code(str(fact), r.then.value) if r.then.fact == fact else 0 for r in self.rows), 0, 0],
                np.int16,
            )
            for column, fact in derived.items()
        }

    def _by_phase(self) -> None:
        """Whether a phase takes away the owner's and the other's ticket, by its code and that of an item's owner."""
        phases, words = self.model.policy.status.phases, self.model.vocabulary
        owners = self.columns.values[self.columns.at["owner"]]
        gone = [(), *(phase.takes_away for phase in phases.values())]
        self._gone = np.array([[owner in some for owner in owners] for some in gone], np.bool_)
        others = [None if owner is None else words.other(str(owner)) for owner in owners]
        self._others_gone = np.array([[other in some for other in others] for some in gone], np.bool_)

    def _asked(self, column: int, name: str) -> AskedTable:
        table = self.model.policy.tables[name]
        there = rows_in_force(self.model.policy, table, self.sets)
        rows = tuple(row for row, _ in there)
        return AskedTable(
            table=table,
            column=column,
            rows=rows,
            numbers=np.array([*(self._number[id(row)] for row in rows), DEFECT, UNASKED], np.int32),
            parts=Parts(one_of(self.sets, [bits for _, bits in there])),
        )

    def _in_order(self, lookups: Sequence[DecisionTable]) -> list[AskedTable]:
        """The tables of derived facts, each after those that give the facts which it tests under any reading."""
        left = [self.tables[one.table.name] for one in lookups]
        ordered: list[AskedTable] = []
        while left:
            gives = {one.table.gives for one in left}
            ready = next(one for one in left if not any(fact in gives for row in one.rows for fact, _ in row.when))
            ordered.append(ready)
            left.remove(ready)
        return ordered

    def _asked_trigger(self, name: str) -> AskedTrigger:
        policy, number = self.model.policy, {id(one): number for number, one in enumerate(self.transitions)}
        there = transitions_in_force(policy, policy.link, self.sets.variants)
        moves = [(t, number[id(t)], bits) for t, bits in there if t.trigger == name]
        return asked_trigger(name, moves, self.sets)

    def decide(self, facts: Codes, items: Flags) -> Frame:
        """What the rules say of some situations, [n, C]; ``items[n]``: whether there is an item at all.

        Parts of one situation stand together, in the order of what is in them.
        """
        count = len(facts)
        frame = Frame(
            situation=np.arange(count, dtype=np.int32),
            sets=np.ones(count, np.int32),
            facts=facts.copy(),
            answers=np.full((count, len(self.tables)), UNASKED, np.int32),
            fired=np.full(count, -1, np.int32),
            refused=np.zeros(count, np.bool_),
            stopped=~items,
            faulty=np.zeros(count, np.bool_),
            asks=np.full(count, UNASKED, np.int32),
        )
        for stage in (self._permit, self._change, self._fire, self._copy, self._notify, self._announce):
            frame = stage(frame)
        numbers = sorted({int(one) for one in frame.sets}, key=self.sets.rank)
        rank = np.zeros(len(self.sets.bits), np.int32)
        rank[numbers] = np.arange(len(numbers))
        return frame.take(np.lexsort((rank[frame.sets], frame.situation)).astype(np.int32))

    def _acts(self, frame: Frame) -> Flags:
        return ~self._is(frame, "change", NO_CHANGE)

    def _is(self, frame: Frame, fact: str, value: Value) -> Flags:
        return np.equal(frame.facts[:, self.columns.at[fact]], self.columns.code(fact, value))

    def _ask_one(self, frame: Frame, tables: Sequence[AskedTable], where: Flags, needed: Flags) -> Frame:
        """Ask the one table in whose scope a situation is; without any table there is nothing to ask."""
        if not tables:
            return frame
        scopes = np.stack([self.columns.holds(one.table.scope, frame.facts) for one in tables], axis=1)
        count = scopes.sum(axis=1)
        frame.faulty[where & ((count > 1) | ((count == 0) & needed))] = True
        which = np.array([one.column for one in tables], np.int32)[scopes.argmax(axis=1)]
        frame.asks[:] = np.where(where & (count == 1), which, UNASKED)
        for one in tables:
            frame = one.ask(self.columns, frame, frame.asks == one.column, frame.facts)
        return frame

    def _permit(self, frame: Frame) -> Frame:
        acts = self._acts(frame) & ~frame.stopped
        frame = self._ask_one(frame, self.permission, acts, acts)
        for one in self.permission:
            frame.refused[self._refuses[frame.answers[:, one.column]]] = True
        frame.stopped[frame.refused] = True
        return frame

    def _change(self, frame: Frame) -> Frame:
        """Derive the facts that the change may rest on, and ask for it; beyond a defect nothing is asked."""
        on = self._acts(frame)
        for one in self.change:
            on |= self.columns.holds(one.table.scope, frame.facts)
        on &= ~frame.stopped
        for one in self.derived:
            frame.asks[:] = np.where(on, one.column, UNASKED)
            frame = one.ask(self.columns, frame, on, frame.facts)
            answers = frame.answers[:, one.column]
            on = (frame.asks == one.column) & (answers != DEFECT)
            frame.facts[on, self.columns.at[str(one.table.gives)]] = self._gives[one.column][answers[on]]
        frame = self._ask_one(frame, self.change, on, self._acts(frame))
        frame.stopped[frame.faulty] = True
        return frame

    def rows_of(self, frame: Frame, tables: Sequence[AskedTable]) -> Ints:
        """The row with which the one of some tables that was asked decided, or `UNASKED`, or `DEFECT`."""
        if not tables:
            return np.full(len(frame.sets), UNASKED, np.int32)
        answers = frame.answers[:, [one.column for one in tables]]
        rows: Ints = answers.max(axis=1)
        return np.where(rows >= 0, rows, answers.min(axis=1))

    def triggered(self, frame: Frame) -> Ints:
        """The number of the trigger that is to be fired, -1 for none, -2 for one that no transition has."""
        return np.where(frame.stopped, -1, self._trigger[self.rows_of(frame, self.change)])

    def _fire(self, frame: Frame) -> Frame:
        """Move the link, and learn what is known only then."""
        frame.asks[:] = self.triggered(frame)
        frame.faulty[frame.asks == -2] = True
        for number, trigger in enumerate(self.triggers):
            at = np.flatnonzero(frame.asks == number).astype(np.int32)
            if len(at):
                given = frame.facts[at], frame.sets[at], frame.situation[at]
                parents, sets, numbers = trigger.answers(self.columns, *given)
                frame, fresh = frame.parted(at, parents, sets)
                frame.fired[fresh] = numbers
                frame.faulty[fresh[numbers < 0]] = True
        self._learn(frame)
        return frame

    def _learn(self, frame: Frame) -> None:
        """Note the facts that are known once the change is decided."""
        columns, on = self.columns, ~frame.stopped
        effect = self.effects(frame)
        copied, present = self._is(frame, "copy", "present"), self._is(frame, "original", "present")
        of_copy = (effect == REMOVE) | (effect == TAKE)
        synced = (effect == DELIVER) | (of_copy & self._left_copied(frame)) | ((effect == REMOVE_ORIGINAL) & present)
        link = frame.facts[:, columns.at["link"]]
        late = {
            "arrives": columns.flags("arrives", (effect == DELIVER) & ~copied),
            "synced": columns.flags("synced", synced),
            "next link": np.where(frame.fired >= 0, self._dest[frame.fired], link).astype(np.int16),
        }
        for fact, codes in late.items():
            frame.facts[on, columns.at[fact]] = codes[on]

    def _copy(self, frame: Frame) -> Frame:
        arrives = frame.facts[:, self.columns.at["arrives"]] == self.columns.code("arrives", True)
        return self._ask_one(frame, self.copy, ~frame.stopped, arrives)

    def _notify(self, frame: Frame) -> Frame:
        for one in self.of_items:
            asked = ~frame.stopped & self.columns.holds(one.table.scope, frame.facts)
            frame = one.ask(self.columns, frame, asked, frame.facts)
        for flags in self.broken(frame):
            frame.faulty[flags] = True
        return frame

    def broken(self, frame: Frame) -> list[Flags]:
        """For each of ``model.never`` where a decision breaks it."""
        return [~frame.stopped & self.columns.holds(claim.what, frame.facts) for claim in self.model.never]

    def _announce(self, frame: Frame) -> Frame:
        for one in self.of_steps:
            facts = self.of_the_step(frame)
            asked = ~frame.refused & self.columns.holds(one.table.scope, facts)
            frame = one.ask(self.columns, frame, asked, facts)
        return frame

    def of_the_step(self, frame: Frame) -> Codes:
        """The facts that are known of the step as a whole, [n, C]."""
        facts = np.zeros_like(frame.facts)
        at = [self.columns.at[fact] for fact in self.step_facts]
        facts[:, at] = frame.facts[:, at]
        synced = self.columns.at["synced"]
        facts[facts[:, synced] == 0, synced] = self.columns.code("synced", False)
        return facts

    def effects(self, frame: Frame) -> Ints:
        """What is done to the other ticket, by its number in `EFFECTS`."""
        return self._effect[self.rows_of(frame, self.change)]

    def decided(self, frame: Frame) -> Decided:
        """What is to be made of the items, where nothing stands against it."""
        form = np.maximum(self.rows_of(frame, self.copy), -1)
        effect, at = self.effects(frame), self.columns.at
        link = frame.facts[:, at["next link"]].astype(np.int32)
        moves, phase, owner = self._is(frame, "change", NO_CHANGE), *frame.facts[:, [at["next phase"], at["owner"]]].T
        gone, others = moves & self._gone[phase, owner], moves & self._others_gone[phase, owner]
        return Decided(effect, form, link, self._remembered(frame, effect), gone, others)

    def after(self, frame: Frame, effect: Ints) -> Codes:
        """The facts at the end of the step, [n, C], on which memories rest."""
        columns, after = self.columns, frame.facts.copy()
        copied, present = self._left_copied(frame), self._is(frame, "original", "present")
        reverts, deletes = effect == REVERT, self._is(frame, "change", DELETE)
        present |= ((effect == TAKE) & copied) | (
            reverts & deletes & self._is(frame, "by", "owner") & self._is(frame, "shown", True)
        )
        present &= (effect != REMOVE_ORIGINAL) & ~(reverts & self._is(frame, "change", CREATE))
        copied |= (effect == DELIVER) | (reverts & self._is(frame, "copy", "present"))
        copied &= effect != REMOVE
        moves, phase = self._is(frame, "change", NO_CHANGE), frame.facts[:, columns.at["next phase"]]
        owner = frame.facts[:, columns.at["owner"]]
        present &= ~(moves & self._gone[phase, owner])
        copied &= ~(moves & self._others_gone[phase, owner])
        after[:, columns.at["copy"]] = columns.flags("copy", copied, "present", "absent")
        after[:, columns.at["original"]] = columns.flags("original", present, "present", "deleted")
        after[:, columns.at["phase"]] = frame.facts[:, columns.at["next phase"]]
        after[:, columns.at["link"]] = frame.facts[:, columns.at["next link"]]
        for fact in self.step_facts[len(STEP_FACTS) :]:
            if fact.startswith(NEXT):
                after[:, columns.at[fact.removeprefix(NEXT)]] = frame.facts[:, columns.at[fact]]
        return after

    def _remembered(self, frame: Frame, effect: Ints) -> Ints:
        """The memories that are true at the end of the step, as the bits of an integer."""
        columns, after = self.columns, self.after(frame, effect)
        bits = np.zeros(len(after), np.int32)
        for number, memory in enumerate(self.model.vocabulary.history.values()):
            known = frame.facts[:, columns.at[memory.name]] == columns.code(memory.name, True)
            bits |= (known | self.keeps(memory, frame, after)).astype(np.int32) << number
        return bits

    def _left_copied(self, frame: Frame) -> Flags:
        """Where there is a copy once the action was done, before the rules do anything."""
        takes_away = self._is(frame, "change", DELETE) & self._is(frame, "by", "other")
        return self._is(frame, "copy", "present") & ~takes_away

    def keeps(self, memory: Memory, frame: Frame, after: Codes) -> Flags:
        """Where the end of a step turns a memory true."""
        return self.columns.holds(memory.when, after)

    def notified(self, answers: Sequence[int], *, of_the_item: bool = False) -> tuple[str, ...]:
        """Who is notified, once for the step and then for the item, by the rows that decide; ``answers`` by table.

        ``of_the_item``: for the item alone.
        """
        tables = self.of_items if of_the_item else (*self.of_steps, *self.of_items)
        rows = (answers[one.column] for one in tables)
        return tuple(name for row in rows if row >= 0 for name in self.rows[row].then.notify)

    def brought_about(self, answers: Sequence[int]) -> tuple[Then, ...]:
        """What a step brings about beyond its item, by the rows that decide; ``answers`` by table. None follows it."""
        asked = [one for one in (*self.of_items, *self.of_steps) if one.table.decides is Decides.CONSEQUENCE]
        found = (self.rows[answers[one.column]].then for one in asked if answers[one.column] >= 0)
        return tuple(then for then in found if then != Then())

    def trail(self, frame: Frame) -> Flags:
        """For each table whether its answer is among the deciding rows, [n, T].

        Of the derived facts only those count that a deciding row tests. Of a step that is undecided the tables that are
        asked once for a step do not count, and none do where the change was not decided.
        """
        counts = frame.answers >= 0
        counts[frame.faulty & frame.stopped] = False
        for one in self.of_steps:
            counts[frame.faulty, one.column] = False
        for one in reversed(self.derived):
            tests = np.array([*(one.table.gives in dict(row.when) for row in self.rows), False, False], np.bool_)
            counts[:, one.column] &= False
            tested = (tests[frame.answers] & counts).any(axis=1)
            counts[:, one.column] = tested & (frame.answers[:, one.column] >= 0)
        return counts
