"""Arrays kept in a file, read again as they were or not at all; and from one run to the next, in the user's cache.

A cache that cannot be read or written is one that is empty: nothing fails for it, and what is damaged is replaced.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from simsync.files import whole_file

Arrays = dict[str, npt.NDArray[Any]]


class Damaged(Exception):  # noqa: N818 - no fault of simsync's
    """A file holds no such arrays, or not all of them any more."""


SEAL = "seal"
"""The array that tells whether the others are as they were written."""


def read_arrays(path: str | os.PathLike[str], *, unsealed: bool = False) -> Arrays:
    """The arrays in a file; ``unsealed``: also those of a file that has no seal to tell whether they are all right.

    Raises FileNotFoundError, and :class:`Damaged` for whatever else keeps them from being read: a damaged archive
    makes its readers raise nearly everything.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            raise Damaged(path)
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        seal = arrays.pop(SEAL, None)
        if not unsealed if seal is None else not np.array_equal(seal, _seal_of(arrays)):
            raise Damaged(path)
        return arrays
    except FileNotFoundError:
        raise
    except Exception as error:  # see above
        raise Damaged(path) from error


def write_arrays(stream: BinaryIO, arrays: Mapping[str, npt.NDArray[Any]], *, compressed: bool = False) -> None:
    """Write arrays with a seal, as :func:`read_arrays` reads them."""
    given: dict[str, Any] = {SEAL: _seal_of(arrays), **arrays}
    (np.savez_compressed if compressed else np.savez)(stream, **given)


def _seal_of(arrays: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.uint8]:
    """A digest of arrays, their names, types and sizes, as an array to be kept beside them."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return np.frombuffer(digest.digest(), np.uint8)


MOST = 64_000_000
"""Bytes that are kept in a cache, the latest files; a state space of the shipped rules takes 2.4 million."""


def key_of(*about: object) -> str:
    """A digest of what arrays depend on, told as it is written in Python, and of the program itself."""
    digest = hashlib.sha256(repr(about).encode())
    root = Path(__file__).parents[1]
    for room in ("policy", "engine", "statespace", "questions/readings"):
        for source in sorted((root / room).rglob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:32]


def recalled(key: str, folder: Path | None = None) -> Arrays | None:
    """The arrays that were kept by a key, in the user's cache where no folder is named."""
    try:
        return read_arrays(_file(key, folder))
    except (OSError, Damaged):
        return None


def keep(key: str, arrays: Mapping[str, npt.NDArray[Any]], folder: Path | None = None) -> None:
    """Keep arrays by a key; the oldest files go where there are too many."""
    path = _file(key, folder)
    if os.path.exists(path) and not os.path.isfile(path):
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(str(path)) as stream:
            write_arrays(stream.buffer, arrays)
        room = MOST
        for old in sorted(path.parent.glob("*.npz"), key=os.path.getmtime, reverse=True):
            room -= old.stat().st_size
            if room < 0:
                old.unlink()


def _file(key: str, folder: Path | None) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return (Path(base) / "simsync" if folder is None else folder) / f"{key}.npz"
