"""Suites that kill every mutant of the rules: complete, passing, and the same every time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.questions.generate.mutants import MutationSuite, killing_text, mutation_suite
from simsync.questions.generate.selection import few_steps
from simsync.scenarios.loading import ScenarioLoader
from simsync.workers.workers import Where

ATELIER = ROOT / "tests" / "policies" / "atelier"


def quiet(*_: object) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def made() -> MutationSuite:
    return mutation_suite(load_model(ATELIER), 0, Where(1), quiet)


@pytest.mark.thorough
def test_no_mutant_survives_the_suite(cli: Run, tmp_path: Path) -> None:
    atelier = ("--machines", ATELIER)
    code, out, err = cli("generate", "--cover", "mutants", "--out", tmp_path, *atelier, "--jobs", "1")
    assert (code, err) == (0, "")
    assert "mutants.yaml: All 183 mutants of the rules that anybody could tell from them" in out
    assert cli("run", tmp_path, *atelier)[0] == 0
    told = json.loads(cli("mutate", tmp_path, *atelier, "--jobs", "1", "--format", "json")[1])
    assert (told["survived"], told["killed"], told["equivalent"]) == (0, 183, 26)
    (tmp_path / "mine.yaml").write_text("scenario: mine\nsteps:\n  - lead: create note N1\n")
    assert cli("generate", "--cover", "mutants", "--out", tmp_path, *atelier, "--jobs", "1")[0] == 2


def test_the_suite_is_small_and_says_what_each_scenario_is_for(made: MutationSuite) -> None:
    assert made.bound <= made.steps < 45
    told = [mutant.id for trap in made.traps for mutant in trap.mutants]
    assert len(told) == len(set(told)) == made.killed
    assert all(trap.mutants and trap.way.events for trap in made.traps)
    loaded = ScenarioLoader(made.model.factory).load_bytes(killing_text(made).encode(), "made.yaml").scenarios
    assert len({one.name for one in loaded}) == len(made.traps)
    assert all(one.about.startswith("It fails if ") for one in loaded)
    ids = [row.id for row in made.model.policy.rows]
    assert not [one.name for one in loaded if any(name in one.name.split() for name in ids)]


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_suite_whatever_the_jobs(made: MutationSuite) -> None:
    assert killing_text(mutation_suite(made.model, 0, Where(2), quiet)) == killing_text(made)
    other = mutation_suite(made.model, 5, Where(1), quiet)
    assert other.killed == made.killed


def test_beginnings_are_chosen_for_what_they_kill_a_step() -> None:
    assert few_steps([]) == {}
    assert few_steps([{0: 1, 1: 4}, {0: 1, 2: 2}, {1: 1}]) == {1: 2, 2: 1}
    assert few_steps([{0: 1, 1: 2, 2: 3}, {0: 2}, {1: 2}]) == {0: 3}


def test_an_unknown_criterion_is_told_of_all_there_are(cli: Run, tmp_path: Path) -> None:
    code, _, err = cli("generate", "--cover", "mutant", "--out", tmp_path)
    assert (code, "mutants" in err) == (2, True)
