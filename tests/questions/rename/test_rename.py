"""What is called otherwise is called so wherever it is meant, and nothing else changes."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.commands.rename import SORTS
from simsync.policy.loading.renaming import DECLARED, declared, files_of

NAMES = {
    "partner": ("lead", "client"),
    "kind": ("note", "remark"),
    "field": ("internal", "private"),
    "value": ("file link", "f: link"),
    "memory": ("was_unpublished", "was_hidden"),
    "recipient": ("primary contact", "caller"),
    "machine": ("sync link", "bond"),
    "state": ("In Progress", "Running"),
    "phase": ("active", "on"),
    "action": ("accept", "take on"),
    "transition": ("accepted", "taken"),
    "table": ("other's change", "foreign change"),
    "row": ("own-create", "own-new"),
    "fact": ("shareable", "may_share"),
    "reading": ("resume", "after_pause"),
    "option": ("resume=deliver", "send"),
    "property": ("ended-is-final", "end"),
    "statement": ("S1", "S1a"),
    "gap": ("G5", "pause"),
    "page": ("CI", "notes page"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "machines", tmp_path / "machines")
    (tmp_path / "scenarios").mkdir()
    for name in ("refusals", "severing", "readings/resume"):
        shutil.copy(ROOT / "scenarios" / f"{name}.yaml", tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def texts(folder: Path) -> dict[str, str]:
    return {str(path): path.read_text() for path in sorted(folder.rglob("*.yaml"))}


def test_every_sort_can_be_named() -> None:
    assert {*SORTS} == {*DECLARED}


@pytest.mark.parametrize("sort", [sort for sort in SORTS if sort in NAMES])
def test_there_and_back_again(cli: Run, here: Path, sort: str) -> None:
    old, new = NAMES[sort]
    if old not in declared(files_of("machines"), sort):
        old = next(iter(declared(files_of("machines"), sort)))
    before = texts(here)
    *reading, name = old.split("=")
    code, out, err = cli("rename", sort, old, new)
    assert (code, err) == (0, ""), out
    assert texts(here) != before
    assert "=".join((*reading, new)) in declared(files_of("machines"), sort)
    assert cli("run")[0] == 0
    code, out, err = cli("rename", sort, "=".join((*reading, new)), name)
    assert (code, err) == (0, ""), out
    assert {path: text.replace('"', "") for path, text in texts(here).items()} == {
        path: text.replace('"', "") for path, text in before.items()
    }


def test_a_dry_run_says_what_would_change(cli: Run, here: Path) -> None:
    before = texts(here)
    code, out, _ = cli("rename", "row", "own-create", "own-new", "--dry-run")
    assert (code, texts(here)) == (0, before)
    assert "\n+    - {id: own-new" in out or "\n+  - {id: own-new" in out
    assert "would change" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("kind note charge", "kind: duplicate-id: there is a kind called 'charge' already\n"),
        ("kind nota x", "kind: unknown-name: 'nota' is not a kind; did you mean 'note'? Allowed: time entry, note, "),
        ("option deliver x", "'deliver' is not an option"),
        ("action accept decline", "there is an action called 'decline' already"),
        ("kind note Charge", "Charge"),
        ("kind note ''", "bad-name"),
        ("field text kind", "kind"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(cli: Run, here: Path, words: str, said: str) -> None:
    before = texts(here)
    code, _, err = cli("rename", *shlex.split(words))
    assert (code, said in err) == (2, True), err
    assert texts(here) == before


def test_refusals_that_are_expected_say_the_new_name(cli: Run, here: Path) -> None:
    assert "is for the lead partner" in (here / "scenarios" / "refusals.yaml").read_text()
    assert cli("rename", "partner", "lead", "client")[0] == 0
    assert "is for the client partner" in (here / "scenarios" / "refusals.yaml").read_text()
    Path("scenarios/quoted.yaml").write_text(
        "scenario: Who may\ngiven: {status: Assigned}\n"
        "steps:\n  - client: accept\n    expect:\n      refused: \"'accept' is for\"\n"
    )
    code, out, err = cli("rename", "action", "accept", "take")
    assert (code, err) == (0, ""), out
    assert "'take' is for" in Path("scenarios/quoted.yaml").read_text()


def test_mappings_and_known_deviations_follow(cli: Run, here: Path) -> None:
    Path("names.yaml").write_text("kinds: {note: comment}  # theirs\nstatuses: {Complete: Done}\n")
    Path("log.yaml").write_text("columns: {item: id}\nkinds: {note: [comment, remark]}\n")
    Path("known.yaml").write_text("- {rule: own-create, reason: note, expires: 2030-01-01}\n")
    mapped = ("--map", "names.yaml", "--map", "log.yaml", "--map", "known.yaml")
    assert cli("rename", "kind", "note", "entry", *mapped)[0] == 0
    assert Path("names.yaml").read_text() == "kinds: {entry: comment}  # theirs\nstatuses: {Complete: Done}\n"
    assert Path("log.yaml").read_text() == "columns: {item: id}\nkinds: {entry: [comment, remark]}\n"
    assert cli("rename", "row", "own-create", "own-new", *mapped)[0] == 0
    assert Path("known.yaml").read_text() == "- {rule: own-new, reason: note, expires: 2030-01-01}\n"
    Path("odd.yaml").write_text("knds: {}\n")
    code, _, err = cli("rename", "kind", "entry", "note", "--map", "odd.yaml")
    assert (code, "odd.yaml:1:1: unknown-key" in err) == (2, True), err


def test_there_must_be_rules_of_ones_own(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = cli("rename", "kind", "note", "x")
    assert (code, "simsync init DIR makes a working copy" in err) == (2, True)
