"""The steps of one item, compiled for many item states at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simsync.policy.facts import NO_CHANGE
from simsync.statespace.columns import Codes, Flags, Ints, distinct
from simsync.statespace.deciding import STEP_FACTS, FeaturedRules
from simsync.statespace.items import COPY, HISTORY, KIND, LINK, OWNER, PRESENT, Decided, Done, Items
from simsync.statespace.places import ItemShape, Move, Sketch


class ItemStep(NamedTuple):
    """What some combinations make of an item.

    ``what`` is the number of the event, or of the move, ``sets`` that of the set of combinations, ``part`` that of what
    the rules say, ``after`` that of the item state after; -1 where nothing comes of it: it is refused, or undecided.
    """

    what: int
    sets: int
    part: int
    after: int


def _ints(numbers: Sequence[int]) -> Ints:
    return np.array(numbers, np.int32)


class _Cells(NamedTuple):
    """Events on items, or moves of the status, to be looked at; [n] each.

    The number of the event or move, of the item state, and of the phases before and after.
    """

    what: Ints
    item: Ints
    phase: Ints
    next_phase: Ints


class Compiler:
    """Numbers item states, situations, and what the rules say of these, as they are come to.

    ``events`` has the status actions first. ``items[i]`` are the item states, see :class:`Items`; number 0 is an item
    that was not created yet. ``frame`` is what the rules say of every situation come to, part by part.
    """

    def __init__(self, rules: FeaturedRules, sketch: Sketch, moves: tuple[Move, ...]) -> None:
        self._rules, self._columns = rules, rules.columns
        policy = rules.model.policy
        self._states = Items(policy, sketch, self._columns, rules.rows)
        self.events = list(sketch.events(None))
        actions = sum(event.item is None for event in self.events)
        self._possible = {(0, 0): np.arange(actions, len(self.events), dtype=np.int32)}
        self._number_changes(sketch)
        self._event_columns = self._states.events(self.events)
        self._change = self._columns.coded("change", [event.action for event in self.events])
        self._number_moves(moves)
        self.items = np.zeros((1, self._states.copy.stop), np.int32)
        self._item = {self.items.tobytes(): 0}
        self._situation: dict[bytes, int] = {}
        self.frame = rules.decide(np.zeros((0, len(self._columns.facts)), np.int16), np.zeros(0, np.bool_))
        self._first_part = np.zeros(1, np.int32)
        self._decided = rules.decided(self.frame)
        self._of_steps = np.array([fact in STEP_FACTS for fact in self._columns.facts], np.bool_)
        self._steps: dict[tuple[int, int], dict[int, list[ItemStep]]] = {}
        self._moved: dict[tuple[int, int], list[ItemStep]] = {}
        self._leading: dict[tuple[int, int], list[ItemStep]] = {}

    def _number_changes(self, sketch: Sketch) -> None:
        """Number the events that change an item; what both partners do alike to items of several kinds is one event."""
        words, numbers = self._rules.model.vocabulary, dict[object, int]()
        for owner in words.partners:
            for kind in words.kinds:
                found: list[int] = []
                for event in sketch.changes(owner, kind):
                    key = (event.actor, event.action, *event.fields.items())
                    if key not in numbers:
                        numbers[key] = len(self.events)
                        self.events.append(event)
                    found.append(numbers[key])
                self._possible[self._columns.code("owner", owner), self._columns.code("kind", kind)] = _ints(found)

    def _number_moves(self, moves: Sequence[Move]) -> None:
        columns = self._columns
        phases = self._rules.model.policy.status.phases
        names = tuple(phases)
        actors = columns.values[columns.at["actor"]]
        self._move_actor = columns.coded("actor", [move.actor for move in moves]).astype(np.int32)
        self._move_from = [names.index(move.phase) for move in moves]
        self._move_to = _ints([names.index(move.next_phase) for move in moves])
        self._moves_in = [[m for m, move in enumerate(moves) if move.phase == name] for name in names]
        self._ticket = np.array([[actor in phase.tickets for actor in actors] for phase in phases.values()], np.bool_)

    def possible(self, item: int) -> tuple[int, ...]:
        """The numbers of the events that make sense with an item state, status actions left out."""
        return tuple(self._events_on(item).tolist())

    def _events_on(self, item: int) -> Ints:
        return self._possible[int(self.items[item, OWNER]), int(self.items[item, KIND])]

    def shape(self, item: int) -> ItemShape | None:
        """An item state by its number."""
        return self._states.shape(self.items[item].tolist())

    def steps(self, phase: int, item: int, event: int) -> list[ItemStep]:
        """What an event makes of an item in a phase, for all combinations looked at."""
        if (phase, item) not in self._steps:
            self.compile([(phase, item)])
        return self._steps[phase, item].get(event, [])

    def moved(self, move: int, item: int) -> list[ItemStep]:
        """What a move makes of an item."""
        steps = self._moved.get((move, item))
        if steps is None:
            self.compile([(self._move_from[move], item)])
            steps = self._moved[move, item]
        return steps

    def by_event(self, phase: int, item: int) -> Iterable[list[ItemStep]]:
        """For each event what it makes of an item in a phase."""
        self.compile([(phase, item)])
        return self._steps[phase, item].values()

    def all_steps(self) -> Iterator[tuple[int, int, list[ItemStep]]]:
        """For each phase and item state that was compiled, and each event, what it makes of the item."""
        return ((p, i, steps) for (p, i), by_event in self._steps.items() for steps in by_event.values())

    def compile(self, pairs: Iterable[tuple[int, int]]) -> int:
        """Compile all steps of some item states in some phases; how many more these are."""
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self._steps]
        if not fresh:
            return 0
        self._steps.update((pair, {}) for pair in fresh)
        self._leading.update((pair, []) for pair in fresh)
        changes, moves = self._changes(fresh), self._carried(fresh)
        facts, items, done = self._situations(changes, moves)
        steps = self._taken(facts, items, done, np.concatenate([changes.item, moves.item]))
        self._file(changes, moves, steps)
        return len(facts)

    def _changes(self, pairs: Sequence[tuple[int, int]]) -> _Cells:
        """Every event on an item that makes sense."""
        events = [self._events_on(item) for _, item in pairs]
        counts = [len(some) for some in events]
        phase = np.repeat(np.array([p for p, _ in pairs], np.int32), counts)
        return _Cells(
            np.concatenate(events), np.repeat(np.array([i for _, i in pairs], np.int32), counts), phase, phase
        )

    def _carried(self, pairs: Sequence[tuple[int, int]]) -> _Cells:
        """Every move from the phase that an item is in."""
        cells = [(m, i, p, self._move_to[m]) for p, i in pairs for m in self._moves_in[p]]
        return _Cells(*np.array(cells, np.int32).reshape(-1, 4).T)

    def _situations(self, changes: _Cells, moves: _Cells) -> tuple[Codes, Flags, Done]:
        """The facts of each cell, [n, C], whether there is an item, and the items once the actions are done."""
        events = self._event_columns.take(changes.what)
        acted = self._states.done(self.items[changes.item], events)
        items = self.items[moves.item]
        actor = np.concatenate([events.actor, self._move_actor[moves.what]])
        none = np.zeros(len(items), np.bool_)
        moved = Done(items, items[:, OWNER] == self._move_actor[moves.what], items[:, COPY] > 0, none, none)
        done = Done._make(np.concatenate(both) for both in zip(acted, moved, strict=True))
        cells = _Cells._make(np.concatenate(both) for both in zip(changes, moves, strict=True))
        facts = self._facts(actor, done, cells)
        count, columns = len(changes.what), self._columns
        facts[:count, columns.at["change"]] = self._change[changes.what]
        facts[:count, columns.at["by"]] = columns.flags("by", acted.own, "owner", "other")
        facts[:count, columns.at["shown"]] = columns.flags("shown", acted.showed)
        facts[count:, columns.at["change"]] = columns.code("change", NO_CHANGE)
        there = done.items[:, OWNER] > 0
        facts[~there] = np.where(self._of_steps, facts[~there], 0)
        return facts, there, done

    def _facts(self, actor: Ints, done: Done, cells: _Cells) -> Codes:
        """The facts of items as an action leaves them, but for what the action is."""
        columns, items = self._columns, done.items
        found = np.zeros((len(items), len(columns.facts)), np.int16)
        found[:, columns.at["actor"]] = actor
        for fact, column in (("owner", OWNER), ("kind", KIND), ("link", LINK)):
            found[:, columns.at[fact]] = items[:, column]
        found[:, columns.at["phase"]] = cells.phase + 1  # code 0 is none
        found[:, columns.at["next phase"]] = cells.next_phase + 1
        found[:, columns.at["copy"]] = columns.flags("copy", done.copied, "present", "absent")
        found[:, columns.at["original"]] = columns.flags("original", items[:, PRESENT] > 0, "present", "deleted")
        found[:, columns.at["ticket"]] = columns.flags("ticket", self._ticket[cells.phase, actor], "present", "absent")
        found[:, [columns.at[name] for name in self._states.fields]] = items[:, self._states.original]
        for number, name in enumerate(self._states.memories):
            found[:, columns.at[name]] = columns.flags(name, items[:, HISTORY] >> number & 1 > 0)
        return found

    def _taken(self, facts: Codes, there: Flags, done: Done, before: Ints) -> tuple[Ints, Ints, Ints]:
        """For cells [n]: of each part of each the number of the cell, of the part, and of the item state after."""
        first, which = distinct(np.concatenate([facts, there[:, None].astype(np.int16)], axis=1))
        numbers = self._numbers(facts[first], there[first])[which]
        counts = (self._first_part[1:] - self._first_part[:-1])[numbers]
        cells = np.repeat(np.arange(len(numbers), dtype=np.int32), counts)
        within = np.arange(len(cells)) - np.repeat(np.cumsum(counts) - counts, counts)
        parts = (self._first_part[numbers][cells] + within).astype(np.int32)
        frame = self.frame
        after = np.where(frame.refused[parts] | frame.faulty[parts], -1, before[cells]).astype(np.int32)
        goes_on = np.flatnonzero((after >= 0) & there[cells])
        decided = Decided._make(column[parts[goes_on]] for column in self._decided)
        items = self._states.decided(Done._make(column[cells[goes_on]] for column in done), decided)
        after[goes_on] = self._item_numbers(items)
        return cells, parts, after

    def _numbers(self, facts: Codes, there: Flags) -> Ints:
        """The numbers of different situations; those that are new are decided."""
        keys = [row.tobytes() for row in np.concatenate([facts, there[:, None].astype(np.int16)], axis=1)]
        new = np.array([key not in self._situation for key in keys], np.bool_)
        if new.any():
            frame = self._rules.decide(facts[new], there[new])
            count = len(self._situation)
            ends = np.cumsum(np.bincount(frame.situation, minlength=int(new.sum()))).astype(np.int32)
            self._first_part = np.concatenate([self._first_part, ends + self._first_part[-1]])
            frame.situation[:] += count
            self.frame = self.frame.joined(frame)
            self._decided = self._rules.decided(self.frame)
        return _ints([self._situation.setdefault(key, len(self._situation)) for key in keys])

    def _item_numbers(self, items: Ints) -> Ints:
        first, which = distinct(items)
        fresh, numbers = [], []
        for row in items[first]:
            key = row.tobytes()
            if key not in self._item:
                self._item[key] = len(self._item)
                fresh.append(row)
            numbers.append(self._item[key])
        if fresh:
            self.items = np.concatenate([self.items, np.array(fresh, np.int32)])
        return _ints(numbers)[which]

    def _file(self, changes: _Cells, moves: _Cells, steps: tuple[Ints, Ints, Ints]) -> None:
        """Keep the steps where they are looked for."""
        cells, parts, after = steps
        what = np.concatenate([changes.what, moves.what])[cells]
        item = np.concatenate([changes.item, moves.item])[cells]
        phase = np.concatenate([changes.phase, moves.phase])[cells]
        columns = (one.tolist() for one in (what, self.frame.sets[parts], parts, after))
        made = list(map(ItemStep._make, zip(*columns, strict=True)))
        split = int(np.searchsorted(cells, len(changes.what)))
        where = list(zip(phase.tolist(), item.tolist(), strict=True))
        for key, step in zip(where[:split], made[:split], strict=True):
            self._steps[key].setdefault(step.what, []).append(step)
            if step.after not in (-1, key[1]):
                self._leading[key].append(step)
        for (_, one), step in zip(where[split:], made[split:], strict=True):
            self._moved.setdefault((step.what, one), []).append(step)

    def leading(self, phase: int, item: int) -> list[ItemStep]:
        """The changes of an item in a phase that leave another item state."""
        return self._leading[phase, item]
