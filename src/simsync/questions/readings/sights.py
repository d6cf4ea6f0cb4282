"""What can be seen of one item's steps under every combination of readings, as numbers, looked at once each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from simsync.engine.outcome import Outcome
from simsync.engine.view import ticket
from simsync.engine.world import Event
from simsync.statespace.combinations import Combinations
from simsync.statespace.family import Family
from simsync.statespace.places import Place


class Turn(NamedTuple):
    """What a step shows under some combinations, and the place after it; all numbered."""

    combos: int
    sight: int
    after: int


class Need(NamedTuple):
    """Two options of a reading to be told apart. Contexts are combinations with the ``first``."""

    reading: str
    first: str
    second: str


class Needs:
    """All that there is to tell apart, reading by reading; those that are ``settled`` need no telling."""

    def __init__(self, among: Combinations, settled: Iterable[str] = ()) -> None:
        self.all = [
            Need(reading, *pair)
            for reading, options in among.options.items()
            if reading not in settled
            for pair in combinations(options, 2)
        ]
        self._apart: dict[Need, tuple[int, int, int]] = {}
        for need in self.all:
            options = among.options[need.reading]
            distance = among.stride(need.reading) * (options.index(need.second) - options.index(need.first))
            first, second = (among.with_option(need.reading, option) for option in (need.first, need.second))
            self._apart[need] = (first, second, distance)

    def contexts(self, need: Need) -> int:
        """The combinations with the first option."""
        return self._apart[need][0]

    def brought_down(self, need: Need, bits: int) -> int:
        """Those with the second option, as if they had the first."""
        _, second, distance = self._apart[need]
        return (bits & second) >> distance

    def brought_up(self, need: Need, bits: int) -> int:
        """Those with the first option, as if they had the second."""
        first, _, distance = self._apart[need]
        return (bits & first) << distance

    def met(self, need: Need, groups: Iterable[int]) -> int:
        """The contexts in which the two options are in different groups."""
        first, second, distance = self._apart[need]
        apart = 0
        for group in groups:
            apart |= group & first & ~((group & second) >> distance)
        return apart


class Sights:
    """Numbers for places, events, and what can be seen; each step is taken once, and remembered."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.places: list[Place] = []
        self.events: list[Event] = []
        self._place: dict[Place, int] = {}
        self._event: dict[tuple[object, ...], int] = {}
        self._sight: dict[tuple[object, ...], int] = {}
        self._shown: dict[int, object] = {}
        self._possible: dict[int, tuple[int, ...]] = {}
        self._turns: dict[tuple[int, int], tuple[Turn, ...]] = {}

    def number(self, place: Place) -> int:
        """The number of a place."""
        found = self._place.get(place)
        if found is None:
            found = self._place[place] = len(self.places)
            self.places.append(place)
        return found

    def possible(self, place: int) -> tuple[int, ...]:
        """Every event that makes sense at a place."""
        found = self._possible.get(place)
        if found is None:
            events = self.family.sketch.events(self.places[place].shape)
            found = self._possible[place] = tuple(map(self._number_of, events))
        return found

    def _number_of(self, event: Event) -> int:
        key = (event.actor, event.action, event.kind, *event.fields.items())
        found = self._event.get(key)
        if found is None:
            found = self._event[key] = len(self.events)
            self.events.append(event)
        return found

    def turns(self, place: int, event: int) -> tuple[Turn, ...]:
        """All combinations, parted by what the event shows and where it leads."""
        found = self._turns.get((place, event))
        if found is None:
            joined: dict[tuple[int, int], int] = {}
            for branch in self.family.branches(self.places[place], self.events[event]):
                key = self._shows(branch.outcome)
                joined[key] = joined.get(key, 0) | branch.combos
            found = tuple(Turn(combos, *key) for key, combos in joined.items())
            self._turns[place, event] = found
        return found

    def _shows(self, outcome: Outcome) -> tuple[int, int]:
        """What a step shows, and the place after it; other rows may decide alike."""
        after = self.number(self.family.sketch.place(outcome.after))
        seen = (
            outcome.refused is not None,
            bool(outcome.defects),
            tuple(sorted(outcome.notified)),
            self._tickets(after),
        )
        return self._sight.setdefault(seen, len(self._sight)), after

    def _tickets(self, place: int) -> object:
        """The status and what both tickets show, as something that can be compared."""
        found = self._shown.get(place)
        if found is None:
            words, world = self.family.model.vocabulary, self.family.sketch.world(self.places[place])
            shown = [ticket(words, world, partner) for partner in words.partners]
            views = tuple(tuple((n, *view.items()) for n, view in one.items()) for one in shown)
            found = self._shown[place] = (world.status, views)
        return found

    def beginnings(self, within: int) -> list[int]:
        """The places in which a scenario can begin under all of some combinations."""
        return [
            self.number(Place(status, None)) for status, bits in self.family.statuses().items() if not within & ~bits
        ]

    def reached(self, within: int) -> dict[int, int]:
        """Every place that some combinations come to, and which of them."""
        came = dict.fromkeys(self.beginnings(within), within)
        front = dict(came)
        while front:
            reached: dict[int, int] = {}
            for place, new in front.items():
                for event in self.possible(place):
                    for turn in self.turns(place, event):
                        fresh = turn.combos & new & ~came.get(turn.after, 0)
                        if fresh:
                            came[turn.after] = came.get(turn.after, 0) | fresh
                            reached[turn.after] = reached.get(turn.after, 0) | fresh
            front = reached
        return came


class Weight(NamedTuple):
    """In what shares of the reachable situations another option of a reading gives another outcome.

    ``at_once``: where the step itself shows it, ``at_all``: also where only what is not shown differs, such as a link.
    """

    at_once: float
    at_all: float


class Weights(NamedTuple):
    """How much each reading matters, under the first of some combinations and over all of them."""

    by_default: dict[str, Weight]
    over_all: dict[str, Weight]


def weights(sights: Sights, needs: Needs, within: int) -> Weights:
    """How much each reading matters.

    A situation is a place that one item can come to, and an event that makes sense there; over all, each is counted for
    every combination that comes there.
    """
    came = sights.reached(within)
    populations = within & -within, within
    situations = [(len(sights.possible(place)), bits) for place, bits in came.items()]
    totals = [sum(events * (bits & some).bit_count() for events, bits in situations) for some in populations]
    counts = [{need.reading: [0, 0] for need in needs.all} for _ in populations]
    for place, bits in came.items():
        for event in sights.possible(place):
            turns = sights.turns(place, event)
            if len(turns) > 1:
                groups = groups_of(turns), [turn.combos for turn in turns]
                for sort, parts in enumerate(groups):
                    for reading, apart in _depending(needs, parts):
                        for count, some in zip(counts, populations, strict=True):
                            count[reading][sort] += (bits & apart & some).bit_count()
    return Weights(
        *(
            {reading: Weight(*(n / total for n in found)) for reading, found in count.items()}
            for count, total in zip(counts, totals, strict=True)
        )
    )


def groups_of(turns: Iterable[Turn]) -> list[int]:
    """Combinations that see the same."""
    groups: dict[int, int] = {}
    for turn in turns:
        groups[turn.sight] = groups.get(turn.sight, 0) | turn.combos
    return list(groups.values())


def _depending(needs: Needs, groups: list[int]) -> Iterator[tuple[str, int]]:
    """For each reading the combinations that would see something else under another of its options."""
    found: dict[str, int] = {}
    for need in needs.all:
        met = needs.met(need, groups)
        if met:
            found[need.reading] = found.get(need.reading, 0) | met | needs.brought_up(need, met)
    return iter(found.items())
