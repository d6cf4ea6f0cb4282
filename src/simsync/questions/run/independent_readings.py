"""Which readings decide something together, and which by themselves, in what is seen of a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from simsync.statespace.combinations import Combinations
from simsync.statespace.describing import mattering
from simsync.statespace.differences import Observable, what_is_seen
from simsync.statespace.read_every_way import ReadRun


class _Detail(NamedTuple):
    """The smallest thing that can be seen of a step: a field that a ticket shows of an item, one who is told."""

    look: Observable
    of: str | None = None


def together(
    runs: Sequence[ReadRun], among: Combinations, within: int, looked_at: Callable[[Observable], bool] = lambda _: True
) -> list[tuple[tuple[str, ...], list[list[ReadRun]]]]:
    """The readings that decide something, parted into those that go together; and runs in which they decide the same.

    Two readings go together if it depends on both what one detail is. What is seen of a run is nothing but its details,
    and so each choice of options of those that go together may meet each choice of the others. All runs are
    ``within`` some combinations, and only details that are ``looked_at`` count.
    """
    details = [dict(_details(run)) for run in runs]
    bearing: dict[_Detail, frozenset[str]] = {}
    for detail in dict.fromkeys(detail for run in details for detail in run if looked_at(detail.look)):
        bits: dict[Hashable, int] = {}
        for run, seen in zip(runs, details, strict=True):
            bits[seen.get(detail)] = bits.get(seen.get(detail), 0) | run.bits
        if len(bits) > 1:
            matter = (mattering(some, among, within) for some in bits.values())
            bearing[detail] = frozenset(name for some in matter for name in some)
    found = []
    first = sorted(bearing, key=lambda detail: detail.look.step)
    for names in _joined(bearing[detail] for detail in first):
        theirs = [detail for detail, some in bearing.items() if some <= names]
        parts: dict[Hashable, list[ReadRun]] = {}
        for run, seen in zip(runs, details, strict=True):
            parts.setdefault(tuple(seen.get(detail) for detail in theirs), []).append(run)
        found.append((tuple(name for name in among.options if name in names), list(parts.values())))
    return found


def _details(run: ReadRun) -> Iterator[tuple[_Detail, Hashable]]:
    """All details of a run, each with what is seen there; none of an item that is not shown."""
    for look, seen in what_is_seen(run.outcomes):
        if look.what == "notified" and isinstance(seen, tuple):
            yield from ((_Detail(look, who), times) for who, times in Counter(seen).items())
        elif look.what == "ticket" and isinstance(seen, dict):
            yield from ((_Detail(look, field), (value,)) for field, value in seen.items())
        elif not isinstance(seen, tuple | dict) and seen is not None:
            yield _Detail(look), seen


def _joined(sets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Sets that have something in common joined, in the order in which each was begun."""
    found: list[frozenset[str]] = []
    for names in sets:
        common = [one for one in found if one & names]
        joined = names.union(*common)
        at = found.index(common[0]) if common else len(found)
        found = [*(one for one in found[:at] if not one & names), joined, *(o for o in found[at:] if not o & names)]
    return found
