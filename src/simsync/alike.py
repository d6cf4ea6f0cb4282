"""Texts that differ and look alike, told so that the eye can tell them apart: quoted, and what differs is escaped.

Two texts look alike if only what nobody can see tells them apart: how an accent is composed, blanks of other kinds or
at the ends, characters without a width, letters of another script, dashes and quotes of other kinds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache

SHOWN = 300
"""How many characters of a text are shown."""
_BEFORE = 40

_BLANKS = re.compile(r"[\s\u2800]+")
_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_UNLIKE = ("<super>", "<sub>", "<fraction>", "<circle>")
_IGNORABLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_TWINS = {
    # Cyrillic
    **dict(zip("аеорсухіјѕһԁԛԝѵкгьӏАВЕКМНОРСТУХІЈЅԌѴԜЗбӀ", "aeopcyxijshdqwvkrblABEKMHOPCTYXIJSGVW36I", strict=True)),
    # Greek
    **dict(zip("αονρικυχγητσϲϳωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aovpikuxyntocjwABEZHIKMNOPTYX", strict=True)),
    # Armenian, Hebrew, and letters of Latin's own
    **dict(zip("օսոհցզՕՏסıɑɡɩʟ", "ounhgqOSoiagiL", strict=True)),
    # dashes, quotes, and other marks
    **dict.fromkeys("‐‑‒–—―−˗⁃", "-"),
    **dict.fromkeys("‘’‛ʼʹ′`´ˈꞌ", "'"),
    **dict.fromkeys("“”‟„″ˮ", '"'),
    **dict.fromkeys("•∙⋅・", "·"),
    **dict(zip("∕⁄∶꞉ː‚∗∼ǃ‹›×", "//:::,*~!<>x", strict=True)),
}  # fmt: skip


def escaped(character: str) -> str:
    r"""A character as a quoted text of YAML may say it without showing it.

    >>> escaped("é"), escaped("\t")
    ('\\u00e9', '\\t')
    """
    code = ord(character)
    return _NAMED.get(character) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")


def look_alike(one: str, other: str) -> bool:
    """Whether two texts differ, and nobody can see it.

    >>> look_alike("cafe\\u0301", "caf\\u00e9"), look_alike("a b", "a b "), look_alike("cafe", "caf\\u00e9")
    (True, True, False)
    """
    return one != other and _skeleton(one) == _skeleton(other)


def quoted(text: str) -> str:
    r"""A text in quotes, with all that cannot be seen in it escaped.

    >>> quoted("a b ")
    '"a b "'
    """
    return _cut(text, 0, frozenset(), quotes=True)


def shown(text: str) -> str:
    """A text as it is, or in quotes where something in it cannot be seen: blanks at its ends, say.

    >>> shown("a b"), shown("a b "), shown("a\\u00a0b")
    ('a b', '"a b "', '"a\\\\u00a0b"')
    """
    return _cut(text, 0, frozenset(), quotes=not is_plain(text))


def apart(one: str, other: str) -> tuple[str, str]:
    """Two texts so that what differs can be seen; two that differ plainly stay as they are.

    >>> apart("cafe\\u0301", "caf\\u00e9")
    ('"cafe\\\\u0301"', '"caf\\\\u00e9"')
    >>> apart("admin", "guest")
    ('admin', 'guest')
    """
    if one == other:
        return shown(one), shown(other)
    start = _start(one, other)
    here, there = one[start : start + SHOWN], other[start : start + SHOWN]
    marked, others = _marked(here, there)
    quotes = bool(marked or others or not is_plain(one) or not is_plain(other) or here == there)
    return _cut(one, start, marked, quotes=quotes), _cut(other, start, others, quotes=quotes)


def _start(one: str, other: str) -> int:
    """From where on two texts are shown: from the start, or from a little before they first differ."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return 0 if same < SHOWN - _BEFORE else same - _BEFORE


def _cut(text: str, start: int, marked: frozenset[int], *, quotes: bool) -> str:
    """A part of a text, in quotes or not, with the characters at some places escaped, and how long the whole is."""
    part = text[start : start + SHOWN]
    said = _escaped(part, marked)
    before, after = "..." if start else "", "..." if start + SHOWN < len(text) else ""
    said = f'"{before}{said}{after}"' if quotes else f"{before}{said}{after}"
    from_there = f", from character {start + 1:,} on" if start else ""
    return f"{said} ({len(text):,} characters{from_there})" if len(text) > SHOWN else said


def _escaped(text: str, marked: frozenset[int]) -> str:
    """A text with what cannot be seen escaped; a backslash is doubled where it would look like part of an escape."""
    pieces: list[str] = []
    for place in reversed(range(len(text))):
        character = text[place]
        if place in marked or not character.isprintable():
            character = escaped(character)
        elif character == "\\" and pieces and (pieces[-1][0] in "uUntr" or pieces[-1][:-1].startswith("\\")):
            character = "\\\\"
        pieces.append(character)
    return "".join(reversed(pieces))


def is_plain(text: str) -> bool:
    """Whether a reader sees all of a text without quotes around it."""
    return text != "" and text == text.strip() and "  " not in text and text.isprintable()


def _marked(one: str, other: str) -> tuple[frozenset[int], frozenset[int]]:
    """The places in each text of what differs and cannot be seen to."""
    whole = look_alike(one, other)
    marked, others = set[int](), set[int]()
    for kind, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        alike = whole or look_alike(one[a:b], other[c:d])
        marked.update(_hidden(one, a, b, alike=alike))
        others.update(_hidden(other, c, d, alike=alike))
    return frozenset(marked), frozenset(others)


def _hidden(text: str, start: int, end: int, *, alike: bool) -> Iterator[int]:
    """The places between two of what is not seen for what it is: all that is not ASCII, or letters that mix scripts."""
    for place in range(start, end):
        if not text[place].isascii() and (alike or _mixes(text, place)):
            yield place


def _mixes(text: str, place: int) -> bool:
    """Whether a letter stands beside one of another script."""
    scripts = {_script(c) for c in text[max(0, place - 1) : place + 2] if c.isalpha()}
    return text[place].isalpha() and len(scripts) > 1


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "?").partition(" ")[0]


def _skeleton(text: str) -> str:
    """What the eye keeps of a text."""
    seen = "".join(filter(None, map(_seen, unicodedata.normalize("NFC", text))))
    return _BLANKS.sub(" ", unicodedata.normalize("NFD", seen)).strip()


@cache
def _seen(character: str) -> str:
    """What the eye takes a character for; nothing, for one without a width."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cf", "Cc") or _IGNORABLE.match(character):
        return ""
    if unicodedata.decomposition(character).startswith(_UNLIKE):
        return character
    return "".join(_TWINS.get(c, c) for c in unicodedata.normalize("NFKD", character))
