"""Shapes: what a piece of YAML may look like, declared once, for reading it and for its JSON Schema alike.

``read`` returns the value or `BAD`, with every problem reported; ``schema`` returns the JSON Schema of what is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from simsync.errors import MANY, Code, listed, named, nearest, not_among
from simsync.policy.loading import hints
from simsync.policy.loading.nodes import UNTAGGED, MappingNode, Node, Problems, ScalarNode, SequenceNode
from simsync.policy.policy import Value

Schema = dict[str, Any]


class _Bad:
    """What reading gives where there was a problem."""

    def __repr__(self) -> str:
        return "BAD"

    def __bool__(self) -> bool:
        return False


BAD: Any = _Bad()

A_NAME = r"^\S(.*\S)?$"
"""What every name is like: not empty, in one line, and without outer blanks."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {word: value for value in (True, False) for word in (str(value), str(value).lower(), str(value).upper())}
_NOT_TEXT = _NULLS | _BOOLS.keys()
_NUMBER = re.compile(
    r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?(?:\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN)\Z"
)
_NUMERIC = frozenset(".+-0123456789")
_UNQUOTED: Mapping[Value | None, str] = {None: "nothing", True: "true", False: "false"}
_KINDS = {ScalarNode: "a scalar", SequenceNode: "a list", MappingNode: "a mapping"}


def written(node: ScalarNode) -> Value | None:
    """What a scalar means under YAML 1.2's core schema; numbers stay as they are written, in a `Number`."""
    text: str = node.value
    if node.style or node.tag != UNTAGGED:
        return text
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if text[0] in _NUMERIC and _NUMBER.match(text):
        return Number(text)
    return text


def plain_text(node: Node) -> str | None:
    """The text of a node that is, at first sight, an untagged scalar of text; most are, and need no second look."""
    if node.tag is not UNTAGGED or not isinstance(node, ScalarNode):
        return None
    text: str = node.value
    return text if node.style or (text not in _NOT_TEXT and text[0] not in _NUMERIC) else None


class Number(str):
    """A scalar that the core schema reads as a number; no field of ours is one."""


class Shape(Protocol):
    """What a value may look like."""

    def read(self, node: Node, problems: Problems) -> Any: ...

    def schema(self) -> Schema: ...


def wrong(node: Node, problems: Problems, wanted: str, hint: hints.Hint = hints.NO_HINT) -> Any:
    """Report that something else was wanted here."""
    what = _KINDS.get(type(node), "something else")
    if isinstance(node, SequenceNode) and not node.value:
        what = "an empty list"
    if isinstance(node, ScalarNode):
        what = _UNQUOTED.get(written(node), named(node.value))
    meant = hint.sentence(node, problems.line_of(node))
    problems.at(node, Code.WRONG_TYPE, f"{wanted} is wanted here, not {what}{meant}")
    return BAD


@dataclass(frozen=True)
class Text:
    """Free text. A plain scalar that YAML reads as a number, boolean or null must be quoted.

    What is wrong with a ``name`` is told with all names; here, only the schema knows that it is one.
    """

    about: str = ""
    empty: bool = True
    pattern: str | None = None
    name: bool = False

    def read(self, node: Node, problems: Problems) -> Any:
        text = plain_text(node)
        if text is not None and self.empty and self.pattern is None:
            return text
        if not isinstance(node, ScalarNode):
            return wrong(node, problems, "text")
        value = written(node)
        if type(value) is not str:
            return wrong(node, problems, "text", hints.as_text(node, problems.line_of(node)))
        if not self.empty and not value.strip():
            return wrong(node, problems, "text that is not empty")
        if self.pattern and not re.fullmatch(self.pattern, value):
            return wrong(
                node, problems, f"a name of the form {self.pattern}", hints.without_blanks(value, self.pattern)
            )
        return value

    def schema(self) -> Schema:
        schema: Schema = {"type": "string"}
        if not self.empty:
            schema["pattern"] = A_NAME if self.name else "\\S"
        if self.pattern:
            schema["pattern"] = f"^{self.pattern}$"
        return described(schema, self.about)


@dataclass(frozen=True)
class Flag:
    """`true` or `false`."""

    about: str = ""

    def read(self, node: Node, problems: Problems) -> Any:
        value = written(node) if isinstance(node, ScalarNode) else None
        return value if isinstance(value, bool) else wrong(node, problems, "true or false", hints.as_flag(node))

    def schema(self) -> Schema:
        return described({"type": "boolean"}, self.about)


