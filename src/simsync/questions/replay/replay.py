"""The use case behind `simsync replay`: a production log held against the rules, in bounded memory."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import sys
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from itertools import chain, islice
from typing import Any, BinaryIO, NamedTuple

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.view import ticket
from simsync.engine.world import Event
from simsync.errors import Code, SimsyncError, usage_error
from simsync.questions.conform.sequences.drives import simulated
from simsync.questions.conform.sequences.walks import walks
from simsync.questions.replay.judging.judge import NO_RULE, Judge
from simsync.questions.replay.judging.order import CLOCKS, LineOutcome, Ordering, TicketThread
from simsync.questions.replay.judging.ticket import Gap, Illegal, Reason, Summary
from simsync.questions.replay.log.reading import LogReader
from simsync.questions.replay.log.values import Logged, LogNames, Unreadable

KEPT = 20_000
"""Tickets in memory; the others wait in a temporary file."""
TICKETS_OF_THE_EXAMPLE = 3
BROKEN = b""
FIRST_LINES = 100
"""Lines of which one says when it was, if the log is to be put in the order of time."""

ALL_WITH_A_TIME = "SELECT record FROM lines ORDER BY time, line"
SOME_WITHOUT_A_TIME = (
    "SELECT record FROM lines ORDER BY COALESCE(time, MAX(time) OVER (PARTITION BY ticket ORDER BY line)), line"
)

_OF_EVENTS = tuple(one.name for one in fields(Event))
_OF_LINES = tuple(one.name for one in fields(Logged) if one.name not in ("event", "time"))
"""What a line says in plain values."""

Progress = Callable[[int, int], None]
"""Told how many lines were read, and how many bytes."""


class Disk:
    """A temporary file that nobody else sees, for what does not fit in memory."""

    def __init__(self, *tables: str) -> None:
        self._file = sqlite3.connect("", isolation_level=None)
        for statement in ("PRAGMA journal_mode = OFF", *tables, "BEGIN"):
            self.do(statement)

    def do(self, statement: str, *values: str | bytes | int | None) -> Iterator[tuple[bytes]]:
        """The rows that a statement gives; raises :class:`SimsyncError` where the disk fails, say full."""
        try:
            rows = self._file.execute(statement, values)
            return iter(rows.fetchall() if rows.description is None else _each(rows))
        except sqlite3.Error as error:
            raise _unkept(error) from error

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


def _each(rows: sqlite3.Cursor) -> Iterator[tuple[bytes]]:
    try:
        yield from rows
    except sqlite3.Error as error:
        raise _unkept(error) from error


def _unkept(error: sqlite3.Error) -> SimsyncError:
    message = f"what does not fit in memory cannot be kept: {error}; SQLITE_TMPDIR names the directory"
    return usage_error("temporary file", message, code=Code.UNWRITABLE)


class Tickets:
    """What every ticket came to: what is known of it, or None once it took an illegal step. The oldest wait on disk."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._recent: OrderedDict[str, TicketThread | None] = OrderedDict()
        self._disk = Disk("CREATE TABLE tickets (id TEXT PRIMARY KEY, known BLOB, waits INTEGER) WITHOUT ROWID")

    def __contains__(self, ticket_id: str) -> bool:
        if ticket_id in self._recent:
            return True
        row = next(self._disk.do("SELECT known FROM tickets WHERE id = ?", ticket_id), None)
        if row is None:
            return False
        self._keep(ticket_id, pickle.loads(row[0]) if row[0] != BROKEN else None)
        return True

    def __getitem__(self, ticket_id: str) -> TicketThread | None:
        """What is known of a ticket that was seen before."""
        self._recent.move_to_end(ticket_id)
        return self._recent[ticket_id]

    def __setitem__(self, ticket_id: str, ticket: TicketThread | None) -> None:
        self._keep(ticket_id, ticket)

    def _keep(self, ticket_id: str, ticket: TicketThread | None) -> None:
        self._recent[ticket_id] = ticket
        self._recent.move_to_end(ticket_id)
        if len(self._recent) > self._kept:
            self._store(*self._recent.popitem(last=False))

    def _store(self, ticket_id: str, left: TicketThread | None) -> None:
        blob, waits = (BROKEN, None) if left is None else (pickle.dumps(left), left.waits)
        self._disk.do("INSERT OR REPLACE INTO tickets VALUES (?, ?, ?)", ticket_id, blob, waits)

    def waiting(self) -> Iterator[TicketThread]:
        """The tickets with a line that is illegal since nothing came after it, in the order of these lines."""
        for ticket_id, left in self._recent.items():
            self._store(ticket_id, left)
        for (blob,) in self._disk.do("SELECT known FROM tickets WHERE waits IS NOT NULL ORDER BY waits"):
            thread: TicketThread = pickle.loads(blob)
            yield thread

    def close(self) -> None:
        """Let go of the temporary file."""
        self._disk.close()


