"""The rules walked through once, under every combination of readings at once, to be compared with variants of them.

What a step does to an item depends on no more than its *case*: the status, the action, and the situation that the
tables are asked about. There are far fewer cases than steps, and of a variant only those are decided that it reaches.
A set of combinations is the bits of an integer, see :mod:`simsync.statespace.family`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from simsync.engine.facts import Situation
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import situation_of, step, target
from simsync.engine.view import shown
from simsync.engine.world import Event, World
from simsync.policy.policy import When
from simsync.questions.mutate.affected_steps import Matters, StepFile, Use, Uses
from simsync.questions.mutate.mutants import Mutant
from simsync.statespace.family import Family, Part
from simsync.statespace.places import NAME, Place, Sketch

Case = tuple[str, str, str, Situation | None]
"""The status, the actor, the action, and the item's situation but for its phases; None without an item."""
Upshot = tuple[object, ...]
"""What a step does, whatever item it is done to: all by which two steps of the same event at a place can differ."""
Upshots = tuple[tuple[int, int], ...]
"""Combinations of readings, parted by the number of the upshot under them."""


class Taken(NamedTuple):
    """What a step comes to, by number: the place after, and what can be seen of it."""

    after: int
    seen: int


Parts = tuple[tuple[int, Taken], ...]
"""Combinations of readings, parted by what a step comes to under them."""


