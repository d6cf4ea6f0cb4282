"""Where two models differ in what anybody can see: shortest scenarios, or the proof that there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.view import View, ticket
from simsync.engine.world import Event, World
from simsync.policy.facts import NO_CHANGE
from simsync.statespace.places import TEXT, Place, Sketch, statuses, way_back, with_texts


class Side(NamedTuple):
    """One of two versions of the rules: what its user calls it, and its model."""

    name: str
    model: Model


class StepObservation(NamedTuple):
    """What can be seen of a step; the names of links are nobody's to see. ``undecided``: the rules fail at it."""

    refused: bool
    undecided: bool
    status: str
    tickets: dict[str, dict[str, View]]
    notified: tuple[str, ...]


def seen(outcome: Outcome) -> StepObservation:
    """What can be seen of a step: whether it was refused, the status, both tickets, who was told."""
    words = outcome.model.vocabulary
    return StepObservation(
        refused=outcome.refused is not None,
        undecided=bool(outcome.defects),
        status=outcome.after.status,
        tickets={partner: ticket(words, outcome.after, partner) for partner in words.partners},
        notified=tuple(sorted(outcome.notified)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The shortest way to a difference: the status to begin in, and events, the last of which shows it."""

    status: str
    events: tuple[Event, ...]

    def run(self, model: Model) -> list[Outcome]:
        """What each step does under a model."""
        world, outcomes = World(self.status), []
        for event in self.events:
            outcomes.append(step(model, world, event))
            world = outcomes[-1].after
        return outcomes


class DifferenceKind(NamedTuple):
    """A kind of difference: what can be seen to differ, and on either side the row or transition behind it.

    ``seen`` holds ``refused``, ``undecided``, ``status``, ``notified``, and the name of each partner whose ticket
    differs. ``left`` and ``right`` are the first to decide that the other side does not have, or has otherwise.
    """

    seen: tuple[str, ...]
    left: str | None
    right: str | None


def first_difference(left: Model, right: Model) -> Difference | None:
    """The shortest scenario with one item after which something can be seen to differ; None if there is none.

    None is a proof for one item, and for any number of them as far as items do not influence each other.
    """
    return next((difference for _, difference in ProductWalk(left, right).differences()), None)


Pair = tuple[Place, Place]


class ProductWalk:
    """Walks through all pairs of places that look alike so far, breadth first.

    Both models have the same partners. Of kinds and fields those are tried that both know, and of status actions too
    with ``known_to_both``. ``came`` are the pairs come to, ``steps`` how many steps were tried on both.
    """

    def __init__(self, left: Model, right: Model, *, known_to_both: bool = False) -> None:
        self.left, self.right = left, right
        self._known_to_both = known_to_both
        self._events: dict[tuple[str, str] | None, list[Event]] = {}
        self.came: dict[Pair, tuple[Pair, Event] | None] = {}
        self.steps = 0

    def differences(self) -> Iterator[tuple[DifferenceKind, Difference]]:
        """The shortest scenario for each kind of difference; beyond a difference nothing is tried."""
        watched = self.left.workshop.watched | self.right.workshop.watched | self._declared_otherwise()
        sketches = Sketch(self.left, watched), Sketch(self.right, watched)
        known = statuses(self.right)
        waiting = [(Place(status, None), Place(status, None)) for status in statuses(self.left) if status in known]
        self.came = dict.fromkeys(waiting)
        found: set[DifferenceKind] = set()
        for pair in waiting:  # grows while we walk
            worlds = [sketch.world(place) for sketch, place in zip(sketches, pair, strict=True)]
            for event in self._common(sketches, pair):
                self.steps += 1
                one, two = step(self.left, worlds[0], event), step(self.right, worlds[1], event)
                if _alike_in_changing_nothing(one, two):
                    continue
                if seen(one) != seen(two):
                    kind = kind_of(one, two)
                    if kind not in found:
                        found.add(kind)
                        yield kind, self._difference(pair, event)
                    continue
                after = sketches[0].place(one.after), sketches[1].place(two.after)
                if after not in self.came:
                    self.came[after] = pair, event
                    waiting.append(after)

    def _declared_otherwise(self) -> set[str]:
        """The fields that both sides know, and that they do not declare, or show, alike."""
        one, two = self.left.vocabulary, self.right.vocabulary
        differing = {show.field for show in {*one.shows} ^ {*two.shows}}
        both = one.fields.keys() & two.fields.keys()
        return {name for name in both if name in differing or one.fields[name] != two.fields[name]}

    def _common(self, sketches: tuple[Sketch, Sketch], pair: Pair) -> list[Event]:
        """The events that make sense on both sides, with the fields and values that both know."""
        shape = pair[0].shape
        key = shape and (shape.owner, shape.kind)
        if key not in self._events:
            ones, others = (
                [self._restricted(event) for event in sketch.events(place.shape)]
                for sketch, place in zip(sketches, pair, strict=True)
            )
            found = [event for event in ones if event in others]
            if not self._known_to_both:
                found += [event for event in (*ones, *others) if event and event.item is None and event not in found]
            self._events[key] = [event for n, event in enumerate(found) if event and event not in found[:n]]
        return self._events[key]

    def _restricted(self, event: Event) -> Event | None:
        """An event with the fields that both sides have, None if nothing is left of it, or a value is unknown."""
        words = self.left.vocabulary, self.right.vocabulary
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

    def _difference(self, pair: Pair, event: Event) -> Difference:
        (start, _), events = way_back(self.came, pair)
        return Difference(status=start.status, events=with_texts(self.left, [*events, event]))


def _alike_in_changing_nothing(one: Outcome, two: Outcome) -> bool:
    """Whether two steps leave worlds that look alike as they are, both refused or neither: what most steps come to."""
    return (
        one.after is one.before
        and two.after is two.before
        and (one.refused is None) == (two.refused is None)
        and bool(one.defects) == bool(two.defects)
    )


def kind_of(left: Outcome, right: Outcome) -> DifferenceKind:
    """The kind of a difference between two outcomes of the same event.

    Where only one side refuses, all else follows from that, and who may do it is what matters.
    """
    one, two = seen(left), seen(right)
    if one.refused != two.refused:
        rows, others = _permitting(left), _permitting(right)
        return DifferenceKind(("refused",), _only(rows, others), _only(others, rows))
    differing = [name for name in ("undecided", "status", "notified") if getattr(one, name) != getattr(two, name)]
    differing += [partner for partner in one.tickets if one.tickets[partner] != two.tickets[partner]]
    rows, others = _deciding(left), _deciding(right)
    return DifferenceKind(tuple(differing), _only(rows, others), _only(others, rows))


def _deciding(outcome: Outcome) -> dict[str, object]:
    """What decided, by its id: the status transition, then each row with what it says."""
    moved = {outcome.moved.transition.id: outcome.moved.dest} if outcome.moved else {}
    return {**moved, **{hit.row.id: (hit.row.when, hit.row.then) for hit in outcome.hits}}


def _permitting(outcome: Outcome) -> dict[str, object]:
    """What of that says who may do it."""
    permitting = {hit.row.id for hit in outcome.hits if hit.table in {t.table.name for t in outcome.model.permission}}
    if outcome.moved:
        permitting = {outcome.moved.transition.id}
    return {name: what for name, what in _deciding(outcome).items() if name in permitting}


def _only(rows: dict[str, object], others: dict[str, object]) -> str | None:
    """The first of the rows that the others lack, or have otherwise."""
    return next((name for name, what in rows.items() if others.get(name) != what), None)


def only_one_knows(left: Model, right: Model) -> tuple[list[str], list[str]]:
    """The words of the left that the right lacks, and the other way round: kinds, fields, status actions."""
    words = [
        {
            **{f"kind '{name}'": None for name in model.vocabulary.kinds},
            **{f"field '{name}'": None for name in model.vocabulary.fields},
            **{f"action '{trigger}'": None for trigger in model.workshop.triggers},
        }
        for model in (left, right)
    ]
    return [word for word in words[0] if word not in words[1]], [word for word in words[1] if word not in words[0]]


def shared_notices(model: Model) -> list[str]:
    """The tables through which items can influence each other: they say who is told of a status action as a whole.

    Each item is decided on its own facts and the status, which no item changes. Only what is told once for a step can
    depend on several items, if it looks at whether anything crossed over.
    """
    return [
        table.name
        for table in (lookup.table for lookup in model.step_notices)
        if all(NO_CHANGE in values for fact, values in table.scope if fact == "change")
        and any(fact == "synced" for when in (table.scope, *(row.when for row in table.rows)) for fact, _ in when)
    ]
