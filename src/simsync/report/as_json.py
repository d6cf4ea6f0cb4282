"""The contract's JSON of a run, written as it goes so that no result is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TextIO

from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.view import ticket
from simsync.errors import Diagnostic
from simsync.report.who_sees_what import sights
from simsync.scenarios.simulate import ScenarioResult, StepResult
from simsync.scenarios.verdicts import Failure
from simsync.version import __version__


def failure(found: Failure) -> dict[str, Any]:
    """One expectation that did not hold."""
    return {"line": found.line, "at": found.at, "expected": found.expected, "actual": found.actual}


def step(model: Model, result: StepResult) -> dict[str, Any]:
    """One step."""
    outcome, said = result.outcome, model.status_spec.said
    return {
        "line": result.step.line,
        "actor": outcome.event.actor,
        "action": str(outcome.event),
        "refused": outcome.refused,
        "synced": outcome.synced,
        "rules": list(outcome.rules),
        "sources": list(outcome.sources),
        "readings": list(readings_behind(outcome)),
        "status": {"before": said(outcome.before.status), "after": said(outcome.after.status)},
        "links": {name: {"before": before, "after": after} for name, (before, after) in outcome.links.items()},
        "tickets": {p: ticket(model.vocabulary, outcome.after, p) for p in model.vocabulary.partners},
        "notified": list(outcome.notified),
        "failures": [failure(f) for f in result.failures],
    }


def head(result: ScenarioResult) -> dict[str, Any]:
    """What is said of a scenario besides its steps."""
    return {
        "file": result.scenario.file,
        "line": result.scenario.line,
        "name": result.scenario.name,
        "passed": result.passed,
        "expectations": result.scenario.expectations,
        "answered": result.answered,
        "readings": dict(result.readings),
    }


def diagnostic(found: Diagnostic) -> dict[str, Any]:
    """One problem of the input."""
    return {"file": found.file, "line": found.line, "col": found.col, "code": found.code, "message": found.message}


def dumps(value: Any, stream: TextIO | None = None) -> str:
    """JSON with the text as it is, or escaped where the stream could not carry it."""
    return _encoder(stream).encode(value)


def _encoder(stream: TextIO | None) -> json.JSONEncoder:
    encoding = (getattr(stream, "encoding", None) or "utf-8").lower()
    return json.JSONEncoder(ensure_ascii=not encoding.startswith("utf"))


class RunWriter:
    """Writes one run: scenarios as they come, step by step, then the summary and the diagnostics."""

    def __init__(self, stream: TextIO, model: Model) -> None:
        self._stream = stream
        self._model = model
        self._first = True
        self._dumps = _encoder(stream).encode
        stream.write(f'{{"simsync": {self._dumps(__version__)}, "scenarios": [')

    def add(self, result: ScenarioResult) -> None:
        """Write a scenario's result."""
        self._stream.write("\n" if self._first else ",\n")
        self._first = False
        self._stream.write(self._dumps(head(result))[:-1] + ', "steps": [')
        for number, one in enumerate(result.steps):
            self._stream.write((", " if number else "") + self._dumps(step(self._model, one)))
        self._stream.write("]")
        if result.answered:
            seen = sights(self._model.vocabulary, result.steps[-1].outcome.after)
            self._stream.write(f', "who_sees_what": {self._dumps(seen)}')
        self._stream.write("}")

    def close(self, summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Write what comes last."""
        found = [diagnostic(d) for d in diagnostics]
        self._stream.write(f'],\n"summary": {self._dumps(summary)}, "diagnostics": {self._dumps(found)}}}\n')
