"""Logs that several workers hold against the rules: told as by one, to the byte, whatever becomes of the workers."""

from __future__ import annotations

import json
import os
import signal
from functools import wraps
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.trace import simulate
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay import shares
from simsync.questions.replay.replay import logged
from simsync.questions.replay.shares import JudgedLines, LineJudge, LineTask

EXAMPLES = ROOT / "docs" / "examples"
ATELIER = ROOT / "tests" / "policies" / "atelier"
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
    monkeypatch.setattr(shares, "TASK", 1)


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
