"""Races that are alike told as one: the same actions, in whatever status, on items of whatever kind."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from simsync.engine.world import Event, World
from simsync.questions.races.races import Race, RaceKind, RaceSearch, Sighting


class RaceDeed(NamedTuple):
    """What an actor does: any of some actions, after those ``before``. ``whose`` is the item's owner, if it has one."""

    actor: str
    before: tuple[str, ...]
    actions: tuple[str, ...]
    whose: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaceGroup:
    """Races of one kind by the same deeds, and the one that is soonest come to.

    ``statuses`` and ``kinds`` (of items) are where they are, ``situations`` in how many.
    """

    kind: RaceKind
    deeds: tuple[RaceDeed, ...]
    statuses: tuple[str, ...]
    kinds: tuple[str, ...]
    situations: frozenset[int]
    race: Race


def grouped(search: RaceSearch, sightings: Iterable[Sighting]) -> list[RaceGroup]:
    """Races as an analyst reads them, those first that no system can get right."""
    worlds = search.situations.worlds
    found: dict[Hashable, list[Sighting]] = {}
    for one in sightings:
        found.setdefault((one.kind, *map(_sort, _deeds(worlds[one.situation], one))), []).append(one)
    groups = _together([_group(search, some) for some in found.values()], _with_the_second)
    groups = _together(groups, _with_the_first)
    kinds = [*RaceKind]
    return sorted(groups, key=lambda group: (kinds.index(group.kind), any(deed.before for deed in group.deeds)))


def _sort(deed: RaceDeed) -> Hashable:
    """Deeds that are told as one: of changes of an item, any by the same actor of items of the same owner."""
    return deed._replace(actions=()) if deed.whose else deed


def _with_the_second(group: RaceGroup) -> Hashable:
    """Groups that part in the second actor's status action alone."""
    first, second = group.deeds[0], group.deeds[-1]
    return (group.kind, first, second._replace(actions=()), group.race.seen, bool(group.race.later))


def _with_the_first(group: RaceGroup) -> Hashable:
    first, second = group.deeds[0], group.deeds[-1]
    return (group.kind, first._replace(actions=()), second, group.race.seen, bool(group.race.later))


def _together(groups: Iterable[RaceGroup], key: Callable[[RaceGroup], Hashable]) -> list[RaceGroup]:
    """Groups that part in which status action alone are one; those that nobody can get right are told one by one."""
    found: dict[Hashable, RaceGroup] = {}
    for number, group in enumerate(groups):
        alone = group.kind is RaceKind.IMPOSSIBLE and not any(deed.before for deed in group.deeds)
        same = number if alone or all(deed.whose for deed in group.deeds) else key(group)
        found[same] = _joined_groups(found[same], group) if same in found else group
    return [*found.values()]


def _joined_groups(one: RaceGroup, other: RaceGroup) -> RaceGroup:
    return replace(
        one,
        deeds=tuple(_joined(pair) for pair in zip(one.deeds, other.deeds, strict=True)),
        statuses=tuple(dict.fromkeys((*one.statuses, *other.statuses))),
        kinds=tuple(dict.fromkeys((*one.kinds, *other.kinds))),
        situations=one.situations | other.situations,
    )


def _deeds(world: World, one: Sighting) -> list[RaceDeed]:
    """What each of the actors does."""
    by_actor: dict[str, list[Event]] = {}
    for event in one.events:
        by_actor.setdefault(event.actor, []).append(event)
    return [_deed(world, actor, events) for actor, events in by_actor.items()]


def _deed(world: World, actor: str, events: list[Event]) -> RaceDeed:
    *before, last = events
    there = world.items.get(last.item or "")
    there = world.items.get(last.item or "")
    there = world.items.get(last.item or "")
    owner = None if last.item is None else there.owner if there else actor
    return RaceDeed(actor, tuple(event.action for event in before), (last.action,), owner)


def _group(search: RaceSearch, sightings: list[Sighting]) -> RaceGroup:
    worlds, classes = search.situations.worlds, search.situations.classes
    deeds = zip(*(_deeds(worlds[one.situation], one) for one in sightings), strict=True)
    here = frozenset(number for one in sightings for number in search.alike[classes[one.situation]])
    there = {worlds[number].status for number in here}
    return RaceGroup(
        kind=sightings[0].kind,
        deeds=tuple(map(_joined, deeds)),
        statuses=tuple(status for status in search.situations.model.status_spec.states if status in there),
        kinds=tuple(dict.fromkeys(kind for one in sightings for kind in _kinds(worlds[one.situation], one))),
        situations=here,
        race=search.race(sightings[0]),
    )


def _joined(deeds: Iterable[RaceDeed]) -> RaceDeed:
    some = [*deeds]
    return some[0]._replace(actions=tuple(dict.fromkeys(action for deed in some for action in deed.actions)))


def _kinds(world: World, one: Sighting) -> list[str]:
    """The kinds of the items that the actions are on."""
    found = []
    for event in one.events:
        there = world.items.get(event.item or "")
        if there is not None:
            found.append(there.original.kind)
        elif event.kind is not None:
            found.append(event.kind)
    return found
