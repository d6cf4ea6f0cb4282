"""From a run to its sequence diagram, and to the paths that it takes through the two machines."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.drawing.graph import RunPath, Taken
from simsync.drawing.sequence import Beat, LaneSide, LinkState, Mark, Sequence
from simsync.engine.decision import Fired
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.policy.joining import parts_of
from simsync.policy.policy import ALONE, MachineSpec
from simsync.report import phrases
from simsync.report.step_summary import Signal, StepSummarizer, StepSummary
from simsync.report.terminal import UNICODE
from simsync.report.who_sees_what import NOT_SAID, NOT_THERE, sights, without_ticket
from simsync.scenarios.simulate import ScenarioResult, StepResult

_ARRIVED = {
    Signal.TO_FIRST: frozenset({LaneSide.FIRST}),
    Signal.TO_SECOND: frozenset({LaneSide.SECOND}),
    Signal.BOTH: frozenset(LaneSide),
}


AS_WRITTEN = "overlapping actions drawn in the order written"
"""What is said of a picture of a run that has others."""


def sequence_of(model: Model, result: ScenarioResult) -> Sequence:
    """The sequence diagram of a run; ``model`` is one of the same policy."""
    model = model.under(result.readings)
    scenario = result.scenario
    accountant = StepSummarizer(model, UNICODE.dot)
    sides = dict(zip(model.vocabulary.partners, LaneSide, strict=True))
    beats = tuple(_beat(model, accountant.summary(one), one, sides) for one in result.steps)
    given = phrases.given(scenario)
    begun = [f"given {given}"] if given else []
    begun += [read] if (read := _read_as(model, result)) else []
    begun += [AS_WRITTEN] if scenario.rounds else []
    where = f"{phrases.printable_line(scenario.file)}:{scenario.line}"
    items = result.steps[-1].outcome.after.items.values()
    return Sequence(
        title=phrases.printable(scenario.name),
        given="; ".join([*([", ".join(begun)] if begun else []), where]),
        failed=not result.passed,
        partners={side: f"{partner}'s {model.words.ticket}" for partner, side in sides.items()},
        actors=tuple(dict.fromkeys(one.alone for one in beats if one.alone)),
        items={item.name: (f"{item.owner}'s", item.original.kind) for item in items},
        phases=tuple(model.status_spec.phases),
        status=_told(model, scenario.status, tuple(model.status_spec.parts(scenario.status).items())),
        phase=model.phase(scenario.status),
        beats=beats,
        digest=model.policy.digest,
        ticket=str(model.words.ticket),
        end={side: tuple(_seen(model, result, partner)) for partner, side in sides.items()} if result.passed else {},
    )


def _seen(model: Model, result: ScenarioResult, partner: str) -> Iterator[str]:
    """What a partner's ticket shows at the end, item by item."""
    world, accountant = result.steps[-1].outcome.after, StepSummarizer(model, UNICODE.dot)
    if partner in without_ticket(model, world):
        yield f"no {model.words.ticket}"
        return
    for name, seen in sights(model.vocabulary, world).items():
        view = seen[partner]
        if view is None:
            yield f"{name}: {NOT_THERE}"
            continue
        said = accountant.described({fact: value for fact, value in view.items() if value is not None})
        unsaid = [fact.replace("_", " ") for fact, value in view.items() if value is None]
        yield f"{name} {said}" + (f" {UNICODE.dot} {NOT_SAID}: {', '.join(unsaid)}" if unsaid else "")
    if not world.items:
        yield f"no {model.words.item}"


def _read_as(model: Model, result: ScenarioResult) -> str:
    """The readings in force that are neither the scenario's own nor the default ones."""
    other = [f"{n}={option}" for n, option in model.chosen.items() if n not in result.scenario.readings]
    return f"read as {', '.join(other)}" if other else ""


def _beat(model: Model, summary: StepSummary, result: StepResult, sides: dict[str, LaneSide]) -> Beat:
    outcome = result.outcome
    return Beat(
        number=str(summary.line),
        actor=sides[summary.side],
        alone="" if outcome.event.actor in sides else outcome.event.actor,
        action=summary.action.replace("  ", f" {UNICODE.dot} ", 1),
        to=_ARRIVED.get(summary.signal, frozenset()),
        says={sides[partner]: tuple(map(str, changes)) for partner, changes in summary.changes.items()},
        refused=summary.refused or "",
        failures=tuple(_failures(summary)),
        status=_told(model, outcome.after.status, _moved(model, outcome)) if summary.statuses else (),
        phase=model.phase(outcome.after.status),
        links={move.item: _link_state(model, outcome, move.item, move.after) for move in summary.links},
        ref=summary.reasons[0][0] if summary.reasons else "",
        told=summary.notified,
        readings=tuple(f"{name}={option}" for name, option in summary.readings),
    )


