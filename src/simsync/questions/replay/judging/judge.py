"""A log held against the rules, line by line on each ticket."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from simsync.engine.actions import Action, Created, Grammar
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.step import step
from simsync.engine.world import Event, World
from simsync.errors import listed
from simsync.policy.facts import CREATE, EDIT
from simsync.policy.words import Words
from simsync.questions.conform.fault_localization import Rule, StepMismatch, blamed, told_otherwise
from simsync.questions.conform.systems.mapping import SYSTEM, Condition
from simsync.questions.conform.systems.own_items import Made
from simsync.questions.replay.judging.compare import STATUS, THE_STATUS, LineCompared, LineComparison, with_taken
from simsync.questions.replay.judging.desk_ids import DeskIds, id_of
from simsync.questions.replay.judging.notices import told_of_unknown
from simsync.questions.replay.judging.ticket import Followed, Gap, Illegal, JudgedLine, Mismatch, Owed, Reason
from simsync.questions.replay.log.columns import Logged

NO_RULE = "(no rule: it makes no sense there)"
MOST_NAMED = 5
MOST_UNSEEN = 64
"""Things on their way that are kept in mind for each ticket while nothing shows whether they arrived."""


class Judge:
    """Holds one line after the other against the rules; remembers nothing of tickets.

    ``begins`` is the status in which tickets are when they are first seen, ``copies`` are ids of items to those of
    their copies, and ``late`` is how many lines later things may arrive (None: any). ``own`` are conditions of the
    product's own items.
    """

    def __init__(
        self,
        model: Model,
        begins: str | None,
        copies: Mapping[str, str],
        late: int | None,
        own: tuple[Condition, ...] = (),
    ) -> None:
        self.model = model
        self.begins = begins
        self.late = late
        self.free = frozenset(name for name, field in model.vocabulary.fields.items() if not field.values)
        self._own = own
        self._ids = DeskIds(model.vocabulary, copies)
        self._grammar = Grammar(model.factory)
        self._reachable = _reachable(model)

    def judge(self, ticket: Followed | None, logged: Logged) -> JudgedLine:
        """What comes of a line; ``ticket`` None for one that is seen for the first time."""
        ticket = ticket or self.begun(logged.before)
        gaps: tuple[Gap, ...] = ()
        status = ticket.world.status
        if logged.before is not None and logged.before != status:
            if ticket.sure and logged.before not in self._reachable[status]:
                apart = (Mismatch(f"{self.model.words.status} before", f"{status}, for good", logged.before),)
                return self._illegal(ticket, accused(logged, None, apart))
            gaps = (*waiting(ticket, f"line {logged.line}"), self._skipped(ticket, logged))
            ticket = forgotten(ticket, logged.before, sure=True)
        called, said = self._ids.named(ticket.called, ticket.world, logged)
        if called is not ticket.called:
            ticket = replace(ticket, called=called)
        if self._is_strange(ticket, said):
            return self._strange(ticket, said, logged, gaps)
        event = said.event
        is_absent = event.action != CREATE and event.item in ticket.absent
        misuse = None if is_absent else self.misuse(ticket.world, event)
        if misuse is not None:
            return self._illegal(ticket, accused(logged, None, (Mismatch("the action", misuse, str(logged.event)),)))
        return self._held(ticket, said, logged, gaps)

    def begun(self, before: str | None) -> Followed:
        """A ticket that is seen for the first time, in some status if its line says that."""
        begin, first = before or self.begins, self.model.status_spec.initial
        return Followed(world=World(begin or first), sure=begin is not None, whole=begin in (None, first))

    @property
    def renames(self) -> bool:
        """Whether items are called otherwise on some ticket, or are left out there."""
        return bool(self._own) or self._ids.renames

    def _held(self, ticket: Followed, said: Logged, logged: Logged, gaps: tuple[Gap, ...]) -> JudgedLine:
        outcome = step(self.model, ticket.world, said.event)
        if outcome.defects:
            return self._undecided(ticket, outcome, logged, gaps)
        found = self._compared(ticket, outcome, said, logged)
        if found.apart and not ticket.sure and logged.before is None:
            elsewhere = self._elsewhere(ticket, said, logged)
            if elsewhere is not None:
                return elsewhere
        if found.apart:
            return self._illegal(ticket, accused(logged, outcome, tuple(found.apart)), said.event.item)
        if found.overdue:
            return JudgedLine(None, (together(found.overdue),), outcome)
        return self._legal(ticket, outcome, said, logged, found, gaps)

    def _undecided(self, ticket: Followed, outcome: Outcome, logged: Logged, gaps: tuple[Gap, ...]) -> JudgedLine:
        """What the rules leave open, or decide twice: nobody can say what should have been, so all is forgotten."""
        message = outcome.defects[0].message
        gap = Gap(logged=logged, reason=Reason.RULES, message=message)
        world, event = ticket.world, logged.event
        moved = self.model.move(world.status, event.actor, event.action, self.model.present(world, event.actor))
        after = moved.dest if logged.event.item is None and moved is not None else ticket.world.status
        status = logged.status or after
        told = (*gaps, *waiting(ticket, f"line {logged.line}, which the rules do not decide"), gap)
        return JudgedLine(forgotten(ticket, status, sure=ticket.sure), told)

    def _compared(self, ticket: Followed, outcome: Outcome, said: Logged, logged: Logged) -> LineCompared:
        more = partial(self._told_of_others, ticket, outcome)
        comparison = LineComparison(self.model, ticket, outcome, self.late, more)
        said, own = self._without_own(said, outcome)
        found = comparison.of(said, partial(accused, logged, outcome))
        found.own = own
        return found

    def _without_own(self, said: Logged, outcome: Outcome) -> tuple[Logged, frozenset[str]]:
        """What a line says, but for the product's own items; and these."""
        tickets = said.tickets or {}
        if not self._own and not any(SYSTEM in view for views in tickets.values() for view in views.values()):
            return said, frozenset()
        made = Made.in_world(self.model, outcome.after, self._own)
        kept = {
            partner: {
                name: {key: value for key, value in view.items() if key != SYSTEM}
                for name, view in views.items()
                if not made.is_own(name, view, views, says=SYSTEM in view)
            }
            for partner, views in tickets.items()
        }
        own = frozenset(name for partner, views in tickets.items() for name in views if name not in kept[partner])
        return replace(said, tickets=kept if said.tickets is not None else None), own

    def _legal(
        self,
        ticket: Followed,
        outcome: Outcome,
        said: Logged,
        logged: Logged,
        found: LineCompared,
        before: tuple[Gap, ...],
    ) -> JudgedLine:
        gaps = [*before, *self._unknown(found, logged, ticket)] + [
            late(self.model.words, one, logged, ticket)
            for one in found.arrived
            if self.late is None and one.illegal is not None
        ]
        event = said.event
        moved = event.item is None and outcome.refused is None
        absent = {event.item} if event.item is not None and event.item not in outcome.after.items else set()
        shown = said.tickets or {}
        late_ones = [one for one in found.owed if one.illegal is not None]
        unseen = [one for one in found.owed if one.illegal is None]
        after = replace(
            ticket,
            world=outcome.after,
            sure=ticket.sure or moved or None is not (logged.status or logged.before) or bool(logged.statuses),
            strangers=ticket.strangers | found.strangers,
            absent=ticket.absent | absent,
            shown=ticket.shown.union(shown),
            whole=ticket.whole and not gaps,
            gap=ticket.gap or bool(gaps),
            called=with_taken(ticket.called, found.taken),
            unsure=ticket.unsure | found.doubtful,
            seen=ticket.seen | _places(said, outcome, found),
            own=ticket.own | found.own,
            owed=(*late_ones, *unseen[-MOST_UNSEEN:]),
            lines=ticket.lines + 1,
            steps=ticket.steps + 1,
        )
        intime = len(found.arrived) if self.late is not None else 0
        return JudgedLine(after, tuple(gaps), outcome, intime, len(found.own - ticket.own))

    def _unknown(self, found: LineCompared, logged: Logged, ticket: Followed) -> Iterator[Gap]:
        """The gaps that unknown items show, by themselves or by who was told of them."""
        gap = partial(Gap, logged=logged)
        for (partner, theirs), name in found.taken.items():
            mapped = f"copies: {{{name}: {theirs}}} in --map, or copy in a line, says so"
            message = f"{partner}'s {theirs}, which no line creates, looks like the copy of {name} and is taken for it"
            yield gap(reason=Reason.COPY, message=f"{message}; {mapped}")
        for partner, name in sorted(found.doubtful):
            message = f"{partner}'s copy of {name} has another id, or is not there"
            yield gap(reason=Reason.COPY, message=f"{message}; copy in a line, or copies in --map, says which it is")
        strangers = found.strangers - ticket.strangers
        if strangers and not found.doubtful:
            shown = f"the {self.model.words.ticket.many} show {_some(strangers)}"
            yield gap(reason=Reason.ITEM, message=f"{shown}, which no line creates; the log may begin later")
        elif found.told:
            message = f"{_some(found.told)} was told of what no line creates; the log may begin later"
            yield gap(reason=Reason.ITEM, message=message)

    def _skipped(self, ticket: Followed, logged: Logged) -> Gap:
        """What led from one status to another is left out, or all that was before."""
        status, before, word = ticket.world.status, logged.before, self.model.words.status
        if ticket.sure:
            message = f"the {word} was {status} and is {before} before this; what led there is not in the log"
            return Gap(logged=logged, reason=Reason.STEP, message=message)
        message = f"the log does not begin in {status}; the {word} is {before} before this"
        return Gap(logged=logged, reason=Reason.BEGIN, message=message)

    @staticmethod
    def _is_strange(ticket: Followed, said: Logged) -> bool:
        """Whether a line is about an item of which nothing is known, or that another partner's desk calls the same."""
        event = said.event
        known = ticket.world.items.get(event.item or "")
        if event.item is None:
            return False
        if event.action == CREATE:
            return known is not None and known.owner != event.actor
        return known is None and event.item not in ticket.absent

    def _strange(self, ticket: Followed, said: Logged, logged: Logged, gaps: tuple[Gap, ...]) -> JudgedLine:
        """A line about such an item; it is told once of each item."""
        name, actor = said.event.item, said.event.actor
        assert name is not None
        told = [*gaps]
        if said.event.action == CREATE:
            words = self.model.words
            message = f"{name} was created by the other {words.partner}; if each desk has its own ids, copy or copies"
            told.append(Gap(logged=logged, reason=Reason.COPY, message=f"{message} says which are one {words.item}'s"))
            return JudgedLine(replace(ticket, whole=False, gap=True, lines=ticket.lines + 1), tuple(told))
        if not gaps and name not in ticket.strangers:
            message = f"no line creates {name}; the log may begin later, or leaves its creation out"
            others = [one for one, item in ticket.world.items.items() if item.owner != actor and item.copy is not None]
            if any((actor, one) not in ticket.seen for one in others):
                message += ", or it is a copy's id, which copy in a line or copies in --map would say"
            told.append(Gap(logged=logged, reason=Reason.ITEM, message=message))
        after = replace(
            ticket,
            strangers=ticket.strangers | {name},
            touched=ticket.touched | {(actor, name)},
            whole=False,
            gap=True,
            lines=ticket.lines + 1,
        )
        return JudgedLine(after, tuple(told))

    def _elsewhere(self, ticket: Followed, said: Logged, logged: Logged) -> JudgedLine | None:
        """A line that is illegal in the status in which the ticket seems to begin, but legal in another one."""
        event = said.event
        if event.item in ticket.world.items:  # created in who knows which status
            forgotten = Followed(world=World(ticket.world.status), sure=False, gap=True, called=ticket.called)
            return self._strange(forgotten, said, logged, waiting(ticket, f"line {logged.line}"))
        fits: list[tuple[Followed, Outcome, LineCompared]] = []
        for status in self.model.status_spec.states:
            there = replace(ticket, world=World(status), whole=False)
            outcome = step(self.model, there.world, event)
            found = self._compared(there, outcome, said, logged)
            if not found.apart and not found.overdue and not outcome.defects:
                fits.append((there, outcome, found))
        if not fits:
            return None
        first, outcome, found = fits[0]
        statuses = listed(there.world.status for there, _, _ in fits)
        message = f"the rules have this in {statuses}, not in {ticket.world.status}; the log may begin later"
        gap = Gap(logged=logged, reason=Reason.BEGIN, message=message)
        judged = self._legal(first, outcome, said, logged, found, (gap,))
        assert judged.after is not None
        same = all(one.after == outcome.after for _, one, _ in fits)
        return judged._replace(after=replace(judged.after, sure=same))

    @staticmethod
    def _illegal(ticket: Followed, illegal: Illegal, item: str | None = None) -> JudgedLine:
        """What is illegal; if it is about what had not arrived, then that it never did is."""
        places = {apart.place for apart in illegal.apart}
        owed = [one for one in ticket.owed if one.illegal is not None and one.partner is not None]
        about = [one for one in owed if one.what == item or (one.partner, one.what) in places]
        if about:
            return JudgedLine(None, (together(about),))
        return JudgedLine(None, (*waiting(ticket, f"line {illegal.logged.line}, which breaks a rule"), illegal))

    def misuse(self, world: World, event: Event) -> str | None:
        """Why an event makes no sense; an edit of what the rules do not know is none of theirs, and makes sense."""
        if event.item is None:
            return None
        created = Created({one.name: (one.owner, one.original.kind) for one in world.items.values()}, exact=True)
        action = Action(event.action, event.kind, event.item)
        known = event.item in created
        if event.action == EDIT and known and not event.fields:
            return None
        found = next(self._grammar.misuses(action, event.actor, created, event.fields), None)
        return None if found is None else found.sentence

    def is_made_by_rules(self, name: str, others: Collection[str]) -> bool:
        """Whether the rules call an item of their own so, beside others."""
        return self._grammar.product_item(name, others) is not None

    def _told_of_others(self, ticket: Followed, outcome: Outcome) -> Mapping[str, int]:
        """Who may be told, and how often, of items that no line creates at a status action, by the rules in force."""
        if outcome.moved is None or ticket.whole:
            return {}
        return told_of_unknown(self.model, outcome)


