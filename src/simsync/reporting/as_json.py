"""The contract's JSON of a run, written as it goes so that no result is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from simsync.core.model import Model
from simsync.core.simulate import ScenarioResult, StepResult
from simsync.core.verdicts import Failure
from simsync.core.view import ticket
from simsync.errors import Diagnostic
from simsync.version import __version__


def failure(found: Failure) -> dict[str, Any]:
    """One expectation that did not hold."""
    return {"line": found.line, "at": found.at, "expected": found.expected, "actual": found.actual}


def step(model: Model, result: StepResult) -> dict[str, Any]:
    """One step."""
    outcome = result.outcome
    return {
        "line": result.step.line,
        "actor": outcome.event.actor,
        "action": str(outcome.event),
        "refused": outcome.refused,
        "synced": outcome.synced,
        "rules": list(outcome.rules),
        "sources": list(outcome.sources),
        "readings": list(outcome.readings),
        "status": {"before": outcome.before.status, "after": outcome.after.status},
        "links": {name: {"before": before, "after": after} for name, (before, after) in outcome.links.items()},
        "tickets": {p: ticket(model.vocabulary, outcome.after, p) for p in model.vocabulary.partners},
        "notified": list(outcome.notified),
        "failures": [failure(f) for f in result.failures],
    }


def scenario(model: Model, result: ScenarioResult) -> dict[str, Any]:
    """One scenario."""
    return {
        "file": result.scenario.file,
        "line": result.scenario.line,
        "name": result.scenario.name,
        "passed": result.passed,
        "readings": dict(result.readings),
        "steps": [step(model, one) for one in result.steps],
    }


def diagnostic(found: Diagnostic) -> dict[str, Any]:
    """One problem of the input."""
    return {"file": found.file, "line": found.line, "col": found.col, "code": found.code, "message": found.message}


def dumps(value: Any) -> str:
    """JSON with the text as it is."""
    return json.dumps(value, ensure_ascii=False)


class RunWriter:
    """Writes one run: scenarios as they come, then the summary and the diagnostics."""

    def __init__(self, stream: TextIO, model: Model) -> None:
        self._stream = stream
        self._model = model
        self._first = True
        stream.write(f'{{"simsync": {dumps(__version__)}, "scenarios": [')

    def add(self, result: ScenarioResult) -> None:
        """Write a scenario's result."""
        self._stream.write("\n" if self._first else ",\n")
        self._stream.write(dumps(scenario(self._model, result)))
        self._first = False

    def close(self, summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Write what comes last."""
        found = [diagnostic(d) for d in diagnostics]
        self._stream.write(f'],\n"summary": {dumps(summary)}, "diagnostics": {dumps(found)}}}\n')
