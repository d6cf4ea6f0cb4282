"""From a run to its sequence diagram, and to the paths that it takes through the two machines."""

from __future__ import annotations

from collections.abc import Iterator

from simsync.drawing.graph import RunPath, Taken
from simsync.drawing.sequence import Beat, LaneSide, LinkState, Mark, Sequence
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.policy.policy import ALONE
from simsync.report import phrases
from simsync.report.step_summary import Signal, StepSummarizer, StepSummary
from simsync.report.terminal import UNICODE
from simsync.scenarios.simulate import ScenarioResult, StepResult

_ARRIVED = {
    Signal.TO_FIRST: frozenset({LaneSide.FIRST}),
    Signal.TO_SECOND: frozenset({LaneSide.SECOND}),
    Signal.BOTH: frozenset(LaneSide),
}


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
        status="" if scenario.status == ALONE else scenario.status,
        phase=model.phase(scenario.status),
        beats=beats,
        digest=model.policy.digest,
        ticket=str(model.words.ticket),
    )


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
        status=outcome.after.status if summary.status else "",
        phase=model.phase(outcome.after.status),
        links={move.item: _link_state(model, outcome, move.item, move.after) for move in summary.links},
        ref=summary.reasons[0][0] if summary.reasons else "",
        told=summary.notified,
    )


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


def paths_of(model: Model, result: ScenarioResult) -> tuple[RunPath, RunPath]:
    """The states that a run was in and the transitions that it took: the status machine's, the link machine's."""
    statuses = {result.scenario.status} | {one.outcome.after.status for one in result.steps}
    links = {link for one in result.steps for pair in one.outcome.links.values() for link in pair if link}
    fired = (fired for one in result.steps for fired in one.outcome.fired if fired.item is None)
    taken = {(one.source, one.dest, one.transition.id) for one in fired}
    return RunPath(statuses, taken), RunPath(links | _starts(model, result), set(_links_taken(model, result)))


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
