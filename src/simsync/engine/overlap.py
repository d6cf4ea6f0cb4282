"""Actions that overlap: done in one round, with no settling between. What comes of them is what some order gives.

The rules stay sequential: a round is a search over the orders of its actions. Each actor's own keep their order, the
actors' are merged anyhow (L. Lamport, How to Make a Multiprocessor Computer, 1979). Orders that come to the same are
one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE

Round = tuple[Event, ...]
"""Actions with no settling between, in the order in which they are written; a round of one is a plain step."""


class Reply(StrEnum):
    """What an actor is answered. ``UNDECIDED``: the rules fail at it; ``NOT_SENT``: it could not be asked for yet."""

    DONE = "done"
    REFUSED = "refused"
    UNDECIDED = "undecided"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlappingTrace:
    """The status to begin in with empty tickets, and the rounds, one after the other; between them all settles.

    ``readings`` are those that it says itself; the others are as whoever simulates it has them.
    """

    status: str
    readings: Mapping[str, str] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()

    def __hash__(self) -> int:
        return hash((self.status, frozenset(self.readings.items()), self.rounds))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundOutcome:
    """What some orders of a round come to: the answers, the world after, and all that was notified as one list.

    ``order`` is the first of these orders, as positions in the round; actions that are not sent are not in it.
    ``outcomes`` are those of its steps. ``orders`` is how many orders there are. ``answers`` are by position.
    ``synced``: whether a change of any action reached the other ticket, None if that depends on which of the orders.
    ``tried`` is every step that any order of the round takes, those that come to something else too.
    """

    events: Round
    answers: tuple[Reply, ...]
    order: tuple[int, ...]
    orders: int
    outcomes: tuple[Outcome, ...]
    before: World
    after: World
    notified: tuple[str, ...]
    synced: bool | None
    tried: tuple[Outcome, ...] = field(repr=False, compare=False)

    @property
    def refused(self) -> str | None:
        """Why the first action that is refused is."""
        return next((one.refused for one in self.outcomes if one.refused is not None), None)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the deciding rows of all actions, in their order."""
        return tuple(dict.fromkeys(rule for one in self.outcomes for rule in one.rules))

    @property
    def sources(self) -> tuple[str, ...]:
        """The statements on which they rest, in the order of the source page."""
        cited = {source for one in self.outcomes for source in one.sources}
        model = self.outcomes[0].model if self.outcomes else None
        return tuple(s for s in model.policy.citations.statements if s in cited) if model else ()

    @property
    def links(self) -> dict[str, tuple[str | None, str]]:
        """Each item's link before and after the round."""
        before = self.before.items
        return {name: (before[name].link if name in before else None, i.link) for name, i in self.after.items.items()}

    def of(self, position: int) -> Outcome | None:
        """What the action at a position in the round did, in the first of the orders; None if it was not sent."""
        return self.outcomes[self.order.index(position)] if position in self.order else None


@dataclass(frozen=True, slots=True)
class Fork:
    """In one of the worlds that a run can be in: what some orders of a round come to, and the world that it leads to.

    Both worlds are told by their numbers among those before and after the round.
    """

    before: int
    outcome: RoundOutcome
    after: int


def round_outcomes(model: Model, world: World, events: Round) -> tuple[RoundOutcome, ...]:
    """All that the orders of a round can come to; the order in which it is written comes first."""
    sent = [position for position in range(len(events)) if not is_unsent(model, world, events, position)]
    queues = {actor: [p for p in sent if events[p].actor == actor] for actor in dict.fromkeys(e.actor for e in events)}
    answers = tuple(None if p in sent else Reply.NOT_SENT for p in range(len(events)))
    tried: list[Outcome] = []
    start = _Partial((), (), answers, world, (), frozenset({False}), 1)
    front = {tuple(0 for _ in queues): [start]}
    for _ in sent:
        after: dict[tuple[int, ...], dict[object, _Partial]] = {}
        for progress, partials in front.items():
            for turn, queue in enumerate(queues.values()):
                if progress[turn] < len(queue):
                    further = tuple(done + (n == turn) for n, done in enumerate(progress))
                    known = after.setdefault(further, {})
                    for one in partials:
                        longer = one.then(model, queue[progress[turn]], events)
                        tried.append(longer.outcomes[-1])
                        _join(known, longer)
        front = {progress: [*known.values()] for progress, known in after.items()}
    ((*found,),) = front.values()
    return tuple(one.outcome(events, world, tuple(tried)) for one in sorted(found, key=lambda one: one.order))


