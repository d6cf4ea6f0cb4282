"""The steps of one item, compiled for many item states at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from simsync.engine.facts import machine_facts
from simsync.policy.facts import (
    ALIKE,
    CARRIES,
    CHANGED_LAST,
    COPY_CHANGED,
    HERE,
    NEITHER,
    NEXT,
    NO_CHANGE,
    ORIGINAL_CHANGED,
    of_machine,
)
from simsync.policy.policy import Effect, Phase
from simsync.statespace.abstraction import Abstraction, AbstractItem, Move
from simsync.statespace.array_cache import Arrays
from simsync.statespace.columns import Codes, Flags, Ints, distinct, spread
from simsync.statespace.event_equivalence import EventClasses
from simsync.statespace.featured_rules import FeaturedRules
from simsync.statespace.items import COPY, HISTORY, KIND, LAST, LASTS, LINK, OWNER, PRESENT, Decided, Done, Items
from simsync.statespace.table_lookup import Frame


class ItemStep(NamedTuple):
    """What some combinations make of an item.

    ``sets`` is the number of the set of combinations, ``part`` that of what the rules say, ``after`` that of the item
    state after; -1 where nothing comes of it: it is refused, or undecided.
    """

    sets: int
    part: int
    after: int


def _ints(numbers: Sequence[int]) -> Ints:
    return np.array(numbers, np.int32)


class StepTable(NamedTuple):
    """The steps of one item: a response is what all combinations make of an event on an item, one step for each part.

    ``phase[P]``, ``item[P]``: the pairs that were compiled, by number; ``cells[P + 1]``: where those of each begin of
    ``what[C]`` and ``response[C]``: the events that make sense, of those alike the first, and the responses to them.
    ``steps[R + 1]``: where those of each response begin of ``part[S]`` and ``after[S]``, see :class:`ItemStep`.
    ``moved[I, M]``: the response of an item state to a move; -1 where it was not compiled.
    """

    phase: Ints
    item: Ints
    cells: Ints
    what: Ints
    response: Ints
    steps: Ints
    part: Ints
    after: Ints
    moved: Ints


class Cells(NamedTuple):
    """Events on items, or moves of the status, to be looked at; [n] each.

    The number of the event or move, of the item state, and of the phases before and after.
    """

    what: Ints
    item: Ints
    phase: Ints
    next_phase: Ints

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int, int]]) -> Cells:
        """Cells that are given as rows."""
        return cls(*np.array(rows, np.int32).reshape(-1, 4).T)


class Compiler:
    """Numbers item states, situations, and what the rules say of these, as they are come to.

    ``events`` has the status actions first. ``items[i]`` are the item states, see :class:`Items`; number 0 is an item
    that was not created yet. ``frame`` is what the rules say of every situation come to, part by part, and ``table``
    what becomes of the items. ``pair`` numbers the phases and item states that were compiled; ``alike`` is for each
    phase the first one in which changes of items go as in it, which alone is compiled for all of them.
    """

    def __init__(
        self, rules: FeaturedRules, abstraction: Abstraction, moves: tuple[Move, ...], alike: Sequence[int]
    ) -> None:
        self._rules, self._columns, self._alike = rules, rules.columns, alike
        policy = rules.model.policy
        self._states = Items(policy, abstraction, self._columns, rules.rows)
        self.events = list(abstraction.events(None))
        actions = sum(event.item is None for event in self.events)
        self._possible = {(0, 0): np.arange(actions, len(self.events), dtype=np.int32)}
        self._number_changes(abstraction)
        self._event_columns = self._states.events(self.events)
        self._change = self._columns.coded("change", [event.action for event in self.events])
        self._acts = EventClasses(self._states, self._event_columns, self._change, self._possible)
        self.number_moves(moves)
        self.items = np.zeros((1, self._states.width), np.int32)
        self._item = {self.items.tobytes(): 0}
        self._situation: dict[bytes, int] = {}
        self.frame = rules.decide(np.zeros((0, len(self._columns.facts)), np.int16), np.zeros(0, np.bool_))
        self._first_part = np.zeros(1, np.int32)
        self._decided = rules.decided(self.frame)
        self._of_steps = np.array([fact in rules.step_facts for fact in self._columns.facts], np.bool_)
        none = np.zeros(0, np.int32)
        start = np.zeros(1, np.int32)
        moved = np.full((1, len(moves)), -1, np.int32)
        self.table = StepTable(none, none, start, none, none, start, none, none, moved)
        self.pair: dict[tuple[int, int], int] = {}
        self._sort: dict[int, int] = {}
        self._responses: dict[int, list[ItemStep]] = {}

    def _number_changes(self, abstraction: Abstraction) -> None:
        """Number the events that change an item; what both partners do alike to items of several kinds is one event."""
        numbers = dict[object, int]()
        for owner, kind in abstraction.sorts:
            found: list[int] = []
            for event in abstraction.changes(owner, kind):
                key = (event.actor, event.action, *event.fields.items())
                if key not in numbers:
                    numbers[key] = len(self.events)
                    self.events.append(event)
                found.append(numbers[key])
            self._possible[self._columns.code("owner", owner), self._columns.code("kind", kind)] = _ints(found)

    def number_moves(self, moves: Sequence[Move]) -> None:
        """Number moves of the status: those that have numbers already, and then others."""
        columns = self._columns
        phases = self._rules.model.policy.status.phases
        names = tuple(phases)
        actors = columns.values[columns.at["actor"]]
        self._move_actor = columns.coded("actor", [move.actor for move in moves]).astype(np.int32)
        self._move_from = [names.index(move.phase) for move in moves]
        self._move_to = _ints([names.index(move.next_phase) for move in moves])
        self._moves_in: dict[int, list[int]] = {}
        for number, move in enumerate(moves):
            self._moves_in.setdefault(self._alike[names.index(move.phase)], []).append(number)
        self._machines = self._machine_columns(tuple(phases.values()))
        self._ticket = np.array([[actor in phase.tickets for actor in actors] for phase in phases.values()], np.bool_)

    def _machine_columns(self, phases: Sequence[Phase]) -> dict[int, Codes]:
        """The codes of each fact of several status machines, by its column: by phase and the actor's code, [P, A]."""
        columns, words = self._columns, self._rules.model.vocabulary
        by_name = {phase.name: phase for phase in phases}
        actors = [str(actor) for actor in columns.values[columns.at["actor"]]]
        known = [[machine_facts(words, by_name, a, p.name, p.name) for a in actors] for p in phases]
        facts = [fact for fact in columns.facts if of_machine(fact)]
        return {columns.at[f]: np.array([columns.coded(f, [k.get(f) for k in row]) for row in known]) for f in facts}

    def possible(self, item: int) -> tuple[int, ...]:
        """The numbers of the events that make sense with an item state, status actions left out."""
        return tuple(self.alike(item))

    def abstract_item(self, item: int) -> AbstractItem | None:
        """An item state by its number."""
        return self._states.abstract_item(self.items[item].tolist())

    def number(self, item: AbstractItem | None) -> int:
        """The number of an item state."""
        return int(self.item_numbers(self._states.row(item)[None, :])[0])

    def steps(self, phase: int, item: int, event: int) -> list[ItemStep]:
        """What an event makes of an item in a phase, for all combinations looked at."""
        if (phase, item) not in self.pair:
            self.compile([(phase, item)])
        at = self._acts.place(self.sort(item), event)
        return [] if at is None else self.of(int(self.table.response[self.table.cells[self.pair[phase, item]] + at]))

    def sort(self, item: int) -> int:
        """The number of an item state's sort: to items of one sort the same events do the same."""
        if item not in self._sort:
            self._sort[item] = int(self._acts.sorts(self.items[item : item + 1])[0])
        return self._sort[item]

    def different(self, *items: int) -> tuple[int, ...]:
        """The events that make sense with any of some item states, status actions left out: of those alike the first.

        Alike are those that do the same to each of the item states.
        """
        return self._acts.different(tuple(dict.fromkeys(map(self.sort, items))))

    def alike(self, item: int) -> dict[int, int]:
        """For each event that makes sense with an item state, status actions left out, the first one alike."""
        return self._acts.alike[self.sort(item)]

    def moved(self, move: int, item: int) -> list[ItemStep]:
        """What a move makes of an item."""
        return self.of(self.response_moved(move, item))

    def response_moved(self, move: int, item: int) -> int:
        """The number of the response of an item state to a move."""
        phase = self._alike[self._move_from[move]]
        if (phase, item) not in self.pair:
            self.compile([(phase, item)])
        if move >= self.table.moved.shape[1] or self.table.moved[item, move] < 0:  # it was numbered later
            cells = Cells.of([self.move_cell(move, item)])
            self._note_moved(cells, self._decide(*self.situations(Cells.of([]), cells)))
        return int(self.table.moved[item, move])

    def of(self, response: int) -> list[ItemStep]:
        """The steps of a response."""
        if response not in self._responses:
            table = self.table
            some = slice(table.steps[response], table.steps[response + 1])
            part = table.part[some]
            columns = self.frame.sets[part].tolist(), part.tolist(), table.after[some].tolist()
            self._responses[response] = [*map(ItemStep._make, zip(*columns, strict=True))]
        return self._responses[response]

    def compile(self, pairs: Iterable[tuple[int, int]]) -> int:
        """Compile all steps of some item states in some phases; how many more these are."""
        fresh = [pair for pair in dict.fromkeys(pairs) if pair not in self.pair]
        if not fresh:
            return 0
        first = len(self.pair)
        self.pair.update((pair, number) for number, pair in enumerate(fresh, first))
        pairs = np.array(fresh, np.int32)
        sorts = self._acts.sorts(self.items[pairs[:, 1]]).tolist()
        self._sort |= zip(pairs[:, 1].tolist(), sorts, strict=True)
        events = [self._acts.first[sort] for sort in sorts]
        changes, moves = self._changes(pairs, events), self._carried(fresh)
        responses = self._decide(*self.situations(changes, moves))
        self._note_moved(moves, responses[len(changes.what) :])
        table = self.table
        self.table = table._replace(
            phase=np.concatenate([table.phase, pairs[:, 0]]),
            item=np.concatenate([table.item, pairs[:, 1]]),
            cells=np.concatenate([table.cells, table.cells[-1] + np.cumsum([*map(len, events)], dtype=np.int32)]),
            what=np.concatenate([table.what, changes.what]),
            response=np.concatenate([table.response, responses[: len(changes.what)]]),
        )
        return len(responses)

    def _note_moved(self, moves: Cells, responses: Ints) -> None:
        known = self.table.moved
        moved = np.full((len(self.items), len(self._move_from)), -1, np.int32)
        moved[: len(known), : known.shape[1]] = known
        moved[moves.item, moves.what] = responses
        self.table = self.table._replace(moved=moved)

    def _changes(self, pairs: Ints, events: Sequence[Ints]) -> Cells:
        """The events on the item of each pair."""
        phase, item = np.repeat(pairs, [*map(len, events)], axis=0).T
        return Cells(np.concatenate(events), item, phase, phase)

    def _carried(self, pairs: Sequence[tuple[int, int]]) -> Cells:
        """Every move from the phase that an item is in."""
        return Cells.of([self.move_cell(m, i) for p, i in pairs for m in self._moves_in.get(p, ())])

    def move_cell(self, move: int, item: int) -> tuple[int, int, int, int]:
        """A move with an item, as a row of :class:`Cells`."""
        return move, item, self._move_from[move], int(self._move_to[move])

    def situations(self, changes: Cells, moves: Cells) -> tuple[Codes, Flags, Done]:
        """The facts of each cell, [n, C], whether there is an item, and the items once the actions are done."""
        events = self._event_columns.take(changes.what)
        acted = self._states.done(self.items[changes.item], events)
        items = self._states.known(self.items[moves.item])
        actor = np.concatenate([events.actor, self._move_actor[moves.what]])
        none = np.zeros(len(items), np.bool_)
        moved = Done(
            items, items, items[:, OWNER] == self._move_actor[moves.what], items[:, COPY] > 0, none, none, none
        )
        done = Done._make(np.concatenate(both) for both in zip(acted, moved, strict=True))
        cells = Cells._make(np.concatenate(both) for both in zip(changes, moves, strict=True))
        facts = self._facts(actor, done, cells)
        count, columns = len(changes.what), self._columns
        facts[:count, columns.at["change"]] = self._change[changes.what]
        facts[:count, columns.at["by"]] = columns.flags("by", acted.own, "owner", "other")
        facts[:count, columns.at["shown"]] = columns.flags("shown", acted.showed)
        facts[count:, columns.at["change"]] = columns.code("change", NO_CHANGE)
        there = done.items[:, OWNER] > 0
        facts[~there] = np.where(self._of_steps, facts[~there], 0)
        return facts, there, done

    def _facts(self, actor: Ints, done: Done, cells: Cells) -> Codes:
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
        for column, codes in self._machines.items():
            after = columns.facts[column].startswith(NEXT)
            found[:, column] = codes[cells.next_phase if after else cells.phase, actor]
        for name, values in zip(self._states.fields, items[:, self._states.original].T, strict=True):
            if name in columns.at:
                found[:, columns.at[name]] = values
        for number, name in enumerate(self._states.memories):
            found[:, columns.at[name]] = columns.flags(name, items[:, HISTORY] >> number & 1 > 0)
        for fact in self._rules.model.compared:
            found[:, columns.at[fact]] = self._compared(fact, actor, done)
        return found

    def _compared(self, fact: str, actor: Ints, done: Done) -> Codes:
        """The codes of a fact of both tickets."""
        states, items, columns = self._states, done.items, self._columns
        side, dot, name = fact.partition(".")
        if dot:
            of_original = done.own == (side == HERE)
            original, copy = states.shown(items, name)
            shown = np.where(of_original, original, copy)
            return np.where(actor <= len(self._rules.model.vocabulary.partners), shown, 0).astype(np.int16)
        if fact == CHANGED_LAST:
            return columns.coded(fact, [last or NEITHER for last in LASTS])[done.before[:, LAST]]
        if fact == CARRIES:
            return columns.flags(fact, done.carries)
        of_original, of_copy = states.changed(items)
        return columns.flags(
            fact, {ALIKE: states.alike(items), ORIGINAL_CHANGED: of_original, COPY_CHANGED: of_copy}[fact]
        )

    def _decide(self, facts: Codes, there: Flags, done: Done) -> Ints:
        """The number of the response of each cell [n]; cells that are alike have one."""
        first, which = distinct(np.concatenate([facts, there[:, None].astype(np.int16)], axis=1))
        situations = self._numbers(facts[first], there[first])[which]
        before = [done.before] if Effect.REVERT in self._rules.model.policy.effects else []
        first, which = distinct(np.concatenate([situations[:, None], done.items, done.told[:, None], *before], axis=1))
        owner, parts = spread(self._first_part, situations[first])
        after = np.where(self.frame.refused[parts] | self.frame.faulty[parts], -1, 0).astype(np.int32)
        goes_on = np.flatnonzero((after >= 0) & there[first][owner])
        decided = Decided._make(column[parts[goes_on]] for column in self._decided)
        items = self._states.decided(Done._make(column[first[owner[goes_on]]] for column in done), decided)
        after[goes_on] = self.item_numbers(items)
        table, count = self.table, len(self.table.steps) - 1
        ends = np.cumsum(np.bincount(owner, minlength=len(first)), dtype=np.int32)
        self.table = table._replace(
            steps=np.concatenate([table.steps, table.steps[-1] + ends]),
            part=np.concatenate([table.part, parts]),
            after=np.concatenate([table.after, after]),
        )
        return which + count

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

    def item_numbers(self, items: Ints) -> Ints:
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

    def arrays(self) -> Arrays:
        """All that was compiled, as arrays to be kept."""
        situations = np.frombuffer(b"".join(self._situation), np.int16).reshape(len(self._situation), -1)
        found: Arrays = {"items": self.items, "situations": situations, "first part": self._first_part}
        found |= {f"table {name}": column for name, column in self.table._asdict().items()}
        return found | {f"frame {name}": column for name, column in self.frame._asdict().items()}

    def restore(self, arrays: Arrays) -> None:
        """Have compiled what is kept in arrays."""
        self.items, self._first_part = arrays["items"], arrays["first part"]
        self.table = StepTable(**{name: arrays[f"table {name}"] for name in StepTable._fields})
        self.frame = Frame(**{name: arrays[f"frame {name}"] for name in Frame._fields})
        self._decided = self._rules.decided(self.frame)
        pairs = zip(self.table.phase.tolist(), self.table.item.tolist(), strict=True)
        self.pair = {pair: number for number, pair in enumerate(pairs)}
        self._item = {row.tobytes(): number for number, row in enumerate(self.items)}
        self._situation = {row.tobytes(): number for number, row in enumerate(arrays["situations"])}
        self._sort = dict(enumerate(self._acts.sorts(self.items).tolist()))
