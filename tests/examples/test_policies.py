"""The policies of other products: what their documentation promises passes, and every command goes through them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import simsync
from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.dependence import readings_behind
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.reference import ReferenceSystem

POLICIES = sorted(folder for folder in (ROOT / "examples" / "policies").iterdir() if folder.is_dir())
each = pytest.mark.parametrize("folder", POLICIES, ids=lambda folder: folder.name)


@each
def test_what_is_promised_passes(cli: Run, folder: Path) -> None:
    code, out, err = cli("run", "--machines", folder / "machines", folder / "scenarios")
    assert (code, err) == (0, "")
    assert re.search(r"\d+ scenarios?: (\d+) passed, 0 failed", out)


@each
def test_a_check_has_nothing_to_say(cli: Run, folder: Path) -> None:
    code, out, err = cli("check", "--machines", folder / "machines")
    assert (code, err) == (0, "")
    item = load_model(folder / "machines").words.item
    assert out.startswith(f"one row decides every situation that {item.a} can come to")


@each
def test_each_has_a_page_about_itself(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    assert "What is left out" in text
    for citation in load_model(folder / "machines").policy.citations.beyond:
        assert citation in text


@each
@pytest.mark.parametrize(
    "command",
    [
        "explore --format json",
        "coverage {scenarios}",
        "readings --questions",
        "table",
        "find copy(N1)=present",
        "diagrams --out {out}/diagrams",
        "rulebook {scenarios} --out {out}/rulebook.html",
        "generate --cover transitions --out {out}/suite",
        "export --to promela --items 1 --out {out}/model.pml",
        "schema",
    ],
    ids=lambda command: command.split()[0],
)
def test_every_command_goes_through_it(cli: Run, tmp_path: Path, folder: Path, command: str) -> None:
    words = command.format(out=tmp_path, scenarios=folder / "scenarios").split()
    code, _, err = cli(*words, "--machines", folder / "machines")
    assert (code, err) == (0, "")


@each
@pytest.mark.thorough
def test_its_mutants_and_its_twin_are_told(cli: Run, folder: Path) -> None:
    rules = ("--machines", folder / "machines")
    code, out, err = cli("mutate", folder / "scenarios", *rules, "--min", "0", "--jobs", "1", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out)["killed"] > 0
    model = load_model(folder / "machines")
    assert simsync.conform(model, ReferenceSystem(model)).holds
    code, out, err = cli("compare", folder / "machines", folder / "machines", "--scenarios", folder / "scenarios")
    assert (code, err) == (0, "")


def test_an_actor_without_a_ticket_acts_on_the_status_alone(cli: Run, tmp_path: Path) -> None:
    rules = ROOT / "examples" / "policies" / "vdirsyncer" / "machines"
    path = tmp_path / "timer.yaml"
    path.write_text("scenario: a job makes an item\nsteps:\n  - timer: create event E1\n  - b: sync\n")
    code, _, err = cli("run", "--machines", rules, path)
    assert code == 2
    assert ":3:12: bad-action: 'timer' has no storage, and so changes no item; those who have: a, b" in err
    path.write_text(
        "scenario: for whom a sync is\nsteps:\n  - b: sync\n    expect: {refused: 'is for timer, the a side'}\n"
    )
    assert cli("run", "--machines", rules, path)[0] == 0


def test_a_step_depends_on_a_reading_that_a_row_tests() -> None:
    model = load_model(ROOT / "examples" / "policies" / "zendesk" / "machines")
    solving, shared = Event(actor="receiver", action="solve"), model.status_spec.begin
    assert readings_behind(step(model, World(shared), solving)) == ("terms",)
    private = model.under({"terms": "private only"})
    refused = step(private, World(shared), solving)
    assert readings_behind(refused) == ("terms",)
    assert refused.refused is not None
    assert refused.refused.startswith("'solve' is for the sender partner")


def edited(tmp_path: Path, policy: str, file: str, *exchanged: tuple[str, str]) -> Path:
    folder = shutil.copytree(ROOT / "examples" / "policies" / policy / "machines", tmp_path / "machines")
    text = (folder / file).read_text()
    for old, new in exchanged:
        assert old in text
        text = text.replace(old, new)
    (folder / file).write_text(text)
    return folder


def test_a_copy_is_of_its_originals_kind_where_no_table_says(cli: Run, tmp_path: Path) -> None:
    rules = edited(tmp_path, "vdirsyncer", "rules.yaml")
    text = (rules / "rules.yaml").read_text()
    start, end = text.index("- table: copy\n"), text.index("- table: errors\n")
    (rules / "rules.yaml").write_text(text[:start] + text[end:])
    assert cli("check", "--machines", rules)[0] == 0
    assert cli("run", "--machines", rules, ROOT / "examples" / "policies" / "vdirsyncer" / "scenarios")[0] == 0


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("a", "'a' is a partner, who has a ticket; name the actor who has none otherwise"),
        ("A", "'A' and 'a' differ in case only; name one of them otherwise"),
        ("expect", "'expect' has a meaning of its own; name the actor otherwise"),
    ],
)
def test_an_actor_has_a_name_of_its_own(cli: Run, tmp_path: Path, name: str, said: str) -> None:
    rules = edited(tmp_path, "vdirsyncer", "vocabulary.yaml", ("{timer: ", f"{{{name}: Nobody., timer: "))
    code, _, err = cli("check", "--machines", rules)
    assert (code, said in err) == (2, True)


def test_what_is_undone_does_not_cross(cli: Run, tmp_path: Path) -> None:
    waits = "{id: stays-until-the-sync, when: {}, then: {effect: none}, sources: [V1]}"
    undone = (
        "{id: stays-until-the-sync, when: {by: owner}, then: {effect: none}, sources: [V1]}\n"
        "  - {id: undone, when: {by: other}, then: {effect: revert}, sources: [V1]}"
    )
    rules = edited(tmp_path, "vdirsyncer", "rules.yaml", (waits, undone))
    path = tmp_path / "undone.yaml"
    path.write_text(
        "scenario: What the other does is undone\nsteps:\n  - a: create event E1\n    ics: one\n  - timer: sync\n"
        "  - b: edit E1\n    ics: two\n    expect: {synced: false, rule: undone, b: {ics: one}, a: {ics: one}}\n"
        "  - b: delete E1\n    expect: {synced: false, b: {ics: one}}\n"
    )
    code, out, _ = cli("run", "--machines", rules, path, "--show", "all")
    assert code == 0
    assert "delete E1 (undone)" in out
    assert "◀" not in out.split("edit E1")[1]
    code, out, _ = cli("explore", "--items", "1", "--machines", rules)
    assert "Any number of items: the verdicts stand for each." in out


def test_a_reading_does_not_hide_the_fact_that_it_is_called_like(cli: Run, tmp_path: Path) -> None:
    rules = edited(tmp_path, "vdirsyncer", "readings.yaml")
    with (rules / "readings.yaml").open("a") as stream:
        stream.write(
            "- reading: alike\n  question: May anybody create?\n  gap: VG1\n  evidence: None.\n  sources: [V1]\n"
            "  options:\n    all: {about: Yes.}\n    nobody:\n      about: No.\n      replace:\n        may-create:\n"
            "        - {id: none-may, when: {change: create}, then: {refuse: it may not}, sources: [V1]}\n"
        )
    assert cli("run", "--machines", rules, ROOT / "examples" / "policies" / "vdirsyncer" / "scenarios")[0] == 0
    code, out, err = cli("check", "--machines", rules)
    assert (code, err) == (0, "")
    assert "warning: reading-hidden: reading 'alike' is called like a fact" in out
