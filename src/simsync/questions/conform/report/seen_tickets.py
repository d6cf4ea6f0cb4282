"""A finding as tickets: what both show by the rules, and on the system, with what differs marked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from simsync.engine.model import Model
from simsync.questions.conform.diagnosis.conformity import ConformanceFinding
from simsync.questions.conform.driven import Observed, Seen
from simsync.questions.conform.fault_localization import APPEARANCE
from simsync.questions.conform.overlap.explained_orders import RoundMismatch
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


@dataclass(frozen=True, slots=True)
class _Compared:
    """What differs between two sides: of what, and by partner and item what of it."""

    model: Model
    aspects: Collection[str]
    items: Mapping[tuple[str, str], frozenset[str]]


def both_sides(finding: ConformanceFinding, name: str) -> tuple[SeenSide, SeenSide]:
    """What the rules have, and what the system, called ``name``, showed after the last step."""
    divergence = finding.divergence
    expected, actual, unlike = divergence.expected, divergence.actual, divergence.unlike
    compared = _Compared(divergence.outcomes[-1].model, unlike.aspects, unlike.items)
    return (_side(compared, "By the rules", expected, actual), _side(compared, _on(name), actual, expected))


def round_sides(model: Model, found: RoundMismatch, name: str) -> tuple[SeenSide, SeenSide]:
    """What the nearest order of a round comes to, and what the system, called ``name``, showed after it."""
    expected, actual = (Seen(refused=None, shown=shown) for shown in (found.expected, found.seen.shown))
    compared = _Compared(model, found.aspects, dict(_unlike(found.expected, found.seen.shown)))
    return (
        _side(compared, "As the nearest order has it", expected, actual),
        _side(compared, _on(name), actual, expected),
    )


def _on(name: str) -> str:
    return f"On {phrases.printable_line(name) or 'this system'}"


def _unlike(expected: Observed, shown: Observed) -> Iterator[tuple[tuple[str, str], frozenset[str]]]:
    """What differs of each item, as far as it is shown."""
    for partner, items in expected.tickets.items():
        there = shown.tickets.get(partner, {})
        for name in items.keys() | there.keys():
            one, other = items.get(name), there.get(name)
            if one is None or other is None:
                yield (partner, name), frozenset({APPEARANCE})
            elif differing := {key for key in one.keys() & other.keys() if one[key] != other[key]}:
                yield (partner, name), frozenset(differing)


def _side(compared: _Compared, whose: str, seen: Seen, other: Seen) -> SeenSide:
    aspects, partners = compared.aspects, compared.model.vocabulary.partners
    refused = "" if seen.refused is None else phrases.printable_line(seen.refused[:200]) or "refused"
    told = seen.shown.notified
    return SeenSide(
        whose=whose,
        refused=refused,
        refused_apart="refused" in aspects,
        tickets=tuple(_ticket(compared, partner, seen, other) for partner in partners),
        told="it does not say who" if told is None else phrases.printable_line(", ".join(told)) or "nobody",
        told_apart="notified" in aspects,
    )


def _ticket(compared: _Compared, partner: str, seen: Seen, other: Seen) -> SeenTicket:
    spec = compared.model.status_spec
    parts = spec.parts(seen.shown.status) if seen.shown.status in spec.states else {}
    statuses = seen.shown.statuses or {key: parts[key] for key in parts if key == partner}
    status = statuses.get(partner, "not shown") if statuses else seen.shown.status
    return SeenTicket(
        partner=partner,
        status=phrases.printable_line(status),
        apart="status" in compared.aspects,
        items=tuple(_items(compared, partner, seen, other)),
    )


def _items(compared: _Compared, partner: str, seen: Seen, other: Seen) -> Iterator[SeenItem]:
    here, there = (one.shown.tickets.get(partner, {}) for one in (seen, other))
    for name in dict.fromkeys((*here, *there)):
        unlike = compared.items.get((partner, name), frozenset())
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
