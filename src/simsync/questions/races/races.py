"""Which actions do not commute in what anybody can see, in any situation that can be come to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.overlap import OverlappingTrace, Reply, Round, RoundOutcome, round_outcomes
from simsync.engine.step import step
from simsync.engine.view import View, ticket
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.progress import Progress, silent
from simsync.questions.races.situations import Situations, Taken
from simsync.statespace.abstraction import TEXT, with_texts
from simsync.workers.workers import HERE, Where, Workers

MOST_PAIRS = 60_000
"""Pairs that are tried; once there were so many, no further situation is looked at."""

MOST_THREES = 100_000
"""Rounds of three that are looked at; once there were so many, situations are gone through without them."""


class RaceKind(StrEnum):
    """How an order matters, by what each actor is answered alone.

    ``IMPOSSIBLE``: all are done alone, and no order does all. ``FREE``: either order does both, and they come to
    something else. ``FORCED``: one order only does both. ``ENABLING``: what is refused alone is done after the other.
    """

    IMPOSSIBLE = "impossible"
    FREE = "free"
    FORCED = "forced"
    ENABLING = "enabling"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A race in a situation, by its actions as the walk has them: of what is free to set, any text.

    ``later`` are the further actions that show it, none where it shows at once.
    """

    kind: RaceKind
    events: Round
    situation: int
    later: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """A race as a scenario shows it. ``trace`` ends with the round, ``outcomes`` are all that its orders come to.

    ``seen`` is what differs at once: ``answers``, ``status``, ``notified``, partners whose ticket differs.
    """

    kind: RaceKind
    trace: OverlappingTrace
    outcomes: tuple[RoundOutcome, ...]
    seen: tuple[str, ...]
    later: tuple[Event, ...]


@dataclass(slots=True)
class Counted:
    """What was looked at, of situations that nobody could tell apart in one: pairs, and rounds of three.

    Of ``untried`` situations no pair was tried, and ``without_threes`` no round of three. ``unfinished`` pairs lead
    beyond the bound, ``undecided`` ones are such as the rules do not decide. ``never_seen`` pairs come to situations
    that differ, though nobody can ever see it.
    """

    pairs: int = 0
    untried: int = 0
    threes: int = 0
    without_threes: int = 0
    never_seen: int = 0
    unfinished: int = 0
    undecided: int = 0


class Looked(NamedTuple):
    """What was found in a situation: pairs, rounds of three, and what was counted.

    ``endless`` are the pairs of situations after it of which nothing tells one from the other.
    """

    pairs: tuple[Sighting, ...]
    threes: tuple[Sighting, ...]
    counted: Counted
    endless: frozenset[tuple[int, int]]


