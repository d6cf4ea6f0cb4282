"""Names, texts and graphs with signs that some notation has a use of its own for; how bright a colour is."""

from __future__ import annotations

from itertools import pairwise

from simsync.drawing.graph import Actor, Edge, Graph, LabelLine, Node

ODD_LABELS = ['q"uote', "<b>&amp;</b>", "semi;colon: #1", "等待批准", "line\nbreak", "back\\slash", "{curly} [x] |"]


def odd_graph() -> Graph:
    nodes = tuple(Node(label, label, "g<&>", initial=n == 0, final=n == 6) for n, label in enumerate(ODD_LABELS))
    edges = tuple(
        Edge(one, other, (LabelLine(one, Actor.FIRST), LabelLine("x", Actor.SECOND, True)))
        for one, other in pairwise(ODD_LABELS)
    )
    actors = {Actor.FIRST: "<one>", Actor.SECOND: '"two"'}
    return Graph(
        name='odd "name"',
        title="<title> & more",
        groups={"g<&>": "group <&>"},
        nodes=nodes,
        edges=edges,
        actors=actors,
        digest="d",
    )


ODD_RUN = """\
scenario: "All signs: <b>&amp; \\"quotes\\"; 等待批准 #1"
given: {status: Waiting Approval, readings: {lead_copies: read_only}}
steps:
  - lead: create attachment A1
    text: "a;b <i> & \\"c\\" \\\\ {x} [y] |"
  - service: create time entry T1
  - service: create note 等待
    text: "two\\nlines"
  - lead: reject completion
  - service: delete A1
  - lead: accept
    expect: {refused: true}
  - lead: edit 等待
    text: x
  - service: delete T1
  - lead: complete
"""


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
