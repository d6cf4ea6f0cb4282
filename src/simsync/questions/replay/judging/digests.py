"""By what lines of a ticket are told from others: short, and the same for all that say the same."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping

from simsync.questions.replay.log.columns import Logged, Moment
from simsync.questions.replay.log.known_lines import in_common


def line_digest(logged: Logged, free: Collection[str]) -> int:
    """A line by all that it says; ``free`` are the fields with free texts. It is the same in this process alone."""
    event, shown = logged.event, None
    if logged.tickets is not None:
        views = ((partner, name, view) for partner, some in logged.tickets.items() for name, view in some.items())
        shown = sum(map(hash, logged.tickets)) + sum(view_digest(*one) for one in views)
    texts = tuple(value for name, value in event.fields.items() if name in free)
    found = digest(hash(in_common(logged, free)), logged.time, event.item, texts, shown)
    return hash((found, logged.copy, *logged.statuses.items())) if logged.copy or logged.statuses else found


def digest(common: int, time: Moment | None, item: str | None, texts: tuple[Hashable, ...], shown: int | None) -> int:
    """The same of its parts; ``shown`` adds up what the tickets show, and whose they are."""
    return hash((common, time, item, texts, shown))


def plain_digest(partner: str, name: str, view: Mapping[str, str | bool]) -> int:
    """The same as :func:`view_digest` where a ticket shows texts and truths alone."""
    return hash((partner, name, *view.items()))


def view_digest(partner: str, name: str, view: Mapping[str, object]) -> int:
    """What a ticket shows of an item."""
    return hash((partner, name, *((key, _told_apart(value)) for key, value in view.items())))


def _told_apart(value: object) -> Hashable:
    return value if isinstance(value, (str, bool)) else (type(value).__name__, repr(value))
