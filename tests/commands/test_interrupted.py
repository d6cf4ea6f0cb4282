"""Whoever interrupts a question is told what is known by then, by the report of the question."""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.commands.progress_line import Watched

RULES = ROOT / "tests/policies/atelier"
SUITE = ROOT / "tests/policies/atelier_scenarios"
HEARD = "SIGINT: what is known is reported; once more ends it without\n"
Interrupt = Callable[[int], None]


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Interrupt:
    """Has a signal come when progress is told for the n-th time; nothing is kept from earlier runs."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    say = Watched.__call__

    def at(number: int) -> None:
        told = iter(range(1, 1_000_000))

        def watched(self: Watched, what: str, done: int, of: int) -> None:
            if next(told) == number:
                signal.raise_signal(signal.SIGINT)
            say(self, what, done, of)

        monkeypatch.setattr(Watched, "__call__", watched)

    return at


@pytest.fixture
def holed(tmp_path: Path) -> Path:
    """Rules without one of their rows."""
    shutil.copytree(RULES, tmp_path / "machines")
    rules = tmp_path / "machines" / "sync_rules.yaml"
    lines = rules.read_text().splitlines(keepends=True)
    rules.write_text("".join(line for line in lines if "{id: already-loose," not in line))
    return tmp_path / "machines"


def _head(why: str) -> str:
    return f"interrupted by SIGINT after {why}; what follows is what was known by then, and may not be all"


def test_check_tells_the_faults_of_what_was_walked_through(cli: Run, interrupt: Interrupt, holed: Path) -> None:
    interrupt(3)
    code, out, err = cli("check", "--machines", holed)
    lines = out.splitlines()
    assert (code, err, lines[0]) == (130, HEARD, _head("213 steps tried"))
    assert len([line for line in lines if "error: undecided" in line]) == 4
    assert lines[-2:] == [
        "4 errors, 0 warnings so far",
        "beyond a step with an error nothing was tried: the rest may look different once it is mended",
    ]


def test_a_fault_of_part_of_the_walk_says_only_what_was_seen(cli: Run, interrupt: Interrupt, holed: Path) -> None:
    interrupt(3)
    told = json.loads(cli("check", "--machines", holed, "--format", "json")[1])
    assert told["stopped"] == {"why": "interrupted by SIGINT", "what": "steps tried", "done": 213, "of": 0}
    for fault in told["findings"]:
        assert "combinations" not in fault
        assert all(len(values) == 1 for values in fault["when"].values())
    whole = json.loads(cli("check", "--machines", holed, "--format", "json")[1])
    (hole,) = [one for one in whole["findings"] if one["code"] == "undecided"]
    assert ("stopped" in whole, hole["when"]["change"]) == (False, ["edit", "delete"])


def test_without_a_fault_so_far_nothing_is_said_to_hold(cli: Run, interrupt: Interrupt) -> None:
    interrupt(3)
    assert cli("check", "--machines", RULES)[1].splitlines()[1:] == ["0 errors, 0 warnings so far"]


@pytest.mark.parametrize(("number", "far"), [(1, "3 of 3 scenarios run"), (3, "101 steps tried")])
def test_coverage_tells_what_is_covered_at_least(
    cli: Run, interrupt: Interrupt, tmp_path: Path, number: int, far: str
) -> None:
    interrupt(number)
    folder = tmp_path / "holes"
    code, out, err = cli("coverage", SUITE, "--machines", RULES, "--write", folder)
    lines = out.splitlines()
    assert (code, err) == (130, f"{HEARD}no file is written of what is not all\n")
    assert lines[0] == _head(far)
    assert [line.split()[0] for line in lines[2:-1]] == [
        *("statements", "rules", "states", "transitions", "pairs", "readings")
    ]
    assert all(" at least; " in line for line in lines[2:-1])
    assert lines[-1] == "of how much, and which holes there are, was not looked at to the end"
    assert not folder.exists()


@pytest.mark.thorough
def test_mutate_gives_no_score_of_what_is_not_all_judged(cli: Run, interrupt: Interrupt, tmp_path: Path) -> None:
    asked = ("mutate", SUITE, "--machines", RULES, "--jobs", "1")
    folder = tmp_path / "killers"
    interrupt(1)
    code, out, err = cli(*asked, "--write", folder)
    lines = out.splitlines()
    assert (code, err) == (130, f"{HEARD}no file is written of what is not all\n")
    assert lines[0].startswith("interrupted by SIGINT after 100 of ")
    assert lines[2].startswith("no score: ")
    assert not folder.exists()
    interrupt(1)
    told: dict[str, Any] = json.loads(cli(*asked, "--format", "json")[1])
    assert (told["score"], told["killed"] + told["unnoticed"], told["survived"]) == (None, 100, 0)
    assert "operators" not in told


@pytest.mark.thorough
def test_mutate_tells_the_survivors_that_it_knows(
    cli: Run, interrupt: Interrupt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simsync.questions.mutate.judge.MOST_COMPARED", 30)  # so that some are left to compare
    asked = ("mutate", SUITE, "--machines", RULES, "--jobs", "1", "--format", "json")
    whole = json.loads(cli(*asked)[1])
    runs = -(-whole["mutants"] // 100)
    interrupt(runs + 1)
    told = json.loads(cli(*asked)[1])
    assert told["stopped"]["what"] == "mutants compared with the rules"
    assert told["survivors"] == whole["survivors"][: len(told["survivors"])] != []


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_compare_says_that_no_difference_so_far_is_no_proof(cli: Run, interrupt: Interrupt, form: str) -> None:
    interrupt(2)
    code, out, err = cli("compare", RULES, RULES, "--scenarios", SUITE, "--format", form)
    assert (code, err) == (130, HEARD)
    assert "interrupted by SIGINT after 2 of 3 scenarios run on both sides; what follows " in out
    assert "that is no proof" in out
    assert "nobody can tell" not in out


@pytest.mark.thorough
def test_compare_tells_the_difference_that_it_knows(cli: Run, interrupt: Interrupt) -> None:
    asked = ("compare", "charges=unsynced", "machines", "--scenarios", "scenarios/charges.yaml", "--all")
    interrupt(60)
    code, out, _ = cli(*asked)
    lines = out.splitlines()
    assert code == 130
    assert lines[0].startswith("# interrupted by SIGINT after ")
    assert any(line.startswith("scenario: ") for line in lines)


def test_the_consequences_that_are_known_are_told(cli: Run, interrupt: Interrupt) -> None:
    interrupt(1)
    code, out, _ = cli("readings", "--consequences", "--machines", RULES, "--format", "json")
    told = json.loads(out)
    assert (code, len(told["consequences"])) == (130, 1)
    assert told["stopped"]["what"] == "options compared"


def test_all_readings_tells_the_scenarios_that_were_read(cli: Run, interrupt: Interrupt) -> None:
    interrupt(3)
    code, out, err = cli("run", SUITE, "--machines", RULES, "--all-readings")
    assert code == 130
    assert out.splitlines()[-1].startswith("2 scenarios: ")
    assert "that is all that was run before the interruption" in err


def test_where_nothing_is_known_before_the_end_it_says_so(cli: Run, interrupt: Interrupt, tmp_path: Path) -> None:
    interrupt(1)
    folder = tmp_path / "suite"
    code, out, err = cli("generate", "--cover", "pairs", "--machines", RULES, "--out", folder)
    assert (code, out) == (130, "")
    assert "; no file was written: only a whole suite covers what it says\n" in err
    assert not folder.exists()


def test_what_is_known_is_told_when_the_time_is_up(cli: Run) -> None:
    code, out, err = cli("coverage", SUITE, "--machines", RULES, "--timeout", "0")
    assert (code, err) == (2, "")
    assert out.startswith("the time was up after 3 of 3 scenarios run; ")
