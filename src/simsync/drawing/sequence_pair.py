"""Two runs of one scenario as one picture, side by side and step by step, with what differs set off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from simsync.drawing.sequence import Sequence as Run
from simsync.drawing.sequence_svg import LINE, MARGIN, PAD, STYLE, Picture, lines_of, text_at
from simsync.drawing.style import APART, APART_GROUND, DIM

BETWEEN = 36
"""Pixels between the two."""
PAIR_STYLE = f"""\
.q .apart {{fill: {APART_GROUND}; stroke: {APART}; stroke-width: 2.2}}
.q .sign {{fill: {APART}; font-size: 20px; font-weight: bold}}
.q .cutline {{stroke: {DIM}; stroke-width: 1}}
"""

Told = Mapping[int, tuple[Sequence[str], Sequence[str]]]
"""By a step's number from 0: what can be seen to differ there, in lines, on either side."""


class Pair:
    """Both runs in the making, kept level: each step begins at the same height on both sides."""

    def __init__(self, title: str, runs: tuple[Run, Run], told: Told) -> None:
        self.title = title
        self.runs = runs
        self.told = told
        self.sides = [Picture(run) for run in runs]
        wider = max(side.width for side in self.sides)
        for side in self.sides:
            side.width = wider
        self.offsets = (0.0, wider + BETWEEN)
        self.width = 2 * wider + BETWEEN
        self.signs: list[float] = []
        self._lay_out()
        self.height = max(side.y for side in self.sides)

    def _level(self) -> None:
        lowest = max(side.y for side in self.sides)
        for side in self.sides:
            side.y = lowest

    def _lay_out(self) -> None:
        for side in self.sides:
            side.head()
        self._level()
        for side, run in zip(self.sides, self.runs, strict=True):
            side.top = side.since = side.y
            side.band(run.status)
        for number in range(len(self.runs[0].beats)):
            self._level()
            for side, run in zip(self.sides, self.runs, strict=True):
                side.beat(run.beats[number])
            if number in self.told:
                self._level()
                self._set_off(number)
        self._level()
        for side in self.sides:
            side.ground(side.phase, side.since, side.y)
            side.foot()

    def _set_off(self, number: int) -> None:
        """A box below a step on either side, with what can be seen there and not on the other."""
        self.signs.append(self.sides[0].y)
        for side, lines in zip(self.sides, self.told[number], strict=True):
            wide = side.width - 2 * MARGIN
            shown = [part for line in lines for part in lines_of(line, wide - 30, "h")]
            height = len(shown) * LINE + 2 * PAD
            attributes = f'width="{wide:g}" height="{height:g}" rx="5" class="apart"'
            side.front.append(f'<rect x="{MARGIN}" y="{side.y + 4:g}" {attributes}/>')
            for row, line in enumerate(shown):
                side.front.append(text_at(MARGIN + 12, side.y + 4 + PAD + 12 + row * LINE, *line))
            side.y += height + 12

    @property
    def area(self) -> float:
        """How large the picture is, in pixels."""
        return self.width * self.height

    def svg(self) -> str:
        """The SVG document."""
        width, height = f"{self.width:g}", f"{self.height:g}"
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
            f' class="q" role="img"><title>{escape(self.title)}</title><desc>drawn by simsync compare</desc>',
            f"<style>\n{STYLE}{PAIR_STYLE}</style>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
        ]
        for side, offset in zip(self.sides, self.offsets, strict=True):
            parts += [f'<g transform="translate({offset:g} 0)">', *side.grounds, *side.back, *side.front, "</g>"]
        middle = self.offsets[1] - BETWEEN / 2
        parts.append(f'<path d="M{middle:g} 8V{self.height - 8:g}" class="cutline"/>')
        for y in self.signs:
            parts.append(f'<circle cx="{middle:g}" cy="{y + 20:g}" r="13" fill="#fff"/>')
            parts.append(f'<text x="{middle:g}" y="{y + 27:g}" text-anchor="middle" class="sign">\u2260</text>')
        return "\n".join([*parts, "</svg>\n"])
