"""What two models make of the same scenario, side by side: as text, and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.analysis.compare import Difference, seen
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.core.view import View, ticket
from simsync.model.world import World
from simsync.reporting import phrases
from simsync.reporting.findings import as_yaml, scenario_of


def run(model: Model, difference: Difference) -> list[Outcome]:
    """What each step of a difference does under a model."""
    world, outcomes = World(difference.status), []
    for event in difference.events:
        outcomes.append(step(model, world, event))
        world = outcomes[-1].after
    return outcomes


def title_of(left: str, right: str) -> str:
    """What a scenario that shows a difference is called."""
    return f"{left} or {right}"


def as_text(difference: Difference, left: tuple[str, Model], right: tuple[str, Model]) -> Iterator[str]:
    """The scenario, and what can be seen after its last step on either side, as far as it differs."""
    yield from as_yaml(scenario_of(title_of(left[0], right[0]), difference.status, {}, difference.events)).splitlines()
    one, two = (run(model, difference)[-1] for _, model in (left, right))
    for (name, _), mine, other in ((left, one, two), (right, two, one)):
        yield f"# {name}: {'; '.join(_told(mine, other))}"


def _told(mine: Outcome, other: Outcome) -> Iterator[str]:
    if mine.refused is not None:
        yield f"refused ({phrases.printable_line(mine.refused)})"
    elif other.refused is not None:
        yield "not refused"
    if mine.after.status != other.after.status:
        yield f"the status is {mine.after.status}"
    words = mine.model.vocabulary
    for partner in words.partners:
        here, there = (ticket(words, outcome.after, partner) for outcome in (mine, other))
        if here != there:
            yield f"{partner}'s ticket shows {_items(here)}"
    if sorted(mine.notified) != sorted(other.notified):
        yield f"told: {', '.join(mine.notified) or 'nobody'}"


def _items(shown: dict[str, View]) -> str:
    return ", ".join(f"{name} {phrases.value(view)}" for name, view in shown.items()) or "nothing"


def as_json(difference: Difference | None, left: tuple[str, Model], right: tuple[str, Model]) -> dict[str, Any]:
    """The difference for programs: the scenario, and what can be seen of each step on either side."""
    if difference is None:
        return {"differs": False}
    sides = {side: [_seen(outcome) for outcome in run(model, difference)] for side, (_, model) in
             (("left", left), ("right", right))}  # fmt: skip
    scenario = scenario_of(title_of(left[0], right[0]), difference.status, {}, difference.events)
    return {"differs": True, "scenario": scenario, **sides}


def _seen(outcome: Outcome) -> dict[str, Any]:
    shown = seen(outcome)
    return {
        "refused": outcome.refused,
        "status": shown.status,
        "tickets": shown.tickets,
        "notified": list(shown.notified),
    }
