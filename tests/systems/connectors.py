"""Systems that lose texts, volume or repetition: all that crosses goes through a connector, which has one fault."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from simsync.engine.model import Model
from simsync.engine.world import Item
from simsync.reference import ReferenceSystem

Views = dict[str, dict[str, dict[str, Any]]]


class Connector(ReferenceSystem):
    """It does what the rules say, but that what copies show is what came through the connector."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._texts = {f.name: f for f in model.vocabulary.fields.values() if not f.values}
        self.clear()

    def clear(self) -> None:
        """What a reset forgets."""
        self.through: dict[str, dict[str, Any]] = {}
        self.actions = 0

    def reset(self, status: str) -> dict[str, Any]:
        answer = super().reset(status)
        self.clear()
        return answer

    def act(self, *arguments: Any, **request: Any) -> dict[str, Any]:
        self.actions += 1
        if (reason := self.refuses()) is not None:
            return {"refused": reason}
        before = self._simulation.world.items
        answer = super().act(*arguments, **request)
        came = [i for i in self._simulation.world.items.values() if i.copy and not _copied(before, i)]
        for number, item in enumerate(came, 1):
            self._carry(item, number)
        return answer

    def _carry(self, item: Item, number: int) -> None:
        assert item.copy is not None
        new = {name: value for name, value in item.copy.fields.items() if name in self._texts}
        old = self.through.get(item.name)
        if new != {name: item.original.fields.get(name) for name in new}:
            self.through[item.name] = dict(new)  # changed by the other partner, on its own ticket
        elif old is None:
            self.through[item.name] = {n: self.across(str(text)) for n, text in new.items()}
            self.arrives(item, number)
        elif any(self.updates(str(old[n]), str(new[n])) for n in new):
            self.through[item.name] = {n: self.across(str(text)) for n, text in new.items()}

    def observe(self) -> dict[str, Any]:
        shown = super().observe()
        tickets: Views = {
            partner: {n: dict(v) for n, v in views.items()} for partner, views in shown["tickets"].items()
        }
        named = {show.field: show.name for show in self.model.vocabulary.shows}
        for item in self._simulation.world.items.values():
            view = tickets[self.model.vocabulary.other(item.owner)].get(item.name)
            if view is not None and item.name in self.through:
                view.update({named[n]: text for n, text in self.through[item.name].items()})
                if item.name in self.hidden():
                    del tickets[self.model.vocabulary.other(item.owner)][item.name]
        self.spoil(tickets)
        return {**shown, "tickets": tickets}

    def across(self, text: str) -> str:
        """A text as it comes through."""
        return text

    def updates(self, old: str, new: str) -> bool:
        """Whether a change is noticed."""
        return True

    def arrives(self, item: Item, number: int) -> None:
        """A copy was made, the so manyth in this step."""

    def hidden(self) -> frozenset[str]:
        """Items whose copies are lost."""
        return frozenset()

    def refuses(self) -> str | None:
        """Why it refuses whatever is asked."""
        return None

    def spoil(self, tickets: Views) -> None:
        """Show something else."""


def _copied(before: Mapping[str, Item], item: Item) -> bool:
    return item.name in before and before[item.name].copy == item.copy


def through(change: Callable[[str], str], model: Model) -> Callable[[], Connector]:
    """A connector that changes texts."""

    class Changing(Connector):
        def across(self, text: str) -> str:
            return change(text)

    return lambda: Changing(model)


def noticing(notices: Callable[[str, str], bool], model: Model) -> Callable[[], Connector]:
    """A connector that takes some changes for none; it is told of the copy's text and of the new one."""

    class Noticing(Connector):
        def updates(self, old: str, new: str) -> bool:
            return notices(old, new)

    return lambda: Noticing(model)


def narrow(text: str, encoding: str) -> str:
    """A text through an old encoding."""
    return text.encode(encoding, "replace").decode(encoding)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _number(text: str) -> str:
    number = _parsed(text)
    return str(int(text)) if text.isdecimal() else str(number) if isinstance(number, float) else text


