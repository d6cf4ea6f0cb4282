"""The rows of a Parquet file as records: a row is a line, its columns are the keys."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, BinaryIO

from simsync.errors import Code, named, usage_error
from simsync.extras import lacking
from simsync.questions.replay.log.text import BadLine, NotALog
from simsync.strict_json import NoJson, loads

ROWS = 10_000
"""Rows in memory at once."""
ENDINGS = (".parquet", ".pq")
_OPENS = ("{", "[")
_TEXT = frozenset([str])
_UNREADABLE = (ValueError, OverflowError, LookupError)
"""What pyarrow raises for text that is none, moments that Python does not have, and keys that stand twice."""


def is_parquet(form: str | None, name: str) -> bool:
    """Whether a log is Parquet: it is said, or its name says so."""
    return form == "parquet" or (form is None and name.lower().endswith(ENDINGS))


def parquet_records(
    stream: BinaryIO, name: str, check: Callable[[list[str]], None], ours: Collection[str]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each row with its number; a value that cannot be read is a :class:`BadLine`.

    ``check`` looks at the names of all columns; none is read but ``ours``.
    What has no value is as if it were not there.

    Raises :class:`NotALog`, and :class:`SimsyncError` where pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise usage_error(name, lacking("a log as Parquet", "logs"), code=Code.USAGE) from error
    if not stream.seekable():
        raise NotALog("Parquet is read from a file, not from a pipe")
    try:
        file = parquet.ParquetFile(stream)
        check(list(file.schema_arrow.names))
        names = [column for column in file.schema_arrow.names if column in ours] or list(file.schema_arrow.names)
        batches = file.iter_batches(batch_size=ROWS, columns=names)
        rows = (row for batch in batches for row in zip(*map(_values, names, batch.columns), strict=True))
        for number, cells in enumerate(rows, 1):
            yield number, {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}
    except (arrow.ArrowException, OSError) as error:
        raise NotALog(f"this is no Parquet that can be read: {error}") from None


def _values(name: str, column: Any) -> list[Any]:
    """The values of a column as JSON would have them; what cannot be had so is a :class:`BadLine`."""
    if str(column.type).startswith("timestamp[ns"):  # which Python has no values for
        column = column.cast(str(column.type).replace("[ns", "[us"), safe=False)
    try:
        values: list[Any] = column.to_pylist(maps_as_pydicts="strict")
    except _UNREADABLE:
        return [_value(one, name) for one in column]
    return [one if _is_json(one) else _converted(one, name) for one in values]


def _is_json(value: Any) -> bool:
    """Whether a value is as JSON would have it, and no JSON in a text."""
    if type(value) is str:
        return value[:1] not in _OPENS
    return value is None or type(value) is bool or (type(value) is list and _TEXT.issuperset(map(type, value)))


def _value(scalar: Any, name: str) -> Any:
    try:
        return _converted(scalar.as_py(maps_as_pydicts="strict"), name)
    except UnicodeDecodeError:
        return BadLine(f"{named(name)} has what is not UTF-8 text")
    except _UNREADABLE as error:
        return BadLine(f"{named(name)} has a value that cannot be read: {' '.join(str(error.args[0]).split())}")


def _converted(value: Any, name: str) -> Any:
    """A value as JSON would have it, and what stands as JSON in a text; without a name, a column is nothing of ours."""
    try:
        plain = _plain(value)
    except UnicodeDecodeError:
        return BadLine(f"{named(name)} has bytes where text is wanted")
    return _json(plain) if name and isinstance(plain, str) else plain


def _plain(value: Any) -> Any:
    """A value as JSON would have it."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)
    return value.decode() if isinstance(value, bytes) else value


def _json(text: str) -> Any:
    """An object or a list that stands in a column as text; any other text as it is."""
    if text.startswith(_OPENS):
        try:
            return loads(text.encode())
        except NoJson:
            return text
    return text
