"""What a diagram shows, before any notation: nodes in groups, and edges with lines of label."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from enum import StrEnum

Taken = tuple[str, str, str]
"""A line of an edge as taken by a run: source, target, and what the line stands for."""


class Actor(StrEnum):
    """Who is behind a line: the first or the second of two, or neither; SEVERAL is for edges with lines of more."""

    FIRST = "first"
    SECOND = "second"
    SYSTEM = "system"
    SEVERAL = "several"


class Standing(StrEnum):
    """What scenarios are to a state, a transition or a row: they use it, none does, or none can."""

    COVERED = "covered"
    HOLE = "never used"
    BEYOND = "out of reach"


@dataclass(frozen=True, slots=True)
class Usage:
    """How something stands, and how many scenarios use it."""

    standing: Standing
    count: int = 0

    @property
    def times(self) -> str:
        """How many scenarios, in short."""
        return f"\u00d7{self.count:,}"

    def __str__(self) -> str:
        return self.times if self.count else self.standing.value


@dataclass(frozen=True, slots=True)
class LabelLine:
    """A line of an edge's label, who is behind it, and the id that it stands for.

    ``optional``: there only under some reading. ``use`` is there in a painted graph only, ``races`` in a marked one.
    """

    text: str
    actor: Actor
    optional: bool = False
    ref: str = ""
    use: Usage | None = None
    races: str = ""

    @property
    def label(self) -> str:
        """The text, how it is used, and in which races it is."""
        if self.use is None:
            return f"{self.text} {self.races}".rstrip()
        beyond = self.use.standing is Standing.BEYOND
        return f"{self.text}, {self.use}" if beyond else f"{self.text} {self.use.times}"


@dataclass(frozen=True, slots=True)
class Node:
    """A state: its id, its label, the group it stands in, what it is, and whether it is initial or final.

    A ``connector`` is no state but says where an edge goes on, in another group.
    """

    id: str
    label: str
    group: str
    initial: bool = False
    final: bool = False
    connector: bool = False
    about: str = ""
    use: Usage | None = None
    races: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """All that leads from one node to another, as one edge."""

    source: str
    target: str
    lines: tuple[LabelLine, ...]

    @property
    def actor(self) -> Actor:
        """Who is behind the edge."""
        actors = {line.actor for line in self.lines}
        return actors.pop() if len(actors) == 1 else Actor.SEVERAL

    @property
    def optional(self) -> bool:
        """Whether the edge is there only under some reading."""
        return all(line.optional for line in self.lines)

    @property
    def standing(self) -> Standing | None:
        """The best that one of its lines is, None where the graph is not painted."""
        found = {line.use.standing for line in self.lines if line.use}
        return next((standing for standing in Standing if standing in found), None)


@dataclass(frozen=True, slots=True)
class RunPath:
    """What a run touched in a graph: its nodes, and the lines of its edges; ``says`` explains the colours."""

    nodes: Set[str]
    taken: Set[Taken]
    says: str = "orange: where this run was, grey: where it was not"

    def took(self, edge: Edge, line: LabelLine) -> bool:
        """Whether the run went along this line."""
        return (edge.source, edge.target, line.ref) in self.taken

    def went(self, edge: Edge) -> bool:
        """Whether the run went along any line of this edge."""
        return any(self.took(edge, line) for line in edge.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A diagram. ``groups`` maps group to its heading, empty for none; ``actors`` says who each actor is.

    ``note`` is something more to be told in the legend. ``paint`` says of a painted graph what each standing means,
    ``races`` of one in which races are marked what the mark means.
    """

    name: str
    title: str
    groups: dict[str, str]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    actors: dict[Actor, str]
    digest: str
    note: str = ""
    paint: Mapping[Standing, str] = field(default_factory=dict)
    races: str = ""

    @property
    def ids(self) -> dict[str, str]:
        """A short name of each node, safe in every notation."""
        return {node.id: f"n{number}" for number, node in enumerate(self.nodes)}

    @property
    def legend(self) -> dict[Actor, str]:
        """Who each actor is, with an entry for edges that are not one actor's alone where there are any."""
        several = any(edge.actor is Actor.SEVERAL for edge in self.edges)
        return {**self.actors, **({Actor.SEVERAL: "several of them"} if several else {})}

    @property
    def arrows(self) -> int:
        """How many lines a picture of it has: two an edge, and those that lead to the initial states."""
        return 2 * len(self.edges) + sum(node.initial for node in self.nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableGrid:
    """A decision table to be drawn: headings and rows of cells; ``outcomes`` are the columns that decide.

    ``uses`` has for each row of a painted table how it is used, and ``paint`` says what each standing means.
    """

    name: str
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    outcomes: tuple[int, ...]
    digest: str
    uses: tuple[Usage, ...] = ()
    paint: Mapping[Standing, str] = field(default_factory=dict)
