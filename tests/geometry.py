"""Where things are in a picture that dot has laid out, and what lies on what."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

Point = tuple[float, float]
BETWEEN = 40
"""Points that are looked at on each piece of a curve."""


class Box(NamedTuple):
    """A rectangle, in points."""

    left: float
    bottom: float
    right: float
    top: float

    def meets(self, other: Box) -> bool:
        return (
            min(self.right, other.right) > max(self.left, other.left)
            and min(self.top, other.top) > max(self.bottom, other.bottom)
        )  # fmt: skip

    def crossed_by(self, line: Sequence[Point]) -> bool:
        return any(self.left < x < self.right and self.bottom < y < self.top for x, y in line)


class Line(NamedTuple):
    """A line with its arrow heads, as points close to each other, and the nodes that it joins."""

    ends: tuple[str, str]
    points: Sequence[Point]


class Layout(NamedTuple):
    """The boxes of texts, each with whose it is and what it says, those of nodes, and the lines."""

    texts: list[tuple[str, str, Box]]
    nodes: dict[str, Box]
    lines: list[Line]


def layout(dot: str, command: str) -> Layout:
    """What dot makes of a text."""
    done = subprocess.run([command, "-Kdot", "-Tjson"], input=dot.encode(), capture_output=True, check=True)
    graph = json.loads(done.stdout)
    objects = graph.get("objects", [])
    names = {one["_gvid"]: one["name"] for one in objects}
    nodes = {one["name"]: _node(one) for one in objects if "pos" in one}
    edges = graph.get("edges", [])
    lines = [Line((names[one["tail"]], names[one["head"]]), [*_points(one)]) for one in edges]
    labelled = [("legend", graph), *((one["name"], one) for one in objects), *(("an edge", one) for one in edges)]
    return Layout([(name, said, box) for name, one in labelled for said, box in _texts(one)], nodes, lines)


def _node(one: dict[str, Any]) -> Box:
    x, y = map(float, one["pos"].split(","))
    half = [float(one[side]) * 36 for side in ("width", "height")]
    return Box(x - half[0], y - half[1], x + half[0], y + half[1])


def _texts(one: dict[str, Any]) -> Iterator[tuple[str, Box]]:
    size = 0.0
    for drawn in one.get("_ldraw_", []):
        if drawn["op"] == "F":
            size = drawn["size"]
        if drawn["op"] == "T" and drawn["text"].strip():
            (x, y), wide = drawn["pt"], drawn["width"]
            left = x - {"l": 0, "c": wide / 2, "r": wide}[drawn["align"]]
            yield drawn["text"], Box(left, y - size / 5, left + wide, y + size * 3 / 4)


def _points(edge: dict[str, Any]) -> Iterator[Point]:
    for key in ("_draw_", "_hdraw_", "_tdraw_"):
        for drawn in edge.get(key, []):
            points = drawn.get("points", [])
            if drawn["op"] == "b":
                for start in range(0, len(points) - 3, 3):
                    yield from (_on(points[start : start + 4], step / BETWEEN) for step in range(BETWEEN + 1))
            else:
                yield from points


def _on(curve: Sequence[Point], far: float) -> Point:
    near = 1 - far
    weights = near**3, 3 * near**2 * far, 3 * near * far**2, far**3
    x, y = (sum(weight * point[axis] for weight, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y


def faults(found: Layout) -> list[str]:
    """What nobody can read: lines on texts or on nodes that they do not join, texts on each other or on nodes."""
    return [
        *(f"a line {ends} runs over {text!r} of {name}" for ends, line in found.lines for name, text, box in found.texts
          if box.crossed_by(line)),
        *(f"a line {ends} runs over {name}" for ends, line in found.lines for name, box in found.nodes.items()
          if name not in ends and box.crossed_by(line)),
        *(f"{text!r} of {name} is on {other!r} of {whose}"
          for (name, text, box), (whose, other, place) in combinations(found.texts, 2) if box.meets(place)),
        *(f"{text!r} of {name} is on {node}" for name, text, box in found.texts
          for node, place in found.nodes.items() if node != name and box.meets(place)),
        *(f"{one} is on {other}" for one, other in combinations(found.nodes, 2)
          if found.nodes[one].meets(found.nodes[other])),
    ]  # fmt: skip
