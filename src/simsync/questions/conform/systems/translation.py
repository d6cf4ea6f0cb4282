"""Between a policy's names and a system's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from simsync.engine.actions import Grammar
from simsync.engine.model import Model
from simsync.engine.view import View, ticket
from simsync.engine.world import Event, World
from simsync.policy.words import Noun
from simsync.questions.conform.driven import Observed, Trouble
from simsync.questions.conform.systems.mapping import SAME, SYSTEM, Names, Scalar
from simsync.questions.conform.systems.own_items import Made
from simsync.questions.conform.systems.protocol import NOTIFIED, Json, ShownNames, SystemFault, excerpt

T = TypeVar("T")


class Translation:
    """Says requests in a system's names, and reads what it shows in ours."""

    def __init__(self, model: Model, names: Names = SAME) -> None:
        words = model.vocabulary
        self.names = names
        self._partners = NameReader(names.partners)
        self._kinds = NameReader(names.kinds)
        self._statuses = NameReader(names.statuses, model.policy.status.aliases)
        self._recipients = NameReader(names.recipients)
        self._known, self._words = words.partners, words.words
        self._shown = {show.name: names.shown.get(show.name, show.name) for show in words.shows}
        self._values = {
            show.name: NameReader(names.values.get(show.name, names.values.get(show.field, {}))) for show in words.shows
        }
        shown_before = [show.field for show in words.shows]
        self._optional = {s.name for n, s in enumerate(words.shows) if s.field in shown_before[:n]}
        self._unseen = set(names.unseen)
        self._flagged = SYSTEM not in self._shown.values()
        spec = self._spec = model.policy.status
        self._keys = tuple(spec.parts(spec.initial)) or tuple(words.partners)
        self._having = {name: spec.phases[model.phase(name)].tickets for name in spec.states}
        self._nothing_made = Made(model, names.own)
        self._grammar = Grammar(model.factory)

    def request(self, event: Event, ids: Mapping[str, str]) -> Json:
        """The request for an event; ``ids`` are the system's own for items."""
        names = self.names
        actor = names.partners.get(event.actor, event.actor)
        request: Json = {"op": "act", "actor": actor, "action": names.actions.get(event.action, event.action)}
        if event.item is None:
            return request
        if event.kind is not None:
            request["kind"] = names.kinds.get(event.kind, event.kind)
        request["item"] = ids.get(event.item, event.item)
        request["fields"] = {names.fields.get(n, n): names.values.get(n, {}).get(v, v) for n, v in event.fields.items()}
        return request

    def status(self, status: str) -> Scalar | dict[str, Scalar]:
        """The system's name of a status; of several status machines, that of each by its partner or name."""
        names = self.names.statuses
        parts = self._spec.parts(status)
        return {self.names.partners.get(key, key): names.get(one, one) for key, one in parts.items()} or names.get(
            status, status
        )

    def read(self, shown: ShownNames, ids: Mapping[str, str], made: Made | None = None) -> Observed:
        """What is shown, in our names, but for the product's own items; ``ids`` as for a request.

        ``made`` is what actions made; nothing where it is not given.

        Raises :class:`SystemFault` where it shows what could be read in two ways, a ticket of nobody, or a number for a
        name that has none.
        """
        items = NameReader(ids)
        tickets = _each_apart(self._partners, shown.tickets, "ticket")
        if strange := [partner for partner in tickets if partner not in self._known]:
            raise self._of_nobody(self._words.ticket, strange[0])
        told = shown.notified
        statuses = self._statuses_of(shown.status) if isinstance(shown.status, Mapping) else {}
        own: set[str] = set()
        return Observed(
            status=_in_words(statuses)
            if isinstance(shown.status, Mapping)
            else _name(self._statuses, shown.status, "a text as 'status'"),
            tickets={
                partner: self._items(_each_apart(items, views, "item"), made or self._nothing_made, own)
                for partner, views in tickets.items()
            },
            notified=None
            if told is None
            else tuple(sorted(_name(self._recipients, one, "a list of texts as 'notified'") for one in told)),
            statuses=statuses,
            own=frozenset(own),
        )

    def views(self, shown: ShownNames, ids: Mapping[str, str]) -> dict[str, dict[str, dict[str, object]]]:
        """What each partner's ticket shows, in our names, whoever made it."""
        items = NameReader(ids)
        return {
            partner: {name: self._view(view) for name, view in _each_apart(items, views, "item").items()}
            for partner, views in _each_apart(self._partners, shown.tickets, "ticket").items()
        }

    def _of_nobody(self, what: Noun, name: str) -> SystemFault:
        known = f"the {self._words.partner.many} are {', '.join(self._known)}"
        return SystemFault(Trouble.PROTOCOL, f"it shows {what.a} of '{excerpt(name)}'; {known}")

    def _statuses_of(self, shown: Mapping[str, Any]) -> dict[str, str]:
        """Each partner's status; none for one who has no ticket."""
        statuses = _each_apart(self._partners, shown, "ticket")
        if strange := [key for key in statuses if key not in self._keys]:
            raise self._of_nobody(self._words.status, strange[0])
        return {
            key: _name(self._statuses, statuses[key], f"a text as each {self._words.partner}'s 'status'")
            for key in self._keys
            if statuses.get(key) is not None
        }

    def _items(
        self, shown: Mapping[str, Mapping[str, object]], made: Made, own: set[str]
    ) -> dict[str, dict[str, object]]:
        """What a ticket shows but for the product's own items, which are added to ``own``."""
        views = {name: self._view(view) for name, view in shown.items()}
        kept: dict[str, dict[str, object]] = {}
        for name, view in views.items():
            says = self._flagged and shown[name].get(SYSTEM) is True
            if made.is_own(name, view, views, says=says):
                own.add(name)
            else:
                kept[name] = view
        return kept

    def _view(self, view: Mapping[str, object]) -> dict[str, object]:
        ours: dict[str, object] = {}
        if "kind" in view:
            ours["kind"] = self._kinds(view["kind"])
        for name, theirs in self._shown.items():
            if theirs in view:
                ours[name] = self._values[name](view[theirs])
        return ours

    def recipients(self, told: Iterable[object]) -> list[str]:
        """Who was notified, in our names."""
        return [str(self._recipients(one)) for one in told]

    def needed(self, name: str) -> bool:
        """Whether a ticket has to show something: what repeats another may be missing, and what is not looked at."""
        return name not in self._unseen and name not in self._optional

    def state_of(self, shown: Observed) -> str | None:
        """The status of the rules that is shown, of several machines all of them; None where it is none."""
        if self._spec.parts(self._spec.initial):
            return self._spec.at(shown.statuses) if set(self._keys) <= shown.statuses.keys() else None
        return shown.status if shown.status in self._spec.states else None

    def tells(self, observed: Observed) -> bool:
        """Whether it has to say, and did, who was notified."""
        return observed.notified is not None or NOTIFIED in self._unseen

    def expected(self, model: Model, world: World, notified: tuple[str, ...]) -> Observed:
        """What a system that follows the model shows."""
        words = model.vocabulary
        tickets = {partner: ticket(words, world, partner) for partner in words.partners}
        if model.item_consequences or model.step_consequences:
            tickets = {partner: self._but_for_texts(model, views) for partner, views in tickets.items()}
        return Observed(
            status=world.status,
            tickets=tickets,
            notified=tuple(sorted(notified)),
        )

    def _but_for_texts(self, model: Model, views: Mapping[str, View]) -> dict[str, View]:
        """The views without the texts that the product itself wrote: these are the product's to choose."""
        grammar, fields = self._grammar, model.vocabulary.fields
        texts = {show.name: show.field for show in model.vocabulary.shows if not fields[show.field].values}
        kept: dict[str, View] = {}
        for name, view in views.items():
            made = grammar.made_by_rules(name, views)
            if made is None:
                kept[name] = view
                continue
            written = {f: fields[f].default for f in texts.values()} | dict(made.fields)
            kept[name] = {n: value for n, value in view.items() if n not in texts or written.get(texts[n]) != value}
        return kept

    def aspects(self, expected: Observed, actual: Observed) -> tuple[str, ...]:
        """What is shown otherwise than expected, as far as it can be seen: status, partners' tickets, who was told."""
        found = ["status"] if self.statuses_unlike(expected.status, actual) else []
        for partner, items in expected.tickets.items():
            shown = actual.tickets.get(partner, {})
            if items.keys() != shown.keys() or any(self.differing(view, shown[name]) for name, view in items.items()):
                found.append(partner)
        seen = actual.notified is not None and NOTIFIED not in self._unseen
        return (*found, NOTIFIED) if seen and expected.notified != actual.notified else tuple(found)

    def statuses_unlike(self, expected: str, actual: Observed) -> dict[str, str | None]:
        """The statuses that are not as expected, by the partner whose ticket shows them; by "" where there is one.

        A partner who has no ticket need not show any.
        """
        if not actual.statuses:
            return {} if actual.status == expected else {"": actual.status}
        parts = self._spec.parts(expected) if expected in self._spec.states else {}
        if parts:  # what is not shown is not judged
            return {key: one for key, one in actual.statuses.items() if one != parts[key]}
        having = self._having.get(expected, self._known)
        shown = {partner: actual.statuses.get(partner) for partner in self._known}
        return {p: status for p, status in shown.items() if status != expected and (status is not None or p in having)}

    def statuses_told(self, expected: str, actual: Observed) -> str:
        """The statuses that are not as expected, in words."""
        found = self.statuses_unlike(expected, actual)
        noun = self._words.status
        return " and ".join(
            f"{f'{partner}{chr(39)}s' if partner else 'the'} {noun} is {'not shown' if one is None else excerpt(one)}"
            for partner, one in found.items()
        )

    def differing(self, view: Mapping[str, object], shown: Mapping[str, object]) -> list[str]:
        """The names of what an item shows otherwise than expected; what repeats another may be missing."""
        return [
            name
            for name, value in view.items()
            if not _equal(value, shown.get(name))
            and name not in self._unseen
            and not (name not in shown and name in self._optional)
        ]


