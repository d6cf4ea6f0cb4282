"""Whatever is planted in a row, a check, a property or a shipped scenario tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest

from conftest import ROOT
from planted import other_outcomes, with_row, with_rows, without_row
from sampling import few
from simsync.app import load_model
from simsync.engine.decision import Defect
from simsync.engine.model import Model
from simsync.policy.policy import Decides, Row, Then, When
from simsync.questions.check.check import check
from simsync.questions.check.findings import Severity
from simsync.questions.coverage.suite import run_suite
from simsync.scenarios.scenario import Scenario
from simsync.scenarios.simulate import run_scenario
from simsync.statespace.properties import Exploration, Verdict
from simsync.statespace.reachability import Reached
from simsync.statespace.transition_table import transition_table

BASE = load_model(ROOT / "machines")
ROWS = list(BASE.policy.rows)
CHANGED = [(row, then) for row in ROWS for then in other_outcomes(BASE.policy, row)]
CONDITIONS = [(row, fact) for row in ROWS for fact, _ in row.when]


def name_of(value: Row | Then | str) -> str:
    if isinstance(value, Row):
        return value.id
    if isinstance(value, Then):
        said = {name: getattr(value, name) for name in value.__slots__}
        return "-".join(f"{name}={one}" for name, one in said.items() if one != getattr(Then(), name)) or "nothing"
    return value


def first_defect(model: Model) -> Defect | None:
    """The first fault that a check comes to."""
    return next((witnesses[0].defect for witnesses in Reached(model).faults.values()), None)


@cache
def scenarios_by_row() -> dict[str, list[Scenario]]:
    """The hand-written scenarios that put each row to use."""
    found: dict[str, list[Scenario]] = {}
    for result in run_suite(BASE, [str(ROOT / "scenarios")], hand_written=True)[0]:
        for row in {hit.row.id for one in result.steps for hit in one.outcome.hits}:
            found.setdefault(row, []).append(result.scenario)
    return found


def fails(model: Model, scenarios: Sequence[Scenario]) -> bool:
    return any(not run_scenario(model, scenario).passed for scenario in scenarios)


def breaks_a_property(model: Model) -> bool:
    explored = Exploration(transition_table(model))
    claims = [claim for claim in model.policy.properties if claim.claimed(model.readings)]
    return any(explored.judge(claim).verdict is Verdict.VIOLATED for claim in claims)


def survives(row: Row, then: Then) -> bool:
    return not fails(with_row(BASE, row.id, then=then), scenarios_by_row().get(row.id, ()))


@cache
def told_as_idle() -> frozenset[tuple[str, Then]]:
    """The outcomes that no scenario tells from the shipped ones and of which a check says that they change nothing.

    They are planted all at once, one a row, since none stands in the way of another.
    """
    planted: dict[str, Then] = {}
    for row, then in CHANGED:
        if then.effect is not row.then.effect and survives(row, then):
            planted[row.id] = then
    model = with_rows(BASE, lambda row: [replace(row, then=planted.get(row.id, row.then))])
    found = {name for finding in check(model) if finding.code == "outcome-idle" for name in finding.rows}
    return frozenset((name, then) for name, then in planted.items() if name in found)


@pytest.mark.parametrize("row", few(ROWS, 15), ids=lambda row: row.id)
def test_a_row_that_is_taken_away_leaves_a_hole(row: Row) -> None:
    defect = first_defect(without_row(BASE, row.id))
    assert defect is not None
    assert (defect.kind, defect.tables) == ("undecided", (row.table,))


@pytest.mark.parametrize(("row", "then"), few(CHANGED, 60), ids=name_of)
def test_another_outcome_of_a_row_is_told(row: Row, then: Then) -> None:
    """By a shipped scenario; or by a property; or a check says that it never changes anything."""
    if survives(row, then):
        readings = dict([row.reading.split("=", 1)]) if row.reading else {}
        planted = with_row(BASE, row.id, then=then).under(readings)
        assert (row.id, then) in told_as_idle() or breaks_a_property(planted)


def test_every_row_is_changed_in_some_way() -> None:
    assert {row.id for row, _ in CHANGED} == {row.id for row in ROWS}
    assert len(CHANGED) > 400
    by_role = {BASE.policy.tables[row.table].decides for row, _ in CHANGED}
    assert by_role == {*Decides} - {Decides.STATUS}  # there is one status machine


def without(row: Row, fact: str) -> When:
    return tuple(condition for condition in row.when if condition[0] != fact)


@cache
def said_of_conditions() -> frozenset[tuple[str, str]]:
    """The codes and messages of what a check says of the shipped rules."""
    return frozenset((finding.code, finding.message) for finding in check(BASE))


def wider_is_told(row: Row, fact: str) -> bool:
    """Whether a check tells that a condition is missing, or told before that it was not needed."""
    planted = with_row(BASE, row.id, when=without(row, fact))
    defect = first_defect(planted)
    if defect is not None:
        return defect.kind == "ambiguous" and row.id in defect.rows
    known = said_of_conditions()
    idle = any(code == "condition-idle" and f"'{row.id}' need not say {{{fact}:" in message for code, message in known)
    return idle or any(
        finding.code == "ambiguous-impossible" and row.id in finding.rows
        for finding in check(planted)
        if (finding.code, finding.message) not in known
    )


@pytest.mark.parametrize(("row", "fact"), few(CONDITIONS[::11], 20), ids=name_of)
def test_a_row_without_one_of_its_conditions_is_told(row: Row, fact: str) -> None:
    assert wider_is_told(row, fact)


@pytest.mark.long
@pytest.mark.parametrize(("row", "fact"), CONDITIONS, ids=name_of)
def test_every_row_without_one_of_its_conditions_is_told(row: Row, fact: str) -> None:
    assert wider_is_told(row, fact)


@pytest.mark.long
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_check_names_the_hole_of_every_row(row: Row) -> None:
    found = [finding for finding in check(without_row(BASE, row.id)) if finding.severity is Severity.ERROR]
    assert found
    for finding in found:
        assert (finding.code, finding.table) == ("undecided", row.table)
        table = BASE.policy.tables[row.table]
        assert finding.where in {table.span, *(one.span for one in table.rows if one.id != row.id)}
