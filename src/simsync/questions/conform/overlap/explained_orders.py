"""Which orders of a round explain what was seen of it, and what else would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, permutations, product
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.overlap import Reply, RoundOutcome, round_outcomes
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, EDIT
from simsync.questions.conform.driven import Observed
from simsync.questions.conform.overlap.rounds import ActAnswer, Answered, RoundSeen, events_of
from simsync.questions.conform.systems.protocol import NOTIFIED
from simsync.questions.conform.systems.translation import Translation

SYNCHRONIZATION, STATUS = "synchronization", "status"
MOST_MOVED = 5
"""Actions of a round up to which all their orders are tried."""


class Order(StrEnum):
    """What a round is held to: any order of its actions, each actor's own kept, or that of sending."""

    ANY = "any"
    SENT = "sent"


class Nature(StrEnum):
    """What a round is that no order explains, worst first."""

    NONE = "no order of these actions explains it"
    ITEM_BY_ITEM = "each item by itself is explained by some order, all of them together by none"
    MOVED = "an order explains it in which two actions of one partner, about different things, have changed places"
    MERGED = "an order explains it if a partner's own changes of one item are merged before they are sent"
    NOTICES = "but for who is notified, an order of these actions explains it"
    LATE = "an order explains it, but only after one more settle"
    RELEASED = (
        "an order explains it in which a partner changed the other's item before what waited for that partner came"
    )
    UNWINNABLE = "each side answered by what had come to its own ticket, and no order gives these answers"


UNAVOIDABLE = (Nature.RELEASED, Nature.UNWINNABLE)
"""What is not laid to a system that answers at once."""


class OrderCandidate(NamedTuple):
    """What some orders come to, with the answers that came to the actions that are taken for done."""

    outcome: RoundOutcome
    answers: tuple[ActAnswer, ...]

    @property
    def apart(self) -> list[int]:
        """The positions of the actions that were answered otherwise."""
        pairs = enumerate(zip(self.outcome.answers, self.answers, strict=True))
        return [n for n, (reply, answer) in pairs if answer is not ActAnswer.UNKNOWN and _answer(reply) is not answer]

    @property
    def undecided(self) -> bool:
        """Whether the rules do not say what comes of it."""
        return Reply.UNDECIDED in self.outcome.answers


def _answer(reply: Reply) -> ActAnswer | None:
    return {Reply.DONE: ActAnswer.DONE, Reply.REFUSED: ActAnswer.REFUSED}.get(reply)


