"""Graphs and tables as DOT, sorted and stable."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from simsync.drawing import letters
from simsync.drawing.graph import Edge, Graph, LabelLine, Node, RunPath, Standing, TableGrid
from simsync.drawing.style import (
    COLOURS,
    DASHES,
    DIM,
    EDGE,
    FADED,
    INK,
    PAINTS,
    PASSED,
    QUIET,
    RACE_INK,
    SIGNS,
    ground,
    legend,
)

FONT = "Arial"
LARGE, SMALL = 13, 10
"""Points of a state's name, and of an edge's label."""
Ids = dict[str, str]
LONGEST = 400
"""How many characters of any text are shown; Graphviz itself reads no more than some thousands."""
BARE = 'shape=plaintext, width=0, height=0, margin="0.06,0.02"'
"""A node that is nothing but its label."""
FOLD = 30
"""How many characters of an edge's label stand in a line."""
ABOUT = 26
"""... and of what is said about a state."""


class Way(NamedTuple):
    """Where a graph leads: as Graphviz says it, where edges enter and leave, how many characters stand in a line.

    ``explained``: title and legend are part of the picture.
    """

    rank: str
    enters: str
    leaves: str
    fold: int
    explained: bool


ACROSS = Way("LR", "w", "e", FOLD, explained=True)
DOWN = Way("TB", "n", "s", 27, explained=False)
"""... for a place that is not wide, and says itself what is what."""


def graph_dot(graph: Graph, path: RunPath | None = None, way: Way = ACROSS) -> str:
    """A graph; each group a box on its own ground, each actor with a colour, a dash and a sign.

    With a ``path``, its nodes stand out and all else fades: a matter of colours only, so that nothing moves.
    """
    lines = [
        f"// simsync {graph.digest}",
        f"digraph {_quoted(graph.name)} {{",
        f'  graph [rankdir={way.rank}, fontname="{FONT}", fontsize=12, nodesep=0.25, ranksep=0.3];',
        *([f"  graph [labelloc=b, labeljust=l, label=<{_legend(graph, path)}>];"] if way.explained else []),
        '  node [shape=box, width=1.2, height=0.7, style="rounded,filled", fillcolor=white, penwidth=1.2];',
        f'  node [fontname="{FONT}", fontsize={LARGE}];',
        "  edge [arrowsize=0.8];",
    ]
    ids = graph.ids
    within, between = _edges(graph, ids, path, way)
    groups = list(enumerate(graph.groups.items()))
    if any(node.connector for node in graph.nodes):
        groups.reverse()  # boxes without edges between them are stacked from below
    for number, (group, heading) in groups:
        inside = [node for node in graph.nodes if node.group == group]
        drawn = [*_nodes(inside, ids, path), *within[group]]
        colour = QUIET if graph.paint else ground(number)
        lines += _cluster(number, heading, colour, drawn, ids[inside[0].id] if between else "") if heading else drawn
    return "\n".join([*lines, *between, "}"]) + "\n"


def _edges(graph: Graph, ids: Ids, path: RunPath | None, way: Way) -> tuple[dict[str, list[str]], list[str]]:
    """The edges within each group, and those between groups."""
    groups = {node.id: node.group for node in graph.nodes}
    within: dict[str, list[str]] = {group: [] for group in graph.groups}
    between: list[str] = []
    for number, edge in enumerate(graph.edges):
        group = groups[edge.source]
        place = within[group] if group == groups[edge.target] else between
        place += _edge(number, edge, ids, path, way)
    return within, between


def _cluster(number: int, heading: str, colour: str, drawn: list[str], beside: str) -> list[str]:
    """A group in its box. ``beside`` a node of it the heading is a node itself: edges go around nodes only."""
    label = _text(heading)
    if beside:
        node = f'h{number} [{BARE}, style="", fontsize=12, label={label}];'
        label, drawn = '""', [f"  {node} {{rank=same; h{number}; {beside};}}", *drawn]
    return [
        f"  subgraph cluster_{number} {{",
        f'    graph [label={label}, style="rounded,filled", color="{EDGE}", fillcolor="{colour}",'
        " labelloc=t, labeljust=l, margin=14];",
        *("  " + line for line in drawn),
        "  }",
    ]


def _nodes(nodes: list[Node], ids: Ids, path: RunPath | None) -> list[str]:
    """The nodes, each initial one with the dot that it starts from beside it."""
    return [_node(node, ids, path) for node in nodes] + [_initial(node, ids, path) for node in nodes if node.initial]


