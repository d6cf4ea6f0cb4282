"""One help desk: what its staff does to its tickets, and what it tells the partner's desk of it.

Every public method is one transaction, outbox included. What the partner's desk says is taken in by `receiving`.
"""

from __future__ import annotations

from dataclasses import replace

from examples.two_desks.faults import faulty
from examples.two_desks.lifecycle import PHASES, Phase, RefusedError, moved
from examples.two_desks.records import (
    ASSIGNED_RESOURCE,
    ATTACHMENT,
    FILE,
    KINDS,
    PRIMARY_CONTACT,
    TIME_ENTRY,
    BadRequestError,
    Change,
    Item,
    Json,
    Ticket,
    UnknownError,
)
from examples.two_desks.store import Store


class Desk:
    """The tickets of one company. `name` begins its references, so that they differ from those of any other desk."""

    def __init__(self, name: str, store: Store) -> None:
        self.name = name
        self.store = store
        self.db = store.db

    # Reading

    def ticket(self, reference: str) -> Ticket:
        """The ticket by this reference; UnknownError where there is none."""
        row = self.db.execute("SELECT * FROM ticket WHERE reference = ?", (reference,)).fetchone()
        if row is None:
            raise UnknownError(f"there is no ticket {reference!r} on desk {self.name}")
        return Ticket.of(row)

    def items(self, ticket: Ticket) -> list[Item]:
        """What the ticket shows, in the order in which it came."""
        rows = self.db.execute("SELECT * FROM item WHERE ticket = ? AND NOT deleted ORDER BY id", (ticket.id,))
        return [Item.of(row) for row in rows]

    def item(self, ticket: Ticket, reference: str) -> Item:
        """The item by this reference that the ticket shows now; UnknownError where it shows none."""
        row = self.db.execute(
            "SELECT * FROM item WHERE ticket = ? AND reference = ? AND NOT deleted ORDER BY id", (ticket.id, reference)
        ).fetchone()
        if row is None:
            raise UnknownError(f"ticket {ticket.reference} does not show an item {reference!r}")
        return Item.of(row)

    def shown(self, reference: str, *, emails_after: int = 0) -> Json:
        """The ticket as the desk's interface shows it."""
        ticket = self.ticket(reference)
        return {
            "reference": ticket.reference,
            "role": ticket.role,
            "title": ticket.title,
            "outsource_status": ticket.status,
            "items": [item.shown() for item in self.items(ticket)],
            "emails": self.store.emails(ticket.id, emails_after),
        }

    # Tickets and their outsource status

    def open_ticket(self, title: str) -> Json:
        """A new ticket, which is this company's own: it is the lead, should the ticket be outsourced."""
        with self.store.transaction():
            key = self.db.execute(
                "INSERT INTO ticket (role, title, status, taken) VALUES ('lead', ?, 'Unsent', 1)", (title,)
            ).lastrowid
            reference = f"{self.name}-T{key}"
            self.db.execute("UPDATE ticket SET reference = ? WHERE id = ?", (reference, key))
        return self.shown(reference)

    def act(self, reference: str, action: str) -> Json:
        """Take a status action in the role that this company has on the ticket; RefusedError where it may not."""
        with self.store.transaction():
            ticket = self.ticket(reference)
            status = moved(ticket.role, action, ticket.status)
            message = self.message(ticket, "status", action=action, before=ticket.status, status=status)
            if not (faulty("rejection-not-passed-on") and action == "reject completion"):
                self.store.send(message)
            if not (faulty("rejection-not-emailed") and action == "reject completion"):
                self.store.email(ticket.id, PRIMARY_CONTACT)
            self.enter(ticket, status)
        return {"outsource_status": status}

    def enter(self, ticket: Ticket, status: str) -> None:
        """Set the status, and do what comes with it: take the ticket, resume or end the synchronization."""
        taken = ticket.taken or PHASES[status] == "active"
        self.db.execute("UPDATE ticket SET status = ?, taken = ? WHERE id = ?", (status, taken, ticket.id))
        before, after = PHASES[ticket.status], PHASES[status]
        if before == "suspended" and after == "active":
            self._resume(ticket)
        elif after == "ended":
            if faulty("approval-releases-held"):
                self.store.release(ticket.id)
            self.store.drop_all_held(ticket.id)

    def _resume(self, ticket: Ticket) -> None:
        if faulty("service-does-not-resume") and ticket.role == "service":
            return
        if faulty("resume-forgets-severing"):
            self.db.execute("UPDATE item SET severed = 0 WHERE ticket = ?", (ticket.id,))
        self.store.release(ticket.id)

    def send_existing(self, ticket: Ticket) -> None:
        """Send what is on the ticket already, for the service partner's that has just come to be."""
        if faulty("acceptance-copies-nothing"):
            return
        for item in self.items(ticket):
            if item.own and (not item.internal or faulty("acceptance-copies-internal")):
                self.store.send(self.saved(ticket, item))

    # Items

    def create(self, reference: str, kind: str, body: Json) -> Json:
        """Add an item of one's own to a ticket; the answer shows it."""
        if kind not in KINDS:
            raise BadRequestError(f"there are no items of kind {kind!r}, only {', '.join(KINDS)}")
        change = Change.parse(kind, body, created=True)
        with self.store.transaction():
            ticket = self._workable(reference)
            key = self.db.execute(
                "INSERT INTO item (ticket, own, kind, text, internal, type) VALUES (?, 1, ?, ?, ?, ?)",
                (ticket.id, kind, change.text or "", bool(change.internal), change.type or FILE),
            ).lastrowid
            itself = f"{self.name}-{key}"
            self.db.execute("UPDATE item SET reference = ? WHERE id = ?", (itself, key))
            item = self.item(ticket, itself)
            self._tell_of_time_entry(ticket, item)
            self._announce(ticket, item, self.saved(ticket, item, new=True))
        return item.shown()

    def edit(self, reference: str, item_reference: str, body: Json) -> Json:
        """Edit whatever the ticket shows; the answer shows the item afterwards."""
        with self.store.transaction():
            ticket = self._workable(reference)
            before = self.item(ticket, item_reference)
            change = Change.parse(before.kind, body, created=False)
            item = replace(
                before,
                text=before.text if change.text is None else change.text,
                internal=before.internal if change.internal is None else change.internal,
            )
            self.db.execute("UPDATE item SET text = ?, internal = ? WHERE id = ?", (item.text, item.internal, item.id))
            message = self.saved(ticket, item)
            if faulty("edit-sends-only-what-changed") and change.text is None:
                message["item"]["text"] = ""
            if item.own:
                self._announce(ticket, item, message, before=before)
            else:
                self._sever(ticket, item, message)
        return item.shown()

    def delete(self, reference: str, item_reference: str) -> Json:
        """Delete whatever the ticket shows."""
        with self.store.transaction():
            ticket = self._workable(reference)
            item = self.item(ticket, item_reference)
            # The row stays: a copy that was deleted here must not come back with its owner's next change.
            self.db.execute("UPDATE item SET deleted = 1 WHERE id = ?", (item.id,))
            message = self.message(ticket, "deletion", item={"reference": item.reference, "kind": item.kind})
            if item.own:
                self._announce(ticket, item, message)
            else:
                self._sever(ticket, item, message)
        return {}

    def _workable(self, reference: str) -> Ticket:
        ticket = self.ticket(reference)
        if not ticket.taken:
            raise RefusedError(f"ticket {reference} was not accepted: there is nothing to work on yet")
        return ticket

    def _tell_of_time_entry(self, ticket: Ticket, item: Item) -> None:
        if item.kind != TIME_ENTRY:
            return
        if faulty("lead-time-entry-notified") and ticket.role == "lead":
            self.store.email(ticket.id, ASSIGNED_RESOURCE)
        if faulty("notified-on-entry") and ticket.role == "service":
            self.store.send(self.message(ticket, "notice"))

    # What the partner's desk is told

    def message(self, ticket: Ticket, kind: str, **content: object) -> Json:
        """A message about a ticket, in the role that this company has on it."""
        return {"type": kind, "ticket": ticket.reference, "sender": ticket.role, "title": ticket.title, **content}

    def saved(self, ticket: Ticket, item: Item, *, new: bool = False) -> Json:
        """The message that an item is now as it is: it carries the whole of it, so that any one of them is enough."""
        content = {"reference": item.reference, "kind": item.kind, "text": item.text, "internal": item.internal}
        return self.message(ticket, "item", new=new, item={**content, "attachment_type": item.type})

    def _announce(self, ticket: Ticket, item: Item, message: Json, *, before: Item | None = None) -> None:
        """Tell of a change to an item of one's own: now, or when synchronization resumes, or never."""
        deleted = message["type"] == "deletion"
        if _stays_here(item, before, deleted=deleted):
            self.store.drop_held(item.id)
            return
        phase = _phase(ticket, edited=before is not None, deleted=deleted)
        if phase == "active":
            self.store.send(message)
        elif phase == "suspended":
            if faulty("held-delete-lost") and deleted:
                self.store.drop_held(item.id)
            else:
                self.store.hold(ticket.id, item.id, message)

    def _sever(self, ticket: Ticket, item: Item, message: Json) -> None:
        """A copy was changed here: from now on it is this desk's alone. Its owner's desk is not told."""
        deleted = message["type"] == "deletion"
        if faulty("other-edit-crosses") and not deleted:
            self.store.send(message)
        if faulty("other-delete-crosses") and deleted:
            self.store.send(message)
        if deleted and faulty("severing-forgotten-on-delete"):
            self.db.execute("DELETE FROM item WHERE id = ?", (item.id,))
        elif not deleted and (
            faulty("severing-forgotten-on-edit")
            or (faulty("busy-desk-forgets-severing") and self.store.is_pending())
            or (faulty("severing-forgotten-while-suspended") and PHASES[ticket.status] == "suspended")
        ):
            return
        else:
            self.db.execute("UPDATE item SET severed = 1 WHERE id = ?", (item.id,))


def _stays_here(item: Item, before: Item | None, *, deleted: bool) -> bool:
    """Whether a change to an item of one's own is nobody else's business, the copy that there may be left as it is."""
    if faulty("internal-attachment-leaks") and item.kind == ATTACHMENT:
        return False
    if faulty("edited-internal-note-leaks") and before is not None and before.internal:
        return False
    if faulty("made-internal-leaks") and before is not None:
        return before.internal
    if faulty("internal-delete-crosses") and deleted:
        return False
    return item.internal


def _phase(ticket: Ticket, *, edited: bool, deleted: bool) -> Phase:
    """Whether a change on this ticket crosses over now."""
    phase = PHASES[ticket.status]
    if phase == "suspended" and (
        (edited and faulty("edits-leak-while-suspended"))
        or (deleted and faulty("deletes-leak-while-suspended"))
        or (ticket.role == "lead" and faulty("lead-is-not-suspended"))
    ):
        return "active"
    if phase == "ended" and faulty("changes-after-complete-cross"):
        return "active"
    return phase
