"""What a campaign is about to ask, in a sentence and for programs."""

from __future__ import annotations

from typing import Any

from simsync.questions.conform.diagnosis.estimate import Estimate
from simsync.report import phrases

UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))

LONG = 300
"""Seconds from which on it is said how it takes less."""
SOONER = "; --for 5m ends it with what is known by then, and --jobs N has N instances waited for at once"


def duration(seconds: float) -> str:
    """About how long something takes, in words.

    >>> duration(0.4), duration(95), duration(5400), duration(200_000)
    ('a second', '2 minutes', '2 hours', '2 days')
    """
    size, unit = next(((size, unit) for size, unit in UNITS if seconds >= 1.5 * size), UNITS[-1])
    number = max(1, round(seconds / size))
    return f"a {unit}" if number == 1 and unit != "hour" else phrases.counted(number, unit)


def to_come(estimate: Estimate) -> str:
    """How much is asked, before anything is."""
    if estimate.each is not None:
        return how_long(estimate)
    sequences = phrases.counted(estimate.sequences, "sequence")
    parts = [f"{sequences}, {_about(estimate.requests)}"]
    if estimate.more:
        parts = [f"more than {sequences}, {_about(estimate.requests)} for the first {estimate.sequences:,}"]
    if estimate.rounds_drives:
        drives = phrases.counted(estimate.rounds_drives, "drive")
        parts.append(
            f"then {drives} in which actions overlap or it is disrupted, {_about(estimate.rounds_requests)} more"
        )
    if estimate.before:
        parts.append(f"{estimate.before:,} requests were made before")
    if estimate.hourly is not None:
        waited = f"which takes {duration(estimate.waited)} at least" if estimate.waited else "which leaves room"
        parts.append(f"{estimate.hourly:,} an hour at most, {waited}")
    return f"{'; '.join(parts)}; what diverges is done again, and that comes on top"


def how_long(estimate: Estimate) -> str:
    """How long it takes, once the first requests were answered."""
    assert estimate.each is not None
    assert estimate.seconds is not None
    more = "more than " if estimate.more else "about "
    sooner = "" if estimate.limited or estimate.seconds < LONG else SOONER
    return (
        f"{more}{duration(estimate.seconds)} for all {estimate.left:,} requests, if they take as long as the "
        f"first {estimate.measured:,}: {_short(estimate.each)} each{sooner}"
    )


def as_json(estimate: Estimate) -> dict[str, Any]:
    """The same for programs; seconds are those that are waited for room in the hour."""
    return {
        "sequences": estimate.sequences,
        "requests": estimate.requests,
        "more": estimate.more,
        "requests_before": estimate.before,
        "overlap": {"drives": estimate.rounds_drives, "requests": estimate.rounds_requests},
        "seconds_at_least": estimate.waited,
    }


def _about(requests: int) -> str:
    return f"about {phrases.counted(requests, 'request')}"


def _short(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"
