"""Other ways to test a machine that is known: random walks as GraphWalker makes them, AALpy's oracles, hypothesis.

Each is a contestant of suites.py: an endless or long sequence of scenarios, without expectations. All know what simsync
knows: the machine of one item, as it is read and under each other option of each reading, which take turns.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain, cycle, zip_longest
from typing import Any

from aalpy.automata import MealyMachine, MealyState
from aalpy.base import SUL, Oracle
from aalpy.oracles import RandomWalkEqOracle, RandomWMethodEqOracle, StatePrefixEqOracle
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from measure import ROOT
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event, World
from simsync.questions.conform.systems.direct import by_object
from simsync.questions.conform.systems.protocol import RESET_TO_STATUS
from simsync.questions.coverage.coverage import to_give
from simsync.questions.generate.complete import InputWord, ItemMachine
from simsync.questions.generate.mealy import MealyStep
from simsync.state_machine import state_machine

MODEL = load_model(ROOT / "machines")
LENGTH = 50
"""Steps after which a random walk begins anew; what hypothesis does in an example at most, too."""
EXAMPLES = 20
"""Examples of hypothesis before another reading's option has its turn."""

Tester = Callable[[int, int], Iterator[Trace]]
"""Takes a seed, and how many steps are wanted at most."""


@cache
def read() -> tuple[Model, ...]:
    """The rules as they are read, and under each other option of each reading."""
    options = [
        {name: option} for name, one in MODEL.policy.readings.items() for option in one.options if option != one.default
    ]
    return (MODEL, *map(MODEL.under, options))


@cache
def machines() -> tuple[ItemMachine, ...]:
    """What can be seen of one item under each of them."""
    return tuple(ItemMachine.of(model, [*model.vocabulary.kinds]) for model in read())


def in_turns(each: list[Iterator[Trace]]) -> Iterator[Trace]:
    """Every second scenario is about the rules as they are read, the others about one option after the other."""
    first, *others = each
    of_options = chain.from_iterable(zip_longest(*others))
    for one, other in zip_longest(first, (way for way in of_options if way is not None)):
        yield from (way for way in (one, other) if way is not None)


def way(item: ItemMachine, path: InputWord) -> Trace:
    """A path through a machine as a scenario."""
    return item.trace(path, to_give(MODEL, item.model))


def at_random(number: int, _most: int) -> Iterator[Trace]:
    """GraphWalker's `random`: any of the edges that leave a vertex, each as likely."""

    def walks(item: ItemMachine, chance: random.Random) -> Iterator[Trace]:
        while True:
            start = chance.randrange(len(item.machine.starts))
            state, word = item.machine.starts[start], list[int]()
            while len(word) < LENGTH and item.machine.steps[state]:
                word.append(chance.choice([*item.machine.steps[state]]))
                state = item.machine.steps[state][word[-1]].after
            yield way(item, InputWord(start, tuple(word)))

    return in_turns([walks(item, random.Random(f"{number} {n}")) for n, item in enumerate(machines())])


def to_unvisited(number: int, _most: int) -> Iterator[Trace]:
    """GraphWalker's `quick_random`: the shortest way to an edge that was not taken yet, chosen at random."""

    def walks(item: ItemMachine, chance: random.Random) -> Iterator[Trace]:
        left: set[tuple[int, int]] = set()
        for start in cycle(range(len(item.machine.starts))):
            left = left or {(state, given) for state, steps in enumerate(item.machine.steps) for given in steps}
            state, word = item.machine.starts[start], list[int]()
            while len(word) < LENGTH and (more := _toward(item.machine.steps, state, left, chance)):
                for given in more:
                    left.discard((state, given))
                    state = item.machine.steps[state][given].after
                word += more
            if word:
                yield way(item, InputWord(start, tuple(word)))

    return in_turns([walks(item, random.Random(f"{number} {n}")) for n, item in enumerate(machines())])


def _toward(
    steps: Sequence[Mapping[int, MealyStep]], state: int, left: set[tuple[int, int]], chance: random.Random
) -> list[int]:
    """The inputs that lead to one of the edges that are left and can be come to; none if there is none."""
    ways: dict[int, list[int]] = {state: []}
    queue = deque([state])
    while queue:
        here = queue.popleft()
        for given, one in steps[here].items():
            if one.after not in ways:
                ways[one.after] = [*ways[here], given]
                queue.append(one.after)
    within = sorted(edge for edge in left if edge[0] in ways)
    if not within:
        return []
    source, given = chance.choice(within)
    return [*ways[source], given]


class Enough(Exception):  # noqa: N818 - nothing is wrong
    """As many steps were asked for as are wanted."""


