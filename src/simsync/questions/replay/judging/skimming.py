"""Lines that say what the rules do, told by what was remembered of lines like them: the one place of the short way.

A ticket is followed the short way as long as each of its lines says to the letter what the rules make of it. What the
rules make of an action on an item is remembered by :class:`Forms`; what a line says that tickets show is compared as a
whole. Any other line is judged by looking at it, on the ticket as it would be had all lines been looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from simsync.engine.step import step
from simsync.engine.view import View
from simsync.engine.world import World
from simsync.questions.replay.judging.compare import MOST_VIEWS, STATUS, THE_STATUS, status_on
from simsync.questions.replay.judging.digests import digest, plain_digest
from simsync.questions.replay.judging.item_forms import Form, Forms, Instead, Texts, agrees
from simsync.questions.replay.judging.moves import MoveAlone, Moves, Passing, rules_of
from simsync.questions.replay.judging.order import MOST_KEPT, MOST_RECENT, OrderedLine, Ordering, TicketHistory
from simsync.questions.replay.judging.ticket import Followed, Owed, Summary
from simsync.questions.replay.log.known_lines import KnownLine, made
from simsync.questions.replay.log.reading import LogReader


class SkimmedItem(NamedTuple):
    """An item by its form, and what each partner's ticket shows of it, with the digest of that."""

    form: Form
    texts: Texts
    views: tuple[View | None, ...]
    digest: int


class Skimmed(NamedTuple):
    """What is known of a ticket, as :class:`Followed` has it. ``base`` has what no line changes that is skimmed.

    ``tickets`` are what a line would say of them, with their ``digest``. ``is_seen``: all that they show was seen
    there. ``is_due``: what is owed of the status has the present one. ``lines`` is how many were skimmed since
    ``base``.
    """

    base: Followed
    status: str
    sure: bool
    items: dict[str, SkimmedItem]
    tickets: dict[str, dict[str, View]]
    digest: int
    shown: frozenset[str]
    absent: frozenset[str]
    seen: frozenset[tuple[str, str]]
    is_seen: bool
    owed: tuple[Owed, ...]
    is_due: bool
    lines: int


class SkimmedLine(NamedTuple):
    """A line of known meaning, and what was known of the ticket before it."""

    before: Skimmed | None
    logged: KnownLine


class SkimmedHistory:
    """A ticket with its last lines, as :class:`TicketHistory` has it."""

    __slots__ = ("kept", "now", "recent")

    def __init__(self, now: Skimmed, recent: tuple[SkimmedLine | OrderedLine, ...], kept: tuple[int, ...]) -> None:
        self.now, self.recent, self.kept = now, recent, kept


