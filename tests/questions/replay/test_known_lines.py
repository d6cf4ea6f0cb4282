"""Lines that are read by what earlier ones meant say no more, and no less, than they do alone."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from conftest import Run

SHOWN = {"kind": "note", "internal_users_only": False, "customer_visible": True}
COPY = {"kind": "note", "text": "a", "internal_users_only": True}
START = "2026-01-01T10:00:00Z"


def made(ticket: str, text: str | None, **more: Any) -> dict[str, Any]:
    """A line of a note that its owner's ticket shows."""
    shown = {"lead": {"N1": {**SHOWN, "text": text or ""}}, "service": {}}
    line = {"ticket": ticket, "actor": "lead", "action": "create", "item": "N1", "kind": "note"}
    return {**line, "fields": {"text": text}, "before": "Unsent", "tickets": shown, **more}


def copied(ticket: str, copy: str | None) -> dict[str, Any]:
    """A line of a note whose copy has an id of its own, or has none."""
    line = {"time": START, "ticket": ticket, "actor": "service", "action": "create", "item": "N1", "copy": copy}
    shown = {"lead": {copy or "N1": COPY}}
    return {**line, "kind": "note", "fields": {"text": "a"}, "before": "Accepted", "tickets": shown}


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
def test_a_text_that_is_null_takes_no_text_from_others(cli: Run, tmp_path: Path, order: tuple[int, ...]) -> None:
    hidden = made("C", "b")
    hidden["tickets"]["lead"]["N1"]["text"] = ""
    lines = [made("A", None), made("B", "a"), hidden]
    code, out, _ = cli("replay", written(tmp_path / "log.jsonl", *(lines[one] for one in order)))
    assert code == 1
    assert "3 steps held against the rules: 2 keep them, 1 does not" in out
    assert f"log.jsonl:{1 + order.index(2)}: ticket C" in out


@pytest.mark.parametrize("name", ["empty.log", "empty.csv", "blank.txt", "header.csv"])
@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")], ids=["one", "two"])
def test_a_file_without_lines_changes_nothing_for_others(
    cli: Run, tmp_path: Path, name: str, jobs: tuple[str, ...]
) -> None:
    log = written(tmp_path / "log.jsonl", copied("A", None), copied("B", "L7"))
    said = {"blank.txt": "\n\n", "header.csv": "ticket,actor,action\n"}
    (tmp_path / name).write_text(said.get(name, ""))
    code, out, err = cli("replay", log, tmp_path / name, *jobs)
    assert code == 0, out + err
    assert "2 steps held against the rules: 2 keep them, 0 do not" in out


@pytest.mark.parametrize("deep", [101, 150, 500, 700])
def test_a_line_that_is_nested_too_deeply_is_told_and_the_rest_is_judged(cli: Run, tmp_path: Path, deep: int) -> None:
    nested: Any = "x"
    for _ in range(deep):
        nested = [nested]
    view, field = made("B", "a", time=START), made("C", "a", time=START)
    view["tickets"]["lead"]["N1"]["text"] = nested
    field["fields"]["text"] = nested
    log = written(tmp_path / "log.jsonl", made("A", "a", time=START), view, field, made("D", "a", time=START))
    code, out, err = cli("replay", log)
    assert code == 2
    assert "nested too deeply" in err
    assert "2 steps held against the rules: 2 keep them, 0 do not" in out


def test_a_number_is_no_word_though_it_equals_one(cli: Run, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (pip install -e '.[logs]')")
    pq = pytest.importorskip("pyarrow.parquet")
    word = pa.table({**_columns("A"), "internal": [True]})
    number = pa.table({**_columns("B"), "internal": pa.array([1], pa.int64())})
    for name, table in (("word", word), ("number", number)):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    code, _, err = cli("replay", tmp_path / "word.parquet", tmp_path / "number.parquet")
    assert code == 2
    assert "'1' is not a value of 'internal'" in err


def _columns(ticket: str) -> dict[str, list[str]]:
    line = {"ticket": ticket, "actor": "lead", "action": "create", "item": "N1", "kind": "note", "text": "a"}
    return {name: [value] for name, value in {**line, "before": "Unsent"}.items()}
