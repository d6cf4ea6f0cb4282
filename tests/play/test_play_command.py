"""`simsync play` on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run

OVERLAPS = "scenario: A\nsteps:\n  - together:\n      - lead: create note N1\n      - service: create note N2\n"
PLAIN = "scenario: B\nsteps:\n  - lead: create note N1\n"


def data(path: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text(), re.S)
    assert found is not None
    made: dict[str, Any] = json.loads(found[1])
    return made


def test_scenarios_with_rounds_come_along(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"{OVERLAPS}---\n{PLAIN}")
    code, out, err = cli("play", tmp_path / "s.yaml", "--out", tmp_path / "p.html")
    assert (code, err) == (0, "")
    assert out.endswith("; 2 scenarios to begin with\n")
    first, second = data(tmp_path / "p.html")["scenarios"]
    assert first["stages"] == [[[["lead", "create note N1", {}], ["service", "create note N2", {}]]]]
    assert second["stages"] == [["lead", "create note N1", {}]]


def test_it_begins_with_the_scenario_that_a_line_is_in(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(f"{PLAIN}---\n{PLAIN.replace('B', 'C')}")
    assert cli("play", f"{tmp_path / 's.yaml'}:5", "--reading", "resume=discard", "--out", tmp_path / "p.html")[0] == 0
    found = data(tmp_path / "p.html")
    assert (found["first"], found["readings"]) == (0, {"resume": "discard"})
    (one,) = found["scenarios"]
    assert (one["title"], one["readings"], one["stages"]) == (
        "C",
        {"resume": "discard"},
        [["lead", "create note N1", {}]],
    )


def test_rules_of_ones_own_need_no_scenarios(cli: Run, tmp_path: Path) -> None:
    rules = ROOT / "tests" / "policies" / "bare"
    code, out, _ = cli("play", "--machines", rules, "--out", tmp_path / "p.html")
    assert (code, out.rpartition("; ")[2]) == (0, "0 scenarios to begin with\n")
    assert data(tmp_path / "p.html")["first"] is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--out", "p.yaml"), "is no name for a report"),
        (("none.yaml",), "none.yaml"),
        (("--reading", "resume=later"), "'later' is not an option of 'resume'"),
    ],
)
def test_bad_input_is_told_and_nothing_is_written(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = cli("play", *arguments)
    assert code == 2
    assert told in err
    assert [*tmp_path.iterdir()] == []


def test_a_page_that_is_sent_to_others_says_nothing_of_where_it_was_made(cli: Run, tmp_path: Path) -> None:
    inner = tmp_path / "mine" / "deeper"
    inner.mkdir(parents=True)
    for number, folder in enumerate((inner.parent, inner)):
        text = f"scenario: Number {number}\nsteps:\n  - lead: outsource\n"
        (folder / f"s{number}.yaml").write_text(text)
    code, out, err = cli("play", tmp_path / "mine", "--out", tmp_path / "p.html")
    assert (code, err) == (0, ""), out
    page = (tmp_path / "p.html").read_text()
    assert str(tmp_path) not in page
    assert '"mine/s0.yaml"' in page
    assert '"mine/deeper/s1.yaml"' in page
