"""A scenario run to its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.overlap import RoundOutcome
from simsync.engine.trace import simulate
from simsync.engine.world import Event
from simsync.scenarios.scenario import Scenario, Step
from simsync.scenarios.stages import StageResult, run_stages
from simsync.scenarios.verdicts import Failure, judge, judge_all


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step, what it did, and the expectations that it did not meet."""

    step: Step
    outcome: Outcome
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """A scenario with the result of each step; ``readings`` are all that were in force.

    Where actions overlap, ``steps`` are the run in the order in which they are written, the failures of a round at its
    last action, and ``stages`` all that the orders come to.
    """

    scenario: Scenario
    readings: Mapping[str, str]
    steps: tuple[StepResult, ...]
    stages: tuple[StageResult, ...] = ()

    def tried(self) -> Iterator[Outcome]:
        """Every step that the run takes, in any order of actions that overlap."""
        if not self.stages:
            yield from (one.outcome for one in self.steps)
        for stage in self.stages:
            worlds = {fork.before: fork.outcome.tried for fork in stage.forks}
            yield from (outcome for tried in worlds.values() for outcome in tried)

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

    @property
    def refusals(self) -> list[StepResult]:
        """The steps of a question that are refused; of overlapping actions the orders tell."""
        refused = (one for one in self.steps if one.outcome.refused is not None)
        return [*refused] if self.scenario.takes_refusals and not self.stages else []

    @property
    def refused_answer(self) -> bool:
        """Whether it failed by nothing but refusals, and nothing was expected of any step."""
        amiss = {failure.at for one in self.steps for failure in one.failures}
        return amiss == {"refused"} and not self.scenario.expectations


def run_scenario(model: Model, scenario: Scenario) -> ScenarioResult:
    """Run a scenario from its given status under its given readings (the model's, where it gives none).

    What `finally` expects is judged on the last step.
    """
    model = model.under(scenario.readings)
    if scenario.rounds:
        stages = tuple(run_stages(model, scenario))
        return ScenarioResult(scenario, model.readings, tuple(_as_written(model, stages)), stages)
    results: list[StepResult] = []
    last = len(scenario.steps) - 1
    for number, (one, outcome) in enumerate(zip(scenario.steps, simulate(model, scenario.trace), strict=True)):
        failures = judge(model, one, outcome)
        if number == last:
            failures += judge_all(model, scenario.finally_, outcome)
        failures = [one for one in failures if one.at != "refused" or not scenario.takes_refusals]
        results.append(StepResult(one, outcome, tuple(failures)))
    return ScenarioResult(scenario, model.readings, tuple(results))


def _as_written(model: Model, stages: Iterable[StageResult]) -> Iterator[StepResult]:
    """The run in the order in which everything is written; what is not sent does nothing."""
    for one in stages:
        first = one.forks[0].outcome
        for position, step in enumerate(one.stage.steps):
            outcome = first.of(position) or _not_sent(model, step.event, first)
            last = position == len(one.stage.steps) - 1
            yield StepResult(step, outcome, one.failures if last else ())


def _not_sent(model: Model, event: Event, found: RoundOutcome) -> Outcome:
    """An action that could not be sent yet."""
    world = found.outcomes[-1].after if found.outcomes else found.before
    why = f"not sent: this round makes {event.item}, and {event.actor}'s {model.words.ticket} does not show it yet"
    return Outcome(model=model, event=event, before=world, after=world, refused=why)
