"""What is known of a ticket that a log tells of, and what there is to tell of its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simsync.engine.outcome import Outcome
from simsync.engine.world import World
from simsync.questions.conform.fault_localization import APPEARANCE, Rule
from simsync.questions.replay.log.columns import Logged

FIRST_LINES = 100
"""Lines of which one says when it was, if the log is to be put in the order of time."""
View = Mapping[str, object]
"""What a ticket shows of an item."""


class Mismatch(NamedTuple):
    """What the rules have and what the log has. ``place`` is the ticket and the item, by our name of it."""

    at: str
    rules: str
    log: str
    place: tuple[str, str] | None = None
    shown: str = APPEARANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Illegal:
    """A step of a ticket that the rules do not have. ``status`` is that before it, None where no rule looked at it.

    ``rules`` are those that it breaks, the likeliest first. ``notes`` are sentences about what else may be the cause.
    """

    logged: Logged
    status: str | None
    rules: tuple[Rule, ...]
    apart: tuple[Mismatch, ...]
    notes: tuple[str, ...] = ()


class Reason(StrEnum):
    """What a log leaves out, or has otherwise."""

    ITEM = "unknown item"
    COPY = "unknown copy"
    STEP = "missing step"
    BEGIN = "unknown begin"
    LATE = "late"
    ORDER = "out of order"
    REPEATED = "repeated line"
    RULES = "not decided by the rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A line that breaks no rule and cannot be judged in full: the log leaves something out, or the rules do."""

    logged: Logged
    reason: Reason
    message: str


Told = tuple[Illegal | Gap, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What should have arrived at a line: on a partner's ticket an item or the status, or (no partner) a notification.

    ``what`` is the item (none for the status) or recipient, ``views`` what the ticket would show of it before that.
    ``since`` is how many lines of the ticket came before that line, ``steps`` how many of them were judged. ``illegal``
    is what it is if it never arrives; None where nothing shows yet that it did not.
    """

    partner: str | None
    what: str
    since: int
    steps: int
    views: tuple[View | None, ...]
    illegal: Illegal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What is known of a ticket: its status, and the items that the log creates.

    ``sure``: something says that this is its status, other than that the log seems to begin with it. ``strangers`` are
    items that no line creates, ``touched`` those of them that a partner changed, and ``absent`` those whose creation
    was refused. ``shown`` are the partners whose tickets were shown. ``whole``: it is followed from the first status
    on. ``gap``: the log leaves something of it out. ``called`` are, by partner, the ids that items have on its desk
    only, with our names. ``unsure`` are copies that a partner's ticket may show under an unknown id, ``seen`` those
    that it showed. ``own`` are items of the product's own. ``lines`` is how many came before, ``steps`` how many of
    them were judged.
    """

    world: World
    sure: bool
    whole: bool = False
    strangers: frozenset[str] = frozenset()
    touched: frozenset[tuple[str, str]] = frozenset()
    absent: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    gap: bool = False
    called: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unsure: frozenset[tuple[str, str]] = frozenset()
    seen: frozenset[tuple[str, str]] = frozenset()
    own: frozenset[str] = frozenset()
    owed: tuple[Owed, ...] = ()
    lines: int = 0
    steps: int = 0


class JudgedLine(NamedTuple):
    """A line held against the rules: what the ticket came to, None once it broke them, and what there is to tell.

    ``outcome`` is that of the rules, None where the line could not be judged. ``intime`` is how much came late, but in
    the time that it is given, and ``own`` how many items of the product's own the line is the first to show.
    """

    after: Followed | None
    told: Told = ()
    outcome: Outcome | None = None
    intime: int = 0
    own: int = 0

    @property
    def illegal(self) -> Illegal | None:
        """The step, if it is illegal."""
        return next((one for one in self.told if isinstance(one, Illegal)), None) if self.after is None else None


@dataclass(slots=True)
class Summary:
    """What a replay counted.

    ``illegal`` are tickets, ``left_out`` their steps after the first illegal one. ``gaps`` are lines that show that the
    log leaves something out, ``incomplete`` the tickets with any that are not illegal; ``unjudged`` steps are about
    items that no line creates. ``steps`` are those held against the rules. ``late`` is what came late, but in the time
    that it is given. ``rules`` are how often each decided something that was legal, ``broken`` how often each was
    broken, ``holes`` how many lines the rules do not decide, by what they say of it. ``own`` are items of the product's
    own that were not compared. ``timed``: the lines were put in the order of their times; ``timeless`` do not say one.
    """

    lines: int = 0
    steps: int = 0
    tickets: int = 0
    illegal: int = 0
    incomplete: int = 0
    gaps: int = 0
    unjudged: int = 0
    left_out: int = 0
    unreadable: int = 0
    late: int = 0
    own: int = 0
    timed: bool = False
    timeless: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    holes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    unseen: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
