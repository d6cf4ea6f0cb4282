"""Whether items can influence each other through anything but the status: what *any number of items* rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, Item, World
from simsync.policy.facts import FACTS, of_machine
from simsync.statespace.abstraction import NAME, Abstraction, AbstractItem, AbstractState
from simsync.statespace.consequences import joins_items
from simsync.statespace.transition_table import TransitionTable

OF_THE_STEP = frozenset(("actor", "change", "by", "phase", "next phase", "ticket", "synced"))
"""Facts that a step has whatever its items are; whether anything crossed over is only asked for who is notified."""

OF_THE_ITEM = frozenset(FACTS) - OF_THE_STEP
"""Facts of the very item that a rule decides on."""

BESIDE = "N2"


@dataclass(frozen=True, slots=True)
class Independence:
    """What was looked at, and ``against``: what speaks against it, nothing if items are independent.

    ``facts`` is how many facts the rules test, ``steps`` how many steps were taken beside another item.
    """

    facts: int
    steps: int
    against: tuple[str, ...]

    def __bool__(self) -> bool:
        return not self.against


def independence(table: TransitionTable) -> Independence:
    """Look for rules that test anything of other items, and take every step beside another item.

    The engine is driven once more through every (phase, item state, event) and (move, item state), with a second item
    in the world, each in its turn: both must fare as the arrays say of each alone.
    """
    model = table.engine
    tested = _tested(model)
    own = {
        *OF_THE_STEP,
        *OF_THE_ITEM,
        *model.tested,
        *model.compared,
        *model.vocabulary.fields,
        *model.vocabulary.history,
    }
    own.update(fact for fact in tested if fact == "moved" or of_machine(fact))
    own.update(lookup.table.gives or "" for lookup in model.derived)
    items = model.words.item.many
    against = [*joins_items(table.model)]
    against += [f"rules test '{fact}', which may be a fact of other {items}" for fact in sorted(tested - own)]
    guards = {fact for t in model.status_spec.transitions for fact, _ in t.when} - {"actor", *model.tested}
    against += [f"the {model.words.status} moves by '{fact}'" for fact in sorted(guards)]
    apart = list(_Beside(table).steps())
    against += [one for one in apart if one][:1]
    return Independence(len(tested), len(apart), tuple(against))


def _tested(model: Model) -> set[str]:
    rows = [row for lookup in model.tables.values() for row in lookup.table.rows]
    conditions = [row.when for row in rows] + [lookup.table.scope for lookup in model.tables.values()]
    conditions += [transition.when for transition in model.link_spec.transitions]
    conditions += [memory.when for memory in model.vocabulary.history.values()]
    return {fact for when in conditions for fact, _ in when}


class _Beside:
    """Steps taken with a second item in the world."""

    def __init__(self, table: TransitionTable) -> None:
        self.table = table
        self.abstraction = Abstraction(table.engine)
        self.numbers = {shape: i for i, shape in enumerate(table.item_states)}

    def steps(self) -> Iterator[str]:
        """Each step, with what is not as it is alone, if anything."""
        t = self.table
        for p in range(len(t.phases)):
            s = int(np.flatnonzero(t.phase == p)[0])
            there = np.flatnonzero(t.reached[t.phase == p].any(axis=0))
            for n, i in enumerate(there):
                for m, event, status in self._moves(p):
                    yield self._moved(m, status, int(i), int(there[(n + m + 1) % len(there)]), event)
                for a in np.flatnonzero(t.next[p, i] >= 0):
                    yield self._changed(p, s, int(i), int(there[(n + a + 1) % len(there)]), int(a))

    def _moves(self, p: int) -> Iterator[tuple[int, Event, str]]:
        """Each move from a phase, with an action that makes it and a status to begin in."""
        t = self.table
        for m in range(len(t.moves)):
            found = np.argwhere((t.move == m) & (t.phase == p)[:, None])
            if len(found):
                s, b = found[0]
                yield m, t.actions[b], t.statuses[s]

    def _world(self, status: str, *items: int) -> World:
        made: dict[str, Item] = {}
        for name, i in zip((NAME, BESIDE), items, strict=True):
            shape = self.table.item_states[i]
            if shape is not None:
                item = self.abstraction.world(AbstractState(status, shape)).items[NAME]
                made[name] = replace(item, name=name)
        return World(status, made)

    def _shape(self, outcome: Outcome, name: str) -> AbstractItem | None:
        item = outcome.after.items.get(name)
        if item is None:
            return None
        return self.abstraction.state(World(outcome.after.status, {NAME: replace(item, name=NAME)})).item

    def _changed(self, p: int, s: int, i: int, j: int, a: int) -> str:
        t, event = self.table, self.table.events[a]
        world = self._world(t.statuses[s], i, j)
        outcome = step(t.engine, world, event)
        told = t.outcomes[t.told[p, i, a]]
        same = (
            outcome.refused is None
            and not outcome.defects
            and outcome.after.status == world.status
            and outcome.after.items.get(BESIDE) == world.items.get(BESIDE)
            and self.numbers.get(self._shape(outcome, NAME)) == t.next[p, i, a]
            and (outcome.synced, sorted(outcome.notified)) == (told.synced, sorted(told.notified))
        )
        return (
            ""
            if same
            else f"'{event.actor}: {event}' in {world.status} does something else beside another {t.model.words.item}"
        )

    def _moved(self, m: int, status: str, i: int, j: int, event: Event) -> str:
        t = self.table
        if min(t.moved[m, i], t.moved[m, j]) < 0:
            return ""
        outcome = step(t.engine, self._world(status, i, j), event)
        fates = [t.outcomes[t.fate[m, k]] for k in (i, j)]
        synced = t.moves[m].follows or any(fate.synced for fate in fates)
        told = [*t.announced[m][synced], *(name for fate in fates for name in fate.notified)]
        same = (
            outcome.refused is None
            and not outcome.defects
            and [self.numbers.get(self._shape(outcome, name)) for name in (NAME, BESIDE)]
            == [t.moved[m, i], t.moved[m, j]]
            and (outcome.synced, sorted(outcome.notified)) == (synced, sorted(told))
        )
        items = t.model.words.item.many
        return "" if same else f"'{event.actor}: {event}' in {status} does something else to two {items} than to each"
