"""A scenario, tried on a system: what cannot be tried and why, or where the system does otherwise than the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simsync.conformance.lockstep import Divergence, Drive, Fault, Seen, drive_through
from simsync.conformance.protocol import NOTIFIED, SystemFault
from simsync.conformance.sut import System
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.simulate import ScenarioResult, StepResult, run_scenario
from simsync.core.step import step
from simsync.core.verdicts import ABSENT, Failure
from simsync.model.scenario import Scenario, Step
from simsync.model.world import Event, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it: the system did as the model does where nothing else is said.

    ``untried`` is why it could not be tried. ``diverged`` is what the model does, up to the step at which the system
    does otherwise, whose failures are the differences: expected by the model, found on the system.
    """

    untried: str | None = None
    diverged: ScenarioResult | None = None
    fault: Fault | None = None


def try_scenario(system: System, model: Model, scenario: Scenario) -> Trial:
    """Try a scenario on a system that is held to a model, from its given status on, or driven there.

    What the scenario itself expects is not asked: the model is. A scenario of other readings is about other systems.
    """
    others = {name: option for name, option in scenario.readings.items() if model.readings[name] != option}
    if others:
        told = ", ".join(f"{name}={option}" for name, option in others.items())
        return Trial(untried=f"it is about systems that follow {told}")
    try:
        possible = _made_possible(system, model, scenario)
    except SystemFault as fault:
        trace = tuple((one.request, one.answer) for one in system.trace)
        return Trial(fault=Fault(trouble=fault.trouble, message=fault.message, trace=trace))
    if isinstance(possible, str):
        return Trial(untried=possible)
    events = tuple(one.event for one in possible.steps)
    driven = drive_through(system, model, Drive(status=possible.status, events=events, source=scenario.file))
    found = driven.divergence
    return Trial(fault=driven.fault, diverged=_result(system, model, possible, found) if found else None)


def _made_possible(system: System, model: Model, scenario: Scenario) -> Scenario | str:
    """The scenario as the system can do it, or why it cannot."""
    if not system.resets_to_status:
        first = model.status_spec.initial
        way = approach(model, scenario.status)
        if way is None:
            return f"no action leads to the status {scenario.status}, and the system cannot be reset to it"
        steps = tuple(Step(event, scenario.line) for event in way)
        scenario = replace(scenario, status=first, steps=(*steps, *scenario.steps))
    ability = system.ability
    for one in run_scenario(model, scenario).steps:
        lacking = ability.lacks(one.outcome.before, one.outcome.event)
        if lacking is not None:
            return f"the system says that it cannot {lacking}"
    return scenario


def approach(model: Model, status: str) -> tuple[Event, ...] | None:
    """The shortest way from the first status to another, with empty tickets; None where there is none."""
    events = [Event(actor=t.actor or "", action=t.trigger) for t in model.policy.transitions(model.policy.status)]
    first = World(model.status_spec.initial)
    ways: dict[str, tuple[Event, ...]] = {first.status: ()}
    for reached in (waiting := [first]):  # grows while we walk
        for event in events:
            after = step(model, reached, event).after
            if after.status not in ways:
                ways[after.status] = (*ways[reached.status], event)
                waiting.append(after)
    return ways.get(status)


def _result(system: System, model: Model, scenario: Scenario, found: Divergence) -> ScenarioResult:
    differing = tuple(differences(system, found.expected, found.actual, scenario.steps[found.at].line))
    return as_result(model, scenario, found.outcomes, differing)


def as_result(
    model: Model, scenario: Scenario, outcomes: Sequence[Outcome], differing: tuple[Failure, ...]
) -> ScenarioResult:
    """The steps of a scenario that were done, ``differing`` being the failures of the last."""
    steps = [StepResult(one, outcome, ()) for one, outcome in zip(scenario.steps, outcomes, strict=False)]
    steps[-1] = replace(steps[-1], failures=differing)
    return ScenarioResult(scenario, model.readings, tuple(steps))


def differences(system: System, expected: Seen, actual: Seen, line: int) -> Iterator[Failure]:
    """What a system shows otherwise than expected, each as an expectation that did not hold; none where it conforms."""
    if (expected.refused is None) != (actual.refused is None):
        refused = None if actual.refused is None else actual.refused or "refused"
        yield Failure(line, "refused", expected.refused, refused)
    wanted, shown = expected.shown, actual.shown
    for aspect in system.translation.aspects(wanted, shown):
        if aspect == "status":
            yield Failure(line, aspect, wanted.status, shown.status)
        elif aspect == NOTIFIED:
            yield Failure(line, aspect, list(wanted.notified or ()), list(shown.notified or ()))
        else:
            yield from _on_ticket(system, expected, actual, (aspect, line))


def _on_ticket(system: System, expected: Seen, actual: Seen, place: tuple[str, int]) -> Iterator[Failure]:
    partner, line = place
    wanted, shown = expected.shown.tickets[partner], actual.shown.tickets.get(partner, {})
    for item in dict.fromkeys((*wanted, *shown)):
        at = f"{partner}.{item}"
        if item not in shown or item not in wanted:
            yield Failure(line, at, wanted.get(item, ABSENT), shown.get(item, ABSENT))
            continue
        for name in system.translation.differing(wanted[item], shown[item]):
            yield Failure(line, f"{at}.{name}", wanted[item][name], shown[item].get(name, "not shown"))
