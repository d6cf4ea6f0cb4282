"""A Markdown table that is readable as plain text too."""

from __future__ import annotations

from typing import NamedTuple


class Line(NamedTuple):
    """One measurement."""

    what: str
    measured: str = ""
    against: str = ""
    ratio: str = ""
    goal: str = ""
    verdict: str = ""


HEAD = Line("What", "simsync", "Against", "Ratio", "Goal", "Held")


def held(yes: bool) -> str:
    """Whether a goal is met."""
    return "yes" if yes else "**no**"


def render(lines: list[Line]) -> str:
    """The table."""
    widths = [max(len(cell) for cell in column) for column in zip(HEAD, *lines, strict=True)]
    rule = Line(*("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in (HEAD, rule, *lines)
    )