def _node(node: Node, ids: Ids, path: RunPath | None) -> str:
    border = (
        ", peripheries=2"
        if node.final
        else ', shape=cds, margin="0.25,0.05", style="dashed,filled"'
        if node.connector
        else ""
    )
    colours = ""
    if path is not None:
        on = node.id in path.nodes
        colours = f', fillcolor="{PASSED}"' if on else f', color="{FADED}", fontcolor="{FADED}"'
    elif node.use:
        paint = PAINTS[node.use.standing]
        colours = f', style="rounded,filled,{paint.dash}", color="{paint.ink}", fillcolor="{paint.ground}"'
        colours += f", penwidth={paint.width}"
    width = max(letters.width(node.label, LARGE) / 72 + 0.3, 1.2)
    return f'  {ids[node.id]} [id="{ids[node.id]}", label=<{_label(node)}>, width={width:.2f}{border}{colours}];'


def _label(node: Node) -> str:
    """A state's name, and in small what it is."""
    about = "<BR/>".join(map(escape, textwrap.wrap(node.about, ABOUT)))
    about = f'<FONT POINT-SIZE="9"><BR/>{about}</FONT>' if about else ""
    if node.use:
        about += f'<FONT POINT-SIZE="10"><BR/>{_painted(node.use.standing, str(node.use))}</FONT>'
    if node.races:
        about += f'<FONT POINT-SIZE="10" COLOR="{RACE_INK}"><BR/>{escape(node.races)}</FONT>'
    return escape(node.label) + about


def _painted(standing: Standing, text: str) -> str:
    """A text in the looks of how that stands of which it tells."""
    text = f"<B>{text}</B>" if standing is Standing.HOLE else text
    return f'<FONT COLOR="{PAINTS[standing].ink}">{text}</FONT>'


def _explained(paint: Mapping[Standing, str]) -> list[str]:
    """What each standing means, in its looks."""
    return [_painted(standing, escape(meaning)) for standing, meaning in paint.items()]


def _initial(node: Node, ids: Ids, path: RunPath | None) -> str:
    start, colour = f"start_{ids[node.id]}", INK if path is None or node.id in path.nodes else FADED
    dot = f'{start} [shape=circle, label="", width=0.14, height=0.14, color="{colour}", fillcolor="{colour}"]'
    return f'  {dot}; {start} -> {ids[node.id]} [color="{colour}"];'


def _edge(number: int, edge: Edge, ids: Ids, path: RunPath | None, way: Way) -> list[str]:
    """An edge as a node that is its label, and a line on either side: so no line runs over a label.

    What leads back, as states are declared in the order of a life, is laid out as if it led on.
    """
    style, wide = "dotted" if edge.optional else DASHES[edge.actor], ""
    colour = COLOURS[edge.actor] if path is None or path.went(edge) else FADED
    if edge.standing:
        colour, _, style, width = PAINTS[edge.standing]
        wide = f", penwidth={width}"
    rows = (
        _line(line, FADED if path and not path.took(edge, line) else COLOURS[line.actor], fold=way.fold)
        for line in edge.lines
    )
    label = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(map(_row, rows))}</TABLE>'
    name, looks = f"e{number}", f'color="{colour}", style={style}{wide}'
    source, target = ids[edge.source], ids[edge.target]
    there, back = f'id="{name}-from", weight=2, {looks}', f'id="{name}-to", {looks}'
    if source == target:
        halves = (
            f"{source} -> {name} [{there}, headport={way.enters}, dir=none];",
            f"{source} -> {name} [{back}, headport={way.enters}, dir=back];",
        )
    elif list(ids).index(edge.target) < list(ids).index(edge.source):
        halves = (
            f"{name} -> {source} [{there}, tailport={way.leaves}, dir=none];",
            f"{target} -> {name} [{back}, headport={way.enters}, dir=back];",
        )
    else:
        halves = (
            f"{source} -> {name} [{there}, headport={way.enters}, dir=none];",
            f"{name} -> {target} [{back}, tailport={way.leaves}];",
        )
    return [
        f'  {name} [id="{name}-label", {BARE}, fontsize={SMALL}, label=<{label}>];',
        *(f"  {h}" for h in halves),
    ]


Cells = tuple[str, str]
"""A sign and a text, each a cell of a table."""


def _row(cells: Cells) -> str:
    return f"<TR>{''.join(cells)}</TR>"


def _line(line: LabelLine, colour: str, size: int = SMALL, fold: int = FOLD) -> Cells:
    """A line of a label with its sign, both in cells that have room for them whatever the renderer knows of letters."""
    folded = textwrap.wrap(line.label, fold, break_on_hyphens=False) or [""]
    room = max(letters.width(part, size) for part in folded)
    text = '<BR ALIGN="LEFT"/>'.join(map(escape, folded)) + ('<BR ALIGN="LEFT"/>' if folded[1:] else "")
    text = f"<I>{text}</I>" if line.optional else text
    cells = (
        (f'ALIGN="LEFT" WIDTH="{size + 2}" VALIGN="TOP"', SIGNS[line.actor]),
        (f'ALIGN="LEFT" WIDTH="{room:.0f}"', text),
    )
    sign, said = (f"<TD {place}>{_inked(line, what, colour)}</TD>" for place, what in cells)
    return sign, said


