"""A finding as tickets: what both show by the rules, and on the system, with what differs marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simsync.questions.conform.diagnosis.conformity import ConformanceFinding
from simsync.questions.conform.driven import Seen
from simsync.questions.conform.fault_localization import APPEARANCE
from simsync.report import phrases

NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line of an item on a ticket: what it is called, what is said; ``apart``: the other side says otherwise."""

    name: str
    says: str
    apart: bool


@dataclass(frozen=True, slots=True)
class SeenItem:
    """An item on a ticket, or that it is not there; ``apart``: it is there on one side only."""

    name: str
    kind: str
    lines: tuple[SeenLine, ...]
    apart: bool


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """A partner's ticket; ``status`` is what it shows, ``apart`` whether that differs."""

    partner: str
    status: str
    apart: bool
    items: tuple[SeenItem, ...]


@dataclass(frozen=True, slots=True)
class SeenSide:
    """Both tickets by the rules or on the system, whether the last action was refused, and who was told."""

    whose: str
    refused: str
    refused_apart: bool
    tickets: tuple[SeenTicket, ...]
    told: str
    told_apart: bool


def both_sides(finding: ConformanceFinding, name: str) -> tuple[SeenSide, SeenSide]:
    """What the rules have, and what the system, called ``name``, showed after the last step."""
    divergence = finding.divergence
    expected, actual = divergence.expected, divergence.actual
    return (
        _side(finding, "By the rules", expected, actual),
        _side(finding, f"On {phrases.printable_line(name) or 'this system'}", actual, expected),
    )


def _side(finding: ConformanceFinding, whose: str, seen: Seen, other: Seen) -> SeenSide:
    aspects, partners = finding.divergence.unlike.aspects, finding.divergence.outcomes[-1].model.vocabulary.partners
    refused = "" if seen.refused is None else phrases.printable_line(seen.refused[:200]) or "refused"
    told = seen.shown.notified
    return SeenSide(
        whose=whose,
        refused=refused,
        refused_apart="refused" in aspects,
        tickets=tuple(_ticket(finding, partner, seen, other) for partner in partners),
        told="it does not say who" if told is None else phrases.printable_line(", ".join(told)) or "nobody",
        told_apart="notified" in aspects,
    )


def _ticket(finding: ConformanceFinding, partner: str, seen: Seen, other: Seen) -> SeenTicket:
    spec = finding.divergence.outcomes[-1].model.status_spec
    parts = spec.parts(seen.shown.status) if seen.shown.status in spec.states else {}
    statuses = seen.shown.statuses or {key: parts[key] for key in parts if key == partner}
    status = statuses.get(partner, "not shown") if statuses else seen.shown.status
    return SeenTicket(
        partner=partner,
        status=phrases.printable_line(status),
        apart="status" in finding.divergence.unlike.aspects,
        items=tuple(_items(finding, partner, seen, other)),
    )


def _items(finding: ConformanceFinding, partner: str, seen: Seen, other: Seen) -> Iterator[SeenItem]:
    here, there = (one.shown.tickets.get(partner, {}) for one in (seen, other))
    for name in dict.fromkeys((*here, *there)):
        unlike = finding.divergence.unlike.items.get((partner, name), frozenset())
        shown = phrases.printable_line(name)
        if name not in here:
            yield SeenItem(shown, "not there", (), APPEARANCE in unlike)
        else:
            lines = tuple(_lines(here[name], unlike))
            yield SeenItem(shown, _said(here[name].get("kind", "?")), lines, APPEARANCE in unlike)


def _lines(view: Mapping[str, object], unlike: frozenset[str]) -> Iterator[SeenLine]:
    for name, value in view.items():
        if name != "kind":
            yield SeenLine(phrases.printable_line(name.replace("_", " ")), _said(value), name in unlike)
    yield from (
        SeenLine(name.replace("_", " "), "not shown", apart=True) for name in sorted(unlike - {APPEARANCE, *view})
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (phrases.printable_line(str(value)) or NOTHING)[:400]
