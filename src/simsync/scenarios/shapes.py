"""The shapes of steps and of what is expected of them, for one policy: what reads them and what their schemas say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from simsync.engine.actions import Action, ActionError, Created, Grammar
from simsync.engine.model import ModelFactory
from simsync.engine.world import Event
from simsync.errors import Code
from simsync.policy.facts import CREATE, DELETE, EDIT
from simsync.policy.fields import Field
from simsync.policy.joining import parts_of
from simsync.policy.loading import hints
from simsync.policy.loading.nodes import MappingNode, Node, Problems, ScalarNode
from simsync.policy.loading.shapes import (
    BAD,
    Choice,
    Flag,
    ListOf,
    MapOf,
    Schema,
    Shape,
    Text,
    entries,
    unknown_key,
    written,
    wrong,
)
from simsync.policy.policy import Policy
from simsync.scenarios.scenario import Check, Step
from simsync.scenarios.verdicts import ABSENT

ITEM_NAME = r"\S+"
TOGETHER = "together"
"""The key of a round of overlapping actions."""

Mentions = list[tuple[str, Node]]
"""The items that expectations name, each with the key that names it."""

ReadExpect = Callable[[Node, Problems, str | None, Mentions], tuple[Check, ...]]
"""Reads what is expected of a step, whose own item is named, if it has one."""


class _Refused:
    """`true`, or a part of the reason."""

    def read(self, node: Node, problems: Problems) -> Any:
        value = written(node) if isinstance(node, ScalarNode) else None
        empty = value is None or (isinstance(value, str) and not value.strip())
        return wrong(node, problems, "true or a part of the reason") if empty else value

    def schema(self) -> Schema:
        return {"type": ["boolean", "string"], "description": "the step must be refused; a part of the reason"}


def _value_shape(name: str, field: Field) -> Shape:
    """The shape of a field's values, under the name by which it is set or shown."""
    if not field.values:
        return Text("free text")
    return Flag() if all(isinstance(v, bool) for v in field.values) else Choice(f"a {name}", field.values)


class _Statuses:
    """The states of several status machines, by their keys; those that are not named are not spoken of.

    ``whole``: where scenarios begin, those not named are where they always begin, and what is read is all of them.
    """

    def __init__(self, policy: Policy, about: str, *, whole: bool = False) -> None:
        self._spec, self._whole = policy.status, whole
        partners = tuple(policy.vocabulary.partners)
        self._each: dict[str, Shape] = {
            part.key: Choice(f"a state of '{part.key}'", part.spec.states, part.spec.aliases)
            for part in parts_of(policy.machines, partners)
        }
        self._map = MapOf("the statuses", Text(), tuple(self._each), self._each, about)

    def read(self, node: Node, problems: Problems) -> Any:
        if isinstance(node, ScalarNode) and node.value in self._spec.states:
            return node.value if self._whole else self._spec.parts(node.value)
        got = self._map.read(node, problems)
        return got if got is BAD else self._spec.at(got) if self._whole else dict(got)

    def schema(self) -> Schema:
        return self._map.schema()


def _plain_check(name: str, shape: Shape, pair: tuple[Node, Node], problems: Problems, item: str | None) -> Check:
    """What is expected of a step or a round as a whole."""
    key, value = pair
    got = shape.read(value, problems)
    expected = sorted(got) if name == "notified" and got is not BAD else got
    return Check(name, key.start_mark.line + 1, name, expected, item)


