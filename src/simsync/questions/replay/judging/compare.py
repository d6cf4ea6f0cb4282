"""A line of a log held against what the rules do at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from simsync.engine.deciding import announce
from simsync.engine.model import Model
from simsync.engine.outcome import Outcome
from simsync.engine.view import shown, ticket
from simsync.engine.world import World
from simsync.policy.facts import CHANGES, NO_CHANGE
from simsync.questions.conform.systems.mapping import in_a_cell
from simsync.questions.replay.judging.desk_ids import Called, as_called, id_of
from simsync.questions.replay.judging.ticket import Followed, Illegal, Mismatch, Owed, View
from simsync.questions.replay.log.columns import Logged

KIND = "kind"
STATUS = "status"
THE_STATUS = ""
"""What the status that a partner's ticket shows is called among the items there."""
MOST_VIEWS = 16
"""How many states back a ticket may show of an item that is late."""

Accuse = Callable[[tuple[Mismatch, ...]], Illegal]


@dataclass(slots=True, kw_only=True)
class LineCompared:
    """What came of it: what is apart, what did not arrive (``owed``), what came late, and what is not known.

    ``strangers`` are unknown items on tickets that are shown for the first time, ``told`` those who may have been told
    of unknown items, and ``taken`` the ids that were taken for those of missing copies, each with our name; of
    ``doubtful`` items nobody knows whether they are there under another id. ``own`` are the product's own.
    """

    apart: list[Mismatch] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)
    arrived: list[Owed] = field(default_factory=list)
    overdue: list[Owed] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    told: tuple[str, ...] = ()
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    doubtful: set[tuple[str, str]] = field(default_factory=set)
    own: frozenset[str] = frozenset()


