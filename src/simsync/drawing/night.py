"""How a picture inside a page looks in the dark: each of its colours has another one by night."""

from __future__ import annotations

from simsync.drawing.graph import Actor
from simsync.drawing.style import COLOURS, DIM, EDGE, GROUNDS, INK

GROUND = "#0f172a"
"""What is behind a picture in the dark, as behind the page."""
NIGHT = {
    "white": GROUND,
    "black": "#f1f5f9",
    INK: "#f1f5f9",
    DIM: "#cbd5e1",
    EDGE: "#64748b",
    COLOURS[Actor.FIRST]: "#93c5fd",
    COLOURS[Actor.SECOND]: "#d8b4fe",
    **dict(zip(GROUNDS, ("#1e293b", "#14341f", "#37300f", "#322e2b", "#2c2554", "#12383f"), strict=True)),
}
"""Each colour of a machine's picture, and what stands for it in the dark."""


def night_style() -> str:
    """The style sheet that turns pictures of machines dark where the page is; on paper they stay as they are.

    >>> '.pan [fill="white"] { fill: #0f172a; }' in night_style()
    True
    """
    rules = [f'.pan [{what}="{day}"] {{ {what}: {night}; }}' for day, night in NIGHT.items() for what in _PARTS]
    return "\n".join(["@media screen and (prefers-color-scheme: dark) {", *_AROUND, *rules, "}", ""])


_PARTS = ("fill", "stroke")
_AROUND = (
    f".paper {{ background: {GROUND}; color: {NIGHT[INK]}; }} .pan text:not([fill]) {{ fill: {NIGHT[INK]}; }}",
    f".paper figcaption {{ color: {NIGHT[DIM]}; }} .paper :focus-visible {{ outline-color: #93c5fd; }}",
)
