"""How wide texts are: as in Helvetica, Arial and the fonts made to fit them; with that said, in any font."""

from __future__ import annotations

import unicodedata
from functools import cache

from rich.cells import cell_len

REGULAR = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft\xa0", 333: "()-`r\xb7", 334: "{}", 355: '"', 389: "*",
    469: "^", 500: "Jcksvxyz", 549: "\u2260", 556: "#$0123456789?L_abdeghnopqu\u2013", 584: "+<=>~\xd7", 611: "FTZ",
    667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "\u2026\u2014\u2192\u2003",
    1015: "@",
}  # fmt: skip
"""Thousandths of the size, with the characters that are so wide."""
BOLD = {
    238: "'", 278: " ,./I\\ijl\xa0", 280: "|", 333: "!()-:;[]`ft\xb7", 389: "*r{}", 474: '"', 500: "z", 549: "\u2260",
    556: "#$0123456789J_aceksvxy\u2013", 584: "+<=>^~\xd7", 611: "?FLTZbdghnopqu", 667: "EPSVXY", 722: "&ABCDHKNRU",
    778: "GOQw", 833: "M", 889: "%m", 944: "W", 975: "@", 1000: "\u2026\u2014\u2192\u2003",
}  # fmt: skip
WIDE, UNKNOWN = 1000, 850
"""What fills a square, as in Chinese, and what fonts draw as they please."""
ROOM = 1.2
"""How much more room a text has that has any of these: the widest of the usual fonts are so much wider."""
EVEN = 610
"""How wide each letter is in fonts in which all are alike."""

_WIDTHS = tuple({c: width for width, letters in table.items() for c in letters} for table in (REGULAR, BOLD))


@cache
def _letter(character: str, bold: bool) -> int | None:
    """How wide a character is, None where no two fonts agree."""
    if cell_len(character) == 2:
        return WIDE
    return _WIDTHS[bold].get(unicodedata.normalize("NFD", character)[:1])


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is, in the unit of its size; at least, where a font is free to draw some of it as it pleases."""
    known = [_letter(character, bold) for character in text]
    whole = sum(UNKNOWN if one is None else one for one in known) * size / 1000
    return whole * ROOM if None in known else whole


def fixed(text: str, size: float, room: float = 0, *, bold: bool = False) -> str:
    """The attributes of an SVG text by which it is as wide as was reckoned, whatever font there is; or none.

    There are none where it is not known how wide the text is, nor where the usual fonts all leave it within the room.
    """
    if not text.strip() or None in [_letter(character, bold) for character in text]:
        return ""
    if max(width(text, size, bold=bold) * ROOM, len(text) * EVEN * size / 1000) <= room:
        return ""
    return f' textLength="{width(text, size, bold=bold):.1f}" lengthAdjust="spacingAndGlyphs"'


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The text in lines that are no wider than the room; a word that is wider is broken."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width(longer, size, bold=bold) <= room:
            line = longer
            continue
        lines += [line] if line else []
        while width(word, size, bold=bold) > room and len(word) > 1:
            part = _within(word, room, size, bold)
            lines.append(part)
            word = word[len(part) :]
        line = word
    return [*lines, line] if line or not lines else lines


def short(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """The text, shortened where it is wider than the room."""
    if width(text, size, bold=bold) <= room:
        return text
    return _within(text, room - width("\u2026", size, bold=bold), size, bold) + "\u2026"


def _within(text: str, room: float, size: float, bold: bool) -> str:
    """As much of a text from its beginning as there is room for, a character at least."""
    end = 1
    while end < len(text) and width(text[: end + 1], size, bold=bold) <= room:
        end += 1
    return text[:end]
