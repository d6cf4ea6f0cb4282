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
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.view import shown
from simsync.engine.world import Event
from simsync.progress import Progress, silent
from simsync.questions.generate.covering import renamed
from simsync.questions.generate.mealy import Mealy, MealyStep, Word, identifiers
from simsync.statespace.abstraction import NAME, with_texts
from simsync.statespace.combinations import Variants
from simsync.statespace.member import Member
from simsync.statespace.space import Space
from simsync.statespace.walking import space_of


def visible(outcome: Outcome) -> tuple[object, ...]:
    """What can be seen of a step of one item, with the texts themselves."""
    item, words = outcome.after.items.get(NAME), outcome.model.vocabulary
    views = [shown(words, item, partner) for partner in words.partners] if item else []
    told = outcome.refused is not None, bool(outcome.defects), outcome.after.status, tuple(sorted(outcome.notified))
    return (*told, *(view and tuple(view.items()) for view in views))


class TooManySteps(Exception):  # noqa: N818 - a bound that was asked for, not an error
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

    Inputs are ``events`` by number, starts are empty tickets in ``statuses``. ``places`` is how many states of the
    state space the machine's states stand for.
    """

    model: Model
    machine: Mealy
    statuses: tuple[str, ...]
    events: tuple[Event, ...]
    places: int

    @classmethod
    def of(cls, model: Model, kinds: Collection[str]) -> ItemMachine:
        """The machine of a model as it is read."""
        space = space_of(model, Variants(model.policy, [model.readings]), kept=False)
        member = Member(space, model)
        states = [state for state in member.states if _kind(space, state[1]) in (None, *kinds)]
        numbers = {state: number for number, state in enumerate(states)}
        inputs = dict[int, int]()
        steps: list[dict[int, MealyStep]] = [{} for _ in states]
        for state, number in numbers.items():
            world = space.abstraction.world(space.abstract_state(state))
            for event in space.possible(state):
                if space.events[event].kind in (None, *kinds):
                    given, (taken,) = inputs.setdefault(event, len(inputs)), space.taken(state, event)
                    outcome = step(model, world, space.events[event])
                    steps[number][given] = MealyStep(numbers[taken.after], visible(outcome))
        starts = [state for state, before in member.came.items() if before is None]
        return cls(
            model=model,
            machine=Mealy(steps, [numbers[state] for state in starts]).minimized(),
            statuses=tuple(space.statuses[state[0]] for state in starts),
            events=tuple(space.events[event] for event in inputs),
            places=len(states),
        )

    @property
    def size(self) -> tuple[int, int]:
        """How many states and transitions there are."""
        return len(self.machine.steps), sum(map(len, self.machine.steps))

    def trace(self, path: InputWord, readings: Mapping[str, str]) -> Trace:
        """A path as a trace that gives some readings, each text being new."""
        events = renamed(self.events[given] for given in path.word)
        return Trace(status=self.statuses[path.start], readings=readings, events=with_texts(self.model, events))


def _kind(space: Space, item: int) -> str | None:
    """The kind of an item state, None where there is no item yet."""
    shape = space.abstract_item(item)
    return shape and shape.kind
