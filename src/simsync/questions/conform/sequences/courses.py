"""Sequences that are derived from the status machine: hard texts, laps round its cycles, many items, many actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from typing import NamedTuple

from simsync.engine.actions import Action, Grammar
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.trace import Trace, simulate
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, EDIT
from simsync.questions.conform.sequences.drives import (
    Allows,
    Drive,
    anything,
    move_by,
    ways_from,
    ways_from_the_first,
)
from simsync.questions.conform.sequences.hard_texts import LONGEST, PLAIN, WALKED, free_texts, hard_texts
from simsync.statespace.abstraction import statuses

ITEMS = 60
"""Items of each partner in a long sequence."""
STEPS = 200
"""Actions of a long sequence."""
ROUNDS = 2
"""How often a cycle of the status machine is gone round."""


class Owned(NamedTuple):
    """Whose an item is, and of which kind."""

    owner: str
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} of {self.owner}"


class Lap(NamedTuple):
    """A cycle of the status machine: where it begins, and the actions that lead round it."""

    status: str
    moves: tuple[Event, ...]

    def __str__(self) -> str:
        return " and ".join(move.action for move in self.moves)


class Course:
    """A sequence in the making: what is refused, or what the system cannot do, is left out."""

    def __init__(self, courses: Courses, status: str) -> None:
        self._courses = courses
        self.status = status
        self.world = World(status)
        self.outcomes: list[Outcome] = []

    def do(self, event: Event) -> bool:
        """Do something; False where it is left out."""
        if not self._courses.allows(self.world, event):
            return False
        outcome = step(self._courses.model, self.world, event)
        if outcome.refused is not None or outcome.defects:
            return False
        self.outcomes.append(outcome)
        self.world = outcome.after
        return True

    def go(self, moves: Iterable[Event]) -> bool:
        """Do some status actions; False as soon as one is left out."""
        return all(self.do(move) for move in moves)

    def create(self, sort: Owned, text: str) -> bool:
        """A new item, with a text wherever it can have one; False where it is left out."""
        return self.do(self._courses.creation(sort, f"N{len(self.world.items) + 1}", text))

    def edit(self, name: str, text: str) -> bool:
        """Another text for an item, by its owner; False where it is left out, or the item has no text."""
        item = self.world.items.get(name)
        if item is None:
            return False
        sort = Owned(item.owner, item.original.kind)
        texts = self._courses.edited[sort]
        fields = dict.fromkeys(texts, text)
        return bool(texts) and self.do(Event(actor=sort.owner, action=EDIT, item=name, fields=fields))

    def drive(self, source: str) -> Drive:
        """The sequence."""
        return Drive(trace=Trace(status=self.status, events=tuple(one.event for one in self.outcomes)), source=source)


class Courses:
    """Makes sequences for a model; ``allows`` says what the system can do."""

    def __init__(self, model: Model, allows: Allows = anything) -> None:
        self.model = model
        self.allows = allows
        grammar, free = Grammar(model.factory), free_texts(model)

        def settable(action: Action, sort: Owned) -> tuple[str, ...]:
            return tuple(n for n in grammar.fields(action, sort.kind, sort.owner, sort.owner) if n in free)

        sorts = [Owned(owner, kind) for owner in model.vocabulary.partners for kind in model.vocabulary.kinds]
        self.created = {sort: settable(Action(CREATE, sort.kind, ""), sort) for sort in sorts}
        self.edited = {sort: settable(Action(EDIT, None, ""), sort) for sort in sorts}
        self._statuses = list(dict.fromkeys([model.status_spec.begin, *statuses(model)]))
        self._crossing = {sort: [s for s in self._statuses if self._crosses(sort, s)] for sort in sorts}

    def creation(self, sort: Owned, name: str, text: str) -> Event:
        """The creation of an item with a text wherever it can have one."""
        fields = dict.fromkeys(self.created[sort], text)
        return Event(actor=sort.owner, action=CREATE, item=name, kind=sort.kind, fields=fields)

    def _crosses(self, sort: Owned, status: str) -> bool:
        """Whether a new item reaches the other ticket at once."""
        return step(self.model, World(status), self.creation(sort, "N1", PLAIN)).synced

    def texts(self, longest: int = LONGEST) -> Iterator[Drive]:
        """Each hard text alone: created, changed to the one before it, and back; by each partner and of each kind."""
        for sort, places in self._crossing.items():
            for hard in hard_texts(longest) if places and self.created[sort] else ():
                course = Course(self, places[0])
                if course.create(sort, hard.text):
                    course.edit("N1", hard.before)
                    course.edit("N1", hard.text)
                    yield course.drive(f"{sort} with a text {hard.name}")

    def carried(self, longest: int = LONGEST) -> Iterator[Drive]:
        """All hard texts at once, over each status action that carries them across: created before it, and changed."""
        texts = hard_texts(longest)
        for sort, places in self._crossing.items():
            for status, move in self._carrying(sort) if self.created[sort] else ():
                made = Course(self, status)
                if all(made.create(sort, hard.text) for hard in texts) and made.do(move):
                    yield made.drive(f"{sort} with each hard text over {move.action}")
                if not places or status not in (ways := ways_from(self.model, places[0])):
                    continue
                changed = Course(self, places[0])
                quick = [hard.before if len(hard.before) <= WALKED else PLAIN for hard in texts]
                made_before = all(changed.create(sort, text) for text in quick) and changed.go(ways[status])
                edits = (changed.edit(f"N{n}", hard.text) for n, hard in enumerate(texts, 1))
                if made_before and all(edits) and changed.do(move):
                    yield changed.drive(f"{sort} changed to each hard text before {move.action}")

    def _carrying(self, sort: Owned) -> Iterator[tuple[str, Event]]:
        """The status actions by which an item that was created before reaches the other ticket, one of each phases."""
        phases: set[tuple[str, str]] = set()
        for status in self._statuses:
            for transition in self.model.status_spec.transitions:
                between = self.model.phase(status), self.model.phase(transition.dest)
                if status not in transition.source or between in phases:
                    continue
                course = Course(self, status)
                move = move_by(transition)
                if course.create(sort, PLAIN) and course.do(move) and course.outcomes[-1].synced:
                    phases.add(between)
                    yield status, move

    def cycles(self) -> list[Lap]:
        """For each status action that lies on a cycle of the status machine, the shortest cycle through it."""
        found: dict[frozenset[tuple[str, str, str]], Lap] = {}
        order = statuses(self.model)
        for status in order:
            for transition in self.model.status_spec.transitions:
                ways = ways_from(self.model, transition.dest)
                if status in transition.source and status in ways:
                    moves = (move_by(transition), *ways[status])
                    at = [status, transition.dest]
                    for move in moves[1:]:
                        at.append(step(self.model, World(at[-1]), move).after.status)
                    edges = frozenset((s, m.actor, m.action) for s, m in zip(at, moves, strict=False))
                    found.setdefault(edges, Lap(status, moves))
        return list(found.values())

    def laps(self, rounds: int = ROUNDS) -> Iterator[Drive]:
        """Twice round each cycle, with an item of each partner and kind: alone and together, left alone and changed."""
        for lap in self.cycles():
            for sorts in [*([sort] for sort in self.created), list(self.created)]:
                for busy in (False, True):
                    course = Course(self, lap.status)
                    if not [sort for sort in sorts if course.create(sort, "at first")]:
                        continue
                    who = str(sorts[0]) if len(sorts) == 1 else "one of each"
                    if all(self._round(course, lap, f"round {n}", busy=busy) for n in range(1, rounds + 1)):
                        self._end(course, sorts)
                        done = "changed while going" if busy else "left alone while going"
                        yield course.drive(f"{who} {done} {rounds} times round {lap}")

    @staticmethod
    def _round(course: Course, lap: Lap, text: str, *, busy: bool) -> bool:
        for number, move in enumerate(lap.moves, 1):
            if not course.do(move):
                return False
            for name in list(course.world.items) if busy else ():
                course.edit(name, f"{text}, {number}")
        return True

    def _end(self, course: Course, sorts: Sequence[Owned]) -> None:
        """Go on to where things cross, so that what the rounds left behind shows."""
        places = {place for sort in sorts for place in self._crossing[sort]}
        ways = ways_from(self.model, course.world.status)
        nearest = min((way for place, way in ways.items() if place in places), key=len, default=())
        course.go(nearest)
        for name in list(course.world.items):
            course.edit(name, "in the end")
        there = {(item.owner, item.original.kind) for item in course.world.items.values()}
        for sort in sorts:
            if sort not in there:
                course.create(sort, "in the end")

    def crowds(self, items: int) -> Iterator[Drive]:
        """So many items of a partner, of all kinds in turn: where they cross at once, and over what carries them."""
        for owner in self.model.vocabulary.partners:
            sorts = [sort for sort in self.created if sort.owner == owner]
            for status in [places[0] for places in map(self._crossing.__getitem__, sorts) if places][:1]:
                crowd = Course(self, status)
                self._fill(crowd, sorts, items)
                yield crowd.drive(f"{items} {self.model.words.item.many} of {owner}")
            over = {str(move): (status, move) for sort in sorts for status, move in self._carrying(sort)}
            for status, move in over.values():
                crowd = Course(self, status)
                self._fill(crowd, sorts, items)
                if crowd.do(move):
                    yield crowd.drive(f"{items} {self.model.words.item.many} of {owner} over {move.action}")
        yield from self._tours(items)

    def _tours(self, items: int) -> Iterator[Drive]:
        """So many items of each partner on the way from the first status and round a cycle, some in each phase."""
        words = self.model.words
        ways = ways_from_the_first(self.model)
        laps = [lap for lap in self.cycles() if any(lap.status in places for places in self._crossing.values())]
        for lap in laps[:1]:
            moves = (*ways[lap.status], *lap.moves)
            course = Course(self, self.model.status_spec.initial)
            phases = {
                self.model.phase(one.after.status)
                for one in simulate(self.model, Trace(status=course.status, events=moves))
            }
            share = items // len(phases)
            for move in (None, *moves):
                if move is not None and not course.do(move):
                    return
                if (phase := self.model.phase(course.world.status)) in phases:
                    phases.discard(phase)
                    for owner in self.model.vocabulary.partners:
                        self._fill(course, [sort for sort in self.created if sort.owner == owner], share)
            yield course.drive(f"{items} {words.item.many} of each {words.partner} on the way and round {lap}")

    @staticmethod
    def _fill(course: Course, sorts: Sequence[Owned], items: int) -> None:
        done = 0
        for number, sort in enumerate(islice(cycle(sorts), 2 * items)):
            done += course.create(sort, f"item {number + 1}")
            if done == items:
                break

    def marathons(self, steps: int) -> Iterator[Drive]:
        """So many actions: round each cycle again and again, with an item of each that is changed at each status."""
        for lap in self.cycles():
            course = Course(self, lap.status)
            for sort in self.created:
                course.create(sort, "at first")
            number = 0
            while len(course.outcomes) < steps and self._round(course, lap, f"round {number}", busy=True):
                number += 1
            trace = Trace(status=lap.status, events=tuple(one.event for one in course.outcomes[:steps]))
            yield Drive(trace=trace, source=f"{steps} actions round {lap}")
