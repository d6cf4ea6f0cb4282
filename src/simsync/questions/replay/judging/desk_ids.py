"""The ids that items have on the desk of each partner, and our names of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simsync.engine.world import World
from simsync.policy.facts import CREATE
from simsync.policy.policy import Vocabulary
from simsync.questions.replay.log.columns import Logged

Called = Mapping[str, Mapping[str, str]]
"""By partner: the ids that only its desk has, with our names."""


class DeskIds:
    """Says what items are called. An item is called as its owner calls it, if no other one is already.

    ``copies`` are ids of items to those of their copies, wherever the log does not say them itself.
    """

    def __init__(self, words: Vocabulary, copies: Mapping[str, str]) -> None:
        self._other = words.other
        self._copies = copies
        self._originals = {copy: item for item, copy in copies.items()}

    @property
    def renames(self) -> bool:
        """Whether copies are called otherwise in all of a log."""
        return bool(self._copies)

    def named(self, called: Called, world: World, logged: Logged) -> tuple[Called, Logged]:
        """A line in our names, and what is known of ids after it."""
        if not called and logged.copy is None and not self._copies:
            return called, logged
        event = logged.event
        if event.item is not None:
            called, name = (self._created if event.action == CREATE else self._changed)(called, world, logged)
            event = replace(event, item=name)
        tickets = {
            partner: {self.name(called, partner, theirs): view for theirs, view in shown.items()}
            for partner, shown in (logged.tickets or {}).items()
        }
        return called, replace(logged, event=event, tickets=tickets if logged.tickets is not None else None)

    def _created(self, called: Called, world: World, logged: Logged) -> tuple[Called, str]:
        actor, item = logged.event.actor, logged.event.item
        assert item is not None
        known = world.items.get(item)
        name = item
        if known is not None and known.owner != actor:
            name = f"{item} of {actor}"
            called = as_called(called, actor, item, name)
        copy = logged.copy or self._copies.get(item)
        return (called if copy is None else as_called(called, self._other(actor), copy, name)), name

    def _changed(self, called: Called, world: World, logged: Logged) -> tuple[Called, str]:
        actor, item, copy = logged.event.actor, logged.event.item, logged.copy
        assert item is not None
        name = self.name(called, actor, item)
        if copy is None:
            return called, name
        other = self._other(actor)
        across = self.name(called, other, copy)
        if name in world.items:
            return as_called(called, other, copy, name), name
        return (as_called(called, actor, item, across), across) if across in world.items else (called, name)

    def name(self, called: Called, partner: str, theirs: str) -> str:
        """Our name of what a partner's desk calls so."""
        here = called.get(partner, {})
        if theirs in here:
            return here[theirs]
        if theirs in self._originals:
            return self._originals[theirs]
        return f"{theirs} of {partner}" if theirs in here.values() else theirs


def as_called(called: Called, partner: str, theirs: str, name: str) -> Called:
    """The ids with one more; an item has one on each desk."""
    here = {one: ours for one, ours in called.get(partner, {}).items() if ours != name}
    return {**called, partner: {**here, theirs: name}}


def id_of(called: Called, partner: str, name: str) -> str:
    """What a partner's desk calls an item."""
    return next((one for one, ours in called.get(partner, {}).items() if ours == name), name)
