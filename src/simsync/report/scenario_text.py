"""A scenario without expectations, as a file says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.engine.world import Event
from simsync.flow import flow

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


def way_text(model: Model, way: Trace) -> str:
    """A scenario in a line: where it begins, and who does what; texts are left out, since any will do."""
    free = {field.name for field in model.vocabulary.fields.values() if not field.values}
    steps = []
    for event in way.events:
        fields = [
            f"{k} {str(v).lower() if isinstance(v, bool) else v}" for k, v in event.fields.items() if k not in free
        ]
        steps.append(f"{event.actor}: {event}{f' ({chr(44).join(fields)})' if fields else ''}".replace(",", ", "))
    readings = "".join(f", {name}={option}" for name, option in way.readings.items())
    return f"given {way.status}{readings}; {'; '.join(steps)}"
