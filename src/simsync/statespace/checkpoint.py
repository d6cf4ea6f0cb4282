"""A search kept in a file, to be gone on with later."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from simsync.errors import Code, SimsyncError, usage_error
from simsync.files import whole_file
from simsync.statespace.array_cache import Arrays, Damaged, read_arrays, write_arrays
from simsync.statespace.bitmaps import Bits
from simsync.statespace.explicit import ExplicitSearch
from simsync.statespace.transition_table import TransitionTable

FORMAT = "simsync checkpoint 1"

DAMAGED = "it is no checkpoint, or it is damaged"


def fingerprint(table: TransitionTable) -> str:
    """What a search depends on: the transition table."""
    digest = hashlib.sha256(repr((table.statuses, table.phases)).encode())
    for array in (table.phase, table.next, table.status, table.move, table.moved):
        digest.update(repr(array.shape).encode() + array.tobytes())
    return digest.hexdigest()


def save(search: ExplicitSearch, path: str) -> None:
    """Write a search into a file, whole or not at all.

    Raises :class:`SimsyncError` where another file is in the way, OSError where it cannot be written.
    """
    may_save(path)
    head = [FORMAT, fingerprint(search.table), search.items, search.depth, search.seconds]
    arrays: Arrays = {"head": np.frombuffer(json.dumps(head).encode(), np.uint8)}
    for s, one in enumerate(search.maps):
        arrays |= {f"seen-{s}": one.seen, f"front-{s}": one.front}
        arrays |= {f"digit-{s}-{place}": digit for place, digit in enumerate(one.digits)}
    with whole_file(path) as stream:
        write_arrays(stream.buffer, arrays)


def resumed(path: str, table: TransitionTable, items: int) -> ExplicitSearch:
    """The search that was kept in a file, of the same behaviour and as many items.

    Raises :class:`SimsyncError` where it is of another one, or the file is no checkpoint.
    """
    try:
        arrays = read_arrays(path, unsealed=True)
        kind, model, many, depth, seconds = _head(arrays)
    except FileNotFoundError as error:
        raise usage_error(path, "there is no such file", code=Code.NOT_FOUND) from error
    except Damaged as error:
        raise _refused(path, DAMAGED) from error
    if kind != FORMAT:
        raise _refused(path, f"it is a '{kind}', and '{FORMAT}' is wanted")
    if model != fingerprint(table):
        raise _refused(path, "it is of other rules or readings; give those, or begin anew without --resume")
    if many != items:
        raise _refused(path, f"it is for --items {many}; say so")
    search = ExplicitSearch(table, items)
    search.depth, search.seconds = depth, seconds
    if not _taken(search, arrays):
        raise _refused(path, DAMAGED)
    return search


def _head(arrays: Arrays) -> tuple[str, str, int, int, float]:
    """What a checkpoint says of itself. Raises :class:`Damaged` where it says nothing of the kind."""
    try:
        kind, model, many, depth, seconds = json.loads(arrays["head"].tobytes())
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Damaged from error
    right = isinstance(kind, str) and type(many) is int and type(depth) is int and isinstance(seconds, int | float)
    if not right or depth < 0:
        raise Damaged
    return kind, str(model), many, depth, float(seconds)


def _taken(search: ExplicitSearch, arrays: Arrays) -> bool:
    """Give a search the bitmaps of a checkpoint; whether all of them are there, each as the search needs it."""
    digits = search.depth.bit_length()

    def bitmap(name: str, like: Bits) -> Bits:
        found = arrays[name]
        if found.dtype != like.dtype or found.shape != like.shape:
            raise Damaged
        return found

    try:
        for s, one in enumerate(search.maps):
            one.digits = [bitmap(f"digit-{s}-{place}", one.seen) for place in range(digits)]
            one.front, one.seen = bitmap(f"front-{s}", one.seen), bitmap(f"seen-{s}", one.seen)
    except (KeyError, Damaged):
        return False
    return True


def _refused(path: str, why: str) -> SimsyncError:
    return usage_error(path, f"this search cannot be gone on with: {why}", code=Code.UNREADABLE)


def may_save(path: str) -> None:
    """Raise SimsyncError where a file is in the way that is no checkpoint."""
    try:
        if _head(read_arrays(path, unsealed=True))[0] == FORMAT:
            return
    except FileNotFoundError:
        return
    except Damaged:
        pass
    raise usage_error(path, "this file is no checkpoint; it is left as it is, name another one", code=Code.NOT_EMPTY)
