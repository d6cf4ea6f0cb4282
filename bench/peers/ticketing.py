"""The policy as a user of `transitions` would write it by hand: a machine for the status, plain objects for items.

Default readings only. Whether an action is refused or synchronizes, the status and every item's link; no texts on
the copies, no notifications, no rule that decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transitions import Machine, MachineError

ACTIONS = (
    ("lead", "outsource", ["Unsent", "Declined", "Canceled"], "Assigned"),
    ("lead", "cancel", "Assigned", "Canceled"),
    ("service", "accept", "Assigned", "Accepted"),
    ("service", "decline", "Assigned", "Declined"),
    ("service", "start", "Accepted", "In Progress"),
    ("service", "insource complete", "In Progress", "Waiting Approval"),
    ("lead", "approve completion", "Waiting Approval", "Complete"),
    ("lead", "reject completion", "Waiting Approval", "In Progress"),
    ("lead", "complete", ["Accepted", "In Progress"], "Complete"),
)
ACTORS = {action: actor for actor, action, _, _ in ACTIONS}
SYNCHRONIZING = ("Accepted", "In Progress")
STATES = ["Unsent", "Assigned", "Declined", "Canceled", "Accepted", "In Progress", "Waiting Approval", "Complete"]
MACHINE = Machine(
    model=None,
    states=STATES,
    initial="Unsent",
    transitions=[{"trigger": t, "source": s, "dest": d} for _, t, s, d in ACTIONS],
    auto_transitions=False,
)


class RefusedError(Exception):
    """The action is not possible."""


@dataclass
class Item:
    """One item; the copy is only there or not."""

    owner: str
    kind: str
    type: str = "file"
    internal: bool = False
    link: str = "local"
    present: bool = True
    copied: bool = False

    @property
    def shareable(self) -> bool:
        """Whether it may cross over."""
        return not self.internal and self.type == "file"


class Ticketing:
    """Both tickets."""

    state: str

    def __init__(self, status: str) -> None:
        """Start in a status, without items."""
        MACHINE.add_model(self, initial=status)
        self.items: dict[str, Item] = {}

    def close(self) -> None:
        """Let the machine forget these tickets."""
        MACHINE.remove_model(self)

    def do(self, actor: str, action: str, fields: Mapping[str, Any]) -> bool:
        """Do an action; returns whether a change reached the other ticket."""
        words = action.split()
        if words[0] == "create":
            return self._create(actor, " ".join(words[1:-1]), words[-1], fields)
        if words[0] in ("edit", "delete"):
            return self._change(actor, words[0], words[1], fields)
        return self._status_action(actor, action)

    def _create(self, actor: str, kind: str, name: str, fields: Mapping[str, Any]) -> bool:
        if actor == "service" and not self._accepted():
            raise RefusedError("there is no ticket yet")
        chosen = {name: value for name, value in fields.items() if name != "text"}
        item = self.items[name] = Item(actor, kind, **chosen)
        if self.state == "Complete":
            item.link = "ended"
        return self._sync(item)

    def _change(self, actor: str, action: str, name: str, fields: Mapping[str, Any]) -> bool:
        item = self.items.get(name)
        shown = item is not None and (item.present if item.owner == actor else item.copied)
        if item is None or not shown or (actor == "service" and not self._accepted()):
            raise RefusedError("the ticket does not show this item")
        if actor != item.owner:
            if item.link in ("linked", "held"):
                item.link = "severed"
            item.copied = item.copied and action == "edit"
            return False
        if action == "edit":
            item.internal = fields.get("internal", item.internal)
            return self._sync(item)
        item.present = False
        return self._delete(item)

    def _sync(self, item: Item) -> bool:
        if item.link not in ("local", "linked", "held"):
            return False
        if self.state == "Waiting Approval":
            if item.shareable:
                item.link = "held"
            elif item.link == "held":
                item.link = "linked" if item.copied else "local"
            return False
        if not item.shareable or self.state not in SYNCHRONIZING:
            return False
        item.link, item.copied = "linked", True
        return True

    def _delete(self, item: Item) -> bool:
        if item.link not in ("local", "linked", "held"):
            return False
        crosses = item.shareable and item.copied
        if crosses and self.state == "Waiting Approval":
            item.link = "held"
            return False
        item.link = "deleted"
        if crosses and self.state in SYNCHRONIZING:
            item.copied = False
            return True
        return False

    def _status_action(self, actor: str, action: str) -> bool:
        if ACTORS[action] != actor:
            raise RefusedError("this is for the other partner")
        try:
            MACHINE.events[action].trigger(self)
        except MachineError as error:
            raise RefusedError(str(error)) from error
        synced = False
        for item in self.items.values():
            synced = self._after_status(item, action) or synced
        return synced

    def _after_status(self, item: Item, action: str) -> bool:
        if self.state == "Complete" and item.link in ("local", "linked", "held"):
            item.link = "ended"
        elif action == "accept":
            return item.present and self._sync(item)
        elif action == "reject completion" and item.link == "held":
            return self._sync(item) if item.present else self._delete(item)
        return False

    def _accepted(self) -> bool:
        return self.state in (*SYNCHRONIZING, "Waiting Approval", "Complete")
