"""What a check found: as text, as JSON, and as scenarios to run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simsync.analysis.table_check import Finding, Severity
from simsync.flow import flow
from simsync.model.world import Event
from simsync.reporting.phrases import counted

WIDEST = 120
"""Characters of a line of a scenario file, if it can be folded."""


def scenario_of(title: str, status: str, readings: Mapping[str, str], events: Iterable[Event]) -> dict[str, Any]:
    """A scenario in the contract's format, without expectations, as plain data."""
    given: dict[str, Any] = {"status": status}
    if readings:
        given["readings"] = dict(readings)
    steps = [{event.actor: str(event), **event.fields} for event in events]
    return {"scenario": title, "given": given, "steps": steps}


def as_yaml(scenario: Mapping[str, Any]) -> str:
    """A scenario as a file says it."""
    lines = [f"scenario: {flow(scenario['scenario'])}", f"given: {flow(scenario['given'])}", "steps:"]
    for one in scenario["steps"]:
        (actor, action), *fields = one.items()
        lines.append(f"  - {flow(actor)}: {flow(action)}")
        lines += [line for name, value in fields for line in _written(name, value, "    ")]
    return "\n".join(lines) + "\n"


def _written(name: str, value: Any, indent: str) -> Iterator[str]:
    """A key with its value, in a line of its own each where one line would be too long."""
    line = f"{indent}{flow(name)}: {flow(value)}"
    if len(line) <= WIDEST or not isinstance(value, Mapping):
        yield line
        return
    yield f"{indent}{flow(name)}:"
    for key, inner in value.items():
        yield from _written(key, inner, indent + "  ")


def _scenario(finding: Finding) -> dict[str, Any] | None:
    way = finding.way
    return None if way is None else scenario_of(finding.message, way.status, way.readings, way.events)


def as_json(findings: Iterable[Finding]) -> dict[str, Any]:
    """Findings for programs."""
    return {
        "findings": [
            {
                "code": finding.code,
                "severity": str(finding.severity),
                "where": str(finding.where),
                "message": finding.message,
                **({"scenario": scenario} if (scenario := _scenario(finding)) else {}),
            }
            for finding in findings
        ]
    }


def as_text(findings: Iterable[Finding]) -> Iterable[str]:
    """Findings for a reader, each with the shortest scenario that shows it."""
    errors = warnings = 0
    for finding in findings:
        errors += finding.severity is Severity.ERROR
        warnings += finding.severity is Severity.WARNING
        yield f"{finding.where}: {finding.severity}: {finding.code}: {finding.message}"
        if (scenario := _scenario(finding)) is not None:
            yield "".join(f"    {line}\n" for line in as_yaml(scenario).splitlines())
    if errors or warnings:
        yield f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    else:
        yield "one row decides every situation that an item can come to, and every row, transition and state is used"
