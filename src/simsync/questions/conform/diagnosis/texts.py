"""What systems make of texts, and what can be said of a text beside others."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, unquote_plus

from simsync.alike import quoted
from simsync.engine.outcome import Outcome
from simsync.engine.view import entry_on
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.policy.policy import Vocabulary

DOTS = ("", "...", "…")
MOST_EXCHANGED = 40
"""Characters of a text up to which a part of it that becomes another is told."""
MOST_ALONE = 4
"""Characters of a part that is all of the text."""
Alter = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text that an item has: the one before, the item's earlier ones, those said before of other items.

    ``there`` are those that others have on the ticket of the item's owner's partner. ``replaced`` is what the ticket of
    whoever said it had before the other's change came, if nothing of its own crossed over since.
    """

    now: str
    before: str | None
    own: tuple[str, ...]
    others: tuple[str, ...]
    there: tuple[str, ...] = ()
    replaced: str | None = None


class Said:
    """The texts that items have, and had, in a sequence of events."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._free = [field.name for field in vocabulary.fields.values() if not field.values]
        self._of: dict[str, dict[str, Utterance]] = {}
        self._all: list[tuple[str, str]] = []
        self._replaced: dict[tuple[str, str, str], str] = {}

    def hear(self, event: Event) -> None:
        """Take in what an event says, and what it leaves unsaid of a new item."""
        if event.item is None:
            return
        kept = self._of.setdefault(event.item, {})
        for name in self._free:
            unsaid = event.action == CREATE and event.kind and name in self._words.kinds[event.kind].fields
            text = event.fields.get(name, self._words.fields[name].default if unsaid else None)
            if not isinstance(text, str):
                continue
            last = kept.get(name)
            own = tuple(said for item, said in self._all if item == event.item)
            others = tuple(said for item, said in self._all if item != event.item)
            replaced = self._replaced.get((event.actor, event.item, name))
            kept[name] = Utterance(text, last.now if last else None, own, others, replaced=replaced)
            self._all.append((event.item, text))

    def see(self, outcome: Outcome) -> None:
        """Take in what crossed over in a step, and what it took the place of."""
        for name, item in outcome.after.items.items():
            before = outcome.before.items.get(name)
            for partner in self._words.partners if before is not None else ():
                acts = outcome.event.item == name and outcome.event.actor == partner
                was, now = (None if one is None else entry_on(one, partner) for one in (before, item))
                for field in self._free if was is not None and now is not None and not acts else ():
                    text = was.fields.get(field) if was is not None else None
                    if isinstance(text, str) and now is not None and now.fields.get(field) != text:
                        self._replaced[partner, name, field] = text
                        self._replaced.pop((self._words.other(partner), name, field), None)

    def has(self, world: World, item: str, owner: str, where: Callable[[Utterance], bool]) -> bool:
        """Whether something holds of a text of an item in a world."""
        receiver = self._words.other(owner)
        entries = [entry_on(other, receiver) for other in world.items.values() if other.name != item]
        for name, one in self._of.get(item, {}).items():
            there = tuple(str(entry.fields[name]) for entry in entries if entry is not None and name in entry.fields)
            if where(replace(one, there=there)):
                return True
        return False


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that can be said of a text, as a half-sentence, for *where*."""

    about: str
    holds: Callable[[Utterance], bool]


def _same_but(one: str | None, other: str, alter: Alter) -> bool:
    return one is not None and one != other and alter(one) == alter(other)


def blanks_apart(text: str) -> str:
    """The text without blanks."""
    return "".join(text.split())


