"""What does not fit in memory, in a temporary file that nobody else sees."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator
from typing import Any

from simsync.errors import Code, SimsyncError, usage_error


class Disk:
    """A temporary file that nobody else sees, for what does not fit in memory."""

    def __init__(self, *tables: str) -> None:
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)  # any thread may let go of it
        weakref.finalize(self, self._file.close)  # also where it fails below, or nobody comes to the end
        for statement in ("PRAGMA journal_mode = OFF", *tables, "BEGIN"):
            self.do(statement)

    def do(self, statement: str, *values: str | bytes | int | None) -> Iterator[tuple[Any, ...]]:
        """The rows that a statement gives; raises :class:`SimsyncError` where the disk fails, say full."""
        try:
            rows = self._file.execute(statement, values)
            return iter(rows.fetchall() if rows.description is None else _each(rows))
        except sqlite3.Error as error:
            raise _unkept(error) from error

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


def _each(rows: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
    try:
        yield from iter(rows.fetchone, None)  # no cursor, which is closed half-way, maybe after its file
    except sqlite3.Error as error:
        raise _unkept(error) from error


def _unkept(error: sqlite3.Error) -> SimsyncError:
    message = f"what does not fit in memory cannot be kept: {error}; SQLITE_TMPDIR names the directory"
    return usage_error("temporary file", message, code=Code.UNWRITABLE)
