"""The facts that rows may test, and the situation of one item from which they are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from simsync.model.policy import Value, Vocabulary, When

CREATE, EDIT, DELETE, NO_CHANGE = "create", "edit", "delete", "none"
CHANGES = (CREATE, EDIT, DELETE)

FACTS: Mapping[str, str] = {
    "actor": "the partner who acts",
    "change": "what the action does to an item; none for a status action",
    "by": "whether the actor owns the item",
    "owner": "the partner who created the item",
    "kind": "the item's kind on its owner's ticket",
    "phase": "the synchronization phase before the step",
    "next phase": "the phase after the step",
    "link": "the item's link before the step",
    "copy": "whether the other ticket has a copy before the step",
    "original": "whether the owner's ticket has the item after the step",
    "ticket": "whether the actor has a ticket",
    "shown": "whether the actor's ticket shows the item",
    "arrives": "whether a copy comes into being in this step",
    "synced": "whether a change reaches the other ticket in this step",
    "next link": "the item's link after the step",
}
"""The facts the engine gives. Enumerated fields, memories and the facts of tables come from the policy."""

LATE = ("arrives", "synced", "next link")
"""Facts known only once the change is decided."""

Facts = dict[str, Value | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The names of a policy that the values of facts are made of."""

    partners: tuple[str, ...]
    kinds: tuple[str, ...]
    fields: Mapping[str, tuple[Value, ...]]
    memories: tuple[str, ...]
    phases: tuple[str, ...]
    links: tuple[str, ...]
    derived: Mapping[str, tuple[Value, ...]]


def domain(names: Domain) -> dict[str, tuple[Value, ...]]:
    """Every fact of a policy with the values it can have: the finite domain of its tables."""
    yes_no: tuple[Value, ...] = (False, True)
    given: dict[str, tuple[Value, ...]] = {
        "actor": names.partners,
        "change": (*CHANGES, NO_CHANGE),
        "by": ("owner", "other"),
        "owner": names.partners,
        "kind": names.kinds,
        "phase": names.phases,
        "next phase": names.phases,
        "link": names.links,
        "copy": ("present", "absent"),
        "original": ("present", "deleted"),
        "ticket": ("present", "absent"),
        "shown": yes_no,
        "arrives": yes_no,
        "synced": yes_no,
        "next link": names.links,
    }
    declared = {**names.fields, **dict.fromkeys(names.memories, yes_no), **names.derived}
    return given | {fact: values for fact, values in declared.items() if fact not in given}


class Situation(NamedTuple):
    """One item at one step, without its free texts: what the tables decide on, and the key of what they decided.

    ``values`` are the enumerated fields of the owner's item after the step, in the vocabulary's order, None where
    the kind lacks the field, or nothing looks at it. ``shown`` and ``by`` are None for a status action.
    """

    actor: str
    change: str
    by: str | None
    owner: str
    kind: str
    values: tuple[Value | None, ...]
    phase: str
    next_phase: str
    link: str
    copied: bool
    present: bool
    ticket: bool
    shown: bool | None
    history: frozenset[str]

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """The facts by the names that rows use."""
        facts: Facts = {
            "actor": self.actor,
            "change": self.change,
            "by": self.by,
            "owner": self.owner,
            "kind": self.kind,
            "phase": self.phase,
            "next phase": self.next_phase,
            "link": self.link,
            "copy": "present" if self.copied else "absent",
            "original": "present" if self.present else "deleted",
            "ticket": "present" if self.ticket else "absent",
            "shown": self.shown,
        }
        enumerated = (f.name for f in vocabulary.fields.values() if f.values)
        facts.update(zip(enumerated, self.values, strict=True))
        facts.update({name: name in self.history for name in vocabulary.history})
        return facts


def holds(when: When, facts: Mapping[str, Value | None]) -> bool:
    """Whether a conjunction holds.

    >>> holds((("kind", ("note", "charge")),), {"kind": "note"})
    True
    """
    for fact, values in when:  # noqa: SIM110 - a loop, because a cold run spends its time here
        if facts.get(fact) not in values:
            return False
    return True