class LineComparison:
    """Holds one line against the rules' outcome.

    ``most`` is how many lines later things may arrive, None for any. ``more`` says who may have been told how often of
    items that are not known.
    """

    def __init__(
        self, model: Model, known: Followed, outcome: Outcome, most: int | None, more: Callable[[], Mapping[str, int]]
    ) -> None:
        self._model = model
        self._known = known
        self._outcome = outcome
        self._most = most
        self._more = more
        self._found = LineCompared()

    def of(self, logged: Logged, accuse: Accuse) -> LineCompared:
        """What comes of the comparison; ``accuse`` says what something is that never arrives."""
        outcome, found = self._outcome, self._found
        refused = outcome.refused is not None
        if refused != bool(logged.refused):
            log = "refused" if logged.refused else "not refused"
            found.apart.append(Mismatch("refused", outcome.refused or "not refused", log))
            return found
        if logged.status is not None and logged.status != outcome.after.status:
            found.apart.append(Mismatch("status", outcome.after.status, logged.status))
        found.owed = [self._older(one) for one in self._known.owed]
        if self._most != 0 and not refused:
            found.owed += self._arriving()
        self._notices(logged, accuse)
        for partner, status in logged.statuses.items():
            self._item(
                (partner, THE_STATUS),
                {STATUS: status_on(self._model, outcome.after, partner)},
                {STATUS: status},
                accuse,
            )
        for partner, view in (logged.tickets or {}).items():
            self._ticket(partner, dict(view), accuse)
        return found

    def _older(self, owed: Owed) -> Owed:
        """What a ticket may still show of an item that is late: also what was due before this step."""
        if owed.partner is None:
            return owed
        due = view_of(self._model, self._outcome.before, owed.partner, owed.what)
        return owed if due == owed.views[-1] else replace(owed, views=(*owed.views, due)[-MOST_VIEWS:])

    def _notices(self, logged: Logged, accuse: Accuse) -> None:
        outcome, found = self._outcome, self._found
        if logged.notified is None:
            return
        if sorted(logged.notified) == sorted(outcome.notified):
            found.overdue += (one for one in found.owed if one.partner is None and self._is_overdue(one))
            return
        due, said = Counter(outcome.notified), Counter(logged.notified)
        missing, extra = due - said, said - due
        for one in [one for one in found.owed if one.partner is None]:
            if extra[one.what] > 0:
                extra[one.what] -= 1
                found.owed.remove(one)
                found.arrived.append(one)
        found.told = tuple((extra & Counter(self._more())).elements()) if +extra else ()
        extra -= Counter(found.told)
        apart = Mismatch("notified", _few(outcome.notified), _few(logged.notified))
        if +extra or (missing and (self._most == 0 or not missing <= due - self._at_once())):
            found.apart.append(apart)
        elif missing:
            illegal = accuse((apart,))
            found.owed += (
                Owed(
                    partner=None, what=what, since=self._known.lines, steps=self._known.steps, views=(), illegal=illegal
                )
                for what in missing.elements()
            )
        waiting = (one for one in found.owed if one.partner is None)
        found.overdue += (one for one in waiting if self._is_overdue(one))

    def _is_overdue(self, owed: Owed) -> bool:
        return self._most is not None and self._known.lines - owed.since >= self._most

    def _arriving(self) -> Iterator[Owed]:
        """What changes on a ticket in this step, and not by the hand of the one whose ticket it is."""
        outcome, event, known = self._outcome, self._outcome.event, self._known
        waiting = {(one.partner, one.what) for one in known.owed}
        names = (event.item,) if event.item is not None else (THE_STATUS, *outcome.after.items)
        for name in names:
            for partner in self._model.vocabulary.partners:
                by_hand = event.actor == partner and name in (event.item, THE_STATUS)
                if (partner, name) in waiting or by_hand:
                    continue
                before = view_of(self._model, outcome.before, partner, name)
                if before != view_of(self._model, outcome.after, partner, name):
                    yield Owed(partner=partner, what=name, since=known.lines, steps=known.steps, views=(before,))

    def _at_once(self) -> Counter[str]:
        """Who is told of this step whatever arrives."""
        event, outcome = self._outcome.event, self._outcome
        change = event.action if event.action in CHANGES else NO_CHANGE
        phases = self._model.phase(outcome.before.status), self._model.phase(outcome.after.status)
        present = self._model.present(outcome.before, event.actor)
        return Counter(announce(self._model, event.actor, change, *phases, False, present)[0])

    def _ticket(self, partner: str, view: dict[str, View], accuse: Accuse) -> None:
        after, known, found = self._outcome.after, self._known, self._found
        expected = ticket(self._model.vocabulary, after, partner)
        if view == expected and not known.strangers and not any(who == partner for who, _ in known.unsure):
            waiting, found.owed = found.owed, []
            for one in waiting:
                if one.partner != partner or one.what == THE_STATUS:
                    found.owed.append(one)
                elif one.illegal is not None:
                    found.arrived.append(one)
            return
        unknown = [name for name in view if name not in after.items and name not in known.absent]
        self._missing(partner, expected, view, unknown)
        if partner not in known.shown:
            found.strangers.update(name for name in unknown if name in view)
        strangers = known.strangers | found.strangers
        late = (one.what for one in found.owed if one.partner == partner and one.what != THE_STATUS)
        for name in dict.fromkeys((*expected, *view, *late)):
            place = (partner, name)
            if (name not in expected and name in strangers) or place in known.unsure or place in found.doubtful:
                continue
            self._item(place, expected.get(name), view.get(name), accuse)

    def _item(self, place: tuple[str, str], one: View | None, other: View | None, accuse: Accuse) -> None:
        found = self._found
        apart = tuple(self._differences(place, one, other))
        owed = next((it for it in found.owed if (it.partner, it.what) == place), None)
        if owed is None:
            found.apart += apart
            return
        found.owed.remove(owed)
        if not apart:
            found.arrived += [owed] if owed.illegal is not None else []
        elif any(_fits(view, other) for view in owed.views):
            late = replace(owed, illegal=owed.illegal or accuse(apart))
            found.owed.append(late)
            found.overdue += [late] if self._is_overdue(late) else []
        else:
            found.apart += apart

    def _differences(self, place: tuple[str, str], one: View | None, other: View | None) -> Iterator[Mismatch]:
        partner, name = place
        at = f"{partner}'s {id_of(self._known.called, partner, name)}".rstrip()
        if one is None or other is None:
            if one is not other:
                yield Mismatch(at, _there(one), _there(other), place)
            return
        for key, value in one.items():
            if key in other and other[key] != value:
                yield Mismatch(f"{at} {key}", in_a_cell(value), in_a_cell(other[key]), place, key)

    def _missing(self, partner: str, expected: Mapping[str, View], view: dict[str, View], unknown: list[str]) -> None:
        """Take unknown items for missing copies where that can be told, and leave those open where it cannot."""
        known, found, items = self._known, self._found, self._outcome.after.items
        places = {name: (partner, name) for name in expected if name not in view and items[name].owner != partner}
        missing = [name for name, place in places.items() if place not in known.unsure and not self._seen(place)]
        fresh = [name for name in unknown if name not in known.strangers]
        touched = any(who == partner for who, _ in known.touched)
        alike = {name: [one for one in fresh if _fits(expected[name], view[one])] for name in missing}
        for name, ones in alike.items():
            rivals = [other for other in missing if other != name and set(alike[other]) & set(ones)]
            if len(ones) == 1 and not rivals and not touched and _telling(expected[name], view[ones[0]]):
                found.taken[partner, ones[0]] = name
                view[name] = view.pop(ones[0])
            elif ones or touched:
                found.doubtful.add((partner, name))
                found.strangers.update(ones)

    def _seen(self, place: tuple[str, str]) -> bool:
        """Whether it is known what a copy is called there, or that it has not arrived."""
        partner, name = place
        called = name in self._known.called.get(partner, {}).values()
        return called or (place in self._known.seen)


def view_of(model: Model, world: World, partner: str, name: str) -> View | None:
    """What a partner's ticket shows of an item, or of the status; None where it does not, or there is no such item."""
    if name == THE_STATUS:
        return {STATUS: status_on(model, world, partner)}
    item = world.items.get(name)
    return None if item is None else shown(model.vocabulary, item, partner)


def status_on(model: Model, world: World, key: str) -> str:
    """The status that a partner's ticket shows; of several machines the state of one, by its key."""
    return model.status_spec.parts(world.status).get(key, world.status)


def with_taken(called: Called, taken: Mapping[tuple[str, str], str]) -> Called:
    """The ids with those that were taken for copies'."""
    for (partner, theirs), name in taken.items():
        called = as_called(called, partner, theirs, name)
    return called


def _fits(view: View | None, other: View | None) -> bool:
    if view is None or other is None:
        return view is other
    return all(other[key] == value for key, value in view.items() if key in other)


def _telling(expected: View, other: View) -> bool:
    """Whether it shows enough to tell that: more than its kind."""
    return any(key in other and value not in ("", True, False) for key, value in expected.items() if key != KIND)


def _there(view: View | None) -> str:
    return "not there" if view is None else "there"


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"
