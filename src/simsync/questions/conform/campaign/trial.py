"""A scenario, tried on a system: what cannot be tried and why, or where the system does otherwise than the model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.questions.conform.campaign.plan import as_read, lacks
from simsync.questions.conform.driven import Divergence, Driven, Seen
from simsync.questions.conform.fault_localization import Rule
from simsync.questions.conform.lockstep import drive_through, traced
from simsync.questions.conform.sequences.drives import Drive, ways_from_the_first
from simsync.questions.conform.systems.protocol import NOTIFIED, SystemFault
from simsync.questions.conform.systems.sut import System
from simsync.scenarios.scenario import Scenario, Step
from simsync.scenarios.simulate import ScenarioResult, StepResult
from simsync.scenarios.verdicts import ABSENT, Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it: the system did as the model does where nothing else is said.

    ``untried`` is why it could not be tried. ``diverged`` is what the model does, up to the step at which the system
    does otherwise, whose failures are the differences: expected by the model, found on the system; ``rules`` are those
    that the system breaks there, the likeliest first. ``faulty`` tells of a system that cannot be judged.
    """

    untried: str | None = None
    diverged: ScenarioResult | None = None
    rules: tuple[Rule, ...] = ()
    faulty: Driven | None = None


def try_scenario(system: System, model: Model, scenario: Scenario) -> Trial:
    """Try a scenario on a system that is held to a model, from its given status on, or driven there.

    What the scenario itself expects is not asked: the model is. A scenario of other readings is about other systems.
    """
    if not as_read(model.readings, scenario):
        told = ", ".join(f"{n}={option}" for n, option in scenario.readings.items() if model.readings[n] != option)
        return Trial(untried=f"it is about systems that follow {told}")
    if scenario.rounds:
        return Trial(untried="its actions overlap, and here a system is driven one action after the other")
    try:
        possible = _made_possible(system, model, scenario)
    except SystemFault as fault:
        return Trial(faulty=Driven(drive=_drive(scenario), steps=0, fault=traced(system, fault)))
    if isinstance(possible, str):
        return Trial(untried=possible)
    driven = drive_through(system, model, _drive(possible), ahead=0)
    if driven.unreached is not None:
        return Trial(untried=f"the system cannot {driven.unreached}")
    for one in driven.occurrences():
        assert one.divergence is not None
        return Trial(diverged=_result(system, model, possible, one.divergence), rules=one.divergence.rules)
    if driven.undecided:
        return Trial(untried=f"the rules do not say what comes of '{undecided_step(driven.undecided[-1])}")
    return Trial(faulty=driven) if driven.fault is not None else Trial()


def undecided_step(outcome: Outcome) -> str:
    """A step that the rules do not decide, and why not; to stand after an opening quote."""
    return f"{outcome.event.actor}: {outcome.event}': {outcome.defects[0].message}"


def _drive(scenario: Scenario) -> Drive:
    return Drive(trace=scenario.trace)


def _made_possible(system: System, model: Model, scenario: Scenario) -> Scenario | str:
    """The scenario as the system can do it, or why it cannot."""
    if not system.resets_to_status and not system.goes_on:
        ways = ways_from_the_first(model)
        if scenario.status not in ways:
            return (
                f"no action leads to the {model.words.status} {scenario.status}, and the system cannot be reset to it"
            )
        steps = tuple(Step(event, scenario.line) for event in ways[scenario.status])
        scenario = replace(scenario, status=model.status_spec.initial, steps=(*steps, *scenario.steps))
    lacking = lacks(model, system.ability, _drive(scenario))
    return f"the system says that it cannot {lacking}" if lacking is not None else scenario


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
            for partner, status in system.translation.statuses_unlike(wanted.status, shown).items():
                at = f"{partner}.{aspect}" if partner else aspect
                yield Failure(line, at, wanted.status, "not shown" if status is None else status)
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
