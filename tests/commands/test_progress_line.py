"""How far something is, told at a terminal and elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

import pytest

from conftest import ROOT
from simsync import app
from simsync.cli import main
from simsync.commands.progress_line import Watched, watching
from simsync.engine.model import Model
from simsync.errors import SimsyncError
from simsync.scenarios.loading import ScenarioFile
from simsync.scenarios.simulate import ScenarioResult

HEAD = "this may take a while"


def test_who_watches_is_told_at_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    watched = Watched(HEAD, clock=lambda: 0.0)
    watched("sequences", 0, 0)
    watched.end()
    assert capsys.readouterr().err == f"\r{HEAD}\n\rsequences: ... \r{' ' * 79}\r"


def test_where_nobody_watches_a_line_is_told_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter(range(0, 1000, 10))
    told_of = Watched(HEAD, 30.0, clock=lambda: next(clock))
    for number in range(1, 10):
        told_of("sequences", number, 0)
    assert capsys.readouterr().err.splitlines() == [
        HEAD,
        "sequences: 3",
        "sequences: 6",
        "sequences: 9",
    ]


def test_where_nobody_watches_nothing_is_told_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with watching(head=HEAD) as progress:
        progress("sequences", 1, 2)
    assert capsys.readouterr().err == ""


def test_nothing_is_told_where_the_environment_says_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMSYNC_PROGRESS", "no")
    for terminal in (True, False):
        monkeypatch.setattr("sys.stderr.isatty", lambda terminal=terminal: terminal)
        watched = Watched(HEAD, 10.0, clock=count(0.0, 30.0).__next__)
        watched("sequences", 1, 2)
        watched.still("sequences")
        watched.end()
        assert (capsys.readouterr().err, watched.far) == ("", "sequences: 1 of 2")


def test_what_takes_longer_than_it_may_is_ended() -> None:
    with pytest.raises(SimsyncError, match="it came as far as this: sequences: 1 of 2"), watching(-1.0) as progress:
        progress("sequences", 1, 2)


def test_that_it_still_goes_on_is_told_where_nothing_else_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter((0.0, 5.0, 12.0, 12.0, 12.0, 13.0, 14.0, 30.0, 30.0, 30.0))
    watched = Watched(quiet=10.0, clock=lambda: next(clock))
    watched.still("comparing")
    watched.still("comparing")
    watched("states", 7, 0)
    watched.still("comparing")
    watched.still("comparing")
    assert capsys.readouterr().err == "comparing, 12 s\nstates: 7, 30 s\n"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    clock = iter((0.0, 0.5, 1.5, 1.5, 1.5))
    watched = Watched(clock=lambda: next(clock))
    watched.still("comparing")
    watched.still("comparing")
    assert capsys.readouterr().err == "\rcomparing, 2 s "


def test_who_interrupts_is_told_how_far_it_came(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), watching(what="comparing"):
        raise KeyboardInterrupt

    def interrupted() -> None:
        with watching() as progress:
            progress("mutants", 3, 9)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert capsys.readouterr().err == (
        "interrupted; it came as far as this: comparing\ninterrupted; it came as far as this: mutants: 3 of 9\n"
    )


def test_what_was_run_before_an_interruption_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    real, ran = app.run_files, list[str]()

    def interrupted(
        files: Iterable[ScenarioFile], model: Model
    ) -> Iterator[tuple[ScenarioFile, Iterator[ScenarioResult]]]:
        for file, results in real(files, model):
            if ran:
                raise KeyboardInterrupt
            ran.append(file.path)
            yield file, results

    monkeypatch.setattr(app, "run_files", interrupted)
    paths = ["tests/policies/wire_scenarios", "scenarios/severing.yaml"]
    assert main(["run", *paths, "--machines", "tests/policies/wire"]) == 130
    said = capsys.readouterr()
    assert said.out.endswith("5 scenarios: 5 passed, 0 failed; 35 steps checked against the table\n")
    assert "that is all that was run before the interruption\n" in said.err
