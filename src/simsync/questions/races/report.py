"""Races as text and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill, wrap
from typing import Any

from simsync.engine.model import Model
from simsync.engine.overlap import RoundOutcome
from simsync.errors import listed
from simsync.policy.policy import ALONE
from simsync.questions.races.asked import Races
from simsync.questions.races.groups import RaceGroup
from simsync.questions.races.races import RaceKind, tickets
from simsync.questions.races.told import HEADS, MEANS, RaceTeller, ToldRace
from simsync.report.phrases import as_delivered, counted
from simsync.report.terminal import UNICODE, Glyphs
from simsync.version import __version__

WIDTH = 100
"""Characters of a line."""

MOST_NAMED = 4
"""Statuses that are named; more are counted."""


def as_text(races: Races, glyphs: Glyphs = UNICODE) -> Iterator[str]:
    """A page: what nobody can get right first, then what depends on the order."""
    teller, number = RaceTeller(races.model, glyphs), 0
    if not races.groups:
        yield "no order of two actions matters to anybody"
    for kind in RaceKind:
        if groups := races.of(kind):
            yield f"{HEADS[kind]} ({len(groups)})"
            yield fill(races.model.words.say(MEANS[kind]), WIDTH, initial_indent="  ", subsequent_indent="  ")
            for group in groups:
                number += 1
                yield from ([""] if kind is not RaceKind.ENABLING else [])
                yield from _group_lines(races.model, teller.told(group), number, glyphs)
            yield ""
    yield from (fill(line, WIDTH) for line in bounds(races))


def _group_lines(model: Model, told: ToldRace, number: int, glyphs: Glyphs) -> Iterator[str]:
    yield f"{number:>3}. {' and '.join(told.deeds)}"
    yield from _wrapped("", where(model, told.group), 5)
    if told.group.kind is RaceKind.ENABLING:
        return
    yield from _wrapped("soonest: ", "; ".join(filter(None, (told.way, f"at once {told.at_once}"))), 5)
    bar = f" {glyphs.bar} "
    if told.orders.common:
        yield from _wrapped("in every order: ", bar.join(told.orders.common), 7)
    for title, lines in told.orders.apart:
        yield from _wrapped(f"{title}: ", bar.join(lines), 7)
    if rests := _rests(told):
        yield from _wrapped("", rests, 5)


def _wrapped(head: str, text: str, indent: int) -> Iterator[str]:
    yield from wrap(head + text, WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2))


def where(model: Model, group: RaceGroup) -> str:
    """In which statuses, on items of which kinds."""
    statuses = [status for status in group.statuses if status != ALONE]
    named = listed(statuses) if len(statuses) <= MOST_NAMED else model.words.status.count(len(statuses))
    kinds = f"on {listed(group.kinds)}" if group.kinds else ""
    return "; ".join(filter(None, (f"in {named}" if statuses else "", kinds))) or "anywhere"


def _rests(told: ToldRace) -> str:
    cited = f"rests on {' '.join(told.rests_on)}" if told.rests_on else ""
    read = f"as read: {', '.join(told.readings)}" if told.readings else ""
    return "; ".join(filter(None, (cited, read)))


def bounds(races: Races) -> Iterator[str]:
    """How much was looked at, and how far it goes."""
    counts, words = races.counted, races.model.words
    of = "" if races.scenarios is None else f" of {counted(races.scenarios, 'scenario')}"
    yield (
        f"{counted(races.situations, 'situation')}{of}, {counted(races.steps, 'step')} tried; looked at were"
        f" {counted(counts.pairs, 'pair')} of actions and {counts.threes:,} rounds of three, and of situations that"
        " nobody can tell apart one for all"
    )
    if counts.never_seen:
        yield f"no race: {counted(counts.never_seen, 'pair')} whose orders part in what nobody can ever see"
    if races.against:
        made = words.item.count(races.items)
        yield (
            f"this is known of {made} of the {words.partner.many}, besides the product's own; of more it need not hold:"
            f" {'; '.join(races.against)}"
        )
    else:
        yield f"it holds for any number of {words.item.many}: they share nothing but the {words.status}"
    if races.beyond or counts.untried or counts.unfinished:
        yield (
            f"incomplete: of {counted(counts.untried, 'situation')} no pair was tried, and"
            f" {counted(counts.unfinished, 'pair')} could not be judged; from {counted(races.beyond, 'situation')} it"
            " was not gone on. The nearest came first"
        )
    if counts.without_threes:
        yield f"of {counted(counts.without_threes, 'situation')} no round of three was looked at"
    if counts.undecided:
        yield f"not judged: {counted(counts.undecided, 'pair')} that the rules do not decide; see simsync check"
    if races.strange:
        yield f"not looked at: {counted(races.strange, 'situation')} of the scenarios that are beyond the bound"
    if races.other:
        yield f"not looked at: {counted(races.other, 'scenario')} about other readings"
    if delivered := as_delivered(races.model.policy):
        yield delivered


def as_json(races: Races) -> dict[str, Any]:
    """Races as plain data."""
    teller, counts = RaceTeller(races.model, UNICODE), races.counted
    return {
        "simsync": __version__,
        "readings": dict(races.model.readings),
        "races": [_group_json(races.model, teller.told(group)) for group in races.groups],
        "summary": {
            **{str(kind): len(races.of(kind)) for kind in RaceKind},
            "situations": races.situations,
            "steps": races.steps,
            "pairs": counts.pairs,
            "threes": counts.threes,
            "without_threes": counts.without_threes,
            "never_seen": counts.never_seen,
            "undecided": counts.undecided,
            "untried": counts.untried,
            "unfinished": counts.unfinished,
            "beyond": races.beyond,
            "items": None if not races.against else races.items,
            "against": list(races.against),
        },
    }


def _group_json(model: Model, told: ToldRace) -> dict[str, Any]:
    group = told.group
    return {
        "kind": str(group.kind),
        "says": " and ".join(told.deeds),
        "actions": [
            {"actor": d.actor, "before": list(d.before), "actions": list(d.actions), "owner": d.whose}
            for d in group.deeds
        ],
        "statuses": [model.status_spec.said(status) for status in group.statuses],
        "kinds": list(group.kinds),
        "situations": len(group.situations),
        "differs": list(group.race.seen) or ["later"],
        "scenario": told.document,
        "outcomes": [_outcome(model, outcome) for outcome in group.race.outcomes],
        "later": [f"{event.actor}: {event}" for event in group.race.later],
        "sources": list(told.rests_on),
        "depends_on": list(told.readings),
    }


def _outcome(model: Model, outcome: RoundOutcome) -> dict[str, Any]:
    events = outcome.events
    return {
        "order": [f"{events[position].actor}: {events[position]}" for position in outcome.order],
        "answers": {
            f"{event.actor}: {event}": str(reply) for event, reply in zip(events, outcome.answers, strict=True)
        },
        "status": model.status_spec.said(outcome.after.status),
        "tickets": tickets(model, outcome.after),
        "notified": list(outcome.notified),
        "rules": list(outcome.rules),
    }
