"""The facts that rules may test: of an item at a step, and of one at rest, each with the values it can have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from simsync.policy.policy import MachineSpec, Policy, Value

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

OWNER, OTHER, NEITHER = "owner", "other", "neither"
ALIKE, ORIGINAL_CHANGED, COPY_CHANGED, CHANGED_LAST = "alike", "original changed", "copy changed", "changed last"
SINCE: Mapping[str, str] = {
    ALIKE: "whether both tickets have the item and say the same of it, in what a delivery carries",
    ORIGINAL_CHANGED: "whether the owner's item differs from what it said when both last agreed, if they ever did",
    COPY_CHANGED: "whether the copy differs from what it said when both last agreed, if they ever did",
    CHANGED_LAST: "who changed the item last since both agreed",
}
"""The facts that the engine gives of both tickets together."""
CARRIES = "carries"
"""Whether a change sets anything that a delivery from the actor's ticket carries; creations and deletions do."""

HERE, THERE = "here", "there"
SIDES: Mapping[str, str] = {
    HERE: "what the actor's ticket shows after the change",
    THERE: "what the other ticket shows, as the change finds it",
}
"""Before a dot and a field, or the kind: a fact of one ticket."""


def compares(fact: str) -> bool:
    """Whether a fact is of both tickets together, or of one of them, or of what a change carries."""
    side, dot, name = fact.partition(".")
    of_entry = side in SIDES and bool(dot) and name not in (STATUS, PHASE) and not of_presence(fact)
    return fact in SINCE or fact == CARRIES or of_entry


STATUS, PHASE = "status", "phase"
"""Behind a dot: a fact of one of several status machines, by its key before the dot, or of the ticket's that acts."""

ANY = "any "
"""Behind a dot, before a kind: whether a ticket shows any item of it as the step finds it."""


def of_presence(fact: str) -> bool:
    """Whether a fact is whether a ticket shows any item of a kind."""
    return fact.partition(".")[2].startswith(ANY)


NEXT = "next "
"""Before a fact of a status machine: what it is after the step."""


def of_machine(fact: str) -> bool:
    """Whether a fact has the form of one of several status machines."""
    return fact.removeprefix(NEXT).partition(".")[2] in (STATUS, PHASE)


LATE = ("arrives", "synced", "next link")
"""Facts known only once the change is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactNames:
    """The names of a policy that the values of facts are made of."""

    partners: tuple[str, ...]
    actors: tuple[str, ...]
    kinds: tuple[str, ...]
    fields: Mapping[str, tuple[Value, ...]]
    memories: tuple[str, ...]
    phases: tuple[str, ...]
    links: tuple[str, ...]
    derived: Mapping[str, tuple[Value, ...]]
    machines: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)


def domain(names: FactNames) -> dict[str, tuple[Value, ...]]:
    """Every fact of a policy with the values it can have: the finite domain of its tables."""
    yes_no: tuple[Value, ...] = (False, True)
    given: dict[str, tuple[Value, ...]] = {
        "actor": (*names.partners, *names.actors),
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
    given |= {f"{when}{fact}": values for when in ("", NEXT) for fact, values in sided(names).items()}
    return given | {fact: values for fact, values in declared.items() if fact not in given}


def sided(names: FactNames) -> dict[str, tuple[Value, ...]]:
    """The facts of several status machines, and those of the acting and of the other ticket's."""
    found = dict(names.machines)
    for what in (STATUS, PHASE):
        own = [names.machines.get(f"{partner}.{what}") for partner in names.partners]
        if all(own):
            values = tuple(dict.fromkeys(value for some in own for value in some or ()))
            found |= {f"{side}.{what}": values for side in SIDES}
    return found


def compared_domain(names: FactNames) -> dict[str, tuple[Value, ...]]:
    """Every fact of both tickets with the values it can have."""
    yes_no: tuple[Value, ...] = (False, True)
    since = {
        **dict.fromkeys((ALIKE, ORIGINAL_CHANGED, COPY_CHANGED, CARRIES), yes_no),
        CHANGED_LAST: (OWNER, OTHER, NEITHER),
    }
    shown = {"kind": names.kinds, **names.fields}
    return since | {f"{side}.{name}": values for side in SIDES for name, values in shown.items()}


def presence_domain(names: FactNames) -> dict[str, tuple[Value, ...]]:
    """Whether a ticket shows any item of a kind, by whose ticket it is, and by the acting and the other one."""
    return {f"{side}.{ANY}{kind}": (False, True) for side in (*SIDES, *names.partners) for kind in names.kinds}


