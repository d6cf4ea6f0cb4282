"""The facts of one item at rest, between two steps: what properties and queries about states may test."""

from __future__ import annotations

from simsync.engine.compared import alike
from simsync.engine.decision import Hit
from simsync.engine.facts import Facts
from simsync.engine.model import Model
from simsync.engine.step import situation_of
from simsync.engine.view import shown
from simsync.engine.world import Event, Item
from simsync.policy.facts import NO_CHANGE, STATE_FACTS, status_facts


def state_facts(model: Model, status: str, item: Item | None) -> Facts:
    """The facts of an item in a status; with no item, those of the status alone."""
    phase = model.phase(status)
    if item is None:
        return {"status": status, "phase": phase, **status_facts(model.status_spec, status)}
    tables = _table_facts(model, item, phase)
    facts: Facts = {fact: value for fact, value in tables.items() if fact in STATE_FACTS}
    facts |= {name: item.original.fields.get(name) for name, f in model.vocabulary.fields.items() if f.values}
    facts |= {name: name in item.history for name in model.vocabulary.history}
    facts |= {given: tables.get(given) for one in model.derived if (given := one.table.gives) is not None}
    for partner in model.vocabulary.partners:
        view = shown(model.vocabulary, item, partner) or {}
        facts |= {f"{partner}.{name}": value for name, value in view.items()}
    facts |= status_facts(model.status_spec, status)
    return facts | {"status": status, "stale": _stale(model, item)}


def _table_facts(model: Model, item: Item, phase: str) -> Facts:
    """The facts as the tables would see them if nothing happened, with those derived from them."""
    nothing = Event(actor=item.owner, action=NO_CHANGE)
    facts = situation_of(model, item, nothing, phase, phase).facts(model.vocabulary, model.status_spec.phases)
    facts.update(model.tested)
    for lookup in model.derived:
        hit = lookup.decide(facts)
        if isinstance(hit, Hit) and hit.row.then.fact is not None:
            facts[hit.row.then.fact] = hit.row.then.value
    return facts


def _stale(model: Model, item: Item) -> bool:
    if not item.present or item.copy is None:
        return False
    return not alike(model.vocabulary, item, item.original, item.copy)
