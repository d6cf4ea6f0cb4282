"""What mutants make of steps, where they decide otherwise than the rules; everywhere else they do what the rules do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from simsync.engine.model import Model
from simsync.mutation.mutants import Mutant
from simsync.policy.policy import Policy, When
from simsync.questions.mutate.stacked import StackedRules
from simsync.questions.mutate.touching import Touching
from simsync.statespace.columns import Ints, distinct, spread
from simsync.statespace.combinations import Combinations
from simsync.statespace.compiling import Cells
from simsync.statespace.items import Decided, Done
from simsync.statespace.observations import Observation, Observations
from simsync.statespace.product_search import Pair
from simsync.statespace.space import State, StatusTurn
from simsync.statespace.table_lookup import Frame
from simsync.statespace.walking import space_of

Cell = tuple[bool, int, int, int, int]
"""Whether it is a move of the status, its number or that of the event, the item state, the phases before and after."""

Wanted = Sequence[tuple[Pair, Sequence[int]]]
"""Steps that somebody needs to know: pairs of places, each with events."""


class Arrival(NamedTuple):
    """A place of a layer of the walk, and the combinations, as bits, that come to it no sooner."""

    layer: int
    state: State
    new: int


class Unmutated:
    """The rules that mutants are compared with: their state space, and what can be seen there.

    ``arrivals`` are the places in the order of the walk. Of each event at each arrival, one after the other, [k]:
    ``arrival_of`` has the arrival's number, ``event_of`` the event's, ``situation_of`` that of the situation.
    Raises :class:`SimsyncError` where there are too many combinations of readings.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.combinations = Combinations(model.policy)
        self.space = space_of(model, self.combinations, kept=False)
        self.observations = Observations(self.space)
        self.touching = Touching(self.space.rules, self.space.frame)
        self.walked = self.space.frame.situation
        self.arrivals = [
            Arrival(number, state, new)
            for number, layer in enumerate(self.space.layers)
            for state, new in layer.items()
        ]
        self._by_item: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self._by_move: dict[tuple[int, int], int] = {}
        found = [(n, *one) for n, arrival in enumerate(self.arrivals) for one in self._asked(arrival.state)]
        self.arrival_of, self.event_of, self.situation_of = np.array(found, np.int32).reshape(-1, 3).T
        self.status_of = np.array([arrival.state[0] for arrival in self.arrivals], np.int32)[self.arrival_of]
        self._leading: dict[State, dict[State, dict[int, int]]] = {}
        self._steps: dict[Cell, list[MadeStep]] = {}

    def _asked(self, state: State) -> Iterator[tuple[int, int]]:
        """Each event at a place with each situation that it comes to; -1 where nothing is asked."""
        (s, i), space = state, self.space
        for event, turns in enumerate(space.turns[s]):
            for turn in turns:
                yield event, self.situation_moved(turn.move, i) if turn.dest >= 0 else -1
        yield from self.situations(space.phase[s], i)

    def situations(self, phase: int, item: int) -> list[tuple[int, int]]:
        """The changes of an item in a phase, of those alike the first, each with the number of its situation."""
        key = (phase, item)
        if key not in self._by_item:
            compiled = self.space.compiled
            compiled.compile([key])
            table, pair = compiled.table, compiled.pair[key]
            cells = slice(table.cells[pair], table.cells[pair + 1])
            found = compiled.frame.situation[table.part[table.steps[table.response[cells]]]]
            self._by_item[key] = [*zip(table.what[cells].tolist(), found.tolist(), strict=True)]
        return self._by_item[key]

    def events(self, pair: Pair) -> tuple[int, ...]:
        """The numbers of the events that make sense at two places, of those alike the first."""
        return self.space.different(*pair)

    def situation_moved(self, move: int, item: int) -> int:
        """The number of the situation of a move of the status with an item."""
        key = (move, item)
        if key not in self._by_move:
            compiled = self.space.compiled
            response = compiled.response_moved(move, item)
            self._by_move[key] = int(compiled.frame.situation[compiled.table.part[compiled.table.steps[response]]])
        return self._by_move[key]

    def steps(self, cell: Cell) -> list[MadeStep]:
        """What the rules make of an item."""
        found = self._steps.get(cell)
        if found is None:
            (moved, what, item, phase, _), compiled = cell, self.space.compiled
            steps = compiled.moved(what, item) if moved else compiled.steps(phase, item, what)
            told = self.observations.told
            found = self._steps[cell] = [MadeStep(step.sets, told(step.part), step.after) for step in steps]
        return found

    def leading(self, state: State) -> dict[State, dict[int, int]]:
        """Where the steps from a place lead to elsewhere: by place after and event, with their combinations."""
        found = self._leading.get(state)
        if found is None:
            found = self._leading[state] = {}
            for event in self.space.different(state):
                for seen in self.observations.looks(state, event):
                    if seen.after != state:
                        events = found.setdefault(seen.after, {})
                        events[event] = events.get(event, 0) | seen.bits
        return found


