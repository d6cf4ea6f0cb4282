"""The scenarios that ship: all hold, and together they show everything that the rules declare.

What is shown is read from the records of the runs, what there is to show from the policy; neither is a list here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from simsync.app import load_model, load_scenarios, packaged
from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.generated_marker import is_ours
from simsync.policy.policy import Option, Row, Transition
from simsync.scenarios.simulate import ScenarioResult, run_scenario

AT_LEAST = 60


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model(packaged("machines"))


@pytest.fixture(scope="module")
def results(model: Model) -> list[ScenarioResult]:
    return [run_scenario(model, scenario) for scenario in load_scenarios(packaged("scenarios"), model=model)]


@pytest.fixture(scope="module")
def written(results: list[ScenarioResult]) -> list[ScenarioResult]:
    """Those that people wrote."""
    return [result for result in results if not is_ours(result.scenario.file)]


def outcomes(results: list[ScenarioResult]) -> Iterator[Outcome]:
    return (step.outcome for result in results for step in result.steps)


def options(model: Model) -> Iterator[Option]:
    return (option for reading in model.policy.readings.values() for option in reading.options.values())


def declared_rows(model: Model) -> Iterator[Row]:
    """The rows of every table and those that an option of a reading contributes."""
    for table in model.policy.tables.values():
        yield from table.rows
    for option in options(model):
        for rows in (*option.replace.values(), *option.add.values()):
            yield from rows


def declared_transitions(model: Model) -> Iterator[Transition]:
    """The transitions of both machines and those that an option of a reading adds."""
    yield from model.policy.status.transitions
    yield from model.policy.link.transitions
    for option in options(model):
        for added in option.transitions.values():
            yield from added


def where(result: ScenarioResult) -> str:
    return f"{result.scenario.file}:{result.scenario.line} {result.scenario.name}"


def test_every_scenario_holds(results: list[ScenarioResult]) -> None:
    failed = [where(result) for result in results if not result.passed]
    assert not failed, f"failed: {failed}"


def test_there_are_enough(written: list[ScenarioResult]) -> None:
    assert len(written) >= AT_LEAST, f"{len(written)} scenarios, {AT_LEAST - len(written)} are missing"


def test_titles_are_unique_in_each_file(results: list[ScenarioResult]) -> None:
    counted = Counter((result.scenario.file, result.scenario.name) for result in results)
    repeated = [title for title, times in counted.items() if times > 1]
    assert not repeated, f"titles used more than once in a file: {repeated}"


def test_every_scenario_says_what_it_rests_on(model: Model, results: list[ScenarioResult]) -> None:
    statements = model.policy.citations.statements.keys()
    silent = [where(result) for result in results if not statements & set(result.scenario.sources)]
    assert not silent, f"scenarios that cite no statement: {silent}"


def test_scenarios_cite_every_statement(model: Model, written: list[ScenarioResult]) -> None:
    cited = {source for result in written for source in result.scenario.sources}
    missing = [statement for statement in model.policy.citations.statements if statement not in cited]
    assert not missing, f"statements that no scenario cites: {missing}"


def test_deciding_rows_cite_every_statement(model: Model, written: list[ScenarioResult]) -> None:
    cited = {source for outcome in outcomes(written) for source in outcome.sources}
    missing = [statement for statement in model.policy.citations.statements if statement not in cited]
    assert not missing, f"statements that no deciding row of any step cites: {missing}"


def test_every_transition_fires_from_every_source(model: Model, written: list[ScenarioResult]) -> None:
    seen = {(fired.transition.id, fired.source) for outcome in outcomes(written) for fired in outcome.fired}
    declared = ((t.id, source) for t in declared_transitions(model) for source in t.source)
    missing = [f"{transition} from {source}" for transition, source in declared if (transition, source) not in seen]
    assert not missing, f"transitions that no scenario fires: {missing}"


def test_every_row_decides_somewhere(model: Model, written: list[ScenarioResult]) -> None:
    seen = {hit.row.id for outcome in outcomes(written) for hit in outcome.hits}
    missing = [f"{row.id} ({row.reading or row.table})" for row in declared_rows(model) if row.id not in seen]
    assert not missing, f"rows that decide nothing in any scenario: {missing}"


def test_every_status_action_is_refused_somewhere(model: Model, written: list[ScenarioResult]) -> None:
    refused = {outcome.event.action for outcome in outcomes(written) if outcome.refused is not None}
    missing = [action for action in model.factory.triggers if action not in refused]
    assert not missing, f"status actions that no scenario sees refused: {missing}"


def test_every_option_is_shown_side_by_side(model: Model, written: list[ScenarioResult]) -> None:
    """The same steps under each option of a reading, given explicitly, in a step whose outcome depends on it."""
    shown: dict[str, dict[tuple[object, ...], set[str]]] = defaultdict(lambda: defaultdict(set))
    for result in written:
        story = (result.scenario.status, tuple(repr(step.step.event) for step in result.steps))
        behind = {reading for step in result.steps for reading in readings_behind(step.outcome)}
        for name in behind & result.scenario.readings.keys():
            shown[name][story].add(result.readings[name])
    missing: list[str] = []
    for name, reading in model.policy.readings.items():
        best = max(shown[name].values(), key=len, default=set())
        missing += [f"{name}={option}" for option in reading.options if option not in best]
    assert not missing, f"options that no scenario shows beside the others: {missing}"
