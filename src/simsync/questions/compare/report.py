"""What two versions of the rules make of the same scenario, side by side: as text, and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.answer import Answer
from simsync.engine.trace import Trace
from simsync.questions.compare.affected import AffectedScenario, Compared
from simsync.questions.compare.rule_cells import cells_of, lines
from simsync.report import phrases
from simsync.report.difference import as_json, as_text, outcome_json, told
from simsync.scenarios.simulate import ScenarioResult
from simsync.statespace.consequences import acts_alone
from simsync.statespace.differences import DifferenceKind, Side
from simsync.statespace.narrowing import left_out

FEW = 3
"""How many affected scenarios are shown to a reader who did not ask for all."""


def kind_text(compared: Compared, kind: DifferenceKind, left: str, right: str) -> str:
    """A kind of difference in words."""
    nouns = compared.left.model.words
    words = {
        "refused": "whether it is refused",
        "undecided": "whether the rules decide it",
        "status": f"the {nouns.status}",
        "notified": "who is told",
    }
    what = " and ".join(words.get(one, f"{one}'s {nouns.ticket}") for one in kind.seen)
    by = [f"{rule} ({side})" for rule, side in ((kind.left, left), (kind.right, right)) if rule]
    return f"{what}, by {' or '.join(by)}" if by else f"{what}, by what happened before"


def walked(compared: Compared) -> str:
    """What stands behind the word that there is no difference."""
    nouns = compared.left.model.words
    pairs, steps = phrases.counted(compared.pairs, "pair"), phrases.counted(compared.steps, "step")
    if compared.stopped is not None:
        return f"that is no proof: {pairs} of places that one {nouns.item} can come to had been found, and not all"
    tried = f"{pairs} of places that one {nouns.item} can come to were walked, and {steps} tried on both sides"
    if compared.shared_notices:
        tables = ", ".join(f"'{name}'" for name in compared.shared_notices)
        yet = nouns.say("with several {items}, who is told of {a_status} action may yet differ")
        return f"{tried}; {yet}, since {tables} looks at all"
    if alone := acts_alone(compared.left.model) or acts_alone(compared.right.model):
        by_itself = f"what the product does by itself was not followed: {alone}"
        return f"{tried}; that stands for what {nouns.partner.many} do: {by_itself}"
    apart = "as each {item} is decided on its own facts and the {status}, that stands for any number of {items}"
    said = left_out(compared.left.model) or left_out(compared.right.model)
    return f"{tried}; {nouns.say(apart)}{said and f', as far as was looked at: {said}'}"


def no_difference(compared: Compared) -> str:
    """The word itself, with what it leaves out."""
    if compared.stopped is not None:
        return "; ".join(["none that was found by then", *knowing(compared)])
    if not any(compared.unshared):
        return f"whatever happens to one {compared.left.model.words.item}, nobody can tell the two apart"
    return f"with what both know, nobody can tell the two apart, but {'; '.join(knowing(compared))}"


def renamed(compared: Compared) -> str:
    """What has another name only."""
    return f"the same by other names, {compared.left.name} -> {compared.right.name}: " + "; ".join(
        map(phrases.printable_line, map(str, compared.renamed))
    )


def knowing(compared: Compared) -> Iterator[str]:
    """What only one side knows."""
    for side, words in zip((compared.left, compared.right), compared.unshared, strict=True):
        if words:
            yield f"only {side.name} knows {', '.join(words)}"


def answered(compared: Compared, *, full: bool = False) -> Answer[Compared]:
    """What is told of two versions of the rules; it holds if nobody can tell them apart."""
    return Answer(
        compared,
        not (compared.differ or compared.stopped),
        lambda: compared_text(compared, full=full),
        lambda: compared_json(compared),
        compared.stopped,
        "# " if compared.differences else "",
    )


def compared_text(compared: Compared, *, full: bool = False) -> Iterator[str]:
    """Everything as scenarios that can be run, with the rest as comments between them.

    First what has another name only. Of the scenarios affected the first few are told, or all with ``full``.
    """
    if compared.renamed:
        yield f"{'# ' if compared.differences else ''}{renamed(compared)}"
    for number, (kind, difference) in enumerate(compared.differences):
        if number:
            yield "---"
        if compared.every:
            told_kind = kind_text(compared, kind, compared.left.name, compared.right.name)
            yield f"# {number + 1} of {phrases.counted(len(compared.differences), 'kind')}: {told_kind}"
        yield from as_text(difference, compared.left, compared.right)
    mark = "# " if compared.differences else ""
    if not compared.differences:
        yield f"no difference: {no_difference(compared)}"
        yield walked(compared)
    else:
        yield from (f"# {line}" for line in knowing(compared))
    if compared.exchanges or compared.restated or compared.turns.turned or compared.turns.alone:
        yield mark.rstrip()
        yield from (f"{mark}{line}" for line in (*_rules(compared), *_turned(compared, full=full)))


def _rules(compared: Compared) -> Iterator[str]:
    left, right = compared.left, compared.right
    if compared.exchanges or compared.restated:
        yield f"rules, {left.name} -> {right.name}"
    for exchange in compared.exchanges:
        for old, new, cells in lines(exchange, left.model, right.model, "->"):
            name = f"{old} (other cells)" if old == new else f"{old} -> {new}"
            yield f"  {exchange.where}: {name}"
            yield f"    {cells}"
    yield from (f"  {one} is declared otherwise" for one in compared.restated)
    if compared.sources:
        yield f"they rest on: {' '.join(compared.sources)}"


def _turned(compared: Compared, *, full: bool) -> Iterator[str]:
    left, right, turns = compared.left, compared.right, compared.turns
    visible = [turn for turn in turns.turned if turn.visible]
    hidden = [turn for turn in turns.turned if not turn.visible]
    seen_in = f", {len(visible)} of them for anybody to see" if hidden else ""
    yield f"scenarios: {len(turns.turned)} of {turns.compared} come out otherwise{seen_in}"
    for turn in visible if full else visible[:FEW]:
        yield f"  {place_of(turn.left)}: {verdicts(turn, left, right)}"
        step, first, second = turning(turn)
        yield f"    {step}"
        yield f"      {left.name}: {first}"
        yield f"      {right.name}: {second}"
    if not full and len(visible) > FEW:
        yield f"  ... and {len(visible) - FEW} more; --full tells of all"
    if hidden and full:
        yield "  only a link or a rule is not the expected one in"
        yield from (f"    {place_of(turn.left)}" for turn in hidden)
    for scenario, side in turns.alone if full else turns.alone[:FEW]:
        yield f"  {scenario.file}:{scenario.line}: only {(left if side == 'left' else right).name} can read it"
    if not full and len(turns.alone) > FEW:
        yield f"  ... and {len(turns.alone) - FEW} more that only one side can read"


def place_of(result: ScenarioResult) -> str:
    """Where a scenario stands."""
    return f"{phrases.printable_line(result.scenario.file)}:{result.scenario.line}"


def verdicts(turn: AffectedScenario, left: Side, right: Side) -> str:
    """How a scenario comes out on both sides."""
    one, other = ("passes" if result.passed else "fails" for result in (turn.left, turn.right))
    if one == other:
        return f"{one} on both sides, but shows something else"
    return f"{one} under {left.name}, {other} under {right.name}"


def turning(turn: AffectedScenario) -> tuple[str, str, str]:
    """The first step that comes out otherwise, and what is otherwise on either side."""
    one, other = turn.steps
    event = one.step.event
    step = f"line {one.step.line}, {event.actor}: {phrases.printable_line(str(event))}"
    pairs = ((one, other), (other, one))
    first, second = (
        "; ".join(told(a.outcome, b.outcome)) or "; ".join(_missed(a.failures)) or "as expected" for a, b in pairs
    )
    return step, first, second


def _missed(failures: Any) -> Iterator[str]:
    for failure in failures:
        expected, actual = phrases.sides(failure)
        yield f"{failure.at} is {actual}, expected {expected}"


def compared_json(compared: Compared) -> dict[str, Any]:
    """Everything for programs; the first difference as the contract has it."""
    left, right = compared.left, compared.right
    first = next((difference for _, difference in compared.differences), None)
    report: dict[str, Any] = as_json(first, left, right)
    report["sides"] = {"left": left.name, "right": right.name}
    complete = compared.stopped is None and (compared.every or first is None)
    report["differs"] = compared.differ
    if compared.renamed:
        report["renamed"] = [{"sort": one.sort, "left": one.old, "right": one.new} for one in compared.renamed]
    counts = {"items": 1, "pairs": compared.pairs, "steps": compared.steps, "exhausted": complete}
    report["walked"] = {**counts, "any_number_of_items": complete and not compared.shared_notices}
    report["only"] = dict(zip(("left", "right"), compared.unshared, strict=True))
    if compared.every:
        report["kinds"] = [_kind_json(kind, difference, left, right) for kind, difference in compared.differences]
    report["affected"] = {
        "rules": [
            {
                "where": exchange.where,
                "left": [{"id": rule.id, "cells": cells_of(left.model, rule)} for rule in exchange.left],
                "right": [{"id": rule.id, "cells": cells_of(right.model, rule)} for rule in exchange.right],
            }
            for exchange in compared.exchanges
        ],
        "declared_otherwise": list(compared.restated),
        "sources": compared.sources,
        "scenarios": _scenarios_json(compared),
    }
    return report


def _kind_json(kind: DifferenceKind, difference: Trace, left: Side, right: Side) -> dict[str, Any]:
    told_kind = {"seen": list(kind.seen), "rules": {"left": kind.left, "right": kind.right}}
    return {**told_kind, **{k: v for k, v in as_json(difference, left, right).items() if k != "differs"}}


def _scenarios_json(compared: Compared) -> dict[str, Any]:
    turns = compared.turns
    changed = []
    for turn in turns.turned:
        one, other = turn.steps
        step = {"line": one.step.line, "actor": one.step.event.actor, "action": str(one.step.event)}
        scenario = turn.left.scenario
        changed.append(
            {
                "file": scenario.file,
                "line": scenario.line,
                "name": scenario.name,
                "visible": turn.visible,
                "passed": {"left": turn.left.passed, "right": turn.right.passed},
                "step": {**step, "left": outcome_json(one.outcome), "right": outcome_json(other.outcome)},
            }
        )
    alone = [{"file": scenario.file, "line": scenario.line, "side": side} for scenario, side in turns.alone]
    return {"compared": turns.compared, "changed": changed, "read_on_one_side": alone}
