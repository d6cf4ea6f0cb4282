"""What looks wrong about an answer, in sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.world import World
from simsync.errors import listed, not_among
from simsync.policy.facts import CREATE
from simsync.questions.conform.systems.mapping import SYSTEM
from simsync.questions.conform.systems.protocol import Answered, ShownNames, SystemFault, excerpt
from simsync.questions.conform.systems.translation import Translation

Sentence = tuple[str, str]
"""What looks wrong: a word for programs, and a sentence."""
Views = Mapping[str, Mapping[str, Mapping[str, object]]]


class Look:
    """Looks at one answer after the other. Each sentence is of what the adapter has to do, not of rules."""

    def __init__(self, model: Model, translation: Translation, *, notifies: bool) -> None:
        self._model, self._translation, self._notifies = model, translation, notifies
        words = model.vocabulary
        self._values = {show.name: words.fields[show.field].values for show in words.shows}
        self._made: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        self._told = 0
        self._said: set[str] = set()

    def at_answer(self, outcome: Outcome, answered: Answered) -> Iterator[Sentence]:
        """The answer to an action."""
        event = outcome.event
        if answered.refused is None and outcome.refused is None and event.action == CREATE and event.item:
            self._made[event.item] = event.actor
        if answered.refused is None:
            self._texts |= {v: str(event.item) for v in event.fields.values() if isinstance(v, str) and v}
        if answered.refused == "":
            yield "reason", 'a refusal has no reason: {"refused": "why"}'
        elif answered.refused is not None and outcome.refused is None:
            yield (
                "refused",
                f"it refuses '{event.actor}: {event}', which the rules allow, and says: {excerpt(answered.refused)}; "
                "if it cannot do that at all, its hello says so as 'cannot'",
            )

    def at(
        self, shown: ShownNames, ids: Mapping[str, str], world: World, outcome: Outcome | None
    ) -> Iterator[Sentence]:
        """What is shown; without an ``outcome``, nothing was done since the last look or the last reset."""
        yield from self._status(shown, world, outcome)
        yield from self._notified(shown, outcome)
        try:
            views = self._translation.views(shown, ids)
            self._translation.read(shown, ids)
        except SystemFault as fault:
            yield "observe", fault.message
            return
        if not world.items:
            yield from self._left(views)
        elif outcome is not None:
            yield from self._items(shown, views, world, outcome)

    def in_the_end(self, outcomes: Sequence[Outcome]) -> Iterator[Sentence]:
        """What only all answers together show."""
        due = sum(len(outcome.notified) for outcome in outcomes)
        if due and not self._told and self._notifies:
            yield (
                "notified",
                f"nobody was notified in {len(outcomes)} steps, where the rules notify {due} times; if it cannot tell, "
                'its hello says "cannot": ["notified"]',
            )

    def _status(self, shown: ShownNames, world: World, outcome: Outcome | None) -> Iterator[Sentence]:
        spec, noun = self._model.status_spec, self._model.words.status
        try:
            observed = self._translation.read(ShownNames(shown.status, {}, None), {})
        except SystemFault as fault:
            yield "status", fault.message
            return
        parts = spec.states_of_each
        for key, one in (observed.statuses or {"": observed.status}).items():
            known = parts.get(key) or spec.states
            if one not in known:
                yield "status", f"{not_among(noun.a, one, known)}; --map says what it calls them, as 'statuses'"
        if outcome is None and not world.items and self._translation.statuses_unlike(world.status, observed):
            yield "reset", f"after a reset to {world.status}, {self._translation.statuses_told(world.status, observed)}"

    def _notified(self, shown: ShownNames, outcome: Outcome | None) -> Iterator[Sentence]:
        if not self._notifies:
            return
        if shown.notified is None:
            yield (
                "notified",
                'an answer to observe has no "notified", a list of who was told since the last observe; if it cannot '
                'tell, its hello says "cannot": ["notified"]',
            )
            return
        self._told += len(shown.notified)
        known = self._model.vocabulary.recipients
        read = self._translation.recipients(shown.notified)
        for one in read:
            if one not in known:
                yield "notified", f"{not_among('a recipient', one, known)}; --map says what it calls them"
        if outcome is None and read:
            about = "since the last observe nothing was done, and it says that somebody was notified"
            yield "notified", f"{about}: {listed(read)}; each is said once"

    def _left(self, views: Views) -> Iterator[Sentence]:
        for partner, items in views.items():
            if items:
                words, first = self._model.words, excerpt(next(iter(items)))
                yield (
                    "reset",
                    f"a reset leaves {words.item.count(len(items))} on {partner}'s {words.ticket}, such as {first}; it "
                    "is to be empty then, or what is left is not to be shown",
                )

    def _items(self, shown: ShownNames, views: Views, world: World, outcome: Outcome) -> Iterator[Sentence]:
        event, words = outcome.event, self._model.vocabulary
        for partner in words.partners:
            for name, view in views.get(partner, {}).items():
                if name not in world.items:
                    yield from self._stranger(partner, name, view, shown)
                else:
                    yield from self._once(f"{partner}'s {name}", self._view(partner, name, view))
        if event.action == CREATE and event.item in self._made and event.item not in views.get(event.actor, {}):
            yield (
                "created",
                f"'{event.actor}: {event}' was done, and {event.actor}'s {self._model.words.ticket} does not show "
                f"{event.item}: an {self._model.words.item} is called there as the request called it, or, where --map "
                "says ids: true, by the id of the answer",
            )

    def _once(self, whose: str, sentences: Iterator[Sentence]) -> Iterator[Sentence]:
        """Those that were not said of another item."""
        for about, sentence in sentences:
            if (same := sentence.replace(whose, "")) not in self._said:
                self._said.add(same)
                yield about, sentence

    def _stranger(self, partner: str, name: str, view: Mapping[str, object], shown: ShownNames) -> Iterator[Sentence]:
        where = f"on {partner}'s {self._model.words.ticket}"
        original = next(
            (self._texts[one] for one in view.values() if isinstance(one, str) and one in self._texts), None
        )
        if original is not None:
            if self._made.get(original) != partner:
                yield (
                    "name",
                    f"{excerpt(name)} {where} says what {original} does: a copy has the name of its original",
                )
        elif not any(items.get(name, {}).get(SYSTEM) is True for items in shown.tickets.values()):
            yield (
                "name",
                f'no action made {excerpt(name)} {where}; what the product makes by itself bears "system": true',
            )

    def _view(self, partner: str, name: str, view: Mapping[str, object]) -> Iterator[Sentence]:
        words = self._model.vocabulary
        if "kind" not in view:
            yield "kind", f"{partner}'s {name} has no 'kind'"
        elif view["kind"] not in words.kinds:
            yield "kind", f"{not_among('a kind', str(view['kind']), words.kinds)}; --map says what it calls them"
        for shows, value in view.items():
            values = self._values.get(shows)
            if values == () and not isinstance(value, str):
                yield "value", f"{partner}'s {name} shows {shows} as {excerpt(json.dumps(value))}; a text is wanted"
            elif values and not any(value == one and type(value) is type(one) for one in values):
                about = f"{partner}'s {name} shows {shows} as {excerpt(str(value))}; here it is "
                yield "value", f"{about}{listed(map(_said, values))}, and --map says what it calls these"
        kind = words.kinds.get(str(view.get("kind")))
        due = [s.name for s in words.shows if kind and s.field in kind.fields and s.ticket in (None, partner)]
        for one in due:
            if self._translation.needed(one) and one not in view:
                about = f"of a {view['kind']} it does not show {one}"
                yield "shown", f"{about}; if it cannot, --map says unseen: [{one}]"


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
