"""The lines of a ticket in the order of time, as far as it is known: what another order or a repetition explains."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

from simsync.engine.world import World
from simsync.policy.facts import CREATE
from simsync.questions.replay.judging.digests import line_digest
from simsync.questions.replay.judging.judge import Judge, forgotten, together, waiting
from simsync.questions.replay.judging.ticket import Followed, Gap, Illegal, JudgedLine, Reason, Told
from simsync.questions.replay.log.columns import Logged, Moment

MILLION = 1_000_000
CLOCKS = 1.0
"""By how many seconds the clocks of two desks may differ, where nobody says."""
ZONES = 14 * 3600 * MILLION
"""By how many a time whose zone is not said may differ."""
MOST_LOOSE = 5
"""Lines of which every order is tried."""
MOST_RECENT = MOST_LOOSE - 3
"""Lines before the last one before which the next one may belong."""
MOST_KEPT = 64
"""Lines of a ticket among which a repeated one is looked for."""


class Placed(Protocol):
    """A line as far as its place among others goes."""

    @property
    def line(self) -> int:
        """Its number."""
        ...

    @property
    def time(self) -> Moment | None:
        """When it was, if that is said."""
        ...

    @property
    def actor(self) -> str:
        """Who acted."""
        ...


class OrderedLine(NamedTuple):
    """A line, and what was known of the ticket before it."""

    before: Followed | None
    logged: Logged


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketHistory:
    """A ticket with its last lines; ``now`` None before the first that can be judged.

    ``recent`` are those before which the next one may belong. ``doubt`` are lines from the first illegal one on, which
    a line that is still to come may explain. ``kept`` tells repeated lines. Not ``met``: no line of it could be read.
    """

    now: Followed | None = None
    recent: tuple[OrderedLine, ...] = ()
    doubt: tuple[Logged, ...] = ()
    illegal: Illegal | None = None
    kept: tuple[int, ...] = ()
    met: bool = True

    @property
    def gap(self) -> bool:
        """Whether the log leaves something of it out."""
        return self.met and self.now is not None and self.now.gap

    @property
    def waits(self) -> int | None:
        """The line that is illegal if nothing comes after it, None if there is none."""
        owed = self.now.owed if self.now is not None else ()
        waiting = [one.illegal.logged.line for one in owed if one.illegal is not None]
        return self.illegal.logged.line if self.illegal is not None else min(waiting, default=None)


class LineOutcome(NamedTuple):
    """What comes of a line: the ticket, None once it broke the rules, and what to tell.

    ``judged`` are the legal lines that were held against the rules or could not be, ``held`` how many illegal ones
    were (less those after something that never arrived), and ``left_out`` how many lines come after an illegal one.
    """

    thread: TicketHistory | None
    told: Told = ()
    judged: tuple[JudgedLine, ...] = ()
    held: int = 0
    left_out: int = 0


class Ordering:
    """Follows tickets through their lines. ``timed``: lines come in the order of their times.

    ``clocks`` is by how many seconds those of two desks may differ.
    """

    def __init__(self, judge: Judge, *, timed: bool, clocks: float = CLOCKS) -> None:
        self.judge = judge
        self._timed = timed
        self._clocks = clocks

    def take(self, thread: TicketHistory | None, logged: Logged) -> LineOutcome:
        """What comes of the next line of a ticket."""
        thread = thread or TicketHistory()
        if not thread.met:
            thread = replace(thread, met=True)
        if thread.doubt:
            return self._doubted(thread, logged)
        judged = self.judge.judge(thread.now, logged)
        illegal = judged.illegal
        if illegal is None:
            return self._legal(thread, logged, judged)
        if thread.now is not None and self._is_repeated(logged, thread.kept):
            again = f"it is a line of this {self.judge.model.words.ticket} once more"
            gap = Gap(logged=logged, reason=Reason.REPEATED, message=again)
            after = replace(thread, now=replace(thread.now, gap=True))
            return LineOutcome(after, (gap,), (JudgedLine(after.now),))
        told = tuple(one for one in judged.told if one is not illegal)
        doubted = replace(thread, doubt=(logged,), illegal=illegal)
        if illegal.logged is not logged:  # something that never arrived; this line is not to blame
            return LineOutcome(None, judged.told, held=1)
        return self._reordered(doubted, told) or LineOutcome(doubted, told)

    def unread(self, thread: TicketHistory | None, line: int) -> LineOutcome:
        """What comes of a line of a ticket that cannot be read: what was known of its items is forgotten."""
        if thread is not None and thread.doubt:
            return self.ended(thread)
        begins = self.judge.begins
        status = begins or self.judge.model.status_spec.initial
        now = thread.now if thread is not None else None
        if thread is None or now is None:
            return LineOutcome(TicketHistory(now=Followed(world=World(status), sure=False, gap=True), met=False))
        after = forgotten(now, now.world.status, sure=False)
        return LineOutcome(TicketHistory(now=after, met=thread.met), waiting(now, f"line {line}, which cannot be read"))

    def ended(self, thread: TicketHistory) -> LineOutcome:
        """What is left of a ticket when no line comes any more: what was in doubt, or never came, is illegal."""
        if thread.illegal is not None:
            return LineOutcome(None, (thread.illegal,), held=1, left_out=len(thread.doubt) - 1)
        owed = [one for one in thread.now.owed if one.illegal is not None] if thread.now is not None else []
        if thread.now is None or not owed:
            return LineOutcome(thread)
        later = thread.now.steps - 1 - min(one.steps for one in owed)
        return LineOutcome(None, (together(owed),), held=-later, left_out=later)

    def _legal(self, thread: TicketHistory, logged: Logged, judged: JudgedLine) -> LineOutcome:
        recent = thread.recent if thread.recent and self.may_follow(thread.recent[-1].logged, logged) else ()
        kept = (*thread.kept, self._digest(logged))[-MOST_KEPT:]
        after = TicketHistory(
            now=judged.after, recent=(*recent[-MOST_RECENT:], OrderedLine(thread.now, logged)), kept=kept
        )
        return LineOutcome(after, judged.told, (judged,))

    def _doubted(self, thread: TicketHistory, logged: Logged) -> LineOutcome:
        """A line after an illegal one: it may belong before it."""
        if not self._timed or self.is_loose(thread.doubt[-1], logged):
            longer = replace(thread, doubt=(*thread.doubt, logged))
            found = self._reordered(longer, ())
            if found is not None or (self._timed and len(longer.doubt) < MOST_LOOSE):
                return found or LineOutcome(longer)
        ended = self.ended(thread)
        return ended._replace(left_out=ended.left_out + 1)

    def _reordered(self, thread: TicketHistory, told: Told) -> LineOutcome | None:
        """What comes of an order of the last lines that keeps the rules, if there is one.

        Where lines do not say when they were, this is but a guess about the log: the step stays illegal.
        """
        illegal = thread.illegal
        assert illegal is not None
        recent = thread.recent
        if self._timed and recent and not self.is_loose(recent[-1].logged, thread.doubt[0]):
            recent = ()
        lines = (*(place.logged for place in recent), *thread.doubt)
        found = next(self._orders(recent[0].before if recent else thread.now, lines), None)
        if found is None:
            return None
        moved = _moved(lines, [line for line, _ in found])
        numbers = ", ".join(str(line.line) for line in moved)
        if not self._timed:
            note = f"in the order of lines {numbers} no rule is broken: are the lines in the order of time?"
            ended = (*told, replace(illegal, notes=(*illegal.notes, note)))
            return LineOutcome(None, ended, held=1, left_out=len(thread.doubt) - 1)
        message = (
            f"in the order of lines {numbers} no rule is broken, and their times do not rule it out: {self._why(moved)}"
        )
        gap = Gap(logged=illegal.logged, reason=Reason.ORDER, message=message)
        last = found[-1][1].after
        assert last is not None
        kept = (*thread.kept, *map(self._digest, thread.doubt))[-MOST_KEPT:]
        after = TicketHistory(now=replace(last, gap=True, whole=False), kept=kept)
        known = {place.logged.line for place in recent}
        return LineOutcome(after, (*told, gap), tuple(judged for line, judged in found if line.line not in known))

    def _orders(
        self, base: Followed | None, lines: tuple[Logged, ...]
    ) -> Iterator[tuple[tuple[Logged, JudgedLine], ...]]:
        """Every order of some lines that their times allow, and in which each can be judged and keeps the rules."""
        if not lines:
            yield ()
            return
        for line in lines:
            others = tuple(other for other in lines if other is not line)
            if self._timed and any(not self.is_loose(other, line) for other in others[: lines.index(line)]):
                continue
            judged = self.judge.judge(base, line)
            if judged.told or judged.outcome is None or judged.after is None or _waits(judged.after, base):
                continue
            for rest in self._orders(judged.after, others):
                yield ((line, judged), *rest)

    def may_follow(self, one: Placed, other: Placed) -> bool:
        """Whether times say so little of a line that another one after it may belong before it."""
        return self._timed and self.is_loose(one, other)

    def is_loose(self, one: Placed, other: Placed) -> bool:
        """Whether the second of two lines, in the order of their times, may have been the first."""
        if one.time is None or other.time is None or one.line > other.line:
            return True
        apart = other.time.micros - one.time.micros
        if one.time.zoned is not other.time.zoned:
            return apart <= ZONES
        return apart == 0 or (apart < self._clocks * MILLION and one.actor != other.actor)

    def _is_repeated(self, logged: Logged, kept: tuple[int, ...]) -> bool:
        """Whether a line stood there before, and was not done twice.

        Where it does not say when it was, or in which status, it may have been; but nothing is created twice.
        """
        says = logged.time is not None or logged.before is not None or logged.event.action == CREATE
        return self._digest(logged) in (kept if says else kept[-1:])

    def _digest(self, logged: Logged) -> int:
        return line_digest(logged, self.judge.free)

    def _why(self, lines: list[Logged]) -> str:
        """What makes the order of some lines loose."""
        times = [line.time for line in lines]
        if None in times:
            return "a line does not say when it was"
        if len({time.zoned for time in times if time is not None}) > 1:
            return "a zone is not said"
        if len({time.micros for time in times if time is not None}) < len(times):
            return "some are the same"
        if [line.line for line in lines] == sorted(line.line for line in lines):
            return "the lines stand so"
        return f"they are less than {'a second' if self._clocks == 1 else f'{self._clocks:g} s'} apart"


def _waits(after: Followed, before: Followed | None) -> bool:
    """Whether something more did not arrive."""
    count = [sum(one.illegal is not None for one in known.owed) if known else 0 for known in (after, before)]
    return count[0] > count[1]


def _moved(lines: tuple[Logged, ...], order: list[Logged]) -> list[Logged]:
    """Another order of some lines, without those at its ends that stay where they are."""
    apart = [place for place, (one, other) in enumerate(zip(lines, order, strict=True)) if one is not other]
    return order[apart[0] : apart[-1] + 1]