def accused(logged: Logged, outcome: Outcome | None, apart: tuple[Mismatch, ...]) -> Illegal:
    """The illegal step that a line is which is apart from what the rules do."""
    rules: tuple[Rule, ...] = ()
    if outcome is not None:
        told = told_otherwise(outcome.notified, logged.notified or ())
        aspects = tuple(STATUS if one.place and one.place[1] == THE_STATUS else one.at for one in apart)
        rules = tuple(blamed([outcome], StepMismatch(aspects=aspects, items=_items(apart), told=told)))
    return Illegal(logged=logged, status=outcome.before.status if outcome else None, rules=rules, apart=apart)


def forgotten(ticket: Followed, status: str, *, sure: bool) -> Followed:
    """A ticket of whose items nothing is known any more but that there were some."""
    strangers = ticket.strangers.union(ticket.world.items)
    return Followed(world=World(status), sure=sure, gap=True, called=ticket.called, strangers=strangers)


def together(owed: Iterable[Owed]) -> Illegal:
    """What never arrived, as the illegal step of the first line where it should have."""
    found = [one.illegal for one in owed if one.illegal is not None]
    first = min(found, key=lambda one: one.logged.line)
    same = [one for one in found if one.logged.line == first.logged.line]
    apart = tuple(dict.fromkeys(apart for one in same for apart in one.apart))
    rules = tuple({rule.id: rule for one in same for rule in one.rules}.values())
    return replace(first, apart=apart, rules=rules)


