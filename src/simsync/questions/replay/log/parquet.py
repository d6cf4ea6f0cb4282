"""The rows of a Parquet file as records: a row is a line, its columns are the keys."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from simsync.errors import Code, usage_error
from simsync.extras import lacking
from simsync.questions.replay.log.text import BadLine, NotALog
from simsync.strict_json import NoJson, loads

ROWS = 10_000
"""Rows in memory at once."""
ENDINGS = (".parquet", ".pq")
_OPENS = ("{", "[")


def is_parquet(form: str | None, name: str) -> bool:
    """Whether a log is Parquet: it is said, or its name says so."""
    return form == "parquet" or (form is None and name.lower().endswith(ENDINGS))


def parquet_records(
    stream: BinaryIO, name: str, check: Callable[[list[str]], None]
) -> Iterator[tuple[int, Mapping[str, Any] | BadLine]]:
    """Each row with its number; ``check`` looks at the columns. What has no value is as if it were not there.

    Raises :class:`NotALog`, and :class:`SimsyncError` where pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise usage_error(name, lacking("a log as Parquet", "logs"), code=Code.USAGE) from error
    if not stream.seekable():
        raise NotALog("Parquet is read from a file, not from a pipe")
    number = 0
    try:
        file = parquet.ParquetFile(stream)
        check(list(file.schema_arrow.names))
        for batch in file.iter_batches(batch_size=ROWS):
            for row in batch.to_pylist(maps_as_pydicts="strict"):
                number += 1
                yield number, _record(row)
    except (arrow.ArrowException, OSError) as error:
        raise NotALog(f"this is no Parquet that can be read: {error}") from None


def _record(row: Mapping[str, Any]) -> Mapping[str, Any] | BadLine:
    try:
        return {name: _json(value) if name else value for name, value in _plain(row).items()}
    except BadLine as bad:
        return bad


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
    if isinstance(value, bytes):
        raise BadLine("a column has bytes where text is wanted")
    return value


def _json(value: Any) -> Any:
    """An object or a list that stands in a column as text; any other text as it is."""
    if isinstance(value, str) and value.startswith(_OPENS):
        try:
            return loads(value.encode())
        except NoJson:
            return value
    return value
