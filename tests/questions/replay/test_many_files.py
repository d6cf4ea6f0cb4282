"""A log of many files, as Parquet, or elsewhere is judged as the same lines in one file are."""

from __future__ import annotations

import io
import json
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync import load_model, replay
from simsync.commands.progress_line import Watched
from simsync.engine.trace import simulate
from simsync.errors import SimsyncError
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay import replay as replaying
from simsync.questions.replay import shares
from simsync.questions.replay.log.chunks import can_be_shared, chunks_of, read_chunk
from simsync.questions.replay.log.columns import LogNames
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.log.sources import LineOf, Source, place_of, sources
from simsync.questions.replay.replay import logged
from simsync.questions.replay.shares import Bounds

MODEL = load_model(ROOT / "machines")
Line = dict[str, Any]


def lines(tickets: int, *, wrong: int = 3) -> list[Line]:
    """What happened on some tickets, in the order of time; on some of them something that no rule has."""
    found: list[Line] = []
    for number, drive in enumerate(walks(MODEL, 1, tickets, texts=())):
        for step, outcome in enumerate(simulate(MODEL, drive.trace)):
            line = logged(MODEL, f"T{number}", outcome)
            if number < wrong and step == 4:
                line["notified"] = ["primary contact", "assigned resource"]
            found.append({**line, "time": f"2026-05-{1 + step:02}T{number % 24:02}:{number // 24:02}:00Z"})
    return found


def shuffled(folder: Path, all_lines: list[Line], files: int) -> list[str]:
    """The lines, in any order, over some files."""
    chance = random.Random(7)
    parts: list[list[Line]] = [[] for _ in range(files)]
    for line in chance.sample(all_lines, len(all_lines)):
        chance.choice(parts).append(line)
    return [written(folder / f"part{n:02}.jsonl", part) for n, part in enumerate(parts)]


def written(path: Path, some: list[Line]) -> str:
    path.write_text("".join(json.dumps(line) + "\n" for line in some))
    return str(path)


def as_parquet(path: Path, some: list[Line]) -> str:
    """The same lines as columns; what tickets show and what was set as text."""
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed (pip install -e '.[logs]')")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns = list(dict.fromkeys(name for line in some for name in line))
    nested = ("tickets", "fields")
    rows = [{c: json.dumps(line[c]) if c in nested and c in line else line.get(c) for c in columns} for line in some]
    parquet.write_table(pyarrow.Table.from_pylist(rows), path)
    return str(path)


def judged(answer: Any) -> Any:
    """What is told of a log, without where a line stands."""

    def plain(one: Any) -> Any:
        return {name: value for name, value in one.items() if name not in ("file", "line")}

    told = answer.as_dict()
    found = {name: sorted(map(str, map(plain, told[name]))) for name in ("illegal", "gaps", "unreadable")}
    return {**told, **found}


@pytest.fixture(scope="module")
def whole() -> list[Line]:
    return lines(40)


def test_lines_in_any_order_over_many_files_are_judged_the_same(whole: list[Line], tmp_path: Path) -> None:
    one = replay(MODEL, written(tmp_path / "whole.jsonl", whole))
    assert one.value.summary.illegal == 3
    many = shuffled(tmp_path, whole, 20)
    assert judged(replay(MODEL, many)) == judged(one)
    assert judged(replay(MODEL, tmp_path / "part*.jsonl")) == judged(one)


@pytest.mark.thorough
def test_a_cluster_says_the_same_to_the_byte(whole: list[Line], tmp_path: Path, cli: Run) -> None:
    paths = shuffled(tmp_path, whole, 20)
    one = cli("replay", *paths)
    assert one[0] == 1
    assert cli("replay", *paths, "--jobs", "2") == one
    assert cli("replay", *paths, "--cluster", "local:2") == one
    assert cli("replay", *paths, "--format", "json", "--cluster", "local:2") == cli(
        "replay", *paths, "--format", "json"
    )


