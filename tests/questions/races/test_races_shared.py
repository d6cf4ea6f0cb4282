"""Races that several workers look for are those that one finds, to the byte, whatever becomes of the workers."""

from __future__ import annotations

import os
import signal
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.progress import silent
from simsync.questions.races import races as searching
from simsync.questions.races import situations as walking
from simsync.questions.races.asked import races_of
from simsync.questions.races.report import as_json
from simsync.questions.races.situations import Stepper
from simsync.workers.workers import Where

MINIMAL = ROOT / "examples" / "policies" / "minimal"
ATELIER = ROOT / "tests" / "policies" / "atelier"


def test_two_processes_find_what_one_finds(cli: Run) -> None:
    arguments = ("races", "--machines", MINIMAL / "machines", "--format", "json")
    alone = cli(*arguments)
    assert alone[0] == 0
    assert cli(*arguments, "--jobs", "2") == alone


@pytest.mark.thorough
@pytest.mark.parametrize(("pairs", "threes", "most"), [(10, 10, 100), (200, 0, 100_000), (60_000, 40, 700)])
def test_where_there_is_too_much_as_much_is_looked_at(
    pairs: int, threes: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What workers do ahead, and is not wanted any more, is counted nowhere."""
    monkeypatch.setattr(searching, "MOST_PAIRS", pairs)
    monkeypatch.setattr(searching, "MOST_THREES", threes)
    monkeypatch.setattr(walking, "WORLDS", 2)
    model = load_model(ATELIER)
    alone = races_of(model, (), silent, most)
    assert alone.beyond or alone.counted.untried or alone.counted.without_threes
    assert as_json(races_of(model, (), silent, most, Where(2))) == as_json(alone)


def test_a_process_that_is_killed_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(MINIMAL / "machines")
    alone = as_json(races_of(model))
    steps = Stepper.steps

    @wraps(steps)
    def killed_once(self: Stepper, numbered: Any) -> Any:
        if not list(tmp_path.glob("killed*")):
            (tmp_path / f"killed {os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return steps(self, numbered)

    monkeypatch.setattr(Stepper, "steps", killed_once)
    monkeypatch.setattr("threading.active_count", lambda: 1)  # processes are forked, and so have this stepper
    assert as_json(races_of(model, place=Where(2))) == alone
    assert len(list(tmp_path.glob("killed*"))) == 1
