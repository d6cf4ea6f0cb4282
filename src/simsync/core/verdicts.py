"""Expectations judged against what a step did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.view import shown
from simsync.model.scenario import Check, Step
from simsync.model.world import World

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that did not hold: its line and path, what was expected and what was found."""

    line: int
    at: str
    expected: object
    actual: object


def judge(model: Model, step: Step, outcome: Outcome) -> list[Failure]:
    """Every expectation of a step that its outcome does not meet; a refusal must be expected and come."""
    failures = [Failure(step.line, f"rules.{d.kind}", d.expected, d.message) for d in outcome.defects]
    refusal = next((check for check in step.checks if check.aspect == "refused"), None)
    if outcome.refused is not None and (refusal is None or refusal.expected is False):
        failures.append(Failure(refusal.line if refusal else step.line, "refused", None, outcome.refused))
    for check in step.checks:
        failures += _judge(model, check, outcome)
    return failures


def judge_finally(model: Model, checks: tuple[Check, ...], outcome: Outcome) -> list[Failure]:
    """What a scenario expects of its end that is not so."""
    return [failure for check in checks for failure in _judge(model, check, outcome)]


def _judge(model: Model, check: Check, outcome: Outcome) -> Iterator[Failure]:
    aspect, expected = check.aspect, check.expected
    actual: object
    if aspect == "synced":
        actual = outcome.synced
    elif aspect == "status":
        actual = outcome.after.status
    elif aspect == "link":
        item = outcome.after.items.get(check.item or "")
        actual = item.link if item else None
    elif aspect == "notified":
        actual = list(outcome.notified)
        if sorted(outcome.notified) == expected:
            return
    elif aspect == "rule":
        actual = list(outcome.rules)
        if expected in actual:
            return
    elif aspect == "refused":
        actual = outcome.refused
        if expected is False or _refused_as(expected, outcome.refused):
            return
    else:
        yield from _judge_view(model, check, outcome.after)
        return
    if actual != expected or type(actual) is not type(expected):
        yield Failure(check.line, check.at, expected, actual)


def _refused_as(expected: object, reason: str | None) -> bool:
    if reason is None:
        return False
    return expected is True or str(expected).casefold() in reason.casefold()


def _judge_view(model: Model, check: Check, world: World) -> Iterator[Failure]:
    item = world.items.get(check.item or "")
    view = shown(model.vocabulary, item, check.aspect) if item else None
    if check.key is None:
        if view is not None:
            yield Failure(check.line, check.at, ABSENT, view)
    elif view is None:
        yield Failure(check.line, check.at, check.expected, ABSENT)
    elif check.key and view.get(check.key) != check.expected:
        yield Failure(check.line, check.at, check.expected, view.get(check.key, "not shown"))
