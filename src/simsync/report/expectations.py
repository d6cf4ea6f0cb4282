"""A scenario as its file would say it, with its expectations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from simsync.flow import flow
from simsync.scenarios.scenario import Check, Scenario
from simsync.scenarios.verdicts import ABSENT

OF_STEP = ("refused", "synced", "status", "notified", "rule")


def scenario_text(scenario: Scenario) -> str:
    """A scenario in the contract's format."""
    lines = [f"scenario: {flow(scenario.name)}"]
    if scenario.sources:
        lines.append(f"sources: {flow(list(scenario.sources))}")
    given: dict[str, Any] = {"status": scenario.status}
    if scenario.readings:
        given["readings"] = dict(scenario.readings)
    lines += [f"given: {flow(given)}", "steps:"]
    for step in scenario.steps:
        lines.append(f"  - {flow(step.event.actor)}: {flow(str(step.event))}")
        lines += [f"    {flow(name)}: {flow(value)}" for name, value in step.event.fields.items()]
        if step.checks:
            lines.append(f"    expect: {flow(nested(step.checks))}")
    if scenario.finally_:
        lines.append(f"finally: {flow(nested(scenario.finally_))}")
    return "\n".join(lines) + "\n"


def nested(checks: Iterable[Check]) -> dict[str, Any]:
    """Expectations as a scenario nests them."""
    expect: dict[str, Any] = {}
    for check in checks:
        if check.aspect in OF_STEP:
            expect[check.aspect] = check.expected
            continue
        of_other = check.at.startswith(("items.", "finally."))
        there = expect.setdefault("items", {}).setdefault(check.item, {}) if of_other else expect
        if check.aspect == "link":
            there["link"] = check.expected
        elif check.key is None:
            there[check.aspect] = ABSENT
        elif check.key == "":
            there.setdefault(check.aspect, {})
        else:
            there.setdefault(check.aspect, {})[check.key] = check.expected
    return expect