def _moved(model: Model, outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """Of several status machines those that moved, with where they are."""
    before, after = (model.status_spec.parts(world.status) for world in (outcome.before, outcome.after))
    return tuple((key, state) for key, state in after.items() if before[key] != state)


def _told(model: Model, status: str, parts: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """A status as it is told: with the phase, or, of several status machines, some of them by their keys."""
    if model.policy.machines:
        return tuple(f"{key}: {state}" for key, state in parts)
    return () if status == ALONE else (status, f"synchronization: {model.phase(status)}")


def _failures(summary: StepSummary) -> Iterator[str]:
    yield from (f"the rules fail here: {defect}" for defect in summary.defects)
    for failure in summary.failures:
        expected, actual = phrases.sides(failure)
        wanted = "" if summary.refused and failure.at == "refused" else f"{failure.at} is {actual}, "
        yield f"{wanted}expected {expected}"


def _link_state(model: Model, outcome: Outcome, name: str, link: str) -> LinkState:
    states = model.link_spec.states
    item = outcome.after.items[name]
    if not states[link].final:
        mark = Mark.OPEN
    elif not item.present:
        mark = Mark.GONE
    else:
        mark = Mark.CUT if outcome.event.actor != item.owner and outcome.event.item == name else Mark.STOPPED
    return LinkState(link, list(states).index(link), mark)


def paths_of(model: Model, result: ScenarioResult) -> list[RunPath]:
    """The states that a run was in and the transitions that it took: each status machine's, then the link machine's."""
    links = {link for one in result.steps for pair in one.outcome.links.values() for link in pair if link}
    link = RunPath(links | _starts(model, result), set(_links_taken(model, result)))
    return [*(_status_path(model, machine, result) for machine in model.status_machines), link]


def _status_path(model: Model, machine: MachineSpec, result: ScenarioResult) -> RunPath:
    """The path of a run through one status machine: of each ticket's, through both."""
    own = {t.id: t for t in machine.transitions}
    parts = parts_of(model.policy.machines, tuple(model.vocabulary.partners))
    keys = [part.key for part in parts if part.spec.name == machine.name]
    taken: set[Taken] = set()
    statuses: set[str] = set()
    for before, after, fired in _status_moves(result):
        ids = [name for one in fired for name in one.transition.declared if name in own]
        for was, now in [(before, after)] if not keys else _by_key(model.status_spec, keys, before, after):
            statuses |= {was, now}
            taken |= {(was, now, name) for name in ids if was in own[name].source and now == own[name].dest}
    return RunPath(statuses, taken)


def _by_key(spec: MachineSpec, keys: list[str], before: str, after: str) -> list[tuple[str, str]]:
    was, now = spec.parts(before), spec.parts(after)
    return [(was[key], now[key]) for key in keys]


def _status_moves(result: ScenarioResult) -> Iterator[tuple[str, str, list[Fired]]]:
    """The status before and after each step, with the transitions of the status that fired."""
    yield result.scenario.status, result.scenario.status, []
    for one in result.steps:
        outcome = one.outcome
        status = outcome.before.status
        for fired in outcome.fired:
            if fired.item is None:
                yield fired.source, fired.dest, [fired]
                status = fired.dest
        yield status, outcome.after.status, []


def _starts(model: Model, result: ScenarioResult) -> set[str]:
    created = any(one.outcome.after.items for one in result.steps)
    return {model.link_spec.initial} if created else set()


def _links_taken(model: Model, result: ScenarioResult) -> Iterator[Taken]:
    for one in result.steps:
        outcome = one.outcome
        for name, (before, after) in outcome.links.items():
            own = name == outcome.event.item
            rows = outcome.rules if own else tuple(filter(None, [outcome.row_of.get(name)]))
            yield from ((before or model.link_spec.initial, after, row) for row in rows)
