"""What was probably meant by something that is not as it should be, to go at a sentence's end."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, Protocol

from simsync.errors import named
from simsync.inline_yaml import inline_yaml
from simsync.policy.loading.nodes import MappingNode, Node, Problems, ScalarNode, SequenceNode
from simsync.policy.loading.slips import odd_blank, plain_blanks, quoted_value, written_as

_TRUE, _FALSE = ("yes", "y", "on", "1", "x", "true"), ("no", "n", "off", "0", "false", "-")
_MOST_SHOWN = 120
_PAIR = re.compile(r"(\w[\w ]*?)\s*[:=]\s*(\S.*)")


class Hint(NamedTuple):
    """What to say besides, and what should stand in the value's place, where that is known.

    A ``pair`` of a key and its value stands in braces behind another key.
    """

    besides: str
    instead: str
    pair: bool = False

    def sentence(self, node: Node, line: str) -> str:
        """The end of a sentence about a value, ``line`` being the one that it starts in: the line as it should be."""
        start, end = node.start_mark.column, node.end_mark.column
        if node.end_mark.line != node.start_mark.line:
            end = len(line)
        before = line[:start].rstrip()
        instead = f"{{{self.instead}}}" if self.pair and before.endswith(":") else self.instead
        fixed = f"{before} {instead}{line[end:]}"
        return self.besides + (written_as(fixed) if self.instead and len(fixed) <= _MOST_SHOWN else "")


NO_HINT = Hint("", "")


class Readable(Protocol):
    """What reads a value, or reports what is wrong with it."""

    def read(self, node: Node, problems: Problems) -> Any: ...


def as_written(node: Node) -> str:
    """A value in one line, as YAML writes it."""
    if isinstance(node, MappingNode):
        return "{" + ", ".join(f"{as_written(key)}: {as_written(value)}" for key, value in node.value) + "}"
    if isinstance(node, SequenceNode):
        return "[" + ", ".join(map(as_written, node.value)) + "]"
    return inline_yaml(str(node.value)) if isinstance(node, ScalarNode) and node.style else str(node.value)


def _short(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else ""


def reads(shape: Readable, node: Node) -> bool:
    """Whether a value is one that a shape takes."""
    scratch = Problems("")
    shape.read(node, scratch)
    return not scratch


def under_a_key(node: Node, names: Collection[str], keys: Mapping[str, Readable]) -> Hint:
    """The mapping that a value should be: where it is one of its ``names``, or where one of its ``keys`` takes it."""
    if isinstance(node, ScalarNode) and node.value in names:
        return Hint(f"; {named(node.value)} is a key, and wants a colon and a value", "")
    fits = next((name for name, shape in keys.items() if reads(shape, node)), None)
    return Hint("", f"{{{inline_yaml(fits)}: {as_written(node)}}}") if fits is not None else NO_HINT


def as_true(node: Node, keys: Mapping[str, Readable]) -> Hint:
    """The mapping that a key alone should be: what it is to be, where that may be `true`."""
    if not isinstance(node, ScalarNode) or node.value not in keys:
        return NO_HINT
    true = ScalarNode(node.tag, "true", node.start_mark, node.end_mark)
    return Hint("; it is a key, with a value", f"{{{node.value}: true}}") if reads(keys[node.value], true) else NO_HINT


def as_all_true(node: Node, keys: Mapping[str, Readable]) -> Hint:
    """The mapping that a list of keys alone should be, where each of them may be `true`."""
    if not isinstance(node, SequenceNode) or not node.value:
        return NO_HINT
    each = [as_true(one, keys) for one in node.value]
    inside = ", ".join(hint.instead[1:-1] for hint in each)
    return Hint("; these are keys, each with a value", f"{{{inside}}}") if NO_HINT not in each else NO_HINT


def as_list(node: Node) -> Hint:
    """The list that a single value should be."""
    if not isinstance(node, ScalarNode) or not node.value:
        return NO_HINT
    parts = (
        [inline_yaml(node.value)] if node.style else [part.strip() for part in node.value.split(",") if part.strip()]
    )
    return Hint("", f"[{', '.join(parts)}]")


def as_mapping(node: Node) -> Hint:
    """The mapping that was written as a list of mappings, or as a name and a value without the blank between."""
    if isinstance(node, SequenceNode) and node.value and all(isinstance(one, MappingNode) for one in node.value):
        pairs = [pair for one in node.value for pair in one.value]
        inside = ", ".join(f"{as_written(key)}: {as_written(value)}" for key, value in pairs)
        return Hint("; keys stand there without dashes", f"{{{inside}}}")
    if not isinstance(node, ScalarNode):
        return NO_HINT
    text = str(node.value)
    if odd := odd_blank(text):
        return Hint(f"; there is {odd} in it", plain_blanks(text))
    name, colon, value = text.partition(":")
    if colon and value.strip():
        return Hint("; a colon is followed by a space", f"{name.strip()}: {value.strip()}", pair=True)
    return NO_HINT


def as_steps(node: Node) -> Hint:
    """The list of steps that a mapping, or a single action, should be."""
    if isinstance(node, MappingNode) and node.value:
        first = ": ".join(map(as_written, node.value[0]))
        if first.startswith("-"):
            return Hint("; a dash is followed by a space", f"- {first[1:].strip()}")
        return Hint("; each step starts with a dash", f"- {first}")
    return NO_HINT


def as_action(node: Node) -> Hint:
    """The action in a line that was written as a mapping."""
    if isinstance(node, MappingNode) and node.value and all(isinstance(one, ScalarNode) for one in node.value[0]):
        word, rest = node.value[0]
        return Hint("; an action stands in one line", f"{word.value} {rest.value}".strip())
    return NO_HINT


def as_flag(node: Node) -> Hint:
    """The boolean that a word stands for."""
    if not isinstance(node, ScalarNode):
        return NO_HINT
    word = str(node.value).strip().casefold()
    meant = "true" if word in _TRUE else "false" if word in _FALSE else ""
    return Hint("; without quotes" if meant and node.style and word == meant else "", meant)


def as_text(node: ScalarNode, line: str) -> Hint:
    """How what YAML takes for something else is written as a text; ``line`` is the one that it starts in."""
    rest = line[node.start_mark.column :].strip()
    if not node.value and not node.style and rest.startswith("#"):
        return Hint(f"; what stands behind a # is a comment{written_as(quoted_value(line))}", "")
    if rest.startswith("&"):
        return Hint("; a text that starts with & needs quotes", f'"{rest}"')
    return Hint(f'; quote it if you mean text: "{node.value}"', "")


def without_blanks(name: str, pattern: str) -> Hint:
    """A name without the blanks in it, where that is all that is wrong with it."""
    fixed = "-".join(name.split())
    return Hint("; it has no blanks", fixed) if " " in name and re.fullmatch(pattern, fixed) else NO_HINT


def is_bare(key: Node, value: Node, line: str) -> bool:
    """Whether a key inside braces has neither a colon nor a value; ``line`` is the one that it stands in."""
    if not isinstance(value, ScalarNode) or value.value or value.style:
        return False
    end = value.start_mark.column if value.start_mark.line == key.start_mark.line else len(line)
    return isinstance(key, ScalarNode) and ":" not in line[key.end_mark.column : end] and "?" not in line


def bare(key: Node, before: tuple[Node, Node] | None) -> str:
    """What to say of a bare word in braces, ``before`` being the key and value before it."""
    said = f"{named(key.value)} stands in braces without a colon and a value"
    if pair := _PAIR.fullmatch(key.value):
        return f"{said}; a colon is followed by a space{written_as(_short(f'{pair[1]}: {pair[2]}'))}"
    if before is None or not isinstance(before[1], ScalarNode) or before[1].style or not before[1].value:
        return f"{said}{written_as(_short(f'{as_written(key)}: ...'))}"
    whole = f'{as_written(before[0])}: "{before[1].value}, {key.value}"'
    return f"{said}; if it belongs to the text before the comma, that needs quotes{written_as(_short(whole))}"


def moved(there: str, key: Node, value: Node) -> str:
    """A key and its value, written under another key."""
    return written_as(_short(f"{there}: {{{as_written(key)}: {as_written(value)}}}"))


def dashed(key: Node) -> str:
    """What is odd about a key that starts with a dash, or with what is no blank."""
    text = str(key.value)
    if odd := odd_blank(text):
        return f"; there is {odd} in it{written_as(_short(plain_blanks(text)))}"
    if text.startswith("-") and len(text) > 1:
        return f"; a dash is followed by a space{written_as(_short('- ' + text[1:].strip()))}"
    return ""
