"""What a suite covers, what it leaves out, and that each hole's scenario fills it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conftest import ROOT, Run
from sampling import few
from simsync.app import load_model, load_scenarios
from simsync.engine.model import Model
from simsync.engine.step import step
from simsync.questions.coverage.coverage import Coverage, covered_by, measure, space_under
from simsync.questions.coverage.declared_goals import other_options
from simsync.questions.coverage.goals import CRITERIA, Criterion, Goal, cell_name, reached, taken
from simsync.questions.coverage.item_graph import ItemGraph, status_pairs
from simsync.questions.coverage.step_goals import StepGoals
from simsync.questions.coverage.suite import run_suite
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml, expecting
from simsync.statespace.consequences import without_consequences
from simsync.statespace.member import Member

ATELIER = ROOT / "tests" / "policies" / "atelier"
MIRRORS = ROOT / "tests" / "policies" / "atelier_scenarios"


def of(model: Model, *paths: Path) -> Coverage:
    return measure(model, [run_scenario(model, one) for one in load_scenarios(*paths, model=model)])


@pytest.fixture(scope="module")
def shipped() -> Coverage:
    model = load_model(ROOT / "machines")
    passed, _ = run_suite(model, [str(ROOT / "scenarios")], hand_written=True)
    return measure(model, passed, tuple(CRITERIA))


@pytest.fixture(scope="module")
def charges() -> Coverage:
    return of(load_model(ROOT / "machines"), ROOT / "scenarios" / "charges.yaml")


@pytest.fixture(scope="module")
def atelier() -> Coverage:
    return of(load_model(ATELIER), MIRRORS)


@pytest.mark.thorough
def test_the_hand_written_scenarios_cover_every_statement_rule_state_transition_and_reading(shipped: Coverage) -> None:
    whole = {c for c, tally in shipped.tallies.items() if not tally.missing}
    assert whole == set(CRITERIA) - {Criterion.PAIRS, Criterion.CELLS}
    rules = shipped.tallies[Criterion.RULES]
    assert {goal.key for goal in rules.covered} == {row.id for row in shipped.model.policy.rows}
    assert not rules.unreachable
    assert shipped.tallies[Criterion.PAIRS].percent < 100


@pytest.fixture(scope="module")
def discarding() -> Coverage:
    """Read otherwise than by default, so that scenarios of the default reading have to say so."""
    return of(load_model(ROOT / "machines", {"resume": "discard"}), ROOT / "scenarios" / "own_changes.yaml")


@pytest.mark.parametrize("which", few(["atelier", "charges", "discarding"], 3))
def test_every_hole_is_filled_by_its_scenario(which: str, request: pytest.FixtureRequest) -> None:
    coverage: Coverage = request.getfixturevalue(which)
    assert sum(bool(tally.missing) for tally in coverage.tallies.values()) >= 5
    for tally in coverage.tallies.values():
        for hole in tally.missing[:200]:
            text = as_yaml(expecting(coverage.model, hole.way, "a hole"))
            (scenario,) = ScenarioLoader(coverage.model.factory).load_bytes(text.encode(), "hole.yaml").scenarios
            result = run_scenario(coverage.model, scenario)
            assert result.passed
            assert hole.goal in set(covered_by(coverage.model, result)), hole


@pytest.mark.parametrize("which", few(["atelier", "shipped", "charges"], 3))
def test_what_is_covered_missing_and_out_of_reach_is_all_there_is(which: str, request: pytest.FixtureRequest) -> None:
    coverage: Coverage = request.getfixturevalue(which)
    policy = coverage.model.policy
    sizes = {
        Criterion.STATEMENTS: len(policy.citations.statements),
        Criterion.RULES: len(list(policy.rows)),
        Criterion.STATES: len(policy.status.states) + len(policy.link.states),
        Criterion.READINGS: sum(len(reading.options) for reading in policy.readings.values()),
        Criterion.TRANSITIONS: sum(len(t.source) for m in (policy.status, policy.link) for t in policy.transitions(m)),
    }
    for criterion, size in sizes.items():
        tally = coverage.tallies[criterion]
        assert tally.total + len(tally.unreachable) == size
    for tally in coverage.tallies.values():
        assert not tally.covered & {hole.goal for hole in tally.missing}
        together = {goal for counts in coverage.files.values() for goal in counts[tally.criterion]}
        assert together == tally.covered


@pytest.mark.thorough
def test_the_ways_are_the_shortest(charges: Coverage) -> None:
    """One step of a status action cannot complete a pair; two can, where the status allows them at once."""
    lengths = {hole.goal.key: len(hole.way.events) for hole in charges.tallies[Criterion.PAIRS].missing}
    pairs = {goal.key for goal in status_pairs(charges.model)}
    assert {n for key, n in lengths.items() if key in pairs} == {2}
    assert lengths["link-holds from local, then link-releases-alone"] == 2
    assert lengths["link-holds from linked, then link-releases-copied"] == 4
    assert all(len(hole.way.events) == 1 for hole in charges.tallies[Criterion.STATES].missing)


def test_pairs_are_those_of_a_plain_search_over_short_walks() -> None:
    """Every pair that some walk of at most four steps completes is found, in as few steps."""
    model = load_model(ATELIER)
    space = space_under([model])
    graph = ItemGraph(Member(space, model), StepGoals(space, [Criterion.PAIRS]))
    found = {goal: len(events) for goal, (_, events) in graph.pairs().items()}
    plain: dict[Goal, int] = {}

    def walk(place: int, link: object, depth: int) -> None:
        for edge in graph.edges[place]:
            if link is not None and edge.link is not None:
                goal = Goal(Criterion.PAIRS, f"{link}, then {edge.link.transition}")
                plain[goal] = min(depth, plain.get(goal, 99))
            if depth < 4 and (edge.after != place or edge.link):
                walk(edge.after, edge.link or link, depth + 1)

    for start in graph.starts:
        walk(start, None, 1)
    assert plain
    assert plain == {goal: n for goal, n in found.items() if goal in plain}
    assert set(found) == set(plain) | set(status_pairs(model))


@pytest.mark.parametrize("folder", few([ATELIER, ROOT / "machines"], 2), ids=["atelier", "machines"])
def test_what_a_visit_covers_is_what_the_outcome_of_its_step_covers(folder: Path) -> None:
    loaded = load_model(folder)
    model = loaded.factory.of(without_consequences(loaded.policy)).model({})  # the space does not follow them
    space = space_under([model, *other_options(model)])
    covers = StepGoals(space, tuple(Criterion))
    for one in (model, *other_options(model)):
        for visit in Member(space, one).walk():
            outcome = step(one, space.abstraction.world(space.abstract_state(visit.state)), space.events[visit.event])
            assert covers.of(visit) == {*reached(outcome)}
            fired = [str(one) for moved in outcome.fired for one in taken(outcome.model.policy, moved)]
            assert fired == [str(one) for one in (covers.status(visit), covers.link(visit)) if one is not None]


def test_of_several_status_machines_it_is_said_what_pairs_are_not_counted(cli: Run, tmp_path: Path) -> None:
    rules = ("--machines", ROOT / "tests" / "policies" / "bridge")
    code, out, _ = cli(
        "coverage", ROOT / "tests" / "policies" / "bridge_scenarios", *rules, "--criteria", "pairs,states"
    )
    assert code == 0
    assert "those of several status machines do not count" in out
    assert "states of every machine" in out
    code, out, _ = cli("generate", *rules, "--cover", "pairs", "--out", tmp_path / "made")
    assert code == 0
    assert "those of several status machines do not count" in out


@pytest.mark.thorough
def test_cells_have_names_of_their_own_and_all_differ() -> None:
    model = load_model(ROOT / "machines")
    space = space_under([model])
    graph = ItemGraph(Member(space, model), StepGoals(space, [Criterion.CELLS]))
    cells = [goal.key for goal in graph.first if goal.criterion is Criterion.CELLS]
    names = {cell_name(graph.model, cell) for cell in cells if not isinstance(cell, str)}
    assert len(names) == len(cells) > 2000


def test_a_run_under_another_reading_covers_only_cells_that_it_decided_alike(model: Model) -> None:
    text = (
        "scenario: x\ngiven: {readings: {charges: unsynced}}\nsteps:\n"
        "  - lead: create charge C1\n  - lead: create note N1\n"
    )
    (scenario,) = ScenarioLoader(model.factory).load_bytes(text.encode(), "x.yaml").scenarios
    covered = set(covered_by(model, run_scenario(model, scenario)))
    kinds = {goal.key.kind for goal in covered if not isinstance(goal.key, str)}
    assert kinds == {"note"}
    assert Goal(Criterion.RULES, "charge-not-shareable") in covered


@pytest.mark.thorough
def test_the_command_tells_counts_holes_and_reasons(cli: Run) -> None:
    code, out, err = cli("coverage", "scenarios/charges.yaml", "--criteria", "rules,cells", "--holes", "1")
    assert (code, err) == (0, "")
    assert "  rules           24 of    93   25.8%" in out
    assert "given Unsent; service: create time entry N1" in out
    assert "... and 68 more" in out
    assert "no item is ever in this phase and link\n      phase none, link linked\n" in out
    assert "pairs" not in out
    assert "... and" not in cli("coverage", "scenarios/charges.yaml", "--criteria", "rules", "--holes", "all")[1]


@pytest.mark.thorough
def test_json_has_the_criteria_as_the_issue_says(cli: Run) -> None:
    code, out, _ = cli("coverage", "--hand-written", "--format", "json", "--min", "rules=100,pairs=80")
    told = json.loads(out)
    assert code == 1
    assert told["criteria"]["rules"] == {
        "covered": 93, "total": 93, "min": 100.0, "reached": True, "missing": [], "unreachable": []
    }  # fmt: skip
    pairs = told["criteria"]["pairs"]
    assert not pairs["reached"]
    assert len(pairs["missing"]) == pairs["total"] - pairs["covered"]
    assert pairs["missing"][0]["scenario"]["steps"] == [{"lead": "outsource"}, {"lead": "cancel"}]
    assert len(told["files"]) > 20
    assert cli("coverage", "--hand-written", "--criteria", "pairs", "--min", "rules=100,pairs=50")[0] == 0
    assert cli("coverage", "--criteria", "pairs", "--min", "pairs=100")[0] == 0


@pytest.mark.thorough
def test_written_holes_fill_them_and_nothing_of_others_is_touched(cli: Run, tmp_path: Path) -> None:
    folder = tmp_path / "missing"
    arguments = ("coverage", "scenarios/charges.yaml", "--criteria", "rules,pairs", "--write", folder)
    code, _, err = cli(*arguments)
    assert (code, "2 files" in err) == (0, True)
    assert cli("run", folder)[0] == 0
    assert cli("coverage", "scenarios/charges.yaml", folder, "--min", "rules=100,pairs=100")[0] == 0
    assert cli(*arguments)[0] == 0  # its own files it may write again
    mine = folder / "rules.yaml"
    before = (folder / "pairs.yaml").read_bytes()
    mine.write_text(mine.read_text() + "# agreed with the vendor\n")
    code, _, err = cli(*arguments)
    assert (code, "was changed since" in err) == (2, True)
    assert mine.read_text().endswith("# agreed with the vendor\n")
    assert (folder / "pairs.yaml").read_bytes() == before


def test_bad_input_is_told(cli: Run, tmp_path: Path) -> None:
    for arguments, words in [
        (("--min", "rulez=100"), "did you mean 'rules'?"),
        (("--min", "rules=101"), "is no share"),
        (("--min", "rules"), "is no share"),
        (("--min", "rules=nan"), "is no share"),
        (("--criteria", "rules,paris"), "did you mean 'pairs'?"),
        (("--holes", "few"), "neither a number nor 'all'"),
        ((tmp_path,), "no .yaml or .yml file"),
    ]:
        code, out, err = cli("coverage", *arguments)
        assert (code, out) == (2, "")
        assert words in err
    (tmp_path / "bad.yaml").write_text("scenario: x\nsteps: []\n")
    code, out, err = cli("coverage", tmp_path)
    assert (code, out, "bad.yaml:2:8" in err) == (2, "", True)


@pytest.mark.thorough
def test_a_scenario_that_fails_covers_nothing(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("scenario: x\nsteps:\n  - lead: create note N1\n    expect: {synced: false}\n")
    code, out, err = cli("coverage", tmp_path, "--criteria", "rules")
    assert code == 1
    assert out.startswith("1 scenario fails and is not counted\n0 scenarios with 0 steps")
    assert "0 of" in out
    assert "a.yaml:1: it fails, and so covers nothing" in err
    (tmp_path / "b.yaml").write_text((tmp_path / "a.yaml").read_text())
    assert cli("coverage", tmp_path, "--criteria", "rules")[1].startswith("2 scenarios fail and are not counted\n")


ASKED = """\
scenario: A question
steps:
  - service: create note N1
