"""An adapter for `simsync conform`: a program that speaks its protocol for a system of yours. It needs nothing else.

It runs as it is, with two tickets in memory (`Example`, at the end). Put your system in their place:

1. Make a class of your own with the methods of `Adapter`, beside `Example` or in another file that imports this one.
2. Name it in the last line.
3. `simsync conform --sut 'python THIS_FILE' --check-adapter` says what looks wrong; without the last word, it tests.

What this file does for you: requests and answers; an exception becomes an answer, and what you print goes to standard
error; your system's ids become the names that the rules have, copies among them; what was there before a reset is left
out. `raise Refused("why")` says that your system does not allow something. Any other exception is a failure.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

# --- the words of the rules: those who act, what there is, and how the status moves ---
PARTNERS: tuple[str, ...] = ("a", "b")
KINDS: dict[str, dict[str, Any]] = {"thing": {"text": ""}}
SHOWS: tuple[tuple[str, str, bool, str | None], ...] = (("text", "text", False, None),)
TEXTS: dict[str, str] = {"text": "text"}
FIRST: dict[str, str] = {"": "open"}
MOVES: tuple[tuple[str, str, str, str, str], ...] = (("a", "close", "", "open", "closed"),)
# --- the end of the words ---


class Refused(Exception):  # noqa: N818 - no error: a system may refuse
    """Your system does not allow what was asked; the message is its reason."""


@dataclass(frozen=True)
class ShownItem:
    """What a ticket shows of one item.

    ``id``: your system's own, as text. ``shows``: "kind", and what else a ticket shows, by the names of the rules.
    How a copy is known to be one, the best way first: ``name`` is the item's name where your system keeps it for you
    (`create` is told it: put it into a title, a custom field, an external id); ``original`` is the id that the item has
    on the other ticket, where your system says so; else it is guessed by texts and time. ``system``: the product made
    it by itself.
    """

    id: str
    shows: Mapping[str, Any]
    name: str | None = None
    original: str | None = None
    system: bool = False


class Adapter:
    """What your system has to do. Everything may raise `Refused`, or what else it likes."""

    name = "my system"
    can: tuple[str, ...] = ()
    """"reset_to_status", if `begin` can begin in any status. Actions, if there are no others: "create note"."""
    cannot: tuple[str, ...] = ()
    """What it cannot do: "delete note", "settle", "notified"."""
    disruptions: tuple[str, ...] = ()
    """In which ways `disrupt` can disrupt it."""
    refusals: tuple[type[BaseException], ...] = ()
    """Exceptions of your client library that mean a refusal."""

    def begin(self, status: str | dict[str, str]) -> None:
        """Begin with empty tickets, or with others; what is on them by now is left out from then on."""
        raise NotImplementedError

    def create(self, actor: str, kind: str, item: str, fields: dict[str, Any]) -> str:
        """Make an item on the actor's ticket, and give its id. ``item`` is the name that the rules have for it."""
        raise NotImplementedError

    def edit(self, actor: str, id: str, fields: dict[str, Any]) -> None:
        """Change what is named in ``fields``, on the actor's ticket."""
        raise NotImplementedError

    def delete(self, actor: str, id: str) -> None:
        """Delete from the actor's ticket."""
        raise NotImplementedError

    def move(self, actor: str, action: str) -> None:
        """Do an action that is about no item."""
        raise NotImplementedError

    def wait(self) -> None:
        """Wait until all is synchronized."""

    def status(self) -> str | dict[str, str]:
        """The status that is shown, or each partner's."""
        raise NotImplementedError

    def entries(self, partner: str) -> Iterable[ShownItem]:
        """What a partner's ticket shows, the oldest first; nothing where there is no ticket."""
        raise NotImplementedError

    def told(self) -> Iterable[str]:
        """Who was notified since this was last asked."""
        return []

    def disrupt(self, what: str) -> bool:
        """Disrupt it until all is synchronized; give whether that had any effect."""
        raise NotImplementedError