class RaceSearch:
    """Looks for races in situations, of those that nobody could tell apart in the nearest one.

    ``alike`` are the situations looked at, by their class. Several may share the work: each has one like it.
    """

    def __init__(self, situations: Situations, within: Collection[int] | None = None) -> None:
        self.situations = situations
        self.counted = Counted()
        self._endless: set[tuple[int, int]] = set()
        chosen = range(len(situations.worlds)) if within is None else sorted(within)
        self.alike: dict[int, list[int]] = {}
        for number in chosen:
            self.alike.setdefault(situations.classes[number], []).append(number)
        self._later: dict[tuple[int, int], list[Event] | None] = {}
        self._done: dict[int, dict[str, list[Event]]] = {}

    def sightings(self, place: Where = HERE, progress: Progress = silent) -> Iterator[Sighting]:
        """Every race, the nearest first."""
        with Workers(place, RaceSearch, self.situations) as team:
            looked = team.each(RaceSearch.at, self._tasks())
            for done, numbers in enumerate(self.alike.values(), 1):
                if self.situations.steps[numbers[0]] is None or self.counted.pairs >= MOST_PAIRS:
                    self.counted.untried += len(numbers)
                    continue
                yield from self._counted(next(looked), len(numbers))
                progress("situations", done, len(self.alike))

    def _tasks(self) -> Iterator[tuple[int, bool]]:
        """Situations that may have to be looked at, and whether for rounds of three as well."""
        for number, *_ in self.alike.values():
            if self.situations.steps[number] is not None and self.counted.pairs < MOST_PAIRS:
                yield number, self.counted.threes < MOST_THREES

    def _counted(self, looked: Looked, alike: int) -> Iterator[Sighting]:
        """What is told of what was found in one of so many situations that are alike."""
        counted, more = self.counted, looked.counted
        counted.pairs += more.pairs
        counted.never_seen += more.never_seen
        counted.undecided += more.undecided
        counted.unfinished += more.unfinished + len(looked.endless - self._endless)
        self._endless |= looked.endless
        yield from looked.pairs
        if counted.threes < MOST_THREES:
            counted.threes += more.threes
            yield from looked.threes
        else:
            counted.without_threes += alike

    def at(self, task: tuple[int, bool]) -> Looked:
        """What there is in a situation; with rounds of three, if they are asked for."""
        number, with_threes = task
        self.counted, self._endless = Counted(), set()
        pairs = tuple(self._of_two(number, self.situations.steps[number] or {}))
        threes = tuple(self._of_three(number)) if with_threes else ()
        return Looked(pairs, threes, self.counted, frozenset(self._endless))

    def _of_two(self, number: int, steps: Mapping[Event, Taken]) -> Iterator[Sighting]:
        different = self._different(steps)
        for one, other in combinations(different, 2):
            for pair in ((first, second) for first in different[one] for second in different[other]):
                if not _same_name(*pair):
                    yield from self._race(number, steps, pair)

    def _different(self, steps: Mapping[Event, Taken]) -> dict[str, list[Event]]:
        """The actions of each actor; of those that do the same, alone and after any of the others', the first."""
        found: dict[str, dict[object, Event]] = {event.actor: {} for event in steps}
        afters = {actor: self._afters(steps, actor) for actor in found}
        for event, taken in steps.items():
            others = [after for actor, some in afters.items() if actor != event.actor for after in some]
            says = event.action, event.item, event.kind, TEXT in event.fields.values()
            does = tuple([self._does(after, event) for after in others])
            found[event.actor].setdefault((says, self._as_seen(taken), does), event)
        return {actor: [*events.values()] for actor, events in found.items()}

    def _afters(self, steps: Mapping[Event, Taken], actor: str) -> list[int]:
        """A situation of each class that an actor's actions lead to."""
        classes, found = self.situations.classes, dict[int, int]()
        for event, taken in steps.items():
            if event.actor == actor:
                found.setdefault(classes[taken.after], taken.after)
        return [*found.values()]

    def _does(self, number: int, event: Event) -> object:
        taken = self._taken(number, event)
        return taken and self._as_seen(taken)

    def _as_seen(self, taken: Taken) -> object:
        return taken.told, self.situations.classes[taken.after]

    def _taken(self, number: int, event: Event) -> Taken | None:
        return (self.situations.steps[number] or {}).get(event)

    def _race(self, number: int, steps: Mapping[Event, Taken], pair: Round) -> Iterator[Sighting]:
        """Whether the order of two actions matters, and how."""
        self.counted.pairs += 1
        first, second = (steps[event] for event in pair)
        then_second, then_first = self._taken(first.after, pair[1]), self._taken(second.after, pair[0])
        if then_second is None or then_first is None:
            self.counted.unfinished += 1
            return
        alone = first.told.reply, second.told.reply
        turned = then_first.told.reply, then_second.told.reply
        if Reply.UNDECIDED in (*alone, *turned):
            self.counted.undecided += 1
            return
        kind, later = kind_of(alone, turned), list[Event]()
        if kind is RaceKind.FREE:
            one = sorted(first.told.notified + then_second.told.notified)
            other = sorted(second.told.notified + then_first.told.notified)
            after = then_second.after, then_first.after
            shows = [] if one != other else self._shows(number, pair, after)
            if shows is None:
                return
            later = shows
        if kind is not None:
            yield Sighting(kind=kind, events=pair, situation=number, later=tuple(later))

    def _shows(self, number: int, pair: Round, after: tuple[int, int]) -> list[Event] | None:
        """The further actions that show that two orders differ, none if it shows at once; None if nothing does."""
        situations = self.situations
        if situations.view(after[0]) != situations.view(after[1]):
            return []
        if any(TEXT in event.fields.values() for event in pair) and self._texts_differ(number, pair):
            return []
        if after[0] == after[1]:
            return None
        if situations.classes[after[0]] == situations.classes[after[1]]:
            self.counted.never_seen += 1
            return None
        if after not in self._later:
            self._later[after] = situations.shows_later(*after)
        if self._later[after] is None:
            self._endless.add(after)
        return self._later[after]

    def _texts_differ(self, number: int, pair: Round) -> bool:
        """Whether the tickets show other texts by another order, with texts of the actions' own."""
        situations, ways = self.situations, []
        one, other = (situations.told(event, f"of {n}") for n, event in enumerate(pair))
        for order in ((one, other), (other, one)):
            world = situations.worlds[number]
            for event in order:
                world = step(situations.model, world, event).after
            ways.append(tickets(situations.model, world))
        return ways[0] != ways[1]

    def _of_three(self, number: int) -> Iterator[Sighting]:
        """Rounds of two actions of one and one of another, all done alone, that no order does, though one does any two.

        Otherwise three and more show nothing new: orders differ by exchanging neighbours, which are pairs somewhere.
        """
        done = self._done_at(number)
        for first in (event for events in done.values() for event in events):
            after = (self.situations.steps[number] or {})[first].after
            others = [e for actor, events in done.items() if actor != first.actor for e in events]
            for then, other in product(self._done_at(after).get(first.actor, ()), others):
                if not _same_name(first, other) and not _same_name(then, other):
                    self.counted.threes += 1
                    if self._no_order_does(number, after, (first, then, other)):
                        yield Sighting(kind=RaceKind.IMPOSSIBLE, events=(first, then, other), situation=number)

    def _no_order_does(self, number: int, after: int, events: Round) -> bool:
        """Whether no order does two actions of one and one of another, and no two of them are to blame."""
        first, then, other = events
        if any(self._all_done(number, order) for order in ((first, then, other), (first, other, then))):
            return False
        if self._all_done(number, (other, first, then)):
            return False
        beside = self._taken(after, other)
        apart = beside is None or beside.told.reply is not Reply.DONE
        apart = apart or self._all_done(after, (then, other)) or self._all_done(after, (other, then))
        return apart and (self._all_done(number, (first, other)) or self._all_done(number, (other, first)))

    def _done_at(self, number: int) -> dict[str, list[Event]]:
        """The actions of each actor that are done in a situation; of those that come to the same, the first."""
        if number not in self._done:
            found: dict[str, dict[object, Event]] = {}
            steps = self.situations.steps[number] or {}
            for event, taken in steps.items():
                if taken.told.reply is Reply.DONE:
                    same = event.action, event.item, self._as_seen(taken)
                    found.setdefault(event.actor, {}).setdefault(same, event)
            self._done[number] = {actor: [*events.values()] for actor, events in found.items()}
        return self._done[number]

    def _all_done(self, number: int, events: Round) -> bool:
        """Whether actions are all done, one after the other; what is not known counts as done."""
        for event in events:
            steps = self.situations.steps[number]
            if steps is None:
                return True
            if event not in steps or steps[event].told.reply is not Reply.DONE:
                return False
            number = steps[event].after
        return True

    def race(self, sighting: Sighting) -> Race:
        """A race as a scenario shows it, with what its orders come to."""
        model = self.situations.model
        status, events = self.situations.way(sighting.situation)
        said = with_texts(model, (*events, *sighting.events, *sighting.later))
        begins, ends = len(events), len(events) + len(sighting.events)
        world = World(status)
        for event in said[:begins]:
            world = step(model, world, event).after
        outcomes = round_outcomes(model, world, said[begins:ends])
        return Race(
            kind=sighting.kind,
            trace=OverlappingTrace(status=status, rounds=(*((e,) for e in said[:begins]), said[begins:ends])),
            outcomes=outcomes,
            seen=tuple(dict.fromkeys(what for other in outcomes[1:] for what in seen_apart(model, outcomes[0], other))),
            later=said[ends:],
        )


