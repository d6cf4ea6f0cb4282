"""The use case behind `simsync why`: find the moment that is meant, and explain an action there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simsync.app import scenarios_at
from simsync.engine.model import Model
from simsync.engine.simulation import Simulation
from simsync.engine.step import step
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.errors import Code, usage_error
from simsync.policy.facts import DELETE, EDIT
from simsync.policy.policy import ALONE, Value
from simsync.questions.why.allowing import Allowing, allowing
from simsync.questions.why.grounds import readings_before
from simsync.questions.why.why import StepExplanation, StepVerdict, explain
from simsync.scenarios.loading import SUFFIXES, split_place
from simsync.scenarios.scenario import Scenario, Step


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation, the model under whose readings it holds, and in words the moment that it is about.

    ``allowing`` are the options of one reading by which a refused action would be done; ``again`` are the words of the
    command that shows the action, to which a reading can be added. ``before`` are the readings on which it depends by
    what was done before it alone.
    """

    model: Model
    explanation: StepExplanation
    moment: str
    allowing: tuple[Allowing, ...]
    again: tuple[str, ...]
    before: tuple[str, ...] = ()


def explain_action(model: Model, action: str, place: str | None, fields: Mapping[str, str]) -> Explained:
    """Explain an action where a scenario (``FILE`` or ``FILE:LINE``) has it, or tried out there.

    ``FILE:LINE`` in place of the action is the step there. Without a place, it is tried out on empty tickets. A step of
    the scenario that is the same action, if no other fields are given, is explained as it happened; LINE names the step
    that it is in, or a scenario by its head.
    Raises :class:`SimsyncError` where the action makes no sense there.
    """
    try:
        if place is None and (meant := _step_at(model, action)) is not None:
            scenario, number = meant
            event = scenario.steps[number].event
            return _at(model, scenario, scenario.steps[number].line, f"{event.actor}: {event}", fields)
        if place is None:
            simulation = Simulation(model)
            event, status = _tried(simulation, action, fields), simulation.world.status
            where = "" if status == ALONE else f" in {status}"
            trace = Trace(status=status, events=(event,))
            moment = f"tried out on empty {model.words.ticket.many}{where}"
            return _made(model, trace, simulation, moment, _why(action, None, fields))
        scenarios, line = scenarios_at(place, model)
        if line is not None and line >= scenarios[0].steps[0].line:
            return _at(model, scenarios[0], line, action, fields)
        return _somewhere(model, scenarios, action, fields)
    except ValueError as error:
        nothing = place is None and action.partition(":")[2].split()[:1] in ([EDIT], [DELETE])
        empty = " {Tickets} are empty where no --scenario says where it happens."
        where = model.words.say(empty) if nothing else ""
        raise usage_error("ACTION", f"{error}{where}", code=Code.BAD_ACTION) from error


def explain_step(model: Model, scenario: Scenario, number: int, again: tuple[str, ...]) -> Explained:
    """Explain a step of a scenario as it happened; ``again`` is the command that shows it."""
    step_ = scenario.steps[number]
    return _explained(model, scenario, number, step_.event, f"as in {scenario.place} {step_.line}", again)


def _step_at(model: Model, place: str) -> tuple[Scenario, int] | None:
    """The scenario and the number of the step of ``FILE:LINE``; None for what is an action."""
    path, line = split_place(place)
    if line is None and not path.lower().endswith(SUFFIXES):
        return None
    if line is None:
        message = f"which step? Name its line, as in {path}:12, or an action and --scenario {path}"
        raise usage_error("ACTION", message, code=Code.USAGE)
    (scenario,), _ = scenarios_at(place, model)
    number = max(n for n, one in enumerate(scenario.steps) if n == 0 or one.line <= line)
    return scenario, number


def _at(model: Model, scenario: Scenario, line: int, action: str, fields: Mapping[str, str]) -> Explained:
    """At the step that a line is in."""
    number = max(n for n, one in enumerate(scenario.steps) if n == 0 or one.line <= line)
    meant = scenario.steps[number]
    if _is(meant, action) and not fields:
        return _explained(model, scenario, number, meant.event, f"as in line {meant.line}")
    return _explained(model, scenario, number, (action, fields), f"tried out before line {meant.line}")


def _somewhere(model: Model, scenarios: Sequence[Scenario], action: str, fields: Mapping[str, str]) -> Explained:
    """At the first step that is the same action; else after the first scenario in which it makes sense."""
    for scenario in scenarios:
        for number, one in enumerate(scenario.steps):
            if _is(one, action) and not fields:
                return _explained(model, scenario, number, one.event, f"as in line {one.line}")
    problems: list[ValueError] = []
    for scenario in scenarios:
        try:
            return _explained(model, scenario, len(scenario.steps), (action, fields), "tried out after the last step")
        except ValueError as error:
            problems.append(error)
    raise problems[0]


def _explained(
    model: Model,
    scenario: Scenario,
    number: int,
    what: Event | tuple[str, Mapping[str, str]],
    how: str,
    again: tuple[str, ...] = (),
) -> Explained:
    """Explain an event, or an action in words, after so many steps of a scenario."""
    under = model.under(scenario.readings)
    simulation = Simulation(under, scenario.status)
    before = [one.event for one in scenario.steps[:number]]
    for one in before:
        simulation.world = step(under, simulation.world, one).after
    event = what if isinstance(what, Event) else _tried(simulation, *what)
    moment = f"{how} of '{scenario.name}' ({scenario.file}:{scenario.line})"
    if any(one.first <= number for one in scenario.rounds):
        moment += ", overlapping actions taken in the order written"
    line = scenario.steps[number].line if number < len(scenario.steps) else scenario.line
    place = f"{scenario.file}:{line}"
    again = again or (("simsync", "run", place) if isinstance(what, Event) else _why(what[0], place, what[1]))
    trace = Trace(status=scenario.status, readings=scenario.readings, events=(*before, event))
    return _made(model, trace, simulation, moment, again)


def _made(model: Model, trace: Trace, simulation: Simulation, moment: str, again: tuple[str, ...]) -> Explained:
    """The last event of a trace explained, in the world before it."""
    explanation = explain(simulation.model, simulation.world, trace.events[-1])
    refused = explanation.verdict is StepVerdict.REFUSED
    others = tuple(allowing(model, trace)) if refused else ()
    return Explained(simulation.model, explanation, moment, others, again, tuple(readings_before(model, trace)))


def _why(action: str, place: str | None, fields: Mapping[str, str]) -> tuple[str, ...]:
    """The command that tries an action out."""
    there = () if place is None else ("--scenario", place)
    return "simsync", "why", action, *there, *(word for one in fields.items() for word in ("--set", "=".join(one)))


def _is(one: Step, action: str) -> bool:
    return f"{one.event.actor}: {one.event}" == " ".join(action.replace(":", ": ", 1).split())


def _tried(simulation: Simulation, action: str, fields: Mapping[str, str]) -> Event:
    """The event of an action tried out; an edit that does not say of what is one of a text."""
    if action.partition(":")[2].split()[:1] == [EDIT] and not fields:
        texts = [field.name for field in simulation.model.vocabulary.fields.values() if not field.values]
        fields = dict.fromkeys(texts[:1], "another text")
    return simulation.event(action, **{name: _meant(simulation, name, value) for name, value in fields.items()})


def _meant(simulation: Simulation, name: str, value: str) -> Value:
    """What a value on the command line means: a boolean for a field that has booleans, else the text."""
    field = simulation.model.vocabulary.fields.get(name)
    booleans = {str(v).lower(): v for v in (field.values if field else ()) if isinstance(v, bool)}
    return booleans.get(value, value)
