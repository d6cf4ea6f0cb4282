"""A desk's SQLite file: tickets, items, emails, and the outbox and inbox of its dealings with the partner's desk.

The outbox is in the same file as the items, so that a change and the message about it are written in one transaction:
either both are there after a crash or neither is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from examples.two_desks.faults import faulty
from examples.two_desks.records import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS ticket (
    id INTEGER PRIMARY KEY, reference TEXT UNIQUE, role TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL,
    taken INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL REFERENCES ticket, reference TEXT, own INTEGER NOT NULL,
    kind TEXT NOT NULL, text TEXT NOT NULL, internal INTEGER NOT NULL, type TEXT NOT NULL,
    severed INTEGER NOT NULL DEFAULT 0, deleted INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS item_by_ticket ON item (ticket, reference);
CREATE TABLE IF NOT EXISTS email (id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, recipient TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS email_by_ticket ON email (ticket);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS held (item INTEGER PRIMARY KEY, ticket INTEGER NOT NULL, message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS held_by_ticket ON held (ticket);
CREATE TABLE IF NOT EXISTS inbox (one INTEGER PRIMARY KEY CHECK (one = 1), through INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS answered (request TEXT PRIMARY KEY, answer TEXT NOT NULL);
INSERT OR IGNORE INTO inbox VALUES (1, 0);
"""

FORGOTTEN = {
    "held-lost-on-restart": "DELETE FROM held",
    "severing-lost-on-restart": "UPDATE item SET severed = 0",
    "outbox-lost-on-restart": "DELETE FROM outbox",
    "emails-lost-on-restart": "DELETE FROM email WHERE id = (SELECT max(id) FROM email)",
}
"""What a desk forgets as it starts, by the fault that is on then."""
BATCH = 100
REMEMBERED = 1000


def _kept_in_memory(message: Json) -> str:
    """The fault by which a message waits in memory."""
    if message["type"] == "item":
        return "items-lost-on-restart" if message["new"] else "edits-lost-on-restart"
    return "status-lost-on-restart" if message["type"] == "status" else "deletions-lost-on-restart"


class Store:
    """One desk's database. Everything that writes does so within `transaction`."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(SCHEMA)
        self._in_memory: list[str] = []
        for name, forgotten in FORGOTTEN.items():
            if faulty(name):
                self.db.execute(forgotten)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it or nothing: an exception takes back what was written. An inner one is part of the outer one."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def close(self) -> None:
        """Leave the file in order."""
        self.db.close()

    def email(self, ticket: int, recipient: str) -> None:
        """Write an email about a ticket; it is taken as sent."""
        self.db.execute("INSERT INTO email (ticket, recipient) VALUES (?, ?)", (ticket, recipient))

    def emails(self, ticket: int, after: int) -> list[Json]:
        """The emails about a ticket since the one by this number, oldest first."""
        found = self.db.execute(
            "SELECT id, recipient FROM email WHERE ticket = ? AND id > ? ORDER BY id", (ticket, after)
        )
        return [{"id": row["id"], "recipient": row["recipient"]} for row in found]

    def send(self, message: Json) -> None:
        """Put a message for the partner's desk into the outbox."""
        text = json.dumps(message)
        if faulty(_kept_in_memory(message)):
            self._in_memory.append(text)
            return
        if faulty("busy-outbox-drops-edits") and message["type"] == "item" and not message["new"]:
            waiting = self.db.execute("SELECT id, message FROM outbox ORDER BY id DESC LIMIT 1").fetchone()
            if waiting is not None and json.loads(waiting["message"]).get("new"):
                return
        self.db.execute("INSERT INTO outbox (message) VALUES (?)", (text,))

    def is_pending(self) -> bool:
        """Whether there is anything that the partner's desk has not got yet."""
        found = self.db.execute("SELECT EXISTS (SELECT 1 FROM outbox)").fetchone()[0]
        return bool(found) or bool(self._in_memory)

    def pending(self) -> list[Json]:
        """The next messages for the partner's desk, oldest first, each with its number."""
        while self._in_memory:
            self.db.execute("INSERT INTO outbox (message) VALUES (?)", (self._in_memory.pop(0),))
        found = self.db.execute("SELECT id, message FROM outbox ORDER BY id LIMIT ?", (BATCH,)).fetchall()
        if faulty("backlog-delivered-backwards"):
            found.reverse()
        return [{"number": row["id"], "message": json.loads(row["message"])} for row in found]

    def delivered(self, through: int) -> None:
        """Forget the messages up to this number: the partner's desk has them."""
        self.db.execute("DELETE FROM outbox WHERE id <= ?", (through,))

    def issued(self) -> int:
        """The number of the last message that was ever put into the outbox, 0 before the first."""
        row = self.db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").fetchone()
        return 0 if row is None else int(row["seq"])

    def hold(self, ticket: int, item: int, message: Json) -> None:
        """Keep a message about an item until synchronization resumes; it takes the place of an earlier one."""
        kept = "IGNORE" if faulty("first-held-version-wins") else "REPLACE"
        self.db.execute(f"INSERT OR {kept} INTO held VALUES (?, ?, ?)", (item, ticket, json.dumps(message)))

    def drop_held(self, item: int) -> None:
        """Nothing about this item waits any more."""
        self.db.execute("DELETE FROM held WHERE item = ?", (item,))

    def release(self, ticket: int) -> None:
        """Send what was held about a ticket, in the order in which its items were created."""
        found = self.db.execute("SELECT message FROM held WHERE ticket = ? ORDER BY item", (ticket,)).fetchall()
        self.drop_all_held(ticket)
        if faulty("resume-delivers-nothing"):
            return
        for row in found:
            self.send({**json.loads(row["message"]), "was_held": True})

    def drop_all_held(self, ticket: int) -> None:
        """Nothing about this ticket waits any more."""
        self.db.execute("DELETE FROM held WHERE ticket = ?", (ticket,))

    def is_news(self, number: int) -> bool:
        """Whether a message with this number has not been taken in yet; from now on it has."""
        return self.db.execute("UPDATE inbox SET through = ? WHERE through < ?", (number, number)).rowcount == 1

    def answer_to(self, request: str) -> Json | None:
        """What was answered to a request before, where its sender did not hear the answer and asks again."""
        row = self.db.execute("SELECT answer FROM answered WHERE request = ?", (request,)).fetchone()
        return None if row is None else dict(json.loads(row["answer"]))

    def answered(self, request: str, answer: Json) -> None:
        """Remember the answer to a request, for as long as its sender may ask again."""
        self.db.execute("INSERT INTO answered VALUES (?, ?)", (request, json.dumps(answer)))
        self.db.execute("DELETE FROM answered WHERE rowid <= last_insert_rowid() - ?", (REMEMBERED,))