Found = Illegal | Gap | Unreadable


class Lost(NamedTuple):
    """A line of a ticket that cannot be read."""

    ticket: str
    line: int


def replayed(
    model: Model,
    path: str,
    form: str | None,
    names: LogNames,
    progress: Progress,
    kept: int = KEPT,
    late: int | None = None,
    clocks: float = CLOCKS,
) -> Iterator[Found | Summary]:
    """Each ticket's first illegal step, each gap and each unreadable line as they come, and the summary last.

    ``path`` may be ``-`` for standard input; ``form`` is ``jsonl`` or ``csv``, None to see. ``late`` is how many lines
    of a ticket later something may arrive; where it is None, what arrives at all is told as late. ``clocks`` is by how
    many seconds those of two desks may differ. Of lines that the rules do not decide, the first of each sort is told.
    Raises :class:`SimsyncError` where the log cannot be opened.
    """
    reader = LogReader(model, names)
    summary = Summary()
    tickets = Tickets(kept)
    try:
        with _opened(path) as stream:
            records = _counted(reader.read(stream, form, path), stream, summary, progress)
            first = list(islice(records, FIRST_LINES))
            summary.timed = any(isinstance(one, Logged) and one.time is not None for one in first)
            judge = Judge(model, names.begins, names.copies, late, names.own)
            run = Run(Ordering(judge, timed=summary.timed, clocks=clocks), tickets, summary)
            for record in (in_time if summary.timed else _with_lost)(chain(first, records)):
                yield from run.take(record)
        yield from run.end()
    finally:
        tickets.close()
    summary.unseen = _unseen(model, summary.rules)
    summary.unread = reader.unread
    yield summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A log that was held against the rules: what was found, in order of the lines, and what was counted."""

    path: str
    found: tuple[Found, ...]
    summary: Summary

    @property
    def holds(self) -> bool:
        """Whether nothing is illegal, unreadable, left out or left open by the rules, and something was judged."""
        one = self.summary
        return one.steps > 0 and not (one.illegal or one.unreadable or one.gaps or one.holes)


def in_memory(found: Iterable[Found | Summary], path: str) -> Replayed:
    """Everything that a replay gives."""
    *all_found, summary = found
    assert isinstance(summary, Summary)
    return Replayed(path=path, found=tuple(one for one in all_found if not isinstance(one, Summary)), summary=summary)


def _counted(
    records: Iterable[Logged | Unreadable], stream: BinaryIO, summary: Summary, progress: Progress
) -> Iterator[Logged | Unreadable]:
    for read in records:
        summary.lines += 1
        if isinstance(read, Unreadable):
            summary.unreadable += 1
        elif read.time is None:
            summary.timeless += 1
        if summary.lines % 1000 == 0:
            progress(read.line, stream.tell() if stream.seekable() else 0)
        yield read


def _with_lost(records: Iterable[Logged | Unreadable]) -> Iterator[Logged | Unreadable | Lost]:
    """The records, each unreadable one also as what its ticket lost."""
    for record in records:
        yield record
        if isinstance(record, Unreadable) and record.ticket is not None:
            yield Lost(record.ticket, record.line)


def in_time(records: Iterable[Logged | Unreadable]) -> Iterator[Logged | Unreadable | Lost]:
    """The records in the order of their times; what cannot be read comes first.

    One without a time comes after those of its ticket that stand before it.
    """
    disk = Disk("CREATE TABLE lines (ticket TEXT, time INTEGER, line INTEGER PRIMARY KEY, record BLOB)")
    timeless = 0
    try:
        for number, record in enumerate(_with_lost(records)):
            if isinstance(record, Unreadable):
                yield record
                continue
            time = record.time.micros if isinstance(record, Logged) and record.time is not None else None
            timeless += time is None
            disk.do("INSERT INTO lines VALUES (?, ?, ?, ?)", record.ticket, time, number, _packed(record))
        for (blob,) in disk.do(SOME_WITHOUT_A_TIME if timeless else ALL_WITH_A_TIME):
            yield _unpacked(blob)
    finally:
        disk.close()


def _packed(record: Logged | Lost) -> bytes:
    """A record as bytes; a line as plain values, which takes a third of the time that dataclasses take."""
    if isinstance(record, Lost):
        return pickle.dumps(record)
    event = record.event
    return pickle.dumps(
        ([getattr(event, name) for name in _OF_EVENTS], [getattr(record, name) for name in _OF_LINES], record.time)
    )


def _unpacked(blob: bytes) -> Logged | Lost:
    record: Lost | tuple[Any, ...] = pickle.loads(blob)
    if isinstance(record, Lost):
        return record
    event, line, time = record
    said = Event(**dict(zip(_OF_EVENTS, event, strict=True)))
    return Logged(event=said, time=time, **dict(zip(_OF_LINES, line, strict=True)))


class Run:
    """Follows every ticket of a log, and counts."""

    def __init__(self, order: Ordering, tickets: Tickets, summary: Summary) -> None:
        self._order = order
        self._tickets = tickets
        self._summary = summary
        self._lost: int | None = None

    def take(self, record: Logged | Unreadable | Lost) -> Iterator[Found]:
        """What there is to tell of the next record."""
        if isinstance(record, Unreadable):
            if record.ticket is None and self._lost is None:
                self._lost = record.line
            yield record
            return
        known = record.ticket in self._tickets
        before = self._tickets[record.ticket] if known else None
        is_first = not known or (before is not None and not before.met)
        self._summary.tickets += is_first and isinstance(record, Logged)
        if known and before is None:
            self._summary.left_out += isinstance(record, Logged)
            return
        order = self._order
        taken = order.unread(before, record.line) if isinstance(record, Lost) else order.take(before, record)
        self._tickets[record.ticket] = taken.thread
        yield from self._told(before, taken)

    def end(self) -> Iterator[Found]:
        """What is illegal since nothing came after it."""
        for thread in self._tickets.waiting():
            yield from self._told(thread, self._order.ended(thread))

    def _told(self, before: TicketThread | None, taken: LineOutcome) -> Iterator[Found]:
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
        for one in taken.told:
            if isinstance(one, Gap):
                yield from self._gap(one)
            else:
                summary.broken[one.rules[0].id if one.rules else NO_RULE] += 1
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
        note = f"line {self._lost} cannot be read: if it is of this ticket, this may come of it"
        return replace(illegal, notes=(*illegal.notes, note))


def _unseen(model: Model, seen: Counter[str]) -> list[str]:
    """Rules that decided nothing in what was followed."""
    every = [t.id for t in model.status_spec.transitions]
    every += [row.id for lookup in model.tables.values() for row in lookup.table.rows]
    return [rule for rule in every if rule not in seen]


@contextmanager
def _opened(path: str) -> Iterator[BinaryIO]:
    if path == "-":
        yield sys.stdin.buffer
        return
    if os.path.isdir(path):
        raise usage_error(path, "this is a directory; name a log file", code=Code.NOT_A_FILE)
    try:
        stream = open(path, "rb")  # noqa: SIM115 - closed below, but what happens meanwhile is no trouble of opening
    except (OSError, ValueError) as error:
        code = Code.NOT_FOUND if isinstance(error, FileNotFoundError) else Code.UNREADABLE
        message = f"the log cannot be opened: {getattr(error, 'strerror', None) or error}"
        raise usage_error(path, message, code=code) from error
    with stream:
        yield stream


def example(model: Model) -> Iterator[str]:
    """An example of a log, as JSON Lines: some tickets that keep the rules, from the first status on."""
    ways = list(walks(model, 0, TICKETS_OF_THE_EXAMPLE, texts=()))
    for number, drive in enumerate(ways, 1):
        for outcome in simulated(model, drive):
            yield json.dumps(logged(model, f"T{number}", outcome), ensure_ascii=False)


def logged(model: Model, name: str, outcome: Outcome) -> dict[str, Any]:
    """A step on a ticket as a line of a log that says all there is to say."""
    event = outcome.event
    said: dict[str, Any] = {"ticket": name, "before": outcome.before.status, "actor": event.actor}
    said |= {"action": event.action}
    if event.item is not None:
        said["item"] = event.item
    if event.kind is not None:
        said["kind"] = event.kind
    if event.fields:
        said["fields"] = dict(event.fields)
    words = model.vocabulary
    said |= {"refused": outcome.refused is not None, "status": outcome.after.status}
    said["notified"] = list(outcome.notified)
    said["tickets"] = {partner: ticket(words, outcome.after, partner) for partner in words.partners}
    return said
