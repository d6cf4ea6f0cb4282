"""Sources said once: what a file or a table rests on is what all in it rest on that say nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from simsync.policy.loading.files import is_status
from simsync.policy.loading.gather import descend
from simsync.policy.loading.nodes import MappingNode, Node

SOURCES = "sources"

_OPTION = ("options", "*")
INHERITING: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "vocabulary": (("kinds", "*"), ("history", "*")),
    "status": (("phases", "*"), ("states", "*"), ("transitions", "*"), ("aliases", "*")),
    "link": (("states", "*"), ("transitions", "*")),
    "rules": (("tables", "*"),),
    "readings": (("readings", "*"),),
    "properties": (("properties", "*"),),
    "a table": (("rows", "*"),),
    "a reading": tuple((*_OPTION, where, "*", "*") for where in ("replace", "add", "transitions")),
}
"""For each file, a table and a reading, where in it what inherits its sources stands."""


def inherit_sources(roots: Mapping[str, Node]) -> None:
    """Give what says no sources those of its table or reading, and of its file."""
    for part, root in roots.items():
        _give(root, INHERITING.get("status" if is_status(part) else part, ()))
    for table in descend(roots["rules"], "tables", "*"):
        _give(table, INHERITING["a table"])
    for reading in descend(roots["readings"], "readings", "*"):
        _give(reading, INHERITING["a reading"])


def _give(node: Node, paths: tuple[tuple[str, ...], ...]) -> None:
    if not isinstance(node, MappingNode):
        return
    said = next((pair for pair in node.value if pair[0].value == SOURCES), None)
    if said is None:
        return
    for path in paths:
        for heir in descend(node, *path):
            if isinstance(heir, MappingNode) and all(key.value != SOURCES for key, _ in heir.value):
                heir.value.append(said)
