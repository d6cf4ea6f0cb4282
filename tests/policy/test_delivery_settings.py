"""Readings whose options deliver fields otherwise, as settings of real products do."""

from __future__ import annotations

import json
import pickle
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync import SimsyncError, Simulation, load_model
from simsync.statespace.comparing import first_difference

SETTINGS = """\
readings:
- reading: stories
  question: When is the story carried?
  evidence: A setting of the connection.
  options:
    once: {about: As the issue arrives.}
    always: {about: With each change., delivered: {story: true}}
    never: {about: Not at all., delivered: {story: false}}
- reading: fixes
  question: Is the fix carried back?
  evidence: A setting of the connection.
  options:
    back: {about: It is.}
    nowhere: {about: It is not., delivered: {fix: false}}
- reading: deletions
  question: What becomes of a copy whose original is deleted?
  evidence: A setting of the connection.
  options:
    kept: {about: It stays.}
    removed:
      about: It goes with it.
      replace:
        drops:
        - {id: removes, when: {change: delete, by: owner}, then: {effect: remove}}
        - {id: leaves, when: {change: delete, by: other}, then: {effect: none}}
"""
SCENARIO = """\
scenario: The story is changed
given: {readings: {stories: OPTION}}
steps:
  - front: create issue I1
    story: First
    expect: {back: {story: ARRIVED}}
  - front: edit I1
    story: Second
    expect: {synced: SYNCED, back: {story: AFTER}}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = shutil.copytree(ROOT / "tests" / "policies" / "exchange", tmp_path / "machines")
    (folder / "readings.yaml").write_text(SETTINGS)
    return folder


@pytest.mark.parametrize(
    ("option", "arrived", "synced", "after"),
    [("once", "First", "false", "First"), ("always", "First", "true", "Second"), ("never", '""', "false", '""')],
)
def test_an_option_says_how_a_field_is_carried(
    cli: Run, rules: Path, tmp_path: Path, option: str, arrived: str, synced: str, after: str
) -> None:
    text = SCENARIO.replace("OPTION", option).replace("ARRIVED", arrived).replace("SYNCED", synced)
    (tmp_path / "s.yaml").write_text(text.replace("AFTER", after))
    code, out, err = cli("run", tmp_path / "s.yaml", "--machines", rules, "--format", "json")
    assert code == 0, out + err
    steps = json.loads(out)["scenarios"][0]["steps"]
    assert all("stories" in step["readings"] for step in steps), "what is carried depends on the setting"


def test_models_of_each_setting_come_from_one_another(rules: Path) -> None:
    model = load_model(rules)
    always = model.under({"stories": "always"})
    assert always.under({"stories": "once"}) is model
    assert pickle.loads(pickle.dumps(always)).vocabulary == always.vocabulary != model.vocabulary
    simulation = Simulation(always)
    simulation.do("front: create issue I1", story="First")
    assert simulation.do("front: edit I1", story="Second").synced


def test_two_settings_are_told_apart_by_the_shortest_scenario(rules: Path) -> None:
    model = load_model(rules)
    trace = first_difference(model, model.under({"stories": "always"}))
    assert trace is not None
    assert [str(event).split()[0] for event in trace.events] == ["create", "edit"]
    assert first_difference(model, model.under({"stories": "once"})) is None


def test_check_says_in_which_way_fields_were_delivered(cli: Run, rules: Path) -> None:
    code, out, err = cli("check", "--machines", rules, "--reading", "stories=never")
    assert code == 0, out + err
    assert "fields are delivered as by stories=never, fixes=back" in out
    assert "never-matters" not in out


def test_coverage_counts_an_option_of_each_setting(cli: Run, rules: Path, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("scenario: Nothing yet\nsteps:\n  - front: create issue I1\n")
    code, out, err = cli(
        "coverage", tmp_path / "s.yaml", "--machines", rules, "--holes", "all", "--criteria", "readings"
    )
    assert code == 0, out + err
    assert {f"stories={option}" in out for option in ("once", "always", "never")} == {True}
    assert "fields are delivered as by stories=once, fixes=back" in out


@pytest.mark.thorough
def test_a_system_that_is_set_otherwise_is_told_by_its_setting(cli: Run, rules: Path) -> None:
    system = shlex.join(
        [sys.executable, "-m", "simsync", "serve", "--machines", str(rules), "--reading", "fixes=nowhere"]
    )
    code, out, err = cli("conform", "--sut", system, "--machines", rules)
    assert code == 1, out + err
    assert "as read by fixes=nowhere: that explains everything that was observed" in " ".join(out.split())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{fix: false}", "{story: false}", "how 'story' is delivered is said by two readings, 'stories' and 'fixes'"),
        ("{fix: false}", "{fixx: false}", "'fixx' is not a key of how fields are delivered; did you mean 'fix'?"),
        ("{fix: false}", "{fix: {by: nobody}}", "'nobody' is not a partner"),
        ("issue arrives.}", "issue arrives., delivered: {story: true}}", "it changes nothing"),
    ],
)
def test_what_is_wrong_with_a_setting_is_told(rules: Path, old: str, new: str, said: str) -> None:
    (rules / "readings.yaml").write_text(SETTINGS.replace(old, new))
    with pytest.raises(SimsyncError) as error:
        load_model(rules)
    assert any(said in diagnostic.message for diagnostic in error.value.diagnostics), error.value
    assert {diagnostic.file for diagnostic in error.value.diagnostics} == {str(rules / "readings.yaml")}
