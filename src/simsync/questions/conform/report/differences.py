"""What a system does otherwise than the rules, aspect by aspect, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simsync.engine.outcome import Outcome
from simsync.questions.conform.diagnosis.conformity import (
    ConformanceFinding,
)
from simsync.questions.conform.driven import Seen
from simsync.questions.conform.fault_localization import APPEARANCE
from simsync.report import phrases


def differences(finding: ConformanceFinding) -> Iterator[tuple[str, str, str]]:
    """What differs after the last step: where, what is expected, what was found."""
    divergence = finding.divergence
    expected, actual = divergence.expected, divergence.actual
    aspects = divergence.unlike.aspects
    if "refused" in aspects:
        yield "refused", _refusal(expected), _refusal(actual)
    if finding.failed is not None:
        yield "synchronization", "comes to rest", f"failed ({phrases.printable_line(finding.failed)})"
    if "status" in aspects:
        yield from _statuses(divergence.outcomes[-1], actual)
    for partner, items in expected.shown.tickets.items():
        if partner in aspects:
            yield from _on_ticket(partner, items, actual.shown.tickets.get(partner, {}), divergence.unlike.items)
    if "notified" in aspects:
        yield "notified", _told(expected.shown.notified), _told(actual.shown.notified)


def never_shown(finding: ConformanceFinding) -> tuple[str, ...]:
    """What a system shows of no item there, where nothing else differs."""
    divergence = finding.divergence
    expected, actual = divergence.expected.shown.tickets, divergence.actual.shown.tickets
    if not set(divergence.unlike.aspects) <= expected.keys():
        return ()
    names = dict.fromkeys(name for shown in divergence.unlike.items.values() for name in sorted(shown))
    views = [view for items in actual.values() for view in items.values()]
    shown = any(name in view for name in names for view in views)
    return () if shown or APPEARANCE in names or not views else tuple(names)


def _statuses(outcome: Outcome, actual: Seen) -> Iterator[tuple[str, str, str]]:
    """The status that differs, of each ticket that shows its own."""
    spec, wanted = outcome.model.status_spec, outcome.after.status
    if not actual.shown.statuses:
        yield str(outcome.model.words.status), wanted, phrases.printable_line(actual.shown.status)
        return
    for partner in outcome.model.vocabulary.partners:
        shown = actual.shown.statuses.get(partner)
        if shown is None and partner in spec.phases[outcome.model.phase(wanted)].tickets:
            yield f"{partner}'s {outcome.model.words.status}", wanted, "not shown"
        elif shown is not None and shown != wanted:
            yield f"{partner}'s {outcome.model.words.status}", wanted, phrases.printable_line(shown)


def _on_ticket(
    partner: str,
    expected: Mapping[str, Mapping[str, object]],
    actual: Mapping[str, Mapping[str, object]],
    unlike: Mapping[tuple[str, str], frozenset[str]],
) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys((*expected, *actual)):
        one, other = expected.get(name), actual.get(name)
        at = f"{partner}'s {phrases.printable_line(name)}"
        if one is None or other is None:
            yield at, shows(one), shows(other)
            continue
        for key, value in one.items():
            if key in unlike.get((partner, name), ()):
                yield f"{at} {key}", _said(value), _said(other[key]) if key in other else "not shown"


def shows(view: Mapping[str, object] | None) -> str:
    """What a ticket shows of an item, in words."""
    return "not there" if view is None else ", ".join(f"{name}: {_said(value)}" for name, value in view.items())


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return phrases.quoted(value) if isinstance(value, str) else phrases.printable_line(str(value))[:200]


def _refusal(seen: Seen) -> str:
    return "not refused" if seen.refused is None else f"refused ({phrases.printable_line(seen.refused[:200])})"


def _told(notified: tuple[str, ...] | None) -> str:
    return phrases.printable_line(", ".join(notified or ())) or "nobody"


def event_line(outcome: Outcome) -> str:
    """A step as a line."""
    fields = outcome.model.vocabulary.fields
    return f"{outcome.event.actor}: {phrases.action(outcome.event, fields)}"
