"""The use case behind `simsync shrink`: a failing scenario, as small as it can be and fail the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from simsync.app import collector_paused, run_scenarios_at
from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.errors import Code, listed, usage_error
from simsync.scenarios.scenario import Check, Scenario, Step
from simsync.scenarios.shapes import TOGETHER
from simsync.scenarios.shrinking import Shrinker
from simsync.scenarios.simulate import ScenarioResult, StepResult, run_scenario
from simsync.scenarios.verdicts import Failure

FailureKey = tuple[object, ...]
"""What tells failures apart: what was done, which row decided it, and each expectation with both values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """A scenario that fails, and the smallest one found that fails the same way, with the expectations that fail."""

    result: ScenarioResult
    smallest: ScenarioResult
    tries: int

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures of the smallest one; they are those of the first step that fails in the scenario."""
        return self.smallest.steps[-1].failures


def shrunk_at(model: Model, place: str) -> list[Shrunk]:
    """Every scenario at a place that fails, shrunk; none where all pass. Those with overlapping actions are left out.

    ``place`` is a file, a directory, or ``FILE:LINE``. Raises :class:`SimsyncError` with every problem of the files,
    and where all that fail have overlapping actions.
    """
    with collector_paused():
        failing = [result for result in run_scenarios_at(place, model) if not result.passed]
        overlapping = [result.scenario for result in failing if result.scenario.rounds]
        if overlapping and len(overlapping) == len(failing):
            where = listed(f"{one.file}:{one.line}" for one in overlapping)
            message = f"scenarios with actions that overlap ('{TOGETHER}') are not shrunk: {where}"
            raise usage_error(place, message, code=Code.USAGE)
        return [shrunk(model, result) for result in failing if not result.scenario.rounds]


def shrunk(model: Model, result: ScenarioResult) -> Shrunk:
    """A failing run, shrunk: the status to begin in, the steps, their fields, and the readings that it gives."""
    number, failing = next((n, one) for n, one in enumerate(result.steps) if one.failures)
    scenario = _cut(result.scenario, number, failing)
    wanted = _key(replace(failing, step=scenario.steps[-1]))

    def fails(trace: Trace) -> bool:
        return _fails(run_scenario(model, along(scenario, trace)), scenario, wanted)

    shrinker = Shrinker(model.factory, fails, partial(_later, tuple(model.status_spec.states)))
    scenario = along(scenario, shrinker.shrink(scenario.trace))
    for reading in scenario.readings:
        less = {name: option for name, option in scenario.readings.items() if name != reading}
        fewer = replace(scenario, readings=less)
        if _fails(run_scenario(model, fewer), scenario, wanted):
            scenario = fewer
    return Shrunk(result=result, smallest=run_scenario(model, scenario), tries=shrinker.tries)


def _later(statuses: Sequence[str], trace: Trace) -> Iterator[Trace]:
    """Begun in another status, without the first of the status actions."""
    moves = [number for number, event in enumerate(trace.events) if event.item is None]
    for count in range(len(moves), 0, -1):
        kept = tuple(event for number, event in enumerate(trace.events) if number not in moves[:count])
        yield from (replace(trace, status=status, events=kept) for status in statuses if status != trace.status)


def along(scenario: Scenario, trace: Trace) -> Scenario:
    """A scenario with other steps, of which the last keeps its expectations, and nothing is expected of the others."""
    *before, last = trace.events
    steps = [Step(event, 0) for event in before]
    return replace(scenario, status=trace.status, steps=(*steps, Step(last, 0, scenario.steps[-1].checks)))


def _cut(scenario: Scenario, number: int, failing: StepResult) -> Scenario:
    """The scenario up to a step that fails, with nothing expected but what fails there."""
    missed = {(failure.line, failure.at) for failure in failing.failures}
    kept = _missed(failing.step.checks, missed)
    steps = (*(replace(step, checks=()) for step in scenario.steps[:number]), replace(failing.step, checks=kept))
    return replace(scenario, steps=steps, finally_=_missed(scenario.finally_, missed))


def _missed(checks: Iterable[Check], missed: set[tuple[int, str]]) -> tuple[Check, ...]:
    return tuple(check for check in checks if (check.line, check.at) in missed)


def _key(result: StepResult) -> FailureKey:
    """In which way a step fails, without what tells of the rest of the world."""
    outcome, event = result.outcome, result.outcome.event
    deciding = outcome.rules[0] if outcome.rules else None
    named = {check.item for check in result.step.checks if check.item is not None}
    fates = tuple(sorted((item, row) for item, row in outcome.row_of.items() if item in named))
    missed = tuple(sorted(map(_told, result.failures), key=repr))
    return event.actor, event.action, event.item, deciding, fates, missed


def _told(failure: Failure) -> FailureKey:
    if failure.at.startswith("rules."):
        return failure.at, repr(failure.expected)
    if failure.at == "rule":  # which rows decided instead depends on all items
        return failure.at, failure.expected
    found = failure.actual
    if failure.at == "refused" and isinstance(found, str):
        found = found.partition(";")[0]
    return failure.at, repr(failure.expected), repr(found)


def _fails(result: ScenarioResult, scenario: Scenario, wanted: FailureKey) -> bool:
    """Whether a run fails at its last step, in the way wanted, with all items there that expectations name."""
    *before, last = result.steps
    created = {one.step.event.item for one in result.steps}
    checks = (*scenario.steps[-1].checks, *scenario.finally_)
    named = {check.item for check in checks if check.item is not None}
    return named <= created and not any(one.outcome.defects for one in before) and _key(last) == wanted
