"""Files that are hardly logs: each is judged rightly, or told of in a sentence, whoever reads it."""

from __future__ import annotations

import datetime
import decimal
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Run

ACTORS, ACTIONS = ["lead", "service", "service"], ["outsource", "accept", "start"]
Column = Callable[[Any], Any]


def line(place: int, **more: Any) -> dict[str, Any]:
    return {"ticket": "T1", "actor": ACTORS[place], "action": ACTIONS[place], **more}


def text(*lines: dict[str, Any]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in lines).encode()


def timed(*times: Any) -> bytes:
    return text(*(line(place, time=time) for place, time in enumerate(times)))


GOOD = text(*map(line, range(3)))
TOLD = "3 lines, 1 ticket, 3 steps held against the rules: 1 keeps them"
FILES: dict[str, tuple[bytes, int, str]] = {
    "whole.jsonl": (GOOD, 0, TOLD),
    "mark.jsonl": (b"\xef\xbb\xbf" + GOOD, 0, TOLD),
    "sixteen.jsonl": (GOOD.decode().encode("utf-16"), 0, TOLD),
    "sixteen cut.jsonl": (GOOD.decode().encode("utf-16")[:-3], 2, "1:1: syntax: it is UTF-16 text that is damaged"),
    "cut.gz": (gzip.compress(GOOD)[:40], 2, "1:1: syntax: it is compressed; unpack it first"),
    "hole.jsonl": (GOOD + b"\0" * 5000 + b"\n" + GOOD.replace(b"T1", b"T2"), 2, "4:1: syntax: this is no JSON: "),
    "long.jsonl": (GOOD + b'{"x": "' + b"y" * 2_000_000 + b'"}\n', 2, "4:1: syntax: it has more than 1,000,000 bytes"),
    "deep.jsonl": (GOOD + b'{"ticket": ' + b"[" * 5000 + b"]" * 5000 + b"}\n", 2, "4:1: syntax: this is no JSON: it"),
    "latin.jsonl": (GOOD + '{"ticket": "Ü"}\n'.encode("latin-1"), 2, "4:13: syntax: this is no JSON: it is not UTF-8"),
    "cut.json": (b"[" + b",\n".join(GOOD.splitlines()), 2, "3:1: syntax: the log breaks off after this"),
    "blank.jsonl": (
        b'{"ticket": "T1",\r "actor": "lead", "action": outsource}\n',
        2,
        "1:46: syntax: this is no JSON: expecting value",
    ),
    "returns.jsonl": (GOOD.replace(b"\n", b"\r"), 2, "1:58: syntax: this is no JSON: it has a carriage return inside"),
    "zones.jsonl": (timed("2024-03-01T10:00:00Z", "2024-03-01T11:00:01+01:00", "2024-03-01T05:30:02-04:30"), 0, TOLD),
    "counts.jsonl": (timed(1709287200, "1709287201000", 1709287202000000), 0, TOLD),
    "leap.jsonl": (timed("2016-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2017-01-01 00:00:00.5Z"), 0, TOLD),
    "backwards.jsonl": (text(*(line(2 - n, time=-n) for n in range(3))), 0, TOLD),
    "fraction.jsonl": (
        b'{"ticket": 1.5, "actor": "lead", "action": "outsource"}\n' + GOOD,
        2,
        "1:1: syntax: 'ticket' is a decimal number; the ticket's id is a text or a whole number",
    ),
    "no.parquet": (GOOD, 2, "1:1: syntax: this is no Parquet that can be read"),
    "short.csv": (
        b"ticket;actor;action\nT1;lead\nT1;lead;outsource;\n",
        2,
        "2:1: syntax: it has 2 cells; the header has 3",
    ),
    "nul.csv": (b"ticket,actor,action\nT1,lead,outsource\n\0\0\nT1,service,accept\n", 2, "3:1: syntax: it has 1 cells"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_judged_or_told_of_by_its_line(name: str, tmp_path: Path, cli: Run) -> None:
    data, code, told = FILES[name]
    path = tmp_path / name
    path.write_bytes(data)
    found = cli("replay", path)
    assert found[0] == code
    assert (f"{path}:{told}" in found[2]) if code else (told in found[1])
    assert cli("replay", path, "--jobs", "2") == found


def in_bytes(arrow: Any, *values: bytes) -> Any:
    """A column of text, of whatever bytes."""
    return arrow.array(values, arrow.binary()).view(arrow.string())


def shown(arrow: Any) -> Any:
    """The type of a ticket that may show N1."""
    return arrow.struct([("N1", arrow.struct([("kind", arrow.string())]))])


NOON = 1709294400
COLUMNS: dict[str, tuple[str, Column, str]] = {
    "nanoseconds": ("time", lambda arrow: arrow.array([10**9 * NOON + n for n in range(3)], arrow.timestamp("ns")), ""),
    "a zone": ("time", lambda arrow: arrow.array([NOON, NOON + 1, NOON + 2], arrow.timestamp("s", "Asia/Tokyo")), ""),
    "days": ("time", lambda arrow: arrow.array([datetime.date(2024, 3, n) for n in (1, 2, 3)]), ""),
    "exact numbers": ("time", lambda arrow: arrow.array([decimal.Decimal(NOON + n) for n in range(3)]), ""),
    "a moment that nobody has": (
        "time",
        lambda arrow: arrow.array([0, 2**62, 1], arrow.timestamp("ms")),
        "2:1: syntax: 'time' has a value that cannot be read: ",
    ),
    "spans of time": (
        "time",
        lambda arrow: arrow.array([1, 2, 3], arrow.duration("s")),
        "1:1: syntax: 'time': it is a text or a number",
    ),
    "words that are numbered": ("ticket", lambda arrow: arrow.array(["T1"] * 3).dictionary_encode(), ""),
    "text as bytes": ("ticket", lambda arrow: arrow.array([b"T1"] * 3), ""),
    "bytes": ("text", lambda arrow: arrow.array([b"a", b"\xff", b"b"]), "2:1: syntax: 'text' has bytes where text is "),
    "bytes that are not ours": ("payload", lambda arrow: arrow.array([b"a", b"\xff", b"b"]), ""),
    "no text": (
        "text",
        lambda arrow: in_bytes(arrow, b"a", b"\xff", b"b"),
        "2:1: syntax: 'text' has what is not UTF-8 ",
    ),
    "a key that stands twice": (
        "fields",
        lambda arrow: arrow.array([None, [("text", "a")] * 2, None], arrow.map_(arrow.string(), arrow.string())),
        "2:1: syntax: 'fields' has a value that cannot be read: Converting to Python dictionary is not supported",
    ),
    "nothing": ("text", lambda arrow: arrow.nulls(3), ""),
    "tickets": (
        "tickets",
        lambda arrow: arrow.array(
            [{"lead": None, "service": None}] * 3,
            arrow.struct([(who, shown(arrow)) for who in ("lead", "service")]),
        ),
        "",
    ),
}


@pytest.mark.parametrize("what", COLUMNS)
def test_a_column_of_parquet_is_read_or_told_of_by_its_row(what: str, tmp_path: Path, cli: Run) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    name, column, told = COLUMNS[what]
    columns = {"ticket": ["T1"] * 3, "actor": ACTORS, "action": ACTIONS} | {name: column(arrow)}
    path = tmp_path / "log.parquet"
    parquet.write_table(arrow.table(columns), path)
    found = cli("replay", path)
    assert (found[0], f"{path}:{told}" in found[2] if told else TOLD in found[1]) == (2 if told else 0, True)
    assert "does not" not in found[1]
    assert cli("replay", path, "--jobs", "2") == found


@pytest.mark.thorough
def test_a_cluster_says_the_same_of_odd_files(tmp_path: Path, cli: Run) -> None:
    """Of all that have an object a line, and lines of one ticket in all of them."""
    paths = [tmp_path / name for name in FILES if name.endswith(".jsonl")]
    for path in paths:
        path.write_bytes(FILES[path.name][0])
    found = cli("replay", *paths)
    assert found[0] == 2
    assert cli("replay", *paths, "--cluster", "local:2") == found
