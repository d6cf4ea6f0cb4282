"""What comes about at all under any combination of readings: asked of the state space, for everything that asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from simsync.engine.decision import Defect
from simsync.engine.facts import Facts
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.watched import watched_fields
from simsync.engine.world import Event
from simsync.policy.facts import NO_CHANGE
from simsync.policy.joining import fired_in
from simsync.policy.policy import Claim, Decides, Table
from simsync.progress import Progress, StoppedAt, silent
from simsync.statespace.columns import Codes, Flags, distinct
from simsync.statespace.combinations import Combinations
from simsync.statespace.coming_about import come_about, transitions_taken
from simsync.statespace.consequences import models_with_consequences
from simsync.statespace.following import follow
from simsync.statespace.grid import Cell, facts_of, once_a_step
from simsync.statespace.space import SpaceStep, State
from simsync.statespace.table_lookup import UNASKED
from simsync.statespace.walking import space_of


class Witness(NamedTuple):
    """A step that runs into a defect, and the combinations for which none before it did so in the same way."""

    number: int
    combos: int
    state: State
    event: Event
    defect: Defect
    facts: Facts


def without_what_nothing_decides(model: Model) -> Model:
    """The model without the fields that properties alone look at, and with properties that say nothing of them.

    What is broken in the model is broken in this one too. So where no property is broken that says less than it did,
    the fields make no difference (an abstraction that is refined where it is too coarse: Clarke et al., 2000).
    """
    policy = model.policy
    decides = watched_fields(replace(policy, properties=()))
    left_out = model.factory.watched - decides
    if not left_out:
        return model
    never = (
        replace(claim, what=tuple((fact, values) for fact, values in claim.what if fact not in left_out))
        for claim in policy.properties
        if claim.claim is Claim.NEVER
    )
    return model.factory.of(replace(policy, properties=tuple(never))).model(model.readings)


DefectKey = tuple[str, tuple[str, ...], tuple[str, ...], str | None, Cell]
"""A defect's kind, tables, rows, property; and of a hole, the values of the facts that its table looks at."""