---
scenario: A check
steps:
  - lead: create note N1
    expect: {synced: true}
"""


def test_what_only_questions_cover_is_said_not_to_be_tested(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(ASKED)
    _, out, _ = cli("coverage", tmp_path, "--criteria", "rules,transitions", "--holes", "0")
    assert out.startswith(
        "2 scenarios with 2 steps in 1 file cover\n"
        "  1 of these expect nothing: what happens in them is answered, and not tested\n"
        "  covered by these alone, and so not tested: 1 rules\n"
    )
    told = json.loads(cli("coverage", tmp_path, "--criteria", "rules", "--format", "json")[1])
    assert told["nothing_expected"] == {"scenarios": 1, "covered_by_these_alone": {"rules": 1}}
    _, out, _ = cli("coverage", ROOT / "scenarios" / "severing.yaml", "--criteria", "rules", "--holes", "0")
    assert "expect" not in out


def test_another_policy_is_measured_in_its_own_words(cli: Run) -> None:
    code, out, err = cli("coverage", "--machines", ATELIER, MIRRORS, "--holes", "all")
    assert (code, err) == (0, "")
    assert "quotes=mirrored" in out
    assert "mirror: " not in out.split("out of reach")[1]


def test_what_nothing_can_reach_is_in_no_total(tmp_path: Path, cli: Run) -> None:
    rules = tmp_path / "machines"
    rules.mkdir()
    for file in ATELIER.iterdir():
        (rules / file.name).write_bytes(file.read_bytes())
    tables = rules / "sync_rules.yaml"
    line = "  - {id: cuts, when: {change: [edit, delete], by: other, link: mirrored}"
    row = "  - {id: never, when: {change: none, by: other}, then: {effect: none}, sources: [A4]}\n"
    tables.write_text(tables.read_text().replace(line, row + line))
    text = (rules / "statements.yaml").read_text()
    (rules / "statements.yaml").write_text(
        text.replace("gaps:", "  A5: {text: Nobody reads this., place: page 3}\ngaps:")
    )
    told = json.loads(cli("coverage", "--machines", rules, MIRRORS, "--format", "json")[1])["criteria"]
    assert [one["id"] for one in told["rules"]["unreachable"]] == ["never"]
    assert told["statements"]["unreachable"] == [{"id": "A5", "why": "no row and no transition rests on it"}]
    assert told["rules"]["total"] == 18


def test_several_workers_count_what_one_counts(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simsync.questions.coverage.suite.MOST_RUN", 1)
    first = next(iter(load_model(ATELIER).status_spec.transitions))
    text = f"scenario: It fails\ngiven: {{status: {first.source[0]}}}\nsteps:\n  - {first.actors[0]}: {first.trigger}\n"
    (tmp_path / "failing.yaml").write_text(text + "    expect: {refused: true}\n")
    arguments = ("coverage", "--machines", ATELIER, MIRRORS, tmp_path)
    for form in ("text", "json"):
        alone = cli(*arguments, "--format", form)
        assert (alone[0], "it fails, and so covers nothing" in alone[2]) == (1, True)
        assert cli(*arguments, "--format", form, "--jobs", "2") == alone


def test_it_says_which_criterion_to_aim_for_and_why(cli: Run, tmp_path: Path) -> None:
    policy = ROOT / "tests" / "policies" / "bare"
    scenario = tmp_path / "one.yaml"
    scenario.write_text("scenario: One\nsteps:\n- left: create book B1\n  expect: {synced: true}\n")
    _, out, _ = cli("coverage", "--machines", policy, scenario)
    assert (
        "\naim for rules: a row that decides in no scenario could say anything, and no scenario would notice\n" in out
    )
    assert "\ncells need not all be covered: " in out
    _, out, _ = cli("coverage", "--machines", policy, scenario, "--format", "json")
    assert json.loads(out)["aim"]["criterion"] == "rules"
    assert cli("coverage", "--machines", policy, scenario, "--write", tmp_path / "missing")[0] == 0
    written = sorted((tmp_path / "missing").glob("*.yaml"))
    _, out, _ = cli("coverage", "--machines", policy, scenario, *written)
    assert "\ncovered: rules; whether what is used is defended as well, simsync mutate tells\n" in out
    text = (tmp_path / "missing" / "rules.yaml").read_text()
    assert "left deletes its book, and it is gone on right's ticket" in text
    assert "It fills this hole: goes." in text
