"""The chapter on what becomes of it when both act at once."""

from __future__ import annotations

from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.questions.races.asked import races_of
from simsync.questions.races.races import RaceKind
from simsync.questions.races.report import bounds, where
from simsync.questions.races.told import HEADS, MEANS, RaceTeller, ToldRace
from simsync.report.terminal import UNICODE

MOST_STEPS = 40_000
"""Steps that are tried at most for the page."""


@dataclass(frozen=True, slots=True)
class RacesOfKind:
    """The races of one kind: what it is called, what it means, and each with where it is."""

    head: str
    means: str
    races: tuple[tuple[ToldRace, str], ...]
    whole: bool


def races_chapter(model: Model) -> tuple[list[RacesOfKind], list[str]]:
    """The races of a model by kind, those first that no system can get right; and how far that goes."""
    found, teller = races_of(model, most=MOST_STEPS), RaceTeller(model, UNICODE)
    kinds = [
        RacesOfKind(
            HEADS[kind],
            model.words.say(MEANS[kind]),
            tuple((teller.told(group), where(model, group)) for group in groups),
            kind is not RaceKind.ENABLING,
        )
        for kind in RaceKind
        if (groups := found.of(kind))
    ]
    return kinds, [f"{line[:1].upper()}{line[1:]}." for line in bounds(found)]
