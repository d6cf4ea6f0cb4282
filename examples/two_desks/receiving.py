"""What a desk does with a message from the partner's desk, as the worker brings it.

A message may come twice, after a crash of either side. Messages are numbered, and come in order: a number that was seen
already is not news, and changes nothing.
"""

from __future__ import annotations

from examples.two_desks.desk import Desk
from examples.two_desks.faults import faulty
from examples.two_desks.records import (
    ASSIGNED_RESOURCE,
    FILE,
    TIME_ENTRY,
    BadRequestError,
    Item,
    Json,
    Ticket,
    UnknownError,
)


def receive(desk: Desk, number: int, message: Json) -> Json:
    """Take in a message, in one transaction with noting that it was taken in."""
    with desk.store.transaction():
        if not desk.store.is_news(number):
            _known(desk, message)
            return {"news": False}
        if message["type"] == "status":
            _status(desk, message)
        elif message["type"] == "item":
            _item(desk, desk.ticket(message["ticket"]), message)
        elif message["type"] == "deletion":
            _deletion(desk, desk.ticket(message["ticket"]), message["item"])
        elif message["type"] == "notice":
            desk.store.email(desk.ticket(message["ticket"]).id, ASSIGNED_RESOURCE)
        else:
            raise BadRequestError(f"messages are of type status, item, deletion or notice, not {message['type']!r}")
    return {"news": True}


def _known(desk: Desk, message: Json) -> None:
    """A message that was taken in before: nothing is done, but by a fault."""
    if message["type"] == "item" and message["new"]:
        if faulty("repeated-delivery-copies-again"):
            _insert(desk, desk.ticket(message["ticket"]), message["item"])
        if faulty("repeated-delivery-notified-again"):
            _notify(desk, desk.ticket(message["ticket"]), message["item"])


def _status(desk: Desk, message: Json) -> None:
    """Follow the partner's status. Where both acted at once, the lead's word holds."""
    ticket = _offered(desk, message) if message["sender"] == "lead" else desk.ticket(message["ticket"])
    if ticket.role == "lead" and ticket.status != message["before"]:
        desk.store.send(desk.message(ticket, "status", action=None, before=None, status=ticket.status))
        return
    desk.enter(ticket, message["status"])
    if ticket.role == "lead" and message["action"] == "accept":
        desk.send_existing(ticket)


def _offered(desk: Desk, message: Json) -> Ticket:
    """The service partner's ticket, made when the lead first offers it."""
    try:
        return desk.ticket(message["ticket"])
    except UnknownError:
        desk.db.execute(
            "INSERT INTO ticket (reference, role, title, status, taken) VALUES (?, 'service', ?, ?, 0)",
            (message["ticket"], message["title"], message["status"]),
        )
        return desk.ticket(message["ticket"])


def _item(desk: Desk, ticket: Ticket, message: Json) -> None:
    """Bring the copy up to date, or make it; leave it alone where somebody here has changed or deleted it."""
    sent = message["item"]
    copy = _copy(desk, ticket, sent)
    if copy is None or (faulty("resume-duplicates") and message.get("was_held")):
        if faulty("publishing-makes-no-copy") and not message["new"]:
            return
        _insert(desk, ticket, sent)
    elif not copy.severed:
        desk.db.execute("UPDATE item SET text = ? WHERE id = ?", (sent["text"], copy.id))
        if faulty("delivery-resets-internal"):
            desk.db.execute("UPDATE item SET internal = ? WHERE id = ?", (sent["internal"], copy.id))
        if faulty("every-delivery-notified"):
            _notify(desk, ticket, sent)


def _copy(desk: Desk, ticket: Ticket, sent: Json) -> Item | None:
    """The copy of what was sent, also where it was deleted here."""
    column, value = ("text", sent["text"]) if faulty("copies-keyed-by-text") else ("reference", sent["reference"])
    row = desk.db.execute(f"SELECT * FROM item WHERE ticket = ? AND {column} = ?", (ticket.id, value)).fetchone()
    return None if row is None else Item.of(row)


def _insert(desk: Desk, ticket: Ticket, sent: Json) -> None:
    desk.db.execute(
        "INSERT INTO item (ticket, reference, own, kind, text, internal, type) VALUES (?, ?, 0, ?, ?, ?, ?)",
        (
            ticket.id,
            sent["reference"],
            sent["kind"],
            sent["text"],
            sent["internal_users_only"],
            sent.get("attachment_type", FILE),
        ),
    )
    if not faulty("arrival-not-notified") and not faulty("notified-on-entry"):
        _notify(desk, ticket, sent)
    if faulty("arrival-notified-twice"):
        _notify(desk, ticket, sent)


def _notify(desk: Desk, ticket: Ticket, sent: Json) -> None:
    """A time entry of the service partner is on the lead's ticket: whoever is assigned to it hears of that."""
    if ticket.role == "lead" and sent["kind"] == TIME_ENTRY:
        desk.store.email(ticket.id, ASSIGNED_RESOURCE)


def _deletion(desk: Desk, ticket: Ticket, sent: Json) -> None:
    """The owner deleted its item: so is the copy, unless somebody here has changed it."""
    row = desk.db.execute(
        "SELECT * FROM item WHERE ticket = ? AND reference = ?", (ticket.id, sent["reference"])
    ).fetchone()
    if row is None or (row["severed"] and not faulty("severed-copy-deleted")):
        return
    if faulty("time-entry-note-not-deleted") and row["kind"] != sent["kind"]:
        return
    desk.db.execute("UPDATE item SET deleted = 1 WHERE id = ?", (row["id"],))
