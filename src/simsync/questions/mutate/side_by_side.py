"""The shortest difference that a mutant makes, found where it changes anything and nowhere else.

The rules have been walked through already, and of the mutant only the steps are taken that it may decide otherwise;
everywhere else the two are the same. Most mutants show a difference at the first places where they change anything.
For the others it is first tried to prove that there is none.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count, groupby
from typing import NamedTuple

from simsync.engine.trace import Trace
from simsync.mutation.mutants import Mutant
from simsync.questions.mutate.altered import Altered, Stack, Unmutated, Wanted
from simsync.statespace.abstraction import with_texts
from simsync.statespace.observations import Observation
from simsync.statespace.product_search import Pair
from simsync.statespace.space import State
from simsync.workers.workers import chunks

PATIENCE = 2
"""So many steps are walked on before it is tried to prove that there is no difference."""

FEW = 100
"""Where a mutant may decide otherwise at so few places, that is tried at once."""

FIRST = 12
"""At how many places a mutant is looked at at once at first: mostly one of them shows a difference."""

AT_ONCE = 2_000
"""At how many places it is later."""


class Apart(NamedTuple):
    """The shortest way to a difference, and the readings under which it is one."""

    difference: Trace
    readings: dict[str, str]


def first_differences(rules: Unmutated, mutants: Sequence[Mutant]) -> list[Apart | None]:
    """For each mutant the shortest scenario with one item that tells it from the rules; None if there is none.

    It is one for the readings of the model where there is any, else one for other readings, as few as will do. None is
    a proof for one item under every combination of readings.
    """
    stack = Stack(rules, mutants)
    searches = [_Search(rules, mutant) for mutant in stack.mutants]
    waiting = [(search, search.run()) for search in searches]
    while waiting:
        asked = [(search, going, wanted) for search, going in waiting if (wanted := next(going, None)) is not None]
        stack.prepare([(search.mutant, wanted) for search, _, wanted in asked])
        waiting = [(search, going) for search, going, _ in asked]
    return [search.found for search in searches]


class _Search:
    """Breadth first through pairs of places that look alike so far; most are the same place twice.

    Each pair carries the combinations of readings under which both sides have come there. Up to the first places where
    anything is decided otherwise the two go the same way as the rules alone, which is known. ``came``: the pairs come
    to, one place standing for a pair of it twice.
    """

    def __init__(self, rules: Unmutated, mutant: Altered) -> None:
        self.rules, self.mutant = rules, mutant
        self.within = mutant.scope
        self._as_read = rules.combinations.under(rules.model.readings)
        self._arrivals = rules.arrival_of[mutant.touched].tolist()
        self._events = rules.event_of[mutant.touched].tolist()
        self._layer = -1
        self._changed: dict[State, list[int]] = {}
        self.found: Apart | None = None
        self._front: dict[Pair, int] = {}
        self.came: dict[Pair | State, int] = {}
        self.before: dict[Pair, list[tuple[int, Pair]]] = {}

    def run(self) -> Iterator[Wanted]:
        """Find the shortest way to a step that shows a difference; gives the steps that it needs to know next."""
        for layer, places in self._layers():
            self._layer = layer
            for some in chunks(places, FIRST):
                yield [((state, state), events) for state, events in some]
                if self._looked(some):
                    return
            if any(self._changed.values()):
                break
        else:
            return
        few = sum(1 for state in self._touched_at if self.rules.space.came[state] & self.within) <= FEW
        if few and (yield from self._alike()):
            return
        self._begin()
        for number in count():
            if not self._front or (yield from self._one_layer()):
                return
            if not few and number == PATIENCE - 1 and (yield from self._alike()):
                return

    def _layers(self) -> Iterator[tuple[int, list[tuple[State, list[int]]]]]:
        """The places where anything may be decided otherwise, and the events with which, layer by layer of the walk."""
        for layer, points in groupby(
            zip(self._arrivals, self._events, strict=True), lambda point: self.rules.arrivals[point[0]].layer
        ):
            arrivals = ((self.rules.arrivals[number], what) for number, what in points)
            places = _by_place((arrival.state, what) for arrival, what in arrivals if arrival.new & self.mutant.scope)
            if places:
                yield layer, [*places.items()]

    def _looked(self, places: Iterable[tuple[State, list[int]]]) -> bool:
        """Look at some places of the walk; whether a difference that shows there is the one to tell of."""
        for state, events in places:
            self._changed[state] = [what for what in events if self._differs(state, what)]
            for bits, what in self._shown(state, self.rules.space.layers[self._layer][state]):
                if self._take(bits, (state, state), what):
                    return True
        return False

    def _differs(self, state: State, event: int) -> bool:
        ours, theirs = self.rules.observations.looks(state, event), self.mutant.looks(state, event)
        scope = self.mutant.scope
        return ours is not theirs and any(
            one.bits & two.bits & scope and one[1:] != two[1:] for one in ours for two in theirs
        )

    def _take(self, bits: int, pair: Pair, what: int) -> bool:
        """Take note of a difference; whether no better one is looked for: one for the readings as they are."""
        if self.found is None or bits & self._as_read:
            self.found = self._apart(bits, pair, what)
        done = bool(bits & self._as_read) or not self._as_read & self.within
        self.within = self._as_read  # only what may be told as the rules are read is still of interest
        return done

    def _shown(self, state: State, new: int) -> Iterator[tuple[int, int]]:
        """The combinations and events that show a difference where both sides are at the same place."""
        for what in self.changed_at(state):
            shown = 0
            for both, one, two in self._steps((state, state), what):
                if one.seen != two.seen:
                    shown |= both & new & self.within
            if shown:
                yield shown, what

    def changed_at(self, state: State) -> list[int]:
        """The events at a place of the rules after which anything is otherwise, seen or not."""
        if state not in self._changed:
            self._changed[state] = [what for what in self._touched_at.get(state, ()) if self._differs(state, what)]
        return self._changed[state]

    @cached_property
    def _touched_at(self) -> dict[State, list[int]]:
        """The events at places of the rules that the mutant may decide otherwise, in the order of the walk."""
        arrivals = self.rules.arrivals
        return _by_place((arrivals[n].state, what) for n, what in zip(self._arrivals, self._events, strict=True))

    def _alike(self) -> Generator[Wanted, None, bool]:
        """Whether it is certain that no combination within those of interest ever shows a difference.

        Both sides may be at the same place wherever the rules come to; from there only what is otherwise is followed.
        """
        came, within = self.rules.space.came, self.within
        places = [(state, events) for state, events in self._touched_at.items() if came[state] & within]
        known, front = dict[Pair, int](), dict[Pair, int]()
        for some in chunks(places, AT_ONCE):
            yield [((state, state), events) for state, events in some]
            if self._shows((((s, s), came[s] & within, what) for s, events in some for what in events), known, front):
                return False
        while front:
            yield [(pair, self.rules.events(pair)) for pair in front]
            steps = [(pair, bits, what) for pair, bits in front.items() for what in self.rules.events(pair)]
            front = {}
            if self._shows(steps, known, front):
                return False
        return True

    def _shows(self, steps: Iterable[tuple[Pair, int, int]], known: dict[Pair, int], front: dict[Pair, int]) -> bool:
        """Whether a step of some combinations from a pair shows a difference; ``front`` has where others lead to."""
        for pair, bits, what in steps:
            for both, one, two in self._steps(pair, what):
                fresh = both & bits
                if fresh and one.seen != two.seen:
                    return True
                after = one.after, two.after
                if one.after != two.after and (fresh := fresh & ~known.get(after, 0)):
                    known[after] = known.get(after, 0) | fresh
                    front[after] = front.get(after, 0) | fresh
        return False

    def _begin(self) -> None:
        """Begin to walk through pairs of places, at the first where anything is otherwise."""
        self.within = self.mutant.scope
        for arrival in self.rules.arrivals:
            if arrival.layer <= self._layer and (bits := arrival.new & self.within):
                self.came[arrival.state] = self.came.get(arrival.state, 0) | bits
                if arrival.layer == self._layer:
                    self._front[arrival.state, arrival.state] = bits

    def _one_layer(self) -> Generator[Wanted, None, bool]:
        """Go on by a step; whether the difference to tell of was found."""
        front, self._front = list(self._front.items()), {}
        for some in chunks(front, AT_ONCE):
            apart = [pair for pair, _ in some if pair[0] != pair[1]]
            alike = [(pair, self._touched_at[pair[0]]) for pair, _ in some if pair[0] in self._touched_at]
            yield [*((pair, self.rules.events(pair)) for pair in apart), *alike]
            for pair, new in some:
                for bits, what in self._differing(pair, new):
                    if self._take(bits, pair, what):
                        return True
        return False

    def _differing(self, pair: Pair, new: int) -> Iterator[tuple[int, int]]:
        """The combinations and events that show a difference at a pair; where none shows, the walk goes on."""
        here, there = pair
        new &= self.within
        if not new:
            return
        if here != there:
            yield from self._tried(pair, new, self.rules.events(pair))
            return
        changed = self.changed_at(here)
        yield from self._tried(pair, new, changed)
        new &= self.within
        for after, events in self.rules.leading(here).items():
            if new & ~self.came.get(after, 0):
                for what, bits in events.items():
                    if bits & new and what not in changed:
                        self._visit(pair, (after, after), bits & new)

    def _tried(self, pair: Pair, new: int, events: Iterable[int]) -> Iterator[tuple[int, int]]:
        for what in events:
            shown = 0
            for both, one, two in self._steps(pair, what):
                bits = both & new & self.within
                if bits and one.seen != two.seen:
                    shown |= bits
                elif bits:
                    self._visit(pair, (one.after, two.after), bits)
            if shown:
                yield shown, what

    def _steps(self, pair: Pair, what: int) -> Iterator[tuple[int, Observation, Observation]]:
        """What an event comes to on both sides, with the combinations under which it does."""
        theirs = self.mutant.looks(pair[1], what)
        for one in self.rules.observations.looks(pair[0], what):
            for two in theirs:
                if both := one.bits & two.bits:
                    yield both, one, two

    def _visit(self, pair: Pair, after: Pair, bits: int) -> None:
        same = after[0] if after[0] == after[1] else after
        known = self.came.get(same, 0)
        fresh = bits & ~known
        if fresh:
            self.came[same] = known | fresh
            self._front[after] = self._front.get(after, 0) | fresh
            self.before.setdefault(after, []).append((fresh, pair))

    def _apart(self, bits: int, pair: Pair, what: int) -> Apart:
        space, model = self.rules.space, self.rules.model
        readings = self.rules.combinations.first(bits, model.readings)
        one, events = self.rules.combinations.under(readings), [what]
        while before := next((earlier for fresh, earlier in self.before.get(pair, ()) if fresh & one), None):
            events.append(self._between(before, pair, one))
            pair = before
        status, first = space.path(pair[0], readings)
        taken = [*first, *(space.events[number] for number in reversed(events))]
        return Apart(Trace(status=status, events=with_texts(model, taken)), readings)

    def _between(self, before: Pair, pair: Pair, one: int) -> int:
        """The event that leads from a pair to another under one combination."""
        return next(
            what
            for what in self.rules.events(before)
            for bits, ours, theirs in self._steps(before, what)
            if bits & one and (ours.after, theirs.after) == pair and ours.seen == theirs.seen
        )


def _by_place(points: Iterable[tuple[State, int]]) -> dict[State, list[int]]:
    """Events by place, ascending."""
    found: dict[State, dict[int, None]] = {}
    for state, what in points:
        found.setdefault(state, {})[what] = None
    return {state: sorted(events) for state, events in found.items()}
