"""Logs as large as wanted, quickly: tickets that were walked through are told again and again with other ids and texts.

Each line is made once, by the engine; what differs from ticket to ticket is put into its text. Lines of many tickets
stand in the order of time, or shuffled over some files: they go to buckets by chance, and each bucket is shuffled.
"""

from __future__ import annotations

import csv
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from measure import ROOT
from simsync.app import load_model
from simsync.engine.trace import simulate
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.replay import logged

WAYS = 350
"""Tickets that are walked through."""
LENGTHS = (2, 3, 4, 5, 6, 7, 8)
"""Lines of a ticket: of each as many."""
AT_ONCE = 200
"""Tickets of which lines stand between each other's."""
APART = 97
"""Thousandths of a second between two lines."""
FILES = 20
BUCKET = 20_000
"""Lines that are shuffled in memory."""
COLUMNS = ("time", "ticket", "before", "actor", "action", "item", "kind", "refused", "status", "notified")
MARK = "@"
_ID, _TEXT = re.compile(r'"(N\d+)"'), re.compile(r'"text (\d+)"')


def pool() -> list[list[str]]:
    """Tickets as lines of JSON; where one differs from others is a mark."""
    model = load_model(ROOT / "machines")
    made = []
    for number, way in enumerate(walks(model, 1, WAYS, texts=())):
        said = [json.dumps(logged(model, f"T{MARK}", one)) for one in simulate(model, way.trace)]
        said = [_TEXT.sub(rf'"text \1 of {MARK}"', _ID.sub(rf'"\1-{MARK}"', line)) for line in said]
        made.append(said[: LENGTHS[number % len(LENGTHS)]])
    return made


def lines(count: int) -> Iterator[str]:
    """So many lines of tickets in the order of time."""
    ways = pool()
    number, done = 0, 0
    while done < count:
        group = ["\n".join(ways[n % WAYS]).replace(MARK, str(n)).split("\n") for n in range(number, number + AT_ONCE)]
        number += AT_ONCE
        for step in range(max(LENGTHS)):
            for way in group:
                if step < len(way) and done < count:
                    yield f'{{"time": "{_moment(done)}", {way[step][1:]}\n'
                    done += 1


def _moment(number: int) -> str:
    seconds, thousandths = divmod(number * APART, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"2026-{1 + day // 28:02}-{1 + day % 28:02}T{hour:02}:{minute:02}:{second:02}.{thousandths:03}Z"


def written(path: Path, some: Iterable[str]) -> None:
    """The lines in a file."""
    with path.open("w") as stream:
        stream.writelines(some)


def shuffled(folder: Path, some: Iterable[str], count: int) -> None:
    """The lines in any order over some files."""
    chance = random.Random(7)
    with tempfile.TemporaryDirectory(dir=folder) as buckets:
        each = 1 + count // (FILES * BUCKET)
        paths = [[Path(buckets) / f"{file}-{number}" for number in range(each)] for file in range(FILES)]
        with ExitStack() as stack:
            streams = [stack.enter_context(path.open("w")) for some_paths in paths for path in some_paths]
            for line in some:
                chance.choice(streams).write(line)
        for file, some_paths in enumerate(paths):
            with (folder / f"part{file:02}.jsonl").open("w") as stream:
                for path in some_paths:
                    bucket = path.read_text().splitlines(keepends=True)
                    path.unlink()
                    chance.shuffle(bucket)
                    stream.writelines(bucket)


def each_as(folder: Path, form: str) -> None:
    """The shuffled files in another form."""
    write: Callable[[Path, Path], None] = {"csv": _as_csv, "parquet": _as_parquet}[form]
    for number in range(FILES):
        write(folder / f"part{number:02}.jsonl", folder / f"part{number:02}.{form}")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open() as stream:
        yield from map(json.loads, stream)


def _as_csv(path: Path, to: Path) -> None:
    """What tickets show has no place in CSV."""
    fields = list(load_model(ROOT / "machines").vocabulary.fields)
    with to.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*COLUMNS, *fields])
        for row in _rows(path):
            said = row.get("fields") or {}
            cells = {**row, **said, "notified": ";".join(row["notified"])}
            writer.writerow([cells.get(name, "") for name in (*COLUMNS, *fields)])


def _as_parquet(path: Path, to: Path) -> None:
    """What tickets show, and what was set, as JSON in a column of text."""
    names = {name: pyarrow.string() for name in COLUMNS} | {"fields": pyarrow.string(), "tickets": pyarrow.string()}
    names |= {"refused": pyarrow.bool_(), "notified": pyarrow.list_(pyarrow.string())}
    schema = pyarrow.schema(list(names.items()))
    with parquet.ParquetWriter(to, schema) as writer:
        rows = _rows(path)
        while some := list(islice(rows, BUCKET)):
            for row in some:
                row["tickets"] = json.dumps(row["tickets"])
                row["fields"] = json.dumps(row["fields"]) if "fields" in row else None
            writer.write_table(pyarrow.Table.from_pylist(some, schema))


def run() -> None:
    """Make a log in a folder: its lines in order, and shuffled; the latter in other forms too. Say how many tickets."""
    folder, count, forms = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    written(folder / "log.jsonl", lines(count))
    shuffled(folder, lines(count), count)
    for form in forms:
        each_as(folder, form)
    with (folder / "log.jsonl").open() as stream:
        print(1 + max(int(line.split('"T', 1)[1].split('"', 1)[0]) for line in stream))


if __name__ == "__main__":
    run()
