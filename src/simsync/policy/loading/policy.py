"""A machines directory to a checked `Policy`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from simsync.errors import Code, Diagnostic, SimsyncError
from simsync.policy.loading import build
from simsync.policy.loading import policy_shapes as shapes
from simsync.policy.loading.checks import check_policy
from simsync.policy.loading.gather import gather
from simsync.policy.loading.inherit import inherit_sources
from simsync.policy.loading.naming import check_names
from simsync.policy.loading.nodes import MappingNode, Node, Problems, ScalarNode, SequenceNode, compose, read_bytes
from simsync.policy.loading.shapes import BAD, Record, written
from simsync.policy.policy import Policy

FILES: Mapping[str, str] = {
    "vocabulary": "vocabulary.yaml",
    "statements": "statements.yaml",
    "status": "outsource_status.yaml",
    "link": "sync_link.yaml",
    "rules": "sync_rules.yaml",
    "readings": "readings.yaml",
    "properties": "properties.yaml",
}
"""The files of a machines directory by what they declare."""


def load_policy(directory: str | Path) -> Policy:
    """The policy declared in a machines directory.

    Raises :class:`SimsyncError` with every problem of every file.
    """
    path = Path(directory)
    problems = {part: Problems(str(path / name)) for part, name in FILES.items()}
    if not path.is_dir() or not str(directory):
        what = "is not a directory" if path.exists() else "does not exist"
        wanted = f"the machines directory {what}; it needs the files {', '.join(FILES.values())}"
        raise SimsyncError([Diagnostic(file=str(path), line=1, col=1, code=Code.NOT_FOUND, message=wanted)])
    roots = {part: root for part in FILES if (root := _open(part, problems)) is not None}
    _stop_if_bad(problems)
    policy = _read(roots, problems)
    _stop_if_bad(problems)
    assert policy is not None
    check_policy(policy, problems)
    _stop_if_bad(problems)
    return policy


def names_in(directory: str | Path) -> shapes.DeclaredNames:
    """The names that the files of a machines directory declare."""
    problems = {part: Problems(str(Path(directory) / name)) for part, name in FILES.items()}
    roots = {part: root for part in FILES if (root := _open(part, problems)) is not None}
    _stop_if_bad(problems)
    return gather(roots)


def _open(part: str, problems: dict[str, Problems]) -> Node | None:
    file = problems[part].file
    data = read_bytes(file, problems[part])
    if data is None:
        return None
    problems[part] = Problems(file, data)
    documents = list(compose(data, problems[part]))
    for document in documents:
        _check_characters(document, problems[part])
    if problems[part]:
        return None
    if len(documents) != 1:
        problems[part].place(1, 1, Code.SYNTAX, f"one YAML document is wanted here, not {len(documents)}")
        return None
    return documents[0]


def _check_characters(node: Node, problems: Problems) -> None:
    """Report characters that no page and no picture can show; breaks of lines and tabs are none of them."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            _check_characters(key, problems)
            _check_characters(value, problems)
    elif isinstance(node, SequenceNode):
        for value in node.value:
            _check_characters(value, problems)
    elif isinstance(node, ScalarNode) and not node.value.isprintable():
        bad = next((c for c in node.value if not c.isprintable() and c not in "\n\t"), None)
        if bad is not None:
            problems.at(node, Code.SYNTAX, f"the character U+{ord(bad):04X} cannot be shown; leave it out")


def _stop_if_bad(problems: Mapping[str, Problems]) -> None:
    found = [diagnostic for one in problems.values() for diagnostic in one.told]
    if found:
        raise SimsyncError(found)


def _read(roots: Mapping[str, Node], problems: Mapping[str, Problems]) -> Policy | None:
    inherit_sources(roots)
    names = gather(roots)
    check_names(roots, problems)

    def read(part: str, shape: Record) -> Any:
        return shape.read(roots[part], problems[part])

    vocabulary = read("vocabulary", shapes.vocabulary_shape(names))
    statements = read("statements", shapes.statements_shape())
    status = read("status", shapes.machine_shape(names, "status"))
    link = read("link", shapes.machine_shape(names, "link"))
    rules = read("rules", shapes.rules_shape(names))
    readings = read("readings", shapes.readings_shape(names))
    properties = read("properties", shapes.properties_shape(names))
    if any(got is BAD for got in (vocabulary, statements, status, link, rules, readings, properties)):
        return None
    tables = build.tables(rules, problems["rules"])
    return Policy(
        vocabulary=build.vocabulary(vocabulary, problems["vocabulary"]),
        citations=build.citations(statements, problems["statements"]),
        status=build.machine(status, problems["status"]),
        link=build.machine(link, problems["link"]),
        tables=tables,
        readings=build.readings(readings, names.rows, problems["readings"]),
        properties=build.properties(properties, problems["properties"]),
        digest=_digest(roots),
    )


def _digest(roots: Mapping[str, Node]) -> str:
    """A digest of what the files say: their values in order, without comments and layout."""

    def said(node: Node) -> object:
        if isinstance(node, MappingNode):
            return {str(key.value): said(value) for key, value in node.value}
        if isinstance(node, SequenceNode):
            return [said(one) for one in node.value]
        return [written(node)] if isinstance(node, ScalarNode) else None

    text = json.dumps({part: said(root) for part, root in roots.items()}, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
