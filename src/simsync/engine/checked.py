"""One step for anybody: what makes no sense is a ValueError with a sentence, before the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from simsync.engine import step as engine
from simsync.engine.actions import Action, ActionError, Created, Grammar
from simsync.engine.model import Model, ModelFactory
from simsync.engine.outcome import Outcome
from simsync.engine.world import Entry, Event, Item, World
from simsync.errors import listed, not_among
from simsync.policy.facts import CHANGES, CREATE
from simsync.policy.policy import Value


def step(model: Model, world: World, event: Event) -> Outcome:
    """What the event does in the world under the model's rules; the world given stays as it is.

    A refusal is an outcome. Raises ValueError, with the sentence that :meth:`simsync.Simulation.do` raises, for an
    event that makes no sense there, and for a world that no policy of these names has.
    """
    check_world(model, world)
    check_event(grammar_of(model.factory), world, event)
    return engine.step(model, world, event)


@lru_cache(maxsize=8)
def grammar_of(factory: ModelFactory) -> Grammar:
    """The grammar of a model factory's actions."""
    return Grammar(factory)


def check_event(grammar: Grammar, world: World, event: Event) -> None:
    """Raise ValueError where an event makes no sense in a world.

    That is an unknown actor, action, kind, item, field or value, a name created twice, an edit of nothing.
    """
    vocabulary = grammar.policy.vocabulary
    _check_name(vocabulary.words.partner.a, event.actor, vocabulary.acting)
    _check_action(grammar, event)
    if not isinstance(event.fields, Mapping):
        raise ActionError(f"fields are a mapping from names to values, not {event.fields!r}")
    created = Created({name: (item.owner, item.original.kind) for name, item in world.items.items()})
    action = Action(event.action, event.kind, event.item)
    for misuse in grammar.misuses(action, event.actor, created, event.fields):
        raise ActionError(misuse.sentence)
    for name, value in event.fields.items():
        _check_value(grammar, name, value)


def _check_action(grammar: Grammar, event: Event) -> None:
    words = grammar.policy.vocabulary.words
    if event.action not in CHANGES:
        _check_name("an action", event.action, (*CHANGES, *grammar.triggers))
        if event.item is not None or event.kind is not None:
            raise ActionError(
                f"'{event.action}' is an action on the {words.ticket}; it takes neither {words.item.a} nor a kind"
            )
        return
    if not isinstance(event.item, str):
        raise ActionError(f"'{event.action}' takes the name of one {words.item}, as in '{event.action} N1'")
    if event.action == CREATE:
        if event.kind is None:
            raise ActionError(f"'{CREATE}' names the kind of the new {words.item}")
        _check_name(f"a kind of {words.item}", event.kind, grammar.policy.vocabulary.kinds)
    elif event.kind is not None:
        raise ActionError(f"'{event.action}' names no kind: {words.item.a} has the one that it was created with")
    grammar.parse(str(event))


def _check_name(what: str, name: object, allowed: Mapping[str, object] | tuple[str, ...]) -> None:
    if not isinstance(name, str) or name not in allowed:
        raise ActionError(not_among(what, str(name), allowed))


def _check_value(grammar: Grammar, name: str, value: Value) -> None:
    values = grammar.policy.vocabulary.fields[name].values
    known = any(value == one and type(value) is type(one) for one in values) if values else isinstance(value, str)
    if not known:
        raise ActionError(not_among(f"a value of '{name}'", listed([value]), values or ["any text"]))


def check_world(model: Model, world: World) -> None:
    """Raise ValueError where a world names what the policy does not."""
    _check_name(model.words.status.a, world.status, model.status_spec.states)
    for name, item in world.items.items():
        if name != item.name:
            raise ValueError(f"{model.words.item.a} is kept under its name: '{name}' is not '{item.name}'")
        _check_item(model, item)


def _check_item(model: Model, item: Item) -> None:
    vocabulary, grammar = model.vocabulary, grammar_of(model.factory)
    _check_name(model.words.partner.a, item.owner, vocabulary.partners)
    _check_name("a state of the link", item.link, model.link_spec.states)
    for memory in item.history:
        _check_name("a memory", memory, vocabulary.history)
    for entry in (item.original, item.copy):
        if entry is not None:
            _check_entry(grammar, item.name, entry)


def _check_entry(grammar: Grammar, name: str, entry: Entry) -> None:
    kinds = grammar.policy.vocabulary.kinds
    _check_name(f"a kind of {grammar.policy.vocabulary.words.item}", entry.kind, kinds)
    wanted = kinds[entry.kind].fields
    if set(entry.fields) != set(wanted):
        has = listed(wanted) or "no fields"
        raise ValueError(f"'{name}' is a {entry.kind}, which has {has}, not {listed(entry.fields) or 'none'}")
    for field, value in entry.fields.items():
        _check_value(grammar, field, value)
