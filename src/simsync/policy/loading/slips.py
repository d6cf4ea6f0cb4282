"""What the parser stumbled over, as the slip of the pen that it most likely is, with the line as it should be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simsync.policy.facts import CHANGES

Place = tuple[int, int]
"""A line and a column, from 1."""

_ENTRY = re.compile(
    r"""(?P<before>\s*(?:-\s+)*)(?P<key>"[^"]*"|'[^']*'|[^\s:#"'{\[][^:#]*?)\s*:(?P<gap>\s+)(?P<value>\S.*)"""
)
_TWO_KEYS = re.compile(r"\s*- (?P<first>[^\s:#]+): +(?P<second>[^\s:#]+): +(?P<action>[^:#]*\S)")
_ODD_BLANKS = re.compile("[\u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]")
_IN_BRACES = ("expect", "given", "finally", "items", "readings")
_PAIRS = ('""', "''", "\u201c\u201d", "\u201e\u201c", "\u2018\u2019", "\u00ab\u00bb")
_MARKS = "@`%*&!|>{[?-\"'#,"


@dataclass(frozen=True, slots=True)
class Stumble:
    """Where and why the parser gave up: the text's lines, what it says, and where what it was reading began."""

    lines: Sequence[str]
    problem: str
    context: str
    place: Place
    began: Place | None

    def line(self, number: int) -> str:
        """A line by its number, from 1."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else ""

    def above(self, number: int) -> int:
        """The line before one that is neither empty nor a comment; 0, if there is none."""
        return next((n for n in range(number - 1, 0, -1) if self.line(n).strip()[:1] not in ("", "#")), 0)


Cause = tuple[Place, str]
"""Where a slip is, and what it is, with the line as it should be."""


def cause(lines: Sequence[str], problem: str, context: str, place: Place, began: Place | None) -> Cause | None:
    """The slip behind a parser's complaint; None where none is known."""
    stumble = Stumble(lines, problem, context, place, began)
    return next((found for look in _LOOKS for found in look(stumble)), None)


def odd_blank(text: str) -> str | None:
    """The name of the first character in a text that looks like a blank, or like nothing, and is none."""
    found = _ODD_BLANKS.search(text)
    if found is None:
        return None
    code = f"U+{ord(found.group()):04X}"
    return {"U+00A0": f"a no-break space ({code})"}.get(code, f"the character {code}, which cannot be seen,")


def plain_blanks(text: str) -> str:
    """A text with a blank in place of each character that only looks like one."""
    return " ".join(_ODD_BLANKS.sub(" ", text).split())


def quoted_value(line: str) -> str | None:
    """A line of a key and a text with the text in quotes; None if the line is no such."""
    found = _ENTRY.fullmatch(line.rstrip())
    if found is None:
        return None
    value = found["value"]
    if len(value) > 1 and (value[0] + value[-1] in _PAIRS):
        value = value[1:-1]
    elif value.startswith('"'):
        value = value.replace('"', "")
    value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{found["before"]}{found["key"]}:{found["gap"]}"{value}"'


def written_as(line: str | None) -> str:
    """How a line should be written, to go at a sentence's end."""
    return f"; write: {line.strip()}" if line else ""


def _blanks(at: Stumble) -> Iterator[Cause]:
    """A tab, or what only looks like a blank, before the first word of a line."""
    for number in dict.fromkeys((at.place[0], at.place[0] - 1, at.began[0] if at.began else 0)):
        line = at.line(number)
        indent = line[: len(line) - len(re.sub(r"^[\s\u200b-\u200d\u2060\ufeff]+", "", line))]
        odd = "a tab" if "\t" in indent else odd_blank(indent)
        if odd:
            column = next(n for n, c in enumerate(indent, 1) if c == "\t" or _ODD_BLANKS.match(c))
            fixed = " " * len(indent.expandtabs(2)) + line[len(indent) :]
            yield (number, column), f"this line is indented with {odd}; YAML is indented with blanks: {fixed!r}"


def _fence(at: Stumble) -> Iterator[Cause]:
    """A line that is of no scenario: of the page from which the text was copied, or an end before any begin."""
    line = at.line(at.place[0])
    if line.startswith("```"):
        yield at.place, "this line is of the page from which the text was copied; take the lines with ``` out"
    elif line.startswith("...") and "node content" in at.problem:
        yield at.place, "this line ends a document where none has begun; take it out"


