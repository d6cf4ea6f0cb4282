"""The survivors that matter most: in which order, and each with a scenario to add that fails under it alone."""

from __future__ import annotations

import json
from itertools import islice, pairwise
from pathlib import Path

import pytest

from conftest import ROOT, Run
from simsync.app import load_model
from simsync.questions.mutate.mutate import mutation
from simsync.questions.mutate.ranking import Harm, Survivor, defending, ranked
from simsync.questions.mutate.report import Score
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml
from simsync.workers.workers import Where

POLICIES = ROOT / "tests" / "policies"
LITTLE = """\
scenario: A draft is seen on both sides
steps:
  - shop: create draft D1
    expect: {synced: true}
"""


@pytest.fixture(scope="module")
def little(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "little.yaml"
    path.write_text(LITTLE)
    return path


@pytest.fixture(scope="module")
def score(little: Path) -> Score:
    return mutation(load_model(POLICIES / "atelier"), [str(little)], Where(1), lambda *_: None)


@pytest.fixture(scope="module")
def survivors(score: Score) -> list[Survivor]:
    return list(ranked(score.model, score.survivors))


def test_every_survivor_is_ranked_once_and_one_of_each_rule_before_a_second(
    score: Score, survivors: list[Survivor]
) -> None:
    ids = [one.judgement.mutant.id for one in survivors]
    assert sorted(ids) == sorted(one.mutant.id for one in score.survivors)
    rules = [one.judgement.mutant.rule for one in survivors]
    first = len(set(rules))
    assert len(set(rules[:first])) == first


def test_the_worse_comes_first_as_the_rules_are_read_before_other_readings(survivors: list[Survivor]) -> None:
    first = survivors[: len({one.judgement.mutant.rule for one in survivors})]
    assert all(one.rank[:2] <= two.rank[:2] for one, two in pairwise(first))
    assert {one.harm for one in survivors} == set(Harm)


def test_a_scenario_to_add_passes_and_fails_under_its_mutant(score: Score, survivors: list[Survivor]) -> None:
    model, assured = score.model, 0
    for one in survivors:
        text = as_yaml(defending(one, "x"))
        (scenario,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "added.yaml").scenarios
        other = model.factory.variant(one.judgement.mutant.policy).model(model.readings)
        assert run_scenario(model, scenario).passed, text
        assert not run_scenario(other, scenario).passed, text
        assured += 1
    assert assured == len(survivors) > 20


def test_ten_are_told_with_the_reason_for_their_order(cli: Run, little: Path, score: Score) -> None:
    code, out, _ = cli("mutate", "--machines", POLICIES / "atelier", little, "--jobs", "1", "--min", "0")
    lines = out.splitlines()
    assert code == 0
    assert [line for line in lines if line.startswith("  10. nobody would notice if ")]
    assert not [line for line in lines if line.startswith("  11. ")]
    order = lines.index("    one of each rule before a second of any; as the rules are read here before other readings")
    assert lines[order + 1].startswith("    the worst first: a ticket ")
    assert sum(line == "      a scenario to add" for line in lines) == 10
    code, out, _ = cli("mutate", "--machines", POLICIES / "atelier", little, "--jobs", "1", "--format", "json")
    best = [one.judgement.mutant.id for one in islice(ranked(score.model, score.survivors), 10)]
    assert json.loads(out)["matter_most"] == best
