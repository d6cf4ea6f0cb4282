"""What tests of `simsync check` share: two policies, what is found in them, and that each finding fails as told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from conftest import ROOT
from planted import model_of
from simsync.app import load_model
from simsync.engine.model import Model
from simsync.policy.policy import Claim, Property, Value
from simsync.questions.check.check import check
from simsync.questions.check.findings import Finding, Severity
from simsync.questions.check.report import scenario
from simsync.scenarios.loading import ScenarioLoader
from simsync.scenarios.simulate import run_scenario
from simsync.scenarios.writing import as_yaml

BASE = load_model(ROOT / "machines")
ATELIER = load_model(ROOT / "tests" / "policies" / "atelier")
FIRST_ROWS = [next(row for row in BASE.policy.rows if row.table == table) for table in BASE.policy.tables]


def errors(model: Model) -> list[Finding]:
    return [finding for finding in check(model) if finding.severity is Severity.ERROR]


def of(model: Model, code: str) -> list[Finding]:
    return [finding for finding in (shipped() if model is BASE else check(model)) if finding.code == code]


@cache
def shipped() -> tuple[Finding, ...]:
    """What a check finds in the shipped rules."""
    return tuple(check(BASE))


def claim(name: str, **what: tuple[Value, ...]) -> Property:
    """A property that something never is; a fact's blank is an underscore here."""
    named = tuple((fact.replace("_", " "), values) for fact, values in what.items())
    return Property(name=name, claim=Claim.NEVER, what=named, sources=("A1",))


def claiming(model: Model, *claims: Property) -> Model:
    return model_of(replace(model.policy, properties=claims))


def fails_as_told(model: Model, finding: Finding) -> None:
    """The finding's scenario, run, comes upon the very same fault in its last step, and in no other."""
    assert finding.way is not None
    shown = scenario(finding)
    assert shown is not None
    (loaded,) = ScenarioLoader(model.factory).load_bytes(as_yaml(shown).encode(), "x.yaml").scenarios
    result = run_scenario(model, loaded)
    assert [one.outcome.defects == () for one in result.steps] == [True] * (len(finding.way.events) - 1) + [False]
    assert finding.defect in result.steps[-1].outcome.defects
