"""The facts of one item at rest, between two steps: what properties and queries about states may test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from simsync.core.facts import NO_CHANGE, Domain, Facts
from simsync.core.model import Model
from simsync.core.step import situation_of
from simsync.core.view import shown
from simsync.model.decision import Hit
from simsync.model.policy import Policy, Value
from simsync.model.world import Event, Item

STATE_FACTS: Mapping[str, str] = {
    "status": "the state of the status machine",
    "phase": "the synchronization phase",
    "owner": "the partner who created the item",
    "kind": "the item's kind on its owner's ticket",
    "link": "the item's link",
    "copy": "whether the other ticket has a copy",
    "original": "whether the owner's ticket has the item",
    "stale": "whether original and copy are there and differ in what a delivery carries",
}
"""The facts the engine gives of a state; fields, memories, derived facts and what tickets show come from the policy."""


class Shows(NamedTuple):
    """Something that tickets show, the values it can have, and whose ticket shows it (None: both)."""

    name: str
    values: tuple[Value, ...]
    ticket: str | None


def state_domain(names: Domain, statuses: tuple[str, ...], shows: Iterable[Shows]) -> dict[str, tuple[Value, ...]]:
    """Every fact of a state with the values it can have."""
    given: dict[str, tuple[Value, ...]] = {
        "status": statuses,
        "phase": names.phases,
        "owner": names.partners,
        "kind": names.kinds,
        "link": names.links,
        "copy": ("present", "absent"),
        "original": ("present", "deleted"),
        "stale": (False, True),
    }
    yes_no: tuple[Value, ...] = (False, True)
    tickets: dict[str, tuple[Value, ...]] = {f"{partner}.kind": names.kinds for partner in names.partners}
    for show in shows:
        for partner in names.partners:
            if show.ticket in (None, partner):
                tickets.setdefault(f"{partner}.{show.name}", show.values)
    declared = {**names.fields, **dict.fromkeys(names.memories, yes_no), **names.derived, **tickets}
    return given | {fact: values for fact, values in declared.items() if fact not in given}


def domain_of(policy: Policy) -> dict[str, tuple[Value, ...]]:
    """Every fact of a state of a policy with the values it can have."""
    words = policy.vocabulary
    enumerated = {name: field.values for name, field in words.fields.items() if field.values}
    derived: dict[str, tuple[Value, ...]] = {}
    for row in policy.rows:
        fact, value = row.then.fact, row.then.value
        if fact is not None and value is not None and value not in derived.get(fact, ()):
            derived[fact] = (*derived.get(fact, ()), value)
    names = Domain(
        partners=tuple(words.partners),
        kinds=tuple(words.kinds),
        fields=enumerated,
        memories=tuple(words.history),
        phases=tuple(policy.status.phases),
        links=tuple(policy.link.states),
        derived=derived,
    )
    shows = (Shows(one.name, enumerated[one.field], one.ticket) for one in words.shows if one.field in enumerated)
    return state_domain(names, tuple(policy.status.states), shows)


def state_facts(model: Model, status: str, item: Item | None) -> Facts:
    """The facts of an item in a status; with no item, those of the status alone."""
    phase = model.phase(status)
    if item is None:
        return {"status": status, "phase": phase}
    tables = _table_facts(model, item, phase)
    facts: Facts = {fact: tables[fact] for fact in tables if fact in STATE_FACTS or fact in model.vocabulary.fields}
    facts |= {name: item.original.fields.get(name) for name, f in model.vocabulary.fields.items() if f.values}
    facts |= {name: name in item.history for name in model.vocabulary.history}
    facts |= {lookup.table.gives or "": tables.get(lookup.table.gives or "") for lookup in model.derived}
    for partner in model.vocabulary.partners:
        view = shown(model.vocabulary, item, partner) or {}
        facts |= {f"{partner}.{name}": value for name, value in view.items()}
    return facts | {"status": status, "stale": _stale(model, item)}


def _table_facts(model: Model, item: Item, phase: str) -> Facts:
    """The facts as the tables would see them if nothing happened, with those derived from them."""
    nothing = Event(actor=item.owner, action=NO_CHANGE)
    facts = situation_of(model, item, nothing, phase, phase).facts(model.vocabulary)
    for lookup in model.derived:
        hit = lookup.decide(facts)
        if isinstance(hit, Hit) and hit.row.then.fact is not None:
            facts[hit.row.then.fact] = hit.row.then.value
    return facts


def _stale(model: Model, item: Item) -> bool:
    if not item.present or item.copy is None:
        return False
    carried = [f.name for f in model.vocabulary.fields.values() if f.delivered and f.name in item.copy.fields]
    return any(item.original.fields.get(name, item.copy.fields[name]) != item.copy.fields[name] for name in carried)
