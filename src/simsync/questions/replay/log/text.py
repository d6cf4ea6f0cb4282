"""A log as a stream of UTF-8 text, whatever of the usual encodings it has, and what its first bytes say it is."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from simsync.errors import Code, SimsyncError, usage_error

LONGEST = 1_000_000
"""Bytes of a line, of an object in JSON, and of a record in CSV."""
FIRST = 4096
"""Bytes by which a file is told from others."""
CHUNK = 65_536
_NOT_TEXT = {
    codecs.BOM_UTF32_LE: "it is UTF-32 text; save it as UTF-8",
    codecs.BOM_UTF32_BE: "it is UTF-32 text; save it as UTF-8",
    b"\x1f\x8b": "it is compressed; unpack it first, as in: gzip -dc LOG.gz | simsync replay -",
    b"PK\x03\x04": "it is a ZIP archive or a spreadsheet; unpack it, or save it as CSV",
}
"""What files begin with in which there is no line for us."""
_ENCODINGS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class BadLine(Exception):  # noqa: N818 - told as an Unreadable
    """A line that cannot be read; the message goes on after its place. ``column`` is from 1."""

    def __init__(self, message: str, column: int = 1) -> None:
        super().__init__(message)
        self.column = column


class NotALog(BadLine):
    """A file in which no line can be read, and all that is in the way."""

    def __init__(self, *messages: str) -> None:
        super().__init__(messages[0])
        self.messages = messages


class TextStream(io.RawIOBase):
    """The bytes of a log as UTF-8. ``first`` are its first ones. Raises :class:`NotALog` for what is no text.

    What is read is handed on at once, so that a log that is still written can be followed.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        begin = b""
        while len(begin) < 4 and (more := self._more()):
            begin += more
        if (why := next((said for mark, said in _NOT_TEXT.items() if begin.startswith(mark)), None)) is not None:
            raise NotALog(why)
        mark = next((mark for mark in _ENCODINGS if begin.startswith(mark)), b"")
        encoding = _ENCODINGS.get(mark) or _unmarked(begin)
        self._decoder = codecs.getincrementaldecoder(encoding)() if encoding else None
        self._rest = self._recoded(begin[len(mark) :])
        self.first = self._rest[:FIRST]

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # a buffer is all that is asked for
        """Fill some of the buffer; 0 at the end."""
        while not self._rest:
            more = self._more()
            self._rest = self._recoded(more, final=not more)
            if not more:
                break
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def _more(self) -> bytes:
        try:
            return self._stream.read1(CHUNK)  # type: ignore[attr-defined,no-any-return] # all buffered streams have it
        except OSError as error:
            raise broken_off(self._stream, error) from error

    def _recoded(self, raw: bytes, *, final: bool = False) -> bytes:
        if self._decoder is None:
            return raw
        try:
            return self._decoder.decode(raw, final).encode()
        except UnicodeError:
            raise NotALog("it is UTF-16 text that is damaged; save it as UTF-8") from None


def broken_off(stream: BinaryIO, error: OSError) -> SimsyncError:
    """That a stream cannot be read any further."""
    return usage_error(str(stream.name), f"it cannot be read: {error.strerror}", code=Code.UNREADABLE)


def _unmarked(begin: bytes) -> str | None:
    """The encoding of UTF-16 text without a mark, which begins with characters that have a zero byte each."""
    one, zero, two, naught = (*begin[:4], 1, 1, 1, 1)[:4]
    if one and two and not zero and not naught:
        return "utf-16-le"
    return "utf-16-be" if zero and naught and not one and not two else None
