"""The files that go with a system under test: what it calls things, and the deviations that are known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from simsync.engine.model import Model
from simsync.errors import Code, SimsyncError, listed, not_among
from simsync.policy.facts import CHANGES
from simsync.policy.loading.hints import Hint
from simsync.policy.loading.naming import Name
from simsync.policy.loading.nodes import MappingNode, Node, Problems, ScalarNode, SequenceNode, compose, read_bytes
from simsync.policy.loading.shapes import (
    BAD,
    Choice,
    Flag,
    Got,
    Key,
    ListOf,
    MapOf,
    Number,
    Record,
    Schema,
    Shape,
    Text,
    described,
    written,
    wrong,
)
from simsync.policy.policy import Policy, Value
from simsync.policy.source import Span
from simsync.questions.conform.systems.abilities import Deeds, as_schema
from simsync.questions.conform.systems.deviation import Deviation
from simsync.questions.conform.systems.mapping import Names
from simsync.questions.conform.systems.protocol import ABILITIES

KeyOf = Callable[[object], str]
"""By what a name of theirs is told from another."""
NOTIFIED = "notified"
IGNORED = "ignored"


@dataclass(frozen=True)
class AnyScalar:
    """A text, a number or a boolean, as the other system writes it in JSON."""

    def read(self, node: Node, problems: Problems) -> Any:
        value = written(node) if isinstance(node, ScalarNode) else None
        if value is None:
            return wrong(node, problems, "a text, a number, true or false")
        if isinstance(value, Number):
            try:
                return json.loads(value)
            except ValueError:
                return str(value)
        return value

    def schema(self) -> Schema:
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True)
class WholeNumber:
    """A whole number from 1 on."""

    about: str = ""

    def read(self, node: Node, problems: Problems) -> Any:
        value = written(node) if isinstance(node, ScalarNode) else None
        if not isinstance(value, Number) or not value.isascii() or not value.isdecimal() or not 0 < int(value) < 10**9:
            return wrong(node, problems, "a whole number from 1 on")
        return int(value)

    def schema(self) -> Schema:
        return described({"type": "integer", "minimum": 1}, self.about)


class OwnItems:
    """Which items, made by no action, are the product's own: all of them, or those that show something."""

    def __init__(self, policy: Policy) -> None:
        words = policy.vocabulary
        fields = {show.name: words.fields[show.field] for show in words.shows}
        shows: dict[str, Shape] = {
            name: Choice(f"a value of '{name}'", field.values) if field.values else Text()
            for name, field in fields.items()
        }
        shows["kind"] = Choice("a kind", words.kinds)
        self._all = Choice("what becomes of them", (IGNORED,))
        self._some = ListOf(MapOf("what such an item shows", Text(), tuple(shows), shows), least=1)

    def read(self, node: Node, problems: Problems) -> Any:
        if isinstance(node, SequenceNode):
            return self._some.read(node, problems)
        if not isinstance(node, ScalarNode):
            return wrong(node, problems, f"'{IGNORED}', or a list of what such items show,")
        return BAD if self._all.read(node, problems) is BAD else ({},)

    def schema(self) -> Schema:
        about = "items that no action made are the product's own: all of them, or those that show something"
        return described({"anyOf": [self._all.schema(), self._some.schema()]}, about)


class Inability:
    """Something that a system cannot do: an action, by whom and on whose items, or what else it may be able to do."""

    def __init__(self, policy: Policy, triggers: Iterable[str]) -> None:
        self._deeds = Deeds(policy.vocabulary, triggers)
        self._words = policy.vocabulary

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, ScalarNode):
            return wrong(node, problems, "an action")
        if node.value in ABILITIES or self._deeds.read(node.value) is not None:
            return node.value
        message = not_among("an action", node.value, [*self._deeds.plain, *ABILITIES])
        problems.at(node, Code.UNKNOWN_NAME, message)
        return BAD

    def schema(self) -> Schema:
        return dict(as_schema(self._words, self._deeds.plain, ABILITIES))


@dataclass(frozen=True)
class Day:
    """A day, as YYYY-MM-DD."""

    def read(self, node: Node, problems: Problems) -> Any:
        try:
            return date.fromisoformat(node.value if isinstance(node, ScalarNode) else "")
        except ValueError:
            return wrong(node, problems, "a day, as in 2027-06-30,")

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}


