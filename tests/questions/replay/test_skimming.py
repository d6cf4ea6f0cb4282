"""Lines that are told the short way: as if each had been looked at, whatever the rules, and whatever else they say."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from conftest import ROOT
from log_fuzzing import damaged
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.trace import simulate
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.judging.agreement import LineAgreement
from simsync.questions.replay.judging.digests import plain_digest, view_digest
from simsync.questions.replay.judging.skimming import Skimming
from simsync.questions.replay.log.columns import Logged, LogNames, Unreadable
from simsync.questions.replay.log.known_lines import KnownLine, KnownLines
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.replay import logged, replayed
from simsync.questions.replay.scratch import PieceFiles
from simsync.questions.replay.worker_tasks import LinePacker, unpacked

POLICIES = [ROOT / "machines", *sorted((ROOT / "examples" / "policies").glob("*/machines"))]
POLICIES += [one for one in sorted((ROOT / "tests" / "policies").iterdir()) if not one.name.endswith("_scenarios")]
QUICK = {"machines", "atelier", "relay", "trackers"}
WALKS = 12
TEXTS = ("10:30", 'a "b": c', "\\", "Grüße\u00a0", "", "tab\there", "text 1", "N1")
TIMES: list[Callable[[int, random.Random], Any]] = [
    lambda n, _: n,
    lambda n, rng: f"2024-03-01T10:{n // 60 % 60:02}:{n % 60:02}{rng.choice(['Z', 'Z', '', '+01:00'])}",
    lambda n, rng: n + rng.choice([0, 0, 0.3, -0.3, 5]),
]  # fmt: skip


@cache
def model_of(folder: Path) -> Model:
    return load_model(folder)


@cache
def tickets_of(folder: Path) -> list[list[dict[str, Any]]]:
    """The lines of tickets that keep the rules."""
    model = model_of(folder)
    return [
        [logged(model, "@", one) for one in simulate(model, way.trace)] for way in walks(model, 3, WALKS, texts=TEXTS)
    ]


def renamed(value: Any, names: dict[str, str]) -> Any:
    """A line with other ids and texts."""
    if isinstance(value, dict):
        return {names.get(key, key): renamed(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    return names.get(value, value) if isinstance(value, str) else value


def log(folder: Path, rng: random.Random) -> list[dict[str, Any]]:
    """Tickets of which many are alike but for ids and texts, line by line in turn."""
    found = []
    for number in range(2 * WALKS):
        names = {f"N{n}": rng.choice([f"N{n}", f"{number}-{n}", str(100 + n)]) for n in range(1, 6)}
        names |= {f"text {n}": rng.choice([f"text {n}", f"words {rng.random()}", rng.choice(TEXTS)]) for n in range(9)}
        names["@"] = f"T{number}"
        found.append([renamed(line, names) for line in rng.choice(tickets_of(folder))])
    return [line for lines in _in_turn(found) for line in lines]


def _in_turn(tickets: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    return [[lines[at] for lines in tickets if at < len(lines)] for at in range(max(map(len, tickets)))]


def written(rng: random.Random, lines: list[dict[str, Any]]) -> str:
    """Lines of JSON in several ways of writing them, a few of them damaged."""
    texts = [json.dumps(line, ensure_ascii=rng.random() < 0.5) for line in lines]
    for _ in range(rng.choice([0, 2, 6])):
        at = rng.randrange(len(texts))
        text = texts[at]
        cut = rng.randrange(len(text))
        texts[at] = rng.choice(
            [
                text[:cut],
                text + "]",
                f"  {text} ",
                text.replace("{", '{"x": NaN, ', 1),
                text.replace("{", '{"ticket": "T1", ', 1),
                text.replace('"tickets": {', '"tickets": {"lead": {}, ', 1),
                text.replace("false", "0", 1),
                text.replace("true", "1", 1),
                text.replace('"text": "', '"text": "\\ud800', 1),
                text.replace('"kind": ', '"kind": "note", "kind": ', 1),
                text.replace("text", "txet", 1),
                text.replace("{", '{"seen": {"a": 1, "a": 2}, ', 1),
                text.replace("{", '{"sum": 1' + "0" * 5000 + ", ", 1),
            ]
        )
    return "\n".join(texts)


def wholes(found: list[bool]) -> Any:
    """Whether each ticket of which all lines are known was judged as a whole, noted down."""
    whole = LineAgreement.whole

    def noted_whole(self: LineAgreement, lines: list[KnownLine]) -> bool:
        found.append(whole(self, lines))
        return found[-1]

    return patch.object(LineAgreement, "whole", noted_whole)


def noted(skimmed: list[bool]) -> Any:
    """Whether each line of a known meaning was taken the short way, noted down."""
    take = Skimming.take

    def taken(self: Skimming, *arguments: Any) -> Any:
        found = take(self, *arguments)
        skimmed.append(found is not None)
        return found

    return patch.object(Skimming, "take", taken)


def both_ways(folder: Path, number: int, path: Path) -> tuple[int, int]:
    """Replay a log the short way and the long way; how many lines were told the short way, and how many there are."""
    rng = random.Random(number)
    lines = log(folder, rng)
    if rng.random() < 0.7:
        at = rng.randrange(len(lines))
        lines = [*lines[:at], *damaged(rng, lines[at:]), *lines[at + 25 :]]
    if rng.random() < 0.4:
        written_time = rng.choice(TIMES)
        lines = [{"time": written_time(place, rng), **line} for place, line in enumerate(lines)]
    if rng.random() < 0.3:
        left_out = rng.choice(["tickets", "before", "status", "notified", "refused"])
        lines = [{key: value for key, value in line.items() if key != left_out} for line in lines]
    path.write_text(written(rng, lines), encoding="utf-8", errors="surrogatepass")
    late, kept = rng.choice([None, None, 0, 2]), rng.choice([3, 1000])

    def told() -> list[Any]:
        nothing = LogNames()
        return list(replayed(model_of(folder), str(path), "jsonl", nothing, lambda *_: None, late=late, kept=kept))

    skimmed: list[bool] = []
    with noted(skimmed):
        short = told()
    with patch.object(KnownLines, "learn", lambda *_: None):
        assert told() == short
    return sum(skimmed), len(lines)


@pytest.mark.parametrize("folder", [one for one in POLICIES if one.name in QUICK], ids=lambda one: one.name)
def test_the_short_way_tells_the_same(folder: Path, tmp_path: Path) -> None:
    counts = [both_ways(folder, number, tmp_path / "log.jsonl") for number in range(3)]
    assert sum(short for short, _ in counts) > 0


@pytest.mark.thorough
@pytest.mark.parametrize("folder", POLICIES, ids=lambda one: f"{one.parent.name}-{one.name}")
def test_the_short_way_tells_the_same_on_every_policy(folder: Path, tmp_path: Path) -> None:
    counts = [both_ways(folder, number, tmp_path / "log.jsonl") for number in range(3, 40)]
    assert sum(short for short, _ in counts) > 0.1 * sum(lines for _, lines in counts)


def test_lines_that_are_alike_are_taken_the_short_way(tmp_path: Path) -> None:
    folder = ROOT / "machines"
    lines = [{**line, "ticket": f"T{n}"} for n, way in enumerate(tickets_of(folder) * 2) for line in way]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    skimmed: list[bool] = []
    with noted(skimmed):
        *found, _ = replayed(model_of(folder), str(path), None, LogNames(), lambda *_: None)
    assert (found, {*skimmed}) == ([], {True})
    assert len(skimmed) > len(lines) / 2


@pytest.mark.parametrize("left_out", [(), ("tickets",), ("notified", "status")])
def test_tickets_whose_lines_all_agree_are_judged_as_a_whole(left_out: tuple[str, ...], tmp_path: Path) -> None:
    folder, path = ROOT / "machines", tmp_path / "log.jsonl"
    lines = [{**line, "ticket": f"T{n}"} for n, way in enumerate(tickets_of(folder) * 2) for line in way]
    said = [{key: value for key, value in line.items() if key not in left_out} for line in lines]
    path.write_text("\n".join(json.dumps({"time": at, **line}) for at, line in enumerate(said)))

    def told() -> list[Any]:
        return list(replayed(model_of(folder), str(path), None, LogNames(), lambda *_: None))

    judged: list[bool] = []
    with wholes(judged):
        found = told()
    assert sum(judged) >= len(tickets_of(folder))
    with patch.object(LineAgreement, "whole", lambda *_: False):
        assert told() == found


@pytest.mark.parametrize("text", ["at 10:30", "a: b: c", "\\u003a", "\\\\u003a", "[{:", '\\": 1'])
def test_a_key_that_stands_twice_is_met_whatever_colons_texts_have(text: str) -> None:
    reader = LogReader(model_of(ROOT / "machines"), LogNames())
    line = '{"ticket": "T1", "actor": "lead", "action": "create", "kind": "note", "item": "N1", "text": "%s"}'
    assert isinstance(reader.skim_one(1, (line % "a text").encode()), Logged)
    assert isinstance(reader.skim_one(2, (line % text).encode()), KnownLine)
    twice = (line % text).replace('"text"', '"text": "", "text"')
    assert isinstance(reader.skim_one(3, twice.encode()), Unreadable)
    seen = (line % text).replace("{", '{"tickets": {"lead": {"N1:": {}}, "service": {}}, ', 1)
    assert isinstance(reader.skim_one(4, seen.encode()), Logged)
    again = seen.replace('"N1:": {}', '"N1:": {}, "N1:": {}')
    assert (isinstance(reader.skim_one(5, seen.encode()), KnownLine), type(reader.skim_one(6, again.encode()))) == (
        True,
        Unreadable,
    )


@pytest.mark.parametrize(
    "odd",
    [
        '{"ticket": "T2", "ticket": "T3", "actor": "lead", "action": "outsource"}',
        '{"ticket": "T2", "actor": "lead", "action": "outsource", "x": NaN}',
        '{"ticket": true, "actor": "lead", "action": "outsource"}',
        '{"ticket": 1.5, "actor": "lead", "action": "outsource"}',
        '{"ticket": "", "actor": "lead", "action": "outsource"}',
        '{"ticket": "T\\ud800", "actor": "lead", "action": "outsource"}',
        '{"ticket": "T2", "actor": "lead", "action": "outsource"} x',
        '["ticket", "actor", "action"]',
        '"ticket"',
    ],
)
def test_an_odd_line_is_looked_at(odd: str) -> None:
    reader = LogReader(model_of(ROOT / "machines"), LogNames())
    usual = b'{"ticket": "T1", "actor": "lead", "action": "outsource"}'
    first = reader.skim_one(1, usual)
    assert isinstance(first, Logged)
    assert isinstance(reader.skim_one(2, usual), KnownLine)
    assert not isinstance(reader.skim_one(3, odd.encode()), KnownLine)


def test_ids_may_be_numbers() -> None:
    reader = LogReader(model_of(ROOT / "machines"), LogNames())
    usual = '{{"ticket": {}, "actor": "lead", "action": "outsource"}}'
    lines = [reader.skim_one(n, usual.format(one).encode()) for n, one in enumerate(('"T1"', "17", '" 17 "', "-0"))]
    assert [line.ticket for line in chain(lines)] == ["T1", "17", "17", "0"]
    assert [isinstance(line, KnownLine) for line in lines] == [False, True, True, True]


def dirty(folder: Path, number: int) -> list[bytes]:
    """Lines of which many are known, some damaged, and some have fields that mean nothing there."""
    rng = random.Random(number)
    lines = log(folder, rng)
    lines = [*lines, *damaged(rng, lines)]
    for line in rng.sample(lines, 20):
        line[rng.choice(["fields", "copy", "x", "refused"])] = rng.choice([{"text": "said"}, None, 7, "no", "because"])
    times = rng.choice([*TIMES, lambda *_: None])
    return written(rng, [{**line, "time": times(n, rng)} for n, line in enumerate(lines)]).encode(
        errors="surrogatepass"
    ).splitlines(keepends=True)  # fmt: skip


@pytest.mark.parametrize("number", range(6))
def test_a_known_line_says_in_full_what_it_says_when_it_is_looked_at(number: int) -> None:
    reader, looking = (LogReader(model_of(ROOT / "machines"), LogNames()) for _ in range(2))
    known = 0
    for place, raw in enumerate(dirty(ROOT / "machines", number)):
        line = reader.skim_one(place, raw)
        known += isinstance(line, KnownLine)
        assert (reader.in_full(line) if isinstance(line, KnownLine) else line) == looking.read_one(place, raw)
    assert known > 20


@pytest.mark.parametrize("number", range(6))
def test_lines_that_a_worker_keeps_are_the_lines_that_another_one_takes(number: int, tmp_path: Path) -> None:
    reader = LogReader(model_of(ROOT / "machines"), LogNames())
    lines = [reader.skim_one(place, raw) for place, raw in enumerate(dirty(ROOT / "machines", number))]
    packer, parts = LinePacker(5), 5
    kept = [(place, line) for place, line in enumerate(lines) if line.ticket is not None]
    for place, line in kept:
        packer.add(place, line)
    other = LogReader(model_of(ROOT / "machines"), LogNames())
    meanings = {name: other.meaning(common) for name, common in packer.meanings.items()}
    files = PieceFiles(str(tmp_path), parts)
    files.write("here", packer.packed())
    found = [one for blob in files.read("here", 0, parts) for one in unpacked(blob, None, meanings)]
    assert sorted(map(in_other_words, found), key=lambda one: one[0]) == list(map(in_other_words, kept))


def in_other_words(told: tuple[int, Any]) -> tuple[int, Any]:
    """A line with what it means instead of the one meaning that a reader has for it."""
    place, line = told
    return place, (*line[:2], line.meaning.common, *line[3:]) if isinstance(line, KnownLine) else line


@pytest.mark.parametrize("number", range(4))
def test_a_known_line_of_cells_says_what_it_says_when_it_is_looked_at(number: int, tmp_path: Path) -> None:
    rng = random.Random(number)
    lines = [{**line, **line.get("fields", {})} for line in log(ROOT / "machines", rng)]
    names = ["ticket", "actor", "action", "item", "kind", "before", "refused", "status", "notified", "text", "internal"]
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["time", *names])
        for place, line in enumerate(lines):
            cells = {**line, "notified": ";".join(line["notified"])}
            if rng.random() < 0.2:
                cells[rng.choice(names)] = rng.choice(["", " ", "no", 7])
            writer.writerow([place, *(cells.get(name, "") for name in names)])
    reader, looking = (LogReader(model_of(ROOT / "machines"), LogNames()) for _ in range(2))
    with path.open("rb") as some, path.open("rb") as same:
        skimmed, read = list(reader.skim(some)), list(looking.read(same))
    assert [reader.in_full(line) if isinstance(line, KnownLine) else line for line in skimmed] == read
    assert sum(isinstance(line, KnownLine) for line in skimmed) > 20


def test_what_is_seen_of_an_item_is_told_from_others_alike_on_both_ways() -> None:
    view: dict[str, str | bool] = {"kind": "note", "text": "", "internal_users_only": True}
    assert plain_digest("lead", "N1", view) == view_digest("lead", "N1", view)
    assert view_digest("lead", "N1", view) != view_digest("lead", "N1", {**view, "internal_users_only": 1})
