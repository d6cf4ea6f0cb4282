"""Suites that find every fault in any machine with at most so many states: the HSI method.

After G. Luo, A. Petrenko and G. v. Bochmann, Selecting Test Sequences for Partially-Specified Nondeterministic Finite
State Machines (1994): T. Chow's W-method (1978) with state identifiers in place of one characterizing set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace
from simsync.engine.view import shown
from simsync.engine.world import Event
from simsync.progress import Progress, silent
from simsync.questions.generate.covering import renamed
from simsync.questions.generate.mealy import Mealy, MealyStep, Word, identifiers
from simsync.questions.mutate.walked import told
from simsync.statespace.life import Life, Visit
from simsync.statespace.places import NAME, with_texts


def visible(outcome: Outcome) -> tuple[object, ...]:
    """What can be seen of a step of one item; two are equal where ``compare.seen`` has it so."""
    item, words = outcome.after.items.get(NAME), outcome.model.vocabulary
    views = (shown(words, item, partner) if item else None for partner in words.partners)
    return (*told(outcome), *(None if view is None else tuple(view.items()) for view in views))


class TooManySteps(Exception):  # noqa: N818
    """A suite would have more steps than wanted: at least ``steps`` for a ``share`` of the states, of 1."""

    def __init__(self, steps: int, share: float) -> None:
        super().__init__(steps, share)
        self.steps, self.share = steps, share


class InputWord(NamedTuple):
    """A sequence of a suite: the position of the start, and the inputs."""

    start: int
    word: Word


def complete(machine: Mealy, extra: int, most: int, progress: Progress = silent) -> list[InputWord]:
    """The paths that tell a minimized machine from all that differ and have at most ``extra`` states more.

    Each state is reached, every word of ``extra`` + 1 inputs taken from it, and the state after it identified. The
    paths are in order, and none is the beginning of another. Raises :class:`TooManySteps` where they have more than
    ``most`` steps, as soon as that is certain.
    """
    tells, found = identifiers(machine), set[InputWord]()
    begun = [(state, InputWord(start, ()), extra) for start, state in enumerate(machine.starts)]
    reached = [(state, InputWord(*way), extra + 1) for state, way in machine.access().items()]
    todo = [*begun, *reached]
    for done, (state, (start, way), length) in enumerate(todo):
        progress("states, each with what identifies it", done, len(todo))
        for word, after in _words(machine, state, length):
            found.update(InputWord(start, (*way, *word, *last)) for last in tells[after] or ((),))
            if len(found) > most:  # each is the beginning of a path, and ends with another step
                raise TooManySteps(most, done / len(todo))
    paths = sorted(found)
    longest = [one for one, after in pairwise([*paths, InputWord(-1, ())]) if not _begins(one, after)]
    steps = sum(len(path.word) for path in longest)
    if steps > most:
        raise TooManySteps(steps, 1.0)
    return longest


def _begins(one: InputWord, other: InputWord) -> bool:
    return one.start == other.start and other.word[: len(one.word)] == one.word


def _words(machine: Mealy, state: int, length: int) -> Iterator[tuple[Word, int]]:
    """Every word of at most some length that makes sense in a state, with the state after it."""
    yield (), state
    if length:
        for given, step in machine.steps[state].items():
            for word, after in _words(machine, step.after, length - 1):
                yield (given, *word), after


@dataclass(frozen=True, kw_only=True)
class ItemMachine:
    """What can be seen of one item, of some kinds, as a minimized machine.

    Inputs are ``events`` by number, starts are empty tickets in ``statuses``. ``places`` is how many places of the item
    the states stand for.
    """

    model: Model
    machine: Mealy
    statuses: tuple[str, ...]
    events: tuple[Event, ...]
    places: int

    @classmethod
    def of(cls, model: Model, kinds: Collection[str]) -> ItemMachine:
        """The machine of a model as it is read."""
        life = Life(model)
        visits = [visit for visit in life.walk() if _is_of(kinds, visit)]
        places = {place: number for number, place in enumerate(dict.fromkeys(visit.place for visit in visits))}
        steps: list[dict[int, MealyStep]] = [{} for _ in places]
        events: dict[tuple[object, ...], tuple[int, Event]] = {}
        for place, event, outcome, after in visits:
            key = (event.actor, event.action, event.kind, *event.fields.items())
            given, _ = events.setdefault(key, (len(events), event))
            steps[places[place]][given] = MealyStep(places[after], visible(outcome))
        starts = [place for place, before in life.came.items() if before is None]
        return cls(
            model=model,
            machine=Mealy(steps, [places[place] for place in starts]).minimized(),
            statuses=tuple(place.status for place in starts),
            events=tuple(event for _, event in events.values()),
            places=len(places),
        )

    @property
    def size(self) -> tuple[int, int]:
        """How many states and transitions there are."""
        return len(self.machine.steps), sum(map(len, self.machine.steps))

    def trace(self, path: InputWord, readings: Mapping[str, str]) -> Trace:
        """A path as a trace that gives some readings, each text being new."""
        events = renamed(self.events[given] for given in path.word)
        return Trace(status=self.statuses[path.start], readings=readings, events=with_texts(self.model, events))


def _is_of(kinds: Collection[str], visit: Visit) -> bool:
    of = visit.place.shape.kind if visit.place.shape else visit.event.kind
    return of is None or of in kinds
