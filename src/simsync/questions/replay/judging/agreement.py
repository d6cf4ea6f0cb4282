"""What tickets come to whose lines say to the letter what the rules do, told by what was remembered of lines like them.

What the rules make of an action on an item is remembered by :class:`Forms`, and of the status by :class:`Moves`; what a
line says that tickets show is compared as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.view import View
from simsync.engine.world import Item, World
from simsync.questions.replay.judging.item_forms import Form, Forms, Instead, ItemTransition, Texts, agrees
from simsync.questions.replay.judging.judge import Judge
from simsync.questions.replay.judging.moves import MoveAlone, Moves, Passing, rules_of
from simsync.questions.replay.judging.ticket import Summary
from simsync.questions.replay.log.known_lines import KnownLine, made
from simsync.questions.replay.log.reading import LogReader


class AgreedItem(NamedTuple):
    """An item by its form, and what each partner's ticket shows of it."""

    form: Form
    texts: Texts
    views: tuple[View | None, ...]


class Agreed(NamedTuple):
    """A ticket after lines that all agree with the rules.

    ``tickets`` are what a line would say of them, and ``absent`` the items whose creation was refused.
    """

    status: str
    items: dict[str, AgreedItem]
    tickets: dict[str, dict[str, View]]
    absent: frozenset[str]


Decided = ItemTransition | Outcome | tuple[MoveAlone, frozenset[Passing]]
"""What a line was decided by."""


