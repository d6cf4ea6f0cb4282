"""The shortest difference that a small change of the rules makes, found where it changes anything and nowhere else.

:mod:`compare` walks through two models side by side. Here one of them has been walked through already, and of the other
only the steps are taken that the change reaches; everywhere else the two are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from simsync.analysis.item.compare import Difference
from simsync.analysis.item.life import NAME, Life, Place, Sketch, way_back, with_texts
from simsync.analysis.suite.affected_steps import StepFile, Use, Uses
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.core.view import shown
from simsync.model.world import Event

Pair = tuple[int, int]
Step = tuple[int, int]
"""A place and an event there, by their numbers."""
Visible = tuple[object, ...]


class Taken(NamedTuple):
    """A step from a place, by number: the place after, and what can be seen of it."""

    after: int
    seen: Visible


def visible(outcome: Outcome) -> Visible:
    """What can be seen of a step of one item; two are equal where ``compare.seen`` has it so."""
    item, words = outcome.after.items.get(NAME), outcome.model.vocabulary
    views = (shown(words, item, partner) if item else None for partner in words.partners)
    return (
        outcome.refused is not None,
        bool(outcome.defects),
        outcome.after.status,
        tuple(sorted(outcome.notified)),
        *(None if view is None else tuple(view.items()) for view in views),
    )


class Walked:
    """A model walked through once, to be compared with variants of it.

    Places and events are numbered, nearest places first; ``leading`` are the steps that lead from a place to another,
    ``size`` is how many places the model itself comes to: further ones are added as variants come to them.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._sketch = Sketch(model)
        self.uses = Uses(model.policy)
        self._file = StepFile[Step](self.uses)
        self._steps: dict[Step, Taken] = {}
        self._resting: dict[Step, tuple[Use, ...]] = {}
        self.events: list[Event] = []
        self._sensible: dict[tuple[str, str] | None, tuple[int, ...]] = {}
        self._known: dict[tuple[object, ...], int] = {}
        self._numbers: dict[Place, int] = {}
        self.places: list[Place] = []
        self.leading: list[list[tuple[int, int]]] = []
        life = Life(model)
        for place, event, outcome in life.walk():
            here, what = self._number(place), self._event(event)
            self._file.add(outcome, (here, what))
            if outcome.after is not outcome.before:
                after = self._number(self._sketch.place(outcome.after))
                if after != here:
                    self.leading[here].append((what, after))
        self.starts = [self._numbers[place] for place, before in life.came.items() if before is None]
        self.size = len(self.places)

    def _number(self, place: Place) -> int:
        found = self._numbers.get(place)
        if found is None:
            found = self._numbers[place] = len(self.places)
            self.places.append(place)
            self.leading.append([])
        return found

    def _event(self, event: Event) -> int:
        key = (event.actor, event.action, event.kind, *event.fields.items())
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = len(self.events)
            self.events.append(event)
        return found

    def events_at(self, number: int) -> tuple[int, ...]:
        """The number of every event that makes sense at a place."""
        shape = self.places[number].shape
        kind = None if shape is None else (shape.owner, shape.kind)
        if kind not in self._sensible:
            self._sensible[kind] = tuple(self._event(event) for event in self._sketch.events(shape))
        return self._sensible[kind]

    def take(self, model: Model, number: int, event: Event) -> tuple[Taken, Outcome]:
        """A step from a place under any model."""
        outcome = step(model, self._sketch.world(self.places[number]), event)
        after = number if outcome.after is outcome.before else self._number(self._sketch.place(outcome.after))
        return Taken(after, visible(outcome)), outcome

    def step(self, number: int, what: int) -> Taken:
        """A step from a place under the model that was walked through."""
        found = self._steps.get((number, what))
        if found is None:
            found, _ = self.take(self.model, number, self.events[what])
            self._steps[number, what] = found
        return found

    def rests_on(self, number: int, what: int) -> Iterable[Use]:
        """What a step rests on that is none of those walked through."""
        found = self._resting.get((number, what))
        if found is None:
            _, outcome = self.take(self.model, number, self.events[what])
            found = self._resting[number, what] = tuple(self.uses.of(outcome))
        return found

    def first_difference(self, other: Model) -> Difference | None:
        """The shortest scenario with one item that tells a variant from the model; None if there is none."""
        changed = self.uses.changed(self.model, other)
        touched = self._file.where(changed)
        return _Search(self, other, touched, changed).run() if touched else None


class _Search:
    """Breadth first through pairs of places that look alike so far; most are the same place twice."""

    def __init__(self, walked: Walked, other: Model, touched: Iterable[Step], changed: Callable[[Use], bool]) -> None:
        self.walked, self.other, self._changed = walked, other, changed
        self.touched: dict[int, dict[int, None]] = {}
        for number, what in sorted(touched):
            self.touched.setdefault(number, {})[what] = None
        self.taken: dict[Step, Taken] = {}
        self.waiting: list[Pair] = [(number, number) for number in walked.starts]
        self.came: dict[Pair, tuple[Pair, Event] | None] = dict.fromkeys(self.waiting)

    def run(self) -> Difference | None:
        """The shortest way to a step that shows a difference."""
        for pair in self.waiting:  # grows while we walk
            here, there = pair
            same = here == there and here < self.walked.size
            for what in self.touched.get(here, ()) if same else self._all(pair):
                ours, theirs = self.walked.step(here, what), self._theirs(there, what)
                if ours.seen != theirs.seen:
                    return self._difference(pair, what)
                self._visit(pair, (ours.after, theirs.after), what)
            if same:
                for what, after in self.walked.leading[here]:
                    if what not in self.touched.get(here, ()):
                        self._visit(pair, (after, after), what)
        return None

    def _all(self, pair: Pair) -> Iterable[int]:
        return dict.fromkeys(what for number in pair for what in self.walked.events_at(number))

    def _theirs(self, number: int, what: int) -> Taken:
        """The step as the variant takes it: as the model does, where nothing that it rests on has changed."""
        if number < self.walked.size:
            alike = what not in self.touched.get(number, ())
        else:
            alike = not any(map(self._changed, self.walked.rests_on(number, what)))
        if alike:
            return self.walked.step(number, what)
        found = self.taken.get((number, what))
        if found is None:
            found, _ = self.walked.take(self.other, number, self.walked.events[what])
            self.taken[number, what] = found
        return found

    def _visit(self, pair: Pair, after: Pair, what: int) -> None:
        if after not in self.came:
            self.came[after] = pair, self.walked.events[what]
            self.waiting.append(after)

    def _difference(self, pair: Pair, what: int) -> Difference:
        (start, _), events = way_back(self.came, pair)
        status = self.walked.places[start].status
        return Difference(status=status, events=with_texts(self.walked.model, [*events, self.walked.events[what]]))
