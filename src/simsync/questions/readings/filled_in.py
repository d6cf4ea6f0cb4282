"""A filled-in sheet as its boxes: from Markdown as editors and wikis leave it, or from HTML as a browser saves it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any

from simsync.errors import Code, Diagnostic, SimsyncError, usage_error
from simsync.questions.readings.vendor_markdown import STAMP
from simsync.questions.readings.vendor_sheet import OTHERWISE

MAX_BYTES = 8 * 2**20
NO_SHEET = (
    "this is no sheet of questions: no box in it stands below a question of one; simsync readings --questions makes"
    " one, with --format html or markdown, to be filled in and saved"
)
_FENCE = re.compile(r"\s*(?:```|~~~)")
_LABEL = re.compile(r"[\s>*_#-]*(?P<label>\d{1,4}[a-z]{1,3})[.)]")
_BOX = re.compile(
    r"(?P<head>\s*(?:[-*+•]\s+|\d+[.)]\s+)?)(?:\\?\[(?P<mark>[^\[\]\\]{0,12})\\?\]|(?P<sign>[☐☑☒✓✔✗✘]))\s*(?P<text>\S.*)?"
)
_STAMP = re.compile(rf"<!--\s*{STAMP}\s+(?P<stamp>.*?)\s*-->")
_MEANT = re.compile(r"\\([\\`*_\[\]<>|#.~^-])")
_EMPTY, _TICKED = {"", "☐"}, {"x", "✓", "✔", "☑", "☒", "✗", "✘", "v", "*", "yes", "y"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPlace:
    """Where something stands in a filled-in sheet."""

    file: str
    line: int
    col: int

    def fault(self, code: Code, message: str) -> Diagnostic:
        """What is wrong there."""
        return Diagnostic(file=self.file, line=self.line, col=self.col, code=code, message=message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A box: below which question, what it says, whether it is ticked (None: nobody can tell), what was added."""

    label: str
    says: str
    ticked: bool | None
    note: str
    mark: str
    place: SheetPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledIn:
    """A filled-in sheet, and what its stamp says: the digest of what was asked, the ``steps`` and what was ``settled``.

    Where the stamp was lost these are empty. ``at`` is where it stands.
    """

    ticks: tuple[Tick, ...]
    at: SheetPlace
    digest: str
    steps: int
    settled: dict[str, str]


def read(path: str) -> FilledIn:
    """A filled-in sheet; raises :class:`SimsyncError` where it cannot be read as one."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise usage_error(path, "this file does not exist", code=Code.NOT_FOUND) from error
    except OSError as error:
        raise usage_error(path, error.strerror or str(error), code=Code.UNREADABLE) from error
    if len(data) > MAX_BYTES:
        raise usage_error(path, f"a sheet has no more than {MAX_BYTES:,} bytes", code=Code.TOO_LARGE)
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise usage_error(path, "this is not UTF-8; save it as a UTF-8 text", code=Code.ENCODING) from error
    html = os.path.splitext(path)[1].lower() in (".html", ".htm", ".xhtml") or text.lstrip()[:9].lower() == "<!doctype"
    ticks, stamp, line = _of_html(path, text) if html else _of_markdown(path, text)
    at = SheetPlace(file=path, line=line, col=1)
    return FilledIn(ticks=tuple(ticks), at=at, **_stamped(stamp or '{"sheet": "", "steps": 0, "settled": {}}', at))


def _stamped(text: str, place: SheetPlace) -> dict[str, Any]:
    """What a stamp says; raises :class:`SimsyncError` where it is none any more."""
    try:
        made = json.loads(text)
        settled = {str(name): str(option) for name, option in made["settled"].items()}
        return {"digest": str(made["sheet"]), "steps": int(made["steps"]), "settled": settled}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = "this line says which sheet it is, and was changed; leave it as it was written"
        raise SimsyncError([place.fault(Code.SYNTAX, message)]) from error


def _of_markdown(path: str, text: str) -> tuple[list[Tick], str, int]:
    ticks: list[Tick] = []
    label, stamp, at, open_ = "", "", 1, False
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        if _FENCE.match(line):
            open_ = not open_
        elif open_:
            continue
        elif found := _STAMP.search(line):
            stamp, at = found["stamp"], number
        elif box := _BOX.fullmatch(line):
            col = 1 + len(box["head"])
            rest = " ".join([box["text"] or "", *_continued(lines[number:], len(box["head"]))])
            ticks.append(_tick(label, rest, box["sign"] or box["mark"], SheetPlace(file=path, line=number, col=col)))
        elif head := _LABEL.match(line):
            label = head["label"]
    return ticks, stamp, at


def _continued(lines: list[str], indent: int) -> Iterator[str]:
    """The lines that go on where a box's text was wrapped: indented, and neither empty, a box nor a picture."""
    for line in lines:
        if not line.strip() or not line.startswith(" " * max(indent, 1)) or _BOX.fullmatch(line) or _FENCE.match(line):
            return
        yield line.strip()


def _tick(label: str, text: str, mark: str, place: SheetPlace) -> Tick:
    says, note = " ".join(_MEANT.sub(r"\1", text).split()), ""
    if says.casefold().startswith(OTHERWISE):
        says, note = OTHERWISE, says[len(OTHERWISE) :].strip(" :_….")
    told = mark.strip().casefold()
    ticked = False if told in _EMPTY else True if told in _TICKED else None
    return Tick(label=label, says=says, ticked=ticked, note=note, mark=mark, place=place)


def _of_html(path: str, text: str) -> tuple[list[Tick], str, int]:
    parser = _Inputs(path)
    parser.feed(text)
    parser.close()
    return parser.ticks, parser.stamp, parser.at


class _Inputs(HTMLParser):
    """The buttons or boxes of a page, and its text fields."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.ticks: list[Tick] = []
        self.stamp, self.at = "", 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a box; a text field beside one belongs to the last."""
        has = {name: value or "" for name, value in attrs}
        line, col = self.getpos()
        if tag == "meta" and has.get("name") == STAMP:
            self.stamp, self.at = has.get("content", ""), line
        elif tag == "input" and has.get("type") in ("radio", "checkbox"):
            place = SheetPlace(file=self.path, line=line, col=col + 1)
            tick = _tick(has.get("name", ""), has.get("value", ""), "x" if "checked" in has else "", place)
            self.ticks.append(tick)
        elif tag == "input" and "name" in has and self.ticks and self.ticks[-1].label == has["name"]:
            self.ticks[-1] = replace(self.ticks[-1], note=" ".join(has.get("value", "").split()))
