"""Logs of policies with several status machines: each line says the status of each, or of some, by its key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT, Run

RULES = ("--machines", ROOT / "tests" / "policies" / "bridge")
START = {"connection": "Connected", "customer": "Work", "provider": "Open"}


def told(cli: Run, tmp_path: Path, *lines: dict[str, Any], names: str = "", late: int = 0) -> tuple[int, str]:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps({"ticket": "T1", **line}) + "\n" for line in lines))
    more = []
    if names:
        (tmp_path / "names.yaml").write_text(names)
        more = ["--map", tmp_path / "names.yaml"]
    code, out, err = cli("replay", log, *RULES, *more, *(["--late", str(late)] if late else []))
    return code, out + err


def hold(**after: str) -> dict[str, Any]:
    return {"actor": "customer", "action": "hold", "before": START, "status": after}


def test_what_each_machine_comes_to_is_held_against_the_rules(cli: Run, tmp_path: Path) -> None:
    code, out = told(cli, tmp_path, hold(customer="On hold", provider="Pending", connection="Connected"))
    assert code == 0, out
    code, out = told(cli, tmp_path, hold(connection="Disconnected"))
    assert code == 1, out
    assert "Disconnected" in out


def test_the_other_ticket_may_be_late_but_not_elsewhere(cli: Run, tmp_path: Path) -> None:
    arrived = {"actor": "customer", "action": "create", "kind": "note", "item": "C1", "status": {"provider": "Pending"}}
    code, out = told(cli, tmp_path, hold(customer="On hold", provider="Open"), arrived, late=1)
    assert code == 0, out
    code, out = told(cli, tmp_path, hold(customer="On hold", provider="Solved"), arrived, late=1)
    assert code == 1, out


def test_the_system_has_names_of_its_own(cli: Run, tmp_path: Path) -> None:
    names = "statuses: {Work: In Bearbeitung, On hold: Wartet}\npartners: {customer: Kunde}\n"
    before = {**START, "customer": "In Bearbeitung"}
    line = {"actor": "Kunde", "action": "hold", "before": before, "status": {"Kunde": "Wartet"}}
    code, out = told(cli, tmp_path, line, names=names)
    assert code == 0, out
    assert "cannot be read" not in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (hold(customer="Onhold"), "did you mean 'On hold'"),
        (hold(custmer="On hold"), "did you mean 'customer'"),
        ({**hold(), "before": {"customer": "Work"}}, "'before' does not say the status of connection, provider"),
    ],
)
def test_what_cannot_be_read_is_told(cli: Run, tmp_path: Path, line: dict[str, Any], words: str) -> None:
    _, out = told(cli, tmp_path, line)
    assert words in out