def test_parquet_says_what_json_says(whole: list[Line], tmp_path: Path) -> None:
    one = replay(MODEL, written(tmp_path / "whole.jsonl", whole))
    assert judged(replay(MODEL, as_parquet(tmp_path / "whole.parquet", whole))) == judged(one)
    mixed = [written(tmp_path / "a.jsonl", whole[:100]), as_parquet(tmp_path / "b.parquet", whole[100:])]
    assert judged(replay(MODEL, mixed)) == judged(one)


def test_columns_of_parquet_may_be_nested(whole: list[Line], tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    plain = [{name: value for name, value in line.items() if name != "tickets"} for line in whole]
    path = tmp_path / "nested.parquet"
    parquet.write_table(pyarrow.Table.from_pylist(plain), path)
    one = replay(MODEL, written(tmp_path / "plain.jsonl", plain))
    assert judged(replay(MODEL, path)) == judged(one)


def test_a_place_is_a_file_and_its_line(whole: list[Line], tmp_path: Path, cli: Run) -> None:
    first, second = written(tmp_path / "a.jsonl", whole[:50]), written(tmp_path / "b.jsonl", [*whole[50:], {"no": 1}])
    code, out, err = cli("replay", first, second)
    assert code == 2
    line = len(whole) - 50 + 1
    assert err.startswith(f"{second}:{line}:1: syntax: it has none of")
    wrong = [n for n, one in enumerate(whole, 1) if one["ticket"] == "T0"][4]
    assert f"{first}:{wrong}: ticket T0" in out
    (told,) = json.loads(cli("replay", first, second, "--format", "json")[1])["unreadable"]
    assert (told["file"], told["line"]) == (second, line)


def test_other_lines_are_told_with_their_file(tmp_path: Path, cli: Run) -> None:
    steps = [{"ticket": "T1", "actor": "lead", "action": "outsource", "time": "2026-05-01T10:00:00Z"}]
    steps += [{"ticket": "T1", "actor": "service", "action": "start", "time": "2026-05-01T10:00:01Z"}]
    steps += [{"ticket": "T1", "actor": "service", "action": "accept", "time": "2026-05-01T10:00:01Z"}]
    _, out, _ = cli("replay", *(written(tmp_path / f"{n}.jsonl", [step]) for n, step in enumerate(steps)))
    assert f"{tmp_path}/1.jsonl:1: ticket T1: service: start" in out
    assert f"in the order of lines 1 of {tmp_path}/2.jsonl, 1 of {tmp_path}/1.jsonl no rule is broken" in out


@pytest.fixture
def elsewhere(whole: list[Line]) -> Iterator[Any]:
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed (pip install -e '.[logs]')")
    system = fsspec.filesystem("memory")
    for name, some in (("a", whole[:90]), ("b", whole[90:])):
        system.pipe(f"/logs/{name}.jsonl", "".join(json.dumps(line) + "\n" for line in some).encode())
    yield system
    system.rm("/logs", recursive=True)


def test_files_elsewhere_are_read_as_those_here(elsewhere: Any, whole: list[Line], tmp_path: Path, cli: Run) -> None:
    one = judged(replay(MODEL, written(tmp_path / "whole.jsonl", whole)))
    assert judged(replay(MODEL, "memory://logs/*.jsonl")) == one
    assert judged(replay(MODEL, ["memory://logs/a.jsonl", "memory://logs/b.jsonl"])) == one
    assert [source.name for source in sources(["memory://logs/*.jsonl"])] == [
        "memory:///logs/a.jsonl",
        "memory:///logs/b.jsonl",
    ]
    code, _, err = cli("replay", "memory://logs/none.jsonl")
    assert (code, err.startswith("memory://logs/none.jsonl: not-found: the log cannot be opened")) == (2, True)
    code, _, err = cli("replay", "nowhere://logs/none.jsonl")
    assert (code, err.startswith("nowhere://logs/none.jsonl: unreadable: the log cannot be reached")) == (2, True)


def test_all_that_is_wrong_with_paths_is_told_at_once(tmp_path: Path, cli: Run) -> None:
    code, _, err = cli("replay", tmp_path / "*.jsonl", tmp_path)
    assert code == 2
    assert err.splitlines() == [
        f"{tmp_path}/*.jsonl: not-found: no file has such a name",
        f"{tmp_path}: not-a-file: this is a directory; name a log file, or several, as in {tmp_path}/*.jsonl",
    ]


def test_a_pattern_of_one_file_is_told_as_that_file(whole: list[Line], tmp_path: Path, cli: Run) -> None:
    path = written(tmp_path / "a.jsonl", whole)
    told = cli("replay", path)
    assert told[1].startswith(f"{path}:")
    assert cli("replay", tmp_path / "*.jsonl") == told
    written(tmp_path / "b.jsonl", [])
    assert cli("replay", tmp_path / "*.jsonl")[1].startswith(f"{path}:")


def test_a_file_is_named_once(whole: list[Line], tmp_path: Path, cli: Run) -> None:
    path = written(tmp_path / "a.jsonl", whole)
    code, out, err = cli("replay", tmp_path / "*.jsonl", path)
    assert (code, out) == (2, "")
    assert err == f"{path}: usage: it is named twice, and its lines would count so often; name it once\n"
    link, other = tmp_path / "link", f"{tmp_path}/./a.jsonl"
    link.symlink_to(path)
    for also in (link, other):
        code, out, err = cli("replay", path, also)
        assert (code, out) == (2, "")
        assert err.startswith(f"{path}: usage: it is named twice, also as {also}, and its lines would count so often")
    _, _, err = cli("replay", path, link, other, path)
    assert f"it is named 4 times, also as {link}, {other}, and its lines" in err


@pytest.mark.parametrize("workers", [(), ("--jobs", "2")])
def test_lines_that_stand_in_two_files_are_told_as_repeated(
    workers: tuple[str, ...], whole: list[Line], tmp_path: Path, cli: Run
) -> None:
    """None of them breaks a rule."""
    some = [line for line in whole if line["ticket"] == "T9"]
    paths = [written(tmp_path / name, some) for name in ("a.jsonl", "b.jsonl")]
    code, out, _ = cli("replay", *paths, *workers)
    assert (code, "1 as far as can be said, 0 do not" in out) == (2, True)
    assert f"{paths[1]}:1: ticket T9: service: create charge N1" in out
    assert "repeated line: it is a line of this ticket once more" in out


@pytest.mark.parametrize("workers", [(), ("--jobs", "2")])
@pytest.mark.parametrize("middle", ["gone", "cut", "vanishing"])
def test_what_is_wrong_with_a_file_in_the_middle_is_told_in_a_sentence(
    middle: str, workers: tuple[str, ...], whole: list[Line], tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path / "a.jsonl", whole[:90])
    written(tmp_path / "c.jsonl", whole[90:])
    path = tmp_path / "b.jsonl"
    if middle == "gone":
        path.symlink_to(tmp_path / "nowhere")
        told = f"{path}: not-found: the log cannot be opened: No such file or directory"
    elif middle == "cut":
        pytest.importorskip("pyarrow")
        path = tmp_path / "b.parquet"
        path.write_bytes(Path(as_parquet(tmp_path / "whole.parquet", whole)).read_bytes()[:-20])
        (tmp_path / "whole.parquet").unlink()
        told = f"{path}:1:1: syntax: this is no Parquet that can be read"
    else:
        written(path, whole[90:100])
        monkeypatch.setattr(Source, "opened", _vanishing(Source.opened, str(path)))
        told = f"{path}: not-found: the log cannot be opened: No such file or directory"
    code, _, err = cli("replay", tmp_path / "*", *workers)
    assert (code, err.splitlines()[0][: len(told)], "Traceback" in err) == (2, told, False)


def _vanishing(opened: Callable[[Source], Any], name: str) -> Callable[[Source], Any]:
    """Opens files; one of them is gone when it is read the second time."""
    seen: list[str] = []

    def found(source: Source) -> Any:
        seen.append(source.name)
        if seen.count(name) == 1 and source.name == name:
            Path(name).unlink()
        return opened(source)

    return found


def test_a_piece_that_became_shorter_is_told_in_a_sentence(whole: list[Line], tmp_path: Path) -> None:
    (source,) = sources([written(tmp_path / "a.jsonl", whole)])
    (chunk,) = chunks_of(source, 10_000_000)
    written(tmp_path / "a.jsonl", whole[:3])
    with pytest.raises(SimsyncError, match="it became shorter while it was read"):
        read_chunk(LogReader(MODEL, LogNames(), settled=True), chunk, ((), ()), lambda _place, _line: None)


class Broken(io.BytesIO):
    """A file that fails as no file of this machine does."""

    def read(self, _size: int | None = -1) -> bytes:
        raise RuntimeError("the connection\nwas reset")


def test_whatever_a_file_elsewhere_fails_with_is_told_in_a_sentence(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "sources", lambda _: [Source("far://a.jsonl", Broken)])
    code, _, err = cli("replay", "far://a.jsonl")
    assert (code, err) == (2, "far://a.jsonl: unreadable: it cannot be read: the connection was reset\n")


class OnceThrough(io.BytesIO):
    """A file as a web server without ranges gives it."""

    def seek(self, _offset: int, _whence: int = 0) -> int:
        raise ValueError("no ranges here")


def test_a_file_that_is_read_from_its_beginning_only_is_read_here(
    whole: list[Line], tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.jsonl", whole[:30])
    alone = cli("replay", path)
    once = [Source(path, lambda: OnceThrough(Path(path).read_bytes()))]
    assert not can_be_shared(once, None, here=True)
    monkeypatch.setattr(replaying, "sources", lambda _: once)
    assert cli("replay", path) == alone
    assert cli("replay", path, "--jobs", "2") == alone


def test_csv_does_not_stand_beside_other_forms(whole: list[Line], tmp_path: Path, cli: Run) -> None:
    (tmp_path / "b.csv").write_text("ticket,actor,action\nT1,lead,outsource\n")
    code, _, err = cli("replay", written(tmp_path / "a.jsonl", whole), tmp_path / "b.csv")
    assert (code, "b.csv: usage: CSV stands beside other files" in err) == (2, True)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.parquet", b"PAR1 no", "this is no Parquet that can be read"),
        ("b.parquet", b"", "this is no Parquet that can be read"),
    ],
)
def test_what_is_no_parquet_is_told(name: str, content: bytes, told: str, tmp_path: Path, cli: Run) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / name).write_bytes(content)
    code, _, err = cli("replay", tmp_path / name)
    assert (code, told in err, "Traceback" in err) == (2, True, False)


