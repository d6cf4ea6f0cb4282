"""What came of the drives of a campaign, kept in a file, to be gone on with later."""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator
from itertools import chain
from typing import TypeVar

from simsync.engine.model import Model
from simsync.errors import Code, SimsyncError, usage_error
from simsync.files import whole_file
from simsync.questions.conform.campaign.about import About
from simsync.questions.conform.campaign.elsewhere import Heard
from simsync.questions.conform.campaign.packing import packed, unpacked
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.overlap.driving import RoundsDriven

A = TypeVar("A", bound=Hashable)
T = TypeVar("T", Driven, RoundsDriven)
FORMAT = "simsync campaign checkpoint 1"
DAMAGED = "it is no checkpoint of a campaign, or it is damaged"
SELDOM = 20
"""How many times as long as saving takes it is waited until what was seen is saved again."""
SIZE = 8
"""Bytes that say how long what follows is."""


class Kept:
    """What drives came to, by what was asked for, in the order in which the same was asked for.

    With ``path`` it is saved there now and then, whole or not at all; without, in the file that is gone on with.
    """

    def __init__(self, model: Model, path: str | None = None) -> None:
        self.model, self.path = model, path
        self.about: About | None = None
        self.heard_before: list[Heard] = []
        self.heard: Callable[[], list[Heard]] = lambda: self.heard_before
        """What the instances let hear, to be kept as well."""
        self.unsaved: str | None = None
        """Why it could not be saved; it is tried again."""
        self._before: dict[Hashable, deque[Driven | RoundsDriven]] = {}
        self._blobs: list[bytes] = []
        self._resumed: str | None = None
        self._wanted: About | None = None
        self._saved = time.monotonic()
        self._cost = 0.0
        self._unsaved = 0

    def resume(self, path: str) -> None:
        """Begin with what a file has; :meth:`begin` says whether that can be gone on with.

        Raises :class:`SimsyncError` where the file is no checkpoint.
        """
        self._resumed = path
        self.path = self.path or path
        self._wanted, self.heard_before, self._blobs = read(path)

    def begin(self, about: About) -> None:
        """Say what the campaign is about, and save what there is.

        Raises :class:`SimsyncError` where what was kept is about something else, or the file cannot be written.
        """
        self.remember(about)
        try:
            self.save()
        except OSError as error:
            message = f"what is seen cannot be kept there: {error.strerror}"
            raise usage_error(str(self.path), message, code=Code.UNWRITABLE) from error

    def remember(self, about: About) -> None:
        """The same, but nothing is saved."""
        self.about = about
        if self._resumed is None or self._wanted is None:
            return
        if (why := about.refusal(self._wanted)) is not None:
            raise refused(self._resumed, why)
        for blob in self._blobs:
            try:
                asked, done = unpacked(zlib.decompress(blob), self.model)
            except Exception as error:  # what is damaged makes its reader raise nearly everything
                raise refused(self._resumed, DAMAGED) from error
            self._before.setdefault(asked, deque()).append(done)

    @property
    def wanted(self) -> bool:
        """Whether anything is to be kept, or was."""
        return self.path is not None

    @property
    def requests(self) -> int:
        """Requests that were made for what was kept before."""
        return sum(one.requests for same in self._before.values() for one in same)

    @property
    def instances(self) -> dict[int, int]:
        """How many instances each place had, in what was kept before."""
        found: dict[int, int] = {}
        for one in (one for same in self._before.values() for one in same):
            if isinstance(one, Driven) and one.instance is not None:
                found[one.instance.place] = max(found.get(one.instance.place, 0), one.instance.number)
        return found

    def done(self, asked: Hashable, do: Callable[[], T]) -> T:
        """What came of something when it was asked for before, or what comes of it now."""
        known = self._recalled(asked)
        if known is not None:
            return known  # type: ignore[return-value]  # the same was asked for
        made = do()
        self._add(asked, made)
        return made

    def each(self, tasks: Iterable[A], do: Callable[[Iterable[A]], Iterable[T]]) -> Generator[T, None, None]:
        """The same of tasks that are done together, in their order."""
        tasks = iter(tasks)
        for asked in tasks:  # one by one, so that whoever wants an end is heard between
            known = self._recalled(asked)
            if known is None:
                tasks = chain([asked], tasks)
                break
            yield known  # type: ignore[misc]  # the same was asked for
        line = deque[tuple[A, Driven | RoundsDriven | None]]()

        def unknown() -> Iterator[A]:
            for asked in tasks:
                line.append((asked, self._recalled(asked)))
                if line[-1][1] is None:
                    yield asked

        def recalled() -> Iterator[T]:
            while line and line[0][1] is not None:
                yield line.popleft()[1]  # type: ignore[misc]  # as above

        for made in do(unknown()):
            yield from recalled()
            asked, _ = line.popleft()
            self._add(asked, made)
            yield made
        yield from recalled()

    def save(self) -> None:
        """Write all of it into the file. OSError where it cannot be written."""
        if self.path is None or self.about is None:
            return
        began = time.monotonic()
        head = json.dumps([self.about.parts, self.about.options, self.heard()]).encode()
        body = b"".join(len(one).to_bytes(SIZE, "big") + one for one in (head, *self._blobs))
        with whole_file(self.path) as stream:
            stream.buffer.write(f"{FORMAT}\n{hashlib.sha256(body).hexdigest()}\n".encode() + body)
        self._saved = time.monotonic()
        self._cost, self._unsaved = self._saved - began, 0

    def save_rest(self) -> None:
        """Save what came since it was saved last; where that cannot be done, what was seen is told all the same."""
        if self._unsaved:
            self._try_to_save()

    def _try_to_save(self) -> None:
        began = time.monotonic()
        try:
            self.save()
            self.unsaved = None
        except OSError as error:
            self.unsaved = f"not all of what was seen is kept in {self.path}: {error.strerror}"
            self._saved = time.monotonic()
            self._cost = self._saved - began

    def _recalled(self, asked: Hashable) -> Driven | RoundsDriven | None:
        same = self._before.get(asked)
        return same.popleft() if same else None

    def _add(self, asked: Hashable, made: Driven | RoundsDriven) -> None:
        """Keep it, but for what could not even begin: that says nothing, and is tried again."""
        if self.path is None or (made.fault is not None and not made.fault.begun):
            return
        self._blobs.append(zlib.compress(packed((asked, made), self.model), 1))
        self._unsaved += 1
        if time.monotonic() - self._saved >= SELDOM * self._cost:
            self._try_to_save()


