"""Sets of combinations of readings in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, product

from simsync.statespace.combinations import Combinations

Cube = dict[str, str]
"""Options of some readings: all combinations with these."""


def described(bits: int, among: Combinations, within: int) -> list[Cube]:
    """A set of combinations in words: those with one of these choices of options, as few and as short as may be.

    Nothing outside of ``within`` is told apart. The empty choice stands for all of it, no choice for the empty set.
    """
    bits &= within
    outside = among.everything & ~within
    readings = mattering(bits, among, within)
    cubes: list[tuple[int, Cube]] = []
    for size in range(len(readings) + 1):
        for names in combinations(readings, size):
            for options in product(*(among.options[name] for name in names)):
                cube = dict(zip(names, options, strict=True))
                covered = among.under(cube)
                known = any(covered & ~other == 0 for other, _ in cubes)
                if covered & within and not covered & ~(bits | outside) and not known:
                    cubes.append((covered, cube))
    return _fewest(cubes, bits)


def mattering(bits: int, among: Combinations, within: int) -> list[str]:
    """The readings on which it depends whether a combination is in a set, as far as that is told apart."""
    return [name for name, options in among.options.items() if _matters(bits, within, name, options, among)]


def _matters(bits: int, within: int, reading: str, options: Iterable[str], among: Combinations) -> bool:
    """Whether a set, as far as it can be told, depends on a reading."""
    parts = []
    for number, option in enumerate(options):
        distance = number * among.stride(reading)
        chosen = among.with_option(reading, option)
        parts.append(((bits & chosen) >> distance, (within & chosen) >> distance))
    return any((a ^ b) & known & others for (a, known), (b, others) in combinations(parts, 2))


def _fewest(cubes: Sequence[tuple[int, Cube]], bits: int) -> list[Cube]:
    """Enough of the cubes to cover a set, the larger first."""
    chosen: list[tuple[int, Cube]] = []
    open_ = bits
    while open_:
        best = max(cubes, key=lambda one: ((one[0] & open_).bit_count(), -len(one[1])))
        chosen.append(best)
        open_ &= ~best[0]
    return [cube for _, cube in sorted(chosen, key=lambda one: one[0] & -one[0])]
