"""The contract as a plain program, written from its text by someone who had not seen the engine.

It exists to be compared with the engine: statuses, kinds and rules are spelled out here on purpose.
"""

from __future__ import annotations

from typing import Any

DEFAULTS = {
    "resume": "deliver",
    "made_internal": "freeze",
    "late_publish": "share",
    "charges": "as_items",
    "charge_sever": "sever",
    "lead_completes": "before_submission",
    "submit_from_accepted": "no",
    "existing_items": "copied",
    "suspended_edits": "allowed",
    "lead_copies": "editable",
    "emails_on_sync": "no",
    "time_entry_notice": "on_arrival",
    "reason_note": "none",
    "outsource_again": "no",
}
Fields = dict[str, Any]
KINDS = ("time entry", "note", "charge", "attachment")
WA = "Waiting Approval"
ACTIONS = {
    ("lead", "outsource"): (("Unsent", "Declined", "Canceled"), "Assigned"),
    ("lead", "cancel"): (("Assigned",), "Canceled"),
    ("service", "accept"): (("Assigned",), "Accepted"),
    ("service", "decline"): (("Assigned",), "Declined"),
    ("service", "start"): (("Accepted",), "In Progress"),
    ("service", "insource complete"): (("In Progress",), WA),
    ("lead", "approve completion"): ((WA,), "Complete"),
    ("lead", "reject completion"): ((WA,), "In Progress"),
    ("lead", "complete"): (("Accepted", "In Progress"), "Complete"),
}
PHASE = {"Accepted": "active", "In Progress": "active", WA: "suspended", "Complete": "ended"}
OTHER = {"lead": "service", "service": "lead"}
FLAGGED = ("note", "attachment")  # kinds that have internal / internal_users_only


class Item:
    def __init__(self, name: str, kind: str, owner: str, fields: Fields) -> None:
        self.name, self.kind, self.owner = name, kind, owner
        self.type = fields.get("type", "file") if kind == "attachment" else None
        self.text = fields.get("text", "")
        self.internal = bool(fields.get("internal", False))
        self.own: Fields | None = {"kind": kind}  # what the owner's ticket shows (None once deleted)
        self.copy: Fields | None = None  # what the other ticket shows
        self.link = "local"
        self.unpublishable = False  # was internal while it had no copy (late_publish=never)
        self.arrived = False
        self.refresh()

    def refresh(self) -> None:
        if self.own is not None:
            self.own = {"kind": self.kind, "text": self.text}
            if self.kind in FLAGGED:
                self.own["internal_users_only"] = self.internal
            if self.type:
                self.own["type"] = self.type