def simulate_rounds(model: Model, trace: OverlappingTrace) -> Iterator[tuple[Fork, ...]]:
    """What each round comes to in every world that some order of those before leads to; equal worlds are one.

    The first fork of a round is that of the order in which everything is written.
    """
    model = model.under(trace.readings) if trace.readings else model
    worlds: Sequence[World] = [World(trace.status)]
    for events in trace.rounds:
        forks, worlds = forks_of(model, worlds, events)
        yield forks


def forks_of(model: Model, worlds: Sequence[World], events: Round) -> tuple[tuple[Fork, ...], list[World]]:
    """What a round comes to in each of some worlds, and the worlds after it, each once."""
    numbers: dict[World, int] = {}
    forks = []
    for before, world in enumerate(worlds):
        for outcome in round_outcomes(model, world, events):
            forks.append(Fork(before, outcome, numbers.setdefault(outcome.after, len(numbers))))
    return tuple(forks), [*numbers]


def is_unsent(model: Model, world: World, events: Round, position: int) -> bool:
    """Whether an action is on an item that is made in this round, and has not arrived where the actor is.

    What the product makes by itself has not arrived either. A step alone is always sent.
    """
    event = events[position]
    if len(events) == 1 or event.item is None or event.action == CREATE or event.item in world.items:
        return False
    makers = {one.actor for one in events if one.action == CREATE and one.item == event.item}
    asked = (lookup.table for lookup in (*model.item_consequences, *model.step_consequences))
    by_rules = any(row.then.create and event.item.startswith(row.id) for table in asked for row in table.rows)
    return event.actor not in makers and (bool(makers) or by_rules)


@dataclass(slots=True)
class _Partial:
    """What is known of some orders of a round after the same actions of each actor."""

    order: tuple[int, ...]
    outcomes: tuple[Outcome, ...]
    answers: tuple[Reply | None, ...]
    world: World
    notified: tuple[str, ...]
    synced: frozenset[bool]
    orders: int

    def then(self, model: Model, position: int, events: Round) -> _Partial:
        outcome = step(model, self.world, events[position])
        answers = (*self.answers[:position], answer_of(outcome), *self.answers[position + 1 :])
        return _Partial(
            (*self.order, position),
            (*self.outcomes, outcome),
            answers,
            outcome.after,
            tuple(sorted((*self.notified, *outcome.notified))),
            frozenset(before or outcome.synced for before in self.synced),
            self.orders,
        )

    def outcome(self, events: Round, before: World, tried: tuple[Outcome, ...]) -> RoundOutcome:
        return RoundOutcome(
            events=events,
            answers=tuple(answer for answer in self.answers if answer is not None),
            order=self.order,
            orders=self.orders,
            outcomes=self.outcomes,
            before=before,
            after=self.world,
            notified=self.notified,
            synced=all(self.synced) if len(self.synced) == 1 else None,
            tried=tried,
        )


def answer_of(outcome: Outcome) -> Reply:
    """What the actor of a step is answered."""
    if outcome.refused is not None:
        return Reply.REFUSED
    return Reply.UNDECIDED if outcome.defects else Reply.DONE


def _join(known: dict[object, _Partial], one: _Partial) -> None:
    """Keep what some more orders come to, as one with those that come to the same."""
    key = (one.answers, one.world, one.notified)
    other = known.get(key)
    if other is None:
        known[key] = one
        return
    first = min(one, other, key=lambda partial: partial.order)
    known[key] = replace(first, orders=one.orders + other.orders, synced=one.synced | other.synced)
