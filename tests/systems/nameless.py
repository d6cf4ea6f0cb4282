"""A product that follows the rules, and whose copies say nothing of their originals; spoken to by the helper."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from simsync.engine.model import Model
from simsync.reference import ReferenceSystem


class Nameless:
    """The methods of the helper's ``Adapter``; each ticket gives ids of its own."""

    name = "nameless"
    can = ("reset_to_status",)

    def __init__(self, helper: ModuleType, model: Model) -> None:
        self.helper, self.model = helper, model
        self.last = 0

    def begin(self, status: Any) -> None:
        self.reference = ReferenceSystem(self.model)
        self.reference.reset(status)
        self.ids: dict[tuple[str, str], str] = {}
        self.notified: list[str] = []

    def create(self, actor: str, kind: str, item: str, fields: dict[str, Any]) -> str:
        self._act(actor=actor, action="create", kind=kind, item=item, fields=fields)
        return self._id(actor, item)

    def edit(self, actor: str, id: str, fields: dict[str, Any]) -> None:
        self._act(actor=actor, action="edit", item=self._item(actor, id), fields=fields)

    def delete(self, actor: str, id: str) -> None:
        self._act(actor=actor, action="delete", item=self._item(actor, id))

    def move(self, actor: str, action: str) -> None:
        self._act(actor=actor, action=action)

    def status(self) -> Any:
        return self._observed()["status"]

    def entries(self, partner: str) -> Iterator[Any]:
        for item, view in self._observed()["tickets"][partner].items():
            yield self.helper.ShownItem(self._id(partner, item), view)

    def told(self) -> list[str]:
        self._observed()
        told, self.notified = self.notified, []
        return told

    def _observed(self) -> dict[str, Any]:
        shown = self.reference.observe()
        self.notified = [*self.notified, *shown["notified"]]
        return shown

    def _act(self, **request: Any) -> None:
        answer = self.reference.handle({"op": "act", **request})
        if "error" in answer:
            raise ValueError(answer["error"])
        if "refused" in answer:
            raise self.helper.Refused(answer["refused"])

    def _id(self, partner: str, item: str) -> str:
        if (partner, item) not in self.ids:
            self.last += 1
            self.ids[partner, item] = str(self.last)
        return self.ids[partner, item]

    def _item(self, partner: str, id: str) -> str:
        return next(item for (who, item), one in self.ids.items() if (who, one) == (partner, id))


def nameless(helper: ModuleType, model: Model) -> Any:
    """What answers requests: the protocol of the ``helper``, the file that is printed, for such a product."""
    made = type("NamelessAdapter", (Nameless, helper.Adapter), {})
    return helper.Protocol(made(helper, model))
