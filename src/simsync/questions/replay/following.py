"""Every ticket of a log, followed line by line through its own lines, and counted."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple

from simsync.policy.words import Words
from simsync.questions.replay.disk import Disk
from simsync.questions.replay.judging.judge import NO_RULE
from simsync.questions.replay.judging.order import LineOutcome, TicketHistory
from simsync.questions.replay.judging.skimming import SkimmedHistory, Skimming
from simsync.questions.replay.judging.ticket import Gap, Illegal, Reason, Summary
from simsync.questions.replay.log.columns import Logged, Unreadable
from simsync.questions.replay.log.known_lines import KnownLine

KEPT = 20_000
"""Tickets in memory; the others wait in a temporary file."""
BROKEN = b""


class Unmet(Enum):
    """Of a ticket no line was seen yet."""

    TICKET = "unmet"


UNMET: Final = Unmet.TICKET


class Tickets:
    """What every ticket came to: what is known of it, or None once it took an illegal step. The oldest wait on disk."""

    def __init__(self, kept: int = KEPT, in_full: Callable[[SkimmedHistory], TicketHistory] | None = None) -> None:
        self._kept = kept
        self._in_full = in_full
        self._recent: OrderedDict[str, History | None] = OrderedDict()
        self._stored = False

    @cached_property
    def _disk(self) -> Disk:
        self._stored = True
        return Disk("CREATE TABLE tickets (id TEXT PRIMARY KEY, known BLOB, waits INTEGER) WITHOUT ROWID")

    def find(self, ticket_id: str) -> History | Unmet | None:
        """What is known of a ticket, if it was seen before."""
        recent = self._recent
        if ticket_id in recent:
            recent.move_to_end(ticket_id)
            return recent[ticket_id]
        row = next(self._disk.do("SELECT known FROM tickets WHERE id = ?", ticket_id), None) if self._stored else None
        if row is None:
            return UNMET
        self[ticket_id] = pickle.loads(row[0]) if row[0] != BROKEN else None
        return recent[ticket_id]

    def __setitem__(self, ticket_id: str, ticket: History | None) -> None:
        self._recent[ticket_id] = ticket
        self._recent.move_to_end(ticket_id)
        if len(self._recent) > self._kept:
            self._store(*self._recent.popitem(last=False))

    def _store(self, ticket_id: str, left: History | None) -> None:
        if isinstance(left, SkimmedHistory):
            assert self._in_full is not None
            left = self._in_full(left)
        blob, waits = (BROKEN, None) if left is None else (pickle.dumps(left), left.waits)
        self._disk.do("INSERT OR REPLACE INTO tickets VALUES (?, ?, ?)", ticket_id, blob, waits)

    def waiting(self) -> Iterator[TicketHistory]:
        """The tickets with a line that is illegal since nothing came after it, in the order of these lines."""
        for ticket_id, left in self._recent.items():
            if isinstance(left, TicketHistory) and left.waits is not None:
                self._store(ticket_id, left)
            elif self._stored:  # there it may have waited once
                self._disk.do("UPDATE tickets SET waits = NULL WHERE id = ? AND waits IS NOT NULL", ticket_id)
        if not self._stored:
            return
        for (blob,) in self._disk.do("SELECT known FROM tickets WHERE waits IS NOT NULL ORDER BY waits, id"):
            thread: TicketHistory = pickle.loads(blob)
            yield thread

    def close(self) -> None:
        """Let go of the temporary file."""
        if self._stored:
            self._disk.close()


Found = Illegal | Gap | Unreadable
Read = Logged | Unreadable | KnownLine
History = TicketHistory | SkimmedHistory


class Lost(NamedTuple):
    """A line of a ticket that cannot be read."""

    ticket: str
    line: int


def with_lost(records: Iterable[Read]) -> Iterator[Read | Lost]:
    """The records, each unreadable one also as what its ticket lost."""
    for record in records:
        yield record
        if isinstance(record, Unreadable) and record.ticket is not None:
            yield Lost(record.ticket, record.line)


class Teller:
    """Tells what was found, in its order: of holes in the rules one of each sort, and with it what cannot be read."""

    def __init__(self, words: Words, summary: Summary) -> None:
        self._words, self._summary = words, summary
        self._lost: int | None = None

    def told(self, found: Iterable[Found]) -> Iterator[Found]:
        """What is to be told of what was found; it is counted."""
        for one in found:
            if isinstance(one, Unreadable):
                if one.ticket is None and self._lost is None:
                    self._lost = one.line
                yield one
            elif isinstance(one, Gap):
                yield from self._gap(one)
            else:
                self._summary.broken[one.rules[0].id if one.rules else NO_RULE] += 1
                yield self._noted(one)

    def _gap(self, gap: Gap) -> Iterator[Gap]:
        """A gap; of those that are the rules' own, one of each sort."""
        summary = self._summary
        if gap.reason is Reason.RULES:
            summary.holes[gap.message] += 1
        else:
            summary.gaps += 1
        if summary.holes[gap.message] <= 1:
            yield gap

    def _noted(self, illegal: Illegal) -> Illegal:
        """An illegal step with what could not be read and may have been about its ticket."""
        if self._lost is None or (not self._summary.timed and self._lost > illegal.logged.line):
            return illegal
        note = f"line {self._lost} cannot be read: if it is of this {self._words.ticket}, this may come of it"
        return replace(illegal, notes=(*illegal.notes, note))