class World:
    def __init__(self, status: str, readings: dict[str, str]) -> None:
        self.r = {**DEFAULTS, **readings}
        self.status = WA if status == "Waiting Acceptance" else status
        self.items: dict[str, Item] = {}
        self.fresh: set[str] = set()  # items created since the present suspension began
        self.synced = False
        self.notified: list[str] = []

    @property
    def phase(self) -> str:
        return PHASE.get(self.status, "none")

    def shareable(self, it: Item) -> bool:
        if it.kind == "charge" and self.r["charges"] == "unsynced":
            return False
        if it.type and it.type != "file":
            return False
        if self.r["late_publish"] == "never" and it.unpublishable:
            return False
        return not it.internal

    def deliver(self, it: Item) -> None:
        """Bring the other ticket's copy up to the item's present state."""
        if it.own is None or not self.shareable(it):  # deletion, or withdrawal
            if it.copy is not None:
                self.synced = True
            it.copy = None
            it.link = "deleted" if it.own is None else "local"
            return
        if it.copy is None:
            kind = "note" if (it.kind, it.owner) == ("time entry", "lead") else it.kind
            it.copy = {"kind": kind}
            if kind in FLAGGED:
                it.copy["internal_users_only"] = it.owner == "service"
            if it.type:
                it.copy["type"] = it.type
        it.copy["text"] = it.text
        it.link, self.synced = "linked", True
        if (it.kind, it.owner) == ("time entry", "service") and not it.arrived:
            it.arrived = True
            if self.r["time_entry_notice"] == "on_arrival":
                self.notified.append("assigned resource")

    # ---- an owner's own create/edit/delete has just been applied to the owner's ticket
    def own_change(self, it: Item, deleting: bool = False) -> None:
        if it.link in ("severed", "ended"):
            return
        withdraw = self.r["made_internal"] == "withdraw"
        if deleting:  # worth carrying over: there is a copy, and it is shareable or awaits withdrawal
            carry = it.copy is not None and (self.shareable(it) or it.link == "held")
        else:  #: under withdraw every own edit of an internal item that has a copy withdraws it
            carry = self.shareable(it) or (withdraw and it.internal and it.copy is not None)
        if self.phase == "active" and carry:
            self.deliver(it)
        elif self.phase == "suspended" and self.r["resume"] == "deliver" and carry:
            it.link = "held"
        elif deleting:
            it.link = "deleted"
        elif it.link == "held":  # nothing is left that a resume would deliver
            it.link = "linked" if it.copy is not None else "local"

    def item_step(self, actor: str, verb: str, rest: str, fields: Fields) -> bool:
        if actor == "service" and self.phase == "none":
            return False
        if verb == "create":
            kind = next(k for k in KINDS if rest.startswith(k + " "))
            name = rest[len(kind) :].strip()
            new = self.items[name] = Item(name, kind, actor, fields)
            self.fresh.add(name)
            if self.phase == "ended":
                new.link = "ended"
            if self.phase in ("active", "suspended"):
                self.own_change(new)
            if (actor, kind, self.r["time_entry_notice"]) == ("service", "time entry", "on_entry"):
                self.notified.append("assigned resource")
            return True
        it = self.items.get(rest.strip())
        mine = it is not None and it.owner == actor
        if it is None or (it.own if mine else it.copy) is None:
            return False
        if verb == "edit":
            if (
                self.r["suspended_edits"] == "service_refused"
                and self.phase == "suspended"
                and actor == "service"
                and it.name not in self.fresh
            ):
                return False
            if (
                self.r["lead_copies"] == "read_only"
                and self.phase != "ended"
                and actor == "lead"
                and not mine
                and it.kind != "time entry"
            ):
                return False  # edit only, not delete
        if mine:
            if verb == "delete":
                it.own = None
            else:
                it.text = fields.get("text", it.text)
                it.internal = bool(fields.get("internal", it.internal))
                it.refresh()
            self.own_change(it, verb == "delete")
        else:
            if verb == "delete":
                it.copy = None
            elif it.copy is not None:
                if "text" in fields:
                    it.copy["text"] = fields["text"]
                if "internal" in fields and it.copy["kind"] in FLAGGED:
                    it.copy["internal_users_only"] = bool(fields["internal"])
            follows = it.kind == "charge" and self.r["charge_sever"] == "follow"
            if it.link in ("linked", "held") and not follows:
                it.link = "severed"
        return True

    def status_step(self, actor: str, action: str) -> bool:
        if (actor, action) not in ACTIONS:
            return False
        froms, to = ACTIONS[actor, action]
        if action == "complete" and self.r["lead_completes"] == "any_time":
            froms += (WA,)
        if action == "insource complete" and self.r["submit_from_accepted"] in ("yes", True):
            froms += ("Accepted",)
        if action == "outsource" and self.r["outsource_again"] == "new_ticket":
            froms += ("Complete",)
        if self.status not in froms:
            return False
        if self.status == "Complete":  # a new ticket: nothing of the former one is shown any more
            for it in self.items.values():
                if it.owner == "service":
                    it.own = None
                else:
                    it.copy = None
        self.status = to
        self.notified.append("primary contact")
        if action == "accept" and self.r["existing_items"] == "copied":
            for it in self.items.values():
                if it.own is not None and it.link not in ("severed", "ended") and self.shareable(it):
                    self.deliver(it)
        elif action == "insource complete":
            self.fresh = set()
        elif action == "reject completion":
            for it in self.items.values():
                if it.link == "held":
                    self.deliver(it)
            if self.r["reason_note"] == "added":
                self.product_note()
        if to == "Complete":
            for it in self.items.values():
                if it.link in ("local", "linked", "held"):
                    it.link = "ended"
        return True

    def product_note(self) -> None:
        name, number = "reason-note", 2
        while name in self.items:
            name, number = f"reason-note-{number}", number + 1
        it = self.items[name] = Item(name, "note", "lead", {"text": "The completion was rejected."})
        self.deliver(it)

    def step(self, actor: str, value: str, fields: Fields) -> dict[str, Any]:
        self.synced, self.notified = False, []
        verb, _, rest = value.partition(" ")
        ok = (
            self.item_step(actor, verb, rest.strip(), fields)
            if verb in ("create", "edit", "delete")
            else self.status_step(actor, value)
        )
        for it in self.items.values():
            if it.internal and it.copy is None and it.own is not None:
                it.unpublishable = True
        if self.synced and self.r["emails_on_sync"] in ("yes", True) and "primary contact" not in self.notified:
            self.notified.append("primary contact")
        return {
            "refused": not ok,
            "synced": self.synced,
            "status": self.status,
            "links": {n: i.link for n, i in self.items.items()},
            "tickets": {t: self.shown(t) for t in ("lead", "service")},
            "notified": list(self.notified),
        }

    def shown(self, ticket: str) -> dict[str, Any]:
        out = {}
        for n, it in self.items.items():
            view = it.own if it.owner == ticket else it.copy
            if view is not None:
                out[n] = view = dict(view)
                if ticket == "lead" and view["kind"] in FLAGGED:
                    view["customer_visible"] = not view["internal_users_only"]
        return out


def run(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    given = scenario.get("given") or {}
    w = World(given.get("status", "In Progress"), given.get("readings") or {})
    out = []
    for s in scenario["steps"]:
        actor = "lead" if "lead" in s else "service"
        fields = {k: s[k] for k in ("text", "internal", "type") if k in s}
        out.append(w.step(actor, " ".join(str(s[actor]).split()), fields))
    return out
