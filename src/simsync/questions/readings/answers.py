"""What can be seen in a scenario under every combination of readings: its possible answers, and what each means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace
from simsync.statespace.differences import Observable, Seen, StepObservation, seen, what_is_seen
from simsync.statespace.space import Space
from simsync.statespace.variant_traces import branches


class PossibleAnswer(NamedTuple):
    """What is seen in every step under some combinations; ``outcomes`` are those of one of them."""

    combos: int
    outcomes: tuple[Outcome, ...]


class Clue(NamedTuple):
    """What is seen there, and under which combinations: a flag, a status, recipients, a view, None for no such item."""

    look: Observable
    value: Seen
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
    sights = [dict(what_is_seen(answer.outcomes)) for answer in given]
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