class Naming:
    """The names that the rules have for what is on the tickets."""

    def __init__(self) -> None:
        self.hidden: set[tuple[str, str]] = set()
        self._named: dict[tuple[str, str], str] = {}
        self._written: dict[str, dict[str, list[str]]] = {}
        self._touched: set[str] = set()
        self._strange: dict[str, None] = {}

    def made(self, partner: str, item: str, id: str) -> None:
        """An item was made on a ticket, and your system calls it so."""
        self._named[partner, id] = item
        self.hidden.discard((partner, id))
        self._written[item] = {shown: [] for shown in TEXTS}

    def wrote(self, item: str, fields: Mapping[str, Any]) -> None:
        """Something was written into an item."""
        self._touched.add(item)
        for shown, field in TEXTS.items():
            texts = self._written.setdefault(item, {}).setdefault(shown, [])
            if field in fields or not texts:
                texts.append(str(fields.get(field, "")))

    def deleted(self, partner: str, id: str) -> None:
        """Something was deleted from a ticket."""
        self._touched.add(self._named.pop((partner, id), ""))

    def id_of(self, partner: str, item: str) -> str | None:
        """What your system calls an item on a partner's ticket."""
        return next((id for (who, id), name in self._named.items() if (who, name) == (partner, item)), None)

    def read(self, shown: Mapping[str, list[ShownItem]]) -> dict[str, dict[str, Any]]:
        """What is shown on each ticket by name. Names are kept from one time to the next."""
        for partner, items in shown.items():
            there = {one.id for one in items}
            for key in [key for key in self._named if key[0] == partner and key[1] not in there]:
                del self._named[key]
            for one in items:
                if (partner, one.id) not in self.hidden | self._named.keys():
                    self._named[partner, one.id] = self._free(partner, self._name(partner, one))
        self._touched = set()
        return {
            partner: {
                self._named[partner, one.id]: {**one.shows, **({"system": True} if one.system else {})}
                for one in items
                if (partner, one.id) not in self.hidden
            }
            for partner, items in shown.items()
        }

    def _name(self, partner: str, one: ShownItem) -> str:
        if one.name is not None and one.name in self._written:
            return one.name
        for (who, id), name in self._named.items():
            if who != partner and id == one.original:
                return name
        return self._guessed(partner, one) or self._new(one)

    def _new(self, one: ShownItem) -> str:
        """A name for what no action made. On the other ticket it may come, too, and has the same name there."""
        name = f"unnamed {one.id}"
        self._strange[name] = None
        self._written[name] = {shown: [str(one.shows.get(shown, ""))] for shown in TEXTS}
        return name

    def _guessed(self, partner: str, one: ShownItem) -> str | None:
        """The item that a new entry is likeliest to be: by what it says, by what was done last, by age."""
        here = {name for (who, _), name in self._named.items() if who == partner}
        found: dict[tuple[int, ...], str] = {}
        for item in self._strange if one.system else self._written:
            fit, best = self._fit(item, one)
            missing, touched = item not in here, item in self._touched
            if fit == best or (missing and (fit or touched)):
                back, alive = missing and 3 * fit >= 2 * best, item in self._named.values()
                found.setdefault((back, fit, missing, alive, touched), item)
        return found[max(found)] if found else None

    def _fit(self, item: str, one: ShownItem) -> tuple[int, int]:
        """How well the texts of an entry fit what was written, and how well they could."""
        texts = {shown: str(one.shows[shown]) for shown in TEXTS if shown in one.shows}
        return sum(likeness(text, self._written[item][shown]) for shown, text in texts.items()), 3 * len(texts)

    def _free(self, partner: str, name: str) -> str:
        """The name, or one like it where the ticket has that already."""
        taken = {other for (who, _), other in self._named.items() if who == partner}
        return next(one for one in (name, *(f"{name} ({n})" for n in range(2, len(taken) + 3))) if one not in taken)


def likeness(text: str, written: list[str]) -> int:
    """How a text is like what was written: 3 the last, 2 an earlier one, 1 a part of one or around it, 0 not at all."""
    if text == written[-1]:
        return 3
    if text in written:
        return 2
    plain, *others = ("".join(filter(str.isalnum, one.casefold())) for one in (text, *written))  # without marks
    return int(any(plain in other or other in plain for other in others if plain and other))


class Protocol:
    """Answers requests for an adapter."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._names = Naming()

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to any request. An exception becomes one, and is printed with where it came from."""
        operations = {
            "hello": self._hello,
            "reset": self._reset,
            "act": self._act,
            "settle": self._settle,
            "observe": self._observe,
            "disrupt": self._disrupt,
        }
        try:
            if request.get("op") not in operations:
                return {"error": f"there is no op '{request.get('op')}'; there are {', '.join(operations)}"}
            return operations[request["op"]](request)
        except Exception as error:
            if request["op"] == "act" and isinstance(error, (Refused, *self._adapter.refusals)):
                return {"refused": str(error) or type(error).__name__}
            traceback.print_exc()
            return {"error": last_line(error)}

    def _hello(self, _request: dict[str, Any]) -> dict[str, Any]:
        adapter = self._adapter
        lists = {"can": adapter.can, "cannot": adapter.cannot, "disruptions": adapter.disruptions}
        return {"protocol": 1, "name": adapter.name, **{key: list(one) for key, one in lists.items()}}

    def _reset(self, request: dict[str, Any]) -> dict[str, Any]:
        self._adapter.begin(request["status"])
        self._adapter.wait()
        self._adapter.told()
        self._names = Naming()
        self._names.hidden = {(partner, one.id) for partner, items in self._shown().items() for one in items}
        return {"ok": True}

    def _act(self, request: dict[str, Any]) -> dict[str, Any]:
        actor, action, item = request["actor"], request["action"], request.get("item")
        fields = request.get("fields", {})
        if item is None:
            self._adapter.move(actor, action)
        elif action == "create":
            id = str(self._adapter.create(actor, request["kind"], item, fields))
            self._names.made(actor, item, id)
            self._names.wrote(item, KINDS[request["kind"]] | fields)
        else:
            id = self._id(actor, item)
            if action == "edit":
                self._adapter.edit(actor, id, fields)
                self._names.wrote(item, fields)
            else:
                self._adapter.delete(actor, id)
                self._names.deleted(actor, id)
        return {"ok": True}

    def _id(self, actor: str, item: str) -> str:
        if self._names.id_of(actor, item) is None:
            self._names.read(self._shown())
        if (id := self._names.id_of(actor, item)) is None:
            raise Refused(f"{item} is not there for {actor}")
        return id

    def _settle(self, _request: dict[str, Any]) -> dict[str, Any]:
        self._adapter.wait()
        return {"ok": True}

    def _observe(self, _request: dict[str, Any]) -> dict[str, Any]:
        notified = [told] if isinstance(told := self._adapter.told(), str) else [*told]
        return {"status": self._adapter.status(), "tickets": self._names.read(self._shown()), "notified": notified}

    def _disrupt(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "struck": self._adapter.disrupt(request["what"])}

    def _shown(self) -> dict[str, list[ShownItem]]:
        return {partner: list(self._adapter.entries(partner)) for partner in PARTNERS}