TRAITS = (
    Trait("the other {ticket} has {a_item} with the same text", lambda text: text.now in text.there),
    Trait("the text equals another {item}'s", lambda text: text.now in text.others),
    Trait("the text is the one that the {item} has already", lambda text: text.now == text.before),
    Trait(
        "the text is again what the acting {ticket} had before the other's last change came",
        lambda text: text.now == text.replaced,
    ),
    Trait("the text equals an earlier one of the {item}", lambda text: text.now in text.own),
    Trait("the text equals an earlier one", lambda text: text.now in (*text.own, *text.others)),
    Trait(
        "the text differs from the one before in case only",
        lambda text: _same_but(text.before, text.now, str.casefold),
    ),
    Trait(
        "the text differs from the one before in blanks only",
        lambda text: _same_but(text.before, text.now, blanks_apart),
    ),
    Trait("the text is empty", lambda text: not text.now),
    Trait("the text is blank", lambda text: not text.now.strip()),
    Trait("the text has outer blanks", lambda text: text.now != text.now.strip()),
    Trait("the text has line breaks", lambda text: bool(re.search(r"[\r\n]", text.now))),
    Trait("the text has markup", lambda text: bool(re.search(r"[<>&]", text.now))),
    Trait("the text has characters beyond U+FFFF", lambda text: any(ord(c) > 0xFFFF for c in text.now)),
    Trait("the text has characters that are not ASCII", lambda text: not text.now.isascii()),
)


def longer_than(length: int) -> Trait:
    """Of texts that are longer."""
    return Trait(f"the text is longer than {length:,} characters", lambda text: len(text.now) > length)


def _mangled(text: str) -> str:
    return text.encode("utf-8").decode("cp1252", errors="replace")


def _question_marks(text: str) -> str:
    return text.encode("ascii", errors="replace").decode("ascii")


