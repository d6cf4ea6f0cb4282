"""Mutants of the rules: which there are, which a suite kills, and which nobody could tell from the rules."""

from __future__ import annotations

import json
import pickle
import random
from collections import Counter
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.engine.trace import Trace, simulate
from simsync.mutation.mutants import Mutant, Operator, mutants
from simsync.questions.mutate.altered import Unmutated
from simsync.questions.mutate.judging import Judgement, MutantStatus, SuiteUnderTest, told_apart
from simsync.questions.mutate.mutate import mutation
from simsync.questions.mutate.report import Score
from simsync.questions.mutate.visited import Visited
from simsync.scenarios.simulate import run_scenario
from simsync.statespace.combinations import Combinations
from simsync.statespace.comparing import first_difference
from simsync.statespace.differences import seen
from simsync.workers.workers import Where

ATELIER = ROOT / "tests" / "policies" / "atelier"
MIRRORS = ROOT / "tests" / "policies" / "atelier_scenarios"
BASE = load_model(ROOT / "machines")
MUTANTS = mutants(BASE)


def quiet(*_: object) -> None:
    """Progress that nobody watches."""


def variant(model: Model, mutant: Mutant) -> Model:
    return model.factory.variant(mutant.policy).model(model.readings)


@pytest.fixture(scope="module")
def rules() -> Unmutated:
    return Unmutated(BASE)


@pytest.fixture(scope="module")
def shipped() -> Score:
    return mutation(BASE, [str(ROOT / "scenarios")], Where(2), quiet, hand_written=True)


@pytest.fixture(scope="module")
def atelier() -> Score:
    return mutation(load_model(ATELIER), [str(MIRRORS)], Where(1), quiet)


@pytest.mark.thorough
def test_the_hand_written_scenarios_kill_every_mutant_that_can_be_told_from_the_rules(shipped: Score) -> None:
    assert [one.mutant.id for one in shipped.survivors] == []
    fates = Counter(one.fate for one in shipped.judgements)
    assert fates[MutantStatus.KILLED] > 1000
    assert fates[MutantStatus.EQUIVALENT] < 0.1 * len(MUTANTS)
    score = shipped
    assert score.total[0] == score.total[1] == fates[MutantStatus.KILLED]
    assert all(killed == total > 0 for killed, total in score.statements.values())


@pytest.mark.thorough
def test_every_killer_fails_under_its_mutant_and_passes_without_it(shipped: Score) -> None:
    chance = random.Random(3)
    for one in chance.sample([one for one in shipped.judgements if one.fate is MutantStatus.KILLED], 150):
        assert one.killer is not None
        scenario = shipped.scenarios[one.killer]
        assert run_scenario(BASE, scenario).passed
        assert not run_scenario(variant(BASE, one.mutant), scenario).passed, one.mutant.id


@pytest.mark.thorough
def test_the_walk_of_all_combinations_finds_what_a_comparison_under_one_finds(rules: Unmutated) -> None:
    """Of random mutants: as short a scenario under the readings as they are, or none."""
    chance, told = random.Random(11), 0
    for mutant in chance.sample([m for m in MUTANTS if not m.reach.actions], 9):
        other = variant(BASE, mutant)
        way, whole = told_apart(rules, [mutant])[0], first_difference(BASE, other)
        assert (way is None or way.readings != {}) == (whole is None), mutant.id
        if way is not None and whole is not None:
            told += 1
            mine = Trace(status=way.status, events=way.events)
            assert len(mine.events) == len(whole.events)
            left, right = simulate(BASE, mine), simulate(other, mine)
            assert [seen(a) == seen(b) for a, b in zip(left, right, strict=True)] == [True] * (len(left) - 1) + [False]
    assert 2 < told < 9


@pytest.mark.thorough
def test_an_equivalent_mutant_is_equal_under_whatever_readings(shipped: Score) -> None:
    chance, combinations = random.Random(7), Combinations(BASE.policy)
    equivalent = [one.mutant for one in shipped.judgements if one.fate is MutantStatus.EQUIVALENT]
    for mutant in chance.sample(equivalent, 3):
        model = BASE.under(combinations.readings_of(chance.randrange(combinations.size)))
        assert first_difference(model, variant(model, mutant)) is None, mutant.id


@pytest.mark.long
def test_every_mutant_is_judged_as_comparisons_under_many_readings_judge_it(rules: Unmutated) -> None:
    chance, combinations = random.Random(17), rules.combinations
    for mutant in chance.sample(MUTANTS, 250):
        model = BASE.under(combinations.readings_of(chance.randrange(combinations.size)))
        whole, way = first_difference(model, variant(model, mutant)), told_apart(rules, [mutant])[0]
        assert way is not None or whole is None, mutant.id


