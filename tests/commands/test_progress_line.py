"""How far something is, told at a terminal and elsewhere."""

from __future__ import annotations

import pytest

from simsync.commands.progress_line import Watched, watching
from simsync.errors import SimsyncError

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


def test_what_takes_longer_than_it_may_is_ended() -> None:
    with pytest.raises(SimsyncError, match="it came as far as this: sequences: 1 of 2"), watching(-1.0) as progress:
        progress("sequences", 1, 2)
