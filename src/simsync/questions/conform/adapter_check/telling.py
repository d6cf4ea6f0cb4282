"""What came of looking at an adapter, for a reader and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simsync.questions.conform.adapter_check.checking import AdapterCheck
from simsync.report import phrases
from simsync.version import __version__

WIDEST = 240
"""Characters of a request or an answer that are printed."""


def as_text(found: AdapterCheck) -> Iterator[tuple[str, str]]:
    """The transcript with its remarks, and then what looks wrong, in lines with their style."""
    for number, exchange in enumerate(found.exchanges, 1):
        answer = exchange.answer
        yield f"{number:>3} -> {_short(exchange.request)}", ""
        yield f"    <- {_short(answer) if answer is not None else '(nothing that could be used)'}", "dim"
        here = (one.sentence for one in found.remarks if one.after == number)
        yield from ((f"    !! {phrases.printable_line(sentence)}", "yellow") for sentence in here)
    yield "", ""
    name = phrases.printable_line(found.name) or "the adapter"
    if not found.remarks:
        yield f"{name}: nothing looks wrong", "bold green"
    else:
        wrong = phrases.counted(len(found.remarks), "thing")
        yield f"{name}: {wrong} {'looks' if len(found.remarks) == 1 else 'look'} wrong", "bold red"
    for one in found.remarks:
        yield f"  at {one.after}: {phrases.printable_line(one.sentence)}", ""
    yield f"  {_looked(found)}", "dim"


def _looked(found: AdapterCheck) -> str:
    """How far it was looked."""
    asked = f"{phrases.counted(len(found.exchanges), 'request')}, {phrases.counted(found.steps, 'action')} among them"
    if found.ended:
        return f"{asked}; it was not gone on from there"
    return f"{asked}; whether it follows the rules was not looked at: that is conform without --check-adapter"


def as_json(found: AdapterCheck) -> dict[str, Any]:
    """The same for programs."""
    return {
        "simsync": __version__,
        "system": found.name,
        "looks_right": not found.remarks,
        "carried_through": not found.ended,
        "remarks": [{"after": one.after, "about": one.about, "sentence": one.sentence} for one in found.remarks],
        "exchanges": [{"request": one.request, "answer": one.answer} for one in found.exchanges],
    }


def _short(text: str) -> str:
    shown = phrases.printable_line(text)
    return shown if len(shown) <= WIDEST else f"{shown[:WIDEST]}..."
