"""One event of a production log, and how a log's columns are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from simsync.engine.world import Event
from simsync.policy.policy import Value
from simsync.questions.conform.systems.mapping import Condition, Scalar

COLUMNS = (
    "time", "ticket", "actor", "action", "item", "copy", "kind", "before", "refused", "status", "notified", "tickets",
)  # fmt: skip
"""What a line can say besides the fields of an item."""


class Moment(NamedTuple):
    """When something happened: millionths of a second since 1970. Not ``zoned``: the zone is not said."""

    micros: int
    zoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNames:
    """What the columns of a log are called, and the names used in them.

    ``columns``, ``fields`` and ``shown`` are our names to theirs. ``theirs`` are, of partners, kinds, statuses, actions
    and recipients, all the names that stand for each of ours, and ``values`` those of each value, by field. What is not
    named is called the same. ``ignored`` are columns that say nothing of interest. ``begins`` is the status in which a
    ticket is when it is first seen, None for the first status of all. ``copies`` are ids of items on their owners'
    tickets to those of their copies. ``time_format`` is how times are written, None for the usual ways.
    ``status_columns`` are those that say the status on each partner's ticket.
    ``own`` are what the product's own items show, as of a system.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    shown: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, Mapping[str, tuple[Scalar, ...]]] = field(default_factory=dict)
    values: Mapping[str, Mapping[Value, tuple[Scalar, ...]]] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    begins: str | None = None
    copies: Mapping[str, str] = field(default_factory=dict)
    time_format: str | None = None
    status_columns: Mapping[str, str] = field(default_factory=dict)
    own: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What a line says: what was done on which ticket, and, as far as it was noted, what came of it.

    ``copy`` is the id of the item on the other ticket, where it has another one there. ``before`` is the status before
    it. ``refused`` None: it is not said, and so it was done. ``statuses`` are those that each partner's ticket shows
    after it, where a line says them apart; ``status`` is then None.
    """

    line: int
    ticket: str
    event: Event
    time: Moment | None = None
    copy: str | None = None
    before: str | None = None
    refused: bool | None = None
    status: str | None = None
    statuses: Mapping[str, str] = field(default_factory=dict)
    notified: tuple[str, ...] | None = None
    tickets: Mapping[str, Mapping[str, Mapping[str, object]]] | None = None

    @property
    def actor(self) -> str:
        """Who did it."""
        return self.event.actor


class UnreadLine(NamedTuple):
    """A line that is still to be read: what it says, by its own keys, and its ticket."""

    line: int
    ticket: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A line that cannot be read, and why; ``ticket`` is its ticket, as far as it can be told."""

    line: int
    column: int = 1
    why: str
    ticket: str | None = None
