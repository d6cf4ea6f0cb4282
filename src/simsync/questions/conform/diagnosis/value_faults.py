"""Values that become others in a system: what would explain what it shows, and what a mapping says to that."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple, cast

from simsync.engine.model import Model
from simsync.inline_yaml import inline_yaml
from simsync.policy.facts import CHANGES
from simsync.policy.policy import Shown, Value
from simsync.questions.conform.diagnosis.behaviour import NOTIFIED, STATUS, Behaviour, Stage, ValueFault
from simsync.questions.conform.diagnosis.conformity import Explanation
from simsync.questions.conform.diagnosis.texts import alterations, misread
from simsync.questions.conform.driven import Driven
from simsync.questions.conform.fault_localization import KIND
from simsync.questions.conform.systems.mapping import Names, Scalar

IS = {Stage.STORED: "is stored", Stage.CARRIED: "arrives", Stage.SHOWN: "is shown", Stage.UNSAID: "is"}
WERE = {Stage.STORED: "were stored", Stage.CARRIED: "arrived", Stage.SHOWN: "were shown", Stage.UNSAID: "were"}
ROUND = "the other way round"
UNSAID = "where an action does not say"

Swap = Mapping[Value, Value]


class Scope(NamedTuple):
    """Where values become others; None for everywhere."""

    partner: str | None = None
    kind: str | None = None
    action: str | None = None


class ValueDifference(NamedTuple):
    """A value of a field that was expected on a ticket, and the one that was found."""

    field: str
    expected: Value
    actual: object


def differences(model: Model, driven: Driven) -> Iterator[ValueDifference]:
    """The values that differ on tickets after the last step, of items that are on both sides."""
    divergence = driven.divergence
    assert divergence is not None
    shows = {show.name: show for show in model.vocabulary.shows}
    for partner, name in divergence.unlike.items:
        one, other = (
            seen.shown.tickets.get(partner, {}).get(name) for seen in (divergence.expected, divergence.actual)
        )
        if one is None or other is None:
            continue
        for key in shows:
            if key not in one or key not in other:
                continue
            expected, actual = (_of_field(shows[key], side[key]) for side in (one, other))
            free = not model.vocabulary.fields[shows[key].field].values
            if expected is not None and (free or actual is not None) and expected != actual:
                yield ValueDifference(shows[key].field, expected, other[key] if free else actual)


def _of_field(show: Shown, value: object) -> Value | None:
    """The value of the field that is shown; None for what is no value of any field."""
    if show.negated:
        return (not value) if isinstance(value, bool) else None
    return value if isinstance(value, str | bool) else None


class Twisted(NamedTuple):
    """A behaviour that makes other values of some, and what to say of it."""

    behaviour: Behaviour
    explanation: Explanation


def twisted(model: Model, names: Names, diverging: Iterable[Driven], shortest: Sequence[Driven]) -> Iterator[Twisted]:
    """What values may become, by what differs: everywhere first, then on one ticket, of one kind, or both."""
    diverging = list(diverging)
    everywhere = [one for driven in diverging for one in differences(model, driven)]
    mapping = _Mapping(model, names, frozenset(name for driven in diverging for name in _seen(driven)))
    near = {repr(one): one for driven in shortest for one in differences(model, driven)}.values()
    yield from _of_names(model, diverging)
    kinds, partners = model.vocabulary.kinds, model.vocabulary.partners
    scopes = [Scope(), *(Scope(partner=p) for p in partners), *(Scope(kind=k) for k in kinds)]
    scopes += [Scope(action=change) for change in CHANGES[:2]]
    scopes += [Scope(partner=p, kind=k) for p, k in product(partners, kinds)]
    for scope in scopes:
        for field in dict.fromkeys(one.field for one in near):
            if model.vocabulary.fields[field].values:
                same = [one for one in everywhere if one.field == field]
                found = {one.expected: one.actual for one in same if isinstance(one.actual, str | bool)}
                yield from _of_values(model, mapping, field, found, scope)
            else:
                pairs = [one for one in near if one.field == field]
                yield from _of_texts(model, field, pairs, scope)


def _of_texts(model: Model, field: str, pairs: Iterable[ValueDifference], scope: Scope) -> Iterator[Twisted]:
    seen: dict[str, Callable[[str], object]] = {}
    for _, expected, actual in pairs:
        if isinstance(expected, str):
            found = alterations(expected, actual) if isinstance(actual, str) else misread(expected, actual)
            seen |= dict[str, Callable[[str], object]](found)
    for about, alter in seen.items():

        def turn(value: Value, alter: Callable[[str], object] = alter) -> Value:
            return cast("Value", alter(value)) if isinstance(value, str) else value

        for place in (Stage.STORED,) if scope.action else (Stage.STORED, Stage.CARRIED, Stage.SHOWN):
            twist = ValueFault(place=place, field=field, turn=turn, **scope._asdict())
            yield _told(model, (twist,), about, "")


def _of_values(model: Model, mapping: _Mapping, field: str, found: Swap, scope: Scope) -> Iterator[Twisted]:
    """Stored or shown as was seen; two values exchanged, in what is stored, what is shown, or in both; by default."""
    values = model.vocabulary.fields[field].values
    known = {one: other for one, other in found.items() if one in values and other in values}
    swaps: list[Swap] = [{one: other, other: one} for one, other in combinations(values, 2)]
    for swap in (known, *(one for one in swaps if one != known)) if known else swaps:

        def turn(value: Value, swap: Swap = swap) -> Value:
            return swap.get(value, value)

        about = ROUND if len(values) == 2 and len(swap) == 2 else _listed(swap)
        for places in ((Stage.STORED,), *(() if scope.action else ((Stage.SHOWN,), (Stage.STORED, Stage.SHOWN)))):
            twists = tuple(ValueFault(place=place, field=field, turn=turn, **scope._asdict()) for place in places)
            hint = mapping.of(field, swap, places) if scope == Scope() else ""
            yield _told(model, twists, about, hint)
    default = model.vocabulary.fields[field].default
    for other in values:
        if other != default:
            twist = ValueFault(place=Stage.UNSAID, field=field, turn=_always(other), **scope._asdict())
            yield _told(model, (twist,), f"{inline_yaml(other)} {UNSAID}", "")


def _always(value: Value) -> Callable[[Value], Value]:
    return lambda _: value


def _listed(swap: Swap) -> str:
    return "otherwise: " + ", ".join(f"{inline_yaml(one)} as {inline_yaml(other)}" for one, other in swap.items())


def _of_names(model: Model, diverging: Sequence[Driven]) -> Iterator[Twisted]:
    """What is called by a name that the rules do not know, in the place of one that they do."""
    words = model.vocabulary
    known: Mapping[str, Iterable[str]] = {
        KIND: words.kinds,
        STATUS: model.status_spec.states,
        NOTIFIED: words.recipients,
    }
    found: dict[str, dict[Value, Value]] = {what: {} for what in known}
    for driven in diverging:
        for what, ours, theirs in _strange(driven):
            if ours in known[what] and theirs not in known[what]:
                found[what].setdefault(ours, theirs)
    for what, names in found.items():
        if names:
            pairs = [f"{inline_yaml(ours)} {{}} called {inline_yaml(theirs)}" for ours, theirs in names.items()]
            is_, were = (" and ".join(pairs).replace("{}", verb) for verb in ("is", "were"))
            twist = ValueFault(place=Stage.NAMED, field=what, turn=_by(names))
            key = {KIND: "kinds", STATUS: "statuses", NOTIFIED: "recipients"}[what]
            explanation = Explanation(about=f"as if {were}", head=is_, hint=f"{key}: {_written(names)}")
            yield Twisted(Behaviour(model, (twist,)), explanation)


def _by(names: Swap) -> Callable[[Value], Value]:
    return lambda name: names.get(name, name)


def _strange(driven: Driven) -> Iterator[tuple[str, str, str]]:
    """Names in the place of others, after the last step."""
    divergence = driven.divergence
    assert divergence is not None
    expected, actual = divergence.expected.shown, divergence.actual.shown
    if len(set(actual.statuses.values())) <= 1:
        yield STATUS, expected.status, actual.status
    for partner, items in expected.tickets.items():
        there = actual.tickets.get(partner, {})
        yield from ((KIND, str(view[KIND]), str(there[n].get(KIND))) for n, view in items.items() if n in there)
    one, other = Counter(expected.notified or ()), Counter(actual.notified or ())
    missing, surplus = list((one - other).elements()), list((other - one).elements())
    if len(missing) == len(surplus) == 1:
        yield NOTIFIED, missing[0], surplus[0]


def _told(model: Model, twists: tuple[ValueFault, ...], about: str, hint: str) -> Twisted:
    one = twists[0]
    where = f" on {one.partner}'s {model.words.ticket}" if one.partner else ""
    facts = (("kind", one.kind), ("change", one.action))
    said_of = " and ".join(f"{fact} is {value}" for fact, value in facts if value)
    where += f" where {said_of}" if said_of else ""
    if len(twists) > 1:
        head, said = f"{one.field} is called {about}{where}", f"as if {one.field} were called {about}{where}"
    else:
        head = f"{one.field} {IS[one.place]} {about}{where}"
        said = f"as if {one.field} {WERE[one.place]} {about}{where}"
    return Twisted(Behaviour(model, twists), Explanation(about=said, head=head, hint=hint))


class _Mapping(NamedTuple):
    """Writes what ``--map`` says, beside what it says already; ``seen`` is what tickets show."""

    model: Model
    names: Names
    seen: frozenset[str]

    def of(self, field: str, swap: Swap, places: Sequence[Stage]) -> str:
        """For a system that has other values of a field; empty where two of theirs would be one of ours."""
        words = self.model.vocabulary
        values = words.fields[field].values
        becomes = {one: swap.get(one, one) for one in values}
        if len(set(becomes.values())) < len(values):
            return ""
        asked = {other: one for one, other in becomes.items()}
        theirs: Mapping[Value, Scalar] = self.names.values.get(field, {})
        said: dict[str, dict[Value, Scalar]] = {}
        if Stage.STORED in places:
            said[field] = {one: theirs.get(asked[one], asked[one]) for one in values}
        shows = [show for show in words.shows if show.field == field and show.name in self.seen]
        for show in shows if len(places) == 1 else ():
            shown = self.names.values.get(show.name, theirs)
            turned = becomes if Stage.SHOWN in places else {one: one for one in values}
            if show.negated:
                turned = {not one: not other for one, other in turned.items()}
            read = {one: shown.get(turned[one], turned[one]) for one in values}
            if said.setdefault(show.name, read) != read:  # one name for what is asked and what is shown
                return ""
        return "values: {" + ", ".join(f"{inline_yaml(name)}: {_written(one)}" for name, one in said.items()) + "}"


def _seen(driven: Driven) -> Iterator[str]:
    """The names of what a system shows of items."""
    tickets = driven.divergence.actual.shown.tickets if driven.divergence is not None else {}
    return (name for items in tickets.values() for view in items.values() for name in view)


def _written(values: Mapping[Value, Scalar]) -> str:
    return "{" + ", ".join(f"{inline_yaml(one)}: {_scalar(other)}" for one, other in values.items()) + "}"


def _scalar(value: Scalar) -> str:
    return inline_yaml(value) if isinstance(value, str | bool) else json.dumps(value)
