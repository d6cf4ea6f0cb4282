"""What is kept on disk between runs, damaged in every way: a cache is made anew, a checkpoint is told."""

from __future__ import annotations

import os
import pickle
import random
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from conftest import ROOT
from simsync.app import load_model
from simsync.errors import SimsyncError
from simsync.statespace.array_cache import Damaged, read_arrays
from simsync.statespace.checkpoint import may_save, resumed, save
from simsync.statespace.explicit import ExplicitSearch, SearchLimits, Stopped
from simsync.statespace.table_cache import kept_table
from simsync.statespace.transition_table import TransitionTable, transition_table

ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
TABLE = transition_table(ATELIER)


def _archive(**arrays: object) -> bytes:
    stream = BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type] # also what is no array
    return stream.getvalue()


def _other_version(data: bytes) -> bytes:
    """A zip that wants a reader of a version that there is not."""
    at = data.index(b"PK\x01\x02") + 6
    return data[:at] + b"\x5b" + data[at + 1 :]


def _bad_byte(data: bytes) -> bytes:
    """As a bad sector leaves it: a byte of the second member's content is another."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        info = archive.infolist()[1]
    lengths = data[info.header_offset + 26 : info.header_offset + 30]
    start = info.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little")
    return data[:start] + b"\xff" + data[start + 1 :]


def _other_arrays(data: bytes) -> bytes:
    with np.load(BytesIO(data)) as kept:
        arrays = {name: kept[name] for name in kept.files}
    return _archive(**{name: array.astype(np.float32) if array.ndim > 1 else array for name, array in arrays.items()})


def _other_numbers(data: bytes) -> bytes:
    with np.load(BytesIO(data)) as kept:
        arrays = {name: kept[name] for name in kept.files}
    return _archive(
        **{name: array ^ 1 if array.ndim > 1 and array.dtype.kind in "iu" else array for name, array in arrays.items()}
    )


DEEP = np.frombuffer(b"[" * 100_000, np.uint8)
HUGE = b"\x93NUMPY\x01\x00\x76\x00{'descr': '<u8', 'fortran_order': False, 'shape': (99999999999999,), }"

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "truncated": lambda data: data[: len(data) // 2],
    "text": lambda data: b"hello\n",
    "bad byte": _bad_byte,
    "other version": _other_version,
    "other arrays": _other_arrays,
    "other numbers": _other_numbers,
    "one array": lambda data: _archive(words=np.zeros(3, np.uint8)),
    "no words": lambda data: _archive(words=DEEP, head=DEEP),
    "objects": lambda data: _archive(words=np.array([{}], object), head=np.array([{}], object)),
    "pickle": lambda data: pickle.dumps({"words": 1}),
    "npy": lambda data: HUGE,
}  # fmt: skip
damages = pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())


def _flipped(data: bytes, seed: int) -> Iterator[bytes]:
    """The bytes with a few of them changed, or cut off somewhere."""
    chance = random.Random(seed)
    for _ in range(40):
        changed = bytearray(data)
        for _ in range(chance.choice((1, 1, 3, 20))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        yield bytes(changed[: chance.choice((len(changed), chance.randrange(len(changed))))])


def _same(one: TransitionTable, other: TransitionTable) -> bool:
    names = ("next", "told", "broken", "status", "move", "moved", "fate", "broken_move", "reached")
    return one.item_states == other.item_states and all(
        np.array_equal(getattr(one, n), getattr(other, n)) for n in names
    )


@damages
def test_a_damaged_cache_is_one_that_is_empty_and_is_replaced(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    kept_table(ATELIER, folder=tmp_path)
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    path.write_bytes(damage(data))
    assert _same(kept_table(ATELIER, folder=tmp_path)[0], TABLE)
    assert path.stat().st_size == len(data)


def test_any_byte_of_a_cache_may_be_wrong(tmp_path: Path) -> None:
    kept_table(ATELIER, folder=tmp_path)
    (path,) = tmp_path.iterdir()
    right = read_arrays(path)
    for changed in _flipped(path.read_bytes(), 1):
        path.write_bytes(changed)
        try:
            found = read_arrays(path)
        except Damaged:
            continue
        assert right.keys() == found.keys()
        assert all(np.array_equal(right[name], found[name]) for name in right)


def test_a_cache_that_cannot_be_kept_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    kept_table(ATELIER, folder=folder)
    (path,) = folder.iterdir()
    path.unlink()
    path.mkdir()  # a folder in the place of the file
    assert _same(kept_table(ATELIER, folder=folder)[0], TABLE)
    path.rmdir()
    os.mkfifo(path)  # nobody ever writes into it
    assert _same(kept_table(ATELIER, folder=folder)[0], TABLE)
    (tmp_path / "file").write_text("mine")
    assert _same(kept_table(ATELIER, folder=tmp_path / "file")[0], TABLE)
    assert (tmp_path / "file").read_text() == "mine"
    assert _same(kept_table(ATELIER, folder=Path("/proc/no/such"))[0], TABLE)


def _saved(path: Path) -> bytes:
    search = ExplicitSearch(TABLE, 2)
    with pytest.raises(Stopped):
        search.run(SearchLimits(states=50))
    save(search, str(path))
    return path.read_bytes()


@damages
def test_a_damaged_checkpoint_is_told(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    path.write_bytes(damage(_saved(path)))
    with pytest.raises(SimsyncError, match="it is no checkpoint, or it is damaged"):
        resumed(str(path), TABLE, 2)


def test_any_byte_of_a_checkpoint_may_be_wrong(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    data = _saved(path)
    right = resumed(str(path), TABLE, 2).counts()
    for changed in _flipped(data, 2):
        path.write_bytes(changed)
        try:
            counts = resumed(str(path), TABLE, 2).counts()
        except SimsyncError:
            continue
        assert counts == right  # what was changed means nothing


@pytest.mark.parametrize("number", ["-1", "1.5", "true", '"2"', "null"])
def test_a_checkpoint_says_what_it_is_of(number: str, tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    head = f'["simsync checkpoint 1", "{"0" * 64}", 2, {number}, 0.0]'
    path.write_bytes(_archive(head=np.frombuffer(head.encode(), np.uint8)))
    with pytest.raises(SimsyncError, match="it is no checkpoint, or it is damaged"):
        resumed(str(path), TABLE, 2)
    with pytest.raises(SimsyncError, match="left as it is"):
        may_save(str(path))
