"""Two models compared: where they first differ in what anybody can see, or the proof that they do not.

It is a product search over state spaces in which each model is one combination. Models of one policy share a state
space. Those of two policies have one each: they match in what both know, with events and what is
seen numbered alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.watched import tested_fields
from simsync.engine.world import Event
from simsync.policy.fields import Field
from simsync.progress import Progress, silent
from simsync.statespace.abstraction import TEXT, Abstraction, statuses, with_texts
from simsync.statespace.combinations import Variants
from simsync.statespace.differences import DifferenceKind, kind_of
from simsync.statespace.observations import Observations
from simsync.statespace.product_search import PairStep, Product, Sides
from simsync.statespace.space import Space
from simsync.statespace.walking import fitting, unwalked


class SidePair(NamedTuple):
    """What can be seen of two models, and the bits of the combination that each of them is."""

    sides: Sides
    one: int
    other: int


def first_difference(left: Model, right: Model, within: Sides | None = None) -> Trace | None:
    """The shortest scenario with one item after which something can be seen to differ; None if there is none.

    None is a proof for one item, and for any number of them as far as items do not influence each other. ``within`` is
    what can be seen of a state space that has both models.
    """
    return next((difference for _, difference in Comparison(left, right, within=within).differences()), None)


def observed(models: Sequence[Model]) -> Sides:
    """What can be seen under some models of one policy, compiled as far as it is asked for."""
    variants = Variants(models[0].policy, [model.readings for model in models])
    return Sides(Observations(unwalked(models[0], variants)))


class Comparison:
    """Walks through all pairs of states that look alike so far, breadth first.

    Both models have the same partners. Of kinds and fields those are tried that both know, and of status actions too
    with ``known_to_both``.
    """

    def __init__(self, left: Model, right: Model, *, known_to_both: bool = False, within: Sides | None = None) -> None:
        self.left, self.right = left, right
        if left.factory is right.factory:
            self._sides, one, other = of_one_policy(left, right, within)
        else:
            self._sides, one, other = of_two_policies(left, right, known_to_both=known_to_both)
        self._product = Product(self._sides, lambda bits: int(bits & one > 0), lambda bits: int(bits & other > 0))
        self._last: PairStep | None = None

    @property
    def pairs(self) -> int:
        """How many pairs of states were come to."""
        return len(self._product.came)

    @property
    def steps(self) -> int:
        """How many steps were tried on both sides, up to the last difference that was told."""
        tried = 0
        for pair in self._product.came:
            events = self._sides.possible(pair)
            if self._last is not None and pair == self._last.pair:
                return tried + events.index(self._last.event) + 1
            tried += len(events)
        return tried

    def differences(self, progress: Progress = silent) -> Iterator[tuple[DifferenceKind, Trace]]:
        """The shortest scenario for each kind of difference; beyond a difference nothing is tried."""
        left, right = self._sides.left.space, self._sides.right.space
        known, found = statuses(self.right), set[DifferenceKind]()
        both = [status for status in statuses(self.left) if status in known]
        starts = {((left.statuses.index(status), 0), (right.statuses.index(status), 0)): 1 for status in both}
        for apart in self._product.apart(starts, progress=progress):
            kind = self._kind(apart)
            if kind not in found:
                found.add(kind)
                self._last = apart
                yield kind, self._difference(apart)
        self._last = None

    def _kind(self, apart: PairStep) -> DifferenceKind:
        """The kind of a difference, by what the engine makes of the step on both sides."""
        left, right = self._sides.left.space, self._sides.right.space
        event, (one, other) = left.events[apart.event], apart.pair
        return kind_of(
            step(self.left, left.abstraction.world(left.abstract_state(one)), event),
            step(self.right, right.abstraction.world(right.abstract_state(other)), event),
        )

    def _difference(self, apart: PairStep) -> Trace:
        parted, space = self._product.way(apart), self._sides.left.space
        events = with_texts(self.left, [space.events[event] for event in parted.events])
        return Trace(status=space.statuses[parted.start[0]], events=events)


def of_one_policy(left: Model, right: Model, within: Sides | None) -> SidePair:
    """Both models in one state space."""
    within = within or observed([left, right])
    variants = within.left.space.variants
    return SidePair(within, variants.under(left.readings), variants.under(right.readings))


def of_two_policies(left: Model, right: Model, *, known_to_both: bool) -> SidePair:
    """A state space for each side, with the events that make sense on both, told apart by what counts on either.

    Status actions that only one side knows come last; the other side refuses them.
    """
    declared = _declared_otherwise(left, right)
    told = {name for name in declared if _told_apart(left.vocabulary.fields[name], right.vocabulary.fields[name])}
    watched = left.factory.watched | right.factory.watched | told
    narrow = fitting(left, tested_fields(right.policy))
    abstractions = Abstraction(left, watched, narrow), Abstraction(right, watched, narrow)
    first, alone = _common(left, right, [[*abstraction.events(None)] for abstraction in abstractions])
    alone = [] if known_to_both else [event for event in alone if event.item is None]
    changes = {}
    for sort in abstractions[0].sorts:
        both = [list(abstraction.changes(*sort)) if sort in abstraction.sorts else [] for abstraction in abstractions]
        changes[sort], _ = _common(left, right, both)
    shared = [event for event in first if event.item is None]
    for abstraction in abstractions:
        abstraction.limit([*shared, *alone, *(event for event in first if event.item is not None)], changes)
    one, other = (
        Space(model, Variants(model.policy, [model.readings]), abstraction=abstraction, walked=False)
        for model, abstraction in zip((left, right), abstractions, strict=True)
    )
    texts = declared & abstractions[0].texts
    seen = Observations(one, defaults=texts)
    return SidePair(Sides(seen, Observations(other, seen, texts), len(alone)), 1, 1)


def _declared_otherwise(left: Model, right: Model) -> frozenset[str]:
    """The fields that both sides know, and that they do not declare, or show, alike."""
    one, two = left.vocabulary, right.vocabulary
    differing = {show.field for show in {*one.shows} ^ {*two.shows}}
    both = one.fields.keys() & two.fields.keys()
    return frozenset(name for name in both if name in differing or one.fields[name] != two.fields[name])


def _told_apart(one: Field, other: Field) -> bool:
    """Whether it counts what a field says: of texts that are carried alike it counts whether they are the same."""
    return bool(one.values or other.values) or one.delivered != other.delivered


def _common(left: Model, right: Model, events: Sequence[Sequence[Event]]) -> tuple[list[Event], list[Event]]:
    """The events of both sides, with the fields and values that both know, and those of one side only."""
    ones, others = (
        {_key(event): event for one in some if (event := _restricted(left, right, one)) is not None} for some in events
    )
    shared = [event for key, event in ones.items() if key in others]
    return shared, [event for key, event in {**ones, **others}.items() if not (key in ones and key in others)]


def _key(event: Event) -> tuple[object, ...]:
    return event.actor, event.action, event.item, event.kind, frozenset(event.fields.items())


def _restricted(left: Model, right: Model, event: Event) -> Event | None:
    """An event with the fields that both sides have, None if nothing is left of it, or a value is unknown."""
    words = left.vocabulary, right.vocabulary
    if event.kind is not None and not all(event.kind in one.kinds for one in words):
        return None
    fields = {}
    for name, value in event.fields.items():
        declared = [one.fields[name].values for one in words if name in one.fields]
        if len(declared) == 2 and bool(declared[0]) == bool(declared[1]):
            if value != TEXT and any(values and value not in values for values in declared):
                return None
            fields[name] = value
    return None if event.fields and not fields and event.kind is None else replace(event, fields=fields)
