"""Few steps that kill every mutant: beginnings of scenarios, chosen for how many mutants each step of them kills."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

ATTEMPTS = 24

Kills = Mapping[int, int]
"""The mutants that a scenario kills, each with the number of steps that it takes to; mutants are numbered."""


def few_steps(candidates: Sequence[Kills], seed: int = 0) -> dict[int, int]:
    """How many steps to take of which scenarios so that all is killed that all of them kill; deterministic for a seed.

    The best of some attempts, each of which goes on with the scenario, or begins a new one, that kills most a step, and
    in the end takes back what the others make needless.
    """
    beginnings = [_beginnings(kills) for kills in candidates]
    attempts = (_reduced(beginnings, _greedy(beginnings, seed, number)) for number in range(ATTEMPTS))
    return min(attempts, key=lambda chosen: (sum(chosen.values()), len(chosen)))


def _beginnings(kills: Kills) -> list[tuple[int, int]]:
    """What is killed by each number of steps at which something more is, as the bits of an integer."""
    killed, found = 0, list[tuple[int, int]]()
    for steps in sorted(set(kills.values())):
        killed |= sum(1 << mutant for mutant, took in kills.items() if took == steps)
        found.append((steps, killed))
    return found


def _greedy(beginnings: Sequence[Sequence[tuple[int, int]]], seed: int, number: int) -> dict[int, int]:
    chance = random.Random(f"{seed} {number}")
    blur = 0.3 * number / ATTEMPTS  # the first attempt takes the best each time, later ones what is nearly so
    left = 0
    for killed in (one[-1][1] for one in beginnings if one):
        left |= killed
    chosen: dict[int, int] = {}
    while left:
        best, most = None, 0.0
        for candidate, steps_of in enumerate(beginnings):
            taken = chosen.get(candidate, 0)
            for steps, killed in steps_of:
                if steps > taken and (new := killed & left):
                    worth = new.bit_count() / (steps - taken) * (1 + blur * chance.random())
                    if worth > most:
                        best, most = (candidate, steps, killed), worth
        assert best is not None
        chosen[best[0]] = best[1]
        left &= ~best[2]
    return chosen


def _reduced(beginnings: Sequence[Sequence[tuple[int, int]]], chosen: Mapping[int, int]) -> dict[int, int]:
    """Without the scenarios and last steps that nothing is lost with, those tried first that kill least a step."""
    killed = {c: {0: 0} | dict(beginnings[c]) for c in chosen}
    kept = dict(chosen)

    def others(candidate: int) -> int:
        bits = 0
        for other, steps in kept.items():
            if other != candidate:
                bits |= killed[other][steps]
        return bits

    for candidate in sorted(kept, key=lambda c: (killed[c][kept[c]].bit_count() / kept[c], c)):
        needed = killed[candidate][kept[candidate]] & ~others(candidate)
        fewest = min(steps for steps, bits in killed[candidate].items() if not needed & ~bits)
        kept[candidate] = fewest
    return {candidate: steps for candidate, steps in kept.items() if steps}