def _marks(at: Stumble) -> Iterator[Cause]:
    """A text that starts with a character that means something to YAML."""
    lines = [at.place[0], *([at.began[0]] if at.began else [])]
    for number in dict.fromkeys(lines):
        line = at.line(number)
        found = _ENTRY.fullmatch(line.rstrip())
        if found is None or found["value"][0] not in _MARKS:
            continue
        mark, value = found["value"][0], found["value"]
        if mark in "{[" and not (value.rstrip()[-1] not in "}]" and _closes(value)):
            continue
        if mark in "\"'" and _open_quote(value) is None:
            continue
        why = _open_quote(value) if mark in "\"'" else f"a text that starts with {mark} needs quotes"
        yield (number, found.start("value") + 1), f"{why}{written_as(quoted_value(line))}"


def _closes(value: str) -> bool:
    """Whether a bracket that a text starts with is closed before the text ends."""
    depth = 0
    for place, character in enumerate(value):
        depth += (character in "{[") - (character in "}]")
        if depth == 0:
            return place < len(value) - 1
    return False


def _open_quote(value: str) -> str | None:
    """What is wrong with a text that starts with a quote; None if nothing is."""
    mark = value[0]
    rest = value[1:].rstrip()
    if mark not in rest:
        return f"the quote that this text starts with is not closed in this line ({mark})"
    if mark == '"' and re.search(r'(?<!\\)(?:\\\\)*\\[^0abt\tnvfre "/\\N_LPxuU\n]', rest):
        return "in double quotes a backslash stands for something else; double it"
    if mark == "'" and rest.endswith("'") and re.search(r"[^']'[^']", rest):
        return "an apostrophe ends a text in single quotes; double quotes can hold it"
    return f"something stands behind the quote that closes this text ({mark})" if not rest.endswith(mark) else None


def _two_actors(at: Stumble) -> Iterator[Cause]:
    """A step with two keys before its action."""
    found = _TWO_KEYS.fullmatch(at.line(at.place[0]).rstrip())
    if found is None or "mapping values" not in at.problem:
        return
    steps = [f"- {found[actor]}: {found['action']}" for actor in ("first", "second")]
    if found["action"].split()[0] in CHANGES or any(line.strip() in steps for line in at.lines):
        either = " or ".join(map(repr, steps))
        yield (at.place[0], found.start("second") + 1), f"a step says who acts by one key; write: {either}"


def _second_colon(at: Stumble) -> Iterator[Cause]:
    """Two keys in one line, or a text with a colon and a blank in it."""
    if "mapping values" not in at.problem:
        return
    line = at.line(at.place[0])
    found = _ENTRY.fullmatch(line.rstrip())
    if found is None or at.place[1] <= found.end("gap"):
        return
    parts = re.split(r"\s*[;,]\s*(?=[\w ]+:\s)", line.strip())
    if found["key"] in _IN_BRACES:
        fixed = f"{found['key']}: {{{found['value'].strip('{}')}}}"
        yield at.place, f"what '{found['key']}' says stands in braces, or in lines of its own{written_as(fixed)}"
    elif len(parts) > 1:
        yield at.place, f"each key stands in a line of its own: {' and '.join(map(repr, parts))}"
    elif found["value"][0] in "\u201c\u201e\u2018\u00ab":
        why = f"{found['value'][0]} is no quote to YAML, and a text with a second colon in the line needs quotes"
        yield (at.place[0], found.start("value") + 1), f"{why}{written_as(quoted_value(line))}"
    else:
        yield (
            at.place,
            f"there is a second colon in this line; a text with one needs quotes{written_as(quoted_value(line))}",
        )


def _indented_too_far(at: Stumble) -> Iterator[Cause]:
    """A line that goes on with the text of the line before, because it is indented further."""
    if "mapping values" not in at.problem:
        return
    number = at.place[0]
    before = at.above(number)
    above, line = at.line(before), at.line(number)
    if not above.strip():
        return
    found = _ENTRY.fullmatch(above.rstrip())
    if found is not None and _indent(line) > len(found["before"]):
        fixed = " " * len(found["before"]) + line.strip()
        message = f"this line is indented too far, so that it goes on with the text of line {before}"
        yield (number, _indent(line) + 1), f"{message}; write it under '{found['key']}': {fixed!r}"
    elif ":" not in above:
        yield from _no_colon(at, before)