def last_line(error: BaseException) -> str:
    """The last line of a traceback, and where it came from."""
    line = traceback.format_exception_only(error)[-1].strip()
    frames = traceback.extract_tb(error.__traceback__)
    return f"{line} ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno}, in {frames[-1].name})"


def requests() -> Iterator[tuple[bytes, BinaryIO]]:
    """Each request, and where its answer goes. What else the program or a child of it prints goes to standard error."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    for line in asked:
        yield line, answers


def serve(adapter: Adapter) -> None:
    """Answer each line of standard input with one on standard output, until there are no more."""
    protocol = Protocol(adapter)
    for line, answers in requests():
        try:
            said = json.dumps(protocol.handle(json.loads(line)), allow_nan=False)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            said = json.dumps({"error": f"a request is a line of JSON: {error}"})
        except (TypeError, ValueError, RecursionError) as error:  # the answer has a value that JSON does not know
            said = json.dumps({"error": last_line(error)})
        answers.write(said.encode() + b"\n")
        answers.flush()


@dataclass
class OnBoth:
    """Of the example: an item of two tickets, with its id and its fields on each that has it."""

    owner: str
    kind: str
    ids: dict[str, str]
    fields: dict[str, dict[str, Any]]


class Example(Adapter):
    """Two tickets in memory. What the owner's shows, the other one does too: no rules yet. Put your system here."""

    name = "example"
    can, cannot = ("reset_to_status",), ("notified",)

    def __init__(self) -> None:
        self.begin(FIRST)

    def begin(self, status: str | dict[str, str]) -> None:
        """New tickets."""
        self.now = FIRST | (status if isinstance(status, dict) else {"": status})
        self.pairs: list[OnBoth] = []

    def create(self, actor: str, kind: str, item: str, fields: dict[str, Any]) -> str:
        """Make an item. Here its name is not kept, as most systems have no place for it."""
        id = f"{actor} {len(self.pairs)}"
        self.pairs.append(OnBoth(actor, kind, {actor: id}, {actor: KINDS[kind] | fields}))
        return id

    def edit(self, actor: str, id: str, fields: dict[str, Any]) -> None:
        """Change an item on one ticket."""
        self.find(actor, id).fields[actor].update(fields)

    def delete(self, actor: str, id: str) -> None:
        """Delete an item on one ticket."""
        del self.find(actor, id).fields[actor]

    def find(self, partner: str, id: str) -> OnBoth:
        """The item that has an id on a ticket."""
        for pair in self.pairs:
            if pair.ids.get(partner) == id and partner in pair.fields:
                return pair
        raise Refused(f"{partner} has no {id}")

    def move(self, actor: str, action: str) -> None:
        """Move the status as the rules have it, but for their conditions."""
        ways = {key: to for who, what, key, at, to in MOVES if (who, what, at) == (actor, action, self.now[key])}
        if not ways:
            raise Refused(f"{actor} cannot {action} now")
        self.now |= ways

    def wait(self) -> None:
        """Let the other ticket show what the owner's does. Your system does that by itself: wait until it has."""
        for number, pair in enumerate(self.pairs):
            other = PARTNERS[pair.owner == PARTNERS[0]]
            pair.ids[other] = f"{other} {number}"
            pair.fields.pop(other, None)
            if pair.owner in pair.fields:
                pair.fields[other] = dict(pair.fields[pair.owner])

    def status(self) -> str | dict[str, str]:
        """The one status, or that of each."""
        return self.now[""] if "" in FIRST else self.now

    def entries(self, partner: str) -> Iterator[ShownItem]:
        """All that is there."""
        for pair in self.pairs:
            fields = pair.fields.get(partner, {})
            shows = {
                name: fields[field] ^ negated if negated else fields[field]
                for name, field, negated, who in SHOWS
                if field in fields and who in (None, partner)
            }
            if partner in pair.fields:
                yield ShownItem(pair.ids[partner], {"kind": pair.kind, **shows})


if __name__ == "__main__":
    serve(Example())