class Skimming:
    """Follows tickets the short way. ``reader`` knows what a skimmed line says in full."""

    def __init__(self, order: Ordering, reader: LogReader) -> None:
        self.order, self.reader = order, reader
        self._judge = judge = order.judge
        self._model = judge.model
        self._partners = tuple(self._model.vocabulary.partners)
        is_said = reader.views.are_said_alike
        self._forms = Forms(self._model, lambda world, event: judge.misuse(world, event) is None, is_said)
        self._moves = Moves(self._model, self._forms)
        self._is_possible = not judge.renames and all(reader.desks.get(one) == one for one in self._partners)
        self._nothing: tuple[None, ...] = (None,) * len(self._partners)
        self._first: dict[str | None, Skimmed] = {}
        self._statuses: dict[str, dict[str, View]] = {}
        self._moved_by: Counter[tuple[MoveAlone, frozenset[Passing]]] = Counter()
        self._all = frozenset(self._partners)
        self.rules: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()

    def take(self, thread: SkimmedHistory | TicketHistory | None, line: KnownLine) -> SkimmedHistory | None:
        """The ticket after a line; None where it is to be looked at."""
        if isinstance(thread, TicketHistory):
            thread = self._skimmed(thread)
            if thread is None:
                return None
        elif not self._is_possible:
            return None
        now = None if thread is None else thread.now
        begun = self._begun(line.meaning.before) if now is None else now
        after = self._moved(begun, line) if line.item is None else self._changed(begun, line, line.item)
        if after is None:
            return None
        place, shown = made(SkimmedLine, (now, line)), None if line.tickets is None else after.digest
        said = digest(line.meaning.key, line.time, line.item, line.texts, shown)
        if thread is None:
            return SkimmedHistory(after, (place,), (said,))
        recent = thread.recent
        if recent and self.order.may_follow(recent[-1].logged, line):
            thread.recent = (*recent[-MOST_RECENT:], place)
        else:
            thread.recent = (place,)
        thread.now, thread.kept = after, (*thread.kept[1 - MOST_KEPT :], said)
        return thread

    def _begun(self, before: str | None) -> Skimmed:
        found = self._first.get(before)
        if found is None:
            found = self._first[before] = self._of(self._judge.begun(before))
        return found

    def _of(self, base: Followed) -> Skimmed:
        """A ticket that can be skimmed."""
        items = {name: self._item(name, *self._forms.of(item)) for name, item in base.world.items.items()}
        tickets, shown = self._shown(items)
        return made(Skimmed, (
            base, base.world.status, base.sure, items, tickets, shown,
            base.shown, base.absent, base.seen, False, base.owed, False, 0,
        ))  # fmt: skip

    def _item(self, name: str, form: Form, texts: Texts) -> SkimmedItem:
        views, shown = form.views(texts), 0
        for partner, view in zip(self._partners, views, strict=True):
            if view is not None:
                shown += plain_digest(partner, name, view)
        return made(SkimmedItem, (form, texts, views, shown))

    def _shown(self, items: dict[str, SkimmedItem]) -> tuple[dict[str, dict[str, View]], int]:
        """What the tickets show, and the digest of that."""
        tickets = {
            partner: {name: view for name, one in items.items() if (view := one.views[at]) is not None}
            for at, partner in enumerate(self._partners)
        }
        return tickets, sum(map(hash, self._partners)) + sum([one.digest for one in items.values()])

    def _changed(self, now: Skimmed, line: KnownLine, name: str) -> Skimmed | None:
        """The ticket after an action on an item; None where a line says otherwise."""
        meaning, known, status = line.meaning, now.items.get(name), now.status
        if meaning.before is not None and meaning.before != status:
            return None
        if known is None:
            if self._judge.is_made_by_rules(name, now.items) if meaning.creates else name not in now.absent:
                return None
            form, texts = None, line.texts
        elif meaning.creates:
            return None
        else:
            form, texts = known.form, known.texts + line.texts
        found = self._forms.transition(meaning, status, form, texts)
        if isinstance(found, Instead):
            return self._stepped(now, line) if found is Instead.STEP else None
        if found.is_same or found.form is None:
            after = self._as_it_was(now, line, name, is_there=known is not None)
        else:
            item = self._item(name, found.form, tuple([texts[at] for at in found.flow]))
            after = self._with_item(now, line, name, known, item)
        if after is not None:
            found.count += 1
        return after

    def _as_it_was(self, now: Skimmed, line: KnownLine, name: str, *, is_there: bool) -> Skimmed | None:
        """The ticket after an action that changed nothing; None where a line says otherwise."""
        says = line.tickets is not None
        if says and line.tickets != now.tickets:
            return None
        if says and not now.is_seen:
            seen = self._seen(now, line, now.items, _places(now.tickets))
        elif is_there and (line.meaning.actor, name) not in now.seen:
            seen = now.seen | {(line.meaning.actor, name)}
        else:
            seen = now.seen
        return made(Skimmed, (
            now.base, now.status, now.sure or line.meaning.says_status, now.items, now.tickets, now.digest,
            self._all if says else now.shown, now.absent if is_there else now.absent | {name},
            seen, says or now.is_seen, now.owed if now.is_due or not now.owed else self._older(now), True,
            now.lines + 1,
        ))  # fmt: skip

    def _with_item(
        self, now: Skimmed, line: KnownLine, name: str, known: SkimmedItem | None, item: SkimmedItem
    ) -> Skimmed | None:
        """The ticket with an item that came to this; None where a line says otherwise."""
        tickets, shown, changed = now.tickets, now.digest + item.digest, list[tuple[str, str]]()
        views: tuple[View | None, ...] = self._nothing
        if known is not None:
            views = known.views
            shown -= known.digest
        for partner, view, before in zip(self._partners, item.views, views, strict=True):
            if view != before:
                there = dict(tickets[partner])
                if view is None:
                    del there[name]
                else:
                    there[name] = view
                    changed.append((partner, name))
                tickets = {**tickets, partner: there}
        items, says = {**now.items, name: item}, line.tickets is not None
        if line.tickets != tickets if says else not _nothing_arrived(line, tickets, now.tickets):
            return None
        seen = self._seen(now, line, items, changed if not says or now.is_seen else _places(tickets))
        return made(Skimmed, (
            now.base, now.status, now.sure or line.meaning.says_status, items, tickets, shown,
            self._all if says else now.shown, now.absent,
            seen, says or (now.is_seen and tickets == now.tickets),
            now.owed if now.is_due or not now.owed else self._older(now), True, now.lines + 1,
        ))  # fmt: skip

    def _moved(self, now: Skimmed, line: KnownLine) -> Skimmed | None:
        """The ticket after a status action; None where a line says otherwise."""
        meaning = line.meaning
        if meaning.before is not None and meaning.before != now.status:
            return None
        move = self._moves.of(now.status, meaning.actor, meaning.action)
        if move is None:
            return self._stepped(now, line)
        items, told, crossed, passings = now.items, list[str](), move.synced, set[Passing]()
        if not move.refused:
            changed = dict[str, SkimmedItem]()
            for name, one in items.items():
                passing = self._moves.passing(move, meaning, now.status, one.form, one.texts)
                if passing is None:
                    return self._stepped(now, line)
                passings.add(passing)
                told += passing.told
                crossed = crossed or passing.synced
                if not passing.is_same:
                    changed[name] = self._item(name, passing.form, tuple([one.texts[at] for at in passing.flow]))
            items = {**items, **changed} if changed else items
            told += move.told[crossed]
        if (
            meaning.refused is not move.refused
            or meaning.status not in (None, move.status)
            or (meaning.notified is not None and meaning.notified != sorted(told))
        ):
            return None
        after = self._with_status(now, line, items, move.status, not move.refused)
        if after is not None:
            self._moved_by[move, frozenset(passings)] += 1
        return after

    def _stepped(self, now: Skimmed, line: KnownLine) -> Skimmed | None:
        """The ticket after any action, by a step of the engine; None where a line says otherwise."""
        meaning = line.meaning
        world, event = self._world(now), meaning.event(line.item, line.texts)
        if self._judge.misuse(world, event) is not None:
            return None
        outcome = step(self._model, world, event)
        if not agrees(meaning, outcome):
            return None
        items = dict(now.items)
        for name, item in outcome.after.items.items():
            if item is not world.items.get(name):
                form, texts = self._forms.of(item)
                if not form.is_said:
                    return None
                items[name] = self._item(name, form, texts)
        after = self._with_status(now, line, items, outcome.after.status, outcome.moved is not None)
        if after is not None:
            self.rules.update(outcome.rules)
            self.kinds.update([] if event.kind is None else [event.kind])
        return after

    def _with_status(
        self, now: Skimmed, line: KnownLine, items: dict[str, SkimmedItem], status: str, moved: bool
    ) -> Skimmed | None:
        """The ticket with a status and items; None where a line says that tickets show something else."""
        tickets, shown = (now.tickets, now.digest) if items is now.items else self._shown(items)
        says = line.tickets is not None
        if line.tickets != tickets if says else not _nothing_arrived(line, tickets, now.tickets):
            return None
        owed = self._older(now) if now.owed else ()
        if moved and self._judge.late != 0:
            owed += tuple(self._arriving(now, line.meaning.actor, status, {one.partner for one in owed}))
        same = line.item is None and now.is_seen and tickets is now.tickets
        seen = now.seen if same else self._seen(now, line, items, _places(tickets))
        absent = now.absent if line.item is None or line.item in items else now.absent | {line.item}
        return made(Skimmed, (
            now.base, status, now.sure or line.meaning.says_status or moved, items, tickets, shown,
            self._all if says else now.shown, absent, seen, says or (now.is_seen and tickets == now.tickets), owed,
            False, now.lines + 1,
        ))  # fmt: skip

    def _world(self, now: Skimmed) -> World:
        return World(now.status, {name: self._forms.item(name, one.form, one.texts) for name, one in now.items.items()})

    def _seen(
        self, now: Skimmed, line: KnownLine, items: dict[str, SkimmedItem], places: list[tuple[str, str]]
    ) -> frozenset[tuple[str, str]]:
        """Which items were seen on which ticket after a line that shows some places."""
        if line.tickets is None:
            places = []
        if line.item is not None and line.item in items:
            places = [*places, (line.meaning.actor, line.item)]
        return now.seen if now.seen.issuperset(places) else now.seen.union(places)

    def _shows(self, status: str) -> dict[str, View]:
        """What each partner's ticket shows of a status."""
        found = self._statuses.get(status)
        if found is None:
            found = {one: {STATUS: status_on(self._model, World(status), one)} for one in self._partners}
            self._statuses[status] = found
        return found

    def _older(self, now: Skimmed) -> tuple[Owed, ...]:
        """What tickets may still show of the status, with the present one."""
        found = []
        for one in now.owed:
            assert one.partner is not None
            due = self._shows(now.status)[one.partner]
            found.append(one if due == one.views[-1] else replace(one, views=(*one.views, due)[-MOST_VIEWS:]))
        return tuple(found)

    def _arriving(self, now: Skimmed, actor: str, status: str, waiting: set[str | None]) -> Iterator[Owed]:
        """The status on tickets of those who did not move it."""
        since, steps = now.base.lines + now.lines, now.base.steps + now.lines
        for partner in self._partners:
            before, after = (self._shows(one)[partner] for one in (now.status, status))
            if partner not in waiting and partner != actor and before != after:
                views = (before,)
                yield Owed(partner=partner, what=THE_STATUS, since=since, steps=steps, views=views)

    def _skimmed(self, thread: TicketHistory) -> SkimmedHistory | None:
        """A ticket that was looked at, as it is skimmed; None where something about it wants to be looked at."""
        now = thread.now
        if thread.doubt or thread.illegal or not thread.met or now is None or not self._is_possible:
            return None
        if now.strangers or now.touched or now.unsure or now.own or now.called:
            return None
        if any(one.illegal is not None or one.what != THE_STATUS or one.partner is None for one in now.owed):
            return None
        skimmed = self._of(now)
        is_said = all(one.form.is_said for one in skimmed.items.values())
        return SkimmedHistory(skimmed, thread.recent, thread.kept) if is_said else None

    def in_full(self, thread: SkimmedHistory) -> TicketHistory:
        """A ticket as it is when all its lines were looked at."""
        recent = tuple(one if isinstance(one, OrderedLine) else self._ordered(one) for one in thread.recent)
        return TicketHistory(now=self._followed(thread.now), recent=recent, kept=thread.kept)

    def _ordered(self, place: SkimmedLine) -> OrderedLine:
        before = None if place.before is None else self._followed(place.before)
        return OrderedLine(before, self.reader.in_full(place.logged))

    def _followed(self, now: Skimmed) -> Followed:
        base = now.base
        return replace(
            base,
            world=self._world(now),
            sure=now.sure,
            absent=now.absent,
            shown=now.shown,
            seen=now.seen,
            owed=now.owed,
            lines=base.lines + now.lines,
            steps=base.steps + now.lines,
        )

    def count(self, summary: Summary) -> None:
        """Count what was skimmed since this was asked last."""
        for one in self._forms.made:
            if one.count:
                self.rules.update(dict.fromkeys(one.rules, one.count))
                self.kinds.update({} if one.kind is None else {one.kind: one.count})
                one.count = 0
        for (move, passings), count in self._moved_by.items():
            self.rules.update(dict.fromkeys(rules_of(move, passings), count))
        self._moved_by.clear()
        summary.rules.update(self.rules)
        summary.kinds.update(self.kinds)
        self.rules.clear()
        self.kinds.clear()


def _places(tickets: dict[str, dict[str, View]]) -> list[tuple[str, str]]:
    """All items that tickets show, with whose ticket does."""
    return [(partner, name) for partner, views in tickets.items() for name in views]


def _nothing_arrived(line: KnownLine, tickets: dict[str, dict[str, View]], before: dict[str, dict[str, View]]) -> bool:
    """Whether nothing was brought about on tickets that a line does not show, but by hand on that of who acted."""
    by_hand = line.meaning.actor if line.item is not None else None
    return all(tickets[one] == before[one] for one in tickets if one != by_hand)
