"""What an adapter talks to; here two tickets in memory, with notes only, and no approval.

Fill in: calls of your own system, and the names that it has for all this. What it cannot do, leave out of `CAN`: what
needs it is then not tested, and counted as that.
"""

from collections.abc import Mapping
from typing import Any

OTHER = {"lead": "service", "service": "lead"}
MOVES = {  # a status action: who takes it, from which statuses, to which
    "outsource": ("lead", ("Unsent",), "Assigned"),
    "accept": ("service", ("Assigned",), "Accepted"),
    "start": ("service", ("Accepted",), "In Progress"),
    "complete": ("lead", ("Accepted", "In Progress"), "Complete"),
}
CAN = ["create note", "edit note", "delete note", *MOVES]


class YourSystem:
    """Two tickets, and who made what on them."""

    def __init__(self) -> None:
        """Begin with new tickets."""
        self.new_tickets()

    def new_tickets(self) -> None:
        """Forget everything, and begin as Unsent with nothing on the tickets."""
        self.status = "Unsent"
        self.tickets: dict[str, dict[str, dict[str, Any]]] = {"lead": {}, "service": {}}
        self.owner: dict[str, str] = {}
        self.severed: set[str] = set()
        self.emails: list[str] = []

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "note", fields: Mapping[str, Any] | None = None
    ) -> str | None:
        """Do it, or say why not."""
        if kind != "note":
            return f"there is no {kind} here, only notes"
        if action in ("create", "edit", "delete"):
            return self.change(actor, action, item, fields or {})
        return self.move(actor, action)

    def wait_until_all_is_delivered(self) -> None:
        """Nothing is ever under way here."""

    def emails_since_last_asked(self) -> list[str]:
        """Whom emails went to."""
        emails, self.emails = self.emails, []
        return emails

    def move(self, actor: str, action: str) -> str | None:
        """Do a status action, or say why not."""
        who, sources, target = MOVES.get(action, ("", (), ""))
        if actor != who or self.status not in sources:
            return f"{actor} cannot {action} while the ticket is {self.status}"
        self.status = target
        self.emails.append("primary contact")
        if action == "accept":
            for name in self.owner:
                self.deliver(name)
        return None

    def change(self, actor: str, action: str, name: str, fields: Mapping[str, Any]) -> str | None:
        """Create, edit or delete a note on somebody's ticket, or say why not."""
        ticket = self.tickets[actor]
        if actor == "service" and self.status in ("Unsent", "Assigned"):
            return "the service partner has no ticket yet"
        if action == "create":
            self.owner[name] = actor
            ticket[name] = {"kind": "note", "text": "", "internal_users_only": False}
        elif name not in ticket:
            return f"{name} is not on the {actor} partner's ticket"
        note = ticket[name]
        note["text"] = fields.get("text", note["text"])
        note["internal_users_only"] = fields.get("internal", note["internal_users_only"])
        if action == "delete":
            del ticket[name]
        if self.owner[name] != actor:
            self.severed.add(name)
        elif self.status in ("Accepted", "In Progress") and not note["internal_users_only"]:
            self.deliver(name)
        return None

    def deliver(self, name: str) -> None:
        """Bring the other ticket up to date with a note of its owner's."""
        owner, copies = self.owner[name], self.tickets[OTHER[self.owner[name]]]
        original = self.tickets[owner].get(name)
        if name in self.severed:
            return
        if original is None:
            copies.pop(name, None)
        elif name in copies:
            copies[name]["text"] = original["text"]
        elif not original["internal_users_only"]:
            copies[name] = {**original, "internal_users_only": owner == "service"}