def test_in_a_small_policy_every_fate_is_that_of_comparisons_under_all_readings(atelier: Score) -> None:
    fates = Counter(one.fate for one in atelier.judgements)
    assert min(fates[fate] for fate in MutantStatus) > 0
    combinations = Combinations(atelier.model.policy)
    models = [atelier.model.under(combinations.readings_of(number)) for number in range(combinations.size)]
    for one in atelier.judgements:
        lengths = [
            len(difference.events)
            for model in models
            if (difference := first_difference(model, variant(model, one.mutant))) is not None
        ]
        assert bool(lengths) == (one.fate is not MutantStatus.EQUIVALENT), one.mutant.id
        if one.way is not None and one.way.readings:
            assert first_difference(atelier.model, variant(atelier.model, one.mutant)) is None
            assert len(one.way.events) == min(lengths)


def test_every_survivor_is_killed_by_its_scenario(atelier: Score) -> None:
    assert atelier.survivors
    for one in atelier.survivors:
        assert one.way is not None
        model = atelier.model.under(one.way.readings)
        difference = Trace(status=one.way.status, events=one.way.events)
        ours, theirs = (simulate(rules, difference)[-1] for rules in (model, variant(model, one.mutant)))
        assert seen(ours) != seen(theirs), one.mutant.id


@pytest.mark.thorough
def test_runs_that_a_mutant_does_not_reach_are_the_same_under_it(shipped: Score) -> None:
    """What decides which scenarios are run again may name too many, never too few."""
    runs, chance = [run_scenario(BASE, scenario) for scenario in shipped.scenarios], random.Random(2)
    visited, untouched = Visited(BASE, runs), 0
    for mutant in chance.sample(MUTANTS, 100):
        other, reached = variant(BASE, mutant), visited.by(mutant)
        for number in chance.sample([n for n in range(len(runs)) if n not in reached], 10):
            again, steps = run_scenario(other, runs[number].scenario).steps, runs[number].steps
            untouched += len(steps)
            assert [seen(one.outcome) for one in again] == [seen(one.outcome) for one in steps], mutant.id
    assert untouched > 1000


def test_one_process_and_several_agree(atelier: Score) -> None:
    def told(made: Score) -> list[tuple[str, MutantStatus, int | None]]:
        return [(one.mutant.id, one.fate, one.killer) for one in made.judgements]

    several = mutation(atelier.model, [str(MIRRORS)], Where(2), quiet)
    assert told(several) == told(atelier)
    assert [one.way for one in several.survivors] == [one.way for one in atelier.survivors]


@pytest.mark.thorough
def test_a_model_travels_to_another_process() -> None:
    other = BASE.under({"resume": "discard"})
    again: Model = pickle.loads(pickle.dumps(other))
    assert (again.readings, again.policy) == (other.readings, other.policy)
    assert first_difference(other, again) is None


@pytest.mark.thorough
def test_faults_that_are_none_of_the_mutants_are_caught(shipped: Score) -> None:
    """Two faults at once, sixty times, which could hide each other: the suite notices whatever anybody could."""
    chance = random.Random(8)
    rows = [m for m in MUTANTS if m.operator is Operator.OUTCOME and m.reading is None]
    for _ in range(60):
        one, other = chance.sample(rows, 2)
        again = {m.id: m for m in mutants(BASE.factory.variant(one.policy).model(BASE.readings))}
        if other.id in again:
            both = variant(BASE, again[other.id])
            failed = any(not run_scenario(both, scenario).passed for scenario in shipped.scenarios)
            assert failed or first_difference(BASE, both) is None, (one.id, other.id)


def test_the_command(cli: Run, tmp_path: Path) -> None:
    arguments = ("mutate", "--machines", ATELIER, MIRRORS, "--jobs", "1")
    code, out, err = cli(*arguments, "--survivors", "2", "--write", tmp_path / "more")
    assert (code, "written: " in err) == (1, True)
    assert "nobody would notice if row" in out
    assert "the mutant: " in out
    assert "more: --survivors all lists them" in out
    assert cli("run", "--machines", ATELIER, tmp_path / "more")[0] == 0
    code, out, _ = cli(*arguments, tmp_path / "more")
    assert (code, "0 survived" in out, "score 100.0%" in out) == (0, True, True)
    assert cli(*arguments, "--min", "1")[0] == 0
    told = json.loads(cli(*arguments, "--format", "json")[1])
    assert told["mutants"] == told["killed"] + told["survived"] + told["equivalent"] == len(told["judged"])
    assert told["survived"] == len(told["survivors"]) > 0
    assert told["survivors"][0]["scenario"]["steps"]
    assert all(("killer" in one) == (one["fate"] == "killed") for one in told["judged"])


