"""A log held against the rules, ticket by ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from simsync.analysis.system.blame import APPEARANCE, Rule, Unlike, blamed, told_otherwise
from simsync.core.actions import Action, Created, Grammar
from simsync.core.facts import CREATE, EDIT
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.core.view import ticket
from simsync.errors import listed
from simsync.model.log import Logged
from simsync.model.mapping import in_a_cell
from simsync.model.world import Event, World

NO_RULE = "(no rule: it makes no sense there)"
MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Illegal:
    """The first step of a ticket that the rules do not have. ``outcome`` is theirs, None where there is none.

    ``rules`` are those that it breaks, the likeliest first. ``apart`` are pairs of what the rules have and what the log
    has, by what differs.
    """

    model: Model
    logged: Logged
    outcome: Outcome | None
    rules: tuple[Rule, ...]
    apart: Mapping[str, tuple[str, str]]


class Reason(StrEnum):
    """What a log leaves out."""

    ITEM = "unknown item"
    STEP = "missing step"
    BEGIN = "unknown begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A line that shows that the log leaves something out: no rule is broken, but not all could be judged."""

    logged: Logged
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What is known of a ticket: its status, and the items that the log creates.

    ``sure``: something says that this is its status, other than that the log seems to begin with it. ``strangers`` are
    items that no line creates, ``absent`` those whose creation was refused. ``shown`` are the partners whose tickets
    were shown. ``whole``: it is followed from the first status on. ``gap``: the log leaves something of it out.
    """

    world: World
    sure: bool
    whole: bool = False
    strangers: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    shown: frozenset[str] = frozenset()
    gap: bool = False


class Judged(NamedTuple):
    """A line held against the rules: what the ticket came to, None once it broke them, and what there is to tell.

    ``steps`` is 0 where the line could not be judged.
    """

    after: Followed | None
    told: Illegal | Gap | None
    steps: int = 1


class Replay:
    """Follows one ticket at a time. What it counts is by rule: how often each decided something that was legal."""

    def __init__(self, model: Model, begins: str | None) -> None:
        self.model = model
        self.begins = begins
        self.rules: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._grammar = Grammar(model.workshop)
        self._reachable = _reachable(model)

    def follow(self, ticket: Followed | None, logged: Logged) -> Judged:
        """What comes of a line; ``ticket`` None for one that is seen for the first time."""
        begin = logged.before or self.begins
        first = self.model.status_spec.initial
        if ticket is None:
            ticket = Followed(world=World(begin or first), sure=begin is not None, whole=begin in (None, first))
        gap: Gap | None = None
        status = ticket.world.status
        if logged.before is not None and logged.before != status:
            if ticket.sure and logged.before not in self._reachable[status]:
                return self._illegal(logged, None, {"status before": (f"{status}, for good", logged.before)})
            gap = self._skipped(ticket, logged)
            ticket = Followed(world=World(logged.before), sure=True, gap=True)
        if self._is_strange(ticket, logged.event):
            return self._strange(ticket, logged, gap)
        misuse = self._misuse(ticket, logged)
        if misuse is not None:
            return self._illegal(logged, None, {"the action": (misuse, str(logged.event))})
        outcome = step(self.model, ticket.world, logged.event)
        apart = dict(self._apart(ticket, outcome, logged))
        if apart and not ticket.sure and logged.before is None:
            elsewhere = self._elsewhere(ticket, logged)
            if elsewhere is not None:
                return elsewhere
        return self._illegal(logged, outcome, apart) if apart else self._legal(ticket, outcome, logged, gap)

    def _legal(self, ticket: Followed, outcome: Outcome, logged: Logged, gap: Gap | None) -> Judged:
        self.rules.update(outcome.rules)
        if logged.event.kind is not None:
            self.kinds[logged.event.kind] += 1
        strangers = frozenset(self._newly_shown(ticket, outcome.after, logged))
        gap = gap or self._unknown(strangers, self._more_told(ticket, outcome, logged), logged)
        event = logged.event
        moved = event.item is None and outcome.refused is None
        absent = {event.item} if event.item is not None and event.item not in outcome.after.items else ()
        after = Followed(
            world=outcome.after,
            sure=ticket.sure or moved or logged.status is not None or logged.before is not None,
            strangers=ticket.strangers | strangers if strangers else ticket.strangers,
            absent=ticket.absent.union(absent) if absent else ticket.absent,
            shown=ticket.shown.union(logged.tickets) if logged.tickets else ticket.shown,
            whole=ticket.whole and gap is None,
            gap=ticket.gap or gap is not None,
        )
        return Judged(after, gap)

    @staticmethod
    def _unknown(strangers: Iterable[str], told: tuple[str, ...], logged: Logged) -> Gap | None:
        """The gap that items which no line creates show, by themselves or by who was told of them."""
        if strangers:
            message = f"the tickets show {_some(strangers)}, which no line creates; the log may begin later"
        elif told:
            message = f"{_some(told)} was told of what no line creates; the log may begin later"
        else:
            return None
        return Gap(logged=logged, reason=Reason.ITEM, message=message)

    @staticmethod
    def _skipped(ticket: Followed, logged: Logged) -> Gap:
        """What led from one status to another is left out, or all that was before."""
        status, before = ticket.world.status, logged.before
        if ticket.sure:
            message = f"the status was {status} and is {before} before this; what led there is not in the log"
            return Gap(logged=logged, reason=Reason.STEP, message=message)
        message = f"the log does not begin in {status}; the status is {before} before this"
        return Gap(logged=logged, reason=Reason.BEGIN, message=message)

    def _is_strange(self, ticket: Followed, event: Event) -> bool:
        """Whether an event is about an item of which nothing is known."""
        if event.item is None or event.action == CREATE:
            return False
        return event.item not in ticket.world.items and event.item not in ticket.absent

    def _strange(self, ticket: Followed, logged: Logged, gap: Gap | None) -> Judged:
        """A line about such an item; it is told once of each item."""
        name = logged.event.item
        assert name is not None
        if gap is None and name not in ticket.strangers:
            message = f"no line creates {name}; the log may begin later, or leaves its creation out"
            gap = Gap(logged=logged, reason=Reason.ITEM, message=message)
        return Judged(replace(ticket, strangers=ticket.strangers | {name}, whole=False, gap=True), gap, 0)

    def _elsewhere(self, ticket: Followed, logged: Logged) -> Judged | None:
        """A line that is illegal in the status in which the ticket seems to begin, but legal in another one."""
        event = logged.event
        if event.item in ticket.world.items:  # created in who knows which status
            return self._strange(Followed(world=World(ticket.world.status), sure=False, gap=True), logged, None)
        fits: list[tuple[Followed, Outcome]] = []
        for status in self.model.status_spec.states:
            there = replace(ticket, world=World(status), whole=False)
            outcome = step(self.model, there.world, event)
            if not any(self._apart(there, outcome, logged)):
                fits.append((there, outcome))
        if not fits:
            return None
        first, outcome = fits[0]
        statuses = listed(there.world.status for there, _ in fits)
        message = f"the rules have this in {statuses}, not in {ticket.world.status}; the log may begin later"
        judged = self._legal(first, outcome, logged, Gap(logged=logged, reason=Reason.BEGIN, message=message))
        assert judged.after is not None
        same = all(one.after == outcome.after for _, one in fits)
        return judged._replace(after=replace(judged.after, sure=same))

    def _illegal(self, logged: Logged, outcome: Outcome | None, apart: Mapping[str, tuple[str, str]]) -> Judged:
        rules: tuple[Rule, ...] = ()
        if outcome is not None:
            told = told_otherwise(outcome.notified, logged.notified or ())
            rules = tuple(blamed([outcome], Unlike(aspects=tuple(apart), items=_items(apart), told=told)))
        self.broken[rules[0].id if rules else NO_RULE] += 1
        return Judged(None, Illegal(model=self.model, logged=logged, outcome=outcome, rules=rules, apart=apart))

    def _misuse(self, ticket: Followed, logged: Logged) -> str | None:
        """Why an event makes no sense; an edit of what the rules do not know is none of theirs, and makes sense."""
        event = logged.event
        if event.item is None or (event.action != CREATE and event.item in ticket.absent):
            return None
        items = ticket.world.items.values()
        created = Created({item.name: (item.owner, item.original.kind) for item in items}, exact=True)
        action = Action(event.action, event.kind, event.item)
        known = event.item in created
        if event.action == EDIT and known and not event.fields:
            return None
        found = next(self._grammar.misuses(action, event.actor, created, event.fields), None)
        return None if found is None else found.sentence

    def _apart(self, known: Followed, outcome: Outcome, logged: Logged) -> Iterator[tuple[str, tuple[str, str]]]:
        refused = outcome.refused is not None
        if refused != bool(logged.refused):
            yield "refused", (outcome.refused or "not refused", "refused" if logged.refused else "not refused")
            return
        if logged.status is not None and logged.status != outcome.after.status:
            yield "status", (outcome.after.status, logged.status)
        due = sorted((*outcome.notified, *self._more_told(known, outcome, logged)))
        if logged.notified is not None and sorted(logged.notified) != due:
            yield "notified", (_few(outcome.notified), _few(logged.notified))
        strangers = known.strangers.union(self._newly_shown(known, outcome.after, logged))
        for partner, shown in (logged.tickets or {}).items():
            expected = ticket(self.model.vocabulary, outcome.after, partner)
            for name in dict.fromkeys((*expected, *shown)):
                one, other = expected.get(name), shown.get(name)
                if one is None and name in strangers:
                    continue
                if one is None or other is None:
                    yield f"{partner}'s {name}", (_there(one), _there(other))
                    continue
                for key, value in one.items():
                    if key in other and other[key] != value:
                        yield f"{partner}'s {name} {key}", (in_a_cell(value), in_a_cell(other[key]))

    @staticmethod
    def _more_told(known: Followed, outcome: Outcome, logged: Logged) -> tuple[str, ...]:
        """Who else was told of a new status: what items from before the log were due for can be that."""
        if known.whole or outcome.event.item is not None or logged.notified is None:
            return ()
        return tuple((Counter(logged.notified) - Counter(outcome.notified)).elements())

    @staticmethod
    def _newly_shown(known: Followed, world: World, logged: Logged) -> Iterator[str]:
        """Items that no line creates, on a ticket that is shown for the first time; on another it came of nothing."""
        for partner, shown in (logged.tickets or {}).items():
            if partner not in known.shown:
                yield from (name for name in shown if name not in world.items and name not in known.absent)

    def unseen(self) -> list[str]:
        """Rules that decided nothing in what was followed."""
        every = [t.id for t in self.model.status_spec.transitions]
        every += [row.id for lookup in self.model.tables.values() for row in lookup.table.rows]
        return [rule for rule in every if rule not in self.rules]


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


def _items(apart: Mapping[str, tuple[str, str]]) -> dict[tuple[str, str], frozenset[str]]:
    """The items that differ on each ticket, with what they show otherwise."""
    found: dict[tuple[str, str], set[str]] = {}
    for at in apart:
        partner, owned, rest = at.partition("'s ")
        if owned:
            name, _, shown = rest.partition(" ")
            found.setdefault((partner, name), set()).add(shown or APPEARANCE)
    return {place: frozenset(shown) for place, shown in found.items()}


def _there(shown: object) -> str:
    return "not there" if shown is None else "there"


def _some(names: Iterable[str]) -> str:
    found = sorted(names)
    return f"{', '.join(found[:MOST_NAMED])}{', ...' if len(found) > MOST_NAMED else ''}"


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"