def _parsed(text: str) -> object:
    """What JSON says; the text itself where it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _written(text: str) -> str:
    found = _parsed(text)
    return text if found == text else json.dumps(found, ensure_ascii=False)


def _of_python(text: str) -> str:
    return str(_parsed(text))


def _number(text: str) -> str:
    try:
        return str(int(text)) if text.strip().isdecimal() else f"{float(text):g}"
    except ValueError:
        return text


def _without(pattern: str, instead: str = "") -> Alter:
    """Whatever is like a pattern taken out, or something put in its place."""
    found = re.compile(pattern)
    return lambda text: found.sub(lambda _: instead, text)


def _if_one_of(words: Iterable[str], instead: str) -> Alter:
    """Something in the place of whole texts."""
    some = frozenset(words)
    return lambda text: instead if text.strip().lower() in some else text


CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
"""Control characters but for tabs and line breaks."""
ALTERED: dict[str, Alter] = {
    "trimmed": str.strip,
    "trimmed at the end": str.rstrip,
    "trimmed at the beginning": str.lstrip,
    "in lower case": str.lower,
    "case-folded": str.casefold,
    "in upper case": str.upper,
    "normalized (NFC)": lambda text: unicodedata.normalize("NFC", text),
    "normalized (NFD)": lambda text: unicodedata.normalize("NFD", text),
    "normalized (NFKC)": lambda text: unicodedata.normalize("NFKC", text),
    "with blanks collapsed": lambda text: re.sub(r"[ \t]+", " ", text),
    "with blanks and line breaks collapsed": lambda text: re.sub(r"\s+", " ", text),
    "with blanks collapsed and trimmed": lambda text: " ".join(text.split()),
    "with line breaks as LF": lambda text: re.sub(r"\r\n?", "\n", text),
    "with line breaks as CRLF": lambda text: re.sub(r"\r\n?|\n", "\r\n", text),
    "without CR": lambda text: text.replace("\r", ""),
    "with line breaks as blanks": lambda text: re.sub(r"\r\n?|\n", " ", text),
    "without line breaks": lambda text: re.sub(r"[\r\n]", "", text),
    "with line breaks as <br>": lambda text: re.sub(r"\r\n?|\n", "<br>", text),
    "with line breaks as <br/>": lambda text: re.sub(r"\r\n?|\n", "<br/>", text),
    "up to the first line break": lambda text: re.split(r"[\r\n]", text)[0],
    "without characters that are not ASCII": lambda text: "".join(c for c in text if c.isascii()),
    "with ? for what is not ASCII": _question_marks,
    "with U+FFFD for what is not ASCII": lambda text: re.sub(r"[^\x00-\x7f]", "\ufffd", text),
    "without accents": lambda text: "".join(
        c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c) and c.isascii()
    ),
    "without characters beyond U+FFFF": lambda text: re.sub(r"[\U00010000-\U0010ffff]", "", text),
    "with ? for what is beyond U+FFFF": lambda text: re.sub(r"[\U00010000-\U0010ffff]", "?", text),
    "with ?? for what is beyond U+FFFF": lambda text: re.sub(r"[\U00010000-\U0010ffff]", "??", text),
    "with ???? for what is beyond U+FFFF": lambda text: re.sub(r"[\U00010000-\U0010ffff]", "????", text),
    "with U+FFFD for what is beyond U+FFFF": lambda text: re.sub(r"[\U00010000-\U0010ffff]", "\ufffd", text),
    "up to the first LF": lambda text: text.split("\n")[0],
    "up to the first character beyond U+FFFF": lambda text: re.split(r"[\U00010000-\U0010ffff]", text)[0],
    "up to the first character that is not ASCII": lambda text: re.split(r"[^\x00-\x7f]", text)[0],
    "read in another encoding (UTF-8 as Windows-1252)": _mangled,
    "read in another encoding (UTF-8 as Latin-1)": lambda text: text.encode("utf-8").decode("latin-1"),
    "with markup escaped": html.escape,
    "with markup escaped, but for quotes": lambda text: html.escape(text, quote=False),
    "with entities unescaped": html.unescape,
    "without a CR alone": _without(r"\r(?!\n)"),
    "with a CR alone as LF": _without(r"\r(?!\n)", "\n"),
    "with several line breaks as one": _without(r"(?:\r\n|\r|\n){2,}", "\n"),
    "with several line breaks as two": _without(r"(?:\r\n|\r|\n){3,}", "\n\n"),
    "without the signature": lambda text: re.split(r"(?m)^-- ?\r?$", text)[0],
    "without the signature and the line break before it": lambda text: re.split(r"(?m)(?:^|\r?\n)-- ?\r?$", text)[0],
    "without control characters": _without(CONTROL),
    "without control characters, tabs and line breaks": _without(r"[\x00-\x1f\x7f]"),
    "with control characters as blanks": _without(CONTROL, " "),
    "with ? for control characters": _without(CONTROL, "?"),
    "with U+FFFD for control characters": _without(CONTROL, "\ufffd"),
    "up to the first control character": lambda text: re.split(CONTROL, text)[0],
    "without colours of terminals": _without(r"\x1b\[[0-9;]*m"),
    "without tabs": _without(r"\t"),
    "with tabs as blanks": _without(r"\t", " "),
    "with tabs as 4 blanks": _without(r"\t", "    "),
    "with tabs as 8 blanks": _without(r"\t", "        "),
    "without a byte order mark": _without("\ufeff"),
    "without characters that cannot be seen": lambda text: "".join(c for c in text if unicodedata.category(c) != "Cf"),
    "with no-break spaces as blanks": _without("\u00a0", " "),
    "with line separators as LF": _without("[\u2028\u2029\u0085]", "\n"),
    "without line separators": _without("[\u2028\u2029\u0085]"),
    "without backslashes": _without(r"\\"),
    "with backslashes doubled": _without(r"\\", r"\\"),
    "with quotes doubled": _without("'", "''"),
    "with quotes escaped": lambda text: re.sub(r"(['\"])", r"\\\1", text),
    "with straight quotes": lambda text: re.sub("[‘’]", "'", re.sub("[“”]", '"', text)),
    "unescaped as an address (%20)": unquote,
    "unescaped as a form (+ and %20)": unquote_plus,
    "with templates filled in ({{x}})": _without(r"\{\{.*?\}\}"),
    "with templates filled in (${x})": _without(r"\$\{.*?\}"),
    "with templates filled in ({0})": _without(r"(?<!\{)\{\w*\}(?!\})"),
    "with templates filled in (%s)": _without(r"%[sd]"),
    "read as JSON and written again": _written,
    "read as JSON and written as Python does": _of_python,
    "read as a number and written again": _number,
    "without zeros at the beginning of a number": lambda text: text.lstrip("0") if text.isdecimal() else text,
    "with true as 1 and false as 0": lambda text: {"true": "1", "false": "0"}.get(text, text),
    "emptied where it is null": _if_one_of(["null"], ""),
    "emptied where it is 0": _if_one_of(["0"], ""),
    "emptied where it is nothing to programs": _if_one_of(["0", "false", "null", "none", "undefined"], ""),
    "emptied where it begins with a slash": lambda text: "" if text.startswith("/") else text,
    "with a quote before a sign of formulas": lambda text: f"'{text}" if re.match(r"[=+@-]", text) else text,
    "without markup": lambda text: re.sub(r"<[^<>]*>", "", text),
    "without < and >": lambda text: re.sub(r"[<>]", "", text),
    "emptied": lambda text: "",
}
"""What systems are known to make of texts, as one would say it of them."""


def alterations(expected: str, actual: str) -> Iterator[tuple[str, Alter]]:
    """What would make one text of another, as a half-sentence after *texts are*: one thing, or two."""
    found = [*_cuts(expected, actual), *_known(expected, actual), *_exchanged(expected, actual)]
    yield from found
    if found:
        return
    for about, alter in ALTERED.items():
        between = alter(expected)
        if between != expected:
            for second, then in (*_cuts(between, actual), *_known(between, actual)):
                yield f"{about}, and {second}", _both(alter, then)


PARSED: dict[str, Callable[[str], object]] = {
    "read as JSON": _parsed,
    "read as a boolean": lambda text: {"true": True, "false": False}.get(text.lower(), text),
    "read as a number": lambda text: _parsed(text) if re.fullmatch(r"-?[\d.]+(e\d+)?", text) else text,
    "read as nothing where it is null": lambda text: None if text == "null" else text,
    "read as nothing where it is empty": lambda text: text or None,
}
"""What systems are known to make of texts that is none."""


def misread(expected: str, actual: object) -> Iterator[tuple[str, Callable[[str], object]]]:
    """What would make something that is no text of a text."""
    yield from ((about, turn) for about, turn in PARSED.items() if _same(turn(expected), actual))


def _same(one: object, other: object) -> bool:
    return (one, type(one)) == (other, type(other))


def _both(first: Alter, second: Alter) -> Alter:
    return lambda text: second(first(text))


def _known(expected: str, actual: str) -> Iterator[tuple[str, Alter]]:
    if expected != actual:
        yield from ((about, alter) for about, alter in ALTERED.items() if alter(expected) == actual)


def _cuts(expected: str, actual: str) -> Iterator[tuple[str, Alter]]:
    """Cut to a length in characters, in bytes, or in UTF-16's units; with dots at the end or without."""
    for dots in DOTS:
        start = actual.removesuffix(dots)
        if not actual.endswith(dots) or not expected.startswith(start) or len(start) >= len(expected):
            continue
        with_dots = f", '{dots}' included" if dots else ""
        size = len(actual)
        yield f"cut to {size:,} characters{with_dots}", _cut_to(size, dots)
        for unit, encoding, width in (("bytes of UTF-8", "utf-8", 1), ("units of UTF-16", "utf-16-le", 2)):
            end = len(dots.encode(encoding))
            long, rest = (end + len(expected[:n].encode(encoding)) for n in (len(start), len(start) + 1))
            for most in range(long // width, rest // width):
                yield f"cut to {most:,} {unit}{with_dots}", _cut_encoded(most * width, encoding, dots)


def _cut_to(size: int, dots: str) -> Alter:
    return lambda text: text if len(text) <= size else text[: size - len(dots)] + dots


def _cut_encoded(size: int, encoding: str, dots: str) -> Alter:
    def cut(text: str) -> str:
        whole, left = text.encode(encoding), size - len(dots.encode(encoding))
        return text if len(whole) <= size else whole[:left].decode(encoding, errors="ignore") + dots

    return cut


def _in_common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _exchanged(expected: str, actual: str) -> Iterator[tuple[str, Alter]]:
    """What stands for another part, where a short text says all that matters."""
    if max(len(expected), len(actual)) > MOST_EXCHANGED:
        return
    start = _in_common(expected, actual)
    end = _in_common(expected[start:][::-1], actual[start:][::-1])
    part, instead = expected[start : len(expected) - end], actual[start : len(actual) - end]
    if part and (part != expected or len(part) <= MOST_ALONE):
        about = f"with {quoted(instead)} for {quoted(part)}" if instead else f"without {quoted(part)}"
        yield about, lambda text: text.replace(part, instead)
