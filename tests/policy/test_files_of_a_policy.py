"""What a file of a policy declares follows from its keys; most of them may be missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import simsync
from conftest import ROOT, Run
from simsync.app import load_model
from simsync.policy.loading.policy import load_policy
from simsync.reference import ReferenceSystem

POLICIES = ROOT / "tests" / "policies"
BARE, BOOKS = POLICIES / "bare", POLICIES / "bare_scenarios"


def test_files_are_called_as_one_likes(tmp_path: Path) -> None:
    for number, path in enumerate(sorted((ROOT / "machines").iterdir())):
        shutil.copy(path, tmp_path / f"part {number}.yml")
    (tmp_path / "notes.txt").write_text("not a file of the policy")
    assert load_policy(tmp_path) == load_policy(ROOT / "machines")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("more.yaml", "tables: []\n", "tables.yaml:1:1: duplicate-key: this file declares the rules, as "),
        ("more.yaml", "hues: [red]\n", "more.yaml:1:1: missing-key: a file of a policy has one of the keys machine, "),
        ("more.yaml", "", "more.yaml:1:1: syntax: one YAML document is wanted here, not 0"),
        ("more.yaml", "a: [", "more.yaml:1:5: syntax: "),
        (
            "link.yaml",
            "machine: link\ninitial: a\nstates: {a: {}, always: {}}\n",
            "'always' is the state of a machine",
        ),
    ],
    ids=["twice", "unknown keys", "empty", "no YAML", "a name that is taken"],
)
def test_what_is_wrong_with_a_file_is_told(cli: Run, tmp_path: Path, name: str, text: str, said: str) -> None:
    rules = shutil.copytree(BARE, tmp_path / "machines")
    (rules / name).write_text(text)
    code, _, err = cli("check", "--machines", rules)
    assert (code, said in err) == (2, True), err


@pytest.mark.parametrize("name", ["words.yaml", "tables.yaml"])
def test_a_vocabulary_and_rules_are_needed(cli: Run, tmp_path: Path, name: str) -> None:
    rules = shutil.copytree(BARE, tmp_path / "machines")
    (rules / name).unlink()
    code, _, err = cli("check", "--machines", rules)
    assert (code, "not-found: no file of this directory declares the " in err) == (2, True)


COMMANDS = [
    "run {scenarios} --show all",
    "check",
    "check --impossible",
    "explore",
    "coverage {scenarios}",
    "readings",
    "readings --questions",
    "readings --format markdown",
    "table",
    "table --format markdown",
    "find copy(B1)=present",
    "why {scenarios}/books.yaml:3",
    "diagrams --out {out}/diagrams",
    "draw {scenarios}/books.yaml --out {out}/drawn",
    "rulebook {scenarios} --out {out}/rulebook.html",
    "generate --cover transitions --out {out}/suite",
    "generate --cover pairs --out {out}/suite",
    "mutate {scenarios} --min 0 --jobs 1",
    "export --to promela --items 1 --out {out}/model.pml",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_told_of_what_is_not_there(cli: Run, tmp_path: Path, command: str) -> None:
    words = command.format(out=tmp_path, scenarios=BOOKS).split()
    code, out, err = cli(*words, "--machines", BARE)
    assert (code, err) == (0, "")
    for nothing in ("always", "[]", "()", " 0 of     0", "0 properties"):
        assert nothing not in out, out


def test_it_is_compared_and_followed() -> None:
    model = load_model(BARE)
    assert simsync.conform(model, ReferenceSystem(model), walks=3).holds
    assert simsync.compare(model, model).holds
