"""Every ticket of a log, followed line by line through its own lines, and counted."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple

from simsync.engine.world import Event
from simsync.policy.words import Words
from simsync.questions.replay.disk import Disk
from simsync.questions.replay.judging.judge import NO_RULE
from simsync.questions.replay.judging.order import LineOutcome, Ordering, TicketHistory
from simsync.questions.replay.judging.skimming import SkimmedHistory, Skimming
from simsync.questions.replay.judging.ticket import Gap, Illegal, Reason, Summary
from simsync.questions.replay.log.columns import Logged, Unreadable
from simsync.questions.replay.log.known_lines import KnownLine
from simsync.questions.replay.log.reading import LogReader

KEPT = 20_000
"""Tickets in memory; the others wait in a temporary file."""
BROKEN = b""

ALL_WITH_A_TIME = "SELECT record FROM lines ORDER BY time, line"
SOME_WITHOUT_A_TIME = (
    "SELECT record FROM lines ORDER BY COALESCE(time, MAX(time) OVER (PARTITION BY ticket ORDER BY line)), line"
)

_OF_EVENTS = tuple(one.name for one in fields(Event))
_OF_LINES = tuple(one.name for one in fields(Logged) if one.name not in ("event", "time"))
"""What a line says in plain values."""


class Tickets:
    """What every ticket came to: what is known of it, or None once it took an illegal step. The oldest wait on disk."""

    def __init__(self, kept: int = KEPT, in_full: Callable[[SkimmedHistory], TicketHistory] | None = None) -> None:
        self._kept = kept
        self._in_full = in_full
        self._recent: OrderedDict[str, History | None] = OrderedDict()
        self._disk = Disk("CREATE TABLE tickets (id TEXT PRIMARY KEY, known BLOB, waits INTEGER) WITHOUT ROWID")

    def __contains__(self, ticket_id: str) -> bool:
        if ticket_id in self._recent:
            return True
        row = next(self._disk.do("SELECT known FROM tickets WHERE id = ?", ticket_id), None)
        if row is None:
            return False
        self._keep(ticket_id, pickle.loads(row[0]) if row[0] != BROKEN else None)
        return True

    def __getitem__(self, ticket_id: str) -> History | None:
        """What is known of a ticket that was seen before."""
        self._recent.move_to_end(ticket_id)
        return self._recent[ticket_id]

    def __setitem__(self, ticket_id: str, ticket: History | None) -> None:
        self._keep(ticket_id, ticket)

    def _keep(self, ticket_id: str, ticket: History | None) -> None:
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
        stored = len(self._recent) >= self._kept  # of some there may be what they were once
        for ticket_id, left in self._recent.items():
            if stored or (isinstance(left, TicketHistory) and left.waits is not None):
                self._store(ticket_id, left)
        for (blob,) in self._disk.do("SELECT known FROM tickets WHERE waits IS NOT NULL ORDER BY waits, id"):
            thread: TicketHistory = pickle.loads(blob)
            yield thread

    def close(self) -> None:
        """Let go of the temporary file."""
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


def in_time(records: Iterable[Read], reader: LogReader) -> Iterator[Read | Lost]:
    """The records in the order of their times; what cannot be read comes first. The ``reader`` is theirs.

    One without a time comes after those of its ticket that stand before it.
    """
    disk = Disk("CREATE TABLE lines (ticket TEXT, time INTEGER, line INTEGER PRIMARY KEY, record BLOB)")
    timeless = 0
    try:
        for number, record in enumerate(with_lost(records)):
            if isinstance(record, Unreadable):
                yield record
                continue
            time = record.time.micros if not isinstance(record, Lost) and record.time is not None else None
            timeless += time is None
            disk.do("INSERT INTO lines VALUES (?, ?, ?, ?)", record.ticket, time, number, packed(record))
        for (blob,) in disk.do(SOME_WITHOUT_A_TIME if timeless else ALL_WITH_A_TIME):
            yield unpacked(blob, reader)
    finally:
        disk.close()


def packed(record: Logged | KnownLine | Lost) -> bytes:
    """A record as bytes; a line as plain values, which takes a third of the time that dataclasses take."""
    if isinstance(record, KnownLine):
        return pickle.dumps((record.line, record.raw))
    if isinstance(record, Lost):
        return pickle.dumps(record)
    event = record.event
    return pickle.dumps(
        ([getattr(event, name) for name in _OF_EVENTS], [getattr(record, name) for name in _OF_LINES], record.time)
    )


def unpacked(blob: bytes, reader: LogReader) -> Read | Lost:
    """The record that was packed."""
    record: Lost | tuple[Any, ...] = pickle.loads(blob)
    if isinstance(record, Lost):
        return record
    if len(record) == 2:
        return reader.skim_one(*record)
    event, line, time = record
    said = Event(**dict(zip(_OF_EVENTS, event, strict=True)))
    return Logged(event=said, time=time, **dict(zip(_OF_LINES, line, strict=True)))


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

    def __init__(self, order: Ordering, reader: LogReader, summary: Summary, kept: int = KEPT) -> None:
        self._order = order
        self._skimming = Skimming(order, reader)
        self._reader = reader
        self._tickets = Tickets(kept, self._skimming.in_full)
        self._summary = summary

    def take(self, record: Read | Lost) -> Sequence[Found]:
        """What is found in the next record."""
        if isinstance(record, Unreadable):
            return (record,)
        known = record.ticket in self._tickets
        before = self._tickets[record.ticket] if known else None
        if isinstance(record, KnownLine):
            if before is not None or not known:
                skimmed = self._skimming.take(before, record)
                if skimmed is not None:
                    self._summary.tickets += not known
                    self._summary.steps += 1
                    if skimmed is not before:
                        self._tickets[record.ticket] = skimmed
                    return ()
            record = self._reader.read_one(record.line, record.raw)
            assert isinstance(record, Logged)
        return self._looked_at(known, before, record)

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
        """Count what was skimmed, and let go of what was kept."""
        self._skimming.count(self._summary)
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