def test_misspelt_columns_of_parquet_are_told(whole: list[Line], tmp_path: Path, cli: Run) -> None:
    wrong = [{("notifed" if name == "notified" else name): value for name, value in line.items()} for line in whole]
    code, _, err = cli("replay", as_parquet(tmp_path / "a.parquet", wrong))
    assert (code, "'notifed'" in err) == (2, True)


def test_what_needs_the_extra_says_so(tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("pyarrow", "fsspec"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    lack = "needs simsync's extra 'logs', which is not installed"
    assert f"a log as Parquet {lack}" in cli("replay", tmp_path / "a.parquet")[2]
    assert f"a log that is not here {lack}" in cli("replay", "s3://bucket/june.jsonl")[2]


def test_a_line_of_several_files_is_a_number_and_a_place() -> None:
    line = LineOf(107, "b.jsonl", 7)
    assert (line, str(line), f"{line}", place_of("all", line), place_of("all", 3)) == (
        107,
        "7 of b.jsonl",
        "7 of b.jsonl",
        "b.jsonl:7",
        "all:3",
    )


DIRTY: tuple[bytes, ...] = (
    b'{"ticket": "T0", "actor": "lead", "action": "outsource", "note": 1}',
    b'{"ticket": "T0", "actor": "lead", "action": "outsource", "notifed": []}',
    b'{"ticket": "T1", "actor": "lead", "action": "outsource", "notified": [], "notifed": []}',
    b'{"ticket": "T1", "actor": "lead", "action": "outsource", "notifed": []}',
    b'{"ticket": "T2", "actor": "nobody", "action": "outsource"}',
    b'{"actor": "lead", "action": "outsource"}',
    b"",
    b"{no json",
    b"[1]",
    b'{"ticket": "T3", "actor": "lead", "action": "outsource", "status": "Assigned"}\r',
    b'{"ticket": "T3", "actor": "lead", "action": "outsource", "pad": "' + b"x" * 3000 + b'"}',
    '{"ticket": "T4", "actor": "lead", "action": "outsource", "é": "ü"}'.encode(),
    b'\xef\xbb\xbf{"ticket": "T5", "actor": "lead", "action": "cancel"}',
    b'{"ticket": "T6", "actor": "lead", "action": "cancel", "bad": "\xff"}',
)
"""Lines of which some say what hangs on those before them, and some say nothing."""


@pytest.mark.parametrize("piece", [150, 700, 4_000_000])
@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.thorough
def test_pieces_that_workers_read_are_told_as_one_process_tells_them(
    piece: int, form: str, whole: list[Line], tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = [json.dumps(line).encode() for line in whole[:60]]
    chance = random.Random(piece)
    mixed = [json.dumps(line).encode() for line in whole[60:70]]
    for dirty in DIRTY:
        mixed += [dirty, chance.choice(some)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join([some[0], *mixed]))
    (tmp_path / "b.jsonl").write_bytes(b"\n".join([*some, *mixed]) + b"\n")
    shutil.copy(tmp_path / "a.jsonl", tmp_path / "c.jsonl")
    monkeypatch.setattr(shares, "CHUNKS", Bounds(1, piece, piece))
    for paths in (["b.jsonl"], ["a.jsonl", "b.jsonl"], ["a.jsonl", "c.jsonl"]):
        arguments = ("replay", *(tmp_path / name for name in paths), "--format", form)
        one = cli(*arguments)
        assert one[0] == 2
        assert cli(*arguments, "--jobs", "2") == one


def test_what_workers_cannot_read_is_read_here(whole: list[Line], tmp_path: Path) -> None:
    plain = written(tmp_path / "a.jsonl", whole)
    (tmp_path / "list.json").write_text(json.dumps(whole))
    (tmp_path / "tall.json").write_text(json.dumps(whole[0], indent=1))
    (tmp_path / "wide.jsonl").write_text(json.dumps(whole[0]), encoding="utf-16-le")
    (tmp_path / "empty.jsonl").touch()

    def shared(*names: str, form: str | None = None, here: bool = True) -> bool:
        return can_be_shared(sources(str(tmp_path / name) for name in names), form, here=here)

    assert shared(plain)
    assert shared("a.jsonl", form="jsonl")
    assert not shared("a.jsonl", form="csv")
    assert not shared("a.jsonl", here=False)
    assert not any(shared("a.jsonl", name) for name in ("list.json", "tall.json", "wide.jsonl", "empty.jsonl"))
    assert not can_be_shared(sources(["-"]), None, here=True)


def test_interrupted_it_has_told_what_it_found_and_how_far_it_came(
    tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: Watched, what: str, done: int, of: int) -> None:
        self.far = f"{what}: {done} of {of}"
        raise KeyboardInterrupt

    monkeypatch.setattr(Watched, "__call__", interrupted)
    unknown = {"ticket": "T", "actor": "lead", "action": "edit", "item": "N9", "fields": {"text": "x"}}
    outsourced = [{"ticket": f"T{n}", "actor": "lead", "action": "outsource"} for n in range(2000)]
    path = tmp_path / "log.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in [unknown, *outsourced]))
    code, out, err = cli("replay", path)
    assert code == 130
    assert out.startswith(f"{path}:1: ticket T: lead: edit N9")
    assert "held against the rules" not in out
    assert err.startswith("interrupted; it came as far as this: 1,000 lines; bytes:")
