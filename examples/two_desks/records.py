"""What a desk keeps: tickets and the items on them, as they come out of its database."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from examples.two_desks.lifecycle import Role, as_role

Json = dict[str, Any]

TIME_ENTRY, NOTE, CHARGE, ATTACHMENT = "TimeEntry", "Note", "Charge", "Attachment"
KINDS = (TIME_ENTRY, NOTE, CHARGE, ATTACHMENT)
PUBLISHABLE = (NOTE, ATTACHMENT)

ALL_USERS, INTERNAL_USERS = "ALL_USERS", "INTERNAL_USERS"
FILE = "FILE_ATTACHMENT"
ATTACHMENT_TYPES = (FILE, "FILE_LINK", "FOLDER_LINK", "URL")

PRIMARY_CONTACT, ASSIGNED_RESOURCE = "primary contact", "assigned resource"


class BadRequestError(Exception):
    """A body that makes no sense to the desk; the message says what would."""


class UnknownError(Exception):
    """There is nothing by this reference here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One desk's ticket. The partner's desk has its own, under the same reference."""

    id: int
    reference: str
    role: Role
    title: str
    status: str
    taken: bool  # the service partner works on a ticket only after it has accepted it

    @staticmethod
    def of(row: sqlite3.Row) -> Ticket:
        """The ticket in a row of the table."""
        return Ticket(
            id=row["id"],
            reference=row["reference"],
            role=as_role(row["role"]),
            title=row["title"],
            status=row["status"],
            taken=bool(row["taken"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something on a ticket. A copy bears the reference that its original has on the partner's desk.

    `severed` is kept with a copy: somebody here changed it, so that its owner's changes are not taken over any more.
    """

    id: int
    reference: str
    own: bool
    kind: str
    text: str
    internal: bool
    type: str
    severed: bool
    deleted: bool

    @staticmethod
    def of(row: sqlite3.Row) -> Item:
        """The item in a row of the table."""
        return Item(
            id=row["id"],
            reference=row["reference"],
            own=bool(row["own"]),
            kind=row["kind"],
            text=row["text"],
            internal=bool(row["internal"]),
            type=row["type"],
            severed=bool(row["severed"]),
            deleted=bool(row["deleted"]),
        )

    def shown(self) -> Json:
        """What the desk's interface shows of it."""
        seen: Json = {"reference": self.reference, "kind": self.kind, "text": self.text}
        if self.kind in PUBLISHABLE:
            seen["publish"] = INTERNAL_USERS if self.internal else ALL_USERS
        if self.kind == ATTACHMENT:
            seen["attachment_type"] = self.type
        return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a request says about an item; None where it says nothing."""

    text: str | None = None
    internal: bool | None = None
    type: str | None = None

    @staticmethod
    def parse(kind: str, body: Mapping[str, Any], *, created: bool) -> Change:
        """The change in a body, for an item of this kind; BadRequestError for what does not belong there."""
        allowed: dict[str, tuple[str, ...] | None] = {"text": None}
        if kind in PUBLISHABLE:
            allowed["publish"] = (ALL_USERS, INTERNAL_USERS)
        if kind == ATTACHMENT and created:
            allowed["attachment_type"] = ATTACHMENT_TYPES
        for name, value in body.items():
            if name not in allowed:
                raise BadRequestError(f"a {kind} takes no {name!r} here, only {', '.join(allowed)}")
            values = allowed[name]
            if not isinstance(value, str) or (values is not None and value not in values):
                raise BadRequestError(f"{name!r} is {', '.join(values) if values else 'a text'}, not {value!r}")
        if not body and not created:
            raise BadRequestError(f"an edit says what changes: {', '.join(allowed)}")
        publish = body.get("publish")
        return Change(
            text=body.get("text"),
            internal=None if publish is None else publish == INTERNAL_USERS,
            type=body.get("attachment_type"),
        )
