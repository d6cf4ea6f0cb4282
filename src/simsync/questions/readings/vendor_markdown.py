"""The sheet for whoever knows the product, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simsync.questions.readings.vendor_sheet import OTHERWISE, TITLE, AnswerBox, Ask, VendorSheet
from simsync.report import phrases
from simsync.report.two_tickets import boxes

STAMP = "simsync-sheet"
"""The word before what a filled-in sheet is known by again."""
_MEANS = re.compile(r"([\\`*_\[\]<>|#])")


def as_markdown(sheet: VendorSheet) -> str:
    """The sheet: situations to play, answers to tick, and below each what is on the screens then."""
    return "".join(f"{line}\n" for line in _lines(sheet))


def marked(text: str) -> str:
    """A text that means nothing to Markdown.

    >>> marked("a_b [x]")
    'a\\\\_b \\\\[x\\\\]'
    """
    return _MEANS.sub(r"\\\1", phrases.printable_line(text))


def _lines(sheet: VendorSheet) -> Iterator[str]:
    first, *who = sheet.intro
    yield from (f"# {TITLE}", "", marked(first), "")
    if not sheet.situations:
        return
    yield from (f"- {marked(one)}" for one in who)
    yield from ("", "Product and version: ", "", "Answered by: ", "")
    for number, situation in enumerate(sheet.situations, 1):
        yield from (f"## Situation {number}", "", marked(situation.begins), "")
        for item in situation.by_itself:
            yield from (f"{marked(item)} is what the product makes by itself, if it does.", "")
        for count, step in enumerate(situation.steps, 1):
            yield from (f"**Step {count}.** {marked(step.says)}", "")
            for ask in step.asks:
                yield from _ask(ask)
    yield f"<!-- {STAMP} {sheet.stamp} -->"


def _ask(ask: Ask) -> Iterator[str]:
    yield from (f"**{ask.label}.** {marked(ask.says)}", "")
    for box in ask.boxes:
        yield from (f"- [ ] {marked(box.says)}", "", *_picture(box))
    yield from (f"- [ ] {OTHERWISE}: ", "")


def _picture(box: AnswerBox) -> Iterator[str]:
    yield "  ```text"
    yield from (f"  {line}" for line in boxes(box.screen.tickets))
    if box.screen.told:
        yield f"  {phrases.printable_line(box.screen.told)}"
    yield from ("  ```", "")
