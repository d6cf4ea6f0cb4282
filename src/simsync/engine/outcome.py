"""What a step did, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module

from simsync.engine.decision import Defect, Fired, Hit
from simsync.engine.model import Model
from simsync.engine.view import View, ticket
from simsync.engine.world import Entry, Event, Item, World
from simsync.policy.facts import DELETE, EDIT
from simsync.policy.policy import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one step; a refusal is a value, not an exception.

    ``model`` is the one that it was made under. ``hits`` are the deciding rows with every condition's actual value,
    ``fired`` the transitions of both machines (the status machine's first), ``links`` maps each item to its link
    before (None if it did not exist) and after.
    Of a status action, ``moved`` is its transition and ``row_of`` the id of the row that decided each item's fate.
    ``defects`` are faults of the rules that the step ran into; it then changes nothing.
    """

    event: Event
    before: World
    after: World
    refused: str | None = None
    synced: bool = False
    notified: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    fired: tuple[Fired, ...] = ()
    moved: Fired | None = None
    row_of: Mapping[str, str] = field(default_factory=dict)
    defects: tuple[Defect, ...] = ()
    model: Model = field(repr=False, compare=False)

    def _repr_svg_(self) -> str:
        """The step as a sequence diagram, for a notebook."""
        return str(import_module("simsync.drawing.notebook").played_svg([self]))  # a room above: only notebooks ask

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the deciding rows, the one that mattered most first; of a status action, its transition first."""
        moved = self.moved.transition.declared if self.moved else ()
        return tuple(dict.fromkeys((*moved, *(hit.row.id for hit in self.hits))))

    @property
    def cited(self) -> frozenset[str]:
        """Everything that the deciding rows and the status transition cite."""
        cited = {source for hit in self.hits for source in hit.row.sources}
        if self.moved:
            cited.update(self.moved.transition.sources)
        return frozenset(cited)

    @property
    def sources(self) -> tuple[str, ...]:
        """The statements among what is cited, in the order of the source page."""
        cited = self.cited
        return tuple(s for s in self.model.policy.citations.statements if s in cited)

    def changes(self, partner: str) -> dict[str, tuple[View | None, View | None]]:
        """What changed on a partner's ticket: for each item that did, what it showed before and shows after."""
        before, after = (ticket(self.model.vocabulary, world, partner) for world in (self.before, self.after))
        names = dict.fromkeys((*before, *after))
        return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}

    @property
    def reached(self) -> frozenset[str]:
        """The partners to whom a change crossed over: something on their ticket is otherwise than the actor left it.

        An edit that crosses over reaches the other partner, even if it sets what stands there already.
        """
        if self.undone:
            return frozenset()
        words, found = self.model.vocabulary, {who for one in self.fired for who in one.transition.followers}
        for name, item in self.after.items.items():
            if item.copy != self._left(name):
                found.add(words.other(item.owner))
            if self._original_changed(name, item):
                found.add(item.owner)
        if self.synced and not found and self.event.item is not None and self.event.action == EDIT:
            found.add(words.other(self.event.actor))
        return frozenset(found)

    @property
    def severs(self) -> bool:
        """Whether an action on an item ended a link by which the other ticket had a copy."""
        states, was = self.model.link_spec.states, self.before.items
        ended = (one.item for one in self.fired if one.item is not None and states[one.dest].final)
        return self.event.item is not None and any(one in was and was[one].copy is not None for one in ended)

    @property
    def undone(self) -> bool:
        """Whether the rules undid what the actor did to an item; then nothing crossed over."""
        reverts = (hit.row.then.effect is Effect.REVERT for hit in self.hits)
        return self.event.item is not None and not self.defects and any(reverts)

    def _original_changed(self, name: str, item: Item) -> bool:
        """Whether the rules changed an item's original, and not its owner."""
        before, event = self.before.items.get(name), self.event
        if before is None or (event.item == name and event.actor == item.owner):
            return False
        present = before.present and item.owner not in self._gone
        return (present, before.original) != (item.present, item.original)

    @property
    def _gone(self) -> tuple[str, ...]:
        """The partners whose ticket a status action took away."""
        return self.model.gone(self.model.phase(self.after.status)) if self.moved else ()

    def _left(self, name: str) -> Entry | None:
        """An item's copy with what the actor itself did to it."""
        before, event = self.before.items.get(name), self.event
        copy = None if before is None else before.copy
        if before is not None and self.model.vocabulary.other(before.owner) in self._gone:
            return None
        if before is None or copy is None or event.item != name or event.actor == before.owner:
            return copy
        return None if event.action == DELETE else Entry(copy.kind, {**copy.fields, **event.fields})

    @property
    def links(self) -> dict[str, tuple[str | None, str]]:
        """Each item's link before and after the step."""
        before = self.before.items
        return {name: (before[name].link if name in before else None, i.link) for name, i in self.after.items.items()}
