"""One event of a production log, and how a log's columns are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simsync.model.mapping import SAME, Names
from simsync.model.world import Event

COLUMNS = ("ticket", "actor", "action", "item", "kind", "before", "refused", "status", "notified", "tickets")
"""What a line can say besides the fields of an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogNames:
    """What the columns of a log are called, and the names used in them.

    ``begins`` is the status in which a ticket is when it is first seen, None for the first status of all.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    begins: str | None = None
    names: Names = SAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """What a line says: what was done on which ticket, and, as far as it was noted, what came of it.

    ``before`` is the status before it. ``refused`` None: it is not said, and so it was done.
    """

    line: int
    ticket: str
    event: Event
    before: str | None = None
    refused: bool | None = None
    status: str | None = None
    notified: tuple[str, ...] | None = None
    tickets: Mapping[str, Mapping[str, Mapping[str, object]]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A line that cannot be read, and why."""

    line: int
    column: int = 1
    why: str