class Run:
    """Follows every ticket of a log, and counts what comes of its lines. ``kept`` is how many tickets are in memory."""

    def __init__(self, skimming: Skimming, summary: Summary, kept: int = KEPT) -> None:
        self._order = skimming.order
        self._skimming = skimming
        self._tickets = Tickets(kept, self._skimming.in_full)
        self._summary = summary

    def take(self, record: Read | Lost) -> Sequence[Found]:
        """What is found in the next record."""
        if isinstance(record, Unreadable):
            return (record,)
        before = self._tickets.find(record.ticket)
        if isinstance(record, KnownLine):
            if before is not None:
                skimmed = self._skimming.take(None if before is UNMET else before, record)
                if skimmed is not None:
                    self._summary.steps += 1
                    if skimmed is not before:
                        self._summary.tickets += before is UNMET
                        self._tickets[record.ticket] = skimmed
                    return ()
            record = self._skimming.reader.in_full(record)
        return self._looked_at(False, None, record) if before is UNMET else self._looked_at(True, before, record)

    def _looked_at(self, known: bool, before: History | None, record: Logged | Lost) -> Sequence[Found]:
        if isinstance(before, SkimmedHistory):
            before = self._skimming.in_full(before)
        is_first = not known or (before is not None and not before.met)
        self._summary.tickets += is_first and isinstance(record, Logged)
        if known and before is None:
            self._summary.left_out += isinstance(record, Logged)
            return ()
        order = self._order
        taken = order.unread(before, record.line) if isinstance(record, Lost) else order.take(before, record)
        self._tickets[record.ticket] = taken.thread
        self._count(before, taken)
        return taken.told

    def close(self) -> None:
        """Let go of what was kept."""
        self._tickets.close()

    def end(self) -> Iterator[tuple[int, Found]]:
        """What is illegal since nothing came after it, with the line that it is known from."""
        for thread in self._tickets.waiting():
            taken = self._order.ended(thread)
            self._count(thread, taken)
            assert thread.waits is not None
            yield from ((thread.waits, one) for one in taken.told)

    def _count(self, before: TicketHistory | None, taken: LineOutcome) -> None:
        summary = self._summary
        for judged in taken.judged:
            summary.steps += judged.outcome is not None
            summary.unjudged += judged.outcome is None
            summary.late += judged.intime
            summary.own += judged.own
            if judged.outcome is not None:
                summary.rules.update(judged.outcome.rules)
                kind = judged.outcome.event.kind
                summary.kinds.update([kind] if kind is not None else [])
        summary.steps += taken.held
        summary.left_out += taken.left_out
        after = taken.thread
        summary.incomplete += (after is not None and after.gap) - (before is not None and before.gap)
        summary.illegal += after is None
