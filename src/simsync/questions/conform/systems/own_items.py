"""The product's own items: those that no action made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from simsync.engine.model import Model
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.questions.conform.systems.mapping import Condition

View = Mapping[str, object]
Names = Mapping[str, str]
"""Our names of items to what a system calls them."""


class Made:
    """What the actions of a sequence made and wrote, by which an item of the product's own is told from theirs.

    ``own`` are conditions by which a mapping says that an item is the product's. What shows a text that an action
    wrote, or looks just like an item that one made, is a second copy of that and never the product's own.
    """

    def __init__(self, model: Model, own: Iterable[Condition] = ()) -> None:
        words = model.vocabulary
        self._own = tuple(own)
        self._texts = tuple(show.name for show in words.shows if not words.fields[show.field].values)
        self._items: set[str] = set()
        self._written: set[object] = set()

    def note(self, event: Event) -> None:
        """An action of the sequence."""
        if event.item is not None and event.action == CREATE:
            self._items.add(event.item)
        self._written.update(value for value in event.fields.values() if isinstance(value, str) and value)

    def has_all(self, tickets: Mapping[str, Mapping[str, View]]) -> bool:
        """Whether each item on some tickets is known."""
        return all(views.keys() <= self._items for views in tickets.values())

    def recognized(self, expected: Mapping[str, Mapping[str, View]], shown: Mapping[str, Mapping[str, View]]) -> Names:
        """Of the product's own items that the rules have, those that are shown, with what they are called there.

        ``expected`` and ``shown`` are views by item by partner. One is the other if it is on the same tickets, and of
        the same kind there; what it is called and says is the product's to choose.
        """
        found: dict[str, str] = {}
        names = dict.fromkeys(name for views in shown.values() for name in views if name not in self._items)
        for ours in dict.fromkeys(name for views in expected.values() for name in views):
            if ours not in self._items:
                theirs = next((name for name in names if _kinds(shown, name) == _kinds(expected, ours)), None)
                if theirs is not None:
                    del names[theirs]
                    found[ours] = theirs
        self._items.update(found)
        return found

    @classmethod
    def in_world(cls, model: Model, world: World, own: Iterable[Condition]) -> Made:
        """What was made and written so far, as far as a world still has it."""
        made = cls(model, own)
        made._items.update(world.items)
        entries = [entry for item in world.items.values() for entry in (item.original, item.copy) if entry is not None]
        made._written.update(v for entry in entries for v in entry.fields.values() if isinstance(v, str) and v)
        return made

    def is_own(self, name: str, view: View, views: Mapping[str, View], *, says: bool) -> bool:
        """Whether an item is the product's own. ``views`` are all on its ticket; ``says``: the system says so."""
        if name in self._items:
            return False
        return says or (any(_meets(view, one) for one in self._own) and not self._second(view, views))

    def _second(self, view: View, views: Mapping[str, View]) -> bool:
        """Whether an item is a second copy of one that an action made."""
        if any(view.get(name) in self._written for name in self._texts):
            return True
        return not any(view.get(name) for name in self._texts) and any(
            view == other for name, other in views.items() if name in self._items
        )


def _kinds(views: Mapping[str, Mapping[str, View]], name: str) -> dict[str, object]:
    """The kind of an item on each ticket that shows it."""
    return {partner: items[name].get("kind") for partner, items in views.items() if name in items}


def _meets(view: View, condition: Condition) -> bool:
    return all(view.get(name) == value for name, value in condition.items())
