"""Faults planted by hand, none of which is a mutant: the shipped suites find every one that they promise to find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from conftest import ROOT
from sampling import few
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.world import Event
from simsync.mutation.mutants import mutants
from simsync.questions.coverage.goals import Criterion
from simsync.questions.coverage.suite import run_suite
from simsync.questions.generate.complete import ItemMachine
from simsync.questions.generate.generate import generated, suite_text
from simsync.questions.generate.mutants import killing_text, mutation_suite
from simsync.questions.generate.w_method import complete_text, completed
from simsync.questions.mutate.judging import fails_visibly
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import ScenarioResult, run_scenario
from simsync.statespace.comparing import Comparison
from simsync.statespace.differences import seen
from simsync.workers.workers import Where

MACHINES = ROOT / "machines"
BASE = load_model(MACHINES)
PLANTS: dict[str, Any] = {one["plant"]: one for one in yaml.safe_load((ROOT / "tests" / "plants.yaml").read_text())}
every_plant = pytest.mark.parametrize("plant", few(PLANTS, 12))


def planted(plant: str, folder: Path) -> Model:
    """The shipped rules with the fault; each edit is of text that stands once in its file."""
    machines = Path(copytree(MACHINES, folder / "machines"))
    for edit in PLANTS[plant]["edits"]:
        text = (machines / edit["file"]).read_text()
        assert text.count(edit["old"]) == 1
        (machines / edit["file"]).write_text(text.replace(edit["old"], edit["new"].rstrip("\n")))
    return load_model(machines)


@cache
def hand_written() -> tuple[ScenarioResult, ...]:
    return tuple(run_suite(BASE, [str(ROOT / "scenarios")], hand_written=True)[0])


@cache
def pairs() -> tuple[ScenarioResult, ...]:
    return tuple(run_suite(BASE, [str(ROOT / "scenarios" / "generated")])[0])


def run(model: Model, scenarios: Sequence[Scenario]) -> list[ScenarioResult]:
    return [run_scenario(model, scenario) for scenario in scenarios]


def finds(model: Model, suite: Sequence[ScenarioResult]) -> bool:
    """Whether a scenario of a suite fails in something that can be seen."""
    return any(fails_visibly(run_scenario(model, one.scenario)) for one in suite)


def misses(model: Model, suite: Sequence[ScenarioResult]) -> list[str]:
    """The scenarios in which something else is to be seen after a step, and that pass."""
    results = run(model, [one.scenario for one in suite])
    return [
        now.scenario.name
        for before, now in zip(suite, results, strict=True)
        if now.passed and any(seen(a.outcome) != seen(b.outcome) for a, b in zip(before.steps, now.steps, strict=True))
    ]


def loaded(text: str) -> tuple[ScenarioResult, ...]:
    file = ScenarioLoader(BASE.factory).load_bytes(text.encode(), "made.yaml")
    assert not file.diagnostics
    return tuple(run(BASE, file.scenarios))


def test_the_plants_are_many_and_each_has_its_statement() -> None:
    assert len(PLANTS) >= 30
    assert all(set(one["sources"]) <= set(BASE.policy.citations) and one["mistake"] for one in PLANTS.values())


@pytest.mark.thorough
def test_no_plant_is_a_mutant(tmp_path: Path) -> None:
    """Rules as values are compared, so that a plant is not the same fault written otherwise."""
    made = {meant(mutant.policy) for mutant in mutants(BASE)}
    for plant in PLANTS:
        assert meant(planted(plant, tmp_path / plant).policy) not in made


def meant(policy: Any) -> tuple[object, ...]:
    """What a policy says, without where it stands and on what it rests."""
    rows = frozenset((row.id, frozenset(row.when), row.then) for row in policy.rows)
    machines = tuple(
        (
            frozenset((t.id, t.trigger, t.actors, t.source, t.dest, t.when) for t in policy.transitions(spec)),
            tuple((name, getattr(state, "phase", None)) for name, state in spec.states.items()),
        )
        for spec in (policy.status, policy.link)
    )
    memories = tuple((name, one.when) for name, one in policy.vocabulary.history.items())
    scopes = tuple((table.name, table.scope) for table in policy.tables.values())
    fields = tuple((name, one.default) for name, one in policy.vocabulary.fields.items())
    shows = policy.vocabulary.shows
    phases = tuple((name, one.tickets) for name, one in policy.status.phases.items())
    return rows, machines, memories, scopes, fields, shows, phases


@every_plant
def test_a_scenario_written_by_hand_finds_it(plant: str, tmp_path: Path) -> None:
    assert finds(planted(plant, tmp_path), hand_written())


@every_plant
def test_no_scenario_of_the_shipped_pairs_does_otherwise_and_passes(plant: str, tmp_path: Path) -> None:
    assert not misses(planted(plant, tmp_path), pairs())


def found_in_docs() -> dict[str, tuple[int, int]]:
    """For each suite the plants that it finds, and its steps, as docs/suites.md has them."""
    page = (ROOT / "docs" / "suites.md").read_text()
    rows = re.findall(r"^\| `?([\w -]+)`? \| ([\d,]+) \| (\d+) \|$", page, re.MULTILINE)
    return {who: (int(found), int(steps.replace(",", ""))) for who, steps, found in rows}


def count(suite: Sequence[ScenarioResult], folder: Path) -> tuple[int, int]:
    found = [plant for plant in PLANTS if finds(planted(plant, folder / plant), suite)]
    return len(found), sum(len(one.steps) for one in suite)


@pytest.mark.thorough
def test_the_docs_say_how_many_the_shipped_pairs_find(tmp_path: Path) -> None:
    docs = found_in_docs()
    assert docs["pairs"] == count(pairs(), tmp_path)
    assert docs["written by hand"] == (len(PLANTS), sum(len(one.steps) for one in hand_written()))


@pytest.mark.long
@pytest.mark.parametrize("criterion", ["statements", "states", "transitions", "rules", "cells"])
def test_no_scenario_of_a_made_suite_does_otherwise_and_passes(criterion: str, tmp_path: Path) -> None:
    suite = loaded(suite_text(generated(BASE, Criterion(criterion), 0)))
    for plant in PLANTS:
        assert not misses(planted(plant, tmp_path / plant), suite), plant
    assert found_in_docs()[criterion] == count(suite, tmp_path / "count")


def shows_by(inputs: Sequence[Event], model: Model) -> bool:
    """Whether a fault shows by inputs alone, without an action that the rules give to nobody as the fault does."""
    known = {(event.actor, event.action) for event in inputs}
    return any(
        all((event.actor, event.action) in known for event in difference.events)
        for _, difference in Comparison(BASE, model).differences()
    )


@pytest.mark.long
def test_the_suite_with_a_proof_finds_what_shows_with_one_item_and_few_states(tmp_path: Path) -> None:
    made = completed(BASE, (), 0)
    suite, most, promised = loaded(complete_text(made, lambda *_: None)), made.item.size[0], 0
    for plant in PLANTS:
        model = planted(plant, tmp_path / plant)
        if shows_by(made.item.events, model) and ItemMachine.of(model, made.kinds).size[0] <= most:
            promised += 1
            assert finds(model, suite), plant
    assert promised == 22
    assert found_in_docs()["w-method"] == count(suite, tmp_path / "count")


@pytest.mark.long
def test_a_suite_that_kills_all_mutants_need_not_find_every_plant(tmp_path: Path) -> None:
    """What is called the coupling effect is no law: who finds all small faults finds most of the larger ones."""
    suite = loaded(killing_text(mutation_suite(BASE, 0, Where(1), lambda *_: None)))
    assert found_in_docs()["mutants"] == count(suite, tmp_path)
