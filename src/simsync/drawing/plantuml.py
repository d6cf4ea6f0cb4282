"""Graphs as PlantUML state diagrams, runs as PlantUML sequence diagrams."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simsync.drawing.graph import Actor, Edge, Graph, Node, RunPath
from simsync.drawing.sequence import Beat, LaneSide, Mark, Sequence
from simsync.drawing.style import (
    COLOURS,
    CUT,
    DIM,
    FADED,
    GONE,
    PAINTS,
    PASSED,
    QUIET,
    SIGNS,
    WRONG_GROUND,
    ground,
    legend,
)

LINE_BREAK = "\\n"
_PLAIN = " -.,'=()/:;"
_DOUBLED = re.compile(r"([-.,'=/])\1+")
"""What Creole takes for a format where it is doubled."""
_LINES = {"solid": "", "dashed": ";line.dashed", "dotted": ";line.dotted"}
_DASHES = {Actor.FIRST: "", Actor.SECOND: ",dashed", Actor.SYSTEM: ",bold", Actor.SEVERAL: ""}


def graph_plantuml(graph: Graph, path: RunPath | None = None) -> str:
    """A graph as PlantUML, with the actors' colours and dashes and a legend; all but a ``path`` fades."""
    ids = graph.ids
    lines = [f"' simsync {graph.digest}", "@startuml", f"title {_text(graph.title)}", "hide empty description"]
    lines.append("left to right direction")
    for number, (group, heading) in enumerate(graph.groups.items()):
        inside = [_node(node, ids, path) for node in graph.nodes if node.group == group]
        if heading:
            lines += [
                f'state "{_text(heading)}" as g{number} {QUIET if graph.paint else ground(number)} {{',
                *("  " + line for line in inside),
                "}",
            ]
        else:
            lines += inside
    lines += [f"[*] --> {ids[node.id]}" for node in graph.nodes if node.initial]
    lines += [_edge(edge, ids, path) for edge in graph.edges]
    lines += [f"{ids[node.id]} --> [*]" for node in graph.nodes if node.final]
    if graph.paint:
        meanings = [f"{SIGNS[actor]} {_text(meaning)}" for actor, meaning in graph.legend.items()]
        meanings += [f"<color:{PAINTS[one].ink}>{_text(meaning)}</color>" for one, meaning in graph.paint.items()]
    else:
        meanings = [
            f"{SIGNS[actor]} <color:{COLOURS[actor]}>{_text(meaning)}</color>"
            for actor, meaning in legend(graph.legend).items()
        ]
    meanings += [_text(graph.races)] if graph.races else []
    return "\n".join([*lines, "legend", *meanings, graph.digest, "endlegend", "@enduml"]) + "\n"


def _node(node: Node, ids: dict[str, str], path: RunPath | None) -> str:
    colour = f" {PASSED}" if path is not None and node.id in path.nodes else ""
    use = ""
    if node.use:
        looks = PAINTS[node.use.standing]
        use, colour = f"\\n{_text(str(node.use))}", f" {looks.ground};line:{looks.ink[1:]}{_LINES[looks.dash]}"
    use += f"\\n{_text(node.races)}" if node.races else ""
    return f'state "{_text(node.label)}{use}" as {ids[node.id]}{colour}'


def _edge(edge: Edge, ids: dict[str, str], path: RunPath | None) -> str:
    dash = ",dotted" if edge.optional else _DASHES[edge.actor]
    colour = COLOURS[edge.actor] if path is None or path.went(edge) else FADED
    if edge.standing:
        looks = PAINTS[edge.standing]
        colour, dash = looks.ink, {"solid": "", "dashed": ",dashed,thickness=3", "dotted": ",dotted"}[looks.dash]
    label = "\\n".join(_text(f"{SIGNS[line.actor]} {line.label}") for line in edge.lines)
    return f"{ids[edge.source]} -[{colour}{dash}]-> {ids[edge.target]} : {label}"


def _text(text: str) -> str:
    """Text that PlantUML shows as it is: what has a meaning in its notation as a Unicode escape."""
    escaped = "".join(
        c if c.isalnum() or c in _PLAIN or (ord(c) > 0xA0 and c.isprintable()) else _unicode(c) for c in text
    )
    return _DOUBLED.sub(lambda found: "".join(map(_unicode, found[0])), escaped)


def _unicode(character: str) -> str:
    return f"<U+{ord(character):04X}>" if not character.isspace() or character == "\n" else " "


_SIDES = {LaneSide.FIRST: "a", LaneSide.SECOND: "b"}


def sequence_plantuml(sequence: Sequence) -> str:
    """A run as a PlantUML sequence diagram; a link's lane ends where its link does."""
    lines = [f"' simsync {sequence.digest}", "@startuml", f"title {_text(sequence.title)}", "hide footbox"]
    lines.append("skinparam maxMessageSize 320")
    lines += [f'actor "{_text(heading)}" as {_SIDES[side]}' for side, heading in sequence.partners.items()]
    alone = {actor: f"x{number}" for number, actor in enumerate(sequence.actors)}
    lines += [f'participant "{_text(actor)}" as {one}' for actor, one in alone.items()]
    items = {item: f"l{number}" for number, item in enumerate(sequence.items)}
    lines += [
        f'participant "{_text(item)}\\n{_text(" ".join(what))}" as {items[item]}'
        for item, what in sequence.items.items()
    ]
    lines.append(f"note over a, b: {_text(sequence.given)}")
    for beat in sequence.beats:
        lines += _beat(beat, items, alone)
    return "\n".join([*lines, f"caption {sequence.digest}", "@enduml"]) + "\n"


def _beat(beat: Beat, items: dict[str, str], alone: dict[str, str]) -> Iterator[str]:
    me = alone.get(beat.alone, _SIDES[beat.actor])
    for number, (source, target, lines) in enumerate(beat.arrows):
        if beat.refused:
            said = map(_text, (*lines, f"refused: {beat.refused}"))
            yield f"{me} -[{DIM}]>x {me} : {LINE_BREAK.join(said)}"
        else:
            label = LINE_BREAK.join(map(_text, lines))
            ends = (me, me) if beat.alone and not number else (_SIDES[source], _SIDES[target])
            yield f"{ends[0]} {'->>' if number else '->'} {ends[1]} : {label}"
    for failure in beat.failures:
        yield f"note over {me} {WRONG_GROUND}: {_text(f'failed: {failure}')}"
    if beat.status:
        yield f"== {_text(', '.join(beat.status))} =="
    for item, state in beat.links.items():
        if state.mark is Mark.OPEN:
            yield f"rnote over {items[item]} : {_text(state.name)}"
        else:
            colour = GONE if state.mark is Mark.GONE else CUT
            yield f"{me} -[{colour}]>x {items[item]} : {_text(state.name)}"
            yield f"destroy {items[item]}"