class Expectations:
    """What a step or the end of a scenario may expect."""

    def __init__(self, factory: ModelFactory) -> None:
        policy = factory.policy
        words, nouns = policy.vocabulary, policy.vocabulary.words
        self.words = nouns
        self.partners = tuple(words.partners)
        transitions = (t for machine in policy.declared[:-1] for t in policy.transitions(machine))
        ids = [*(row.id for row in policy.rows), *(t.id for t in transitions)]
        fields = {s.name: words.fields[s.field] for s in words.shows}
        self.shown: dict[str, Shape] = {"kind": Choice(f"a kind of {nouns.item}", words.kinds)}
        self.shown |= {name: _value_shape(name, field) for name, field in fields.items()}
        self.link = Choice("a link state", policy.link.states, about="the link after the step")
        about = f"the {nouns.status} after the step"
        self.status: Shape = Choice(nouns.status.a, policy.status.states, policy.status.aliases, about=about)
        self.begin: Shape = self.status
        if policy.machines:
            self.status = _Statuses(policy, about)
            self.begin = _Statuses(policy, f"where each {nouns.status} begins", whole=True)
        recipient = Choice("a recipient", words.recipients, meanings=words.recipients)
        self.plain: dict[str, Shape] = {
            "refused": _Refused(),
            "synced": Flag(f"does a change reach the other {nouns.ticket} in this step?"),
            "status": self.status,
            "notified": ListOf(recipient, "exactly these, in any order"),
            "rule": Choice("a rule id", ids, about="one of the deciding rows"),
        }
        self.of_item = ("link", *self.partners)
        self._of_ticket = {self.partners[0]: self.shown}
        self.keys = (*self.plain, *self.of_item, "items")

    def read_step(self, node: Node, problems: Problems, item: str | None, mentions: Mentions) -> tuple[Check, ...]:
        """The expectations of a step; ``item`` is the step's own, None for a status action."""
        checks: list[Check] = []
        for name, pair in entries(node, problems, "an expectation", self._meant).items():
            if name in self.plain:
                checks.append(_plain_check(name, self.plain[name], pair, problems, item))
            elif name == "items":
                self._read_items(pair[1], problems, "items", mentions, checks)
            elif name not in self.of_item:
                unknown_key(pair, problems, "an expectation", self.keys, self._of_ticket)
            elif item is None:
                alone = self.words.say("{a_status} action has no {item} of its own")
                message = f"{alone} for '{name}'; name the {self.words.item} under 'items'"
                problems.at(pair[0], Code.MISPLACED_FIELD, message)
            else:
                self._read_of_item(name, pair, problems, item, name, checks)
        return tuple(checks)

    def read_round(
        self, node: Node, problems: Problems, mentions: Mentions, plain: Mapping[str, Shape]
    ) -> tuple[Check, ...]:
        """The expectations of a round as a whole, which has no item of its own."""
        checks: list[Check] = []
        for name, pair in entries(node, problems, "a round's expectation").items():
            if name in plain:
                checks.append(_plain_check(name, plain[name], pair, problems, None))
            elif name == "items":
                self._read_items(pair[1], problems, "items", mentions, checks)
            elif name in self.of_item:
                message = f"a round has no {self.words.item} of its own for '{name}'"
                problems.at(pair[0], Code.MISPLACED_FIELD, f"{message}; name the {self.words.item} under 'items'")
            else:
                unknown_key(pair, problems, "a round's expectation", (*plain, "items"), self._of_ticket)
        return tuple(checks)

    def _meant(self, node: Node) -> hints.Hint:
        """What an expectation that is no mapping was meant to be: a key alone, a value alone, a key and its value."""
        alone = {"status": self.status, "link": self.link}
        found = (
            hints.as_true(node, self.plain),
            hints.as_all_true(node, self.plain),
            hints.under_a_key(node, self.keys, alone),
            hints.as_mapping(node),
        )
        return next((hint for hint in found if hint != hints.NO_HINT), hints.NO_HINT)

    def read_end(self, node: Node, problems: Problems, mentions: Mentions) -> tuple[Check, ...]:
        """What is expected at the end: a status and items."""
        checks: list[Check] = []
        for name, pair in entries(node, problems, "'finally'").items():
            key, value = pair
            if name == "status":
                line = key.start_mark.line + 1
                checks.append(Check("finally.status", line, name, self.status.read(value, problems)))
            elif name == "items":
                self._read_items(value, problems, "finally.items", mentions, checks)
            else:
                unknown_key(pair, problems, "'finally'", ("status", "items"), {"items: {NAME: ...}": self.of_item})
        return tuple(checks)

    def _read_items(self, node: Node, problems: Problems, path: str, mentions: Mentions, checks: list[Check]) -> None:
        for item, (item_key, value) in entries(node, problems, "'items'").items():
            mentions.append((item, item_key))
            for name, pair in entries(value, problems, f"{self.words.item.a}'s expectation").items():
                if name in self.of_item:
                    self._read_of_item(name, pair, problems, item, f"{path}.{item}.{name}", checks)
                else:
                    unknown_key(pair, problems, f"{self.words.item.a}'s expectation", self.of_item, self._of_ticket)

    def _read_of_item(
        self, name: str, pair: tuple[Node, Node], problems: Problems, item: str, at: str, checks: list[Check]
    ) -> None:
        key, node = pair
        line = key.start_mark.line + 1
        if name == "link":
            checks.append(Check(at, line, "link", self.link.read(node, problems), item))
        elif isinstance(node, ScalarNode):
            if node.value != ABSENT:
                wrong(node, problems, f"'{ABSENT}' or a mapping of what the {self.words.ticket} shows")
            checks.append(Check(at, line, name, ABSENT, item))
        else:
            found = entries(node, problems, f"what {self.words.ticket.a} shows")
            if not found:
                checks.append(Check(at, line, name, "shown", item, ""))
            for shown, inner in found.items():
                shape = self.shown.get(shown)
                if shape is None:
                    unknown_key(inner, problems, f"what {self.words.ticket.a} shows", self.shown)
                    continue
                expected = shape.read(inner[1], problems)
                checks.append(Check(f"{at}.{shown}", inner[0].start_mark.line + 1, name, expected, item, shown))

    def _item_schemas(self) -> Schema:
        properties = {name: shape.schema() for name, shape in self.shown.items()}
        view = {
            "anyOf": [{"const": ABSENT}, {"type": "object", "properties": properties, "additionalProperties": False}]
        }
        return {"link": self.link.schema(), **dict.fromkeys(self.partners, view)}

    def round_schema(self, plain: Mapping[str, Shape]) -> Schema:
        """The JSON Schema of a round's `expect`."""
        properties = {name: shape.schema() for name, shape in plain.items()} | {"items": self._items_schema()}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def schema(self) -> Schema:
        """The JSON Schema of a step's `expect`."""
        properties = {name: shape.schema() for name, shape in self.plain.items()}
        properties |= self._item_schemas() | {"items": self._items_schema()}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def _items_schema(self) -> Schema:
        one = {"type": "object", "properties": self._item_schemas(), "additionalProperties": False}
        return {"type": "object", "additionalProperties": one}

    def end_schema(self) -> Schema:
        """The JSON Schema of `finally`."""
        properties = {"status": self.status.schema(), "items": self._items_schema()}
        return {"type": "object", "properties": properties, "additionalProperties": False}


