"""Every test is in exactly one of three commands."""

from __future__ import annotations

import re

from conftest import ROOT


def commands() -> dict[str, str]:
    """The expressions over marks by which the targets of the Makefile choose tests."""
    rules = re.findall(r"^([\w-]+):(?!=).*\n((?:\t.*\n)*)", (ROOT / "Makefile").read_text(), re.M)
    return {target: found[1] for target, recipe in rules if (found := re.search(r' -m "([^"]+)"', recipe))}


def test_every_test_is_run_by_exactly_one_command() -> None:
    expressions = [commands()[target] for target in ("test", "test-beyond", "test-long")]
    for thorough in (False, True):
        for long in (False, True):
            marks = {"thorough": thorough, "long": long}
            assert sum(bool(eval(one, {}, marks)) for one in expressions) == 1, marks


def test_all_is_the_quick_tests_with_coverage_and_the_thorough_ones() -> None:
    (recipe,) = re.findall(r"^test-all:\n((?:\t.*\n)*)", (ROOT / "Makefile").read_text(), re.M)
    assert re.findall(r"\$\(MAKE\) (.*)", recipe) == ["test COVERAGE=yes", "test-beyond"]
    assert re.findall(r"^make (test.*)", (ROOT / ".ci" / "run").read_text(), re.M) == [
        "test COVERAGE=yes",
        "test-beyond",
    ]
