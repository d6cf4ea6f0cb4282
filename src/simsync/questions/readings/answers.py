"""What can be seen in a scenario under every combination of readings: its possible answers, and what each means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace
from simsync.engine.view import View
from simsync.statespace.combinations import Combinations
from simsync.statespace.differences import StepObservation, seen
from simsync.statespace.space import Space
from simsync.statespace.variant_traces import branches


class PossibleAnswer(NamedTuple):
    """What is seen in every step under some combinations; ``outcomes`` are those of one of them."""

    combos: int
    outcomes: tuple[Outcome, ...]


class Observable(NamedTuple):
    """One thing to look at after a step (numbered from 0): whether it is refused, the status, who is told, an item.

    ``partner`` and ``item``: what that partner's ticket shows of it; ``undecided`` is whether the rules fail there.
    """

    step: int
    what: str
    partner: str | None = None
    item: str | None = None


class Clue(NamedTuple):
    """What is seen there, and under which combinations: a flag, a status, recipients, a view, None for no such item."""

    look: Observable
    value: bool | str | tuple[str, ...] | View | None
    combos: int


def answers(space: Space, trace: Trace, within: int) -> list[PossibleAnswer]:
    """Every answer that some combinations give, the one of the first combination first."""
    grouped: list[tuple[list[StepObservation], PossibleAnswer]] = []
    for bits, _, outcomes in branches(space, within, trace):
        shown = [seen(outcome) for outcome in outcomes]
        same = next((n for n, (other, _) in enumerate(grouped) if other == shown), None)
        if same is None:
            grouped.append((shown, PossibleAnswer(bits, outcomes)))
        else:
            grouped[same] = shown, PossibleAnswer(grouped[same][1].combos | bits, grouped[same][1].outcomes)
    return sorted((answer for _, answer in grouped), key=lambda answer: answer.combos & -answer.combos)


def clues(given: Sequence[PossibleAnswer]) -> list[Clue]:
    """What to look at, and what is to be seen there: no more looks than it takes to know the answer."""
    sights = [dict(_sights(answer)) for answer in given]
    looks = list(dict.fromkeys(look for one in sights for look in one))
    values = [[_value_of(one.get(look)) for look in looks] for one in sights]
    chosen: list[int] = []
    for number in range(len(looks)):
        if _groups(values, [*chosen, number]) > _groups(values, chosen):
            chosen.append(number)
    for number in list(chosen):
        fewer = [other for other in chosen if other != number]
        if _groups(values, fewer) == len(given):
            chosen = fewer
    found: list[Clue] = []
    for number in chosen:
        by_value: dict[object, Clue] = {}
        for answer, sight, row in zip(given, sights, values, strict=True):
            look, known = looks[number], by_value.get(row[number])
            value = sight.get(look) if known is None else known.value
            by_value[row[number]] = Clue(look, value, answer.combos | (known.combos if known else 0))
        found += by_value.values()
    return found


def _groups(values: Sequence[Sequence[object]], looks: Sequence[int]) -> int:
    return len({tuple(row[look] for look in looks) for row in values})


def _value_of(value: object) -> object:
    """Something that can be compared and be a key."""
    return tuple(value.items()) if isinstance(value, Mapping) else value


def _sights(answer: PossibleAnswer) -> Iterator[tuple[Observable, bool | str | tuple[str, ...] | View | None]]:
    """All that can be looked at, in the order in which one would."""
    for step, outcome in enumerate(answer.outcomes):
        shown = seen(outcome)
        yield Observable(step, "undecided"), shown.undecided
        yield Observable(step, "refused"), shown.refused
        yield Observable(step, "status"), shown.status
        for partner, ticket in shown.tickets.items():
            for item in outcome.after.items:
                yield Observable(step, "ticket", partner, item), ticket.get(item)
        yield Observable(step, "notified"), shown.notified


Cube = dict[str, str]
"""Options of some readings: all combinations with these."""


def described(bits: int, among: Combinations, within: int) -> list[Cube]:
    """A set of combinations in words: those with one of these choices of options, as few and as short as may be.

    Nothing outside of ``within`` is told apart. The empty choice stands for all of it, no choice for the empty set.
    """
    bits &= within
    outside = among.everything & ~within
    readings = [r for r, options in among.options.items() if _matters(bits, within, r, options, among)]
    cubes: list[tuple[int, Cube]] = []
    for size in range(len(readings) + 1):
        for names in combinations(readings, size):
            for options in product(*(among.options[name] for name in names)):
                cube = dict(zip(names, options, strict=True))
                covered = among.under(cube)
                known = any(covered & ~other == 0 for other, _ in cubes)
                if covered & within and not covered & ~(bits | outside) and not known:
                    cubes.append((covered, cube))
    return _fewest(cubes, bits)


def _matters(bits: int, within: int, reading: str, options: Iterable[str], among: Combinations) -> bool:
    """Whether a set, as far as it can be told, depends on a reading."""
    parts = []
    for number, option in enumerate(options):
        distance = number * among.stride(reading)
        chosen = among.with_option(reading, option)
        parts.append(((bits & chosen) >> distance, (within & chosen) >> distance))
    return any((a ^ b) & known & others for (a, known), (b, others) in combinations(parts, 2))


def _fewest(cubes: Sequence[tuple[int, Cube]], bits: int) -> list[Cube]:
    """Enough of the cubes to cover a set, the larger first."""
    chosen: list[tuple[int, Cube]] = []
    open_ = bits
    while open_:
        best = max(cubes, key=lambda one: ((one[0] & open_).bit_count(), -len(one[1])))
        chosen.append(best)
        open_ &= ~best[0]
    return [cube for _, cube in sorted(chosen, key=lambda one: one[0] & -one[0])]
