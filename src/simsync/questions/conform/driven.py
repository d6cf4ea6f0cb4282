"""What a system under test was seen to do in a drive, beside what the model does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from simsync.engine.outcome import Outcome
from simsync.engine.world import Event
from simsync.questions.conform.fault_localization import Rule, StepMismatch
from simsync.questions.conform.sequences.drives import Drive

Exchanges = tuple[tuple[str, str | None], ...]
"""Exchanges with a system: each request, and the beginning of its answer; None where nothing usable came."""


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
    ticket here has. ``failed`` is what it said of a synchronization that failed just before.
    """

    status: str
    tickets: Mapping[str, Mapping[str, Mapping[str, object]]]
    notified: tuple[str, ...] | None
    statuses: Mapping[str, str] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    failed: str | None = None


def joined(before: Observed, after: Observed) -> Observed:
    """What is shown last, with everybody who was notified since the first look, and what failed before either."""
    told = [one.notified for one in (before, after) if one.notified is not None]
    notified = tuple(sorted(name for names in told for name in names)) if told else None
    failed = before.failed or after.failed
    return replace(after, notified=notified, own=before.own | after.own, failed=failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What could be seen of one action: ``refused`` is the reason, None if it was not; then what is shown."""

    refused: str | None
    shown: Observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What was seen after a divergence, on which nothing more is said than was looked at.

    It was settled ``settles`` times more, and meanwhile each of ``changes`` was made, which the rules allow and which
    have nothing to do with what differed. ``seen`` is what was shown after a settle, and then after each change.
    ``came``: in the end it was as the rules say. ``ended`` is what went wrong with the system, if that ended it.
    """

    settles: int = 0
    changes: tuple[Event, ...] = ()
    seen: tuple[Observed, ...] = ()
    came: bool = False
    ended: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Divergence:
    """A step, counted from 0, at which the system does not do what the model does.

    ``rules`` are those that decide what differs, the nearest first. ``later`` is None where nothing was looked at
    afterwards: what was refused is not refused late. ``trace`` has the last exchanges up to there.
    """

    at: int
    outcomes: tuple[Outcome, ...]
    expected: Seen
    actual: Seen
    unlike: StepMismatch
    rules: tuple[Rule, ...]
    later: Later | None = None
    trace: Exchanges = ()

    @property
    def late(self) -> bool:
        """Whether what differed came later."""
        return self.later is not None and self.later.came


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What went wrong with the system itself, with the last exchanges before it.

    ``begun`` is False where the system could not even begin.
    """

    trouble: Trouble
    message: str
    trace: Exchanges
    begun: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Instance:
    """Which instance of a system did something: of which ``place``, the how manieth there, and after how many drives.

    ``before``: drives that it had been through already.
    """

    place: int
    number: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """What came of a drive: it conforms where there is no divergence and no fault, and none was ``passed``.

    ``steps`` were judged; ``rules`` are the ids of those that they rest on. ``divergence`` is the one at which it was
    left; after those ``passed`` it was followed further. There may be a fault beside them. ``trace`` has the last
    exchanges of a drive that was done with care. ``own`` are items of the product's own, which were left out.
    ``requests`` were made for it; that is no part of what came of it.
    ``undecided`` is what the model does up to a step that the rules do not decide: the system was not asked to do that,
    and the drive ends before it. ``unreached``: it was not begun, since a system that is not reset cannot come there.
    """

    drive: Drive
    steps: int
    rules: frozenset[str] = frozenset()
    divergence: Divergence | None = None
    passed: tuple[Divergence, ...] = ()
    fault: Fault | None = None
    own: frozenset[str] = frozenset()
    undecided: tuple[Outcome, ...] = ()
    instance: Instance | None = None
    trace: Exchanges = ()
    unreached: str | None = None
    requests: int = field(default=0, compare=False)

    @property
    def conforms(self) -> bool:
        """Whether it went as the rules say, to its end."""
        return not self.differs and self.fault is None and not self.undecided

    @property
    def exchanges(self) -> Exchanges:
        """The last exchanges, up to where it was left; none where they were not kept."""
        return self.divergence.trace if self.divergence is not None else self.trace

    @property
    def differs(self) -> bool:
        """Whether anything was otherwise than the rules say."""
        return self.divergence is not None or bool(self.passed)

    def occurrences(self) -> Iterator[Driven]:
        """Each difference by itself, as a drive that was left there."""
        for number, one in enumerate(self.passed):
            rules = frozenset(rule for outcome in one.outcomes for rule in outcome.rules)
            earlier = self.passed[:number]
            yield replace(self, steps=one.at + 1, rules=rules, divergence=one, passed=earlier, fault=None, undecided=())
        if self.divergence is not None:
            yield replace(self, fault=None)
