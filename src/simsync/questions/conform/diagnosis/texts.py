"""What systems make of texts, and what can be said of a text beside others."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from simsync.engine.view import entry_on
from simsync.engine.world import Event, World
from simsync.policy.facts import CREATE
from simsync.policy.policy import Vocabulary

DOTS = ("", "...", "…")
Alter = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text that an item has: the one before, the item's earlier ones, those said before of other items.

    ``there`` are those that others have on the ticket of the item's owner's partner.
    """

    now: str
    before: str | None
    own: tuple[str, ...]
    others: tuple[str, ...]
    there: tuple[str, ...] = ()


class Said:
    """The texts that items have, and had, in a sequence of events."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._free = [field.name for field in vocabulary.fields.values() if not field.values]
        self._of: dict[str, dict[str, Utterance]] = {}
        self._all: list[tuple[str, str]] = []

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
            kept[name] = Utterance(text, last.now if last else None, own, others)
            self._all.append((event.item, text))

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
    Trait("the other ticket has an item with the same text", lambda text: text.now in text.there),
    Trait("the text equals another item's", lambda text: text.now in text.others),
    Trait("the text is the one that the item has already", lambda text: text.now == text.before),
    Trait("the text equals an earlier one of the item", lambda text: text.now in text.own),
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
    "up to the first character beyond U+FFFF": lambda text: re.split(r"[\U00010000-\U0010ffff]", text)[0],
    "up to the first character that is not ASCII": lambda text: re.split(r"[^\x00-\x7f]", text)[0],
    "read in another encoding (UTF-8 as Windows-1252)": _mangled,
    "read in another encoding (UTF-8 as Latin-1)": lambda text: text.encode("utf-8").decode("latin-1"),
    "with markup escaped": html.escape,
    "with markup escaped, but for quotes": lambda text: html.escape(text, quote=False),
    "with entities unescaped": html.unescape,
    "without markup": lambda text: re.sub(r"<[^<>]*>", "", text),
    "without < and >": lambda text: re.sub(r"[<>]", "", text),
    "emptied": lambda text: "",
}
"""What systems are known to make of texts, as one would say it of them."""


def alterations(expected: str, actual: str) -> Iterator[tuple[str, Alter]]:
    """What would make one text of another, as a half-sentence after *texts are*: one thing, or two."""
    found = [*_cuts(expected, actual), *_known(expected, actual)]
    yield from found
    if found:
        return
    for about, alter in ALTERED.items():
        between = alter(expected)
        if between != expected:
            for second, then in (*_cuts(between, actual), *_known(between, actual)):
                yield f"{about}, and {second}", _both(alter, then)


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
        if not actual.isascii() and not dots:
            for unit, encoding, width in (("bytes of UTF-8", "utf-8", 1), ("units of UTF-16", "utf-16-le", 2)):
                long, rest = len(actual.encode(encoding)), len(expected[: size + 1].encode(encoding))
                for most in range(long // width, rest // width):
                    yield f"cut to {most:,} {unit}", _cut_encoded(most * width, encoding)


def _cut_to(size: int, dots: str) -> Alter:
    return lambda text: text if len(text) <= size else text[: size - len(dots)] + dots


def _cut_encoded(size: int, encoding: str) -> Alter:
    return lambda text: text.encode(encoding)[:size].decode(encoding, errors="ignore")
