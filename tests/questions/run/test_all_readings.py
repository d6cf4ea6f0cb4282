"""A scenario under all readings: each different outcome once, held against running it under every combination."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

import simsync
from conftest import ROOT, Run
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model
from simsync.engine.trace import simulate
from simsync.questions.run.all_readings import DifferentOutcome, read_every_way
from simsync.scenarios.scenario import Scenario
from simsync.statespace.read_every_way import observed

POLICIES = ROOT / "tests" / "policies"
EXAMPLES = ROOT / "examples" / "policies"
PLACES = [(POLICIES / one, POLICIES / f"{one}_scenarios") for one in ("bridge", "charter", "relay", "wire", "exchange")]
PLACES += [(EXAMPLES / one / "machines", EXAMPLES / one / "scenarios") for one in ("vdirsyncer", "zendesk", "minimal")]

ASKING = """\
scenario: Is a held note delivered?
given: {status: In Progress}
steps:
  - service: insource complete
  - service: create note N1
    text: The key
  - lead: reject completion
"""


def one_by_one(model: Model, scenario: Scenario, names: list[str]) -> dict[object, list[dict[str, str]]]:
    """Under every combination of some readings, the combinations by what is seen."""
    found: dict[object, list[dict[str, str]]] = {}
    for options in product(*(model.policy.readings[name].options for name in names)):
        combination = dict(zip(names, options, strict=True))
        outcomes = simulate(model.under({**scenario.readings, **combination}), scenario.trace)
        found.setdefault(tuple(map(observed, outcomes)), []).append(combination)
    return found


def covered(one: DifferentOutcome, combinations: list[dict[str, str]]) -> list[dict[str, str]]:
    return [c for c in combinations if any(cube.items() <= c.items() for cube in one.cubes)]


def hold(model: Model, scenario: Scenario, settled: list[str]) -> None:
    """Its outcomes are those that are found one by one, each under the combinations that are named."""
    names = [n for n in model.policy.readings if n not in settled and n not in scenario.readings]
    expected = one_by_one(model, scenario, names)
    made = read_every_way(model, scenario, settled)
    every = [one for some in expected.values() for one in some]
    assert made.combinations == len(every)
    told = {tuple(map(observed, one.outcomes)): covered(one, every) for one in made.outcomes}
    assert len(told) == len(made.outcomes)
    assert {key: sorted(map(str, some)) for key, some in told.items()} == {
        key: sorted(map(str, some)) for key, some in expected.items()
    }
    assert [one.combinations for one in made.outcomes] == [len(some) for some in told.values()]
    assert [one.in_force for one in made.outcomes] == [True, *[False] * (len(made.outcomes) - 1)]


@pytest.mark.parametrize(("machines", "scenarios"), PLACES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_outcomes_are_those_of_every_combination(machines: Path, scenarios: Path) -> None:
    model = load_model(machines)
    for scenario in load_scenarios(scenarios, model=model):
        hold(model, scenario, [])


OPEN = ["resume", "emails_on_sync", "reason_note", "lead_completes"]


@pytest.mark.thorough
def test_outcomes_of_the_shipped_scenarios_are_those_of_every_combination_of_some(model: Model) -> None:
    settled = [name for name in model.policy.readings if name not in OPEN]
    for scenario in load_scenarios(ROOT / "scenarios", model=model):
        hold(model, scenario, settled)


@pytest.mark.thorough
@pytest.mark.parametrize("line", [4, 19, 30])
def test_outcomes_of_shipped_scenarios_are_those_of_every_combination(model: Model, line: int) -> None:
    (scenario,) = load_scenarios(f"{ROOT}/scenarios/suspension.yaml:{line}", model=model)
    hold(model, scenario, [])


def test_outcomes_stand_side_by_side_where_they_part(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(ASKING)
    code, out, err = cli("run", path, "--all-readings", "--reading", "reason_note=none")
    assert (code, err) == (0, "")
    assert out[out.index("  given") :] == (
        """\
  given In Progress
  2 different outcomes, of 8,192 combinations of readings

  A  4,096 combinations, with the readings in force among them
     resume=deliver
  B  4,096 combinations
     resume=discard

  line 7, lead: reject completion   (here they first come apart)
                       A                                      B
    lead's ticket, N1  note · "The key" · internal users      not there
                       only

