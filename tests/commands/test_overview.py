"""The first ten seconds: what the rules are, one scenario in full, what to try next."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.cli import main

POLICIES = ROOT / "tests" / "policies"
HEAD = """\
the rules   22 statements of the page, as 2 state machines and 11 decision tables of 63 rows
complete?   yes, under all 16,384 combinations of readings: one row decides each situation
open        14 questions that the page does not answer, each with its options: simsync readings
in brackets statements S1 to S22, gaps they leave G1 to G20, other pages TD to DN

✔ Editing the other partner's note severs the link  scenarios/severing.yaml:3
"""
TAIL = """\
 scenarios in scenarios/: \\d+ passed, 0 failed
simsync run scenarios/severing.yaml:3 --all-readings  every outcome, however the page is read
simsync why scenarios/severing.yaml:12                which rule decided the last step
simsync play                                          a page to act in: press what a partner does, and see both tickets
docs/questions.md                                     seven questions, each answered by a few lines and one command
"""


def test_the_first_ten_seconds_take_less_than_40_lines(cli: Run) -> None:
    code, out, err = cli("overview", "scenarios/severing.yaml:3")
    assert (code, err) == (0, "")
    assert out.startswith(HEAD)
    assert re.search(TAIL + r"\Z", out)
    assert "who sees what" in out
    run = re.search(r"^run:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)
    assert run is not None
    assert "overview scenarios/severing.yaml:3" in run[1]
    assert len(out.splitlines()) + run[1].count("\n") - 1 < 40


def test_what_a_policy_has_not_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["overview", f"{POLICIES}/bare_scenarios", "--machines", f"{POLICIES}/bare"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(
        "the rules   2 decision tables of 6 rows\ncomplete?   yes: one row decides each situation\n\n✔ "
    )
    assert (
        out.endswith("simsync table                                             every rule\n".lstrip())
        or "every rule" in out
    )
    assert "--all-readings" not in out
    assert main(["overview", "--machines", f"{POLICIES}/bare"]) == 0
    assert capsys.readouterr().out.count("\n") == 2
    assert main(["overview"]) == 0
    assert f"scenarios in {ROOT}/scenarios/: " in capsys.readouterr().out


def test_errors_and_failures_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: create note N1\n    expect: {synced: false}\n")
    (folder / "b.yaml").write_text("scenario: x\n")
    (tmp_path / "machines").mkdir()
    for path in (ROOT / "machines").iterdir():
        kept = (line for line in path.read_text().splitlines(True) if "{id: lead-note-copy," not in line)
        (tmp_path / "machines" / path.name).write_text("".join(kept))
    assert main(["overview", "scenarios/a.yaml"]) == 1
    out = capsys.readouterr().out
    assert "\ncomplete?   no: 1 error, see simsync check\n" in out
    assert "1 scenario in scenarios/: 0 passed, 1 failed, 1 file cannot be read\n" in out