class Explaining:
    """Holds what was seen of rounds against the orders of their actions, in every world that may be the present one."""

    def __init__(self, model: Model, translation: Translation, order: Order = Order.ANY) -> None:
        self.model, self.translation, self.order = model, translation, order

    def candidates(self, worlds: Sequence[World], answered: Answered) -> list[OrderCandidate]:
        """What orders can come to, whether or not the answers were so; of what is unknown both are tried."""
        found: list[OrderCandidate] = []
        for world, done in product(worlds, _done(answered)):
            events, answers = tuple(event for event, _ in done), tuple(answer for _, answer in done)
            found += (OrderCandidate(one, answers) for one in self._of(world, events))
        return found

    def _of(self, world: World, events: tuple[Event, ...]) -> Iterator[RoundOutcome]:
        as_sent = tuple(range(len(events)))
        for one in round_outcomes(self.model, world, events):
            if self.order is Order.ANY or one.order == as_sent:
                yield one

    def expected(self, outcome: RoundOutcome) -> Observed:
        """What is shown after an outcome."""
        return self.translation.expected(self.model, outcome.after, outcome.notified)

    def aspects(self, shown: Observed, outcome: RoundOutcome) -> tuple[str, ...]:
        """What is shown otherwise."""
        failed = (SYNCHRONIZATION,) if shown.failed is not None else ()
        return (*failed, *self.translation.aspects(self.expected(outcome), shown))

    def fitting(self, candidates: Sequence[OrderCandidate], shown: Observed) -> list[RoundOutcome]:
        """The outcomes that have the answers that came, and show what was shown."""
        return [one.outcome for one in candidates if not one.apart and not self.aspects(shown, one.outcome)]

    def nearest(self, candidates: Sequence[OrderCandidate], shown: Observed) -> OrderCandidate:
        """The candidate that leaves least unexplained: first of the answers, then of what is shown."""
        return min(candidates, key=lambda one: (len(one.apart), self._distance(shown, one.outcome)))

    def _distance(self, shown: Observed, outcome: RoundOutcome) -> int:
        expected, count = self.expected(outcome), 0
        for partner, items in expected.tickets.items():
            there = shown.tickets.get(partner, {})
            for name in items.keys() | there.keys():
                one, other = items.get(name), there.get(name)
                alone = one is None or other is None
                count += 3 if alone else len(self.translation.differing(one or {}, other or {}))
        aspects = self.translation.aspects(expected, shown)
        return count + (STATUS in aspects) + (NOTIFIED in aspects)

    def nature(
        self, worlds: Sequence[World], seen: RoundSeen, candidates: Sequence[OrderCandidate], later: Observed | None
    ) -> Nature:
        """What a round is that no order explains."""
        answered = answered_alike(candidates)
        if not answered:
            return Nature.UNWINNABLE if any(self._each_alone(world, seen) for world in worlds) else Nature.NONE
        if later is not None and any(not self.aspects(later, one) for one in answered):
            return Nature.LATE
        if any(self.aspects(seen.shown, one) == (NOTIFIED,) for one in answered):
            return Nature.NOTICES
        if any(self._merged(world, seen) for world in worlds):
            return Nature.MERGED
        if seen.shown.failed is not None:
            return Nature.NONE
        if self._by_item(seen.shown, answered):
            return Nature.ITEM_BY_ITEM
        moved = [kind for world in worlds for kind in self._moved(world, seen)]
        return Nature.RELEASED if Nature.RELEASED in moved else Nature.MOVED if moved else Nature.NONE

    def _each_alone(self, world: World, seen: RoundSeen) -> bool:
        """Whether each actor has the answers that its own ticket gives, with what had come there of the others'."""
        actors = dict.fromkeys(event.actor for event in events_of(seen.acts))
        return len(actors) > 1 and all(self._alone(world, seen, actor) for actor in actors)

    def _alone(self, world: World, seen: RoundSeen, actor: str) -> bool:
        own = [one for one in seen.answered if one[0].actor == actor]
        done: dict[str, list[Event]] = {}
        for event, answer in seen.answered:
            if event.actor != actor and answer is not ActAnswer.REFUSED:
                done.setdefault(event.actor, []).append(event)
        wanted = [answer for _, answer in own]
        for come in product(*([some[:many] for many in range(len(some) + 1)] for some in done.values())):
            events = (*(event for event, _ in own), *chain.from_iterable(come))
            answers = (*wanted, *(ActAnswer.DONE for _ in events[len(own) :]))
            if any(not OrderCandidate(one, answers).apart for one in round_outcomes(self.model, world, events)):
                return True
        return False

    def _by_item(self, shown: Observed, outcomes: Sequence[RoundOutcome]) -> bool:
        """Whether the status, who is told, and each item by itself are as some order has them."""
        every = [self.expected(one) for one in outcomes]
        aspects = [self.translation.aspects(one, shown) for one in every]
        if any(all(what in some for some in aspects) for what in (STATUS, NOTIFIED)):
            return False
        seen = (*shown.tickets.values(), *(items for one in every for items in one.tickets.values()))
        names = {name for items in seen for name in items}
        return all(any(not self._apart(name, one, shown) for one in every) for name in names)

    def _apart(self, name: str, expected: Observed, shown: Observed) -> bool:
        """Whether an item is shown otherwise than expected on any ticket."""
        for partner, items in expected.tickets.items():
            one, other = items.get(name), shown.tickets.get(partner, {}).get(name)
            if (one is None) != (other is None):
                return True
            if one is not None and other is not None and self.translation.differing(one, other):
                return True
        return False

    def _merged(self, world: World, seen: RoundSeen) -> bool:
        """Whether an order explains it once each partner's own changes of one item in a row are one change."""
        done = tuple(event for event, answer in seen.answered if answer is ActAnswer.DONE)
        merged = merged_changes(done)
        if len(merged) == len(done) or len(done) < len(seen.answers):
            return False
        found = round_outcomes(self.model, world, merged)
        return any({*one.answers} == {Reply.DONE} and not self.aspects(seen.shown, one) for one in found)

    def _moved(self, world: World, seen: RoundSeen) -> Iterator[Nature]:
        """What orders explain it in which each actor's own actions keep their order only item by item.

        So it is where an action is answered before all is done that comes of it elsewhere. Nobody can help that where
        an action of the status has the other side send something, which then comes after the next action.
        """
        if len(seen.answers) > MOST_MOVED or ActAnswer.UNKNOWN in seen.answers:
            return
        subjects = [(event.actor, event.item) for event, _ in seen.answered]
        for order in permutations(range(len(subjects))):
            answered = [seen.answered[position] for position in order]
            events, answers = tuple(event for event, _ in answered), tuple(answer for _, answer in answered)
            if _kept(subjects, order):
                found = (OrderCandidate(one, answers) for one in round_outcomes(self.model, world, events))
                if self.fitting([*found], seen.shown):
                    pairs = [*_moved_pairs(seen.answered, order)]  # none if held to the order of sending
                    released = pairs and all(_released(world, *pair) for pair in pairs)
                    yield Nature.RELEASED if released else Nature.MOVED


