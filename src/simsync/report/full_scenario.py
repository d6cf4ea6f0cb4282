"""A scenario written with all that can be expected of each step: what the rules say today."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import shown
from simsync.flow import flow
from simsync.scenarios.verdicts import ABSENT

WIDTH = 110


def full_scenario(model: Model, way: Trace, title: str, about: str = "") -> str:
    """A scenario as a file says it, with everything expected that comes of each step under a model and its readings.

    Its sources are the statements on which the deciding rows rest.
    """
    outcomes = simulate(model, way)
    given: dict[str, Any] = {"status": way.status}
    if way.readings:
        given["readings"] = dict(way.readings)
    cited = {source for outcome in outcomes for source in outcome.sources}
    sources = [name for name in model.policy.citations.statements if name in cited]
    lines = [f"scenario: {flow(title)}"]
    if about:
        lines += ["about: >-", *map("  {}".format, textwrap.wrap(about, WIDTH - 2, break_on_hyphens=False))]
    if sources:
        lines.append(f"sources: {flow(sources)}")
    lines += [f"given: {flow(given)}", "steps:"]
    for outcome in outcomes:
        event = outcome.event
        lines.append(f"  - {flow(event.actor)}: {flow(str(event))}")
        lines += [f"    {flow(name)}: {flow(value)}" for name, value in event.fields.items()]
        lines += _expect(expected(outcome))
    return "\n".join(lines) + "\n"


def _expect(expectations: Mapping[str, Any]) -> Iterator[str]:
    line = f"    expect: {flow(expectations)}"
    if len(line) <= WIDTH:
        yield line
        return
    yield "    expect:"
    yield from (f"      {flow(key)}: {flow(value)}" for key, value in expectations.items())


def expected(outcome: Outcome) -> dict[str, Any]:
    """Everything that can be expected of a step, in the contract's words."""
    event = outcome.event
    rule = {"rule": outcome.rules[0]} if outcome.rules else {}
    if outcome.refused is not None:
        whole = next((h.row.then.refuse for h in outcome.hits if h.row.then.refuse), None)
        told = whole if whole and whole.casefold() in outcome.refused.casefold() else True
        return {"refused": told, **_of_item(outcome, event.item), **rule}
    told_to = {"notified": list(outcome.notified)}
    if event.item is not None:
        return {"synced": outcome.synced, **_of_item(outcome, event.item), **told_to, **rule}
    items = {name: _of_item(outcome, name) for name in outcome.after.items}
    status = {"status": outcome.after.status, "synced": outcome.synced}
    return {**status, **told_to, **rule, **({"items": items} if items else {})}


def _of_item(outcome: Outcome, name: str | None) -> dict[str, Any]:
    """The link of an item and what both tickets show of it; nothing of an item that there is not."""
    item = outcome.after.items.get(name or "")
    if item is None:
        return {}
    words = outcome.model.vocabulary
    views = {partner: shown(words, item, partner) for partner in words.partners}
    return {"link": item.link, **{partner: ABSENT if view is None else view for partner, view in views.items()}}
