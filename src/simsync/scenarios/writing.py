"""Scenarios as files say them: whoever writes one, the same steps give the same file."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.overlap import OverlappingTrace
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import shown
from simsync.engine.world import Event
from simsync.inline_yaml import inline_yaml
from simsync.policy.policy import ALONE
from simsync.scenarios.scenario import Check, Scenario
from simsync.scenarios.shapes import TOGETHER
from simsync.scenarios.verdicts import ABSENT

WIDTH = 110
"""Characters of a line, as far as what stands there can be parted."""
OF_STEP = ("refused", "synced", "status", "notified", "rule", "outcomes")

Document = dict[str, Any]
"""A scenario in the contract's format, as plain data."""


def document(title: str, trace: Trace) -> Document:
    """A trace as a scenario in which nothing is expected."""
    return _document(title, "", (), trace, [{} for _ in trace.events])


def expecting(
    model: Model, trace: Trace, title: str, about: str = "", sources: Iterable[str] | None = None
) -> Document:
    """A trace as a scenario that expects all that comes of each step under a model, and the trace's own readings.

    Its sources are the statements on which the deciding rows rest, if none are named.
    """
    outcomes = simulate(model, trace)
    if sources is None:
        cited = {source for outcome in outcomes for source in outcome.sources}
        sources = [name for name in model.policy.citations.statements if name in cited]
    return _document(title, about, sources, trace, [expected(outcome) for outcome in outcomes])


def document_of(scenario: Scenario) -> Document:
    """A scenario as a file would say it."""
    checks = [nested(step.checks) for step in scenario.steps]
    made = _document(scenario.name, scenario.about, scenario.sources, scenario.trace, checks)
    rounds = [(one.steps, nested(one.checks)) for one in scenario.rounds]
    made["steps"] = _in_rounds(made["steps"], rounds)
    return {**made, "finally": nested(scenario.finally_)} if scenario.finally_ else made


def overlapping(title: str, trace: OverlappingTrace, outcomes: int | None = None, about: str = "") -> Document:
    """A trace of rounds as a scenario; ``outcomes``: how many different ones the orders of its last round give."""
    events = tuple(event for one in trace.rounds for event in one)
    plain = Trace(status=trace.status, readings=trace.readings, events=events)
    made = _document(title, about, (), plain, [{} for _ in events])
    rounds, first = list[tuple[slice, Mapping[str, Any]]](), 0
    for number, one in enumerate(trace.rounds, 1):
        last = outcomes is not None and number == len(trace.rounds)
        if len(one) > 1:
            rounds.append((slice(first, first + len(one)), {"outcomes": outcomes} if last else {}))
        first += len(one)
    return {**made, "steps": _in_rounds(made["steps"], rounds)}


def _in_rounds(steps: Sequence[Document], rounds: Iterable[tuple[slice, Mapping[str, Any]]]) -> list[Document]:
    """Steps, some of them listed in rounds, each with what is expected of it."""
    found, done = list[Document](), 0
    for where, expect in rounds:
        found += steps[done : where.start]
        found.append({TOGETHER: list(steps[where]), **({"expect": expect} if expect else {})})
        done = where.stop
    return [*found, *steps[done:]]


def _document(
    title: str, about: str, sources: Iterable[str], trace: Trace, expectations: Sequence[Mapping[str, Any]]
) -> Document:
    given: dict[str, Any] = {} if trace.status == ALONE else {"status": trace.status}
    if trace.readings:
        given["readings"] = dict(trace.readings)
    head = {"scenario": title, "about": about, "sources": list(sources), "given": given}
    steps = [_step(event, expect) for event, expect in zip(trace.events, expectations, strict=True)]
    return {key: value for key, value in head.items() if value} | {"steps": steps}


def _step(event: Event, expect: Mapping[str, Any]) -> Document:
    return {event.actor: str(event), **event.fields, **({"expect": expect} if expect else {})}


