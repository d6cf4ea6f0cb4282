"""The use case behind `simsync races`: a model and perhaps some scenarios in, races out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simsync.app import collector_paused, load_scenarios
from simsync.engine.model import Model
from simsync.engine.world import World
from simsync.progress import Progress, silent
from simsync.questions.races.groups import RaceGroup, grouped
from simsync.questions.races.races import Counted, RaceKind, RaceSearch
from simsync.questions.races.situations import MOST_STEPS, Situations
from simsync.scenarios.simulate import ScenarioResult, run_scenario
from simsync.statespace.abstraction import NAME
from simsync.statespace.consequences import joins_items, makes_items
from simsync.statespace.differences import shared_notices
from simsync.statespace.table_cache import kept_table
from simsync.workers.workers import HERE, Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Races:
    """What was found in how many situations, and how far that goes.

    ``items`` is how many items partners made at most, ``against`` what speaks against that standing for any number,
    ``beyond`` how many situations were come to that were not gone on from. ``situations`` are those looked at,
    ``strange`` those of the scenarios that are not among them, ``other`` the scenarios of other readings.
    """

    model: Model
    groups: tuple[RaceGroup, ...]
    counted: Counted
    items: int
    against: tuple[str, ...]
    situations: int
    beyond: int
    steps: int
    scenarios: int | None = None
    strange: int = 0
    other: int = 0

    def of(self, kind: RaceKind) -> list[RaceGroup]:
        """The groups of a kind."""
        return [group for group in self.groups if group.kind is kind]


def races_of(
    model: Model,
    places: Sequence[str] = (),
    progress: Progress = silent,
    most: int = MOST_STEPS,
    place: Where = HERE,
) -> Races:
    """The races of a model; with places, of the situations that the scenarios there come to.

    ``place`` is where the work is done. Raises :class:`SimsyncError` with every problem of the files.
    """
    scenarios = load_scenarios(*places, model=model) if places else []
    with collector_paused():
        against = tuple(_against(model))
        situations = Situations(model, 2 if _joined(model) else 1, progress, most, place)
        here = [one for one in scenarios if model.under(one.readings).readings == model.readings]
        within, strange = _within(situations, [run_scenario(model, one) for one in here])
        search = RaceSearch(situations, within if places else None)
        groups = grouped(search, search.sightings(place, progress))
    return Races(
        model=model,
        groups=tuple(groups),
        counted=search.counted,
        items=situations.items,
        against=against,
        situations=sum(map(len, search.alike.values())),
        beyond=situations.steps.count(None),
        steps=situations.tried,
        scenarios=len(here) if places else None,
        strange=strange,
        other=len(scenarios) - len(here),
    )


def _joined(model: Model) -> bool:
    """Whether rules look at other items than the one that they decide on."""
    return bool(joins_items(model) or model.factory.present)


def _against(model: Model) -> Iterator[str]:
    """What speaks against that what holds of one item holds of any number of them."""
    yield from joins_items(model)
    yield from makes_items(model)
    yield from (f"rules test '{fact}'" for fact in model.factory.present)
    if not _joined(model):
        yield from kept_table(model)[1].against
    items = model.words.item.many
    yield from (f"who is told by '{name}' depends on all {items} together" for name in shared_notices(model))


def _within(situations: Situations, results: Sequence[ScenarioResult]) -> tuple[set[int], int]:
    """The situations that runs come to, item by item where each is by itself, and how many more there are."""
    worlds = {world for one in results for outcome in one.tried() for world in (outcome.before, outcome.after)}
    states = {situations.state(one) for world in worlds for one in _alone(world, situations)}
    found = {situations.numbers[state] for state in states if state in situations.numbers}
    return found, len(states) - len(found)


def _alone(world: World, situations: Situations) -> Iterator[World]:
    """A world of each item alone, which is called as the walk calls it; of several that are not independent, as is."""
    if situations.items > 1:
        yield world
        return
    yield World(world.status)
    yield from (World(world.status, {NAME: item}) for item in world.items.values())
