"""The one sequence by which an adapter is looked at: a bit of everything that the rules allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.questions.conform.sequences.drives import ways_from

Allowed = Callable[[World, Event], bool]
"""Whether a system can be asked for an event in a world."""


class CheckCourse:
    """What is done, and what the rules have come of it, step by step; each item has texts of its own."""

    def __init__(self, model: Model, first: str, allowed: Allowed) -> None:
        self._model, self._allowed = model, allowed
        self._first = first
        self.outcomes: list[Outcome] = []
        way = ways_from(model, first).get(model.status_spec.begin, ())
        for event in (*way, *self._makings()):
            self._take(event)
        for event in self._changes():
            self._take(event)
        self._take_refused()
        self._take_status_action()

    @property
    def _world(self) -> World:
        return self.outcomes[-1].after if self.outcomes else World(self._first)

    def _take(self, event: Event, *, refused: bool = False) -> bool:
        """Do an event if the rules decide it so; gives whether it was done."""
        if not self._allowed(self._world, event):
            return False
        outcome = step(self._model, self._world, event)
        if outcome.defects or (outcome.refused is not None) != refused:
            return False
        self.outcomes.append(outcome)
        return True

    def _makings(self) -> Iterator[Event]:
        number = 0
        for actor in self._model.vocabulary.partners:
            for kind in self._model.vocabulary.kinds:
                number += 1
                name = f"N{number}"
                fields = self._texts(kind, CREATE, f"text of {name}")
                yield Event(actor=actor, action=CREATE, item=name, kind=kind, fields=fields)

    def _changes(self) -> Iterator[Event]:
        """For each partner: edits of their items, best with a copy, by them and by the other; a deletion."""
        partners = self._model.vocabulary.partners
        for owner in partners:
            other = self._model.vocabulary.other(owner)
            mine = [item for item in self._world.items.values() if item.owner == owner]
            copied = [item for item in mine if item.copy is not None] or mine
            for actor, action, item in zip((owner, other, owner), (EDIT, EDIT, DELETE), (copied * 3)[:3], strict=False):
                texts = self._texts(item.original.kind, EDIT, f"other text of {item.name}, by {actor}")
                if action == DELETE or texts:
                    yield Event(actor=actor, action=action, item=item.name, fields=texts if action == EDIT else {})

    def _texts(self, kind: str, change: str, text: str) -> dict[str, str | bool]:
        fields = (self._model.vocabulary.fields[name] for name in self._model.vocabulary.kinds[kind].fields)
        return {field.name: text for field in fields if not field.values and change in field.set_by}

    def _status_actions(self) -> Iterator[Event]:
        for trigger in self._model.factory.triggers:
            yield from (Event(actor=actor, action=trigger) for actor in self._model.vocabulary.acting)

    def _take_refused(self) -> None:
        any(self._take(event, refused=True) for event in self._status_actions())

    def _take_status_action(self) -> None:
        any(self._take(event) for event in self._status_actions())
