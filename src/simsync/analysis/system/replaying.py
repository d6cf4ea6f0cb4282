"""A log held against the rules, ticket by ticket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simsync.analysis.system.blame import APPEARANCE, Rule, Unlike, blamed, told_otherwise
from simsync.core.actions import Action, Created, Grammar
from simsync.core.facts import EDIT
from simsync.core.model import Model
from simsync.core.outcome import Outcome
from simsync.core.step import step
from simsync.core.view import ticket
from simsync.model.log import Logged
from simsync.model.world import World

NO_RULE = "(no rule: it makes no sense there)"


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


class Replay:
    """Follows one ticket at a time. What it counts is by rule: how often each decided something that was legal."""

    def __init__(self, model: Model, begins: str | None) -> None:
        self.model = model
        self.begins = begins or model.status_spec.initial
        self.rules: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self._grammar = Grammar(model.workshop)

    def follow(self, world: World | None, logged: Logged) -> World | Illegal:
        """The world after a line; ``world`` None for a ticket that is seen for the first time."""
        world = world or World(logged.before or self.begins)
        if logged.before is not None and logged.before != world.status:
            return self._illegal(logged, None, {"status before": (world.status, logged.before)})
        misuse = self._misuse(world, logged)
        if misuse is not None:
            return self._illegal(logged, None, {"the action": (misuse, str(logged.event))})
        outcome = step(self.model, world, logged.event)
        apart = dict(self._apart(outcome, logged))
        if apart:
            return self._illegal(logged, outcome, apart)
        self.rules.update(outcome.rules)
        if logged.event.kind is not None:
            self.kinds[logged.event.kind] += 1
        return outcome.after

    def _illegal(self, logged: Logged, outcome: Outcome | None, apart: Mapping[str, tuple[str, str]]) -> Illegal:
        rules: tuple[Rule, ...] = ()
        if outcome is not None:
            told = told_otherwise(outcome.notified, logged.notified or ())
            rules = tuple(blamed([outcome], Unlike(aspects=tuple(apart), items=_items(apart), told=told)))
        self.broken[rules[0].id if rules else NO_RULE] += 1
        return Illegal(model=self.model, logged=logged, outcome=outcome, rules=rules, apart=apart)

    def _misuse(self, world: World, logged: Logged) -> str | None:
        """Why an event makes no sense; an edit of what the rules do not know is none of theirs, and makes sense."""
        event = logged.event
        if event.item is None:
            return None
        created: Created = {name: (item.owner, item.original.kind) for name, item in world.items.items()}
        action = Action(event.action, event.kind, event.item)
        known = event.item in created
        if event.action == EDIT and known and not event.fields:
            return None
        found = next(self._grammar.misuses(action, event.actor, created, event.fields), None)
        return None if found is None else found.sentence

    def _apart(self, outcome: Outcome, logged: Logged) -> Iterator[tuple[str, tuple[str, str]]]:
        refused = outcome.refused is not None
        if refused != bool(logged.refused):
            yield "refused", (outcome.refused or "not refused", "refused" if logged.refused else "not refused")
            return
        if logged.status is not None and logged.status != outcome.after.status:
            yield "status", (outcome.after.status, logged.status)
        if logged.notified is not None and sorted(logged.notified) != sorted(outcome.notified):
            yield "notified", (_few(outcome.notified), _few(logged.notified))
        for partner, shown in (logged.tickets or {}).items():
            expected = ticket(self.model.vocabulary, outcome.after, partner)
            for name in dict.fromkeys((*expected, *shown)):
                one, other = expected.get(name), shown.get(name)
                if one is None or other is None:
                    yield f"{partner}'s {name}", (_there(one), _there(other))
                    continue
                for key, value in one.items():
                    if key in other and other[key] != value:
                        yield f"{partner}'s {name} {key}", (str(value), str(other[key]))

    def unseen(self) -> list[str]:
        """Rules that decided nothing in what was followed."""
        every = [t.id for t in self.model.status_spec.transitions]
        every += [row.id for lookup in self.model.tables.values() for row in lookup.table.rows]
        return [rule for rule in every if rule not in self.rules]


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


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "nobody"