1 scenario: 1 with different outcomes, 0 the same however it is read
"""
    )


def test_many_outcomes_are_told_line_by_line_and_later_differences_too(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(ASKING + "  - service: edit N1\n    text: The keys\n")
    _, out, _ = cli("run", path, "--all-readings")
    assert "  8 different outcomes, of 16,384 combinations of readings\n" in out
    assert (
        """\
    lead's ticket, reason-note     A, B, C, D  not there
                                   E, F, G, H  note · "The completion was rejected." · customer
                                               visible
"""
        in out
    )
    assert out.endswith("""\
  line 8, service: edit N1  text: "The keys"
    told  A, B, E, F  nobody
          C, D, G, H  primary contact

1 scenario: 1 with different outcomes, 0 the same however it is read
""")


def test_what_overlaps_is_done_in_the_order_in_which_it_is_written(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "round.yaml"
    path.write_text("scenario: x\nsteps:\n  - together: [{lead: create note N1}, {service: create note N2}]\n")
    _, out, _ = cli("run", path, "--all-readings")
    assert "\n  what overlaps is done in the order in which it is written\n  2 different outcomes" in out


def test_what_is_the_same_however_it_is_read_says_so(cli: Run) -> None:
    _, out, _ = cli("run", "--machines", EXAMPLES / "minimal" / "machines", EXAMPLES / "minimal", "--all-readings")
    assert "  the same under the 1 combination of readings\n" in out


def test_what_nobody_sees_of_a_reading_is_said(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "held.yaml"
    path.write_text("scenario: x\ngiven: {status: Waiting Approval}\nsteps:\n  - service: create note N1\n")
    _, out, _ = cli("run", path, "--all-readings")
    assert "  of what these decide nobody sees anything: resume (line 4)\n" in out
    _, out, _ = cli("run", path, "--all-readings", "--reading", "resume=deliver")
    assert "nobody sees" not in out


def test_programs_are_told_the_same(cli: Run, tmp_path: Path) -> None:
    path = tmp_path / "asks.yaml"
    path.write_text(ASKING)
    code, out, _ = cli("run", path, "--all-readings", "--reading", "reason_note=none", "--format", "json")
    (made,) = json.loads(out)["scenarios"]
    assert (code, made["part_at"], made["combinations"]) == (0, 7, 8192)
    assert [(one["readings"], one["in_force"]) for one in made["outcomes"]] == [
        ([{"resume": "deliver"}], True),
        ([{"resume": "discard"}], False),
    ]
    assert [list(one["steps"][-1]["tickets"]["lead"]) for one in made["outcomes"]] == [["N1"], []]
    view = {"kind": "note", "text": "The key", "internal_users_only": True, "customer_visible": False}
    assert made["differences"] == [{"line": 7, "at": "lead", "item": "N1", "values": [view, None]}]
    model = simsync.load_model(ROOT / "machines", {"reason_note": "none"})
    assert simsync.all_readings(model, path, settled=["reason_note"]).as_dict() == json.loads(out)
    assert "2 different outcomes" in str(simsync.all_readings(model, path, settled=["reason_note"]))


def test_options_that_do_not_go_together_and_bad_files(cli: Run, tmp_path: Path) -> None:
    assert "--all-readings: usage: it goes without" in cli("run", "--all-readings", "--list")[2]
    (tmp_path / "bad.yaml").write_text("scenario: x\n")
    (tmp_path / "good.yaml").write_text(ASKING)
    code, out, err = cli("run", tmp_path, "--all-readings")
    assert (code, "missing-key" in err) == (2, True)
    assert out.endswith(
        "1 scenario: 1 with different outcomes, 0 the same however it is read; 1 problem in files not run\n"
    )