def _no_colon(at: Stumble, number: int) -> Iterator[Cause]:
    line = at.line(number)
    words = line.strip()
    if words.startswith(("//", "--", ";", "/*")) and not words.startswith("---"):
        yield (number, _indent(line) + 1), f"a comment starts with #{written_as('# ' + words.lstrip('/-;* '))}"
    elif ":" in words:
        fixed = re.sub(r":(?=\S)", ": ", words, count=1)
        yield (number, line.index(":") + 1), f"a colon is followed by a blank{written_as(fixed)}"
    else:
        dash = "- " if words.startswith("- ") else ""
        first, _, rest = words.removeprefix(dash).partition(" ")
        fixed = f"{dash}{first}: {rest}".rstrip()
        yield (
            (number, _indent(line) + 1),
            f"a key and a colon are wanted here, or more blanks before it{written_as(fixed)}",
        )


def _missing_colon(at: Stumble) -> Iterator[Cause]:
    if "could not find expected ':'" in at.problem and at.began:
        yield from _no_colon(at, at.began[0])


def _indented_too_little(at: Stumble) -> Iterator[Cause]:
    """A line that stands left of the list's entry that it belongs to."""
    if "expected '-' indicator" in at.problem and at.began:
        line = at.line(at.place[0])
        fixed = " " * (at.began[1] + 1) + line.strip()
        message = "this line is indented too little; what belongs to an entry of a list stands under its first word"
        yield (at.place[0], _indent(line) + 1), f"{message}: {fixed!r}"


def _not_closed(at: Stumble) -> Iterator[Cause]:
    """A brace or bracket that is not closed, or closes nothing."""
    if "expected ','" in at.problem and at.began:
        line = at.line(at.began[0])
        opened = line[at.began[1] - 1 : at.began[1]]
        closing = {"{": "}", "[": "]"}.get(opened)
        if closing and line.count(opened) > line.count(closing):
            fixed = line.rstrip() + closing
            yield at.began, f"the {opened} here is not closed{written_as(fixed)}"
        elif closing:
            yield (
                at.place,
                f"a comma or {closing} is wanted here; a text with a quote, colon, bracket or comma in it needs quotes",
            )
    elif at.line(at.place[0])[at.place[1] - 1 : at.place[1]] in ("}", "]"):
        line = at.line(at.place[0])
        fixed = line[: at.place[1] - 1] + line[at.place[1] :]
        yield at.place, f"the {line[at.place[1] - 1]} here closes nothing{written_as(fixed)}"


def _indented_otherwise(at: Stumble) -> Iterator[Cause]:
    """A line that is indented otherwise than the keys that it belongs to, or that starts with a dash among keys."""
    line = at.line(at.place[0])
    if "expected key" not in at.problem or not at.began or not line.strip():
        return
    if line.lstrip().startswith("- "):
        yield at.place, f"this line starts with a dash, and line {at.began[0]} does not; all entries of a list have one"
        return
    above = at.above(at.place[0])
    found = _ENTRY.fullmatch(at.line(above).rstrip())
    if found is not None and _indent(line) != len(found["before"]):
        fixed = " " * len(found["before"]) + line.strip()
        message = f"this line is indented otherwise than line {above}; what belongs together is indented alike"
        yield (at.place[0], _indent(line) + 1), f"{message}: {fixed!r}"


def _hash(at: Stumble) -> Iterator[Cause]:
    """A # inside brackets, behind which all is a comment."""
    if "flow" not in at.problem + at.context and "expected ','" not in at.problem:
        return
    for number in range(min(at.began[0] if at.began else at.place[0], at.place[0] - 1), at.place[0] + 1):
        if found := re.search(r"(?<=\s)#", at.line(number)):
            yield (number, found.start() + 1), "what stands behind a # is a comment; a text with one needs quotes"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


_LOOKS: tuple[Callable[[Stumble], Iterator[Cause]], ...] = (
    _blanks,
    _fence,
    _missing_colon,
    _two_actors,
    _second_colon,
    _indented_too_far,
    _marks,
    _indented_too_little,
    _hash,
    _not_closed,
    _indented_otherwise,
)