STALE = "stale"
STATE_FACTS: Mapping[str, str] = {
    "status": "the state of the {status} machine",
    "phase": "the synchronization phase",
    "owner": "the {partner} who created the {item}",
    "kind": "the {item}'s kind on its owner's {ticket}",
    "link": "the {item}'s link",
    "copy": "whether the other {ticket} has a copy",
    "original": "whether the owner's {ticket} has the {item}",
    STALE: "whether original and copy are there and differ in what a delivery carries",
}
"""The facts the engine gives of a state; fields, memories, derived facts and what tickets show come from the policy."""


class Shows(NamedTuple):
    """Something that tickets show, the values it can have, and whose ticket shows it (None: both)."""

    name: str
    values: tuple[Value, ...]
    ticket: str | None


def state_domain(names: FactNames, statuses: tuple[str, ...], shows: Iterable[Shows]) -> dict[str, tuple[Value, ...]]:
    """Every fact of a state with the values it can have."""
    given: dict[str, tuple[Value, ...]] = {
        "status": statuses,
        "phase": names.phases,
        "owner": names.partners,
        "kind": names.kinds,
        "link": names.links,
        "copy": ("present", "absent"),
        "original": ("present", "deleted"),
        STALE: (False, True),
    }
    yes_no: tuple[Value, ...] = (False, True)
    tickets: dict[str, tuple[Value, ...]] = {f"{partner}.kind": names.kinds for partner in names.partners}
    for show in shows:
        for partner in names.partners:
            if show.ticket in (None, partner):
                tickets.setdefault(f"{partner}.{show.name}", show.values)
    declared = {**names.machines, **names.fields, **dict.fromkeys(names.memories, yes_no), **names.derived, **tickets}
    return given | {fact: values for fact, values in declared.items() if fact not in given}


def names_of(policy: Policy) -> FactNames:
    """The names that the values of a policy's facts are made of."""
    words = policy.vocabulary
    derived: dict[str, tuple[Value, ...]] = {}
    for row in policy.rows:
        fact, value = row.then.fact, row.then.value
        if fact is not None and value is not None and value not in derived.get(fact, ()):
            derived[fact] = (*derived.get(fact, ()), value)
    return FactNames(
        partners=tuple(words.partners),
        actors=tuple(words.actors),
        kinds=tuple(words.kinds),
        fields={name: field.values for name, field in words.fields.items() if field.values},
        memories=tuple(words.history),
        phases=tuple(policy.status.phases),
        links=tuple(policy.link.states),
        derived=derived,
        machines=_machine_facts(policy.status),
    )


def _machine_facts(status: MachineSpec) -> dict[str, tuple[Value, ...]]:
    """What phases and states tell of several status machines."""
    found: dict[str, dict[Value, None]] = {}
    for phase in status.phases.values():
        for fact, value in phase.facts:
            found.setdefault(fact, {})[value] = None
    return {fact: tuple(values) for fact, values in found.items()}


def status_facts(status: MachineSpec, state: str) -> dict[str, Value]:
    """What is known of several status machines in a state of all of them; nothing of one alone."""
    phase = status.states[state].phase
    known = dict(status.phases[phase].facts) if phase is not None else {}
    return known | {f"{key}.{STATUS}": one for key, one in status.parts(state).items()}


def _state_facts(status: MachineSpec) -> dict[str, tuple[Value, ...]]:
    found: dict[str, dict[Value, None]] = {}
    for state in status.states:
        for fact, value in status_facts(status, state).items():
            found.setdefault(fact, {})[value] = None
    return {fact: tuple(values) for fact, values in found.items()}


def row_domain(names: FactNames) -> dict[str, tuple[Value, ...]]:
    """Every fact that a row may test, with the values it can have: of the step, its item, and of both tickets."""
    return {**domain(names), **compared_domain(names), **presence_domain(names)}


def testable_readings(policy: Policy) -> dict[str, tuple[str, ...]]:
    """The readings, with their options, that rows and transitions may test like facts: those that no fact hides."""
    facts = row_domain(names_of(policy))
    return {name: tuple(one.options) for name, one in policy.readings.items() if name not in facts}


def row_domain_of(policy: Policy) -> dict[str, tuple[Value, ...]]:
    """Every fact that rows of a policy may test, also of its several status machines, and the options of readings."""
    names = replace(names_of(policy), machines=_state_facts(policy.status))
    moved = tuple(policy.status.parts(policy.status.initial))
    return {"moved": moved, **row_domain(names), **testable_readings(policy)}


def domain_of(policy: Policy) -> dict[str, tuple[Value, ...]]:
    """Every fact of a state of a policy with the values it can have."""
    names = replace(names_of(policy), machines=_state_facts(policy.status))
    shows = (
        Shows(one.name, names.fields[one.field], one.ticket)
        for one in policy.vocabulary.shows
        if one.field in names.fields
    )
    return state_domain(names, tuple(policy.status.states), shows)
