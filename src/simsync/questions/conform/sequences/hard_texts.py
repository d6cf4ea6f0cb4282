"""Texts that connectors break, each with one before it from which the change to it is what they overlook."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from simsync.engine.model import Model
from simsync.engine.trace import Trace
from simsync.policy.policy import Value

LONGEST = 40_000
"""Characters of the longest text."""
LONG = 300
"""Characters of one that is longer than what many a title or database column holds."""
WALKED = 80
"""Characters of the longest text that a random walk writes."""
BROAD = 200
"""Characters of a wide one, which is too long for many a column by its bytes only."""
FULL_WIDTH = 0xFEE0
"""From a printed character of ASCII to its wide form."""
RULED = 40
"""Characters from which on a text is first looked at for its length."""
MOST_CUTS = 60
"""Parts of a text that are tried to be left out."""


class Hard(NamedTuple):
    """A text, and a text before it; ``name`` says what is hard about the text, or about the change."""

    name: str
    before: str
    text: str


def ruler(length: int) -> str:
    """A text that says how long it is: each number ends at the character that it counts.

    >>> ruler(24)
    '........10........20....'
    """
    marks = "".join(str(number).rjust(10, ".") for number in range(10, length + 1, 10))
    return marks + "." * (length - len(marks))


def wide(text: str) -> str:
    """A text as printed characters as wide as those of Chinese, each of 3 bytes.

    >>> wide("10!")
    '１０！'
    """
    return "".join(chr(ord(one) + FULL_WIDTH) for one in text)


def _long(length: int) -> Hard:
    text = ruler(length)
    return Hard(f"of {length:,} characters changed in the last one", text[:-1] + "!", text)


PLAIN = "plain"
SHORT = (
    Hard("with letters of Latin-1", PLAIN, "Größe naïve Ñ"),
    Hard("with letters beyond Latin-1", PLAIN, "Łódź Ελλάς 東京 €"),
    Hard("with a character of 4 bytes", PLAIN, "before 🔧 after"),
    Hard("with joined emoji", PLAIN, "👩🏽‍🚒 of 🇨🇭"),
    Hard("from right to left", PLAIN, "שלום عالم"),
    Hard("with combining characters", PLAIN, "cafe\u0301 A\u030angstro\u0308m"),
    Hard("changed in normalization only", "café", "cafe\u0301"),
    Hard("of two lines", PLAIN, "one\ntwo"),
    Hard("of lines as Windows and old Macs end them", PLAIN, "one\r\ntwo\rthree"),
    Hard("changed in line ends only", "one\ntwo", "one\r\ntwo"),
    Hard("of several paragraphs with a signature", PLAIN, "one\n\n\ntwo\n-- \nthree\n"),
    Hard("with outer blanks", "outer blanks", "  outer blanks  "),
    Hard("that ends in a line break", "ends", "ends\n"),
    Hard("changed in inner blanks only", "inner blanks", "inner  blanks"),
    Hard("of blanks only", PLAIN, "   "),
    Hard("with tabs and control characters", PLAIN, "\tone\ttwo\x07 \x1b[0m"),
    Hard("with a byte order mark and other blanks", PLAIN, "\ufeffone\u00a0two\u2028three"),
    Hard("changed in letter case only", "letter case", "LETTER CASE"),
    Hard("emptied", "not empty", ""),
    Hard("with markup", PLAIN, "<b>bold</b> & &amp; <script>"),
    Hard("with quotes", PLAIN, "\"double\" 'single' `back` “curly”"),
    Hard("with backslashes, per cent signs and templates", PLAIN, r"C:\new\table %20 %s ${x} {0} {{x}}"),
    Hard("that begins with a slash", PLAIN, "/close now"),
    Hard("with signs of formulas and mentions", PLAIN, "=1+1 @all #1"),
    Hard("that is a number", "7", "007"),
    Hard("that is nothing to some", "1.50", "0"),
    Hard("that is a word of programs", "true", "null"),
    Hard("that is JSON", PLAIN, '{"a": [1, "b"]}'),
)
"""Those that are quick to send."""


def hard_texts(longest: int = LONGEST) -> list[Hard]:
    """All of them, none with more characters than so many."""
    lengths = dict.fromkeys(min(length, longest) for length in (LONG, LONGEST))
    broad = Hard(f"of {BROAD:,} wide characters", PLAIN, wide(ruler(BROAD)))
    return [hard for hard in (*SHORT, broad, *map(_long, lengths)) if max(len(hard.before), len(hard.text)) <= longest]


def free_texts(model: Model) -> frozenset[str]:
    """The fields that hold free texts."""
    return frozenset(field.name for field in model.vocabulary.fields.values() if not field.values)


def plain(model: Model, trace: Trace) -> Trace:
    """The trace with its texts numbered, as if it did not matter what they are; an empty one stays empty."""
    free = free_texts(model)
    texts = dict.fromkeys(str(v) for e in trace.events for n, v in e.fields.items() if n in free and v)
    return _said(trace, free, {text: f"text {number}" for number, text in enumerate(texts, 1)})


def plainer(model: Model, trace: Trace, still: Callable[[Trace], bool]) -> Trace:
    """The trace with texts as plain and short as it still fails with: what is left of one is what matters."""
    free = free_texts(model)
    if still(simple := plain(model, trace)):
        return simple
    texts = dict.fromkeys(str(v) for e in trace.events for n, v in e.fields.items() if n in free and v)
    for number, text in enumerate(texts, 1):
        trace = _first([_said(trace, free, {text: f"text {number}"})], still) or trace
    for text in _texts(trace, free):
        trace = _shorter(trace, free, text, still)
    return trace


def _first(traces: list[Trace], still: Callable[[Trace], bool]) -> Trace | None:
    return next((one for one in traces if still(one)), None)


def _texts(trace: Trace, free: frozenset[str]) -> list[str]:
    """The texts of a trace that are none of those that stand for any text."""
    found = dict.fromkeys(str(v) for e in trace.events for n, v in e.fields.items() if n in free and v)
    return [text for text in found if not re.fullmatch(r"text \d+", text)]


def _said(trace: Trace, free: frozenset[str], other: Mapping[str, str]) -> Trace:
    """The trace with other texts for some."""

    def said(value: Value) -> Value:
        return other.get(value, value) if isinstance(value, str) else value

    events = tuple(
        replace(e, fields={n: said(v) if n in free else v for n, v in e.fields.items()}) for e in trace.events
    )
    return replace(trace, events=events)


def _shorter(trace: Trace, free: frozenset[str], text: str, still: Callable[[Trace], bool]) -> Trace:
    """The trace with one text, and what others have in common with it, cut as far as it still fails."""
    if text not in _texts(trace, free):
        return trace  # it was cut with another one
    if len(text) > RULED and still(ruled := _said(trace, free, {text: ruler(len(text))})):
        return _least(ruled, free, len(text), still)
    cuts = 0
    size = len(text) // 2
    while size and cuts < MOST_CUTS:
        start = 0
        while start < len(text) and cuts < MOST_CUTS:
            cuts += 1
            without = text[:start] + text[start + size :]
            alone = {text: without}
            alike = {other: _cut_alike(text, other, start, size) for other in _texts(trace, free)}
            tried = [alone] if len(alike) == 1 else [{**alike, **alone}, alone]
            found = _first([_said(trace, free, one) for one in tried if without], still)
            if found is None:
                start += size
            else:
                trace, text = found, without
        size //= 2
    return trace


def _cut_alike(text: str, other: str, start: int, size: int) -> str:
    """Another text without the part of a text that both have there, in any case of letters; as it was if it has not."""
    part = other[start : start + size]
    return other[:start] + other[start + size :] if part.casefold() == text[start : start + size].casefold() else other


def _least(trace: Trace, free: frozenset[str], length: int, still: Callable[[Trace], bool]) -> Trace:
    """The trace with the shortest ruler with which it still fails, found by halving."""
    fails, passes = length, 0
    while fails - passes > 1:
        middle = (fails + passes) // 2
        shorter = _said(trace, free, {ruler(fails): ruler(middle)})
        if still(shorter):
            trace, fails = shorter, middle
        else:
            passes = middle
    return trace
