"""Logs with rubbish in them, from a seed; and what must be so of whatever is told of them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.trace import simulate
from simsync.errors import SimsyncError
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay import replay as replaying
from simsync.questions.replay import report, shares
from simsync.questions.replay.judging.ticket import Gap, Illegal, Summary
from simsync.questions.replay.log.columns import LogNames, Unreadable
from simsync.questions.replay.log.names import load_log_names
from simsync.questions.replay.replay import logged, replayed
from simsync.report.as_json import dumps

ROOT = Path(__file__).resolve().parents[1]
Line = dict[str, Any]


@cache
def model_of(which: int) -> Model:
    """The shipped rules, or the small ones."""
    return load_model(ROOT / ("machines", "tests/policies/atelier")[which])


@cache
def lines_of(which: int) -> list[Line]:
    """The lines of tickets that keep the rules."""
    model = model_of(which)
    ways = enumerate(walks(model, 1, 25))
    return [logged(model, f"T{number}", outcome) for number, drive in ways for outcome in simulate(model, drive.trace)]


ODD: list[Any] = [
    None, "", " ", 0, -1, 1.5, True, False, "017", 17, [], {}, [None], {"a": 1}, "\ud800", "\0", "\ufeff", "a\nb",
    "x" * 300,
    "2024-03-01T10:00:00Z", "03/04/2024", 1e300, "é", "e\u0301", "N1", "lead", "sep=;", '"', ";", ["lead"] * 3,
]  # fmt: skip
BYTES = [b'"', b"{", b"}", b"[", b"]", b",", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\\", b"sep=;\n"]
TIMES: list[Callable[[int, random.Random], Any]] = [
    lambda n, _: n,
    lambda n, rng: n + rng.choice([0, 0, 0.3, -0.3, 5]),
    lambda n, _: f"2024-03-01T{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}Z",
    lambda n, rng: f"2024-03-01 {n // 60 % 24:02}:{n % 60:02}{rng.choice(['', 'Z', '+02:00', ' PM'])}",
    lambda n, rng: rng.choice([n, None, "soon", n // 4]),
]
MAPPINGS = [
    "", "begins in: In Progress\n", "copies: {N1: N2, 17: S-9}\n", "ignored: [x, statsu]\n", "columns: {ticket: T}\n",
    "partners: {lead: [lead, anna]}\n", "time format: '%d'\n", "partners: {lead: service}\n", "copies: [a]\n", "x",
    "columns: {time: when}\npartners: {lead: []}\n", "begins in: Acepted\n", "copies: {a: a, b: a}\n",
]  # fmt: skip


def damaged(rng: random.Random, lines: list[Line]) -> list[Line]:
    """Lines of a few tickets with some of them moved, left out, repeated or changed."""
    start = rng.randrange(len(lines))
    found = [dict(line) for line in lines[start : start + rng.randrange(1, 25)]]
    if rng.random() < 0.4:
        written = rng.choice(TIMES)
        found = [{**line, "time": written(2 * place, rng)} for place, line in enumerate(found)]
    for _ in range(rng.randrange(5)):
        at = rng.randrange(len(found))
        match rng.randrange(9):
            case 0:
                found.insert(rng.randrange(len(found)), found.pop(at))
            case 1 if len(found) > 1:
                del found[at]
            case 2:
                found.insert(rng.randrange(len(found) + 1), dict(found[at]))
            case 3:
                key = rng.choice([*found[at]])
                name = key[: len(key) // 2] + rng.choice("abz ") + key[len(key) // 2 :]
                found[at] = {(name if one == key else one): value for one, value in found[at].items()}
            case 4:
                found[at][rng.choice([*found[at], "copy", "time", "x"])] = rng.choice(ODD)
            case 5:
                found[at].pop(rng.choice([*found[at]]))
            case 6:
                found[at]["copy"] = rng.choice(["N1", "N2", "S-9", 17])
            case 7:
                found[at]["tickets"] = _otherwise(rng, found[at].get("tickets"))
            case _:
                rng.shuffle(found)
    return found


def _otherwise(rng: random.Random, tickets: Any) -> Any:
    """What tickets show, with an item under another id, without one, or with a value changed."""
    if not isinstance(tickets, dict):
        return rng.choice(ODD)
    found = {one: dict(shown) if isinstance(shown, dict) else shown for one, shown in tickets.items()}
    shown = rng.choice([*found.values()]) if found else None
    if not isinstance(shown, dict) or not shown:
        return found
    item = rng.choice([*shown])
    view = shown.pop(item)
    if rng.random() < 0.6:
        shown[rng.choice(["S-9", item, "17"])] = view if rng.random() < 0.5 else {**view, "text": rng.choice(ODD)}
    return found


def written(rng: random.Random, lines: list[Line]) -> bytes:
    """The lines as a file of some sort, with some bytes damaged."""
    match rng.randrange(6):
        case 0:
            text = json.dumps(lines, indent=rng.choice([None, 1]), ensure_ascii=rng.random() < 0.5)
        case 1:
            text = "\n".join(json.dumps(line, indent=1) for line in lines)
        case 2 | 3:
            text = _table(rng, lines)
        case _:
            text = rng.choice(["\n", "\r\n", "\n\n"]).join(json.dumps(line) for line in lines)
    data = bytearray(text.encode(rng.choice(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "utf-16-be"]), "surrogatepass"))
    for _ in range(rng.choice([0, 0, 0, 1, 3, 20])):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(4):
            case 0:
                data[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del data[at : at + rng.randrange(1, 60)]
            case 2:
                data[at:at] = rng.choice(
                    [b'"', b"{", b"}", b"[", b"]", b",", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"\\"]
                )
            case _:
                data[at:at] = data[max(0, at - 50) : at]
    return bytes(data)


def _table(rng: random.Random, lines: list[Line]) -> str:
    flat = [{**line, **(line["fields"] if isinstance(line.get("fields"), dict) else {})} for line in lines]
    names = list(dict.fromkeys(name for line in flat for name in line if name not in ("fields", "tickets")))
    out = io.StringIO()
    table = csv.writer(out, delimiter=rng.choice(",,;\t|"), lineterminator=rng.choice(["\n", "\r\n"]))
    header = names if rng.random() < 0.95 else [*names, names[0]]
    for row in [header, *([_cell(line.get(name)) for name in header] for line in flat)]:
        table.writerow(row)
        if rng.random() < 0.03:
            table.writerow(header)
    return rng.choice(["", "", "", "sep=;\n", "\n"]) + out.getvalue().replace("\0", "")


def _cell(value: Any) -> str:
    return "" if value is None else ";".join(map(str, value)) if isinstance(value, list) else str(value)


def look(model: Model, path: Path, data: bytes, names: LogNames, form: str | None, late: int | None) -> int:
    """Replay a log, and tell all there is to tell; its exit code."""
    path.write_bytes(data)
    *found, summary = replayed(model, str(path), form, names, lambda *_: None, late=late, kept=3)
    assert isinstance(summary, Summary)
    with (
        patch.multiple(shares, TASKS=shares.Bounds(1, 1, 1), BUFFERED=2000),
        patch.object(replaying, "HERE", None),
    ):  # as workers do it
        *shared, counted = replayed(model, str(path), form, names, lambda *_: None, late=late)
    assert (shared, counted) == (found, summary)
    assert isinstance(counted, Summary)
    assert [*counted.broken] == [*summary.broken]
    for one in found:
        if isinstance(one, Unreadable):
            assert min(one.line, one.column) >= 1
            assert "\n" not in report.unreadable_line("log", one)
        elif isinstance(one, Gap):
            assert len(list(report.gap_lines(model, "log", one))) == 2
            dumps(report.gap_json(one))
        else:
            assert isinstance(one, Illegal)
            assert list(report.illegal_lines(model, "log", one))
            dumps(report.illegal_json(model, one))
    assert list(report.summary_lines(model.words, summary))
    dumps(report.summary_json(summary))
    counts = {kind: sum(isinstance(one, kind) for one in found) for kind in (Illegal, Gap, Unreadable)}
    assert (summary.illegal, summary.gaps) == (counts[Illegal], counts[Gap])
    assert sum(summary.broken.values()) == summary.illegal
    assert 0 <= summary.illegal + summary.incomplete <= summary.tickets <= summary.lines
    assert summary.steps + summary.unjudged + summary.left_out <= summary.lines
    assert min(summary.steps, summary.unjudged, summary.left_out, summary.late, summary.incomplete) >= 0
    return 2 if summary.unreadable else 1 if summary.illegal else 2 if summary.gaps else 0


def try_log(number: int, folder: Path) -> int:
    """One log; its exit code."""
    rng = random.Random(number)
    which = rng.randrange(2)
    data = written(rng, damaged(rng, lines_of(which)))
    names = LogNames()
    if rng.random() < 0.3:
        (folder / "names.yaml").write_text(rng.choice(MAPPINGS) + rng.choice(MAPPINGS))
        try:
            names = load_log_names(str(folder / "names.yaml"), model_of(which))
        except SimsyncError:
            names = LogNames()
    form = rng.choice([None, None, None, "csv", "jsonl"])
    late = rng.choice([None, None, 0, 1, 3])
    path = folder / rng.choice(["log", "log.jsonl", "log.csv"])
    return look(model_of(which), path, data, names, form, late)
