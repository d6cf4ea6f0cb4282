"""A scenario run to its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import simulate
from simsync.scenarios.scenario import Scenario, Step
from simsync.scenarios.verdicts import Failure, judge, judge_all


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step, what it did, and the expectations that it did not meet."""

    step: Step
    outcome: Outcome
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A scenario with the result of each step; ``readings`` are all that were in force."""

    scenario: Scenario
    readings: Mapping[str, str]
    steps: tuple[StepResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every step met every expectation."""
        return not any(result.failures for result in self.steps)

    def _repr_svg_(self) -> str:
        """The run as a sequence diagram, for a notebook."""
        return str(import_module("simsync.drawing.notebook").run_svg(self))  # a room above: only notebooks ask

    @property
    def answered(self) -> bool:
        """Whether nothing failed because nothing was expected: it says what happens, and checks nothing."""
        return self.passed and not self.scenario.expectations


def run_scenario(model: Model, scenario: Scenario) -> ScenarioResult:
    """Run a scenario from its given status under its given readings (the model's, where it gives none).

    What `finally` expects is judged on the last step.
    """
    model = model.under(scenario.readings)
    results: list[StepResult] = []
    last = len(scenario.steps) - 1
    for number, (one, outcome) in enumerate(zip(scenario.steps, simulate(model, scenario.trace), strict=True)):
        failures = judge(model, one, outcome)
        if number == last:
            failures += judge_all(model, scenario.finally_, outcome)
        results.append(StepResult(one, outcome, tuple(failures)))
    return ScenarioResult(scenario, model.readings, tuple(results))
