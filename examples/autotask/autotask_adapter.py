"""A skeleton of an adapter for Autotask: one ticket of a lead's instance, outsourced to a service partner's instance.

It is made after the public documentation and was never run on a live instance; docs/autotask.md says what rests on
what, and how `settings.json` looks, which it reads in the working directory or where its argument says. Status actions
have no API that was found: people bring pairs of tickets to each status, and the settings name them.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from simsync_adapter import Adapter, Refused, ShownItem, serve

Json = dict[str, Any]
Send = Callable[[str, str, Json | None], tuple[int, Any]]
"""A verb, a path and a body; gives the status code and the answer."""

AN_HOUR, REQUESTS = 3600.0, 10_000
"""The requests that all integrations of an instance have together in an hour."""
ALL_USERS, INTERNAL = 1, 2
"""Of `publish`; read them from TicketNotes/entityInformation/fields of each instance, since labels may differ."""
TYPES = {"file": "FILE_ATTACHMENT", "file link": "FILE_LINK", "folder link": "FOLDER_LINK", "url": "URL"}
PLACES = {"file": "{}.txt", "file link": "//share/{}.txt", "folder link": "//share/{}", "url": "https://example.org/{}"}
"""What `fullPath` says, by the type of an attachment: it has the item's name in it, and so names the copy."""
BY_ITSELF = ("Outsource Workflow Note", "Workflow Rule Note - Task", "RMM Note")
"""Types of notes that no person writes."""
PATHS = {
    "note": "Tickets/{}/Notes",
    "charge": "Tickets/{}/Charges",
    "attachment": "Tickets/{}/Attachments",
    "time entry": "TimeEntries",
}
"""Where items are made, by kind: those of a ticket below it, time entries by themselves."""