class LineAgreement:
    """Tells whether lines agree with the rules, and counts by which rules; ``reader`` says how a log puts things."""

    def __init__(self, judge: Judge, reader: LogReader) -> None:
        self._judge, self._model = judge, judge.model
        self.partners = tuple(self._model.vocabulary.partners)
        is_said = reader.views.are_said_alike
        self._forms = Forms(self._model, lambda world, event: judge.misuse(world, event) is None, is_said)
        self._moves = Moves(self._model, self._forms)
        self.is_possible = not judge.renames and all(reader.desks.get(one) == one for one in self.partners)
        self._nothing: tuple[None, ...] = (None,) * len(self.partners)
        self._first: dict[str | None, Agreed] = {}
        self._moved_by: Counter[tuple[MoveAlone, frozenset[Passing]]] = Counter()
        self._rules: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()

    def whole(self, lines: Sequence[KnownLine]) -> bool:
        """Whether all lines of a ticket agree with the rules; then there is nothing to tell of them."""
        if not self.is_possible:
            return False
        before = lines[0].meaning.before
        now: Agreed | None = self._first.get(before)
        if now is None:
            now = self._first[before] = self.of(self._judge.begun(before).world, frozenset())
        decided = list[Decided]()
        for line in lines:
            now = self.after(now, line, decided)
            if now is None:
                return False
        self.count(decided)
        return True

    def of(self, world: World, absent: frozenset[str]) -> Agreed:
        """A ticket as it is in some world."""
        items = {name: self._item(item) for name, item in world.items.items()}
        return Agreed(world.status, items, self._tickets(items), absent)

    def world(self, now: Agreed) -> World:
        """The world in which a ticket is so."""
        return World(now.status, {name: self._forms.item(name, one.form, one.texts) for name, one in now.items.items()})

    def is_said(self, now: Agreed) -> bool:
        """Whether a log says all that tickets show in our words."""
        return all(one.form.is_said for one in now.items.values())

    def after(self, now: Agreed, line: KnownLine, decided: list[Decided]) -> Agreed | None:
        """The ticket after a line; None where it says otherwise, or is to be looked at. Adds what ``decided`` it."""
        meaning, name = line.meaning, line.item
        status, items, tickets, absent = now
        if meaning.before is not None and meaning.before != status:
            return None
        if name is None:
            return self._moved(now, line, decided)
        known = items.get(name)
        if known is not None:
            if meaning.creates:
                return None
            form, texts, views = known
            texts += line.texts
        else:
            if self._judge.is_made_by_rules(name, items) if meaning.creates else name not in absent:
                return None
            form, texts, views = None, line.texts, self._nothing
        found = self._forms.transition(meaning, status, form, texts)
        if isinstance(found, Instead):
            return self._stepped(now, line, decided) if found is Instead.STEP else None
        if found.is_same or found.form is None:
            after = now if known is not None else self._without(now, name)
        else:
            left = tuple([texts[at] for at in found.flow])
            item = made(AgreedItem, (found.form, left, found.form.views(left)))
            tickets = self._with_views(tickets, name, item.views, views)
            after = made(Agreed, (status, {**items, name: item}, tickets, absent))
        if line.tickets is not None and line.tickets != tickets:
            return None
        decided.append(found)
        return after

    def _without(self, now: Agreed, name: str) -> Agreed:
        """A ticket on which an item was not made."""
        return now if name in now.absent else now._replace(absent=now.absent | {name})

    def _with_views(
        self, tickets: dict[str, dict[str, View]], name: str,
        views: tuple[View | None, ...], before: tuple[View | None, ...],
    ) -> dict[str, dict[str, View]]:  # fmt: skip
        """What tickets show where they show something else of an item."""
        for partner, view, old in zip(self.partners, views, before, strict=True):
            if view != old:
                there = dict(tickets[partner])
                if view is None:
                    del there[name]
                else:
                    there[name] = view
                tickets = {**tickets, partner: there}
        return tickets

    def _moved(self, now: Agreed, line: KnownLine, decided: list[Decided]) -> Agreed | None:
        """The ticket after a status action."""
        meaning = line.meaning
        move = self._moves.of(now.status, meaning.actor, meaning.action)
        if move is None:
            return self._stepped(now, line, decided)
        told, crossed, passings, changed = list[str](), move.synced, set[Passing](), dict[str, AgreedItem]()
        if not move.refused:
            for name, one in now.items.items():
                passing = self._moves.passing(move, meaning, now.status, one.form, one.texts)
                if passing is None:
                    return self._stepped(now, line, decided)
                passings.add(passing)
                told += passing.told
                crossed = crossed or passing.synced
                if not passing.is_same:
                    left = tuple([one.texts[at] for at in passing.flow])
                    changed[name] = AgreedItem(passing.form, left, passing.form.views(left))
            told += move.told[crossed]
        if (
            meaning.refused is not move.refused
            or meaning.status not in (None, move.status)
            or (meaning.notified is not None and meaning.notified != sorted(told))
        ):
            return None
        after = self._with_items(now, line, move.status, changed)
        if after is not None:
            decided.append((move, frozenset(passings)))
        return after

    def _stepped(self, now: Agreed, line: KnownLine, decided: list[Decided]) -> Agreed | None:
        """The ticket after any action, by a step of the engine."""
        meaning = line.meaning
        world, event = self.world(now), meaning.event(line.item, line.texts)
        if self._judge.misuse(world, event) is not None:
            return None
        outcome = step(self._model, world, event)
        if not agrees(meaning, outcome):
            return None
        changed = {n: self._item(one) for n, one in outcome.after.items.items() if one is not world.items.get(n)}
        if not all(one.form.is_said for one in changed.values()):
            return None
        after = self._with_items(now, line, outcome.after.status, changed)
        if after is None:
            return None
        decided.append(outcome)
        return after if line.item is None or line.item in after.items else self._without(after, line.item)

    def _with_items(self, now: Agreed, line: KnownLine, status: str, changed: dict[str, AgreedItem]) -> Agreed | None:
        """The ticket with a status and items that came to something else; None where a line shows otherwise."""
        items = {**now.items, **changed} if changed else now.items
        tickets = self._tickets(items) if changed else now.tickets
        if line.tickets is not None and line.tickets != tickets:
            return None
        return made(Agreed, (status, items, tickets, now.absent))

    def _item(self, item: Item) -> AgreedItem:
        form, texts = self._forms.of(item)
        return AgreedItem(form, texts, form.views(texts))

    def _tickets(self, items: dict[str, AgreedItem]) -> dict[str, dict[str, View]]:
        """What the tickets show."""
        return {
            partner: {name: view for name, one in items.items() if (view := one.views[at]) is not None}
            for at, partner in enumerate(self.partners)
        }

    def count(self, decided: Iterable[Decided]) -> None:
        """Count what lines were decided by."""
        for one in decided:
            if isinstance(one, ItemTransition):
                one.count += 1
            elif isinstance(one, tuple):
                self._moved_by[one] += 1
            else:
                self._rules.update(one.rules)
                self._kinds.update([] if one.event.kind is None else [one.event.kind])

    def tell(self, summary: Summary) -> None:
        """Add to a summary what was counted since this was asked last."""
        for one in self._forms.made:
            if one.count:
                self._rules.update(dict.fromkeys(one.rules, one.count))
                self._kinds.update({} if one.kind is None else {one.kind: one.count})
                one.count = 0
        for (move, passings), count in self._moved_by.items():
            self._rules.update(dict.fromkeys(rules_of(move, passings), count))
        self._moved_by.clear()
        summary.rules.update(self._rules)
        summary.kinds.update(self._kinds)
        self._rules.clear()
        self._kinds.clear()
