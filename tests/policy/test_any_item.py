"""Rules that test whether a ticket shows any item of a kind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from any_item import FIRST, STATUS, rules_of_any_item
from conftest import ROOT, Run
from simsync import SimsyncError, Simulation, load_model


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return rules_of_any_item(tmp_path / "machines")


def test_a_row_and_a_transition_look_at_the_other_items(rules: Path) -> None:
    run = Simulation(load_model(rules))
    assert "home writes first" in str(run.do("away: create note N1").refused)
    assert "with home.any note: true only" in str(run.do("home: close").refused)
    assert run.do("home: create note N2", text="a").synced
    assert run.do("away: create note N3", text="b").synced
    assert run.do("home: close").after.status == "Closed"
    assert run.do("clock: reopen").refused, "away's ticket shows notes"
    run.do("home: delete N2")
    run.do("away: delete N3")
    assert run.do("clock: reopen").after.status == "Open"
    assert run.do("home: close").refused, "the last note is gone"


def test_why_names_what_would_have_to_be_there(cli: Run, rules: Path, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("scenario: S\nsteps:\n  - away: create note N1\n  - home: close\n")
    for line, fact in ((3, "there.any note: true (instead of false)"), (4, "home.any note: true (instead of false)")):
        code, out, err = cli("why", f"{tmp_path / 's.yaml'}:{line}", "--machines", rules)
        assert code == 0, err
        assert fact in out


def test_check_tries_items_together_and_says_up_to_what(cli: Run, rules: Path) -> None:
    code, out, err = cli("check", "--machines", rules)
    assert code == 0, out + err
    assert "bounded: rules test 'there.any note', so that items were looked at together, up to 2" in out
    assert "that is all there are" in out
    text = (rules / "rules.yaml").read_text()
    (rules / "rules.yaml").write_text(
        text.replace("change: create, there.any note: true", "change: create, shown: true")
    )
    code, out, err = cli("check", "--machines", rules)
    assert code == 1, out + err
    assert "undecided" in out
    assert "home: create note" in out, "the scenario makes the item that the others look at"


def test_a_row_that_nothing_comes_to_is_told_where_all_was_tried(cli: Run, rules: Path) -> None:
    never = "  - {id: never, when: {actor: clock, change: create}, then: {allow: true}}\n"
    text = (rules / "rules.yaml").read_text()
    (rules / "rules.yaml").write_text(text.replace(FIRST, FIRST + never))
    code, out, err = cli("check", "--machines", rules, "--format", "json")
    assert code == 0, out + err
    found = [(one["code"], one["rows"]) for one in json.loads(out)["findings"]]
    assert found == [("row-never-used", ["never"]), ("bounded", [])]


@pytest.mark.parametrize("command", [("explore",), ("coverage", "S"), ("generate", "--cover", "rules", "--out", "OUT")])
def test_what_rests_on_one_item_says_that_it_does_not_follow(
    cli: Run, rules: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "s.yaml").write_text("scenario: S\nsteps:\n  - home: create note N1\n")
    given = [{"S": tmp_path / "s.yaml", "OUT": tmp_path / "out"}.get(one, one) for one in command]
    code, _, err = cli(*given, "--machines", rules)
    assert code == 2
    assert "depends on other items" in err
    assert "Traceback" not in err


BRIDGE = ROOT / "tests" / "policies" / "bridge"


def test_one_of_several_machines_moves_by_it(tmp_path: Path) -> None:
    folder = shutil.copytree(BRIDGE, tmp_path / "machines")
    text = (folder / "incident.yaml").read_text()
    old = "id: incident-resolves, trigger: resolve, actor: customer, source: [Work, On hold], dest: Resolved"
    assert old in text
    (folder / "incident.yaml").write_text(text.replace(old, f"{old}, when: {{customer.any note: true}}"))
    run = Simulation(load_model(folder), status="connection: Connected, customer: Work, provider: Open")
    assert "customer.any note: true" in str(run.do("customer: resolve").refused)
    assert run.do("customer: create note N1", text="It works.").refused is None
    assert run.do("customer: resolve").refused is None


def test_a_kind_that_there_is_not_is_told(rules: Path) -> None:
    (rules / "status.yaml").write_text(STATUS.replace("home.any note", "home.any notes"))
    with pytest.raises(SimsyncError) as error:
        load_model(rules)
    assert "did you mean 'home.any note'?" in str(error.value)