class Instance:
    """One instance of the product, in its zone."""

    def __init__(self, settings: Json, send: Send | None = None) -> None:
        self.settings = settings
        self.send = send or self.over_http
        self.asked: deque[float] = deque(maxlen=REQUESTS)

    def call(self, verb: str, path: str, body: Json | None = None) -> Any:
        """What it answers. A `500` with a list of errors is a refusal, and so is what is not there any more."""
        if len(self.asked) == REQUESTS:
            time.sleep(max(0.0, self.asked[0] + AN_HOUR - time.monotonic()))
        self.asked.append(time.monotonic())
        status, answer = self.send(verb, path, body)
        if status == 200:
            return answer
        errors = answer.get("errors") if isinstance(answer, dict) else None
        if status == 404 or (status == 500 and errors):
            raise Refused("; ".join(map(str, errors or ["it is not there"])))
        raise RuntimeError(f"{status} to {verb} {path}: {answer}")

    def listed(self, path: str, body: Json | None = None) -> Iterator[Json]:
        """All that a query finds, page after page."""
        page = self.call("POST" if body else "GET", path, body)
        yield from page["items"]
        while following := (page.get("pageDetails") or {}).get("nextPageUrl"):
            page = self.call("GET", following)
            yield from page["items"]

    def over_http(self, verb: str, path: str, body: Json | None) -> tuple[int, Any]:
        """A request by HTTP; the zone's address is what ZoneInformation says for the user."""
        address = path if path.startswith("https://") else f"{self.settings['url']}/v1.0/{path}"
        headers = {**self.settings["headers"], "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(address, data, headers, method=verb)) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            return error.code, json.loads(text) if text.startswith("{") else text


class Autotask(Adapter):
    """Two instances, and a pair of tickets for each status."""

    name = "Autotask, by its REST API"
    can = ("reset_to_status",)
    cannot = (
        *("settle", "notified", "delete note", "edit attachment"),
        *("outsource", "cancel", "accept", "decline", "start", "insource complete"),
        *("approve completion", "reject completion", "complete"),
    )

    def __init__(self, pairs: Json, instances: dict[str, Instance]) -> None:
        self.pairs, self.instances = pairs, instances
        self.by_itself = {partner: self.types_by_itself(one) for partner, one in instances.items()}

    def begin(self, status: str | dict[str, str]) -> None:
        """Go on with the pair of tickets that people brought to this status; what is on them is left out."""
        self.now = str(status)
        if self.now not in self.pairs:
            raise RuntimeError(f"settings.json names no pair of tickets that is {self.now}")
        self.tickets: dict[str, int | None] = self.pairs[self.now]

    def create(self, actor: str, kind: str, item: str, fields: Json) -> str:
        """Make an item below its ticket."""
        ticket = self.tickets[actor]
        if ticket is None:
            raise Refused(f"{actor} has no ticket")
        body = {**self.required(actor, kind, item, ticket, fields), **self.changed(kind, {"text": "", **fields})}
        made = self.instances[actor].call("POST", PATHS[kind].format(ticket), body)
        return f"{kind} {made['itemId']}"

    def edit(self, actor: str, id: str, fields: Json) -> None:
        """Change an item. A note's PATCH is refused without its type and whom it is published to."""
        kind, _, number = id.rpartition(" ")
        instance, path = self.instances[actor], PATHS[kind].format(self.tickets[actor])
        body = {"id": int(number), **self.changed(kind, fields)}
        if kind == "note":
            note = instance.call("GET", f"{path}/{number}")["item"]
            body = {"noteType": note["noteType"], "publish": note["publish"], **body}
        instance.call("PATCH", path, body)

    def delete(self, actor: str, id: str) -> None:
        """Delete an item; notes cannot be."""
        kind, _, number = id.rpartition(" ")
        self.instances[actor].call("DELETE", f"{PATHS[kind].format(self.tickets[actor])}/{number}")

    def move(self, actor: str, action: str) -> None:
        """People do that."""
        raise NotImplementedError(f"no API for '{action}' was found")

    def status(self) -> str:
        """As people said; no field of the API was found that shows it."""
        return self.now

    def entries(self, partner: str) -> Iterator[ShownItem]:
        """What is on a ticket: four queries."""
        ticket, instance = self.tickets[partner], self.instances[partner]
        if ticket is None:
            return
        of_ticket = {"filter": [{"op": "eq", "field": "ticketID", "value": ticket}]}
        for one in instance.listed("TimeEntries/query", of_ticket):
            yield self.shown("time entry", one, {"text": one["summaryNotes"] or ""})
        for kind in ("note", "charge", "attachment"):
            for one in instance.listed(PATHS[kind].format(ticket)):
                yield self.shown(kind, one, self.view(kind, one), by_itself=self.by_itself[partner])

    def required(self, actor: str, kind: str, item: str, ticket: int, fields: Json) -> Json:
        """What an item has to have besides its text. Its name goes where the product keeps a text for us."""
        usual = self.instances[actor].settings["usual"]
        published = {"publish": INTERNAL if fields.get("internal") else ALL_USERS}
        if kind == "note":
            return {"title": item, "noteType": usual["noteType"], **published}
        if kind == "charge":
            return {"name": item, "datePurchased": usual["date"], "chargeType": usual["chargeType"], "unitQuantity": 1}
        if kind == "time entry":
            by = {"ticketID": ticket, "resourceID": usual["resourceID"], "roleID": usual["roleID"]}
            return {**by, "dateWorked": usual["date"], "hoursWorked": 0.25}
        what = fields.get("type", "file")
        place = {"attachmentType": TYPES[what], "fullPath": PLACES[what].format(item)}
        return {**place, **published, **({"data": base64.b64encode(item.encode()).decode()} if what == "file" else {})}

    def changed(self, kind: str, fields: Json) -> Json:
        """What is set of the product's fields."""
        text = {"note": "description", "charge": "description", "time entry": "summaryNotes", "attachment": "title"}
        set_to = {text[kind]: fields["text"]} if "text" in fields else {}
        if "internal" in fields:
            set_to["publish"] = INTERNAL if fields["internal"] else ALL_USERS
        return set_to

    def view(self, kind: str, one: Json) -> Json:
        """What a ticket shows of an item by the names of the rules."""
        if kind == "charge":
            return {"text": one["description"] or ""}
        internal = {"internal_users_only": one["publish"] != ALL_USERS}
        if kind == "note":
            return {"text": one["description"], **internal}
        types = {theirs: ours for ours, theirs in TYPES.items()}
        return {"text": one["title"], **internal, "type": types[one["attachmentType"]]}

    def shown(self, kind: str, one: Json, view: Json, by_itself: frozenset[int] = frozenset()) -> ShownItem:
        """An item with its name, where it has kept that."""
        named = {"note": one.get("title"), "charge": one.get("name"), "attachment": Path(one.get("fullPath", "")).stem}
        made = kind == "note" and one["noteType"] in by_itself
        return ShownItem(f"{kind} {one['id']}", {"kind": kind, **view}, name=named.get(kind), system=made)

    def types_by_itself(self, instance: Instance) -> frozenset[int]:
        """The numbers of the types of notes that no person writes, which each instance has for itself."""
        fields = instance.call("GET", "TicketNotes/entityInformation/fields")["fields"]
        values = next(field["picklistValues"] for field in fields if field["name"] == "noteType")
        return frozenset(int(one["value"]) for one in values if one["label"] in BY_ITSELF)


if __name__ == "__main__":
    settings = json.loads(Path(sys.argv[1] if len(sys.argv) > 1 else "settings.json").read_text(encoding="utf-8"))
    serve(Autotask(settings["tickets"], {partner: Instance(settings[partner]) for partner in ("lead", "service")}))
