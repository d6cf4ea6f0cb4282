"""Every test is in exactly one of three commands, and the lists of the dearest are of tests that are there."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from conftest import COLLECTED, ROOT

BUDGET = 190
"""How many seconds of the processor's time the quick tests may take in all."""
DEAR = 4
"""From how many seconds on a quick test needs a reason."""
REASONS = {
    "tests/project/test_docs.py::test_it_is_what_a_process_prints_as_well": "a process for each command, once",
    "tests/project/test_docs.py::test_what_a_page_shows_is_what_the_command_prints": "the other commands of the pages",
    "tests/commands/test_help.py::test_every_example_runs": "all examples of all commands",
    "tests/questions/conform/test_two_desks.py::test_the_adapter_says_what_is_wrong_and_goes_on": "its desks' whole time",
}
"""Why a quick test, or a fixture of quick ones, is dear."""
MEASURED = ROOT / "tests" / "dearest"


def commands() -> dict[str, str]:
    """The expressions over marks by which the targets of the Makefile choose tests."""
    rules = re.findall(r"^([\w-]+):(?!=).*\n((?:\t.*\n)*)", (ROOT / "Makefile").read_text(), re.M)
    return {target: found[1] for target, recipe in rules if (found := re.search(r' -m "([^"]+)"', recipe))}


def test_every_test_is_run_by_exactly_one_command() -> None:
    expressions = [commands()[target] for target in ("quick", "test-beyond", "test-long")]
    for thorough in (False, True):
        for long in (False, True):
            marks = {"thorough": thorough, "long": long}
            assert sum(bool(eval(one, {}, marks)) for one in expressions) == 1, marks


def recipe(target: str) -> list[str]:
    """What a target of the Makefile does, without variables and set-up."""
    (found,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)*)", (ROOT / "Makefile").read_text(), re.M)
    return re.findall(r"\$\((?:BIN\)/|MAKE\) )(.*)", found)


def test_the_command_is_the_static_checks_beside_the_quick_tests() -> None:
    """It fails if either does, since make waits for both."""
    assert recipe("test") == ["--no-print-directory -j 2 static quick"]
    assert [line.split()[0] for line in recipe("static")] == ["ruff", "ruff", "mypy", "lint-imports", "simsync"]


def test_all_is_the_quick_tests_with_coverage_and_the_thorough_ones() -> None:
    assert recipe("test-all") == ["test COVERAGE=yes", "test-beyond"]
    assert re.findall(r"^make (test.*)", (ROOT / ".ci" / "run").read_text(), re.M) == [
        "test COVERAGE=yes",
        "test-beyond",
    ]


def measured(name: str) -> dict[str, Any]:
    return tomllib.loads((MEASURED / f"{name}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(path.stem for path in MEASURED.glob("*.toml")))
def test_what_is_dear_is_there_and_bears_the_mark(name: str, request: pytest.FixtureRequest) -> None:
    """Of the files that this run collects whole."""
    marks: dict[str, list[set[str]]] = {}
    for test, own in request.config.stash[COLLECTED].items():
        marks.setdefault(test.partition("[")[0], []).append(own)
    whole = not any("::" in argument for argument in request.config.args)
    files = {test.partition("::")[0] for test in marks if whole}
    for test in measured(name)["dear"]:
        file = test.partition("::")[0]
        assert (ROOT / file).is_file(), f"{test} is gone; run: make costs"
        if file in files:
            assert test in marks, f"{test} is gone; run: make costs"
            assert any(("thorough" in own) == (name == "thorough") for own in marks[test]), f"{test} is not {name}"


def test_the_quick_tests_are_quick_and_a_dear_one_has_its_reason() -> None:
    quick = measured("quick")
    assert quick["total"] <= BUDGET
    dear = {name for part in ("dear", "shared") for name, seconds in quick[part].items() if seconds >= DEAR}
    assert dear == REASONS.keys()
