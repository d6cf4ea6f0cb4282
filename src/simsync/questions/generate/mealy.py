"""Mealy machines over small numbers: which states can be told apart, and by which inputs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

Word = tuple[int, ...]
"""Inputs, one after the other."""


class MealyStep(NamedTuple):
    """What a state answers to an input: the state after, and what is seen."""

    after: int
    seen: Hashable


class Mealy:
    """A deterministic machine. ``steps[state]`` has a step for each input that makes sense there.

    Which inputs make sense is known without asking the machine, so that states in which others do are told apart.
    ``starts`` are states in which a run can begin, each known by its position.
    """

    def __init__(self, steps: Sequence[Mapping[int, MealyStep]], starts: Sequence[int]) -> None:
        self.steps = tuple(steps)
        self.starts = tuple(starts)

    def run(self, state: int, word: Word) -> tuple[int, tuple[Hashable, ...]]:
        """The state after a word, and what was seen on the way."""
        seen = []
        for given in word:
            state, one = self.steps[state][given]
            seen.append(one)
        return state, tuple(seen)

    @cached_property
    def layers(self) -> list[list[int]]:
        """For k = 0, 1, ...: of each state a number that two share if no word of at most k inputs tells them apart."""
        states = range(len(self.steps))
        layers = [_numbered(frozenset(self.steps[state]) for state in states)]
        while True:
            last = layers[-1]
            refined = _numbered(
                (last[state], frozenset((given, one.seen, last[one.after]) for given, one in self.steps[state].items()))
                for state in states
            )
            if max(refined) == max(last):
                return layers
            layers.append(refined)

    def minimized(self) -> Mealy:
        """The machine with one state for all that nobody can tell apart."""
        number, first = self.layers[-1], dict[int, int]()
        for state, group in enumerate(number):
            first.setdefault(group, state)
        steps = [
            {g: MealyStep(number[s.after], s.seen) for g, s in self.steps[state].items()} for state in first.values()
        ]
        return Mealy(steps, [number[state] for state in self.starts])

    def separator(self, one: int, other: int) -> Word:
        """A shortest word that makes sense in two different states of a minimized machine and tells them apart."""
        word = []
        for layer in reversed(self.layers[: self._apart(one, other)]):
            for given, step in self.steps[one].items():
                theirs = self.steps[other][given]
                if step.seen != theirs.seen or layer[step.after] != layer[theirs.after]:
                    break
            word.append(given)
            if step.seen != theirs.seen:
                break
            one, other = step.after, theirs.after
        return tuple(word)

    def _apart(self, one: int, other: int) -> int:
        """How many inputs it takes to tell two states apart; none where others make sense in them."""
        return next(k for k, layer in enumerate(self.layers) if layer[one] != layer[other])

    def access(self) -> dict[int, tuple[int, Word]]:
        """For each state that can be reached, nearest first, a shortest way: the position of a start, and a word."""
        ways: dict[int, tuple[int, Word]] = {}
        for position, state in enumerate(self.starts):
            ways.setdefault(state, (position, ()))
        waiting = list(ways)
        for state in waiting:  # grows while we walk
            start, word = ways[state]
            for given, step in self.steps[state].items():
                if step.after not in ways:
                    ways[step.after] = start, (*word, given)
                    waiting.append(step.after)
        return ways


def _numbered(keys: Iterable[Hashable]) -> list[int]:
    """Of each key how many different ones came before it first did."""
    known: dict[Hashable, int] = {}
    return [known.setdefault(key, len(known)) for key in keys]


def identifiers(machine: Mealy) -> list[tuple[Word, ...]]:
    """Harmonized state identifiers of a minimized machine: of each state the words that tell it from all others.

    For any two states in which the same inputs make sense, both have a word that begins with one that tells them
    apart. Found by adaptive experiments: all states of a block are given the same inputs until what is seen differs,
    and those that an experiment leaves together go into the next one.
    """
    found: list[list[Word]] = [[] for _ in machine.steps]
    waiting = _groups(dict(enumerate(machine.layers[0])))
    for block in waiting:  # grows while we walk
        if len(block) > 1:
            words, left = _experiment(machine, block)
            for state, word in words.items():
                found[state].append(word)
            waiting += left
    return [tuple(words) for words in found]


def _experiment(machine: Mealy, block: Sequence[int]) -> tuple[dict[int, Word], list[list[int]]]:
    """One adaptive experiment: the word given to each state of a block, and the blocks that stay together."""
    words: dict[int, Word] = dict.fromkeys(block, ())
    left = []
    waiting = [(list(block), {state: state for state in block})]
    for together, now in waiting:  # grows while we walk
        here = sorted(set(now.values()))
        if len(here) == 1:
            left.append(together)
            continue
        word = min(_candidates(machine, here), key=lambda word: (_cost(machine, here, word), word))
        runs = {state: machine.run(now[state], word) for state in together}
        words.update((state, words[state] + word) for state in together)
        for group in _groups({state: seen for state, (_, seen) in runs.items()}):
            if len(group) > 1:
                waiting.append((group, {state: runs[state][0] for state in group}))
    return words, left


TRIED = 12
"""How many words are tried for a step of an experiment."""


def _candidates(machine: Mealy, here: Sequence[int]) -> set[Word]:
    """Words each of which tells some of the states apart."""
    others = here[1 : TRIED + 1]
    return {machine.separator(here[0], other) for other in others} | {
        machine.separator(one, other) for one, other in zip(here, others, strict=False)
    }


def _cost(machine: Mealy, here: Sequence[int], word: Word) -> int:
    """How many pairs a word leaves together, those more that it makes the same."""
    runs = {state: machine.run(state, word) for state in here}
    cost = 0
    for group in _groups({state: seen for state, (_, seen) in runs.items()}):
        cost += len(group) ** 2 + 3 * (len(group) - len({runs[state][0] for state in group}))
    return cost * len(word)


def _groups(keys: Mapping[int, Hashable]) -> list[list[int]]:
    """The states that share a key, together."""
    found: dict[Hashable, list[int]] = {}
    for state, key in keys.items():
        found.setdefault(key, []).append(state)
    return list(found.values())