class MadeStep(NamedTuple):
    """What some combinations (the number of their set) make of an item under a mutant; ``after`` as in ItemStep."""

    sets: int
    told: int
    after: int


class Altered:
    """A mutant's steps. ``scope``: the combinations of readings, as bits, under which it could differ from the rules.

    ``touched`` are the numbers of the events at arrivals, see :class:`Unmutated`, that it may decide otherwise.
    """

    def __init__(self, rules: Unmutated, stack: Stack, number: int, mutant: Mutant) -> None:
        self.rules, self._stack, self.number, self._mutant = rules, stack, number, mutant
        space, reach = rules.space, mutant.reach
        self.scope = rules.combinations.given_by(mutant.reading)
        if reach.memory is not None:
            self.scope &= _remembering(mutant.policy, rules.combinations, reach.memory)
        otherwise = bool(reach.actions or reach.statuses)
        self.turns = space.turns_under(mutant.policy) if otherwise else space.turns
        states, phases = mutant.policy.status.states, tuple(mutant.policy.status.phases)
        self.phase = tuple(phases.index(str(states[status].phase)) for status in space.statuses)
        flags = np.zeros(int(rules.walked.max(initial=-1)) + 2, np.bool_)  # the last one: nothing was asked
        flags[rules.walked[rules.touching.parts(mutant)]] = True
        self._situations = bytearray(flags[:-1].tobytes())
        self.touched: Ints = np.flatnonzero(flags[rules.situation_of] | self._moved()).astype(np.int32)
        self._touching: dict[tuple[int, int], frozenset[int]] = {}
        self._asked: dict[State, dict[int, list[Cell]]] = {}
        self._made: dict[Cell, list[MadeStep]] = {}
        self._looks: dict[tuple[State, int], tuple[Observation, ...]] = {}

    def _moved(self) -> np.typing.NDArray[np.bool_]:
        """The events at arrivals that come to something else because the status does, or its phase."""
        rules, space = self.rules, self.rules.space
        found = np.zeros(len(rules.event_of), np.bool_)
        for s, (ours, theirs) in enumerate(zip(space.turns, self.turns, strict=True)):
            if self.phase[s] != space.phase[s]:
                found |= (rules.status_of == s) & (rules.event_of >= len(space.actions))
            for event, (one, other) in enumerate(zip(ours, theirs, strict=True)):
                if _seen(one) != _seen(other):
                    found |= (rules.status_of == s) & (rules.event_of == event)
        return found

    def _touches(self, situation: int) -> bool:
        if situation >= len(self._situations):
            self._look_further()
        return bool(self._situations[situation])

    def _look_further(self) -> None:
        """Look at the situations that were come to only now."""
        frame = self.rules.space.frame
        parts = np.flatnonzero(frame.situation >= len(self._situations)).astype(np.int32)
        flags = np.zeros(int(frame.situation.max()) + 1, np.bool_)
        more = Touching(self.rules.space.rules, frame.take(parts)).parts(self._mutant)
        flags[frame.situation[parts[more]]] = True
        self._situations += flags[len(self._situations) :].tobytes()

    def _events(self, phase: int, item: int) -> frozenset[int]:
        """The changes of an item in a phase that the mutant may decide otherwise."""
        key = phase, item
        if key not in self._touching:
            found = (event for event, situation in self.rules.situations(phase, item) if self._touches(situation))
            self._touching[key] = frozenset(found)
        return self._touching[key]

    def _cells(self, state: State) -> dict[int, list[Cell]]:
        """What is to be asked of the mutant for steps from a place, by event."""
        found = self._asked.get(state)
        if found is None:
            (s, i), rules, phase = state, self.rules, self.phase[state[0]]
            found = self._asked[state] = {e: [(False, e, i, phase, phase)] for e in self._events(phase, i)}
            for event, turns in enumerate(self.turns[s]):
                moves = [turn.move for turn in turns if turn.dest >= 0]
                touched = [move for move in moves if self._touches(rules.situation_moved(move, i))]
                if touched:
                    found[event] = [(True, *rules.space.compiled.move_cell(move, i)) for move in touched]
        return found

    def missing(self, wanted: Wanted) -> Iterator[Cell]:
        """What was not asked yet of the mutant for steps."""
        for (_, state), events in wanted:
            cells = self._cells(state)
            for event in events if cells else ():
                if event in cells:
                    yield from (cell for cell in cells[event] if cell not in self._made)

    def note(self, cell: Cell, steps: list[MadeStep]) -> None:
        """Keep what was asked for; where it is what the rules say, it is known to be."""
        ours = self.rules.steps(cell)
        self._made[cell] = ours if steps == ours else steps

    def looks(self, state: State, event: int) -> tuple[Observation, ...]:
        """All combinations, parted by what an event shows at a place and where it leads."""
        key = (state, event)
        found = self._looks.get(key)
        if found is None and not self._otherwise(state, event):
            found = self._looks[key] = self.rules.observations.looks(state, event)
        if found is None:
            joined: dict[tuple[int, State], int] = {}
            for bits, told, after in self._taken(state, event):
                seen = self.rules.observations.number(told, after), after
                joined[seen] = joined.get(seen, 0) | bits
            found = self._looks[key] = tuple(Observation(bits, *seen) for seen, bits in joined.items())
        return found

    def _otherwise(self, state: State, event: int) -> bool:
        """Whether a step could be otherwise than under the rules."""
        s, space = state[0], self.rules.space
        if event >= len(space.actions):
            otherwise = self.phase[s] != space.phase[s]
        else:
            otherwise = _seen(self.turns[s][event]) != _seen(space.turns[s][event])
        cells = self._cells(state).get(event, ())
        return otherwise or any(self._steps(cell) is not self.rules.steps(cell) for cell in cells)

    def _taken(self, state: State, event: int) -> Iterator[tuple[int, int, State]]:
        (s, i), space = state, self.rules.space
        bits_of, both = space.sets.bits, space.sets.both
        if event >= len(space.actions):
            phase = self.phase[s]
            for step in self._steps((False, event, i, phase, phase)):
                yield bits_of[step.sets], step.told, state if step.after < 0 else (s, step.after)
            return
        for turn in self.turns[s][event]:
            if turn.dest < 0:
                yield bits_of[turn.sets], self.rules.observations.told(-1), state
                continue
            for step in self._steps((True, *space.compiled.move_cell(turn.move, i))):
                if bits := bits_of[both(turn.sets, step.sets)]:
                    yield bits, step.told, state if step.after < 0 else (turn.dest, step.after)

    def _steps(self, cell: Cell) -> list[MadeStep]:
        """What the mutant makes of an item: as the rules do, where it was not asked."""
        return self._made.get(cell) or self.rules.steps(cell)


