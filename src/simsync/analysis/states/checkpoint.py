"""A search kept in a file, to be gone on with later."""

from __future__ import annotations

import hashlib
import json
import zipfile
from typing import Any

import numpy as np

from simsync.analysis.item.tabulate import Tabulation
from simsync.analysis.states.dense import Dense
from simsync.errors import Code, SimsyncError, usage_error
from simsync.files import whole_file

FORMAT = "simsync checkpoint 1"


def fingerprint(table: Tabulation) -> str:
    """What a search depends on: the behaviour that was tabulated."""
    digest = hashlib.sha256(repr((table.statuses, table.phases)).encode())
    for array in (table.phase, table.next, table.status, table.move, table.moved):
        digest.update(repr(array.shape).encode() + array.tobytes())
    return digest.hexdigest()


def save(search: Dense, path: str) -> None:
    """Write a search into a file, whole or not at all.

    Raises :class:`SimsyncError` where another file is in the way, OSError where it cannot be written.
    """
    may_save(path)
    head = [FORMAT, fingerprint(search.table), search.items, search.depth, search.seconds]
    arrays: dict[str, Any] = {}
    for s, one in enumerate(search.maps):
        arrays |= {f"seen-{s}": one.seen, f"front-{s}": one.front}
        arrays |= {f"digit-{s}-{place}": digit for place, digit in enumerate(one.digits)}
    with whole_file(path) as stream:
        np.savez(stream.buffer, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)


def resumed(path: str, table: Tabulation, items: int) -> Dense:
    """The search that was kept in a file, of the same behaviour and as many items.

    Raises :class:`SimsyncError` where it is of another one, or the file is no checkpoint.
    """
    search = Dense(table, items)
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as kept:
            kind, model, many, depth, seconds = json.loads(kept["head"].tobytes())
            if kind != FORMAT:
                raise _refused(path, f"it is a '{kind}', and '{FORMAT}' is wanted")
            if model != fingerprint(table):
                raise _refused(path, "it is of other rules or readings; give those, or begin anew without --resume")
            if many != items:
                raise _refused(path, f"it is of {many} items; say --items {many}")
            digits = int(depth).bit_length()
            for s, one in enumerate(search.maps):
                one.seen, one.front = kept[f"seen-{s}"], kept[f"front-{s}"]
                one.digits = [kept[f"digit-{s}-{place}"] for place in range(digits)]
    except FileNotFoundError as error:
        raise usage_error(path, "there is no such file", code=Code.NOT_FOUND) from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _refused(path, "it is no checkpoint, or it is damaged") from error
    search.depth, search.seconds = depth, seconds
    return search


def _refused(path: str, why: str) -> SimsyncError:
    return usage_error(path, f"this search cannot be gone on with: {why}", code=Code.UNREADABLE)


def may_save(path: str) -> None:
    """Raise SimsyncError where a file is in the way that is no checkpoint."""
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as kept:
            if json.loads(kept["head"].tobytes())[0] == FORMAT:
                return
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        pass
    raise usage_error(path, "this file is no checkpoint; it is left as it is, name another one", code=Code.NOT_EMPTY)