def _same_name(one: Event, other: Event) -> bool:
    """Whether two actions create an item of one name."""
    return one.action == other.action == CREATE and one.item == other.item


def kind_of(alone: tuple[Reply, Reply], turned: tuple[Reply, Reply]) -> RaceKind | None:
    """How an order may matter, by what each of two actors is answered alone, and after the other; None if it does not.

    Where both are done in either order, it depends on what that comes to.
    """
    if alone == turned:
        return RaceKind.FREE if alone == (Reply.DONE, Reply.DONE) else None
    if Reply.REFUSED in alone:
        return RaceKind.ENABLING
    return RaceKind.IMPOSSIBLE if turned == (Reply.REFUSED, Reply.REFUSED) else RaceKind.FORCED


def tickets(model: Model, world: World) -> dict[str, dict[str, View]]:
    """What each partner's ticket shows."""
    return {partner: ticket(model.vocabulary, world, partner) for partner in model.vocabulary.partners}


def seen_apart(model: Model, one: RoundOutcome, other: RoundOutcome) -> Iterator[str]:
    """What anybody sees to differ between two outcomes of a round."""
    if one.answers != other.answers:
        yield "answers"
    if one.after.status != other.after.status:
        yield "status"
    here, there = tickets(model, one.after), tickets(model, other.after)
    yield from (partner for partner in here if here[partner] != there[partner])
    if one.notified != other.notified:
        yield "notified"