class Steps:
    """The steps of a scenario; names must be created before they are used, and once."""

    def __init__(self, factory: ModelFactory, expectations: Expectations) -> None:
        words = factory.policy.vocabulary
        self.grammar = Grammar(factory)
        self.acting = words.acting
        self._vocabulary = words
        self.expectations = expectations
        self.fields = {field.name: _value_shape(field.name, field) for field in words.fields.values()}
        self.keys = (*self.acting, *self.fields, "expect")

    def read(
        self, node: Node, problems: Problems, created: Created, mentions: Mentions, expects: ReadExpect | None = None
    ) -> Step | None:
        """One step, None if its action cannot be read. A creation adds to what is created so far.

        ``expects`` reads what is expected of it, where that is not what can be expected of any step.
        """
        if isinstance(node, ScalarNode):
            hint = hints.as_mapping(node)
            hint = hint if hint != hints.NO_HINT else self._as_step(str(node.value).split())
            wrong(node, problems, "a step, as a mapping,", hint)
            return None
        found = entries(node, problems, "a step")
        unknown = [pair for name, pair in found.items() if name not in self.keys]
        for pair in unknown:
            if (who := self._which(pair[0])) is not None and not any(name in found for name in self.acting):
                problems.at(pair[0], Code.UNKNOWN_KEY, who)
            else:
                unknown_key(pair, problems, "a step", (*self.keys, TOGETHER), {"expect": self.expectations.keys})
        fields = {name: self.fields[name].read(found[name][1], problems) for name in self.fields if name in found}
        actor = self._actor(node, found, problems, slipped=bool(unknown))
        place = found[actor][1] if actor else node
        action = self._action(actor, place, problems, created) if actor else None
        for _, value in unknown if actor is None else ():
            self._may_create("", str(value.value), created)
        if action is not None and actor is not None and not problems.full:
            for misuse in self.grammar.misuses(action, actor, created, fields):
                problems.at(found[misuse.field][0] if misuse.field else place, misuse.code, misuse.sentence)
            if action.name == CREATE and action.item is not None:
                created.setdefault(action.item, (actor, action.kind))
        expect = found.get("expect")
        own_item = action.item if action else ""
        expects = expects or self.expectations.read_step
        checks = expects(expect[1], problems, own_item, mentions) if expect else ()
        if action is None or actor is None:
            return None
        event = Event(actor=actor, action=action.name, item=action.item, kind=action.kind, fields=fields)
        return Step(event, node.start_mark.line + 1, checks)

    def _which(self, key: Node) -> str | None:
        """Who could be meant by the word for any of them; None for other keys."""
        noun, partners = self._vocabulary.words.partner.one, self._vocabulary.partners
        if key.value != noun:
            return None
        return f"which {noun}? {'; '.join(f'{name}: {about}' if about else name for name, about in partners.items())}"

    def _as_step(self, words: list[str]) -> hints.Hint:
        """The step that an action without its actor's key was meant to be."""
        actor = next((partner for partner in self.acting if words and words[0].rstrip(":,") == partner), None)
        said = words[1:] if actor else words
        action = self.grammar.meant(said) or " ".join(said)
        who = "; its key says who acts" if actor is None else ""
        return hints.Hint(who, f"{actor or self.acting[0]}: {action}") if action else hints.NO_HINT

    def _actor(
        self, node: Node, found: dict[str, tuple[Node, Node]], problems: Problems, *, slipped: bool
    ) -> str | None:
        actors = [partner for partner in self.acting if partner in found]
        if len(actors) == 1:
            return actors[0]
        if isinstance(node, MappingNode) and (actors or not slipped):
            wanted = " or ".join(f"'{p}'" for p in self.acting)
            neither = "neither" if len(self.acting) == 2 else "none"
            both = f"here {'both' if len(self.acting) == 2 else 'several'} stand; what overlaps is listed in 'together'"
            here = both if actors else f"here {neither} stands"
            problems.at(node, Code.BAD_ACTION, f"a step says who acts by one key, {wanted}; {here}")
        return None

    def _action(self, actor: str, place: Node, problems: Problems, created: Created) -> Action | None:
        text = written(place) if isinstance(place, ScalarNode) else None
        if not isinstance(text, str):
            wrong(place, problems, "an action, as text,", hints.as_action(place))
            return None
        try:
            return self.grammar.parse(text, actor)
        except ActionError as error:
            problems.at(place, Code.BAD_ACTION, str(error))
            self._may_create(actor, text, created)
            return None

    def _may_create(self, actor: str, text: str, created: Created) -> None:
        """What a misspelt creation may have meant to create, so that one slip is not told again and again."""
        words = text.split()
        if len(words) > 1 and words[0] not in (EDIT, DELETE):
            created.setdefault(words[-1], (actor, None))

    def schema(self, expect: Schema | None = None) -> Schema:
        """The JSON Schema of a step; ``expect`` is that of its expectations, where it is not that of any step."""
        status = self.grammar.policy.vocabulary.words.status.a
        kinds = "|".join(re.escape(kind) for kind in self.grammar.policy.vocabulary.kinds)
        forms = [
            {"enum": list(self.grammar.triggers)},
            {"type": "string", "pattern": f"^create +({kinds}) +{ITEM_NAME}$"},
            {"type": "string", "pattern": f"^(edit|delete) +{ITEM_NAME}$"},
        ]
        action = {"anyOf": forms, "description": f"create KIND NAME, edit NAME, delete NAME, or {status} action"}
        properties: Schema = dict.fromkeys(self.acting, action)
        properties |= {name: shape.schema() for name, shape in self.fields.items()}
        properties["expect"] = expect or self.expectations.schema()
        return {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
            "oneOf": [{"required": [partner]} for partner in self.acting],
        }
