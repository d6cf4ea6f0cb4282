"""How diagrams look, declared here and nowhere else: colours, dashes and signs of actors, grounds of phases.

Only what is not as expected is red.
"""

from __future__ import annotations

from typing import NamedTuple

from simsync.drawing.graph import Actor, Standing

COLOURS = {Actor.FIRST: "#1d4ed8", Actor.SECOND: "#7e22ce", Actor.SYSTEM: "#475569", Actor.SEVERAL: "#0f172a"}
DASHES = {Actor.FIRST: "solid", Actor.SECOND: "dashed", Actor.SYSTEM: "bold", Actor.SEVERAL: "solid"}
SIGNS = {Actor.FIRST: "\u25cf", Actor.SECOND: "\u25b2", Actor.SYSTEM: "\u25a0", Actor.SEVERAL: "\u25cb"}
GROUNDS = ("#f1f5f9", "#dcfce7", "#fef9c3", "#e7e5e4", "#ede9fe", "#cffafe")
INK, DIM, EDGE = "#0f172a", "#475569", "#94a3b8"
REFUSED_GROUND = "#e2e8f0"
CUT, GONE = INK, "#57534e"
"""Of a link that goes on no more: ended while both are there, or with its item."""
RACE, RACE_INK = "\u2260", "#0f766e"
FADED, PASSED = "#9ca3af", "#fdba74"
APART, APART_GROUND = "#b45309", "#fffbeb"
WRONG, WRONG_GROUND, RIGHT = "#b91c1c", "#fee2e2", "#15803d"
LINKS = (DIM, RIGHT, "#a16207", "#1d4ed8", "#6d28d9", "#0f766e")
"""Of a link's states that can still be left, in the machine's order."""


class Paint(NamedTuple):
    """How what scenarios cover, or do not, is painted: by form as well as by colour."""

    ink: str
    ground: str
    dash: str
    width: float


PAINTS = {
    Standing.COVERED: Paint("#475569", "#ffffff", "solid", 1.2),
    Standing.HOLE: Paint("#92400e", "#ffedd5", "dashed", 2.4),
    Standing.BEYOND: Paint("#57606e", "#f3f4f6", "dotted", 1.2),
}
QUIET = "#f8fafc"
"""The ground of a group in a painted graph."""


def rgb(colour: str) -> str:
    """A colour as Mermaid wants it behind a part of a sequence.

    >>> rgb("#fee2e2")
    'rgb(254, 226, 226)'
    """
    return f"rgb({', '.join(str(part) for part in bytes.fromhex(colour.removeprefix('#')))})"


def ground(number: int) -> str:
    """The ground of a phase by its number."""
    return GROUNDS[number % len(GROUNDS)]


def legend(actors: dict[Actor, str]) -> dict[Actor, str]:
    """What each actor's line looks like, and who is behind it."""
    return {actor: f"{meaning} ({DASHES[actor]} line)" for actor, meaning in actors.items()}