def test_bad_input(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: create note N1\n    expect: {synced: false}\n")
    code, out, err = cli("mutate", tmp_path)
    assert (code, out) == (2, "")
    assert "a.yaml:1:1" in err
    assert "fails before any rule is mutated" in err
    (tmp_path / "none").mkdir()
    assert cli("mutate", tmp_path / "none")[0] == 2
    code, _, err = cli("mutate", "--survivors", "few")
    assert (code, "neither a number nor 'all'" in err) == (2, True)
    assert cli("mutate", "--min", "101")[0] == 2
    code, _, err = cli("mutate", "--source", "S91")
    assert (code, "'S91' is not a statement, gap or page" in err) == (2, True)
    assert cli("mutate", "--jobs", "0")[0] == 2
    code, _, err = cli("mutate", "scenarios/generated", "--hand-written")
    assert (code, "every scenario here was written by simsync" in err) == (2, True)


@pytest.mark.thorough
def test_a_scenario_that_fails_only_in_what_nobody_sees_kills_only_what_could_be_seen(shipped: Score) -> None:
    """Scenarios expect links by name; a mutant under which only names differ is equal to the rules all the same."""
    suite = SuiteUnderTest(BASE, shipped.scenarios)
    fates: dict[str, Judgement] = {one.mutant.id: one for one in shipped.judgements}
    mutant = fates["link-withdraws: leads to linked instead of local"]
    killer = suite.killer(mutant.mutant)
    assert mutant.fate is MutantStatus.EQUIVALENT
    assert killer.scenario is not None
    assert not killer.visible


@pytest.mark.thorough
def test_another_reason_for_a_refusal_is_no_difference_that_counts(shipped: Score) -> None:
    """Two refusals that have each other's reason refuse the same."""
    (one,) = (j for j in shipped.judgements if j.mutant.rule == "no-ticket-yet" and "'not-on-this" in j.mutant.id)
    assert one.mutant.operator is Operator.SWAPPED
    assert one.fate is MutantStatus.EQUIVALENT


@pytest.mark.thorough
def test_fates_do_not_depend_on_the_suite(shipped: Score, rules: Unmutated) -> None:
    """What some scenario kills visibly can be told from the rules by the search, too."""
    chance = random.Random(4)
    killed = [j.mutant for j in shipped.judgements if j.fate is MutantStatus.KILLED]
    memories = [mutant for mutant in killed if mutant.operator is Operator.MEMORY]
    for mutant in (*chance.sample(killed, 150), *memories):
        assert told_apart(rules, [mutant])[0] is not None, mutant.id


@pytest.mark.thorough
def test_scenarios_that_expect_nothing_are_told(cli: Run) -> None:
    questions = ROOT / "docs" / "examples" / "questions"
    _, out, _ = cli("mutate", questions, "--source", "S19", "--survivors", "0", "--jobs", "1")
    assert "\n    7 of these expect nothing: a mutant is noticed there only if it refuses an action, " in out
    assert "expect" not in cli("mutate", "--source", "S19", "--survivors", "0", "--jobs", "1")[1]


@pytest.mark.thorough
def test_faults_of_one_statement_are_those_of_the_rules_that_cite_it(cli: Run) -> None:
    code, out, _ = cli("mutate", "--source", "S19", "--source", "S13", "--jobs", "1", "--format", "json")
    told = json.loads(out)
    wanted = {mutant.id for mutant in MUTANTS if {"S19", "S13"} & set(mutant.sources)}
    assert (code, {one["id"] for one in told["judged"]}) == (0, wanted)
    assert told["statements"]["S19"]["total"] == 13
    assert set(told["statements"]) == {"S13", "S19"}


@pytest.mark.thorough
def test_nothing_judged_is_no_score(cli: Run) -> None:
    """Of the shipped rules that rest on S16, none has a fault of some operators."""
    arguments = ("mutate", "--source", "S16", "--jobs", "1")
    told = json.loads(cli(*arguments, "--format", "json")[1])
    empty = [name for name, tally in told["operators"].items() if not tally["total"]]
    assert empty
    assert all(told["operators"][name]["score"] is None for name in empty)
    lines = cli(*arguments)[1].splitlines()
    assert any(line.startswith("  condition ") for line in lines)
    assert not any(line.startswith(f"  {name} ") for line in lines for name in empty)
    assert [line.split()[0] for line in lines if line.startswith("  S")] == ["S16"]


def test_a_source_that_no_rule_rests_on_has_no_score_and_fails_nothing(cli: Run) -> None:
    citations = BASE.policy.citations
    idle = next(s for s in citations if not any(s in mutant.sources for mutant in MUTANTS))
    code, out, _ = cli("mutate", "--source", idle, "--jobs", "1")
    assert (code, "score -" in out.splitlines()) == (0, True)
