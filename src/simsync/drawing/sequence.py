"""What a sequence diagram shows, before any notation: two partners' lanes, a lane an item's link, and what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LINES = "the line in the file"
"""What the steps' numbers are, where nothing else is said."""


class LaneSide(StrEnum):
    """The first or the second of the two partners."""

    FIRST = "first"
    SECOND = "second"

    @property
    def other(self) -> LaneSide:
        """The other one."""
        return LaneSide.SECOND if self is LaneSide.FIRST else LaneSide.FIRST


class Mark(StrEnum):
    """How a link goes on: open, cut by the other partner, stopped by a status action, gone with its item."""

    OPEN = "open"
    CUT = "cut"
    STOPPED = "stopped"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link's state from some step on: its name, its number among the machine's states, and how it goes on."""

    name: str
    number: int
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One step. ``to`` are the sides that something arrived at; ``says`` what changed there, in lines.

    ``status`` tells the new status and ``phase`` is the phase from here on; ``links`` are those that moved, by item.
    ``alone`` is the actor who has no ticket, and so no lane; ``told`` are those who are notified,
    ``readings`` those that have a say, with their options. ``ref`` is what
    decided, ``refused`` why it was refused, ``failures`` what was expected and is not so, or fails.
    """

    number: str
    actor: LaneSide
    alone: str
    action: str
    to: frozenset[LaneSide]
    says: Mapping[LaneSide, tuple[str, ...]]
    refused: str
    failures: tuple[str, ...]
    status: tuple[str, ...]
    phase: str
    links: Mapping[str, LinkState]
    ref: str
    told: tuple[str, ...]
    readings: tuple[str, ...] = ()

    @property
    def crossings(self) -> Iterator[tuple[LaneSide, LaneSide]]:
        """From where to where something crossed over."""
        return ((side.other, side) for side in LaneSide if side in self.to)

    @property
    def notice(self) -> tuple[str, ...]:
        """Who is told, and which readings have a say, a line each."""
        told = (f"told: {', '.join(self.told)}",) if self.told else ()
        return (*told, f"as read: {', '.join(self.readings)}") if self.readings else told

    @property
    def arrows(self) -> Iterator[tuple[LaneSide, LaneSide, tuple[str, ...]]]:
        """The step as arrows with lines of label: the action, which itself crosses over where nothing else does."""
        told = (f"{self.number}: {self.action}", *self.notice)
        if not self.alone and not self.status and self.to == {self.actor.other}:
            yield self.actor, self.actor.other, told
            return
        yield self.actor, self.actor, told
        for source, target in self.crossings:
            yield source, target, self.says.get(target) or ("delivered",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A run. ``partners`` are the lanes' headings, ``actors`` those who act without a lane.

    ``items`` are the link lanes with what each item is, in lines.
    ``failed``: something that was expected is not so. ``status``, as it is told, and ``phase`` are those at the start,
    ``phases`` all phases of the model in order. ``ticket`` is what the policy calls a ticket. ``numbers`` is what the
    steps' numbers are. ``end`` is what each ticket shows at the end, in lines; nothing where something failed.
    """

    title: str
    given: str
    failed: bool
    partners: Mapping[LaneSide, str]
    actors: tuple[str, ...]
    items: Mapping[str, tuple[str, ...]]
    phases: tuple[str, ...]
    status: tuple[str, ...]
    phase: str
    beats: tuple[Beat, ...]
    digest: str
    ticket: str
    numbers: str = LINES
    end: Mapping[LaneSide, tuple[str, ...]] = field(default_factory=dict)
