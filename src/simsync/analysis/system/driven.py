"""What a system under test was seen to do in a drive, beside what the model does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from simsync.analysis.system.blame import Rule, Unlike
from simsync.analysis.system.drives import Drive
from simsync.core.outcome import Outcome


class Trouble(StrEnum):
    """What can be wrong with a system, so that nothing can be said of the rules that it follows."""

    START = "not-started"
    TIMEOUT = "timeout"
    ENDED = "went-away"
    GARBAGE = "garbage"
    TOO_LARGE = "too-large"
    UNASKED = "unasked"
    PROTOCOL = "protocol"
    FAILED = "failed"
    RESET = "reset"
    UNSTABLE = "unstable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a system shows: its status, both tickets, and who was notified since it was last looked at.

    ``notified`` is None where the system does not tell. ``statuses`` are those of the partners' tickets where each
    shows its own; ``status`` is then all of them in words. ``own`` are items that the product itself made, which no
    ticket here has.
    """

    status: str
    tickets: Mapping[str, Mapping[str, Mapping[str, object]]]
    notified: tuple[str, ...] | None
    statuses: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What could be seen of one action: ``refused`` is the reason, None if it was not; then what is shown."""

    refused: str | None
    shown: Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """The first step, counted from 0, at which the system does not do what the model does.

    ``rules`` are those that decide what differs, the nearest first.
    """

    at: int
    outcomes: tuple[Outcome, ...]
    expected: Seen
    actual: Seen
    unlike: Unlike
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong with the system itself, with the last exchanges before it."""

    trouble: Trouble
    message: str
    trace: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """What came of a drive: it conforms where there is neither a divergence nor a fault.

    ``steps`` were judged; ``rules`` are the ids of those that they rest on. ``own`` are items of the product's own,
    which were left out.
    """

    drive: Drive
    steps: int
    rules: frozenset[str] = frozenset()
    divergence: Divergence | None = None
    fault: Fault | None = None
    own: frozenset[str] = frozenset()
