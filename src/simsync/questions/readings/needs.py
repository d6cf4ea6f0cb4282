"""What there is to tell apart between readings, and how much each of them matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from simsync.statespace.combinations import Combinations
from simsync.statespace.observations import Observation, Observations


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


def weights(observations: Observations, needs: Needs, within: int) -> Weights:
    """How much each reading matters.

    A situation is a state that one item can come to, and an event that makes sense there; over all, each is counted for
    every combination that comes there.
    """
    space = observations.space
    came = {state: bits & within for state, bits in space.came.items() if bits & within}
    populations = within & -within, within
    situations = [(len(space.possible(state)), bits) for state, bits in came.items()]
    totals = [sum(events * (bits & some).bit_count() for events, bits in situations) for some in populations]
    counts = [{need.reading: [0, 0] for need in needs.all} for _ in populations]
    counted: dict[int, Counter[int]] = {}
    depending: dict[tuple[int, ...], list[tuple[str, int]]] = {}
    for state, bits in came.items():
        like = space.compiled.sort(state[1])
        if like not in counted:
            counted[like] = Counter(space.alike(state).values())
        for event, alike in counted[like].items():
            looks = observations.looks(state, event)
            if len(looks) > 1:
                for sort, parts in enumerate((groups_of(looks), [look.bits for look in looks])):
                    key = tuple(parts)
                    if key not in depending:
                        depending[key] = list(_depending(needs, parts))
                    for reading, apart in depending[key]:
                        for count, some in zip(counts, populations, strict=True):
                            count[reading][sort] += alike * (bits & apart & some).bit_count()
    return Weights(
        *(
            {reading: Weight(*(n / total for n in found)) for reading, found in count.items()}
            for count, total in zip(counts, totals, strict=True)
        )
    )


def groups_of(looks: Iterable[Observation]) -> list[int]:
    """Combinations that see the same."""
    groups: dict[int, int] = {}
    for look in looks:
        groups[look.seen] = groups.get(look.seen, 0) | look.bits
    return list(groups.values())


def _depending(needs: Needs, groups: list[int]) -> Iterator[tuple[str, int]]:
    """For each reading the combinations that would see something else under another of its options."""
    found: dict[str, int] = {}
    for need in needs.all:
        met = needs.met(need, groups)
        if met:
            found[need.reading] = found.get(need.reading, 0) | met | needs.brought_up(need, met)
    return iter(found.items())
