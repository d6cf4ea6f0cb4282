"""What can be seen of the steps of a state space, numbered: what looks alike has one number."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from simsync.engine.view import shown
from simsync.engine.world import Event
from simsync.policy.facts import CREATE
from simsync.policy.policy import Value
from simsync.statespace.abstraction import NAME, AbstractState
from simsync.statespace.featured_rules import FeaturedRules
from simsync.statespace.space import Space, SpaceStep, State
from simsync.statespace.table_lookup import Frame


class Observation(NamedTuple):
    """What some combinations, as bits, see of a step, and the state that they come to."""

    bits: int
    seen: int
    after: State


Looks = tuple[Observation, ...]
"""What an event shows in a state: all combinations, parted by what they see and where they come to."""


class Observations:
    """Numbers for what can be seen of a step: if it is refused or undecided, the status, both tickets, who is told.

    The names of links, memories and rows are nobody's to see. Observations of two state spaces are numbered alike with
    ``like``. Texts are told apart by whether they are the same on both tickets; for ``defaults`` it counts too what
    they are where an entry begins with them.
    """

    def __init__(self, space: Space, like: Observations | None = None, defaults: frozenset[str] = frozenset()) -> None:
        self.space, self._defaults = space, defaults
        self._numbers: dict[Hashable, int] = {} if like is None else like._numbers
        self._views: dict[int, int] = {}
        self._told: dict[int, int] = {}
        self._looks: dict[tuple[State, int], Looks] = {}
        self._at: dict[State, dict[int, Looks]] = {}

    def at(self, state: State) -> dict[int, Looks]:
        """For each event that makes sense in a state what :meth:`looks` tells; one value for those that are alike."""
        if state not in self._at:
            self._at[state] = {event: self.looks(state, first) for event, first in self.space.alike(state).items()}
        return self._at[state]

    def looks(self, state: State, event: int) -> Looks:
        """All combinations, parted by what an event shows in a state and where it leads."""
        key = (state, event)
        found = self._looks.get(key)
        if found is None:
            steps = [(taken.bits, self._seen(taken, event), taken.after) for taken in self.space.taken(state, event)]
            if len(steps) > 1:
                joined: dict[tuple[int, State], int] = {}
                for bits, seen, after in steps:
                    joined[seen, after] = joined.get((seen, after), 0) | bits
                steps = [(bits, *alike) for alike, bits in joined.items()]
            found = self._looks[key] = tuple(map(Observation._make, steps))
        return found

    def _seen(self, taken: SpaceStep, event: int) -> int:
        """The number of what can be seen of a step."""
        begun = frozenset(self._begun(taken, self.space.events[event])) if self._defaults else None
        return self.number(self.told(taken.part), taken.after, begun)

    def number(self, told: int, after: State, begun: Hashable = None) -> int:
        """The number of what can be seen of a step, by what is told of it, by number, and the state after."""
        status, item = after
        view = self._views.get(item)
        if view is None:
            view = self._views[item] = self._number(self._view(item))
        return self._number((told, self.space.statuses[status], view, begun))

    def told(self, part: int) -> int:
        """The number of what is told of a step that a part decides; -1: of a status action that is refused."""
        told = self._told.get(part)
        if told is None:
            told = self._told[part] = self.told_by(self.space.rules, self.space.frame, part)
        return told

    def told_by(self, rules: FeaturedRules, frame: Frame, part: int) -> int:
        """The number of what rules tell of a step: if it is refused or undecided, who is notified, what it brings."""
        if part < 0:
            return self._number((True, False, ()))
        refused, faulty = bool(frame.refused[part]), bool(frame.faulty[part])
        if refused or faulty:
            return self._number((refused, faulty, ()))
        answers = frame.answers[part].tolist()
        told = (refused, faulty, tuple(sorted(rules.notified(answers))))
        beyond = rules.brought_about(answers)
        return self._number((*told, beyond) if beyond else told)

    def _view(self, item: int) -> Hashable:
        """What both tickets show of an item."""
        space = self.space
        there = space.abstraction.world(AbstractState("", space.abstract_item(item))).items.get(NAME)
        words = space.model.vocabulary
        views = [shown(words, there, partner) if there else None for partner in sorted(words.partners)]
        return tuple(view and frozenset(view.items()) for view in views)

    def _begun(self, taken: SpaceStep, event: Event) -> Iterator[tuple[str, str, Value]]:
        """The texts that nobody set, by partner and name, of an item that is created or a copy that arrives."""
        creates, arrives = event.action == CREATE, taken.part >= 0 and self._arrives(taken.part)
        item = self.space.abstract_item(taken.after[1]) if creates or arrives else None
        if item is None:
            return
        words = self.space.model.vocabulary
        begun = [(item.owner, item.kind, {*event.fields})] if creates else []
        if item.copy is not None and arrives:
            (other,) = words.partners.keys() - {item.owner}
            fields = (words.fields[name] for name in words.kinds[item.kind].fields)
            carried = {field.name for field in fields if field.delivered and item.owner in field.delivered.by}
            begun.append((other, item.copy[0], carried))
        for partner, kind, given in begun:
            unset = self._defaults & {*words.kinds[kind].fields} - given
            for show in words.shows:
                if show.field in unset and show.ticket in (None, partner):
                    yield partner, show.name, words.fields[show.field].default

    def _arrives(self, part: int) -> bool:
        """Whether a copy comes into being where a part decides."""
        columns = self.space.rules.columns
        return bool(self.space.frame.facts[part, columns.at["arrives"]] == columns.code("arrives", True))

    def _number(self, what: Hashable) -> int:
        return self._numbers.setdefault(what, len(self._numbers))