def _inked(line: LabelLine, text: str, colour: str) -> str:
    return _painted(line.use.standing, text) if line.use else f'<FONT COLOR="{colour}">{text}</FONT>'


def _legend(graph: Graph, path: RunPath | None) -> str:
    actors = graph.legend if graph.paint else legend(graph.legend)
    colours = dict.fromkeys(COLOURS, INK) if graph.paint else COLOURS
    entries = ["".join(_line(LabelLine(text, actor), colours[actor], 12, LONGEST)) for actor, text in actors.items()]
    more = [escape(text) for text in looks(graph)]
    entries += [f'<TD ALIGN="LEFT">{text}</TD>' for text in more]
    gap = '<TD WIDTH="16"></TD>'
    explained = f'<TABLE BORDER="0" CELLPADDING="0" CELLSPACING="0"><TR>{gap.join(entries)}</TR></TABLE>'
    # in one piece with the digest, so that a path adds nothing that could move anything
    run = "" if path is None else f"{escape(path.says)}; "
    digest = f'<FONT COLOR="{DIM}" POINT-SIZE="10">{run}{graph.digest}</FONT>'
    rows = [f"<B>{escape(graph.title)}</B>", *_explained(graph.paint), explained, *_races(graph), digest]
    cells = "".join(f'<TR><TD ALIGN="LEFT">{row}</TD></TR>' for row in rows)
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3">{cells}</TABLE>'


def looks(graph: Graph) -> Iterator[str]:
    """What else is to be known of how a graph looks, besides who each line is of."""
    if any(node.final for node in graph.nodes):
        yield "double border: final"
    if any(node.connector for node in graph.nodes):
        yield "dashed arrow: goes on in another box"
    if any(line.optional for edge in graph.edges for line in edge.lines):
        yield f"{'slanted' if graph.paint else 'dotted, slanted'}: under another reading only"
    if graph.note:
        yield graph.note


def _races(graph: Graph) -> list[str]:
    """What the mark of races means, in its looks."""
    return [f'<FONT COLOR="{RACE_INK}">{escape(graph.races)}</FONT>'] if graph.races else []


def escape(text: str) -> str:
    """A text inside an HTML-like label, shortened where it is very long."""
    return html.escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}\u2026")


def _quoted(name: str) -> str:
    """A name as DOT reads it, whatever is in it."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text(text: str) -> str:
    """A label as it is, whatever is in it."""
    return f"<{escape(text)}>"


def grid_dot(grid: TableGrid) -> str:
    """A decision table as a picture: the columns that decide on a ground of their own, a painted one's holes too."""
    head = "".join(
        f'<TD ALIGN="LEFT" BGCOLOR="{"#bfdbfe" if n in grid.outcomes else "#e2e8f0"}"><B>{escape(h)}</B></TD>'
        for n, h in enumerate(grid.headings)
    )
    rows = "".join(
        f"<TR>{''.join(_cell(grid, number, n, cell) for n, cell in enumerate(row))}</TR>"
        for number, row in enumerate(grid.rows)
    )
    title = f'<TR><TD ALIGN="LEFT" BORDER="0" COLSPAN="{len(grid.headings)}"><B>{escape(grid.title)}</B></TD></TR>'
    digest = f'<FONT COLOR="{DIM}" POINT-SIZE="8">{grid.digest}</FONT>'
    foot = "".join(
        f'<TR><TD ALIGN="LEFT" BORDER="0" COLSPAN="{len(grid.headings)}">{text}</TD></TR>'
        for text in (*_explained(grid.paint), digest)
    )
    table = (
        f'<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0" CELLPADDING="5">{title}<TR>{head}</TR>{rows}{foot}</TABLE>'
    )
    return (
        f"// simsync {grid.digest}\n"
        f"digraph {_quoted(grid.name)} {{\n"
        f'  node [shape=plain, fontname="{FONT}", fontsize=11];\n'
        f"  table [label=<{table}>];\n}}\n"
    )


def _cell(grid: TableGrid, row: int, column: int, text: str) -> str:
    ground = ' BGCOLOR="#eff6ff"' if column in grid.outcomes else ""
    shown = f"<B>{escape(text)}</B>" if column == 0 else escape(text) or " "
    use = grid.uses[row] if grid.uses else None
    if use and use.standing is not Standing.COVERED:
        ground = f' BGCOLOR="{PAINTS[use.standing].ground}"'
        if text and (column in (0, len(grid.headings) - 1) or use.standing is Standing.BEYOND):
            shown = _painted(use.standing, escape(text))
    return f'<TD ALIGN="LEFT"{ground}>{shown}</TD>'