def late(words: Words, owed: Owed, logged: Logged, ticket: Followed) -> Gap:
    """That something arrived at last."""
    assert owed.illegal is not None
    what = owed.what
    if owed.partner:
        what = f"{owed.partner}'s {id_of(ticket.called, owed.partner, owed.what) or words.status}"
    count = ticket.lines - owed.since
    when = f"{count} line{'s' if count > 1 else ''} of the {words.ticket} later"
    message = f"{what}: as the rules have it only at line {logged.line}, {when}; --late {count} gives it that time"
    return Gap(logged=owed.illegal.logged, reason=Reason.LATE, message=message)


def waiting(ticket: Followed, until: str) -> tuple[Gap, ...]:
    """That some things had not arrived when nothing more could be told of them."""
    found = []
    for illegal in (one.illegal for one in ticket.owed if one.illegal is not None):
        message = f"{', '.join(apart.at for apart in illegal.apart)}: not as the rules have it up to {until}"
        found.append(Gap(logged=illegal.logged, reason=Reason.LATE, message=message))
    return tuple(found)


def _places(said: Logged, outcome: Outcome, found: LineCompared) -> set[tuple[str, str]]:
    """By partner, the items of which a line says something, as far as they are still there."""
    shown = said.tickets or {}
    seen = {(partner, name) for partner, view in shown.items() for name in (*view, *_names(found, partner))}
    if said.event.item is not None:
        seen.add((said.event.actor, said.event.item))
    return {place for place in seen if place[1] in outcome.after.items}


def _names(found: LineCompared, partner: str) -> Iterator[str]:
    return (name for (who, _), name in found.taken.items() if who == partner)


def _reachable(model: Model) -> dict[str, set[str]]:
    """The statuses to which actions lead, from each."""
    spec = model.status_spec
    found = {status: {status} for status in spec.states}
    for _ in spec.states:
        for one in spec.transitions:
            for status in found:
                if not found[status].isdisjoint(one.source):
                    found[status].add(one.dest)
    return found


def _items(apart: Iterable[Mismatch]) -> dict[tuple[str, str], frozenset[str]]:
    """The items that differ on each ticket, with what they show otherwise."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in apart:
        if one.place is not None and one.place[1] != THE_STATUS:
            found.setdefault(one.place, set()).add(one.shown)
    return {place: frozenset(shown) for place, shown in found.items()}


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    return f"{', '.join(found[:MOST_NAMED])}{', ...' if len(found) > MOST_NAMED else ''}"