class Recorded(SUL):  # type: ignore[misc] # of AALpy nothing is known
    """A system that is as the machine says. Inputs that make no sense where it is are not done, and not counted."""

    def __init__(self, item: ItemMachine, most: int) -> None:
        super().__init__()
        self.item, self.most = item, most
        self.start = item.statuses.index(item.model.status_spec.initial)
        self.words: list[list[int]] = []
        self.steps = 0

    def pre(self) -> None:
        """Begin anew."""
        if self.steps >= self.most:
            raise Enough
        self.state = self.item.machine.starts[self.start]
        self.words.append([])

    def post(self) -> None:
        """Nothing is left to do after a word."""

    def step(self, letter: int) -> object:
        """What is seen of an input."""
        one = self.item.machine.steps[self.state].get(letter)
        if one is None:
            return None
        self.words[-1].append(letter)
        self.steps += 1
        self.state = one.after
        return one.seen


def as_aalpy(item: ItemMachine) -> MealyMachine[int, object]:
    """The machine as AALpy's oracles take it: every input makes sense everywhere, and may do nothing."""
    states = [MealyState[int, object](str(number)) for number in range(len(item.machine.steps))]
    for state, steps in zip(states, item.machine.steps, strict=True):
        for letter in range(len(item.events)):
            one = steps.get(letter)
            state.transitions[letter] = state if one is None else states[one.after]
            state.output_fun[letter] = None if one is None else one.seen
    first = item.machine.starts[item.statuses.index(item.model.status_spec.initial)]
    return MealyMachine(states[first], states)


def by_oracle(oracle: Callable[[list[int], SUL], Oracle]) -> Tester:
    """What an oracle of AALpy's asks a system in search of a difference from a machine, when there is none."""

    def asked(item: ItemMachine, most: int) -> Iterator[Trace]:
        system = Recorded(item, most)
        with suppress(Enough):
            oracle([*range(len(item.events))], system).find_cex(as_aalpy(item))
        return (way(item, InputWord(system.start, tuple(word))) for word in system.words if word)

    def ways(number: int, most: int) -> Iterator[Trace]:
        random.seed(number)
        first, *others = machines()
        return in_turns([asked(first, most // 2), *(asked(one, most // 2 // len(others)) for one in others)])

    return ways


class Silent:
    """A system that is there and empty, and of which nothing is asked but to begin."""

    def __call__(self, request: Mapping[str, Any]) -> Any:
        """Answer a request."""
        if request["op"] == "reset":
            self.status = request["status"]
        if request["op"] == "observe":
            tickets: dict[str, Any] = {partner: {} for partner in MODEL.vocabulary.partners}
            return {"status": self.status, "tickets": tickets, "notified": []}
        return {"protocol": 1, "name": "silent", "can": [RESET_TO_STATUS]} if request["op"] == "hello" else {"ok": True}


def by_hypothesis(number: int, _most: int) -> Iterator[Trace]:
    """hypothesis' stateful runner on the machine that simsync makes from the rules: as many items as it likes."""
    turns = in_turns([_examples(model, number) for model in read()])
    return (one for one in turns if one.events)


def _examples(model: Model, number: int) -> Iterator[Trace]:
    readings = to_give(MODEL, model)
    while True:
        told: list[tuple[str, list[Event]]] = []

        class Machine(state_machine(model, by_object(Silent(), model))):  # type: ignore[misc] # made by a call
            world: World

            def do(self, event: Event, told: list[tuple[str, list[Event]]] = told) -> bool:
                if not self._outcomes:
                    told.append((self.world.status, []))
                told[-1][1].append(event)
                outcome = step(model, self.world, event)
                self._outcomes.append(outcome)
                self.world = outcome.after
                return outcome.refused is None

        quiet = settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        run_state_machine_as_test(seed(number)(Machine), settings=quiet)
        yield from (Trace(status=status, readings=readings, events=tuple(events)) for status, events in told)
        number += 1000


TESTERS: dict[str, Tester] = {
    "random walks (GraphWalker's random)": at_random,
    "walks to edges not yet taken (GraphWalker's quick_random)": to_unvisited,
    "AALpy, RandomWalkEqOracle": by_oracle(lambda letters, system: RandomWalkEqOracle(letters, system, 10**9)),
    "AALpy, StatePrefixEqOracle": by_oracle(
        lambda letters, system: StatePrefixEqOracle(letters, system, depth_first=False)
    ),
    "AALpy, RandomWMethodEqOracle": by_oracle(lambda letters, system: RandomWMethodEqOracle(letters, system)),
    "hypothesis, stateful": by_hypothesis,
}
