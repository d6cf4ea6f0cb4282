"""The system as simsync drives it: the five operations of a system under test, as HTTP requests to the two desks.

This is all that a system of your own needs: say who acts on which desk, translate the names, and tell when everything
has come to rest. What is more is for tests: x-kill, x-down, x-up and x-parts, of what a crash does, and x-fault.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable

from examples.two_desks.client import Client, UnreachableError
from examples.two_desks.lifecycle import ROLES, Role
from examples.two_desks.records import ALL_USERS, INTERNAL_USERS, Json
from examples.two_desks.running import PARTS, Part, TwoDesks

PROTOCOL = 1
REFUSALS = (404, 409)
SETTLE_SECONDS = 20

CUT, REPEATED = "the connection is cut", "deliveries are repeated"
KILLED = {"the worker is killed": "worker", "the lead's desk is killed": "lead", "the other desk is killed": "service"}
KILLED_IN_ACT = {"the lead's desk is killed in an act": "lead", "the other desk is killed in an act": "service"}
DISRUPTIONS = (*KILLED, *KILLED_IN_ACT, CUT, REPEATED)
"""How the system can be disrupted, until all has settled."""

KIND_PATHS = {"time entry": "time-entries", "note": "notes", "charge": "charges", "attachment": "attachments"}
KIND_NAMES = {"TimeEntry": "time entry", "Note": "note", "Charge": "charge", "Attachment": "attachment"}
TYPES = {"file": "FILE_ATTACHMENT", "file link": "FILE_LINK", "folder link": "FOLDER_LINK", "url": "URL"}
TYPE_NAMES = {theirs: ours for ours, theirs in TYPES.items()}


class ProtocolError(Exception):
    """A request that cannot be understood, or a system that cannot be asked; the message says why."""


class Adapter:
    """Answers requests about one outsourced ticket, a new one after each reset.

    One act on each desk may be under way at a time; other requests wait until no act is.

    `crash_at` names an action; at each such action the desk that did it crashes before anything is passed on.
    `disruptible`: it says in which ways it can be disrupted; `parallel`: it says that both desks may be asked at once.
    """

    def __init__(
        self, system: TwoDesks, crash_at: str | None = None, *, disruptible: bool = False, parallel: bool = False
    ) -> None:
        self._system = system
        self._crash_at = crash_at
        self._disruptible = disruptible
        self._can = ["parallel"] if parallel else []
        self._cut = False
        self._clients = {role: Client(system.addresses[role]) for role in ROLES}
        self._ticket = ""
        self._names: dict[str, str] = {}  # reference of an item -> its name in the scenario
        self._references: dict[str, str] = {}
        self._emails_seen: dict[Role, int] = dict.fromkeys(ROLES, 0)
        self._issued: dict[Role, int] = {}
        self._last_actor: Role = "lead"
        self._to_kill: Part | None = None
        self._operations: dict[str, Callable[[Json], Json]] = {
            "hello": self._hello,
            "reset": self._reset,
            "act": self._act,
            "settle": self._settle,
            "observe": self._observe,
            "disrupt": self._disrupt,
            "x-kill": self._kill,
            "x-down": lambda request: self._with_part(request, "down"),
            "x-up": lambda request: self._with_part(request, "up"),
            "x-fault": self._turn,
            "x-parts": lambda _: {"parts": {name: part.pid for name, part in self._system.parts.items()}},
        }

    def answer(self, line: str | bytes) -> str:
        """The answer to a request, both as JSON. What cannot be answered is {"error": ...}, and the next one can."""
        try:
            request = json.loads(line)
            if not isinstance(request, dict) or request.get("op") not in self._operations:
                raise ProtocolError(f"a request is an object with an 'op' of {', '.join(self._operations)}")
            return json.dumps(self._operations[request["op"]](request))
        except json.JSONDecodeError as problem:
            return json.dumps({"error": f"the request is not JSON: {problem}"})
        except (ProtocolError, UnreachableError) as problem:
            return json.dumps({"error": str(problem)})

    @staticmethod
    def desk_of(line: str | bytes) -> Role | None:
        """The desk that a request is an act on; None for all other requests, and what is none."""
        try:
            request = json.loads(line)
        except json.JSONDecodeError:
            return None
        acting = isinstance(request, dict) and request.get("op") == "act"
        return next((role for role in ROLES if acting and role == request.get("actor")), None)

    def close(self) -> None:
        """Let go of the desks, which go on."""
        for client in self._clients.values():
            client.close()

    def _hello(self, request: Json) -> Json:
        if request.get("protocol") != PROTOCOL:
            raise ProtocolError(f"this adapter speaks protocol {PROTOCOL}, not {request.get('protocol')!r}")
        # A desk has no way to put a ticket into a status but to go there.
        ways = {"disruptions": list(DISRUPTIONS)} if self._disruptible else {}
        return {"protocol": PROTOCOL, "name": "two desks", "can": self._can, **ways}

    def _reset(self, request: Json) -> Json:
        if request.get("status", "Unsent") != "Unsent":
            raise ProtocolError("a ticket of these desks begins as Unsent; drive it on with status actions")
        self._mend()
        self._ticket = self._clients["lead"].ask("POST", "/tickets", {"title": "Outsourced"})["reference"]
        self._names, self._references = {}, {}
        self._emails_seen = dict.fromkeys(ROLES, 0)
        self._last_actor = "lead"
        return {"ok": True}

    def _act(self, request: Json) -> Json:
        actor, action = request.get("actor"), request.get("action")
        if actor not in ROLES or not isinstance(action, str):
            raise ProtocolError(f"an act has an 'actor' ({' or '.join(ROLES)}) and an 'action'")
        self._last_actor = actor
        if action != self._crash_at:
            return self._do(actor, action, request)
        self._system.parts["worker"].down()
        try:
            return self._do(actor, action, request)
        finally:
            self._system.parts[actor].kill()
            self._system.parts["worker"].up()

    def _do(self, actor: Role, action: str, request: Json) -> Json:
        client, ticket = self._clients[actor], f"/tickets/{self._ticket}"
        if action == "create":
            return self._create(client, ticket, request)
        if action not in ("edit", "delete"):
            return _done(self._call(client, "POST", f"{ticket}/outsourcing", {"action": action}))
        reference = self._references.get(str(request.get("item")))
        if reference is None:
            return {"refused": f"no ticket shows an item {request.get('item')!r}"}
        item = f"{ticket}/items/{reference}"
        if action == "delete":
            return _done(self._call(client, "DELETE", item))
        return _done(self._call(client, "PATCH", item, _fields(request)))

    def _create(self, client: Client, ticket: str, request: Json) -> Json:
        name, kind = request.get("item"), request.get("kind")
        if kind not in KIND_PATHS:
            raise ProtocolError(f"items are of kind {', '.join(KIND_PATHS)}, not {kind!r}")
        if not isinstance(name, str) or name in self._references:
            raise ProtocolError(f"a new item has a name of its own, not {name!r}")
        answer = self._call(client, "POST", f"{ticket}/{KIND_PATHS[kind]}", _fields(request))
        done = _done(answer)
        if "ok" in done:
            self._references[name] = answer[1]["reference"]
            self._names[answer[1]["reference"]] = name
        return done

    def _call(self, client: Client, method: str, path: str, body: Json | None = None) -> tuple[int, Json]:
        """Ask a desk to do something; kill what is to be killed while it may be doing it."""
        client.begin(method, path, body)
        if self._to_kill is not None:
            self._to_kill.kill()
            self._to_kill = None
        return client.finish()

    def _settle(self, _: Json) -> Json:
        """Both outboxes are empty, and neither desk has written to its outbox since the other's was found to be.

        A message's consequences are in the receiver's outbox before it leaves the sender's. So it is enough to ask in
        turn, the desk that acted last first, until the other, or one that is asked again, has issued nothing new.
        """
        self._connect()
        other: Role = "service" if self._last_actor == "lead" else "lead"
        for turn, role in enumerate(itertools.cycle((self._last_actor, other))):
            outbox = self._clients[role].ask("GET", f"/outbox?wait={SETTLE_SECONDS}")
            if not outbox["empty"]:
                raise ProtocolError(f"the {role} desk's messages were not delivered within {SETTLE_SECONDS} s")
            before, self._issued[role] = self._issued.get(role), outbox["issued"]
            if turn and before == outbox["issued"]:
                break
        self._mend()
        return {"ok": True}

    def _disrupt(self, request: Json) -> Json:
        """Disrupt the system in one of the ways that it names, until all has settled."""
        what = request.get("what")
        if what not in DISRUPTIONS:
            raise ProtocolError(f"it can be disrupted by {', '.join(DISRUPTIONS)}, not by {what!r}")
        parts = self._system.parts
        if what == CUT:
            self._cut = True
            parts["worker"].down()
        elif what == REPEATED:
            self._system.fault.repeat(True)
        elif what in KILLED_IN_ACT:
            self._to_kill = parts[KILLED_IN_ACT[what]]
        else:
            parts[KILLED[what]].kill()
        return {"ok": True}

    def _mend(self) -> None:
        """Nothing disrupts any more."""
        self._to_kill = None
        self._system.fault.repeat(False)
        self._connect()

    def _connect(self) -> None:
        """The connection that a disruption cut is there again."""
        if self._cut:
            self._cut = False
            self._system.parts["worker"].up()

    def _observe(self, _: Json) -> Json:
        for role in ROLES:
            self._clients[role].begin("GET", f"/tickets/{self._ticket}?emails_after={self._emails_seen[role]}")
        tickets: dict[str, Json] = {}
        statuses: dict[str, str] = {}
        notified: list[str] = []
        for role in ROLES:
            code, ticket = self._clients[role].finish()
            if code == 404 and role == "service":  # it was not offered yet
                ticket = {"items": [], "emails": []}
            elif code != 200:
                raise ProtocolError(f"the {role} desk does not show its ticket: {ticket.get('error')}")
            else:
                statuses[role] = ticket["outsource_status"]
            tickets[role] = self._shown(ticket["items"])
            for email in ticket["emails"]:
                notified.append(email["recipient"])
                self._emails_seen[role] = email["id"]
        status = " / ".join(dict.fromkeys(statuses.values()))  # two, should the desks disagree
        return {"status": status, "tickets": tickets, "notified": notified}

    def _shown(self, items: list[Json]) -> Json:
        shown: Json = {}
        for item in items:
            reference: str = item["reference"]
            name = self._names.get(reference, reference)
            twins = [f"{name} ({n})" for n in range(2, len(items) + 1)]
            free = next(free for free in (name, *twins) if free not in shown)
            shown[free] = {"kind": KIND_NAMES[item["kind"]], "text": item["text"]}
            if "publish" in item:
                shown[free]["internal_users_only"] = item["publish"] == INTERNAL_USERS
            if "attachment_type" in item:
                shown[free]["type"] = TYPE_NAMES[item["attachment_type"]]
        return shown

    def _turn(self, request: Json) -> Json:
        try:
            self._system.fault.turn(request.get("name"))
        except ValueError as problem:
            raise ProtocolError(str(problem)) from problem
        return {"ok": True}

    def _kill(self, request: Json) -> Json:
        """Kill a part now, or with "during": "act" in the middle of the next act."""
        if "during" not in request:
            return self._with_part(request, "kill")
        if request["during"] != "act":
            raise ProtocolError(f"a part can be killed during an act, not during {request['during']!r}")
        self._to_kill = self._part(request)
        return {"ok": True}

    def _part(self, request: Json) -> Part:
        part = self._system.parts.get(str(request.get("part")))
        if part is None:
            raise ProtocolError(f"a part is {', '.join(PARTS)}, not {request.get('part')!r}")
        return part

    def _with_part(self, request: Json, what: str) -> Json:
        part = self._part(request)
        {"kill": part.kill, "down": part.down, "up": part.up}[what]()
        return {"ok": True}


def _fields(request: Json) -> Json:
    """A desk's fields for the protocol's."""
    fields: Json = {}
    given = request.get("fields") or {}
    if not isinstance(given, dict):
        raise ProtocolError("'fields' is an object")
    for name, value in given.items():
        if name == "text" and isinstance(value, str):
            fields["text"] = value
        elif name == "internal" and isinstance(value, bool):
            fields["publish"] = INTERNAL_USERS if value else ALL_USERS
        elif name == "type" and value in TYPES:
            fields["attachment_type"] = TYPES[value]
        else:
            raise ProtocolError(f"an item has no field {name!r} with the value {value!r}")
    return fields


def _done(answer: tuple[int, Json]) -> Json:
    status, body = answer
    if status == 200:
        return {"ok": True}
    if status in REFUSALS:
        return {"refused": body["error"]}
    raise ProtocolError(f"the desk answers {status}: {body.get('error')}")
