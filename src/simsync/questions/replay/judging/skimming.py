"""Tickets followed the short way, as long as each of their lines says to the letter what the rules make of it.

Where one does not, it is judged by looking at it, on the ticket as it would be had all lines been looked at. So what
such a line may hang on is kept of those before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from simsync.engine.view import View
from simsync.engine.world import World
from simsync.questions.replay.judging.agreement import Agreed, AgreedItem, Decided, LineAgreement
from simsync.questions.replay.judging.compare import MOST_VIEWS, STATUS, THE_STATUS, status_on
from simsync.questions.replay.judging.digests import digest, plain_digest
from simsync.questions.replay.judging.order import MOST_KEPT, MOST_RECENT, OrderedLine, Ordering, TicketHistory
from simsync.questions.replay.judging.ticket import Followed, Owed
from simsync.questions.replay.log.known_lines import KnownLine, made
from simsync.questions.replay.log.reading import LogReader


class Skimmed(NamedTuple):
    """What is known of a ticket, as :class:`Followed` has it. ``base`` has what no line changes that is skimmed.

    ``agreed`` is what it came to, and ``digest`` that of what its tickets show. ``is_seen``: all that they show was
    seen there. ``is_due``: what is owed of the status has the present one. ``lines`` is how many were skimmed since
    ``base``.
    """

    base: Followed
    agreed: Agreed
    sure: bool
    digest: int
    shown: frozenset[str]
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
        self.agreement = LineAgreement(order.judge, reader)
        self._judge, self._model, self._partners = order.judge, order.judge.model, self.agreement.partners
        self._first: dict[str | None, Skimmed] = {}
        self._statuses: dict[str, dict[str, View]] = {}
        self._all = frozenset(self._partners)

    def take(self, thread: SkimmedHistory | TicketHistory | None, line: KnownLine) -> SkimmedHistory | None:
        """The ticket after a line; None where it is to be looked at."""
        if isinstance(thread, TicketHistory):
            thread = self._skimmed(thread)
            if thread is None:
                return None
        elif not self.agreement.is_possible:
            return None
        now = None if thread is None else thread.now
        after = self._after(self._begun(line.meaning.before) if now is None else now, line)
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
        agreed = self.agreement.of(base.world, base.absent)
        shown = self._digest(agreed.items)
        return Skimmed(base, agreed, base.sure, shown, base.shown, base.seen, False, base.owed, False, 0)

    def _after(self, now: Skimmed, line: KnownLine) -> Skimmed | None:
        """The ticket after a line; None where it says otherwise, or does not show what it brings about."""
        before, decided = now.agreed, list[Decided]()
        agreed = self.agreement.after(before, line, decided)
        says, is_alike = line.tickets is not None, agreed is not None and agreed.tickets is before.tickets
        if agreed is None or not (says or is_alike or _nothing_arrived(line, agreed, before)):
            return None
        self.agreement.count(decided)
        moved = line.item is None and not line.meaning.refused
        owed = now.owed if now.is_due or not now.owed else self._older(now)
        if moved and self._judge.late != 0:
            owed += tuple(self._arriving(now, line.meaning.actor, agreed.status, {one.partner for one in owed}))
        return made(Skimmed, (
            now.base, agreed, now.sure or line.meaning.says_status or moved,
            now.digest if agreed.items is before.items else self._digest_after(now, agreed.items, line.item),
            self._all if says else now.shown, self._seen(now, line, agreed), says or (now.is_seen and is_alike),
            owed, agreed.status == before.status, now.lines + 1,
        ))  # fmt: skip

    def _digest(self, items: dict[str, AgreedItem]) -> int:
        """That of what the tickets show."""
        return sum(map(hash, self._partners)) + sum([self._digest_of(name, one) for name, one in items.items()])

    def _digest_after(self, now: Skimmed, items: dict[str, AgreedItem], name: str | None) -> int:
        """The same after an action on an item, or after any other."""
        before = now.agreed.items
        others = [one for one in items if one != name and items[one] is not before.get(one)] if name else None
        if name is None or others:
            return self._digest(items)
        old = before.get(name)
        return now.digest + self._digest_of(name, items[name]) - (0 if old is None else self._digest_of(name, old))

    def _digest_of(self, name: str, item: AgreedItem) -> int:
        views = zip(self._partners, item.views, strict=True)
        return sum([plain_digest(partner, name, view) for partner, view in views if view is not None])

    def _seen(self, now: Skimmed, line: KnownLine, agreed: Agreed) -> frozenset[tuple[str, str]]:
        """Which items were seen on which ticket after a line."""
        places, name = list[tuple[str, str]](), line.item
        if line.tickets is not None and not (now.is_seen and agreed.tickets is now.agreed.tickets):
            places = [(partner, one) for partner, views in agreed.tickets.items() for one in views]
        if name is not None and name in agreed.items:
            places.append((line.meaning.actor, name))
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
            due = self._shows(now.agreed.status)[one.partner]
            found.append(one if due == one.views[-1] else replace(one, views=(*one.views, due)[-MOST_VIEWS:]))
        return tuple(found)

    def _arriving(self, now: Skimmed, actor: str, status: str, waiting: set[str | None]) -> Iterator[Owed]:
        """The status on tickets of those who did not move it."""
        since, steps = now.base.lines + now.lines, now.base.steps + now.lines
        for partner in self._partners:
            before, after = (self._shows(one)[partner] for one in (now.agreed.status, status))
            if partner not in waiting and partner != actor and before != after:
                views = (before,)
                yield Owed(partner=partner, what=THE_STATUS, since=since, steps=steps, views=views)

    def _skimmed(self, thread: TicketHistory) -> SkimmedHistory | None:
        """A ticket that was looked at, as it is skimmed; None where something about it wants to be looked at."""
        now = thread.now
        if thread.doubt or thread.illegal or not thread.met or now is None or not self.agreement.is_possible:
            return None
        if now.strangers or now.touched or now.unsure or now.own or now.called:
            return None
        if any(one.illegal is not None or one.what != THE_STATUS or one.partner is None for one in now.owed):
            return None
        skimmed = self._of(now)
        return SkimmedHistory(skimmed, thread.recent, thread.kept) if self.agreement.is_said(skimmed.agreed) else None

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
            world=self.agreement.world(now.agreed),
            sure=now.sure,
            absent=now.agreed.absent,
            shown=now.shown,
            seen=now.seen,
            owed=now.owed,
            lines=base.lines + now.lines,
            steps=base.steps + now.lines,
        )


def _nothing_arrived(line: KnownLine, after: Agreed, before: Agreed) -> bool:
    """Whether nothing was brought about on tickets that a line does not show, but by hand on that of who acted."""
    by_hand = line.meaning.actor if line.item is not None else None
    return all(after.tickets[one] == shown for one, shown in before.tickets.items() if one != by_hand)
