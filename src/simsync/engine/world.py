"""The two tickets at one moment, and what can happen next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simsync.policy.policy import Value

Agreed = tuple[Mapping[str, Value], Mapping[str, Value]]
"""What the original and its copy said when both last agreed, field by field."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as one ticket has it: its kind there and the values of that kind's fields."""

    kind: str
    fields: Mapping[str, Value]

    def __hash__(self) -> int:
        return hash((self.kind, frozenset(self.fields.items())))


@dataclass(frozen=True, slots=True)
class Item:
    """An item with its owner's original (``present`` until the owner deletes it) and the other ticket's copy.

    ``original`` keeps the last values after a deletion. ``history`` names the memories that are true. Where rules test
    it, ``agreed`` is what original and copy said when both last agreed, and ``last`` who changed the item
    since: "owner" or "other".
    """

    name: str
    owner: str
    original: Entry
    present: bool
    copy: Entry | None
    link: str
    history: frozenset[str] = frozenset()
    agreed: Agreed | None = field(default=None, hash=False)
    last: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """The status and every item created so far, in the order of creation."""

    status: str
    items: Mapping[str, Item] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.status, frozenset(self.items.values())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One action of one partner. ``item``, ``kind`` (of a creation) and ``fields`` are empty for a status action."""

    actor: str
    action: str
    item: str | None = None
    kind: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.actor, self.action, self.item, self.kind, frozenset(self.fields.items())))

    def __str__(self) -> str:
        words = [self.action, self.kind, self.item]
        return " ".join(w for w in words if w is not None)
