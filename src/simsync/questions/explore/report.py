"""What an exploration came to: as text, for programs, and as scenarios to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from textwrap import fill
from typing import Any

from simsync.engine.model import Model
from simsync.engine.trace import Trace, simulate
from simsync.engine.view import shown
from simsync.errors import listed
from simsync.policy.policy import ALONE, Claim
from simsync.policy.words import Words
from simsync.questions.explore.asked import Explored
from simsync.report.phrases import claim, counted, meaning
from simsync.scenarios.writing import as_yaml, document
from simsync.statespace.consequences import acts_alone
from simsync.statespace.counting import Counts
from simsync.statespace.following import MOST_ITEMS, NAMES, Following
from simsync.statespace.narrowing import left_out
from simsync.statespace.properties import JudgedProperty, Verdict
from simsync.version import __version__

WIDTH = 100
"""Characters of a line of prose."""

LONGEST = 15
"""Digits of a number that are still read; beyond, it is rounded."""


def witness(model: Model, title: str, trace: Trace, *, at_rest: bool = True) -> dict[str, Any]:
    """A trace as a scenario; where it leads to a state, its last step expects what the rules then make of all items."""
    made = document(title, replace(trace, readings=model.chosen))
    if not at_rest or not trace.events:
        return made
    world = simulate(model, trace)[-1].after
    items: dict[str, Any] = {}
    for name, item in world.items.items():
        views = {partner: shown(model.vocabulary, item, partner) for partner in model.vocabulary.partners}
        link = {} if item.link == ALONE else {"link": item.link}
        items[name] = {**link, **{partner: view or "absent" for partner, view in views.items()}}
    status = {} if world.status == ALONE else {"status": world.status}
    made["steps"][-1]["expect"] = {**status, **({"items": items} if items else {})}
    return made


def scenarios(explored: Explored) -> dict[str, str]:
    """Every counterexample as a scenario file, by a name for it."""
    files: dict[str, str] = {}
    for one in explored.found.judged:
        for number, made in enumerate(_witnesses(explored.model, one), 1):
            files[one.claim.name if number == 1 else f"{one.claim.name}-{number}"] = as_yaml(made)
    if explored.undecided is not None:
        files["undecided"] = as_yaml(_hole(explored.model, explored.undecided))
    return files


def _witnesses(model: Model, one: JudgedProperty) -> Iterator[dict[str, Any]]:
    for number, trace in enumerate((trace for trace in one.traces if trace.events), 1):
        title = f"{one.claim.name} is violated{f' ({number})' if len(one.traces) > 1 else ''}"
        yield witness(model, title, trace, at_rest=one.claim.claim is not Claim.NEVER)


def _hole(model: Model, trace: Trace) -> dict[str, Any]:
    return witness(model, "The rules do not decide this step", trace, at_rest=False)


def as_text(explored: Explored) -> Iterator[str]:
    """The verdicts, each counterexample as a scenario that can be run, and what they stand on."""
    words = explored.model.words
    for one in explored.found.judged:
        yield f"{one.verdict:10}  {one.claim.name}{_cited(one.claim.sources)}"
        yield fill(meaning(one.claim), WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 12)
        if one.verdict is Verdict.VIOLATED:
            yield f"    claimed: {claim(one.claim)}"
            if not one.traces:
                yield "    no reachable state has it"
            yield from (
                f"    already with empty {words.ticket.many}{_in(t.status)}" for t in one.traces if not t.events
            )
        for made in _witnesses(explored.model, one):
            yield _indented(as_yaml(made))
    if explored.undecided is not None:
        yield "violated    the rules leave a step open, and what follows from it is not explored; see simsync check"
        yield _indented(as_yaml(_hole(explored.model, explored.undecided)))
    for property_ in explored.unclaimed:
        assumed = " and ".join(f"{reading}={' or '.join(options)}" for reading, options in property_.assuming)
        yield f"not claimed {property_.name}: it assumes {assumed}"
    yield ""
    yield from _sizes(explored)
    yield from _standing(explored)
    if said := left_out(explored.model):
        yield fill(f"That goes as far as was looked at: {said}.", WIDTH, subsequent_indent="    ")
    yield _summary(explored)


def _cited(sources: tuple[str, ...]) -> str:
    return f" ({listed(sources)})" if sources else ""


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


def _sizes(explored: Explored) -> Iterator[str]:
    item = explored.model.words.item
    found, items = explored.found, item.count(explored.asked.items)
    if found.stopped:
        yield f"{items}: stopped, {found.stopped}; visited so far: {_size(found.counts, stopped=True)}"
        return
    yield f"{items}: {_size(found.counts)}"
    if found.plain is not None and explored.asked.items > 1:
        yield f"    {item.many} told from each other: {_size(found.plain)}"


def _size(counts: Counts, *, stopped: bool = False) -> str:
    transitions = "" if stopped else f"{_number(counts.transitions)} transitions, "
    return f"{_number(counts.states)} states, {transitions}depth {counts.depth:,}"


def _number(n: int) -> str:
    digits = len(str(n))
    return f"{n:,}" if digits <= LONGEST else f"about {str(n)[0]}.{str(n)[1:3]}e{digits - 1}"


def _standing(explored: Explored) -> Iterator[str]:
    """For how many items the verdicts stand, and why."""
    apart, found, words = explored.independence, explored.found, explored.model.words
    if apart and found.stopped:
        if not explored.asked.symmetry:
            yield "Without --no-symmetry, states are counted instead of visited, which takes next to no time or memory."
        return
    if apart:
        alike = explored.followed is None and acts_alone(explored.model)
        which = "" if explored.followed is None else " that {partners} create"
        why = (
            f"Any number of {{items}}{which}: the verdicts stand for each. {{Items}} share nothing but the {{status}}: "
            f"all {apart.facts} facts that rules test are of the step or of the {{item}} itself, the {{status}} moves "
            f"by who acts alone, and {apart.steps:,} steps taken beside another {{item}} came out as they do "
            "without it."
        )
        yield fill(words.say(why), WIDTH, subsequent_indent="    ")
        if alike:
            like = f"What the product makes itself begins as what {words.partner.many} create can come to be"
            yield fill(f"{like}, and is so like it ({alike}).", WIDTH, initial_indent="    ", subsequent_indent="    ")
        checked = [words.item.count(items) for items, _ in found.checked]
        if checked:
            yield f"    Cross-check: every state of {' and of '.join(checked)} visited one by one gave the same counts."
    else:
        only = "only" if explored.followed is None else f"as {words.partner.many} create and change them only"
        yield f"The verdicts stand for {words.item.count(explored.asked.items)} {only}: {'; '.join(apart.against)}"
    if explored.followed is not None:
        bound = _bound(words, explored.followed, acts_alone(explored.model))
        yield fill(bound, WIDTH, subsequent_indent="    ")


def _bound(words: Words, followed: Following, alone: str) -> str:
    """Up to what it was looked at what the product does by itself."""
    items = words.item.many
    tried = f"{_number(followed.steps)} steps in {_number(followed.worlds)} worlds of up to {len(NAMES)} {items}"
    end = f"that is all there are with at most {MOST_ITEMS} {items}" if followed.whole else "there are more"
    return (
        f"What the product does by itself ({alone}) was followed up to a bound only, for claims on steps "
        f"and on what no state has: {tried} besides the product's own; {end}."
    )


def _summary(explored: Explored) -> str:
    judged = explored.found.judged
    if not judged:
        return "no property is claimed"
    numbers = {verdict: sum(one.verdict is verdict for one in judged) for verdict in Verdict}
    holding = "hold" if numbers[Verdict.HOLDS] != 1 else "holds"
    words = {Verdict.HOLDS: holding, Verdict.VIOLATED: "violated", Verdict.INCOMPLETE: "incomplete"}
    parts = [f"{number} {words[verdict]}" for verdict, number in numbers.items()]
    return f"{counted(len(judged), 'property', 'properties')}: {', '.join(parts)}"


def _in(status: str) -> str:
    return "" if status == ALONE else f" in {status}"


def as_json(explored: Explored) -> dict[str, Any]:
    """The verdicts for programs."""
    model, found, asked = explored.model, explored.found, explored.asked
    plain = found.plain or found.counts
    return {
        "verdict": str(explored.verdict),
        "items": asked.items,
        "states": found.counts.states,
        "transitions": found.counts.transitions,
        "depth": found.counts.depth,
        "seconds": round(explored.seconds, 3),
        "any_number_of_items": bool(explored.independence)
        and explored.followed is None
        and all(one.any_number for one in found.judged),
        "properties": [_judged(model, one) for one in found.judged],
        "not_claimed": [one.name for one in explored.unclaimed],
        "symmetry": found.plain is not None,
        "told_apart": {"states": plain.states, "transitions": plain.transitions, "depth": plain.depth},
        "stopped": found.stopped,
        **({} if explored.followed is None else {"followed": _followed(explored.followed)}),
        "undecided": None if explored.undecided is None else _hole(model, explored.undecided),
        "independence": {
            "facts": explored.independence.facts,
            "steps": explored.independence.steps,
            "against": list(explored.independence.against),
        },
        "cross_check": [
            {"items": items, "states": one.states, "transitions": one.transitions, "depth": one.depth}
            for items, one in found.checked
        ],
        "certificate": {
            "model": model.policy.digest,
            "version": __version__,
            "engine": "counted" if found.plain is not None else "visited",
            "bounds": {"items": asked.items, "readings": model.readings, "max_states": asked.limits.states},
        },
    }


def _followed(followed: Following) -> dict[str, Any]:
    return {
        "steps": followed.steps,
        "worlds": followed.worlds,
        "whole": followed.whole,
        "items": len(NAMES),
        "items_with_the_products": MOST_ITEMS,
    }


def _judged(model: Model, one: JudgedProperty) -> dict[str, Any]:
    made = list(_witnesses(model, one))
    return {
        "id": one.claim.name,
        "verdict": str(one.verdict),
        "says": meaning(one.claim),
        "claim": claim(one.claim),
        "sources": list(one.claim.sources),
        "any_number_of_items": one.any_number,
        **({"scenario": made[0]} if made else {}),
        **({"more_scenarios": made[1:]} if made[1:] else {}),
    }
