"""What is told of a race, whatever the format: its actions in words, where it is, both outcomes, what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.overlap import RoundOutcome, round_outcomes
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.questions.races.groups import RaceDeed, RaceGroup
from simsync.questions.races.races import Race, RaceKind
from simsync.report.overlapped import Overlaps, Parted, parted
from simsync.report.scenario_text import act_text, way_text
from simsync.report.terminal import Glyphs
from simsync.scenarios.writing import Document, overlapping

HEADS = {
    RaceKind.IMPOSSIBLE: "No system that answers at once can get these right",
    RaceKind.FREE: "What comes of it depends on the order",
    RaceKind.FORCED: "One order only does both",
    RaceKind.ENABLING: "One makes the other possible",
}
MEANS = {
    RaceKind.IMPOSSIBLE: "Alone each is done, as its own {ticket} has it, and no order does all of them. The {page} has"
    " to say who wins, or the product has to lock.",
    RaceKind.FREE: "Both are done in either order, and then {tickets}, {status} or notifications differ. Which order"
    " counts, or that either may, is for the {page} to say.",
    RaceKind.FORCED: "Alone each is done, and one order alone does both: a system that answers at once has to come to"
    " what that order comes to.",
    RaceKind.ENABLING: "What is refused alone is done after the other's. A system that answers at once refuses, and is"
    " right.",
}


@dataclass(frozen=True, slots=True)
class ToldRace:
    """A group of races in words. ``way`` leads to where both act, ``at_once`` is what they do there.

    ``orders`` are what each order comes to, by who acts first.

    ``rests_on`` are the statements cited by what decides, ``readings`` those on which it depends.
    """

    group: RaceGroup
    deeds: tuple[str, ...]
    way: str
    at_once: str
    orders: Parted
    rests_on: tuple[str, ...]
    readings: tuple[str, ...]
    document: Document


class RaceTeller:
    """Tells races in the words of one model."""

    def __init__(self, model: Model, glyphs: Glyphs) -> None:
        self._model = model
        self._overlaps = Overlaps(model, glyphs)

    def told(self, group: RaceGroup) -> ToldRace:
        """A group of races in words."""
        race = group.race
        outcomes = [one for other in race.outcomes for one in other.outcomes]
        cited = {source for one in outcomes for source in one.sources}
        names = (name for one in outcomes for name in readings_behind(one))
        chosen = tuple(f"{name}={self._model.readings[name]}" for name in dict.fromkeys(names))
        deeds = tuple(self.deed(deed) for deed in group.deeds)
        way, made = race.trace.rounds[:-1], overlapping(" and ".join(deeds), race.trace, len(race.outcomes))
        made["steps"] += [{event.actor: str(event), **event.fields} for event in race.later]
        before = Trace(status=race.trace.status, events=tuple(event for one in way for event in one))
        return ToldRace(
            group,
            deeds,
            way_text(self._model, before),
            " and ".join(act_text(self._model, event) for event in race.trace.rounds[-1]),
            self._orders(race),
            tuple(s for s in self._model.policy.citations.statements if s in cited),
            chosen,
            made,
        )

    def deed(self, deed: RaceDeed) -> str:
        """What an actor does, in words."""
        actions = _either(deed.actions)
        if deed.whose is not None:
            item = self._model.words.item.a
            own = item if deed.actions == (CREATE,) else f"{item} of its own"
            actions = f"{actions} {own if deed.whose == deed.actor else f'{item} of the {deed.whose}'}"
        return f"{deed.actor}: {', then '.join((*deed.before, actions))}"

    def _orders(self, race: Race) -> Parted:
        """What each order comes to; where that does not show at once, what it comes to with further actions."""
        titles = [_whose_turn(outcome) for outcome in race.outcomes]
        if not race.later:
            return parted(titles, [self._overlaps.seen(outcome) for outcome in race.outcomes])
        further = ", then ".join(act_text(self._model, event) for event in race.later)
        lasts = [self._further(outcome.after, race.later) for outcome in race.outcomes]
        shown = parted(titles, [self._overlaps.seen(last) for last in lasts])
        return Parted([f"it shows after {further}", *shown.common], shown.apart)

    def _further(self, world: World, events: tuple[Event, ...]) -> RoundOutcome:
        """What the last of further actions comes to."""
        for event in events[:-1]:
            (done,) = round_outcomes(self._model, world, (event,))
            world = done.after
        (last,) = round_outcomes(self._model, world, events[-1:])
        return last


def _whose_turn(outcome: RoundOutcome) -> str:
    """Who acts first, or of more than two actions in which turn."""
    actors = [outcome.events[position].actor for position in outcome.order]
    return f"{actors[0]} first" if len(actors) == 2 else ", then ".join(actors)


def _either(words: tuple[str, ...]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last