@dataclass(frozen=True)
class OneName:
    """A name that is said to a system, so that there is but one."""

    shape: Shape

    def read(self, node: Node, problems: Problems) -> Any:
        if isinstance(node, SequenceNode):
            return wrong(
                node, problems, "one name", Hint("; it is said to the system, and only a log may have several", "")
            )
        return self.shape.read(node, problems)

    def schema(self) -> Schema:
        return self.shape.schema()


def _statuses(policy: Policy) -> tuple[str, ...]:
    """Every status that has a name: of several machines the states of each, too."""
    of_each = (state for states in policy.status.states_of_each.values() for state in states)
    return tuple(dict.fromkeys((*policy.status.states, *of_each)))


def mapping_shape(policy: Policy, named: Callable[[Shape], Shape] = OneName) -> Record:
    """What a mapping file may say, in a policy's names; ``named`` is how many of theirs may stand for one of ours."""
    words = policy.vocabulary
    triggers = dict.fromkeys(t.trigger for t in policy.transitions(policy.status))
    shown = [show.name for show in words.shows]
    valued = {name: field.values for name, field in words.fields.items() if field.values}
    valued |= {show.name: valued[show.field] for show in words.shows if show.field in valued}
    values = {
        name: MapOf(f"the values of '{name}'", named(AnyScalar()), tuple(word(one) for one in allowed))
        for name, allowed in valued.items()
    }

    text = Name("the other side")

    def renamed(what: str, names: Any, shape: Shape = text) -> Key:
        return Key(MapOf(what, shape, tuple(names)))

    def valued_as(what: str, names: Any) -> Key:
        return Key(MapOf(what, named(AnyScalar()), tuple(names)))

    return Record(
        "a mapping file",
        {
            "partners": renamed("the partners", words.partners, named(text)),
            "kinds": valued_as("the kinds", words.kinds),
            "fields": renamed("the fields", words.fields),
            "shown": renamed("what a ticket shows", shown),
            "values": Key(MapOf("the values", Text(), tuple(values), values)),
            "statuses": valued_as("the statuses", _statuses(policy)),
            "actions": renamed("the actions", (*CHANGES, *triggers), named(text)),
            "recipients": valued_as("the recipients", words.recipients),
            "ids": Key(Flag("the system gives each new item an id of its own")),
            "longest text": Key(WholeNumber("characters that a text can have")),
            "own items": Key(OwnItems(policy)),
            "cannot": Key(ListOf(Inability(policy, triggers), "what the system cannot do", or_one=True)),
            "unseen": Key(ListOf(Choice("something shown", (*shown, NOTIFIED)), or_one=True)),
        },
    )


def word(value: Value) -> str:
    """A value as a mapping file writes it."""
    return ("true" if value else "false") if isinstance(value, bool) else value


def _names_of(got: Mapping[str, Any], policy: Policy) -> Names:
    """The names that a mapping file gives."""
    fields = dict(policy.vocabulary.fields)
    fields |= {show.name: fields[show.field] for show in policy.vocabulary.shows}
    values = {
        name: {one: theirs[word(one)] for one in fields[name].values if word(one) in theirs}
        for name, theirs in got.get("values", {}).items()
    }
    plain = ("partners", "kinds", "fields", "shown", "statuses", "actions", "recipients")
    named: dict[str, Any] = {key: dict(got.get(key, {})) for key in plain}
    return Names(
        **named,
        values=values,
        cannot=got.get("cannot", ()),
        unseen=got.get("unseen", ()),
        ids=got.get("ids", False),
        longest=got.get("longest text"),
        own=tuple(dict(one) for one in got.get("own items", ())),
    )


def check_distinct(got: Got, problems: Problems, policy: Policy, key: KeyOf) -> None:
    """Report names of theirs that stand for two of ours, where what they say could then be read in two ways.

    What is not named is called as it is here. Of what a ticket shows, two may come from one: each is read by itself.
    """
    words = policy.vocabulary
    triggers = [t.trigger for t in policy.transitions(policy.status)]
    ours: dict[str, Iterable[str]] = {
        "partners": words.partners,
        "kinds": words.kinds,
        "statuses": _statuses(policy),
        "actions": dict.fromkeys((*CHANGES, *triggers)),
        "recipients": words.recipients,
    }
    for what, names in ours.items():
        check_one(f"two {what}", alike(names), got.get(what), problems, key)
    fields = dict(words.fields) | {show.name: words.fields[show.field] for show in words.shows}
    for name, values in got.get("values", {}).items():
        theirs = {word(one): one for one in fields[name].values}
        check_one(f"two values of '{name}'", theirs, values, problems, key)


