"""What rules may test of both tickets: what the acting one shows and the other one, and what changed since they agreed.

Free texts take part through these facts alone, and so only through whether they are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simsync.engine.world import Entry, Event, Item
from simsync.policy.facts import (
    ALIKE,
    CHANGED_LAST,
    COPY_CHANGED,
    DELETE,
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
    carried = carried_by(vocabulary, item.original)
    yield ALIKE, original is not None and copy is not None and _same(carried, copy.fields)
    yield ORIGINAL_CHANGED, original is not None and (item.agreed is None or not _same(item.agreed, carried))
    yield COPY_CHANGED, copy is not None and (item.agreed is None or not _same(item.agreed, copy.fields))
    yield CHANGED_LAST, item.last or NEITHER


def carried_by(vocabulary: Vocabulary, entry: Entry) -> dict[str, Value]:
    """The values of those fields of an entry that a delivery carries."""
    return {name: value for name, value in entry.fields.items() if vocabulary.fields[name].delivered}


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
    return None if entry is None else carried_by(vocabulary, entry)


def agreed_after(
    vocabulary: Vocabulary, effect: Effect, item: Item, original: Entry, copy: Entry | None
) -> Mapping[str, Value] | None:
    """What both agree on after a step with an effect; None where that is what they agreed on before."""
    carried = carried_by(vocabulary, original)
    if effect in (Effect.DELIVER, Effect.TAKE) and copy is not None:
        return carried
    alike = item.present and copy is not None and _same(carried, copy.fields)
    return carried if effect is Effect.AGREE and alike else None
