"""The smallest policy that runs goes through every command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

import simsync
from conftest import Run, besides_the_plan
from simsync.commands import simsync as group
from simsync.reference import ReferenceSystem

COMMANDS = {
    "run --show all": "1 scenario: 1 passed, 0 failed",
    "check": "one row decides every situation",
    "explore": "Any number of items: the verdicts stand for each",
    "coverage": "4 of     4  100.0%  rows",
    "compare machines machines": "no difference: whatever happens to one item",
    "readings": "no reading: these rules leave nothing open",
    "readings --questions": "there is nothing to ask",
    "table": "owner-deletes",
    "table --format csv --out sheet.csv": "sheet.csv",
    "find copy(N1)=present": "home: create note N1",
    "why scenarios/notes.yaml:3": "owner-writes",
    "mutate --jobs 1 --min 90": "26 mutants of the rules",
    "generate --cover pairs --out suite": "suite",
    "races": "What comes of it depends on the order (2)",
    "play --out play.html": "play.html: open it in a browser",
    "overview": "1 state machine and 2 decision tables of 4 rows",
    "adapter --python": "It runs as it is",
    "diagrams --out diagrams": "21 files in diagrams",
    "draw scenarios/notes.yaml --out drawn": "drawn",
    "rulebook --out rules.html": "rules.html",
    "export --to promela --items 1 --out model.pml": "model.pml",
    "rename kind note remark --dry-run": "+kinds: {remark: {fields: [text]}}",
    "schema --out again": "status.schema.json",
    "replay log.jsonl": "2 steps held against the rules: 1 keeps them, 0 do not",
}
LOG = [
    {"ticket": "T1", "actor": "home", "action": "create", "kind": "note", "item": "N1", "fields": {"text": "Hello"}},
    {"ticket": "T1", "actor": "home", "action": "delete", "item": "N1"},
]


@pytest.fixture
def here(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    assert cli("init", "--minimal", tmp_path / "mine")[0] == 0
    monkeypatch.chdir(tmp_path / "mine")
    Path("log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LOG))
    return tmp_path / "mine"


def test_it_has_four_rows(here: Path) -> None:
    policy = simsync.load_model().policy
    assert [len(policy.vocabulary.partners), len(policy.vocabulary.kinds), len(policy.status.states)] == [2, 1, 1]
    assert len(list(policy.rows)) == 4
    assert sorted(path.name for path in here.iterdir()) == [".vscode", "log.jsonl", "machines", "scenarios", "schemas"]


@pytest.mark.parametrize(("command", "said"), COMMANDS.items(), ids=lambda text: text.split(" ")[0])
def test_every_command_goes_through_it(cli: Run, here: Path, command: str, said: str) -> None:
    code, out, err = cli(*command.split())
    assert (code, err) == (0, ""), out + err
    assert said in out


def test_its_tables_go_out_and_come_back(cli: Run, here: Path) -> None:
    assert cli("export", "--to", "dmn", "--out", "tables.dmn")[0] == 0
    assert cli("import", "tables.dmn")[:2] == (0, "0 changes\n")


def test_what_follows_its_rules_conforms(here: Path) -> None:
    model = simsync.load_model()
    assert simsync.conform(model, ReferenceSystem(model), walks=3).holds


@pytest.mark.thorough
def test_so_does_what_it_serves(cli: Run, here: Path) -> None:
    serve = f"{sys.executable} -m simsync serve"
    code, out, err = cli("conform", "--sut", serve, "--random", "3", "--items", "0", "--steps", "0")
    assert (code, besides_the_plan(err)) == (0, ""), out


def test_every_command_was_tried() -> None:
    tried = {command.split()[0] for command in COMMANDS}
    assert set(group.commands) - tried == {"init", "completion", "conform", "serve", "shrink", "import"}
