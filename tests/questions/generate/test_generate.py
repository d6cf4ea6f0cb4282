"""Suites that are made: complete for their criterion, small, the same every time, and passing with all they expect."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.mutation.mutants import mutants
from simsync.questions.coverage.coverage import covered_by, measure, space_under
from simsync.questions.coverage.goals import Criterion
from simsync.questions.coverage.item_graph import ItemGraph
from simsync.questions.coverage.step_goals import StepGoals
from simsync.questions.generate.covering import CAN_BE_COVERED, LONGEST, Generated, generate
from simsync.questions.generate.generate import suite_text
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import ScenarioResult, run_scenario
from simsync.statespace.member import Member

ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
BASE = load_model(ROOT / "machines")
SMALL = [c for c in CAN_BE_COVERED if c is not Criterion.CELLS]


def run(model: Model, made: Generated) -> list[ScenarioResult]:
    file = ScenarioLoader(model.factory).load_bytes(suite_text(made).encode(), "made.yaml")
    assert not file.diagnostics
    return [run_scenario(model, scenario) for scenario in file.scenarios]


@cache
def suite(model: Model, criterion: Criterion) -> Generated:
    return generate(model, criterion)


def check(model: Model, criterion: Criterion) -> Generated:
    made = suite(model, criterion)
    results = run(model, made)
    assert all(result.passed for result in results)
    tally = measure(model, results, (criterion,)).tallies[criterion]
    assert not tally.missing
    assert tally.total == made.goals
    if criterion is not Criterion.CELLS:
        assert {one.name for one in tally.unreachable} == {str(goal.key) for goal in made.unreachable}
    assert made.steps == sum(len(result.steps) for result in results)
    assert made.bound <= made.steps
    return made


@pytest.mark.thorough
@pytest.mark.parametrize("criterion", SMALL)
def test_a_suite_of_the_shipped_rules_is_complete_and_passes(criterion: Criterion) -> None:
    made = check(BASE, criterion)
    assert made.steps <= 3 * made.bound
    assert max(len(story.trace.events) for story in made.stories) <= LONGEST


@pytest.mark.parametrize("criterion", CAN_BE_COVERED)
def test_a_suite_of_another_policy_is_complete_and_passes(criterion: Criterion) -> None:
    made = check(ATELIER, criterion)
    assert made.steps <= 2.5 * made.bound


@pytest.mark.thorough
def test_every_scenario_is_needed() -> None:
    """Without any one of them something is not covered any more."""
    made = suite(BASE, Criterion.TRANSITIONS)
    goals = [{g for g in covered_by(BASE, r) if g.criterion is Criterion.TRANSITIONS} for r in run(BASE, made)]
    everything = set().union(*goals)
    for number in range(len(goals)):
        assert set().union(*goals[:number], *goals[number + 1 :]) < everything


def test_no_suite_has_fewer_steps_than_the_bound() -> None:
    """The fewest steps for the transitions of a small policy, by trying every walk of so many steps in turn."""
    model, made = ATELIER, generate(ATELIER, Criterion.TRANSITIONS)
    space = space_under([model])
    graph = ItemGraph(Member(space, model), StepGoals(space, [Criterion.TRANSITIONS]))
    goals = frozenset(g for g in graph.first if g.criterion is Criterion.TRANSITIONS)
    fewest = {frozenset[object](): 0}
    for _ in range(made.steps):
        for covered, steps in list(fewest.items()):
            for more, length in _walks(graph, 3):
                union = covered | (more & goals)
                if steps + length < fewest.get(union, 99):
                    fewest[union] = steps + length
    assert made.bound <= fewest[goals] <= made.steps


def _walks(graph: ItemGraph, most: int) -> set[tuple[frozenset[object], int]]:
    found: set[tuple[frozenset[object], int]] = set()
    layer: set[tuple[int, frozenset[object]]] = {(place, frozenset()) for place in graph.starts}
    for length in range(1, most + 1):
        layer = {
            (edge.after, covered | {g for g in edge.goals if g.criterion is Criterion.TRANSITIONS})
            for place, covered in layer
            for edge in graph.edges[place]
        }
        found |= {(covered, length) for _, covered in layer}
    return found


@pytest.mark.thorough
def test_the_same_seed_gives_the_same_suite_and_another_one_as_complete() -> None:
    texts = [
        suite_text(made)
        for made in (suite(BASE, Criterion.STATES), *(generate(BASE, Criterion.STATES, n) for n in (0, 1)))
    ]
    assert texts[0] == texts[1]
    assert "All 14 that a run" in texts[0]
    assert "All 14 that a run" in texts[2]


@pytest.mark.thorough
def test_the_suite_that_ships_is_the_one_that_is_made_now(cli: Run, tmp_path: Path) -> None:
    shipped = {path.name: path.read_bytes() for path in (ROOT / "scenarios" / "generated").iterdir()}
    code, out, _ = cli("generate", "--cover", "pairs", "--out", tmp_path)
    assert code == 0
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == shipped, "scenarios/generated is stale; run: make suites"
    assert "out of reach, 5: nothing takes the two one after the other" in out
    assert "link-holds from local, then link-severs" in out


@pytest.mark.thorough
@pytest.mark.parametrize(("gone", "source"), [("lead-rejects", "Waiting Approval"), ("link-withdraws", "linked")])
def test_what_a_change_is_not_about_stays_letter_for_letter(gone: str, source: str) -> None:
    """Of the scenarios that do not take a transition nearly all are made again when it is removed, titles too."""
    what = f"transition '{gone}' is not there from {source}"
    (mutant,) = (one for one in mutants(BASE) if one.what == what)
    changed = BASE.factory.variant(mutant.policy).model(BASE.readings)
    made = suite(BASE, Criterion.PAIRS)
    apart = [text for text, result in zip(texts(made), run(BASE, made), strict=True) if not takes(result, gone, source)]
    again = set(texts(generate(changed, Criterion.PAIRS)))
    assert len(apart) > 25
    assert sum(text in again for text in apart) > 0.8 * len(apart)


def texts(made: Generated) -> list[str]:
    return suite_text(made).partition("\n\n")[2].split("---\n")


def takes(result: ScenarioResult, gone: str, source: str) -> bool:
    return any((fired.transition.id, fired.source) == (gone, source) for s in result.steps for fired in s.outcome.fired)


@pytest.mark.thorough
def test_under_other_readings_the_suite_is_theirs() -> None:
    model = load_model(ROOT / "machines", {"resume": "discard"})
    made = check(model, Criterion.TRANSITIONS)
    assert any(model.under(story.trace.readings).readings["resume"] == "deliver" for story in made.stories)


@pytest.mark.thorough
def test_the_command_writes_over_its_own_files_alone(cli: Run, tmp_path: Path) -> None:
    folder = tmp_path / "generated"
    code, out, err = cli("generate", "--cover", "states", "--out", folder)
    assert (code, err) == (0, "")
    assert "states.yaml: All 14 that a run with one item can reach" in out
    first = (folder / "states.yaml").read_bytes()
    assert cli("generate", "--cover", "states", "--out", folder)[0] == 0
    assert (folder / "states.yaml").read_bytes() == first
    assert cli("run", folder)[0] == 0
    assert cli("coverage", folder, "--min", "states=100", "--criteria", "states")[0] == 0
    mine = folder / "mine.yml"
    mine.write_text("scenario: mine\nsteps:\n  - lead: create note N1\n")
    code, out, err = cli("generate", "--cover", "transitions", "--out", folder)
    assert (code, out) == (2, "")
    assert "mine.yml" in err
    assert sorted(path.name for path in folder.iterdir()) == ["mine.yml", "states.yaml"]
    mine.unlink()
    (folder / "states.yaml").write_bytes(first + b"# seen\n")
    code, _, err = cli("generate", "--cover", "states", "--out", folder)
    assert (code, "was changed since" in err) == (2, True)


@pytest.mark.thorough
def test_no_time_is_no_half_suite(cli: Run, tmp_path: Path) -> None:
    for criterion in ("pairs", "mutants"):
        code, out, err = cli("generate", "--cover", criterion, "--timeout", "0", "--out", tmp_path)
        assert (code, out) == (2, "")
        assert re.fullmatch(r"--timeout: usage: 0 s are up, and nothing was written; it came as far as this: .+\n", err)
    assert not list(tmp_path.iterdir())


def test_bad_input(cli: Run, tmp_path: Path) -> None:
    code, _, err = cli("generate", "--cover", "pairs", "--jobs", "2", "--out", tmp_path)
    assert (code, "this is for --cover mutants" in err) == (2, True)
    code, _, err = cli("generate", "--cover", "rulez", "--out", tmp_path)
    assert (code, "did you mean 'rules'?" in err) == (2, True)
    assert cli("generate", "--cover", "readings", "--out", tmp_path)[0] == 2
    assert cli("generate", "--cover", "rules")[0] == 2
    assert not list(tmp_path.iterdir())
