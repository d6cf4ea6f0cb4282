"""Logs that several workers hold against the rules: told as by one, to the byte, whatever becomes of the workers."""

from __future__ import annotations

import json
import os
import signal
import sys
from functools import wraps
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.trace import simulate
from simsync.errors import SimsyncError
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay import replay, shares
from simsync.questions.replay.replay import logged
from simsync.questions.replay.scratch import PieceFiles, packed_parts, piece_files
from simsync.questions.replay.shares import Bounds, parts_of
from simsync.questions.replay.worker_tasks import JudgedLines, LineJudge, LineTask
from simsync.workers.workers import Where

EXAMPLES = ROOT / "docs" / "examples"
ATELIER = ROOT / "tests" / "policies" / "atelier"
needs_fsspec = pytest.mark.skipif(find_spec("fsspec") is None, reason="no fsspec (pip install -e '.[logs]')")
LOGS = [
    ("log.jsonl",),
    ("times.csv",),
    ("late.jsonl", "--late", "1"),
    ("desks.jsonl",),
    ("export.csv", "--map", EXAMPLES / "export.yaml"),
]


def log(folder: Path) -> Path:
    """A log of 30 tickets, one line of each in turn; of some a status is wrong, and one line is none."""
    model = load_model(ATELIER)
    tickets = [
        [logged(model, f"T{n}", one) for one in simulate(model, way.trace)] for n, way in enumerate(walks(model, 2, 30))
    ]
    lines = [lines[at] for at in range(max(map(len, tickets))) for lines in tickets if at < len(lines)]
    for line in lines[40::25]:
        line["status"] = next(status for status in model.status_spec.states if status != line["status"])
    texts = [json.dumps(line) for line in lines]
    (folder / "log.jsonl").write_text("\n".join([*texts[:200], "{", *texts[200:]]))
    return folder / "log.jsonl"


@pytest.fixture
def many_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "TASKS", Bounds(1, 1, 1))


@pytest.mark.usefixtures("many_tasks")
@pytest.mark.parametrize("form", ["text", "json"])
def test_several_processes_tell_the_same(cli: Run, tmp_path: Path, form: str) -> None:
    arguments = ("replay", log(tmp_path), "--machines", ATELIER, "--format", form)
    alone = cli(*arguments)
    assert alone[0] == 2
    assert cli(*arguments, "--jobs", "1") == alone
    assert cli(*arguments, "--jobs", "2") == alone


@pytest.mark.parametrize("arguments", LOGS, ids=lambda one: one[0])
def test_examples_are_told_the_same(cli: Run, arguments: tuple[str, ...]) -> None:
    name, *options = arguments
    assert cli("replay", EXAMPLES / name, *options, "--jobs", "2") == cli("replay", EXAMPLES / name, *options)


@pytest.mark.usefixtures("many_tasks")
def test_a_process_that_is_killed_changes_nothing(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("replay", log(tmp_path), "--machines", ATELIER, "--format", "json")
    alone = cli(*arguments)
    judged = LineJudge.judged

    @wraps(judged)
    def killed_once(self: LineJudge, task: LineTask) -> JudgedLines:
        found = judged(self, task)
        if len(list(tmp_path.glob("killed*"))) < 2:
            (tmp_path / f"killed {os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    monkeypatch.setattr(LineJudge, "judged", killed_once)
    monkeypatch.setattr("threading.active_count", lambda: 1)  # processes are forked, and so have this judge
    assert cli(*arguments, "--jobs", "2") == alone
    assert len(list(tmp_path.glob("killed*"))) >= 2


def test_a_log_that_is_not_there_is_told_before_anybody_works(cli: Run, tmp_path: Path) -> None:
    missing = tmp_path / "log.jsonl"
    assert cli("replay", missing, "--jobs", "2") == cli("replay", missing)


@needs_fsspec
@pytest.mark.parametrize("address", ["{}", "file://{}"])
def test_parts_of_a_piece_are_read_as_they_were_written(address: str, tmp_path: Path) -> None:
    with piece_files(address.format(tmp_path), 5) as files:
        files.write("a", packed_parts({0: b"x", 2: b"yy", 4: b"zzz"}, 5))
        files.write("b", packed_parts({}, 5))
        assert files.read("a", 0, 5) == [b"x", b"", b"yy", b"", b"zzz"]
        assert files.read("a", 2, 4) == [b"yy", b""]
        assert files.read("b", 0, 5) == [b""] * 5
        files.write("a", packed_parts({1: b"again"}, 5))
        assert files.read("a", 1, 2) == [b"again"]
    assert list(tmp_path.iterdir()) == []


@needs_fsspec
@pytest.mark.parametrize("address", ["{}", "{}/", "{}/much/deeper", "file://{}", "file://{}/deeper"])
def test_a_log_is_told_the_same_wherever_lines_are_kept(address: str, tmp_path: Path, cli: Run) -> None:
    there = tmp_path / "scratch"
    there.mkdir()
    arguments = ("replay", log(tmp_path), "--machines", ATELIER)
    alone = cli(*arguments)
    assert cli(*arguments, "--jobs", "2", "--scratch", address.format(there)) == alone
    assert list(there.iterdir()) == []


@pytest.mark.parametrize("by_workers", [True, False])
def test_workers_that_reach_no_folder_get_lines_from_here(
    by_workers: bool, tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("replay", log(tmp_path), "--machines", ATELIER)
    alone = cli(*arguments)
    monkeypatch.setattr(Where, "is_here", False)
    monkeypatch.setattr(replay, "can_be_shared", lambda *_, **__: by_workers)
    monkeypatch.setattr(shares, "TASKS", Bounds(8, 1, 1_000_000))
    monkeypatch.setattr(shares, "BUFFERED", 100_000)
    assert cli(*arguments, "--jobs", "2") == alone


def test_a_folder_that_cannot_be_had_is_told_in_a_sentence(
    tmp_path: Path, cli: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    arguments = ("replay", log(tmp_path), "--machines", ATELIER, "--jobs", "2", "--scratch")
    code, out, err = cli(*arguments, tmp_path / "file")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"--scratch: unwritable: lines by ticket cannot be kept in {tmp_path / 'file'}/simsync-")
    code, out, err = cli(*arguments, "nowhere://a")
    assert (code, out, err.count("\n"), "nowhere" in err) == (2, "", 1, True)
    for address in ("memory://", "memory://a"):
        code, out, err = cli(*arguments, address)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert err.startswith(f"--scratch: unwritable: lines by ticket cannot be kept in {address}")
        assert ": other processes do not reach the memory of this one; --scratch names a folder" in err
    monkeypatch.setitem(sys.modules, "fsspec", None)
    _, _, err = cli(*arguments, "s3://bucket/a")
    assert "a folder that is not here needs simsync's extra 'logs', which is not installed" in err


def test_what_another_worker_put_elsewhere_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SimsyncError, match="No such file or directory; --scratch names a folder that all"):
        PieceFiles(str(tmp_path), 5).read("a", 0, 1)


def test_a_large_log_has_more_parts_and_larger_pieces() -> None:
    assert shares.CHUNKS.each(1000) == 2_000_000
    assert shares.CHUNKS.each(4_000_000_000) == 10_000_000
    assert shares.CHUNKS.each(400_000_000_000) == 64_000_000
    assert (parts_of([]), parts_of(None)) == (256, 4000)
