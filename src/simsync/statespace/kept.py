"""Arrays kept in a file, read again as they were or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

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
