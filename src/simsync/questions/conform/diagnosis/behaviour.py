"""How a system behaves that follows some rules, and what it makes of values besides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.view import entry_on
from simsync.engine.world import Entry, Event, Item, World
from simsync.policy.facts import CREATE
from simsync.policy.policy import Effect, Value, Vocabulary
from simsync.questions.conform.diagnosis.texts import Said, Trait
from simsync.questions.conform.driven import Seen
from simsync.questions.conform.fault_localization import KIND, decision_of

STATUS, NOTIFIED = "status", "notified"
Turn = Callable[[Value], Value]


class Stage(StrEnum):
    """Where a value becomes another."""

    STORED = "stored"
    CARRIED = "carried"
    SHOWN = "shown"
    UNSAID = "unsaid"
    NAMED = "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFault:
    """What becomes of the values of a field.

    They are stored otherwise than an action says, carried otherwise to the other ticket, or shown otherwise than they
    are; what an action leaves unsaid may be stored otherwise too. ``partner`` is whose ticket that happens on, ``kind``
    of which items, ``action`` in which of their actions; None for all. What is named otherwise is no field, but the
    ``KIND`` of items, the ``STATUS``, or who is ``NOTIFIED``.
    """

    place: Stage
    field: str
    turn: Turn
    partner: str | None = None
    kind: str | None = None
    action: str | None = None

    def concerns(self, partner: str, kind: object) -> bool:
        """Whether it happens on a ticket, with an item of a kind."""
        return self.partner in (None, partner) and self.kind in (None, kind)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Rules; ``twists`` of values; and ``otherwise``: other rules for items of whose text ``where`` holds."""

    model: Model
    twists: tuple[ValueFault, ...] = ()
    otherwise: Model | None = None
    where: Trait | None = None

    def outcomes(self, status: str, events: Iterable[Event]) -> Iterator[Outcome]:
        """What comes of each event, from empty tickets on."""
        world, said = World(status), Said(self.model.vocabulary)
        for event in events:
            heard = self._heard(world, event)
            said.hear(heard)
            outcome = self._carried(self._step(world, heard, said))
            said.see(outcome)
            world = outcome.after
            yield outcome

    def _heard(self, world: World, event: Event) -> Event:
        if event.item is None or not self.twists:
            return event
        item, kind = world.items.get(event.item), event.kind
        if kind is None and item is not None and (entry := entry_on(item, event.actor)) is not None:
            kind = entry.kind
        fields = dict(event.fields)
        for twist in self.twists:
            if not twist.concerns(event.actor, kind) or twist.action not in (None, event.action):
                continue
            if twist.place is Stage.STORED and twist.field in fields:
                fields[twist.field] = twist.turn(fields[twist.field])
            elif twist.place is Stage.UNSAID and event.action == CREATE and twist.field not in fields:
                words = self.model.vocabulary
                if kind is not None and twist.field in words.kinds[kind].fields:
                    fields[twist.field] = twist.turn(words.fields[twist.field].default)
        return replace(event, fields=fields) if fields != event.fields else event

    def _step(self, world: World, event: Event, said: Said) -> Outcome:
        plain = step(self.model, world, event)
        where = self.where
        if self.otherwise is None or where is None:
            return plain
        if event.item is not None:
            owner = world.items[event.item].owner if event.item in world.items else event.actor
            concerned = said.has(world, event.item, owner, where.holds)
            return step(self.otherwise, world, event) if concerned else plain
        return self._item_by_item(plain, lambda now, item: said.has(now, item.name, item.owner, where.holds))

    def _item_by_item(self, plain: Outcome, concerned: Callable[[World, Item], bool]) -> Outcome:
        """A status action in which some items go by the other rules: one after the other, as they were created."""
        assert self.otherwise is not None
        other = step(self.otherwise, plain.before, plain.event)
        if other.refused is not None or plain.refused is not None:
            return plain
        items, going = dict(plain.before.items), 0
        for name, item in plain.before.items.items():
            otherwise = concerned(World(plain.after.status, items), item)
            items[name] = (other if otherwise else plain).after.items[name]
            going += otherwise
        told = other.notified if going == len(items) else plain.notified
        return replace(plain, after=World(plain.after.status, items), notified=told)

    def _carried(self, outcome: Outcome) -> Outcome:
        twists = [twist for twist in self.twists if twist.place is Stage.CARRIED]
        if not twists:
            return outcome
        items = {name: _arrived(outcome, item, twists) for name, item in outcome.after.items.items()}
        return replace(outcome, after=World(outcome.after.status, items))

    def shown(self, seen: Seen) -> Seen:
        """What such a system shows of what should be shown."""
        twists = [twist for twist in self.twists if twist.place is Stage.SHOWN]
        names = [twist for twist in self.twists if twist.place is Stage.NAMED]
        if not twists and not names:
            return seen
        words = self.model.vocabulary
        tickets = {
            partner: {
                name: _as_shown(words, partner, view, twists) | {KIND: _named(KIND, view[KIND], names)}
                for name, view in items.items()
            }
            for partner, items in seen.shown.tickets.items()
        }
        status, told = _named(STATUS, seen.shown.status, names), seen.shown.notified
        notified = told and tuple(sorted(_named(NOTIFIED, one, names) for one in told))
        return replace(seen, shown=replace(seen.shown, status=status, tickets=tickets, notified=notified))


def _named(what: str, name: object, names: Iterable[ValueFault]) -> str:
    """What something is called."""
    for twist in names:
        name = twist.turn(str(name)) if twist.field == what else name
    return str(name)


def _arrived(outcome: Outcome, item: Item, twists: Iterable[ValueFault]) -> Item:
    """The item with its copy as it arrived, where this step brought it."""
    then = decision_of(outcome, item.name).then
    if then is None or then.effect is not Effect.DELIVER or item.copy is None:
        return item
    words, receiver = outcome.model.vocabulary, outcome.model.vocabulary.other(item.owner)
    fields = dict(item.copy.fields)
    for twist in twists:
        delivered = words.fields[twist.field].delivered and twist.field in item.original.fields
        if delivered and twist.field in fields and twist.concerns(receiver, item.original.kind):
            fields[twist.field] = twist.turn(fields[twist.field])
    return replace(item, copy=Entry(item.copy.kind, fields))


def _as_shown(
    words: Vocabulary, partner: str, view: Mapping[str, object], twists: Iterable[ValueFault]
) -> dict[str, object]:
    shown = dict(view)
    for twist in twists:
        if not twist.concerns(partner, view.get("kind")):
            continue
        for show in words.shows:
            value = shown.get(show.name)
            if show.field == twist.field and isinstance(value, str | bool):
                shown[show.name] = (not twist.turn(not value)) if show.negated else twist.turn(value)
    return shown
