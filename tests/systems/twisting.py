"""Systems that follow the rules, but make something else of values: flags, kinds of attachment, texts, names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from simsync.engine.world import Entry, World
from simsync.policy.policy import Value
from simsync.reference import ReferenceSystem
from systems.desks import MODEL, Faulty

Fields = dict[str, Value]
FLAG = "internal_users_only"


class Hearing(ReferenceSystem):
    """Stores something else than it is told."""

    def __init__(self) -> None:
        super().__init__(MODEL)

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Value] | None = None
    ) -> dict[str, Any]:
        owned = self._simulation.ticket(actor).get(item, {})
        heard = self.heard(actor, action, str(kind or owned.get("kind")), dict(fields or {}))
        return super().act(actor, action, item, kind, heard)

    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        raise NotImplementedError


class FlagReversed(Hearing):
    """An internal item is stored as a public one, and the other way round."""

    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        return {name: not value if name == "internal" else value for name, value in fields.items()}


class FlagReversedOfNotes(FlagReversed):
    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        return super().heard(actor, action, kind, fields) if kind == "note" else fields


class FlagReversedAtLead(FlagReversed):
    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        return super().heard(actor, action, kind, fields) if actor == "lead" else fields


class FlagLostAtCreation(Hearing):
    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        return {n: v for n, v in fields.items() if n != "internal" or action != "create"}


class FlagOfEveryOther(FlagReversed):
    """Reversed where the ticket has an odd number of items, which no explanation knows."""

    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        odd = len(self._simulation.world.items) % 2
        return super().heard(actor, action, kind, fields) if odd else fields


class InternalUnlessSaid(Hearing):
    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        has = action == "create" and kind in ("note", "attachment")
        return {"internal": True, **fields} if has else fields


class TypesMixed(Hearing):
    TURNED: Mapping[Value, Value] = {"file link": "url", "url": "folder link", "folder link": "file link"}

    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        return {n: self.TURNED.get(v, v) if n == "type" else v for n, v in fields.items()}


class FlagShownReversed(Faulty):
    def __init__(self) -> None:
        super().__init__(MODEL)

    def spoil(self, shown: dict[str, Any]) -> None:
        for items in shown["tickets"].values():
            for view in items.values():
                view.pop("customer_visible", None)
                if FLAG in view:
                    view[FLAG] = not view[FLAG]


class FlagCalledReversed(FlagShownReversed, FlagReversed):
    """What is asked and what is shown are the other way round: another word for the same."""

    def __init__(self) -> None:
        FlagReversed.__init__(self)


class FlagNotShown(FlagShownReversed):
    def spoil(self, shown: dict[str, Any]) -> None:
        for items in shown["tickets"].values():
            for view in items.values():
                view.pop("customer_visible", None)
                view.pop(FLAG, None)


class KindCalledOtherwise(FlagShownReversed):
    def spoil(self, shown: dict[str, Any]) -> None:
        for items in shown["tickets"].values():
            for view in items.values():
                view["kind"] = {"charge": "cost"}.get(view["kind"], view["kind"])


class ToldByAnotherName(FlagShownReversed):
    def spoil(self, shown: dict[str, Any]) -> None:
        shown["notified"] = ["owner" if one == "primary contact" else one for one in shown["notified"]]


class ToldTwice(FlagShownReversed):
    def spoil(self, shown: dict[str, Any]) -> None:
        shown["notified"] = [one for one in shown["notified"] for _ in range(1 + (one == "primary contact"))]


class Carrying(ReferenceSystem):
    """Makes another text of what reaches the other ticket."""

    def __init__(self, alter: Callable[[str], str]) -> None:
        super().__init__(MODEL)
        self._alter = alter

    def act(self, actor: str, action: str, *arguments: Any, **request: Any) -> dict[str, Any]:
        before = self._simulation.world.items
        answer = super().act(actor, action, *arguments, **request)
        items = dict(self._simulation.world.items)
        for name, item in items.items():
            old = before.get(name)
            by_other = name == request.get("item") and item.owner != actor
            if item.copy is None or by_other or (old is not None and old.copy is item.copy):
                continue
            fields = {**item.copy.fields, "text": self._alter(str(item.original.fields["text"]))}
            items[name] = replace(item, copy=Entry(item.copy.kind, fields))
        self._simulation.world = World(self._simulation.world.status, items)
        return answer


class Storing(Hearing):
    """Stores another text than it is told."""

    def __init__(self, alter: Callable[[str], str]) -> None:
        super().__init__()
        self._alter = alter

    def heard(self, actor: str, action: str, kind: str, fields: Fields) -> Fields:
        return {name: self._alter(str(value)) if name == "text" else value for name, value in fields.items()}


class ReplaysStatus(Faulty):
    """At the next change of an item after a rejection, the status is the one before it again."""

    def __init__(self) -> None:
        super().__init__(MODEL)
        self._replayed = ""

    def reset(self, status: str) -> dict[str, Any]:
        self._replayed = ""
        return super().reset(status)

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        before = self._simulation.world.status
        answer = super().act(*arguments, **request)
        last = self._simulation.outcomes[-1]
        self._replayed = before if last.moved and last.event.action == "reject completion" else self._replayed
        return answer

    def spoil(self, shown: dict[str, Any]) -> None:
        if self._simulation.outcomes and self._simulation.outcomes[-1].event.item and self._replayed:
            shown["status"] = self._replayed


class SameTextIgnored(ReferenceSystem):
    """An edit to a text that the item had before reaches nobody."""

    def __init__(self) -> None:
        super().__init__(MODEL)
        self._had: dict[str, set[str]] = {}

    def reset(self, status: str) -> dict[str, Any]:
        self._had = {}
        return super().reset(status)

    def act(
        self, actor: str, action: str, item: str = "", kind: str = "", fields: Mapping[str, Value] | None = None
    ) -> dict[str, Any]:
        before = self._simulation.world.items.get(item)
        answer = super().act(actor, action, item, kind, fields)
        after = self._simulation.world.items.get(item)
        if after is None or (action != "create" and "text" not in (fields or {})):
            return answer
        had, text = self._had.setdefault(item, set()), str((fields or {}).get("text", ""))
        if action == "edit" and actor == after.owner and text in had and before is not None and before.copy is not None:
            items = {**self._simulation.world.items, item: replace(after, copy=before.copy)}
            self._simulation.world = World(self._simulation.world.status, items)
        had.add(text)
        return answer
