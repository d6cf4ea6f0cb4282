"""Sets of states as bitmaps: an axis for each item, the last one packed into words of 64 bits.

What an event does to an item, whatever the others' states, is then an OR of slices along the item's axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from simsync.statespace.transition_table import Flags

Bits = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.intp]

WORD = 64


@dataclass(frozen=True, slots=True)
class Relation:
    """From which state of an item to which other: as ``pairs``, and as images of bits, [bytes, 256, words].

    ``images[b, v]`` are the states that those lead to whose bits make the value v of byte b.
    """

    pairs: tuple[tuple[int, int], ...]
    images: Bits = field(repr=False)


def row(items: tuple[int, ...], alone: int = 0) -> tuple[int, ...]:
    """Where a bitmap has the words of the last item: by the states of the others, ``alone`` where there are none."""
    return items[:-1] or (alone,)


def count(bits: Any) -> int:
    """How many states are in a bitmap, or in a part of one."""
    return int(np.bitwise_count(bits).sum(dtype=np.int64))


def relation(source: Iterable[Any], dest: Iterable[Any], size: int, size_after: int) -> Relation:
    """The relation of states with states, of which there are so many before and after."""
    pairs = sorted({(int(j), int(i)) for j, i in zip(source, dest, strict=True)})
    images = np.zeros((-(-size // WORD) * 8, 256, -(-size_after // WORD)), np.uint64)
    for j, i in pairs:
        with_j = np.flatnonzero(np.arange(256) >> (j % 8) & 1)
        images[j // 8, with_j, i // WORD] |= np.uint64(1 << (i % WORD))
    return Relation(tuple(pairs), images)


def occupied(bits: Bits) -> Flags:
    """Where along the first axis there are states at all."""
    return np.array([part.any() for part in bits], np.bool_)


def spread_first(pairs: Sequence[tuple[int, int]], front: Bits, some: Flags, new: Bits, low: int) -> bool:
    """OR along the first axis, of which ``new`` has only the part from ``low`` on; whether there was anything to.

    ``some`` tells where the front has states at all.
    """
    found = False
    for j, i in pairs:
        if some[j] and low <= i < low + len(new):
            new[i - low] |= front[j]
            found = True
    return found


def spread(pairs: Sequence[tuple[int, int]], front: Bits, new: Bits, axis: int) -> None:
    """OR along an axis between the first and the last."""
    here, there = np.moveaxis(front, axis, 0), np.moveaxis(new, axis, 0)
    some = occupied(here)
    for j, i in pairs:
        if some[j]:
            there[i] |= here[j]


def spread_last(images: Bits, front: Bits, new: Bits) -> None:
    """OR along the last axis, whose bits are packed: byte by byte, from a list of images."""
    rows = front.reshape(-1, front.shape[-1])
    into = new.reshape(-1, new.shape[-1])
    some = np.flatnonzero(rows.any(axis=1))
    values = rows[some].astype("<u8", copy=False).view(np.uint8)
    found = into[some]
    for place in np.flatnonzero(values.any(axis=0)):
        found |= images[place].take(values[:, place], axis=0)
    into[some] = found
