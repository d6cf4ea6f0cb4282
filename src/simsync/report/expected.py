"""A drive as a scenario with everything that the rules have happen in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simsync.engine.outcome import Outcome
from simsync.engine.view import shown
from simsync.flow import flow
from simsync.scenarios.verdicts import ABSENT


def expected_scenario(title: str, about: str, sources: Sequence[str], outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The scenario in the contract's format, with full expectations, as plain data."""
    model = outcomes[0].model
    given: dict[str, Any] = {"status": outcomes[0].before.status}
    if model.chosen:
        given["readings"] = model.chosen
    scenario: dict[str, Any] = {"scenario": title, "about": about, "sources": list(sources), "given": given}
    steps = [{o.event.actor: str(o.event), **o.event.fields, "expect": _expectations(o)} for o in outcomes]
    return {key: value for key, value in scenario.items() if value} | {"steps": steps}


def _expectations(outcome: Outcome) -> dict[str, Any]:
    if outcome.refused is not None:
        return {"refused": True}
    model = outcome.model
    words = model.vocabulary
    expect: dict[str, Any] = {"synced": outcome.synced, "status": outcome.after.status}
    expect["notified"] = list(outcome.notified)
    if outcome.rules:
        expect["rule"] = outcome.rules[0]
    items = {
        name: {"link": item.link, **{p: shown(words, item, p) or ABSENT for p in words.partners}}
        for name, item in outcome.after.items.items()
    }
    return {**expect, "items": items} if items else expect


def expected_yaml(scenario: Mapping[str, Any]) -> str:
    """The scenario as a file says it, one expectation a line."""
    lines = [*(f"{key}: {flow(value)}" for key, value in scenario.items() if key != "steps"), "steps:"]
    for one in scenario["steps"]:
        (actor, action), *rest = one.items()
        lines.append(f"  - {flow(actor)}: {flow(action)}")
        lines += [f"    {flow(name)}: {flow(value)}" for name, value in rest if name != "expect"]
        lines += _expecting(one["expect"])
    return "\n".join(lines) + "\n"


def _expecting(expect: Mapping[str, Any]) -> Iterator[str]:
    yield "    expect:"
    for name, value in expect.items():
        if name == "items":
            yield "      items:"
            for item, views in value.items():
                yield f"        {flow(item)}:"
                yield from (f"          {flow(key)}: {flow(view)}" for key, view in views.items())
        else:
            yield f"      {name}: {flow(value)}"