class Reached:
    """Everything that can happen to one item under any combination.

    ``combinations`` are those of its readings. ``faults`` are, for each different defect, the steps that are the first
    to show it for some combinations; ``rows``, ``fired`` (transition, source) and ``states`` what played a part, if
    only in a fault. ``parts`` are the numbers of those parts of the state space that come about, ``sets`` for each the
    number of the set of combinations under which it does, and ``frame`` what the rules say there. If the walk was
    ``stopped``, all that is what came about by then.
    """

    def __init__(self, model: Model, progress: Progress = silent) -> None:
        self.model = model
        self.combinations = Combinations(model.policy)
        self._facts = {table.name: facts_of(model.policy, table) for table in model.policy.tables.values()}
        abstract = without_what_nothing_decides(model)
        self._walk(abstract, progress)
        if self.stopped is None and any(flags.any() for flags in self._weaker_broken(abstract)):
            self._walk(model, progress)
        self.faults: dict[DefectKey, list[Witness]] = {}
        if self.frame.faulty.any():
            self._find_faults()
        self.rows = self._deciding() | {name for key in self.faults for name in key[2]}
        self.fired = self._fired()
        came = {self.space.statuses[s] for s, _ in self.space.came}
        parts = model.policy.status.parts
        self.states = {state for status in came for state in parts(status).values() or (status,)}
        links = self.space.item_links()
        self.states |= {link for _, i in self.space.came if (link := links[i]) is not None}
        if self.stopped is None and self._idle():
            self._follow()

    @property
    def stopped(self) -> StoppedAt | None:
        """Where the walk was interrupted, if it was."""
        return self.space.stopped

    def _idle(self) -> bool:
        """Whether the space alone leaves anything without a part in it."""
        policy = self.model.policy
        machines = policy.declared
        fired = (t for machine in machines for t in policy.transitions(machine) if t.actors or machine is policy.link)
        steps = {(t.id, source) for t in fired for source in t.source}
        states = {state for machine in machines for state in machine.states}
        return bool({row.id for row in policy.rows} - self.rows or steps - self.fired or states - self.states)

    def _follow(self) -> None:
        """Add what plays a part where the product acts by itself, which the space does not follow."""
        for model in models_with_consequences(self.model):
            followed = follow(model)
            self.rows |= followed.rows
            self.fired |= followed.fired
            self.states |= followed.states

    def _walk(self, model: Model, progress: Progress) -> None:
        """Walk through everything that can happen to one item."""
        self.space = space_of(model, self.combinations, progress, partly=True)
        came = come_about(self.space)
        self.parts = np.array([part for part, bits in enumerate(came) if bits], np.int32)
        self.sets = np.array([self.space.sets.number(bits) for bits in came if bits], np.int32)
        self.frame = self.space.frame.take(self.parts)

    def _weaker_broken(self, abstract: Model) -> Iterator[Flags]:
        """Where properties are broken that another model makes weaker than they are."""
        broken = self.space.rules.broken(self.frame)
        for flags, claim, weaker in zip(broken, self.model.never, abstract.never, strict=True):
            if weaker.what != claim.what:
                yield flags

    def _deciding(self) -> set[str]:
        rows = {*self.frame.answers[self.space.rules.trail(self.frame)].tolist()}
        return {self.space.rules.rows[row].id for row in rows}

    def _fired(self) -> set[tuple[str, str]]:
        """The transitions that fire, each with the state that they leave."""
        columns, moves = self.space.rules.columns, ~self.frame.faulty & (self.frame.fired >= 0)
        links = columns.values[columns.at["link"]]
        codes = self.frame.facts[:, columns.at["link"]]
        pairs = {*zip(self.frame.fired[moves].tolist(), codes[moves].tolist(), strict=True)}
        found = {(self.space.rules.transitions[fired].id, str(links[code])) for fired, code in pairs}
        taken = transitions_taken(self.space)
        self.rows |= {row.id for transition, _ in taken for row in transition.followed}
        return found | {one for transition, status in taken for one in fired_in(self.model.policy, transition, status)}

    def cells(self, tables: Sequence[Table], facts: tuple[str, ...]) -> dict[Cell, int]:
        """The values of some facts with which tables that decide the same are asked, and under which combinations."""
        table, rules = tables[0], self.space.rules
        step, known = once_a_step(table), self.frame.facts
        if step:
            known = rules.of_the_step(self.frame)
        asked = ~self.frame.refused if step else self._asked(table)
        if len(tables) == 1:
            asked &= rules.columns.holds(table.scope, known)
        return self.joined(known[:, [rules.columns.at[fact] for fact in facts]][asked], facts, asked)

    def joined(self, codes: Codes, facts: Sequence[str], where: Flags) -> dict[Cell, int]:
        """Different rows of codes as the values of some facts, each with the combinations that have it."""
        columns = self.space.rules.columns
        values = [columns.values[columns.at[fact]] for fact in facts]
        pairs = np.concatenate([codes.astype(np.int32), self.sets[where][:, None]], axis=1)
        found: dict[Cell, int] = {}
        for row in pairs[distinct(pairs)[0]].tolist() if len(pairs) else ():
            cell = tuple([known[code] for known, code in zip(values, row, strict=False)])
            found[cell] = found.get(cell, 0) | self.space.sets.bits[row[-1]]
        return found

    def _asked(self, table: Table) -> Flags:
        """Where it came to asking a table, or one of those that decide the same."""
        frame, rules = self.frame, self.space.rules
        columns = rules.columns
        there: Flags = frame.facts[:, columns.at["owner"]] > 0
        if table.decides is Decides.PERMISSION:
            return there & np.not_equal(frame.facts[:, columns.at["change"]], columns.code("change", NO_CHANGE))
        on: Flags = there & ~frame.refused
        if table.decides is Decides.FACT:
            return on & np.not_equal(frame.answers[:, rules.tables[table.name].column], UNASKED)
        if table.decides is Decides.CHANGE:
            for one in rules.derived:
                on &= np.greater(frame.facts[:, columns.at[str(one.table.gives)]], 0)
            return on
        return on & np.greater(frame.facts[:, columns.at["synced"]], 0)

    def _find_faults(self) -> None:
        """Take every step that runs into a defect with the engine, in the order in which states are come to."""
        space, number = self.space, 0
        changing, moving = self._faulty()
        for layer in space.layers:
            for state, new in layer.items():
                s, i = state
                acting = [
                    e for e, turns in enumerate(space.turns[s]) if any((i, turn.move) in moving for turn in turns)
                ]
                for event in (*acting, *changing.get(space.compiled.pair[space.phase[s], i], ())):
                    for taken in space.taken(state, event):
                        if taken.bits & new and taken.part >= 0 and space.frame.faulty[taken.part]:
                            self._fault(number, state, event, taken, new)
                    number += 1

    def _faulty(self) -> tuple[dict[int, list[int]], set[tuple[int, int]]]:
        """The changes that may run into a defect, by what was compiled, and the item states with the moves that may."""
        table = self.space.compiled.table
        faulty = np.zeros(len(table.steps) - 1, np.bool_)
        steps = np.flatnonzero(self.space.frame.faulty[table.part])
        faulty[np.searchsorted(table.steps, steps, "right") - 1] = True
        cells = np.flatnonzero(faulty[table.response])
        changing: dict[int, list[int]] = {}
        pairs = np.searchsorted(table.cells, cells, "right") - 1
        for pair, event in zip(pairs.tolist(), table.what[cells].tolist(), strict=True):
            changing.setdefault(pair, []).append(event)
        items, moves = np.nonzero((table.moved >= 0) & faulty[table.moved])
        return changing, {*zip(items.tolist(), moves.tolist(), strict=True)}

    def _fault(self, number: int, state: State, event: int, taken: SpaceStep, new: int) -> None:
        space, what = self.space, self.space.events[event]
        outcome = step(space.model_of(taken.bits), space.abstraction.world(space.abstract_state(state)), what)
        for defect in outcome.defects:
            facts = self._known(taken.part, defect)
            cell: Cell = ()
            if defect.kind == "undecided":
                cell = tuple([facts.get(fact) for fact in self._facts[defect.tables[0]]])
            witnesses = self.faults.setdefault((defect.kind, defect.tables, defect.rows, defect.broken, cell), [])
            fresh = taken.bits & new
            for witness in witnesses:
                fresh &= ~witness.combos
            if fresh:
                witnesses.append(Witness(number, fresh, state, what, defect, facts))

    def _known(self, part: int, defect: Defect) -> Facts:
        """The facts that were known where a step ran into a defect."""
        space = self.space
        if defect.tables and once_a_step(self.model.policy.tables[defect.tables[0]]):
            return space.rules.columns.told(space.rules.of_the_step(space.frame)[part])
        return space.facts(part)
