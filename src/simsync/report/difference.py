"""Where two models come apart: the scenario, and what can be seen after it on either side, as far as it differs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import View, ticket
from simsync.report import phrases
from simsync.scenarios.writing import as_yaml, document
from simsync.statespace.differences import seen


def title_of(left: str, right: str) -> str:
    """What a scenario that shows a difference is called."""
    return f"{left} or {right}"


def as_text(difference: Trace, left: tuple[str, Model], right: tuple[str, Model]) -> Iterator[str]:
    """The scenario, and what can be seen after its last step on either side, as far as it differs."""
    yield from as_yaml(document(title_of(left[0], right[0]), difference)).splitlines()
    one, two = (simulate(model, difference)[-1] for _, model in (left, right))
    for (name, _), mine, other in ((left, one, two), (right, two, one)):
        yield f"# {name}: {'; '.join(told(mine, other))}"


def told(mine: Outcome, other: Outcome, *, why: bool = True) -> Iterator[str]:
    """What can be seen of one outcome, as far as it differs from the other; of a refusal also ``why``."""
    if mine.refused is not None and other.refused is None:
        yield f"refused ({phrases.printable_line(mine.refused)})" if why else "refused"
        return
    if other.refused is not None and mine.refused is None:
        yield "not refused"
    if mine.defects and not other.defects:
        yield f"the rules fail here ({phrases.printable_line(mine.defects[0].message)})"
    elif other.defects and not mine.defects:
        yield "the rules decide this"
    words = mine.model.words
    if mine.after.status != other.after.status:
        yield f"the {words.status} is {mine.after.status}"
    for partner in mine.model.vocabulary.partners:
        here, there = (ticket(one.model.vocabulary, one.after, partner) for one in (mine, other))
        if apart := list(_apart(here, there)):
            yield f"{partner}'s {words.ticket} shows {', '.join(apart)}"
    if sorted(mine.notified) != sorted(other.notified):
        yield f"told: {', '.join(mine.notified) or 'nobody'}"


def _apart(here: dict[str, View], there: dict[str, View]) -> Iterator[str]:
    """What a ticket shows of the items that the other side's shows otherwise; if both show one, only what differs."""
    for name in {**there, **here}:
        view, its = here.get(name), there.get(name)
        if view is None:
            yield f"no {name}"
        elif its is None:
            yield f"{name} {phrases.value(view)}"
        elif view != its:
            yield f"{name} {phrases.value({k: view.get(k) for k in {**view, **its} if view.get(k) != its.get(k)})}"


def as_json(difference: Trace | None, left: tuple[str, Model], right: tuple[str, Model]) -> dict[str, Any]:
    """The difference for programs: the scenario, and what can be seen of each step on either side."""
    if difference is None:
        return {"differs": False}
    scenario = document(title_of(left[0], right[0]), difference)
    sides = (("left", left), ("right", right))
    runs = {side: [outcome_json(one) for one in simulate(model, difference)] for side, (_, model) in sides}
    return {"differs": True, "scenario": scenario, **runs}


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """What can be seen of an outcome, for programs."""
    shown = seen(outcome)
    return {
        "refused": outcome.refused,
        "status": shown.status,
        "tickets": shown.tickets,
        "notified": list(shown.notified),
    }
