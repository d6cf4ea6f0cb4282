"""The use case behind `simsync replay`: a production log held against the rules, in bounded memory."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from simsync.analysis.system.drives import simulated
from simsync.analysis.system.replaying import Followed, Gap, Illegal, Replay
from simsync.analysis.system.walks import walks
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.view import ticket
from simsync.errors import Code, usage_error
from simsync.loading.logs import LogReader
from simsync.model.log import Logged, LogNames, Unreadable

KEPT = 20_000
"""Tickets in memory; the others wait in a temporary file."""
TICKETS_OF_THE_EXAMPLE = 3
BROKEN = b""

Progress = Callable[[int, int], None]
"""Told how many lines were read, and how many bytes."""


class Tickets:
    """What every ticket came to: what is known of it, or None once it took an illegal step. The oldest wait on disk."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._recent: OrderedDict[str, Followed | None] = OrderedDict()
        self._older = sqlite3.connect("", isolation_level=None)  # a temporary file that nobody else sees
        self._on_disk("PRAGMA journal_mode = OFF")
        self._on_disk("CREATE TABLE tickets (id TEXT PRIMARY KEY, known BLOB) WITHOUT ROWID")
        self._on_disk("BEGIN")
        self.count = 0

    def __contains__(self, ticket_id: str) -> bool:
        if ticket_id in self._recent:
            return True
        row = self._on_disk("SELECT known FROM tickets WHERE id = ?", ticket_id)
        if row is None:
            return False
        self._keep(ticket_id, pickle.loads(row[0]) if row[0] != BROKEN else None)
        return True

    def __getitem__(self, ticket_id: str) -> Followed | None:
        """What is known of a ticket that was seen before."""
        self._recent.move_to_end(ticket_id)
        return self._recent[ticket_id]

    def __setitem__(self, ticket_id: str, ticket: Followed | None) -> None:
        self.count += ticket_id not in self
        self._keep(ticket_id, ticket)

    def _keep(self, ticket_id: str, ticket: Followed | None) -> None:
        self._recent[ticket_id] = ticket
        self._recent.move_to_end(ticket_id)
        if len(self._recent) > self._kept:
            oldest, left = self._recent.popitem(last=False)
            blob = BROKEN if left is None else pickle.dumps(left)
            self._on_disk("INSERT OR REPLACE INTO tickets VALUES (?, ?)", oldest, blob)

    def _on_disk(self, statement: str, *values: str | bytes) -> tuple[bytes] | None:
        """The first row that a statement gives; raises :class:`SimsyncError` where the disk fails, say full."""
        try:
            row: tuple[bytes] | None = self._older.execute(statement, values).fetchone()
        except sqlite3.Error as error:
            message = f"tickets that do not fit in memory cannot be kept: {error}; SQLITE_TMPDIR names the directory"
            raise usage_error("temporary file", message, code=Code.UNWRITABLE) from error
        return row

    def close(self) -> None:
        """Let go of the temporary file."""
        self._older.close()


@dataclass(slots=True)
class Summary:
    """What a replay counted.

    ``illegal`` are tickets, ``left_out`` their steps after the first illegal one. ``gaps`` are lines that show that the
    log leaves something out, ``incomplete`` the tickets with any that are not illegal; ``unjudged`` steps are about
    items that no line creates. ``steps`` are those held against the rules.
    """

    replay: Replay
    lines: int = 0
    steps: int = 0
    tickets: int = 0
    illegal: int = 0
    incomplete: int = 0
    gaps: int = 0
    unjudged: int = 0
    left_out: int = 0
    unreadable: int = 0
    unseen: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def replayed(
    model: Model, path: str, form: str | None, names: LogNames, progress: Progress, kept: int = KEPT
) -> Iterator[Illegal | Gap | Unreadable | Summary]:
    """Each ticket's first illegal step, each gap and each unreadable line as they come, and the summary last.

    ``path`` may be ``-`` for standard input; ``form`` is ``jsonl`` or ``csv``, None to go by the file's ending.
    Raises :class:`SimsyncError` where the log cannot be opened.
    """
    replay = Replay(model, names.begins)
    reader = LogReader(model, names)
    summary = Summary(replay)
    tickets = Tickets(kept)
    try:
        with _opened(path) as stream:
            for read in reader.read(stream, form, path):
                summary.lines += 1
                if summary.lines % 1000 == 0:
                    progress(read.line, stream.tell() if stream.seekable() else 0)
                if isinstance(read, Unreadable):
                    summary.unreadable += 1
                    yield read
                else:
                    yield from _followed(replay, tickets, read, summary)
        summary.tickets = tickets.count
    finally:
        tickets.close()
    summary.unseen = replay.unseen()
    summary.unread = reader.unread
    yield summary


def _followed(replay: Replay, tickets: Tickets, logged: Logged, summary: Summary) -> Iterator[Illegal | Gap]:
    known = logged.ticket in tickets
    before = tickets[logged.ticket] if known else None
    if known and before is None:
        summary.left_out += 1
        return
    after, told, steps = replay.follow(before, logged)
    tickets[logged.ticket] = after
    summary.steps += steps
    summary.unjudged += 1 - steps
    summary.incomplete += (after is not None and after.gap) - (before is not None and before.gap)
    if after is None:
        summary.illegal += 1
    if told is not None:
        summary.gaps += isinstance(told, Gap)
        yield told


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
