"""Steps that are asked for on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Run

MADE_PUBLIC = (
    *("--do", "service: create note N1, text: 'The fan, loud', internal: true"),
    *("--do", "service: edit N1, internal: false"),
)


def test_steps_are_asked_for_without_a_file(cli: Run) -> None:
    code, out, err = cli("run", *MADE_PUBLIC)
    assert (code, err) == (0, "")
    assert "who sees what" in out
    assert '"The fan, loud"' in out
    assert "1 answered, nothing expected; 2 steps checked" in out


def test_steps_are_asked_for_under_all_readings(cli: Run) -> None:
    code, out, _ = cli("run", *MADE_PUBLIC, "--all-readings")
    assert code == 0
    assert "late_publish=never" in out


def test_steps_begin_where_that_is_said(cli: Run) -> None:
    code, out, _ = cli("run", "--given", "Waiting Approval", "--do", "lead: complete, expect: {refused: true}")
    assert (code, "given Waiting Approval" in out) == (0, True)


def test_steps_that_are_kept_are_the_scenario_that_was_run(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    _, asked, _ = cli("run", *MADE_PUBLIC, "--out", str(kept))
    assert kept.read_text().endswith("\n")
    assert cli("run", "--show", "all", str(kept))[1] == asked


def test_a_file_that_is_there_is_left_as_it_is(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    kept.write_text("mine")
    code, _, err = cli("run", *MADE_PUBLIC, "--out", str(kept))
    assert (code, kept.read_text()) == (2, "mine")
    assert "there is a file here already" in err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--do", "service: crate note N1"], "--do:3:15: bad-action: 'crate' is not an action"),
        (["--do", "service: create note N1", "--given", "Waiting"], "--do:2:17: unknown-name: 'Waiting' is not"),
        (["--do", "service: create note N1}"], "--do:3:"),
        (["--do", ""], "--do:3:"),
        (["--do", "service: create note N1", "scenarios"], "goes without PATH"),
        (["--given", "In Progress"], "--given: usage: it goes with --do"),
        (["--out", "x.yaml"], "--out: usage: it goes with --do"),
    ],
)
def test_what_cannot_be_asked_is_said(cli: Run, arguments: list[str], told: str) -> None:
    code, _, err = cli("run", *arguments)
    assert code == 2
    assert told in err


def test_nothing_is_kept_of_steps_that_cannot_be_asked(cli: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.yaml"
    assert cli("run", "--do", "service: crate note N1", "--out", str(kept))[0] == 2
    assert not kept.exists()


def test_a_refusal_among_steps_that_are_in_no_file_does_not_lead_to_shrink(cli: Run, tmp_path: Path) -> None:
    steps = ("--do", "service: insource complete", "--do", "lead: complete")
    code, out, _ = cli("run", *steps)
    assert (code, "simsync shrink" in out) == (1, False)
    assert "simsync shrink" in cli("run", *steps, "--out", str(tmp_path / "kept.yaml"))[1]