def _kept(subjects: Sequence[object], order: Sequence[int]) -> bool:
    """Whether an order keeps that of positions with the same subject."""
    return all(
        one < other or subjects[one] != subjects[other] for n, one in enumerate(order) for other in order[n + 1 :]
    )


def _moved_pairs(answered: Answered, order: Sequence[int]) -> Iterator[tuple[Event, Event]]:
    """The actions of one actor that an order has the other way round, as they were sent."""
    for n, later in enumerate(order):
        for earlier in order[n + 1 :]:
            one, other = answered[earlier][0], answered[later][0]
            if earlier < later and one.actor == other.actor:
                yield one, other


def _released(world: World, first: Event, then: Event) -> bool:
    """Whether the first action is one of the status, and the other one is on an item of somebody else."""
    item = world.items.get(then.item or "")
    return first.item is None and item is not None and item.owner != then.actor


def answered_alike(candidates: Sequence[OrderCandidate]) -> list[RoundOutcome]:
    """The outcomes that have the answers that came."""
    return [one.outcome for one in candidates if not one.apart]


def _done(answered: Answered) -> Iterator[Answered]:
    """The actions that were done, with their answers, for each way in which those were that are unknown."""
    choices = [[(pair,), ()] if pair[1] is ActAnswer.UNKNOWN else [(pair,)] for pair in answered]
    for chosen in product(*choices):
        yield [pair for some in chosen for pair in some]


def merged_changes(events: Sequence[Event]) -> tuple[Event, ...]:
    """Actions with each actor's edits of an item joined to the change of it that comes right before.

    >>> one = Event(actor="a", action="edit", item="N1", fields={"text": "x"})
    >>> two = Event(actor="a", action="edit", item="N1", fields={"text": "y"})
    >>> [dict(event.fields) for event in merged_changes([one, two])]
    [{'text': 'y'}]
    """
    found: list[Event] = []
    for event in events:
        last = next((n for n in reversed(range(len(found))) if found[n].actor == event.actor), None)
        before = None if last is None else found[last]
        joins = before is not None and before.item == event.item and before.action in (CREATE, EDIT)
        if before is not None and last is not None and joins and event.action == EDIT:
            found[last] = replace(before, fields={**before.fields, **event.fields})
        else:
            found.append(event)
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundMismatch:
    """A round that no order explains: what was seen, and the ``nearest`` outcome with what it leaves unexplained.

    ``worlds`` are those that it may have begun in. ``refused``: the positions of those of the nearest outcome's
    actions that were answered otherwise. ``later``: what was shown after one more settle, None where it was not looked
    at. ``orders``: how many were tried.
    """

    seen: RoundSeen
    nature: Nature
    worlds: tuple[World, ...]
    nearest: RoundOutcome
    expected: Observed
    refused: tuple[int, ...]
    aspects: tuple[str, ...]
    orders: int
    later: Observed | None = None


def mismatch_of(
    explaining: Explaining,
    worlds: Sequence[World],
    candidates: Sequence[OrderCandidate],
    seen: RoundSeen,
    later: Observed | None,
) -> RoundMismatch:
    """What is told of a round that no order explains; ``candidates`` are what its orders come to."""
    nearest = explaining.nearest(candidates, seen.shown)
    return RoundMismatch(
        seen=seen,
        nature=explaining.nature(worlds, seen, candidates, later),
        worlds=tuple(worlds),
        nearest=nearest.outcome,
        expected=explaining.expected(nearest.outcome),
        refused=tuple(nearest.apart),
        aspects=explaining.aspects(seen.shown, nearest.outcome),
        orders=sum(one.outcome.orders for one in candidates),
        later=later,
    )
