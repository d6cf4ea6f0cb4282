"""What became of a change that no order explains: lost, overwritten, come back, told twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from simsync.engine.model import Model
from simsync.engine.view import shown as shows
from simsync.engine.world import Event
from simsync.policy.facts import CREATE, DELETE
from simsync.questions.conform.overlap.explained_orders import STATUS, SYNCHRONIZATION, RoundMismatch
from simsync.questions.conform.overlap.rounds import ActAnswer, events_of


class FateKind(StrEnum):
    """What became of something, worst first."""

    CAME_BACK = "something came back"
    OVERWRITTEN = "a change is overwritten"
    LOST = "a change is lost"
    CHANGED = "something is neither what it was nor what anybody wrote"
    STRAY = "something is there that nobody made"
    ANSWERED = "an answer is another one"
    STATUS = "the status is another one"
    TOLD_LESS = "somebody is not told"
    TOLD_MORE = "somebody is told too often"
    FAILED = "synchronization failed"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of something, in a sentence; of which ``item``, if any, or ``whom`` it is told."""

    kind: FateKind
    told: str
    item: str | None = None
    whom: str | None = None


def fates(model: Model, found: RoundMismatch) -> list[Fate]:
    """What became of everything that the nearest order leaves unexplained: other answers, then the worst first."""
    told = [*_answers(found), *(fate for one in _Ticket.each(model, found) for fate in one.fates())]
    if SYNCHRONIZATION in found.aspects:
        said = f"the system says that synchronization failed: {found.seen.shown.failed}"
        told.append(Fate(FateKind.FAILED, said))
    if STATUS in found.aspects:
        words, shown = model.words, found.seen.shown.status
        told.append(Fate(FateKind.STATUS, f"the {words.status} is {shown}, not {found.expected.status}"))
    told += _of_notices(found)
    # an answer that no order gives is the cause of what else is otherwise than the nearest order has it
    return sorted(told, key=lambda fate: (fate.kind is not FateKind.ANSWERED, [*FateKind].index(fate.kind)))


def deeds_on(found: RoundMismatch, name: str | None) -> tuple[str, ...]:
    """What was done to an item in the round that no order explains."""
    events = events_of(found.seen.acts) if name is not None else ()
    return tuple(sorted({event.action for event in events if event.item == name}))


def _answers(found: RoundMismatch) -> Iterator[Fate]:
    came = {id(event): answer for event, answer in found.seen.answered}
    for position in found.refused:
        event = found.nearest.events[position]
        answer = came[id(event)]
        should = ActAnswer.REFUSED if answer is ActAnswer.DONE else ActAnswer.DONE
        yield Fate(FateKind.ANSWERED, f"{event.actor}: {event} was {answer}, not {should}", event.item)


@dataclass(frozen=True, slots=True)
class _Ticket:
    """A partner's ticket, as it is expected and shown after a round."""

    model: Model
    found: RoundMismatch
    partner: str

    @classmethod
    def each(cls, model: Model, found: RoundMismatch) -> Iterator[_Ticket]:
        yield from (cls(model, found, partner) for partner in found.expected.tickets)

    def fates(self) -> Iterator[Fate]:
        expected, shown = (seen.tickets.get(self.partner, {}) for seen in (self.found.expected, self.found.seen.shown))
        for name in dict.fromkeys((*expected, *shown)):
            one, other = expected.get(name), shown.get(name)
            if one is None:
                yield self._too_much(name)
            elif other is None:
                yield self._missing(name)
            else:
                for key, value in one.items():
                    if key in other and other[key] != value:
                        yield self._otherwise(name, key, value, other[key])

    @property
    def _whose(self) -> str:
        return f"{self.partner}'s {self.model.words.ticket}"

    def _acts(self, name: str) -> list[Event]:
        return [event for event in events_of(self.found.seen.acts) if event.item == name]

    def _befores(self, name: str, partner: str) -> list[dict[str, object]]:
        """What a ticket showed of an item before the round, in each world that it may have begun in."""
        items = (world.items[name] for world in self.found.worlds if name in world.items)
        views = (shows(self.model.vocabulary, item, partner) for item in items)
        return [dict(view) for view in views if view is not None]

    def _missing(self, name: str) -> Fate:
        made = next((event.actor for event in self._acts(name) if event.action == CREATE), None)
        if self._befores(name, self.partner):
            return Fate(FateKind.LOST, f"{name} is gone from {self._whose}", name)
        who = f", which {made} created," if made else ""
        return Fate(FateKind.LOST, f"{name}{who} does not arrive on {self._whose}", name)

    def _too_much(self, name: str) -> Fate:
        deleted = next((event.actor for event in self._acts(name) if event.action == DELETE), None)
        known = any(name in world.items for world in self.found.worlds) or bool(self._acts(name))
        if not known:
            return Fate(FateKind.STRAY, f"{self._whose} shows {name}, which no action made", name)
        if deleted and self._befores(name, self.partner):
            return Fate(FateKind.LOST, f"{name}, which {deleted} deleted, is still on {self._whose}", name)
        who = f", which {deleted} deleted," if deleted else ""
        return Fate(FateKind.CAME_BACK, f"{name}{who} shows on {self._whose}, and should not", name)

    def _otherwise(self, name: str, key: str, due: object, shown: object) -> Fate:
        """What a ticket shows of an item otherwise than the nearest order has it."""
        show = next((show for show in self.model.vocabulary.shows if show.name == key), None)
        field, negated = (key, False) if show is None else (show.field, show.negated)
        acts = [event for event in self._acts(name) if field in event.fields]
        said = [(event.actor, not event.fields[field] if negated else event.fields[field]) for event in acts]
        wrote = {actor for actor, value in said if value == shown}
        should = {actor for actor, value in said if value == due}
        where = f"{name}'s {key} on {self._whose}"
        if wrote and wrote != should:
            of = f"of what {' and '.join(sorted(should))} wrote" if should else "of what was there"
            return Fate(
                FateKind.OVERWRITTEN, f"{where} is what {' and '.join(sorted(wrote))} wrote, instead {of}", name
            )
        if wrote:
            return Fate(FateKind.LOST, f"{where} is the earlier of two that {' and '.join(sorted(wrote))} wrote", name)
        olds = [view for partner in self.model.vocabulary.partners for view in self._befores(name, partner)]
        if any(view.get(key) == shown for view in olds):
            of = f"what {' and '.join(sorted(should))} wrote" if should else "a change"
            return Fate(FateKind.LOST, f"{where} is still as it was before: {of} is lost", name)
        return Fate(FateKind.CHANGED, f"{where} is neither what it was nor what anybody wrote", name)


def _of_notices(found: RoundMismatch) -> Iterator[Fate]:
    shown, expected = found.seen.shown.notified, found.expected.notified or ()
    due, told = Counter(expected), Counter(expected if shown is None else shown)
    for who in told - due:
        yield Fate(FateKind.TOLD_MORE, f"{who} was told {told[who]} times, not {due[who]}", whom=who)
    for who in due - told:
        yield Fate(FateKind.TOLD_LESS, f"{who} was told {told[who]} times, not {due[who]}", whom=who)
