"""What did not hold in a run: in lines, as SARIF, and as what an editor underlines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run
from simsync.questions.start.editor import MATCHERS, editor_tasks

WRONG = "docs/examples/wrong.yaml"
SLIPS = "docs/examples/slips.yaml"


def squiggles(text: str) -> list[tuple[Any, ...]]:
    """What an editor finds in some output by the problem matchers, the first that matches a line."""
    found = []
    for line in text.splitlines():
        for matcher in MATCHERS:
            named = {name: place for name, place in matcher.items() if name != "regexp"}
            match = re.match(str(matcher["regexp"]), line)
            if match is not None:
                told = {name: match[int(str(place))] for name, place in named.items()}
                place = told["file"], int(told["line"]), int(told["column"])
                found.append((*place, told.get("severity", "error"), told["code"], told["message"]))
                break
    return found


def test_a_line_for_each_thing_that_does_not_hold(cli: Run) -> None:
    code, out, err = cli("run", WRONG, "--format", "lines")
    assert (code, err) == (1, "")
    *lines, counts = out.splitlines()
    assert counts == "1 scenario: 0 passed, 1 failed"
    assert [found[:5] for found in squiggles(out)] == [
        (WRONG, 7, 1, "error", "expectation"),
        (WRONG, 7, 1, "error", "expectation"),
        (WRONG, 8, 1, "error", "expectation"),
    ]
    assert lines[1].endswith(
        "link: expected linked, found held (scenario 'A note crosses over while synchronization is suspended')"
    )


def test_bad_input_is_underlined_too_and_what_is_below_it_is_not(cli: Run) -> None:
    code, out, err = cli("run", SLIPS, WRONG, "--format", "lines")
    assert code == 2
    found = squiggles(err)
    assert [one[:5] for one in found] == [
        (SLIPS, 2, 17, "error", "unknown-name"),
        (SLIPS, 4, 14, "error", "bad-action"),
        (SLIPS, 6, 14, "error", "unknown-key"),
    ]
    assert len(squiggles(out)) == 3


def test_what_check_finds_is_underlined_as_bad_as_it_is(cli: Run, policy: Path) -> None:
    rules = policy / "sync_rules.yaml"
    text = rules.read_text()
    rules.write_text(text.replace("{kind: time entry}, then: {shareable", "{kind: charge}, then: {shareable", 1))
    _, out, _ = cli("check", "--machines", policy)
    found = squiggles(out)
    assert {one[3] for one in found} >= {"error"}
    assert all(one[0].startswith(str(policy)) and one[1] > 1 for one in found)


def test_the_same_as_sarif(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.sarif"
    assert cli("run", SLIPS, WRONG, "--sarif", path)[0] == 2
    (run,) = json.loads(path.read_text())["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["expectation", "unknown-name", "bad-action", "unknown-key"]
    told = []
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        (location,) = result["locations"]
        place = location["physicalLocation"]
        told.append((place["artifactLocation"]["uri"], *place["region"].values(), result["level"], result["ruleId"]))
    out = cli("run", SLIPS, WRONG, "--format", "lines")
    assert told == [one[:5] for one in (*squiggles(out[1]), *squiggles(out[2]))]
    assert len({result["partialFingerprints"]["finding/v1"] for result in run["results"]}) == len(told)


def test_what_holds_has_no_results(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "run.sarif"
    assert cli("run", "scenarios/severing.yaml", "--sarif", path, "--format", "lines")[::2] == (0, "")
    (run,) = json.loads(path.read_text())["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


@pytest.mark.parametrize("options", [("--sarif", "x.sarif"), ("--format", "lines")])
def test_all_readings_goes_without(cli: Run, options: tuple[str, ...]) -> None:
    code, _, err = cli("run", "--all-readings", *options)
    assert (code, "--all-readings: usage: it goes without" in err) == (2, True)


def test_a_report_is_not_written_over_scenarios(cli: Run) -> None:
    assert "no name for a report" in cli("run", WRONG, "--sarif", "run.yaml")[2]


def test_the_tasks_here_are_those_that_a_new_policy_gets() -> None:
    stored = json.loads((ROOT / ".vscode" / "tasks.json").read_text())
    folder = "${workspaceFolder}/.venv"
    assert stored == editor_tasks(f"{folder}/bin/simsync", f"{folder}/Scripts/simsync.exe")
    assert [task["label"].partition(": ")[2] for task in editor_tasks()["tasks"]] == [
        "run scenarios",
        "check rules",
        "run this scenario",
        "check diagrams",
    ]