def read(path: str) -> tuple[About, list[Heard], list[bytes]]:
    """What a file is about, what instances let hear, and what it keeps.

    Raises :class:`SimsyncError` where it is no checkpoint.
    """
    try:
        with open(path, "rb") as stream:
            kind, digest, body = stream.readline(), stream.readline(), stream.read()
    except FileNotFoundError as error:
        raise usage_error(path, "there is no such file", code=Code.NOT_FOUND) from error
    if kind != f"{FORMAT}\n".encode() or digest != f"{hashlib.sha256(body).hexdigest()}\n".encode():
        raise refused(path, DAMAGED)
    blobs, at = [], 0
    while at < len(body):
        size = int.from_bytes(body[at : at + SIZE], "big")
        blobs.append(body[at + SIZE : at + SIZE + size])
        at += SIZE + size
    try:
        parts, options, heard = json.loads(blobs.pop(0))
        return About(parts=parts, options=options), [Heard(*one) for one in heard], blobs
    except (ValueError, IndexError, TypeError) as error:
        raise refused(path, DAMAGED) from error


def may_keep(path: str) -> None:
    """Raise :class:`SimsyncError` where nothing can be kept, or a file is in the way that is no checkpoint."""
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise usage_error(path, "there is no such directory to keep it in", code=Code.UNWRITABLE)
    try:
        with open(path, "rb") as stream:
            if stream.readline() == f"{FORMAT}\n".encode():
                return
    except FileNotFoundError:
        return
    raise usage_error(path, "this file is no checkpoint; it is left as it is, name another one", code=Code.NOT_EMPTY)


def refused(path: str, why: str) -> SimsyncError:
    """That a campaign cannot be gone on with."""
    return usage_error(path, f"this campaign cannot be gone on with: {why}", code=Code.UNREADABLE)
