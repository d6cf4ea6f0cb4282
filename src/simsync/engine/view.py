"""What a ticket shows of an item."""

from __future__ import annotations

from simsync.engine.world import Entry, Item, World
from simsync.policy.policy import Value, Vocabulary

View = dict[str, Value]
"""What a ticket shows of an item, in the contract's names."""


def entry_on(item: Item, partner: str) -> Entry | None:
    """The item as a partner's ticket has it: the original on its owner's, the copy on the other's, or nothing."""
    if item.owner == partner:
        return item.original if item.present else None
    return item.copy


def shown(vocabulary: Vocabulary, item: Item, partner: str) -> View | None:
    """What a partner's ticket shows of an item, in the contract's names; None where it does not show it."""
    entry = entry_on(item, partner)
    if entry is None:
        return None
    view: View = {"kind": entry.kind}
    for show in vocabulary.shows:
        if show.field in entry.fields and show.ticket in (None, partner):
            value = entry.fields[show.field]
            view[show.name] = (not value) if show.negated else value
    return view


def ticket(vocabulary: Vocabulary, world: World, partner: str) -> dict[str, View]:
    """Everything a partner's ticket shows, by item, in the order of creation."""
    views = ((name, shown(vocabulary, item, partner)) for name, item in world.items.items())
    return {name: view for name, view in views if view is not None}
