"""JSON values in a stream that are not one a line: in an array, or one after the other over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from simsync.questions.replay.log.text import LONGEST

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"?|[][{},]')

Numbered = tuple[int, bytes | None]
"""A line's number and its text, None where it is too long."""


class Splitter:
    """Takes lines and gives the text of each value, with the number of the line where it begins; None if too long.

    An array around all is passed over. A quote that is not closed ends with its line. Where a line is an object by
    itself that cannot be part of the value before it, that one is cut off there: it spoils no other.
    """

    def __init__(self) -> None:
        self._outer = False
        self._open: list[bytes] = []
        self._parts: list[bytes] = []
        self._size = 0
        self._begun = 0

    @property
    def is_open(self) -> bool:
        """Whether an array or a value is not closed yet."""
        return self._outer or bool(self._open)

    def split(self, lines: Iterable[Numbered]) -> Iterator[Numbered]:
        """The values of some lines."""
        for number, line in lines:
            if line is None:
                self._drop()
                yield number, None
                continue
            if self._open and self._is_apart(line):
                yield self._begun, self._taken(b"")
            yield from self._line(number, line)
        if self._parts:
            yield self._begun, self._taken(b"")

    def _line(self, number: int, line: bytes) -> Iterator[Numbered]:
        at = 0
        for token in _TOKEN.finditer(line):
            mark = token.group()
            if mark[:1] == b'"':
                continue
            if self._open:
                if mark in b"}]":
                    self._open.pop()
                    if not self._open:
                        yield self._begun, self._taken(line[at : token.end()])
                        at = token.end()
                elif mark in b"{[":
                    self._open.append(mark)
                continue
            yield from self._between(number, line[at : token.start()])
            at = token.end()
            if mark in b"[]" and self._outer is (mark == b"]"):
                self._outer = not self._outer
            elif mark in b"{[":
                self._open.append(mark)
                self._begun, at = number, token.start()
            elif mark != b",":
                yield number, mark
        if not self._open:
            yield from self._between(number, line[at:])
            return
        self._parts.append(line[at:])
        self._size += len(line) - at
        if self._size > LONGEST:
            self._drop()
            yield self._begun, None

    def _between(self, number: int, text: bytes) -> Iterator[Numbered]:
        """What stands between values and is none."""
        if text.strip():
            yield number, text

    def _is_apart(self, line: bytes) -> bool:
        before = b"".join(self._parts[-1:]).rstrip()
        if self._open[-1] != b"{" or before.endswith(b":") or not line.lstrip().startswith(b"{"):
            return False
        inner = Splitter()
        values = [value for _, value in inner.split([(1, line)])]
        return not inner.is_open and all(value == b"]" for value in values[1:])

    def _taken(self, end: bytes) -> bytes:
        value = b"".join((*self._parts, end))
        self._drop()
        return value

    def _drop(self) -> None:
        self._parts, self._size = [], 0
        self._open.clear()
