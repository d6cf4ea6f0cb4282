"""Expectations judged against what a step did."""

from __future__ import annotations

from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.overlap import RoundOutcome
from simsync.engine.view import View, shown
from simsync.engine.world import World
from simsync.scenarios.scenario import Check, Step

ABSENT = "absent"
IT_DEPENDS = "it depends on the order"


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that did not hold: its line and path, what was expected and what was found.

    ``order``: in which order of overlapping actions, where it holds in another one.
    """

    line: int
    at: str
    expected: object
    actual: object
    order: str = ""


def judge(model: Model, step: Step, outcome: Outcome) -> list[Failure]:
    """Every expectation of a step that its outcome does not meet; a refusal must be expected and come."""
    failures = [Failure(step.line, f"rules.{d.kind}", d.expected, d.message) for d in outcome.defects]
    if outcome.refused is not None:
        refusal = next((check for check in step.checks if check.aspect == "refused"), None)
        if refusal is None or refusal.expected is False:
            failures.append(Failure(refusal.line if refusal else step.line, "refused", None, outcome.refused))
    failures += judge_all(model, step.checks, outcome)
    return failures


def judge_all(model: Model, checks: tuple[Check, ...], outcome: Outcome | RoundOutcome) -> list[Failure]:
    """The expectations that an outcome does not meet, of a step or of a round."""
    failures = []
    views = _Views(model, outcome.after)
    for check in checks:
        if check.aspect in _ASPECTS:
            failure = _judge(model, check, outcome)
        else:
            failure = _judge_view(check, views.of(check.item, check.aspect))
        if failure is not None:
            failures.append(failure)
    return failures


_ASPECTS = frozenset({"refused", "synced", "status", "notified", "rule", "link"})


class _Views:
    """What the tickets show after a step, looked up once however many expectations there are of it."""

    def __init__(self, model: Model, world: World) -> None:
        self._vocabulary = model.vocabulary
        self._world = world
        self._known: dict[tuple[str | None, str], View | None] = {}

    def of(self, item: str | None, partner: str) -> View | None:
        key = (item, partner)
        if key not in self._known:
            there = self._world.items.get(item or "")
            self._known[key] = shown(self._vocabulary, there, partner) if there else None
        return self._known[key]


def _judge(model: Model, check: Check, outcome: Outcome | RoundOutcome) -> Failure | None:
    aspect, expected = check.aspect, check.expected
    actual: object
    if aspect == "link":
        item = outcome.after.items.get(check.item or "")
        actual = item.link if item else None
        held = actual == expected
    elif aspect == "synced":
        actual = IT_DEPENDS if outcome.synced is None else outcome.synced
        held = actual is expected
    elif aspect == "status":
        actual = model.status_spec.said(outcome.after.status)
        held = actual == expected
        if isinstance(actual, dict) and isinstance(expected, dict):
            actual = {key: actual.get(key) for key in expected}
            held = actual == expected
    elif aspect == "notified":
        actual = list(outcome.notified)
        held = sorted(outcome.notified) == expected
    elif aspect == "rule":
        actual = list(outcome.rules)
        held = expected in outcome.rules
    else:
        actual = outcome.refused
        held = expected is False or _refused_as(expected, outcome.refused)
    return None if held else Failure(check.line, check.at, expected, actual)


def _refused_as(expected: object, reason: str | None) -> bool:
    if reason is None:
        return False
    return expected is True or str(expected).casefold() in reason.casefold()


def _judge_view(check: Check, view: View | None) -> Failure | None:
    if check.key is None:
        return None if view is None else Failure(check.line, check.at, ABSENT, view)
    if view is None:
        return Failure(check.line, check.at, check.expected, ABSENT)
    actual = view.get(check.key, "not shown")
    if check.key == "" or actual == check.expected:
        return None
    return Failure(check.line, check.at, check.expected, actual)
