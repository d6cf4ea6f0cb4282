"""What a scenario comes to under all readings, as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from simsync.errors import Diagnostic
from simsync.questions.run.all_readings import Parting, ReadEveryWay
from simsync.report import as_json
from simsync.report.difference import outcome_json
from simsync.version import __version__


class EveryWayJson:
    """Writes scenarios under all readings as JSON."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._made: list[ReadEveryWay] = []

    def add(self, made: ReadEveryWay) -> None:
        """Keep a scenario."""
        self._made.append(made)

    def close(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Write them all."""
        self._stream.write(as_json.dumps(all_as_data(self._made, diagnostics), self._stream) + "\n")


def all_as_data(made: Iterable[ReadEveryWay], diagnostics: Iterable[Diagnostic] = ()) -> dict[str, Any]:
    """Scenarios under all readings, for programs."""
    found = [as_json.diagnostic(one) for one in diagnostics]
    return {"simsync": __version__, "scenarios": [as_data(one) for one in made], "diagnostics": found}


def as_data(made: ReadEveryWay) -> dict[str, Any]:
    """A scenario under all readings, for programs."""
    scenario, partings = made.scenario, list(made.combined.partings)
    lines = [step.line for step in scenario.steps]
    return {
        "file": scenario.file,
        "line": scenario.line,
        "name": scenario.name,
        "combinations": made.combinations,
        "left_open": made.left_open,
        "part_at": lines[partings[0].look.step] if partings else None,
        "outcomes": [
            {
                "combinations": one.combinations,
                "in_force": one.in_force,
                "readings": [dict(cube) for cube in one.cubes],
                "steps": [
                    {"line": line, "actor": o.event.actor, "action": str(o.event), **outcome_json(o)}
                    for line, o in zip(lines, one.outcomes, strict=True)
                ],
            }
            for one in made.outcomes
        ],
        "differences": [_parting_as_data(one, lines) for one in partings],
        "independent": [
            {
                "decided_by": list(part.readings),
                "outcomes": [
                    {"in_force": one.in_force, "readings": [dict(cube) for cube in one.cubes]} for one in part.outcomes
                ],
                "differences": [_parting_as_data(one, lines) for one in part.partings],
            }
            for part in made.apart
        ],
    }


def _parting_as_data(one: Parting, lines: Sequence[int]) -> dict[str, Any]:
    """Where outcomes come apart, for programs."""
    look = one.look
    at = look.what if look.partner is None else look.partner
    return {"line": lines[look.step], "at": at, "item": look.item, "values": list(one.seen)}
