"""What rules may test of both tickets: what the acting one shows and the other one, and what changed since they agreed.

Free texts take part through these facts alone, and so only through whether they are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simsync.engine.world import Agreed, Entry, Event, Item
from simsync.policy.facts import (
    ALIKE,
    CARRIES,
    CHANGED_LAST,
    COPY_CHANGED,
    DELETE,
    EDIT,
    HERE,
    NEITHER,
    ORIGINAL_CHANGED,
    OTHER,
    OWNER,
)
from simsync.policy.policy import Effect, Value, Vocabulary

Compared = tuple[tuple[str, Value | None], ...]
"""Facts with their values, in order."""


def acted_copy(item: Item, event: Event) -> Entry | None:
    """An item's copy once the other partner did to it what it does, before the rules do anything."""
    copy = item.copy
    if event.item != item.name or item.owner == event.actor or copy is None:
        return copy
    return None if event.action == DELETE else Entry(copy.kind, {**copy.fields, **event.fields})


def compared(tested: tuple[str, ...], vocabulary: Vocabulary, item: Item, event: Event) -> Compared:
    """Those of some facts that are tested of an item, its owner's change made already, at an event."""
    copy = acted_copy(item, event)
    original = item.original if item.present else None
    here, there = (original, copy) if event.actor == item.owner else (copy, original)
    if event.actor not in vocabulary.partners:
        here = there = None
    known = dict(_since(vocabulary, item, original, copy))
    known[CARRIES] = carries(vocabulary, item, event)

    def value(fact: str) -> Value | None:
        side, dot, name = fact.partition(".")
        if not dot:
            return known[fact]
        entry = here if side == HERE else there
        return None if entry is None else entry.kind if name == "kind" else entry.fields.get(name)

    return tuple([(fact, value(fact)) for fact in tested])


def _since(
    vocabulary: Vocabulary, item: Item, original: Entry | None, copy: Entry | None
) -> Iterator[tuple[str, Value]]:
    """What became of both since they last agreed; what never agreed is new, and so changed."""
    said, answered = item.agreed or ({}, {})
    new = item.agreed is None
    yield ALIKE, original is not None and copy is not None and alike(vocabulary, item, original, copy)
    yield ORIGINAL_CHANGED, original is not None and (new or not _same(said, original.fields))
    yield COPY_CHANGED, copy is not None and (new or not _same(answered, copy.fields))
    yield CHANGED_LAST, item.last or NEITHER


def alike(vocabulary: Vocabulary, item: Item, original: Entry, copy: Entry) -> bool:
    """Whether original and copy say the same, in all fields that both have and that are compared."""
    owner, other = item.owner, vocabulary.other(item.owner)
    return all(
        vocabulary.fields[name].alike(owner, original.fields[name], other, there)
        for name, there in copy.fields.items()
        if name in original.fields and vocabulary.fields[name].compared
    )


def carries(vocabulary: Vocabulary, item: Item, event: Event) -> bool:
    """Whether an event does to an item what a delivery from the actor's ticket carries."""
    if event.item != item.name or event.action != EDIT:
        return event.item == item.name
    there = item.copy if event.actor == item.owner else item.original if item.present else None
    for name, value in event.fields.items():
        field = vocabulary.fields[name]
        if field.carried(event.actor, value, there.fields.get(name, field.default) if there else None) is not None:
            return True
    return False


def _compared_values(vocabulary: Vocabulary, entry: Entry) -> dict[str, Value]:
    """The values of those fields of an entry that are compared."""
    return {name: value for name, value in entry.fields.items() if vocabulary.fields[name].compared}


def _same(values: Mapping[str, Value], others: Mapping[str, Value]) -> bool:
    """Whether two say the same of all fields that both have."""
    return all(others[name] == value for name, value in values.items() if name in others)


def changed_last(vocabulary: Vocabulary, item: Item, before: Item | None, event: Event) -> str | None:
    """Who changed an item last since both agreed, once an action was done; only what is carried counts."""
    if event.item != item.name:
        return item.last
    if event.actor == item.owner:
        was = _carried(vocabulary, before.original if before is not None and before.present else None)
        return OWNER if was != _carried(vocabulary, item.original if item.present else None) else item.last
    changed = _carried(vocabulary, acted_copy(item, event)) != _carried(vocabulary, item.copy)
    return OTHER if changed else item.last


def _carried(vocabulary: Vocabulary, entry: Entry | None) -> dict[str, Value] | None:
    return None if entry is None else _compared_values(vocabulary, entry)


def agreed_after(
    vocabulary: Vocabulary, effect: Effect, item: Item, original: Entry, copy: Entry | None
) -> Agreed | None:
    """What both say as they agree, after a step with an effect; None where that is what they said before."""
    if copy is None:
        return None
    agree = effect is Effect.AGREE and item.present and alike(vocabulary, item, original, copy)
    if not agree and effect not in (Effect.DELIVER, Effect.TAKE):
        return None
    said, answered = _compared_values(vocabulary, original), _compared_values(vocabulary, copy)
    return said, {name: value for name, value in answered.items() if name in said}