class Stack:
    """Some mutants, asked together."""

    def __init__(self, rules: Unmutated, mutants: Sequence[Mutant]) -> None:
        self._space, self._told_by = rules.space, rules.observations.told_by
        self._rules = StackedRules(rules.space.rules, mutants, rules.space.abstraction)
        self.mutants = [Altered(rules, self, number, mutant) for number, mutant in enumerate(mutants)]

    def prepare(self, wanted: Sequence[tuple[Altered, Wanted]]) -> None:
        """Have steps worked out under the rules and under mutants, all at once."""
        phase = self._space.phase
        ours = ((phase[here[0]], here[1]) for _, some in wanted for (here, _), _ in some)
        theirs = ((one.phase[there[0]], there[1]) for one, some in wanted for (_, there), _ in some)
        self._space.compiled.compile([*ours, *theirs])
        self._ask([(one, cell) for one, some in wanted for cell in dict.fromkeys(one.missing(some))])

    def _ask(self, wanted: Sequence[tuple[Altered, Cell]]) -> None:
        """Have mutants decide cells, all at once."""
        if not wanted:
            return
        wanted = sorted(wanted, key=lambda one: one[1][0])  # changes of items first
        changes, moves = ([cell[1:] for _, cell in wanted if cell[0] == moved] for moved in (False, True))
        compiled, of = self._space.compiled, np.array([one.number for one, _ in wanted], np.int32)
        facts, there, done = compiled.situations(Cells.of(changes), Cells.of(moves))
        key = np.concatenate([facts, there[:, None], of[:, None]], axis=1)
        first, which = distinct(key)
        order = np.argsort(of[first], kind="stable")
        numbers = np.empty(len(order), np.int32)
        numbers[order] = np.arange(len(order), dtype=np.int32)
        first = first[order]
        frame = self._rules.decide_for(of[first], facts[first], there[first])
        first_parts = np.cumsum([0, *np.bincount(frame.situation, minlength=len(first))], dtype=np.int32)
        before = np.array([cell[2] for _, cell in wanted], np.int32)
        cells, parts = spread(first_parts, numbers[which])
        after = np.where(frame.refused[parts] | frame.faulty[parts], -1, before[cells]).astype(np.int32)
        goes_on = np.flatnonzero((after >= 0) & there[cells])
        said = Decided._make(column[parts[goes_on]] for column in self._rules.decided(frame))
        items = self._rules.states.decided(Done._make(column[cells[goes_on]] for column in done), said)
        after[goes_on] = compiled.item_numbers(items)
        told = self._told(frame)
        columns = zip(cells.tolist(), told[parts].tolist(), frame.sets[parts].tolist(), after.tolist(), strict=True)
        made: list[list[MadeStep]] = [[] for _ in wanted]
        for number, what, sets, item in columns:
            made[number].append(MadeStep(sets, what, item))
        for (mutant, cell), steps in zip(wanted, made, strict=True):
            mutant.note(cell, steps)

    def _told(self, frame: Frame) -> Ints:
        """The number of what is told of a step that each part of a frame decides, [n]."""
        rules = self._rules
        notices = [one.column for one in (*rules.of_steps, *rules.of_items)]
        known = np.concatenate([frame.answers[:, notices], frame.refused[:, None], frame.faulty[:, None]], axis=1)
        first, which = distinct(known)
        return np.array([self._told_by(rules, frame, part) for part in first.tolist()], np.int32)[which]


def _seen(turns: Sequence[StatusTurn]) -> list[tuple[int, int, int]]:
    return [(turn.sets, turn.dest, turn.move) for turn in turns]


def _remembering(policy: Policy, combinations: Combinations, memory: str) -> int:
    """The combinations under which anything looks at a memory."""
    bits = 0
    tested: list[tuple[When, str | None]] = [(row.when, row.reading) for row in policy.rows]
    tested += [(transition.when, transition.reading) for transition in policy.transitions(policy.link)]
    tested += [(when, None) for claim in policy.properties for when in (claim.what, claim.start)]
    tested += [(one.when, None) for one in policy.vocabulary.history.values() if one.name != memory]
    for when, reading in tested:
        if any(fact == memory for fact, _ in when):
            bits |= combinations.given_by(reading)
    return bits