class Walked:
    """The rules walked through. Places, events, cases and upshots are numbered, nearest places first.

    ``leading[n]``: where the steps from place n lead to, by place after and event, with their combinations;
    ``cases[n]``: the events at place n by their case; ``layers``: the places that the rules come to after 0, 1, 2...
    steps, with the combinations that come there no sooner, and ``before``: from where each of these does. Further
    places and cases are added as variants come to them. Raises :class:`SimsyncError` where there are too many
    combinations.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.family = Family(model)
        self.combinations = self.family.combinations
        self._sketch = Sketch(model)
        self.uses = Uses(model.policy)
        self.file = StepFile[int](self.uses)
        self._numbers: dict[object, int] = {}
        self.events: list[Event] = []
        self.places: list[Place] = []
        self._worlds: list[World] = []
        self._views: list[int] = []
        self.leading: list[dict[int, dict[int, int]]] = []
        self._case_of: dict[tuple[int, int], int] = {}
        self._shown_by: list[tuple[int, int]] = []
        self.cases: list[dict[int, list[int]]] = []
        self._upshots: dict[int, Upshots] = {}
        self._taken: dict[tuple[int, int, int], Taken] = {}
        self._steps: dict[tuple[int, int], Parts] = {}
        self._resting: dict[int, tuple[Use, ...]] = {}
        self._sensible: dict[tuple[str, str] | None, tuple[int, ...]] = {}
        self.layers: list[dict[int, int]] = []
        self.before: dict[int, list[tuple[int, int]]] = {}
        self.came: dict[int, int] = {}
        self._walk()
        self.filed = len(self._shown_by)

    def _walk(self) -> None:
        came, front = self.came, {self._place(Place(s, None)): bits for s, bits in self.family.statuses().items()}
        came.update(front)
        while front:
            self.layers.append(front)
            front = {}
            for here, new in self.layers[-1].items():
                if not self.leading[here]:
                    self._lead(here)
                for after, events in self.leading[here].items():
                    for bits in events.values():
                        fresh = bits & new & ~came.get(after, 0)
                        if fresh:
                            came[after] = came.get(after, 0) | fresh
                            front[after] = front.get(after, 0) | fresh
                            self.before.setdefault(after, []).append((fresh, here))
        for case in self._upshots:
            for outcome in self._outcomes(case):
                self.file.add(outcome, case)

    def _lead(self, here: int) -> None:
        for what in self.events_at(here):
            self.cases[here].setdefault(self.case(here, what), []).append(what)
            for bits, taken in self.step(here, what):
                if taken.after != here:
                    self.leading[here].setdefault(taken.after, {})[what] = bits

    def _outcomes(self, case: int) -> Iterator[Outcome]:
        here, what = self._shown_by[case]
        for bits, _ in self.family.parts(self._worlds[here], self.events[what]):
            yield step(self.family.model_of(bits), self._worlds[here], self.events[what])

    def _number(self, kind: str, thing: object) -> int:
        """The number of something among those of its kind."""
        return self._numbers.setdefault((kind, thing), len(self._numbers))

    def _place(self, place: Place) -> int:
        found = self._numbers.get(place)
        if found is None:
            found = self._numbers[place] = len(self.places)
            world = self._sketch.world(place)
            item, words = world.items.get(NAME), self.model.vocabulary
            views = (shown(words, item, partner) if item else None for partner in words.partners)
            self.places.append(place)
            self._worlds.append(world)
            self._views.append(self._number("views", tuple(view and tuple(view.items()) for view in views)))
            self.leading.append({})
            self.cases.append({})
        return found

    def _event(self, event: Event) -> int:
        key = (event.actor, event.action, event.kind, *event.fields.items())
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.events)
            self.events.append(event)
        return found

    def events_at(self, number: int) -> tuple[int, ...]:
        """The number of every event that makes sense at a place."""
        shape = self.places[number].shape
        kind = None if shape is None else (shape.owner, shape.kind)
        if kind not in self._sensible:
            self._sensible[kind] = tuple(self._event(event) for event in self._sketch.events(shape))
        return self._sensible[kind]

    def case(self, number: int, what: int) -> int:
        """The number of the case of an event at a place."""
        found = self._case_of.get((number, what))
        if found is None:
            case = self._case(self._worlds[number], self.events[what])
            if case not in self._numbers:
                self._numbers[case] = len(self._shown_by)
                self._shown_by.append((number, what))
            found = self._case_of[number, what] = self._numbers[case]
        return found

    def _case(self, world: World, event: Event) -> Case:
        situation, item = None, world.items.get(NAME)
        if event.item is not None:
            found = target(self.model, world, event)
            situation = None if found is None else found[1]
        elif item is not None:
            phase = self.model.phase(world.status)
            situation = situation_of(self.model, item, event, phase, phase)
        if situation is not None:
            situation = situation._replace(phase="", next_phase="")
        return world.status, event.actor, event.action, situation

    def upshots(self, case: int, family: Family | None = None) -> Upshots:
        """What a case comes to under the rules, or a variant of them."""
        if family is None:
            if case not in self._upshots:
                self._upshots[case] = self.upshots(case, self.family)
            return self._upshots[case]
        here, what = self._shown_by[case]
        world, event = self._worlds[here], self.events[what]
        found: dict[int, int] = {}
        for part in family.parts(world, event):
            number = self._number("upshot", _upshot(step(family.model_of(part[0]), world, event), part))
            found[number] = found.get(number, 0) | part[0]
        return tuple((bits, number) for number, bits in found.items())

    def take(self, number: int, what: int, upshots: Upshots, family: Family) -> Parts:
        """A step from a place with these upshots, which some rules have there."""
        parts: dict[Taken, int] = {}
        for bits, upshot in upshots:
            taken = self._taken.get((number, what, upshot))
            if taken is None:
                outcome = step(family.model_of(bits), self._worlds[number], self.events[what])
                after = number if outcome.after is outcome.before else self._place(self._sketch.place(outcome.after))
                seen = self._number("seen", (told(outcome), self._views[after]))
                taken = self._taken[number, what, upshot] = Taken(after, seen)
            parts[taken] = parts.get(taken, 0) | bits
        return tuple((bits, taken) for taken, bits in parts.items())

    def step(self, number: int, what: int) -> Parts:
        """A step from a place under the rules."""
        found = self._steps.get((number, what))
        if found is None:
            upshots = self.upshots(self.case(number, what))
            found = self._steps[number, what] = self.take(number, what, upshots, self.family)
        return found

    def rests_on(self, case: int) -> Iterable[Use]:
        """What a case rests on that only variants come to."""
        if case not in self._resting:
            uses = dict.fromkeys(use for outcome in self._outcomes(case) for use in self.uses.of(outcome))
            self._resting[case] = tuple(uses)
        return self._resting[case]


class Variant:
    """A mutant of rules that were walked through. ``scope``: the combinations of readings under which it could differ.

    ``cases``: those of the rules that it may decide otherwise.
    """

    def __init__(self, walked: Walked, mutant: Mutant) -> None:
        self.walked, self._memory = walked, mutant.reach.memory
        self.scope = walked.combinations.given_by(mutant.reading)
        if self._memory is not None:
            self.scope &= self._remembering(self._memory)
        self._reached: Matters = walked.uses.reached(mutant.reach)
        model = walked.model.workshop.variant(mutant.policy).model(walked.model.readings)
        self.family = Family(model, walked.combinations, self.scope)
        everything = range(walked.filed)
        self.cases = dict.fromkeys(everything) if self._memory else walked.file.where(self._reached)
        self._upshots: dict[int, Upshots | None] = {}
        self._steps: dict[tuple[int, int], Parts] = {}
        self._changed: dict[int, list[int]] = {}

    def changed_at(self, number: int) -> list[int]:
        """The events at a place of the rules after which anything is otherwise, seen or not."""
        if number not in self._changed:
            cases = self.walked.cases[number]
            events = [cases[case] for case in cases.keys() & self.cases.keys() if self.changes(case)]
            changed = (what for each in events for what in each if self._differs(number, what))
            self._changed[number] = sorted(changed)
        return self._changed[number]

    def _differs(self, number: int, what: int) -> bool:
        ours, theirs = self.walked.step(number, what), self.step(number, what)
        return any(bits & some and one != two for bits, one in ours for some, two in theirs)

    def _remembering(self, memory: str) -> int:
        """The combinations under which anything looks at a memory."""
        policy, combinations, bits = self.walked.model.policy, self.walked.combinations, 0
        tested: list[tuple[When, str | None]] = [(row.when, row.reading) for row in policy.rows]
        tested += [(transition.when, transition.reading) for transition in policy.transitions(policy.link)]
        tested += [(when, None) for claim in policy.properties for when in (claim.what, claim.start)]
        tested += [(one.when, None) for one in policy.vocabulary.history.values() if one.name != memory]
        for when, reading in tested:
            if any(fact == memory for fact, _ in when):
                bits |= combinations.given_by(reading)
        return bits

    def changes(self, case: int) -> bool:
        """Whether a case comes to something else than under the rules."""
        if case not in self._upshots:
            self._upshots[case] = self._other(case) if self._reaches(case) else None
        return self._upshots[case] is not None

    def _reaches(self, case: int) -> bool:
        if self._memory or case < self.walked.filed:
            return self._memory is not None or case in self.cases
        return any(map(self._reached, self.walked.rests_on(case)))

    def _other(self, case: int) -> Upshots | None:
        ours, theirs = self.walked.upshots(case), self.walked.upshots(case, self.family)
        differ = any(bits & some and one != two for bits, one in ours for some, two in theirs)
        return theirs if differ else None

    def step(self, number: int, what: int) -> Parts:
        """A step from a place: as the rules have it, where they decide alike."""
        found = self._steps.get((number, what))
        if found is None:
            case = self.walked.case(number, what)
            upshots = self._upshots[case] if self.changes(case) else None
            if upshots is None:
                return self.walked.step(number, what)
            found = self._steps[number, what] = self.walked.take(number, what, upshots, self.family)
        return found


def told(outcome: Outcome) -> tuple[object, ...]:
    """What can be seen of a step besides what the tickets show."""
    return (
        outcome.refused is not None,
        bool(outcome.defects),
        outcome.after.status,
        tuple(sorted(outcome.notified)),
    )


def _upshot(outcome: Outcome, part: Part) -> Upshot:
    _, decision = part
    seen = told(outcome)
    if decision is None or outcome.after is outcome.before:
        return seen
    form = decision.copy and (decision.copy.kind, decision.copy.fields)
    return (*seen, decision.then and decision.then.effect, form, decision.link, decision.history)
