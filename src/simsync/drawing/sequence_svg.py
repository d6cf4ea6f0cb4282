"""Sequence diagrams as SVG, laid out here: what crosses over is an arrow, a link is a bar that can be cut."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from simsync.drawing.graph import Actor
from simsync.drawing.letters import fixed, short, width, wrapped
from simsync.drawing.sequence import LINES, Beat, LaneSide, LinkState, Mark, Sequence
from simsync.drawing.style import COLOURS, CUT, DIM, EDGE, GONE, INK, LINKS, REFUSED_GROUND, RIGHT, WRONG, ground

FONT = "Arial, Helvetica, 'Liberation Sans', Roboto, sans-serif"
LINE, PAD = 17, 7  # heights of a line and of a box's padding, in pixels as all that follows
SIZES = {"": 13, "h": 13, "r": 13, "t": 15, "t r": 15, "d": 11, "w": 12, "sign": 20}
BOLD = {"h", "r", "t", "t r", "sign"}
"""Of texts, by their class in :data:`STYLE`, the size and whether they are bold."""
NUMBER, COLUMN, GAP, LANE = 46, 272, 84, 104  # widths
MARGIN, BAND = 12, 26
BOX = COLUMN - 16
INSIDE = BOX - 18
LEGEND = "sequence-legend"
"""The id of what is used where a page has the legend once."""
MARKS = {Mark.CUT: CUT, Mark.STOPPED: CUT, Mark.GONE: GONE}
PARTNERS = {LaneSide.FIRST: COLOURS[Actor.FIRST], LaneSide.SECOND: COLOURS[Actor.SECOND]}

STYLE = f"""\
.q {{font: 13px {FONT}; fill: {INK}}}
.q .h {{font-weight: bold}}
.q .t {{font-size: 15px; font-weight: bold}}
.q .d {{fill: {DIM}; font-size: 11px}}
.q .r {{fill: {WRONG}; font-weight: bold}}
.q .w {{fill: #fff; font-size: 12px}}
.q .box {{fill: #fff; stroke-width: 1.6}}
.q .new {{fill: #f8fafc; stroke: {DIM}}}
.q .no {{fill: {REFUSED_GROUND}; stroke: {INK}; stroke-dasharray: 6 3}}
.q .bad {{stroke: {WRONG}; stroke-width: 2.6}}
.q .lane {{stroke: {EDGE}; stroke-dasharray: 3 3}}
.q .off {{stroke: {EDGE}; stroke-dasharray: 2 5}}
.q .go {{stroke: {RIGHT}; stroke-width: 2.2}}
.q .tip {{fill: {RIGHT}}}
.q .stop {{stroke: {DIM}; stroke-width: 1.6; fill: none; stroke-dasharray: 4 3}}
.q .end {{stroke-dasharray: none}}
.q .cut {{stroke: {INK}; stroke-width: 2.4; fill: none}}
"""


def text_at(x: float, y: float, text: str, kind: str = "", anchor: str = "", room: float = 0) -> str:
    """A text of a class, which is as wide as was reckoned where it may not keep to its room otherwise."""
    attributes = f' class="{kind}"' if kind else ""
    attributes += f' text-anchor="{anchor}"' if anchor else ""
    attributes += fixed(text, SIZES[kind], room, bold=kind in BOLD)
    return f'<text x="{x:g}" y="{y:g}"{attributes}>{escape(text)}</text>'


def lines_of(text: str, room: float, kind: str = "") -> list[tuple[str, str]]:
    """A text of a class in lines that are no wider than so many pixels, each with its class."""
    return [(line, kind) for line in wrapped(text, room, SIZES[kind], bold=kind in BOLD)]


def rectangle(x: float, y: float, wide: float, high: float, rest: str) -> str:
    """A rectangle; ``rest`` are further attributes."""
    return f'<rect x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" {rest}/>'


def line_to(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    """A straight line, of a class of :data:`STYLE`."""
    return f'<path d="M{x:g} {y:g}L{to_x:g} {to_y:g}" class="{kind}"/>'


class Picture:
    """One diagram in the making; ``y`` is how far down it has come."""

    def __init__(self, sequence: Sequence, *, styled: bool = True) -> None:
        self.sequence, self.styled = sequence, styled
        self.grounds: list[str] = []  # these are behind all else
        self.back: list[str] = []
        self.front: list[str] = []
        self.y = self.top = self.since = 0.0
        self.phase = sequence.phase
        self.left = {LaneSide.FIRST: NUMBER, LaneSide.SECOND: NUMBER + COLUMN + GAP}
        self.middle = {side: left + COLUMN / 2 for side, left in self.left.items()}
        first_lane = NUMBER + 2 * COLUMN + GAP + 20 + LANE / 2
        self.lanes = {item: first_lane + number * LANE for number, item in enumerate(sequence.items)}
        self.width = max(NUMBER + 2 * COLUMN + GAP + 20 + LANE * len(self.lanes) + MARGIN, 720)
        self.links: dict[str, tuple[LinkState, float]] = {}  # each open lane's state and since which y

    def _text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "", room: float = INSIDE) -> str:
        """A text; in a page of many diagrams its width is said only if it has to be, since that is a sixth of them."""
        return text_at(x, y, text, kind, anchor, 0 if self.styled else room)

    def ground(self, phase: str, top: float, bottom: float) -> None:
        colour = ground(self.sequence.phases.index(phase))
        self.grounds.append(rectangle(0, top, self.width, bottom - top, f'fill="{colour}"'))

    def head(self) -> None:
        sequence = self.sequence
        title = lines_of(sequence.title, self.width - 2 * MARGIN - 60, "t")
        self.front += [self._text(MARGIN, 24 + n * 18, *line) for n, line in enumerate(title)]
        if sequence.failed:
            self.front.append(self._text(self.width - MARGIN, 24, "failed", "t r", "end"))
        given = lines_of(sequence.given, self.width - 2 * MARGIN, "d")
        self.y = 24 + 18 * len(title)
        self.front += [self._text(MARGIN, self.y + n * 14, *line) for n, line in enumerate(given)]
        self.y += 14 * len(given) + 32
        for side, heading in sequence.partners.items():
            self.front.append(self._text(self.middle[side], self.y, heading, "h", "middle"))
        for item, what in sequence.items.items():
            self.front.append(
                self._text(self.lanes[item], self.y - 27, short(item, LANE - 6, 13, bold=True), "h", "middle", LANE)
            )
            for number, line in enumerate(what):
                text = short(line, LANE - 6, 11)
                self.front.append(self._text(self.lanes[item], self.y - 13 + 13 * number, text, "d", "middle", LANE))
        self.y += 10
        self.top = self.y

    def band(self, status: tuple[str, ...]) -> None:
        """The status from here on, if there is one to tell."""
        if not status:
            return
        self.front.append(rectangle(0, self.y, self.width, BAND - 4, f'fill="{INK}" fill-opacity=".07"'))
        text = short(" \u00b7 ".join(status), 2 * COLUMN + GAP, SIZES["h"], bold=True)
        self.front.append(self._text(NUMBER + COLUMN + GAP / 2, self.y + 15, text, "h", "middle"))
        self.y += BAND + 2

    def beat(self, beat: Beat) -> None:
        """One step: the action in its partner's lane, what arrives in the other's, and the links that move."""
        top = self.y + 8
        tops: dict[LaneSide, float] = {}
        bottoms = dict.fromkeys(LaneSide, top)
        acted = self._failures(beat, self._action(beat, top))
        bottoms |= dict.fromkeys(LaneSide, acted) if beat.alone else {beat.actor: acted}
        self.front.append(self._text(NUMBER - 10, top + 19, beat.number, "d", "end", NUMBER - 10))
        if beat.status:  # what arrives does so in the new phase
            self._turn(beat, bottoms[beat.actor] + 8)
            bottoms = dict.fromkeys(LaneSide, self.y)
        for side in LaneSide:
            if beat.says.get(side):
                tops[side] = bottoms[side] + (8 if bottoms[side] > top else 0)
                bottoms[side] = self._arrivals(beat, side, tops[side])
        start = self.y + 6 if beat.status else top
        self._between(beat, start, tops, bottoms)
        for item, state in beat.links.items():
            self._link(item, state, start + 15)
        least = 40 if beat.links else 20 if beat.status and beat.to else 0
        self.y = max([*bottoms.values(), start + least]) + 8

    def _turn(self, beat: Beat, bottom: float) -> None:
        """The status changes here."""
        self.ground(self.phase, self.since, bottom)
        self.phase, self.since, self.y = beat.phase, bottom, bottom
        self.band(beat.status)

    def _action(self, beat: Beat, top: float) -> float:
        lines = lines_of(beat.action, INSIDE, "h")
        lines += lines_of(f"refused: {beat.refused}", INSIDE, "h") if beat.refused else []
        small = [f"because {beat.ref}"] if beat.ref else []
        lines += [line for said in (*small, *beat.notice) for line in lines_of(said, INSIDE, "d")]
        kind = "box no" if beat.refused else "box"
        colour = DIM if beat.alone else PARTNERS[beat.actor]
        return self._box(self._of(beat), top, lines, f'class="{kind}" stroke="{colour}"')

    def _of(self, beat: Beat) -> float:
        """Where the box of an action is: in its partner's lane, or between the two."""
        return sum(self.left.values()) / 2 if beat.alone else self.left[beat.actor]

    def _failures(self, beat: Beat, bottom: float) -> float:
        """What was expected and is not so, below the action."""
        if not beat.failures:
            return bottom
        lines = [line for failure in beat.failures for line in lines_of(failure, INSIDE, "r")]
        return self._box(self._of(beat), bottom + 4, lines, 'class="box bad"')

    def _arrivals(self, beat: Beat, side: LaneSide, top: float) -> float:
        lines = [line for says in beat.says[side] for line in lines_of(says, INSIDE)]
        return self._box(self.left[side], top, lines, 'class="box new"')

    def _box(self, left: float, top: float, lines: list[tuple[str, str]], rest: str) -> float:
        x, height = left + 8, len(lines) * LINE + 2 * PAD - 3
        self.front.append(rectangle(x, top, BOX, height, f'rx="5" {rest}'))
        for number, (line, kind) in enumerate(lines):
            self.front.append(self._text(x + 9, top + PAD + 12 + number * LINE, line, kind))
        return top + height

    def _between(self, beat: Beat, top: float, tops: dict[LaneSide, float], bottoms: dict[LaneSide, float]) -> None:
        """The arrows for what crossed over, or the stub of what stayed."""
        for source, target in beat.crossings:
            y = tops.get(target, top) + 15
            right = target is LaneSide.SECOND
            edge = self.left[source] + (COLUMN - 8 if right else 8)
            start = edge if bottoms[source] > y else self.middle[source]
            end = (self.left[target] + (8 if right else COLUMN - 8)) if target in tops else self.middle[target]
            back = -9 if right else 9
            self.front.append(line_to(start, y, end + back, y, "go"))
            self.front.append(f'<path d="M{end:g} {y:g}l{back} -5v10z" class="tip"/>')
        if not (beat.to or beat.refused or beat.status or beat.alone):
            right = beat.actor is LaneSide.FIRST
            x, step = self.left[beat.actor] + (COLUMN - 8 if right else 8), 26 if right else -26
            self.front.append(line_to(x, top + 15, x + step, top + 15, "stop"))
            self.front.append(line_to(x + step, top + 8, x + step, top + 22, "stop end"))

    def _link(self, item: str, state: LinkState, y: float) -> None:
        x = self.lanes[item]
        if item in self.links:
            self._bar(item, y - (20 if state.mark is Mark.CUT else 11))
        if state.mark is Mark.CUT:
            self.front.append(f'<path d="M{x - 12:g} {y - 15:g}l24 -6m-24 11l24 -6" class="cut"/>')
        colour = MARKS.get(state.mark) or LINKS[state.number % len(LINKS)]
        self.front.append(rectangle(x - LANE / 2 + 7, y - 9, LANE - 14, 21, f'rx="10" fill="{colour}"'))
        self.front.append(self._text(x, y + 6, short(state.name, LANE - 24, 12), "w", "middle", LANE - 14))
        if state.mark is Mark.GONE:
            self.front.append(f'<path d="M{x - 6:g} {y + 16:g}l12 12m0 -12l-12 12" class="cut" stroke-opacity=".7"/>')
        self.links[item] = state, y + 12

    def _bar(self, item: str, bottom: float) -> None:
        """What goes on from a link's last change down to here."""
        state, top = self.links[item]
        x = self.lanes[item]
        if state.mark is Mark.OPEN:
            colour = LINKS[state.number % len(LINKS)]
            self.back.append(rectangle(x - 4, top, 8, max(bottom - top, 0), f'fill="{colour}"'))
        elif state.mark is not Mark.GONE:
            self.back.append(line_to(x, top, x, bottom, "off"))

    def end(self) -> None:
        """Who sees what at the end."""
        if not self.sequence.end:
            return
        heading = "who sees what at the end"
        self.front.append(self._text(NUMBER + COLUMN + GAP / 2, self.y + 24, heading, "h", "middle"))
        top = bottom = self.y + 34
        for side, says in self.sequence.end.items():
            lines = [part for line in says for part in lines_of(line, INSIDE)]
            bottom = max(bottom, self._box(self.left[side], top, lines, 'class="box new"'))
        self.y = bottom + 8

    def foot(self) -> None:
        """The lanes down to the end, and the legend."""
        top, bottom, ticket = self.top, self.y, self.sequence.ticket
        for item in self.links:
            self._bar(item, bottom)
        self.back += [line_to(x, top, x, bottom, "lane") for x in self.middle.values()]
        y = self.y + 22
        legend = "\n".join(legend_of(ticket, self.sequence.numbers))
        drawn = (
            f'<g transform="translate(0 {y:g})">{legend}</g>' if self.styled else f'<use href="#{LEGEND}" y="{y:g}"/>'
        )
        self.front.append(drawn)
        self.front.append(self._text(self.width - MARGIN, y + 17, self.sequence.digest, "d", "end"))
        self.y = y + 31

    def svg(self) -> str:
        """The SVG document."""
        return "\n".join(_document(self))


def legend_of(ticket: str, numbers: str) -> Iterator[str]:
    """What the signs mean, in two lines, of which the first one stands at 0."""
    x = float(MARGIN)
    for drawn, wide, said in _signs(ticket):
        yield f'<g transform="translate({x:g} 0)">{"".join(drawn)}</g>'
        yield text_at(x + wide + 6, 0, said, "d")
        x += wide + 6 + width(said, SIZES["d"]) + 18
    told = f"on the left {numbers}; grey boxes: + new, ~ changed, - gone on that {ticket}"
    yield text_at(MARGIN, 17, told, "d")


def _signs(ticket: str) -> Iterator[tuple[list[str], int, str]]:
    """Each sign as drawn from the left, how wide it is, and what it means."""
    yield [line_to(0, -4, 26, -4, "go"), '<path d="M34 -4l-9 -5v10z" class="tip"/>'], 34, f"reached the other {ticket}"
    yield [line_to(0, -4, 22, -4, "stop"), line_to(22, -10, 22, 2, "stop end")], 22, "stayed here"
    yield [rectangle(0, -11, 20, 13, 'rx="3" class="box no"')], 20, "refused"
    yield [rectangle(0, -11, 20, 13, 'rx="3" class="box bad"')], 20, "not as expected"
    yield ['<path d="M0 -3l20 -5m-20 9l20 -5" class="cut"/>'], 20, "the link is cut"


def shared_legend(ticket: str) -> str:
    """What a page has once for all diagrams that are not ``styled``: the legend, which they use."""
    legend = "\n".join(legend_of(ticket, LINES))
    drawn = f'<defs><g id="{LEGEND}" class="q">{legend}</g></defs>'
    return f'<svg width="0" height="0" style="position: absolute" aria-hidden="true">{drawn}</svg>'


def laid_out(sequence: Sequence, *, styled: bool = True) -> Picture:
    """The diagram, laid out; see :func:`sequence_svg`."""
    picture = Picture(sequence, styled=styled)
    picture.head()
    picture.since = picture.y
    picture.band(sequence.status)
    for beat in sequence.beats:
        picture.beat(beat)
    picture.ground(picture.phase, picture.since, picture.y)
    picture.end()
    picture.foot()
    return picture


def sequence_svg(sequence: Sequence, *, styled: bool = True) -> str:
    """The diagram as an SVG document.

    Without ``styled``, it relies on the page around it, for :data:`STYLE` and for :func:`shared_legend`.
    """
    return laid_out(sequence, styled=styled).svg()


def _document(picture: Picture) -> Iterator[str]:
    wide, high = f"{picture.width:g}", f"{picture.y:g}"
    title = escape(picture.sequence.title)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
        f' class="q" role="img"><title>{title}</title>'
    )
    if picture.styled:
        yield f"<style>\n{STYLE}</style>"
        yield rectangle(0, 0, picture.width, picture.y, 'fill="#fff"')
    yield from (*picture.grounds, *picture.back, *picture.front)
    yield "</svg>\n"
