"""Graphs as Mermaid state diagrams, runs as Mermaid sequence diagrams."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from simsync.drawing.graph import Graph, Node, RunPath
from simsync.drawing.sequence import Beat, LaneSide, Mark, Sequence
from simsync.drawing.style import EDGE, PAINTS, PASSED, QUIET, REFUSED_GROUND, SIGNS, WRONG_GROUND, ground, rgb


def graph_mermaid(graph: Graph, path: RunPath | None = None) -> str:
    """A graph in the notation of `stateDiagram-v2`; the nodes of a ``path`` stand out."""
    ids = graph.ids
    lines = [f"%% simsync {graph.digest}", "stateDiagram-v2", f"  accTitle: {_text(graph.title)}", "  direction LR"]
    for number, (group, heading) in enumerate(graph.groups.items()):
        inside = [_node(node, ids) for node in graph.nodes if node.group == group]
        if heading:
            lines += [f'  state "{_text(heading)}" as g{number} {{', *("  " + line for line in inside), "  }"]
            lines += [f"  style g{number} fill:{QUIET if graph.paint else ground(number)},stroke:{EDGE}"]
        else:
            lines += inside
    lines += [f"  [*] --> {ids[node.id]}" for node in graph.nodes if node.initial]
    for edge in graph.edges:
        label = "<br/>".join(_text(f"{SIGNS[line.actor]} {line.label}") for line in edge.lines)
        lines.append(f"  {ids[edge.source]} --> {ids[edge.target]} : {label}")
    lines += [f"  {ids[node.id]} --> [*]" for node in graph.nodes if node.final]
    if path is not None:
        lines.append(f"  classDef passed fill:{PASSED}")
        lines += [f"  class {ids[node.id]} passed" for node in graph.nodes if node.id in path.nodes]
    lines += [f"  {line}" for line in _painted(graph, ids)]
    meanings = "<br/>".join(_text(f"{SIGNS[actor]} {meaning}") for actor, meaning in graph.legend.items())
    meanings = "<br/>".join([meanings, *map(_folded, filter(None, [*graph.paint.values(), graph.races]))])
    if ids:
        lines += [f"  note left of {next(iter(ids.values()))}", f"    {meanings}", "  end note"]
    return "\n".join(lines) + "\n"


def _node(node: Node, ids: dict[str, str]) -> str:
    use = f"<br/>{_text(str(node.use))}" if node.use else ""
    use += f"<br/>{_text(node.races)}" if node.races else ""
    return f'  state "{_text(node.label)}{use}" as {ids[node.id]}'


def _painted(graph: Graph, ids: dict[str, str]) -> Iterator[str]:
    """The states in the looks of how they stand; the notation has none for transitions, which say it in words."""
    for number, standing in enumerate(graph.paint):
        looks = PAINTS[standing]
        dash = {"solid": "", "dashed": ",stroke-dasharray:6 3", "dotted": ",stroke-dasharray:2 2"}[looks.dash]
        yield f"classDef u{number} fill:{looks.ground},stroke:{looks.ink},stroke-width:{looks.width}px{dash}"
        for node in graph.nodes:
            if node.use and node.use.standing is standing:
                yield f"class {ids[node.id]} u{number}"


def _text(text: str) -> str:
    """Text that Mermaid shows as it is: what has a meaning in its notation as a numbered entity."""
    return "".join(c if c.isalnum() or c in " -_.,'=()/" or ord(c) > 127 else f"#{ord(c)};" for c in text)


_SIDES = {LaneSide.FIRST: "a", LaneSide.SECOND: "b"}


def sequence_mermaid(sequence: Sequence) -> str:
    """A run in the notation of `sequenceDiagram`; a link's lane ends where its link does."""
    lines = [f"%% simsync {sequence.digest}", "sequenceDiagram"]
    lines += [f"  actor {_SIDES[side]} as {_text(heading)}" for side, heading in sequence.partners.items()]
    alone = {actor: f"x{number}" for number, actor in enumerate(sequence.actors)}
    lines += [f"  participant {one} as {_text(actor)}" for actor, one in alone.items()]
    items = {item: f"l{number}" for number, item in enumerate(sequence.items)}
    lines += [
        f"  participant {items[item]} as {_text(f'{item}: {chr(32).join(what)}')}"
        for item, what in sequence.items.items()
    ]
    lines.append(f"  note over a,b: {_folded(sequence.title)}<br/>{_folded(sequence.given)}")
    for beat in sequence.beats:
        lines += [f"  {line}" for line in _beat(beat, items, alone)]
    return "\n".join(lines) + "\n"


def _beat(beat: Beat, items: dict[str, str], alone: dict[str, str]) -> Iterator[str]:
    me = alone.get(beat.alone, _SIDES[beat.actor])
    for number, (source, target, lines) in enumerate(beat.arrows):
        label = "<br/>".join(_folded(line) for line in lines)
        if beat.refused:
            yield f"rect {rgb(REFUSED_GROUND)}"
            yield f"{me}-x{me}: {label}<br/>{_folded(f'refused: {beat.refused}')}"
            yield "end"
        else:
            ends = (me, me) if beat.alone and not number else (_SIDES[source], _SIDES[target])
            yield f"{ends[0]}{'-)' if number else '->>'}{ends[1]}: {label}"
    for failure in beat.failures:
        yield f"rect {rgb(WRONG_GROUND)}"
        yield f"note over {me}: {_folded(f'failed: {failure}')}"
        yield "end"
    if beat.status:
        yield f"note over a,b: {_text(', '.join(beat.status))}"
    for item, state in beat.links.items():
        if state.mark is Mark.OPEN:
            yield f"note over {items[item]}: {_text(state.name)}"
        else:
            yield f"destroy {items[item]}"
            yield f"{me}-x{items[item]}: {_text(state.name)}"


def _folded(text: str) -> str:
    """Text in lines that are not too long; Mermaid folds none itself."""
    return "<br/>".join(_text(line) for line in textwrap.wrap(text, 60))