def expected(outcome: Outcome) -> dict[str, Any]:
    """Everything that can be expected of a step, in the contract's words."""
    event = outcome.event
    rule = {"rule": outcome.rules[0]} if outcome.rules else {}
    if outcome.refused is not None:
        whole = next((h.row.then.refuse for h in outcome.hits if h.row.then.refuse), None)
        told = whole if whole and whole.casefold() in outcome.refused.casefold() else True
        return {"refused": told, **_of_item(outcome, event.item), **rule}
    told_to = {"notified": list(outcome.notified)}
    if event.item is not None:
        return {"synced": outcome.synced, **_of_item(outcome, event.item), **told_to, **rule}
    items = {name: _of_item(outcome, name) for name in outcome.after.items}
    said = outcome.model.status_spec.said(outcome.after.status)
    status = {} if said == ALONE else {"status": said}
    return {**status, "synced": outcome.synced, **told_to, **rule, **({"items": items} if items else {})}


def _of_item(outcome: Outcome, name: str | None) -> dict[str, Any]:
    """The link of an item and what both tickets show of it; nothing of an item that there is not."""
    item = outcome.after.items.get(name or "")
    if item is None:
        return {}
    words = outcome.model.vocabulary
    views = {partner: shown(words, item, partner) for partner in words.partners}
    link = {} if item.link == ALONE else {"link": item.link}
    return {**link, **{partner: ABSENT if view is None else view for partner, view in views.items()}}


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


def as_yaml(*documents: Mapping[str, Any]) -> str:
    """Scenarios as a file says them."""
    return "---\n".join("".join(f"{line}\n" for line in _lines_of(one)) for one in documents)


def _lines_of(made: Mapping[str, Any]) -> Iterator[str]:
    for key, value in made.items():
        if key != "steps":
            yield from _written(key, value, "")
            continue
        yield "steps:"
        for step in value:
            yield from _step_lines(step, "  ")


def _step_lines(step: Mapping[str, Any], indent: str) -> Iterator[str]:
    """A step, or a round with its actions, as an entry of a list."""
    inner = indent + "  "
    lines: list[str] = []
    for name, value in step.items():
        if name == TOGETHER and isinstance(value, list):
            lines.append(f"{inner}{TOGETHER}:")
            lines += [line for one in value for line in _step_lines(one, inner + "  ")]
        else:
            lines += _written(name, value, inner)
    first, *others = lines
    yield from (f"{indent}- {first.removeprefix(inner)}", *others)


def _written(key: str, value: Any, indent: str) -> Iterator[str]:
    """A key with its value: in one line, or where that is too long, parted."""
    head = f"{indent}{inline_yaml(key)}:"
    line = f"{head} {inline_yaml(value)}"
    if len(line) <= WIDTH:
        yield line
    elif isinstance(value, Mapping):
        yield head
        for name, inner in value.items():
            yield from _written(name, inner, indent + "  ")
    elif isinstance(value, str):
        yield from _block(head, value, indent + "  ") or [line]
    else:
        yield from _list(head, [inline_yaml(one) for one in value], indent + "  ")


def _block(head: str, text: str, indent: str) -> list[str]:
    """A long text in a block of lines: folded, or of several lines as it is; nothing where a block cannot say it."""
    lines = text.split("\n")
    if not all(line.isprintable() for line in lines) or text[:1] == " ":
        return []
    if len(lines) == 1:
        wrapped = textwrap.wrap(text, WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
        can = " ".join(wrapped) == text and (len(wrapped) > 1 or len(indent + text) <= WIDTH)
        return [f"{head} >-", *(indent + line for line in wrapped)] if can else []
    *said, last = lines
    whole = said if last == "" else lines
    if any(line != line.strip() for line in whole) or not whole[0] or not whole[-1]:
        return []
    return [f"{head} {'|' if last == '' else '|-'}", *(indent + line if line else "" for line in whole)]


def _list(head: str, items: Sequence[str], indent: str) -> Iterator[str]:
    """A long list in lines, each as full as can be."""
    line = f"{head} ["
    for number, item in enumerate(items):
        more = f"{item}{',' if number < len(items) - 1 else ']'}"
        if number and len(line) + 1 + len(more) > WIDTH:
            yield line
            line = indent + more
        else:
            line += f"{' ' if number else ''}{more}"
    yield line
