"""Rounds of overlapping actions as a sequence diagram: what overlaps stands in a band, side by side as it was sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from simsync.drawing.letters import short
from simsync.drawing.sequence import LaneSide
from simsync.drawing.sequence_svg import (
    BOX,
    COLUMN,
    GAP,
    INSIDE,
    LINE,
    MARGIN,
    NUMBER,
    PAD,
    PARTNERS,
    SIZES,
    STYLE,
    line_to,
    lines_of,
    rectangle,
    text_at,
)
from simsync.drawing.style import DIM, WRONG

WIDTH = NUMBER + 2 * COLUMN + GAP + MARGIN
MIDDLE = NUMBER + COLUMN + GAP / 2
"""Between both lanes, so that no line runs over a text."""
TICK = 12
"""Pixels between a moment and the next one, where no text needs more."""
BAND_FILL, BAND_EDGE = "#fef3c7", "#b45309"
MILLI = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnAct:
    """An action: ``side`` None is an actor without a lane. ``sent`` and ``answered`` are seconds, if known.

    ``answer`` is in words; ``apart``: no order gives that answer.
    """

    side: LaneSide | None
    action: str
    answer: str = ""
    sent: float | None = None
    answered: float | None = None
    apart: bool = False

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What stands in its box: lines with their style."""
        lines = lines_of(self.action, INSIDE, "h")
        if self.answer:
            lines += lines_of(self.answer, INSIDE, "r" if self.apart else "")
        if self.sent is not None and self.answered is not None:
            lines.append((f"sent {_milli(self.sent)}, answered {_milli(self.answered)}", "d"))
        return lines

    @property
    def height(self) -> float:
        """Of its box."""
        return len(self.lines) * LINE + 2 * PAD - 3