class Choice:
    """One of some names (or booleans). ``aliases`` are understood too and read as what they stand for.

    ``meanings`` says of names what they mean, to whoever says none of them.
    """

    def __init__(
        self,
        what: str,
        values: Iterable[Value],
        aliases: Mapping[str, str] | None = None,
        about: str = "",
        meanings: Mapping[str, str] | None = None,
    ) -> None:
        self.what = what
        self.about = about
        self._meanings = "; ".join(f"{name}: {said.rstrip('.')}" for name, said in (meanings or {}).items())
        self.values = tuple(dict.fromkeys(values))
        self._read: dict[Value, Value] = {v: v for v in self.values}
        self._read.update(aliases or {})
        self._plain = {v: read for v, read in self._read.items() if isinstance(v, str)}

    def read(self, node: Node, problems: Problems) -> Any:
        text = plain_text(node)
        if text is not None and text in self._plain:
            return self._plain[text]
        if not isinstance(node, ScalarNode):
            few = len(self.values) <= MANY
            return wrong(node, problems, f"{self.what} ({listed(self.values)})" if few else self.what)
        value = written(node)
        found = self._read.get(value) if value is not None else None
        if found is None:
            meant = hints.as_flag(node) if set(self.values) & {True, False} else hints.NO_HINT
            message = not_among(self.what, node.value, self._read)
            told = f" ({self._meanings})" if self._meanings and len(self.values) <= MANY else ""
            problems.at(node, Code.UNKNOWN_NAME, message + told + meant.sentence(node, problems.line_of(node)))
            return BAD
        return found

    def schema(self) -> Schema:
        return described({"enum": list(self._read)}, self.about)


@dataclass(frozen=True)
class ListOf:
    """A list of one shape; with ``or_one`` a single value stands for a list of one."""

    shape: Shape
    about: str = ""
    least: int = 0
    or_one: bool = False

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, SequenceNode):
            if self.or_one:
                value = self.shape.read(node, problems)
                return BAD if value is BAD else (value,)
            return wrong(node, problems, "a list", hints.as_list(node))
        if len(node.value) < self.least:
            return wrong(node, problems, f"a list of at least {self.least}")
        values = [self.shape.read(n, problems) for n in node.value]
        return BAD if any(v is BAD for v in values) else tuple(values)

    def schema(self) -> Schema:
        inner = self.shape.schema()
        many: Schema = {"type": "array", "items": inner}
        if self.least:
            many["minItems"] = self.least
        return described({"anyOf": [inner, many]} if self.or_one else many, self.about)


def entries(
    node: Node, problems: Problems, what: str, meant: Callable[[Node], hints.Hint] = hints.as_mapping
) -> dict[str, tuple[Node, Node]]:
    """A mapping's key and value nodes by key; duplicate keys and keys that are not text are reported.

    ``meant`` tells what something else was meant to be.
    """
    if not isinstance(node, MappingNode):
        wrong(node, problems, f"{what}, as a mapping,", meant(node))
        return {}
    found: dict[str, tuple[Node, Node]] = {}
    for number, (key, value) in enumerate(node.value):
        if node.flow_style and hints.is_bare(key, value, problems.line_of(key)):
            before = node.value[number - 1] if number else None
            problems.at(key, Code.UNKNOWN_KEY, hints.bare(key, before))
        elif not isinstance(key, ScalarNode):
            problems.at(key, Code.WRONG_TYPE, f"a key of {what} is text, not {_KINDS.get(type(key), 'this')}")
        elif key.value in found:
            first = found[key.value][0].start_mark.line + 1
            problems.at(
                key, Code.DUPLICATE_KEY, f"the key '{key.value}' stands twice here; the first is in line {first}"
            )
        else:
            found[key.value] = (key, value)
    return found


