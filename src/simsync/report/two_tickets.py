"""The two tickets beside each other, as boxes of characters: for texts that are read without a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len, chop_cells, set_cell_size

BOX_WIDTH = 38
"""How many cells a box takes, its sides included."""


def boxes(tickets: Sequence[tuple[str, Sequence[str]]], width: int = BOX_WIDTH) -> Iterator[str]:
    """Each ticket under its title, with a line for each thing that it shows.

    >>> print("\\n".join(boxes([("ours", ["N1 note"]), ("theirs", [])], 12)))
    ┌ ours ────┐ ┌ theirs ──┐
    │ N1 note  │ │          │
    └──────────┘ └──────────┘
    """
    inner = width - 4
    columns = [[part for line in lines for part in _wrapped(line, inner)] for _, lines in tickets]
    yield " ".join(_top(title, width) for title, _ in tickets)
    for cells in zip_longest(*columns, fillvalue="") if any(columns) else [("",) * len(columns)]:
        yield " ".join(f"│ {set_cell_size(cell, inner)} │" for cell in cells)
    yield " ".join(f"└{'─' * (width - 2)}┘" for _ in tickets)


def _top(title: str, width: int) -> str:
    shown = title if cell_len(title) <= width - 6 else set_cell_size(title, width - 7) + "…"
    return f"┌ {shown} {'─' * (width - 4 - cell_len(shown))}┐"


def _wrapped(line: str, width: int) -> Iterator[str]:
    """A line in parts that fit, the later ones indented; words stay whole if they can."""
    part = ""
    for word in line.split(" "):
        more = f"{part} {word}" if part.strip() else part + word
        if cell_len(more) <= width:
            part = more
            continue
        if part.strip():
            yield part
        *whole, part = chop_cells(f"  {word}" if part.strip() else word, width) or [""]
        yield from whole
    yield part