CHANGED: dict[str, tuple[Callable[[str], str], str]] = {
    "trimmed": (str.strip, "\n"),
    "trimmed at the end": (str.rstrip, "\n"),
    "cut at 255": (lambda text: text[:255], ""),
    "cut at 32,000": (lambda text: text[:32_000], ""),
    "without 4 bytes": (lambda text: "".join(c if ord(c) < 0x10000 else "?" for c in text), "🔧"),
    "cut at 4 bytes": (lambda text: text[: next((n for n, c in enumerate(text) if ord(c) > 0xFFFF), None)], "🔧"),
    "latin-1": (lambda text: narrow(text, "latin-1"), "€"),
    "cp1252": (lambda text: narrow(text, "cp1252"), "京"),
    "ascii": (lambda text: narrow(text, "ascii"), "Ñ"),
    "composed": (lambda text: unicodedata.normalize("NFC", text), "o\u0308"),
    "one line": (lambda text: text.replace("\n", " "), "\n"),
    "the first line": (lambda text: text.split("\n")[0], "\n"),
    "ends as in Windows": (lambda text: text.replace("\n", "\r\n"), "\n"),
    "ends as in Unix": (lambda text: text.replace("\r\n", "\n"), "\r\n"),
    "paragraphs joined": (lambda text: text.replace("\n\n", "\n"), "\n\n"),
    "blanks joined": (lambda text: text.replace("  ", " "), "  "),
    "tabs spread": (lambda text: text.replace("\t", "    "), "\t"),
    "no-break spaces": (lambda text: text.replace("\u00a0", " "), "\u00a0"),
    "escaped": (html.escape, ">"),
    "tags stripped": (lambda text: text.replace("<", ""), "<"),
    "unescaped": (html.unescape, "&mp;"),
    "quotes doubled": (lambda text: text.replace("'", "''"), "'"),
    "backslashes eaten": (lambda text: text.replace("\\", ""), "\\"),
    "per cent": (unquote, "%20"),
    "a number": (lambda text: str(int(text)) if text.isdecimal() else text, "07"),
    "false": (lambda text: "" if text == "0" else text, "0"),
    "null": (lambda text: "" if text == "null" else text, "null"),
    "no formulas": (lambda text: f"'{text}" if text.startswith("=") else text, "="),
    "mentions": (lambda text: text.replace("@", "(at)"), "@"),
    "commands": (lambda text: "" if text.startswith("/") else text, "/"),
    "from right to left": (lambda text: text.replace("\u05e9", "?"), "\u05e9"),
    "joiners": (lambda text: text.replace("\u200d", ""), "\u200d"),
    "old Macs": (lambda text: re.sub(r"\r(?!\n)", "", text), "\r"),
    "control characters": (lambda text: re.sub(r"[\x01-\x08]", "", text), "\x07"),
    "a byte order mark": (lambda text: text.removeprefix("\ufeff"), "\ufeff"),
    "templates": (lambda text: re.sub(r"{{.*?}}", "", text), "{{}}"),
    "templates of shells": (lambda text: re.sub(r"\${.*?}", "", text), "${}"),
    "templates of C": (lambda text: text.replace("%s", ""), "%s"),
    "a signature": (lambda text: text.split("\n-- \n")[0], "\n-- \n"),
}
"""What a connector does to texts, and the shortest that shows it; empty where that is a matter of length."""
TOLD: dict[str, Callable[[str], Any]] = {
    "arrives trimmed": str.strip,
    "arrives without CR": lambda text: text.replace("\r", ""),
    "arrives without a CR alone": CHANGED["old Macs"][0],
    "arrives with line breaks as LF": lambda text: text.replace("\r\n", "\n").replace("\r", "\n"),
    "arrives without control characters": lambda text: re.sub(r"[\x00-\x08\x0b-\x0c\x0e-\x1f]", "", text),
    "arrives without a byte order mark": CHANGED["a byte order mark"][0],
    "arrives with templates filled in ({{x}})": CHANGED["templates"][0],
    "arrives with templates filled in (${x})": CHANGED["templates of shells"][0],
    "arrives with templates filled in (%s)": CHANGED["templates of C"][0],
    "arrives without the signature and the line break before it": CHANGED["a signature"][0],
    "arrives cut to 255 bytes of UTF-8": lambda text: text.encode()[:255].decode(errors="ignore"),
    "arrives cut to 255 characters": lambda text: text[:255],
    "arrives read as JSON": _parsed,
    "arrives read as a boolean": lambda text: {"true": True}.get(text, text),
    "arrives read as nothing where it is null": lambda text: None if text == "null" else text,
    "arrives read as a number and written again": _number,
    "arrives with true as 1 and false as 0": lambda text: {"true": "1"}.get(text, text),
    "arrives unescaped as an address (%20)": unquote,
    'arrives with "(at)" for "@"': CHANGED["mentions"][0],
}
"""What is said of texts, and a connector of which that is so."""
OVERLOOKED: dict[str, Callable[[str, str], bool]] = {
    "emptied": lambda _old, new: bool(new),
    "case": lambda old, new: old.lower() != new.lower(),
    "outer blanks": lambda old, new: old.strip() != new.strip(),
    "all blanks": lambda old, new: "".join(old.split()) != "".join(new.split()),
    "line ends": lambda old, new: old.splitlines() != new.splitlines(),
    "normalization": lambda old, new: unicodedata.normalize("NFC", old) != unicodedata.normalize("NFC", new),
    "what follows 255 characters": lambda old, new: old[:255] != new[:255],
    "numbers": lambda old, new: not (old.isdecimal() and new.isdecimal() and int(old) == int(new)),
}
"""When a connector notices a change."""


class SomeLost(Connector):
    """The so manyth item is lost on its way, of those that cross or of those of one step."""

    number = 5
    of_a_step = False

    def clear(self) -> None:
        super().clear()
        self.lost: set[str] = set()

    def arrives(self, item: Item, number: int) -> None:
        if (number if self.of_a_step else len(self.through)) == self.number:
            self.lost.add(item.name)

    def hidden(self) -> frozenset[str]:
        return frozenset(self.lost)


class ThirdHeldLost(SomeLost):
    """Of what crosses at once, such as at a resume, the third is lost."""

    number, of_a_step = 3, True


class TenthLost(SomeLost):
    """The tenth item is lost."""

    number = 10


class FiftiethLost(SomeLost):
    """The fiftieth item is lost."""

    number = 50


class Tiring(Connector):
    """It refuses everything from the 21st action on."""

    def refuses(self) -> str | None:
        return "too many requests" if self.actions > 20 else None


class Again(Connector):
    """What is there is sent once more, as a new item, whenever some status action is done for the second time."""

    def spoil(self, tickets: Views) -> None:
        moves = [outcome.event.action for outcome in self._simulation.outcomes if outcome.moved]
        if any(moves.count(move) > 1 for move in moves):
            for item in self._simulation.world.items.values():
                there = tickets[self.model.vocabulary.other(item.owner)]
                if item.name in there:
                    there[f"{item.name}-2"] = dict(there[item.name])
