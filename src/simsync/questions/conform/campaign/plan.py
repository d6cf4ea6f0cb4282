"""Which sequences a campaign drives a system through."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.questions.conform.campaign.planned_rounds import OverlapOptions
from simsync.questions.conform.diagnosis.conformity import NotTested
from simsync.questions.conform.sequences.courses import ITEMS, STEPS, Courses
from simsync.questions.conform.sequences.drives import (
    Drive,
    driven_there,
    every_sequence,
    every_status_action,
    there_and_back,
    twins,
    ways_from,
    ways_from_the_first,
)
from simsync.questions.conform.sequences.hard_texts import LONGEST
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.conform.systems.abilities import Ability
from simsync.questions.conform.systems.sut import System
from simsync.scenarios.scenario import Scenario

__all__ = ["ITEMS", "LONGEST", "STEPS", "WALKS", "Plan", "Sources", "as_read", "lacks"]

TICKETS = 2
"""On which the texts of an item can stand."""
USUAL_OVERLAP = OverlapOptions()
WALKS = 100
"""Random walks of a campaign for which nothing else is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where sequences come from: scenarios, so many random walks with a seed, every sequence of so many events.

    ``systematic``: every status action in every status, items that look alike, and twice round every cycle of the
    status machine. ``texts``: hard texts of so many characters at most; ``items`` of each partner, and ``steps``, of
    long sequences; none of these with 0. ``overlap``: how actions overlap, None where they do not.
    """

    scenarios: Sequence[Scenario] = ()
    walks: int = 0
    seed: int = 0
    depth: int = 0
    systematic: bool = False
    texts: int = 0
    items: int = 0
    steps: int = 0
    overlap: OverlapOptions | None = None


def sources_of(
    scenarios: Sequence[Scenario],
    *,
    alone: bool = False,
    seed: int = 0,
    walks: int | None = None,
    depth: int | None = None,
    items: int | None = None,
    steps: int | None = None,
    overlap: OverlapOptions = USUAL_OVERLAP,
) -> Sources:
    """What a campaign drives a system through: what is said, and the usual of everything where nothing is.

    ``alone``: only the scenarios, and what is said besides. Walks or a depth alone are all that is wanted, too.
    """
    alone = alone or bool(walks) or depth is not None

    def wanted(said: int | None, usual: int) -> int:
        return said if said is not None else 0 if alone else usual

    return Sources(
        scenarios=scenarios,
        walks=wanted(walks, WALKS),
        seed=seed,
        depth=depth or 0,
        systematic=not alone,
        texts=0 if alone else LONGEST,
        items=wanted(items, ITEMS),
        steps=wanted(steps, STEPS),
        overlap=None if alone and not overlap.wanted else overlap,
    )


@dataclass(slots=True)
class Plan:
    """The sequences that a system can be driven through, and those that it cannot.

    Raises :class:`SystemFault` where the system does not say what it can do.
    """

    model: Model
    system: System
    sources: Sources
    not_applicable: int = 0
    not_tested: list[NotTested] = field(default_factory=list)

    def drives(self) -> Iterator[Drive]:
        """Each sequence, made as it is asked for; what is left out is counted meanwhile."""
        ability, goes_on = self.system.ability, self.system.goes_on
        jumps = goes_on or self.system.resets_to_status
        ways = ways_from_the_first(self.model)
        every = self._all(ability)
        for drive in sorted(every, key=partial(_finality, self.model)) if goes_on else every:
            lacking = None
            if not jumps:
                if drive.trace.status not in ways:
                    self.not_tested.append(NotTested(source=drive.source, lacks=f"a way to {drive.trace.status}"))
                    continue
                drive = driven_there(drive, ways, self.model.status_spec.initial)
            lacking = lacks(self.model, ability, drive) or self._too_large(drive)
            if lacking is None:
                yield drive
            else:
                self.not_tested.append(NotTested(source=drive.source, lacks=lacking))

    def _all(self, ability: Ability) -> Iterator[Drive]:
        for scenario in self.sources.scenarios:
            if not as_read(self.model.readings, scenario):
                self.not_applicable += 1
            elif not scenario.rounds:
                yield Drive(trace=scenario.trace, source=f"{scenario.file}:{scenario.line}")
        allows = partial(_allows, ability)
        courses = Courses(self.model, allows)
        if self.sources.systematic:
            yield from self._possible(ability, every_status_action(self.model))
            yield from twins(self.model)
            yield from there_and_back(self.model)
            yield from courses.laps()
        if self.sources.texts:
            longest = min(self.sources.texts, self.system.names.longest or self.sources.texts)
            yield from courses.texts(longest)
            yield from courses.carried(longest)
        if self.sources.items:
            yield from courses.crowds(self.sources.items)
        if self.sources.steps:
            yield from courses.marathons(self.sources.steps)
        yield from walks(self.model, self.sources.seed, self.sources.walks, allows)
        if self.sources.depth:
            yield from every_sequence(self.model, self.sources.depth)

    def _too_large(self, drive: Drive) -> str | None:
        """What the system would have to answer, where the texts of all items on both tickets are too much for that."""
        size = self.system.limits.size
        texts: dict[str | None, int] = {}
        for event in drive.trace.events:
            said = sum(len(json.dumps(value)) for value in event.fields.values() if isinstance(value, str))
            texts[event.item] = max(said, texts.get(event.item, 0))
        if TICKETS * sum(texts.values()) <= size:
            return None
        return f"answer with so much text within {size:,} bytes (--max-answer)"

    def _possible(self, ability: Ability, drives: Iterator[Drive]) -> Iterator[Drive]:
        """Of refused actions, which do not depend on each other, those that the system can be asked for."""
        for drive in drives:
            events = tuple(e for e in drive.trace.events if ability.lacks(World(drive.trace.status), e) is None)
            if events:
                yield Drive(trace=Trace(status=drive.trace.status, events=events), source=drive.source)


def _finality(model: Model, drive: Drive) -> tuple[int, int]:
    """By which drives are sorted for a system that is never reset: those come last after which least can be done."""
    world = World(drive.trace.status)
    for event in drive.trace.events:
        world = step(model, world, event).after
    before, after = (len(ways_from(model, status)) for status in (drive.trace.status, world.status))
    return -before, -after


def as_read(readings: Mapping[str, str], scenario: Scenario) -> bool:
    """Whether a scenario is about systems that follow these readings."""
    return all(readings[name] == option for name, option in scenario.readings.items())


def _allows(ability: Ability, world: World, event: Event) -> bool:
    return ability.lacks(world, event) is None


def lacks(model: Model, ability: Ability, drive: Drive) -> str | None:
    """What the system would have to be able to do for a drive, and cannot; None if it can do it."""
    world = World(drive.trace.status)
    for event in drive.trace.events if ability.limited else ():
        lacking = ability.lacks(world, event)
        if lacking is not None:
            return lacking
        world = step(model, world, event).after
    return None
