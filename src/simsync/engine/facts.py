"""The situation of one item at a step, the facts that it makes, and whether a condition holds of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from simsync.policy.facts import HERE, NEXT, THERE
from simsync.policy.policy import Phase, Value, Vocabulary, When

Facts = dict[str, Value | None]


class Situation(NamedTuple):
    """One item at one step, without its free texts: what the tables decide on, and the key of what they decided.

    ``values`` are the enumerated fields of the owner's item after the step, in the vocabulary's order, None where
    the kind lacks the field, or nothing looks at it. ``shown`` and ``by`` are None for a status action.
    ``compared`` are those facts of both tickets that any rule tests.
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
    compared: tuple[tuple[str, Value | None], ...] = ()

    def facts(self, vocabulary: Vocabulary, phases: Mapping[str, Phase]) -> Facts:
        """The facts by the names that rows use; ``phases`` are those of the status machine."""
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
        facts.update(self.compared)
        facts.update(machine_facts(vocabulary, phases, self.actor, self.phase, self.next_phase))
        return facts


def machine_facts(
    vocabulary: Vocabulary, phases: Mapping[str, Phase], actor: str, phase: str, next_phase: str
) -> Facts:
    """The facts of several status machines, before and after a step; nothing where there is one alone."""
    found: Facts = {}
    for when, one in (("", phase), (NEXT, next_phase)):
        known = phases[one].facts
        found.update({f"{when}{fact}": value for fact, value in known})
        if known and actor in vocabulary.partners:
            tickets = {actor: HERE, vocabulary.other(actor): THERE}
            parts = ((*fact.partition(".")[::2], value) for fact, value in known)
            found.update({f"{when}{tickets[key]}.{what}": value for key, what, value in parts if key in tickets})
    return found


def holds(when: When, facts: Mapping[str, Value | None]) -> bool:
    """Whether a conjunction holds.

    >>> holds((("kind", ("note", "charge")),), {"kind": "note"})
    True
    """
    for fact, values in when:  # noqa: SIM110 - a loop, because a cold run spends its time here
        if facts.get(fact) not in values:
            return False
    return True
