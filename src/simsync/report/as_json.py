"""The contract's JSON of a run, written as it goes so that no result is kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from simsync.engine.dependence import readings_behind
from simsync.engine.model import Model
from simsync.engine.overlap import Fork
from simsync.engine.view import ticket
from simsync.engine.world import World
from simsync.errors import Diagnostic
from simsync.report.who_sees_what import sights
from simsync.scenarios.simulate import ScenarioResult, StepResult
from simsync.scenarios.verdicts import Failure
from simsync.version import __version__


def failure(found: Failure) -> dict[str, Any]:
    """One expectation that did not hold."""
    said = {"line": found.line, "at": found.at, "expected": found.expected, "actual": found.actual}
    return {**said, "order": found.order} if found.order else said


def _at_rest(model: Model, before: World, after: World, links: Mapping[str, tuple[str | None, str]]) -> dict[str, Any]:
    """The status and the links before and after, and what the tickets show."""
    said = model.status_spec.said
    return {
        "status": {"before": said(before.status), "after": said(after.status)},
        "links": {name: {"before": old, "after": new} for name, (old, new) in links.items()},
        "tickets": {partner: ticket(model.vocabulary, after, partner) for partner in model.vocabulary.partners},
    }


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
        "readings": list(readings_behind(outcome)),
        **_at_rest(model, outcome.before, outcome.after, outcome.links),
        "notified": list(outcome.notified),
        "failures": [failure(f) for f in result.failures],
    }


def together(model: Model, result: ScenarioResult) -> dict[int, dict[str, Any]]:
    """What is said besides of the steps of a scenario with overlapping actions, by their positions.

    Each step of a round names the line of the round; the last one of a stage, all that its orders come to.
    """
    said, number = dict[int, dict[str, Any]](), 0
    for stage in result.stages:
        one = stage.stage
        for position in range(number, number + len(one.steps)):
            said[position] = {"together": one.together.line} if one.together else {}
        number += len(one.steps)
        if one.together or len(stage.forks) > 1:
            forks = zip(stage.forks, stage.told, strict=True)
            said[number - 1]["outcomes"] = [_fork(model, fork, told) for fork, told in forks]
    return said


def _fork(model: Model, fork: Fork, told: str) -> dict[str, Any]:
    """What some orders come to in one of the worlds before; `after` leads to it."""
    found, events = fork.outcome, fork.outcome.events
    return {
        "world": {"before": fork.before, "after": fork.after},
        "after": told,
        "order": [f"{events[position].actor}: {events[position]}" for position in found.order],
        "orders": found.orders,
        "answers": [str(answer) for answer in found.answers],
        "refused": found.refused,
        "synced": found.synced,
        "rules": list(found.rules),
        "sources": list(found.sources),
        **_at_rest(model, found.before, found.after, found.links),
        "notified": list(found.notified),
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
        besides = together(self._model, result)
        for number, one in enumerate(result.steps):
            said = step(self._model, one) | besides.get(number, {})
            self._stream.write((", " if number else "") + self._dumps(said))
        self._stream.write("]")
        if result.answered:
            seen = sights(self._model.vocabulary, result.steps[-1].outcome.after)
            self._stream.write(f', "who_sees_what": {self._dumps(seen)}')
        self._stream.write("}")

    def close(self, summary: dict[str, int], diagnostics: Iterable[Diagnostic]) -> None:
        """Write what comes last."""
        found = [diagnostic(d) for d in diagnostics]
        self._stream.write(f'],\n"summary": {self._dumps(summary)}, "diagnostics": {self._dumps(found)}}}\n')