Drawn = DrawnAct | str
"""An action, or a disruption in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRound:
    """What is done until all settles, in the order of sending; ``settled`` is what is shown then, in a line."""

    parts: tuple[Drawn, ...]
    settled: str

    @property
    def overlaps(self) -> bool:
        """Whether more than a single action is in it."""
        return len(self.parts) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnRounds:
    """Rounds with what is told of the last one. ``how`` says how what overlaps was sent."""

    title: str
    given: str
    how: str
    partners: Mapping[LaneSide, str]
    rounds: tuple[DrawnRound, ...]
    apart: tuple[str, ...]


def rounds_svg(rounds: DrawnRounds) -> str:
    """The diagram as an SVG document."""
    return _Chart(rounds).svg()


def _milli(seconds: float) -> str:
    return f"{seconds * MILLI:,.1f} ms"


class _Chart:
    """The diagram in the making; ``y`` is how far down it has come."""

    def __init__(self, rounds: DrawnRounds) -> None:
        self.rounds = rounds
        self.back: list[str] = []
        self.front: list[str] = []
        self.left = {LaneSide.FIRST: NUMBER, LaneSide.SECOND: NUMBER + COLUMN + GAP}
        self.y = 0.0

    def svg(self) -> str:
        self._head()
        top = self.y
        for number, one in enumerate(self.rounds.rounds, 1):
            self._round(number, one)
        lanes = [line_to(left + COLUMN / 2, top, left + COLUMN / 2, self.y, "lane") for left in self.left.values()]
        self._apart()
        return "\n".join(self._document(lanes))

    def _head(self) -> None:
        title = lines_of(self.rounds.title, WIDTH - 2 * MARGIN - 40, "t")
        self.front += [text_at(MARGIN, 24 + n * 18, *line) for n, line in enumerate(title)]
        self.y = 24.0 + 18 * len(title)
        self.front.append(text_at(MARGIN, self.y, self.rounds.given, "d"))
        self.y += 30
        for side, heading in self.rounds.partners.items():
            self.front.append(text_at(self.left[side] + COLUMN / 2, self.y, heading, "h", "middle"))
        self.y += 10

    def _round(self, number: int, one: DrawnRound) -> None:
        top = self.y
        self.y += 8
        if one.overlaps:
            self.front.append(text_at(MIDDLE, self.y + 10, self.rounds.how, "d", "middle"))
            self.y += 20
        self.front.append(text_at(NUMBER - 14, self.y + 17, str(number), "d", "end"))
        for part in _parted(one.parts):
            if isinstance(part, str):
                self._disruption(part)
            else:
                self._acts(part)
        if one.overlaps:
            rest = f'rx="6" fill="{BAND_FILL}" stroke="{BAND_EDGE}" stroke-width="1.2"'
            self.back.append(rectangle(NUMBER - 4, top + 2, WIDTH - NUMBER - 4, self.y - top, rest))
        self._mark(one.settled)

    def _acts(self, acts: list[DrawnAct]) -> None:
        """Boxes from when an action is sent until it is answered: what overlaps does so in the picture."""
        moments = sorted(_moments(acts), key=lambda one: (one[0], one[2], one[1]))
        tops: dict[int, float] = {}
        for _, kind, place in moments:
            if kind == 0:
                tops[place] = self.y
                self.y += TICK
            else:
                bottom = max(self.y, tops[place] + acts[place].height)
                self._box(acts[place], tops[place], bottom)
                self.y = bottom + TICK / 2

    def _box(self, act: DrawnAct, top: float, bottom: float) -> None:
        left = sum(self.left.values()) / 2 if act.side is None else self.left[act.side]
        colour = WRONG if act.apart else DIM if act.side is None else PARTNERS[act.side]
        rest = f'rx="5" class="box{" bad" if act.apart else ""}" stroke="{colour}"'
        self.front.append(rectangle(left + 8, top, BOX, bottom - top, rest))
        for number, (line, kind) in enumerate(act.lines):
            self.front.append(text_at(left + 17, top + PAD + 12 + number * LINE, line, kind))

    def _disruption(self, what: str) -> None:
        y = self.y + 12
        self.front.append(f'<path d="M{NUMBER:g} {y:g}H{WIDTH - MARGIN:g}" class="cut" stroke-dasharray="8 4"/>')
        lines = lines_of(f"disrupted: {what}", COLUMN, "h")
        self.y = y + 6
        for line in lines:
            self.front.append(text_at(MIDDLE, self.y + 12, *line, "middle"))
            self.y += LINE
        self.y += 6

    def _mark(self, settled: str) -> None:
        """The settle after a round."""
        y = self.y + 20
        self.front.append(f'<path d="M{NUMBER:g} {y:g}H{WIDTH - MARGIN:g}" class="lane"/>')
        self.front.append(text_at(MIDDLE, y - 5, short(settled, COLUMN, SIZES["d"]), "d", "middle"))
        self.y = y + 4

    def _apart(self) -> None:
        """What no order explains, below all."""
        room = WIDTH - NUMBER - 2 * MARGIN - 30
        lines = [line for told in self.rounds.apart for line in lines_of(told, room, "r")]
        if not lines:
            return
        top, height = self.y + 8, len(lines) * LINE + 2 * PAD - 3
        self.front.append(rectangle(NUMBER, top, WIDTH - NUMBER - MARGIN, height, 'rx="5" class="box bad"'))
        for number, line in enumerate(lines):
            self.front.append(text_at(NUMBER + 10, top + PAD + 12 + number * LINE, *line))
        self.y = top + height

    def _document(self, lanes: list[str]) -> Iterator[str]:
        width, height = f"{WIDTH:g}", f"{self.y + MARGIN:g}"
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" class="q" role="img"><title>{escape(self.rounds.title)}</title>'
        )
        yield f"<style>\n{STYLE}</style>"
        yield rectangle(0, 0, WIDTH, self.y + MARGIN, 'fill="#fff"')
        yield from (*self.back, *lanes, *self.front)
        yield "</svg>\n"


def _moments(acts: list[DrawnAct]) -> Iterator[tuple[float, int, int]]:
    """When each action is sent (0) and answered (1), in seconds, or in their order where that is not known.

    An actor's next one begins where the one before was answered, since both stand in one lane.
    """
    free: dict[LaneSide | None, float] = {}
    for place, act in enumerate(acts):
        sent, answered = act.sent, act.answered
        if sent is None or answered is None:
            sent, answered = 2.0 * place, 2.0 * place + 1
        start = max(sent, free.get(act.side, sent))
        free[act.side] = end = max(start, answered)
        yield start, 0, place
        yield end, 1, place


def _parted(parts: tuple[Drawn, ...]) -> Iterator[list[DrawnAct] | str]:
    """Actions that nothing parts, together, and disruptions."""
    acts: list[DrawnAct] = []
    for part in parts:
        if isinstance(part, str):
            if acts:
                yield acts
            acts = []
            yield part
        else:
            acts.append(part)
    if acts:
        yield acts