def unknown_key(
    pair: tuple[Node, Node],
    problems: Problems,
    what: str,
    allowed: Iterable[str],
    elsewhere: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Report a key that has no meaning here; ``pair`` is the key with its value.

    ``elsewhere``: the keys that belong under another key, by that key.
    """
    key, value = pair
    for there, keys in (elsewhere or {}).items():
        if key.value in keys:
            message = f"'{key.value}' is not a key of {what}, it belongs under '{there}'"
            problems.at(key, Code.UNKNOWN_KEY, message + hints.moved(there, key, value))
            return
    problems.at(key, Code.UNKNOWN_KEY, not_among(f"a key of {what}", key.value, allowed) + hints.dashed(key))


@dataclass(frozen=True)
class Key:
    """A key of a record; one that is ``inherited`` may be said further out instead."""

    shape: Shape
    required: bool = False
    inherited: bool = False


class Got(dict[str, Any]):
    """A record as read: its values by key, with the node of each key and of the whole."""

    def __init__(self, node: Node, nodes: Mapping[str, Node]) -> None:
        super().__init__()
        self.node = node
        self.nodes = nodes


@dataclass(frozen=True)
class Record:
    """A mapping with known keys; with ``just_one``, exactly one of them; exactly one of those in ``one_of``."""

    what: str
    keys: Mapping[str, Key]
    about: str = ""
    just_one: bool = False
    one_of: tuple[str, ...] = ()

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, MappingNode):
            few = {name: key.shape for name, key in self.keys.items() if not isinstance(key.shape, Text)}
            inside = hints.under_a_key(node, self.keys, few)
            hint = inside if inside != hints.NO_HINT else hints.as_mapping(node)
            return wrong(node, problems, f"{self.what}, as a mapping,", hint)
        found = entries(node, problems, self.what)
        got = Got(node, {name: value for name, (_, value) in found.items()})
        bad = False
        for name, (key, value) in found.items():
            if name not in self.keys:
                within = {
                    there: one.shape.names or () for there, one in self.keys.items() if isinstance(one.shape, MapOf)
                }
                unknown_key((key, value), problems, self.what, self.keys, within)
                bad = True
                continue
            read = self.keys[name].shape.read(value, problems)
            bad = bad or read is BAD
            got[name] = read
        misspelt = {nearest(name, self.keys) for name in found if name not in self.keys}
        for name, wanted in self.keys.items():
            if wanted.required and name not in found and name not in misspelt:
                problems.at(node, Code.MISSING_KEY, f"{self.what} needs the key '{name}'")
                bad = True
        bad = bad or bool(misspelt)
        alternatives = tuple(self.keys) if self.just_one else self.one_of
        if alternatives and not bad and sum(name in alternatives for name in got) != 1:
            problems.at(node, Code.MISSING_KEY, f"{self.what} has exactly one of the keys {listed(alternatives)}")
            bad = True
        return BAD if bad else got

    def schema(self) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {name: key.shape.schema() for name, key in self.keys.items()},
            "additionalProperties": False,
        }
        required = [name for name, key in self.keys.items() if key.required and not key.inherited]
        if required:
            schema["required"] = required
        if self.just_one:
            schema |= {"minProperties": 1, "maxProperties": 1}
        if self.one_of:
            schema["oneOf"] = [{"required": [name]} for name in self.one_of]
        return described(schema, self.about)


@dataclass(frozen=True)
class MapOf:
    """A mapping from names to one shape; with ``names``, only those names."""

    what: str
    shape: Shape
    names: tuple[str, ...] | None = None
    each: Mapping[str, Shape] = field(default_factory=dict)
    about: str = ""
    others: Mapping[str, Iterable[str]] = field(default_factory=dict)
    """Names of other things that may be taken for these, by what they are."""

    def read(self, node: Node, problems: Problems) -> Any:
        if not isinstance(node, MappingNode):
            return wrong(node, problems, f"{self.what}, as a mapping,", hints.as_mapping(node))
        found = entries(node, problems, self.what)
        got = Got(node, {name: key for name, (key, _) in found.items()})
        bad = False
        for name, (key, value) in found.items():
            if self.names is not None and name not in self.names:
                bad = True
                sort = next((sort for sort, others in self.others.items() if name in others), None)
                if sort:
                    problems.at(key, Code.UNKNOWN_KEY, f"{named(name)} is {sort}")
                else:
                    unknown_key((key, value), problems, self.what, self.names)
                continue
            read = self.each.get(name, self.shape).read(value, problems)
            bad = bad or read is BAD
            got[name] = read
        return BAD if bad else got

    def schema(self) -> Schema:
        if self.names is None:
            named = {"propertyNames": {"pattern": A_NAME}, "additionalProperties": self.shape.schema()}
            return described({"type": "object", **named}, self.about)
        properties = {name: self.each.get(name, self.shape).schema() for name in self.names}
        return described({"type": "object", "properties": properties, "additionalProperties": False}, self.about)


@dataclass(frozen=True)
class AnyValue:
    """A name or a boolean, where the names are not known yet."""

    def read(self, node: Node, problems: Problems) -> Any:
        value = written(node) if isinstance(node, ScalarNode) else None
        return wrong(node, problems, "a name or a boolean") if value is None else value

    def schema(self) -> Schema:
        return {"type": ["string", "boolean"]}


def described(schema: Schema, about: str) -> Schema:
    """The schema with a description, where there is one."""
    return {**schema, "description": about} if about else schema
