"""Lines by ticket in files that several workers write and read: one for each piece of the log, in parts by ticket.

They are in a directory, or at an address that fsspec reaches. A file is written whole or not at all, and a worker that
does the task of a lost one again writes the same bytes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

from simsync.errors import Code, usage_error
from simsync.extras import lacking
from simsync.questions.replay.log.sources import ELSEWHERE, OF_THIS_MACHINE, OF_THIS_PROCESS

OPTION = "--scratch"
_OFFSET = "Q"
_WIDTH = array(_OFFSET).itemsize


class Folder(Protocol):
    """Where files are: their bytes, by their names."""

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, whole or not at all."""

    def read(self, name: str, begin: int, end: int) -> bytes:
        """Some bytes of a file."""

    def remove(self) -> None:
        """Remove it with all its files."""


class Directory:
    """A directory that the workers reach: of this machine, or of all of theirs."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._above = [one for one in Path(path).parents if not one.exists()]
        os.makedirs(path, exist_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """Keep a file, whole or not at all."""
        descriptor, temporary = tempfile.mkstemp(dir=self._path)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        os.replace(temporary, os.path.join(self._path, name))

    def read(self, name: str, begin: int, end: int) -> bytes:
        """Some bytes of a file."""
        with open(os.path.join(self._path, name), "rb") as stream:
            stream.seek(begin)
            return stream.read(end - begin)

    def remove(self) -> None:
        """Remove it with all its files, and the folders that were made for it."""
        shutil.rmtree(self._path)
        for one in self._above:
            one.rmdir()


class Address:
    """A folder on whatever fsspec reaches."""

    def __init__(self, system: Any, inner: str) -> None:
        self._system, self._inner = system, inner
        self._system.makedirs(self._inner, exist_ok=True)

    def write(self, name: str, data: bytes) -> None:
        """Keep a file; a store of objects has all of it or nothing."""
        self._system.pipe_file(f"{self._inner}/{name}", data)

    def read(self, name: str, begin: int, end: int) -> bytes:
        """Some bytes of a file."""
        return bytes(self._system.cat_file(f"{self._inner}/{name}", begin, end))

    def remove(self) -> None:
        """Remove it with all its files."""
        self._system.rm(self._inner, recursive=True)


class PieceFiles:
    """Files of lines in so many parts, by ticket, in the folder at an address; it may be sent to workers.

    Raises :class:`SimsyncError` where files cannot be kept or found there.
    """

    def __init__(self, address: str, parts: int) -> None:
        self.address, self.parts = address, parts
        with _told(address):
            self._folder = _folder(address)

    def __reduce__(self) -> tuple[type[PieceFiles], tuple[str, int]]:
        return PieceFiles, (self.address, self.parts)

    def write(self, piece: str, packed: bytes) -> None:
        """Keep the lines of a piece, which :func:`packed_parts` made."""
        with _told(self.address):
            self._folder.write(piece, packed)

    def read(self, piece: str, first: int, last: int) -> list[bytes]:
        """The lines of a piece that are of some parts: from the first one to before the last one."""
        with _told(self.address):
            offsets = array(_OFFSET, self._folder.read(piece, first * _WIDTH, (last + 1) * _WIDTH))
            data = self._folder.read(piece, offsets[0], offsets[-1])
        begins = [offset - offsets[0] for offset in offsets]
        return [data[begin:end] for begin, end in pairwise(begins)]

    def remove(self) -> None:
        """Remove all of them."""
        with suppress(Exception):  # what cannot be removed does no harm to what was found
            self._folder.remove()


def _folder(address: str) -> Folder:
    if ELSEWHERE not in address:
        return Directory(address)
    import fsspec

    system, inner = fsspec.core.url_to_fs(address)
    if address.startswith(OF_THIS_PROCESS):
        raise OSError("other processes do not reach the memory of this one")
    return Directory(inner) if address.startswith(OF_THIS_MACHINE) else Address(system, inner)


def packed_parts(blobs: Mapping[int, bytes | bytearray], parts: int) -> bytes:
    """Lines by part as the bytes of a file: where each part begins, where the last one ends, and the parts."""
    offsets = array(_OFFSET, [(parts + 1) * _WIDTH])
    for part in range(parts):
        offsets.append(offsets[-1] + len(blobs.get(part, b"")))
    return b"".join([offsets.tobytes(), *(blobs[part] for part in sorted(blobs))])


@contextmanager
def piece_files(address: str | None, parts: int) -> Iterator[PieceFiles]:
    """Files in a new folder at an address, or among the temporary files of this machine; they are removed in the end.

    Raises :class:`SimsyncError` where there can be none.
    """
    above = address or tempfile.gettempdir()
    made = PieceFiles(f"{above}{'' if above.endswith('/') else '/'}simsync-{uuid.uuid4().hex}", parts)
    try:
        yield made
    finally:
        made.remove()


@contextmanager
def _told(address: str) -> Iterator[None]:
    """What goes wrong in a folder as a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise usage_error(OPTION, lacking("a folder that is not here", "logs"), code=Code.USAGE) from error
    except Exception as error:  # a file system that is not ours fails as it likes
        why = getattr(error, "strerror", None) or error
        message = f"lines by ticket cannot be kept in {address}: {why}; {OPTION} names a folder that all workers reach"
        raise usage_error(OPTION, message, code=Code.UNWRITABLE) from error