def alike(names: Iterable[str]) -> dict[str, Value]:
    """Names that are called as they are here."""
    return {name: name for name in names}


def check_one(what: str, usual: Mapping[str, Value], named: Got | None, problems: Problems, key: KeyOf) -> None:
    """Report names of theirs that stand for two of ours; ``usual`` is what each is called where nothing is said."""
    if not named:
        return
    first: dict[str, str] = {key(theirs): ours for ours, theirs in usual.items() if ours not in named}
    each = ((ours, one) for ours, said in named.items() for one in (said if isinstance(said, tuple) else (said,)))
    for ours, theirs in each:
        other = first.setdefault(key(theirs), ours)
        if other != ours:
            shown = theirs if isinstance(theirs, str) else json.dumps(theirs)
            message = f"'{shown}' stands for {what}, '{other}' and '{ours}'; what is said of one could be the other's"
            problems.at(named.nodes[ours], Code.DUPLICATE_KEY, message)


def document(path: str) -> tuple[Node | None, Problems]:
    """The one document of a file; raises :class:`SimsyncError` where it cannot be read."""
    problems = Problems(path)
    data = read_bytes(path, problems)
    nodes: list[Node] = []
    if data is not None:
        problems = Problems(path, data)
        nodes = [n for n in compose(data, problems) if not (isinstance(n, ScalarNode) and not n.value and not n.style)]
        if len(nodes) > 1:
            problems.at(nodes[1], Code.SYNTAX, "one YAML document is wanted here, not several")
    if problems:
        raise SimsyncError(problems.told)
    return (nodes[0] if nodes else None), problems


def load_names(path: str, model: Model) -> Names:
    """The names in a mapping file. Raises :class:`SimsyncError` with every problem of the file."""
    got, problems = read_mapping(path, mapping_shape(model.policy))
    check_distinct(got, problems, model.policy, json.dumps)
    check_one("two fields", alike(model.vocabulary.fields), got.get("fields"), problems, json.dumps)
    if problems:
        raise SimsyncError(problems.told)
    return _names_of(got, model.policy)


def read_mapping(path: str, shape: Record) -> tuple[Got, Problems]:
    """A mapping file as read; raises :class:`SimsyncError` where it does not have the shape."""
    node, problems = document(path)
    if node is None:
        problems.place(1, 1, Code.SYNTAX, f"the file says nothing; it needs keys such as {listed([*shape.keys][:3])}")
        raise SimsyncError(problems.told)
    got = shape.read(node, problems)
    if got is BAD:
        raise SimsyncError(problems.told)
    return got, problems


def load_deviations(path: str, model: Model) -> tuple[Deviation, ...]:
    """The known deviations in a file: a list, or one under ``deviations``.

    Raises :class:`SimsyncError` with every problem of the file.
    """
    policy = model.policy
    ids = [*(row.id for row in policy.rows), *(t.id for t in policy.transitions(policy.status))]
    one = Record(
        "a known deviation",
        {
            "rule": Key(Choice("a rule id", ids), required=True),
            "reason": Key(Text(empty=False), required=True),
            "expires": Key(Day(), required=True),
        },
    )
    node, problems = document(path)
    whole = Record("the known deviations", {"deviations": Key(ListOf(one), required=True)})
    if node is None:
        return ()
    if isinstance(node, SequenceNode) or not isinstance(node, MappingNode):
        got = ListOf(one).read(node, problems)
    else:
        got = whole.read(node, problems)
        got = got if got is BAD else got["deviations"]
    known: dict[str, Deviation] = {}
    for entry in got or ():
        mark = entry.node.start_mark
        span = Span(file=path, line=mark.line + 1, col=mark.column + 1)
        if entry["rule"] in known:
            first = known[entry["rule"]].span
            problems.at(
                entry.node, Code.DUPLICATE_KEY, f"'{entry['rule']}' stands here twice; first in line {first.line}"
            )
        known[entry["rule"]] = Deviation(
            rule=entry["rule"], reason=entry["reason"], expires=entry["expires"], span=span
        )
    if problems:
        raise SimsyncError(problems.told)
    return tuple(known.values())