class NameReader:
    """Reads a system's names as ours. What the system should have called otherwise is read as nothing of ours."""

    def __init__(self, names: Mapping[Any, object], aliases: Mapping[str, str] = MappingProxyType({})) -> None:
        self._ours: dict[str, object] = {_key(alias): ours for alias, ours in aliases.items()}
        self._ours |= {_key(ours): f"{ours}, by a name that it should not have" for ours in names}
        self._ours |= {_key(theirs): ours for ours, theirs in names.items()}

    def __call__(self, theirs: object) -> object:
        """What it is in our names."""
        return self._ours.get(_key(theirs), theirs) if self._ours else theirs


def _each_apart(read: NameReader, shown: Mapping[str, T], what: str) -> dict[str, T]:
    """What is shown under each name, in our names; no two may be the same."""
    found: dict[str, T] = {}
    for theirs, one in shown.items():
        ours = str(read(theirs))
        if ours in found:
            raise SystemFault(Trouble.PROTOCOL, f"it shows two that are the {what} '{excerpt(ours)}'")
        found[ours] = one
    return found


def _name(read: NameReader, theirs: object, wanted: str) -> str:
    """A name, in our names."""
    ours = read(theirs)
    if not isinstance(ours, str):
        message = f"{wanted} is wanted, not the number {theirs}, for which the mapping has no name"
        raise SystemFault(Trouble.PROTOCOL, message)
    return ours


def _in_words(statuses: Mapping[str, str]) -> str:
    """The one status of all tickets, or each by its partner."""
    if len(set(statuses.values())) == 1:
        return next(iter(statuses.values()))
    return ", ".join(f"{partner}: {status}" for partner, status in statuses.items())


def _equal(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _turned(names: Mapping[str, str]) -> dict[str, str]:
    return {theirs: ours for ours, theirs in names.items()}


def _key(value: object) -> str:
    """A JSON value as a key: 1, true and "1" are three different ones."""
    return f'"{value}' if isinstance(value, str) else json.dumps(value, sort_keys=True)
