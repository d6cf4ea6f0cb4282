"""A machines directory to a checked `Policy`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from simsync.errors import Code
from simsync.policy.joining import MOST, joined, too_many
from simsync.policy.loading import build
from simsync.policy.loading import policy_shapes as shapes
from simsync.policy.loading.checks import check_policy
from simsync.policy.loading.declared_names import DeclaredNames
from simsync.policy.loading.files import USUAL, Declared, absent, is_status, open_files, stop_if_bad
from simsync.policy.loading.gather import gather, keys
from simsync.policy.loading.inherit import inherit_sources
from simsync.policy.loading.naming import check_names
from simsync.policy.loading.nodes import MappingNode, Node, Problems, ScalarNode, SequenceNode
from simsync.policy.loading.one_phase import one_phase
from simsync.policy.loading.shapes import BAD, Record, written
from simsync.policy.options import with_delivery
from simsync.policy.policy import Policy

MOST_TOLD = 20
"""Problems of machines that come together that are told at most."""


def load_policy(directory: str | Path) -> Policy:
    """The policy declared in a machines directory.

    Raises :class:`SimsyncError` with every problem of every file.
    """
    files = open_files(directory)
    problems = {part: file.problems for part, file in files.items()}
    problems |= {part: Problems(str(Path(directory) / name)) for part, name in USUAL.items() if part not in files}
    roots = _roots(files)
    policy = _read(roots, problems, files)
    stop_if_bad(problems.values())
    assert policy is not None
    check_policy(policy, problems)
    stop_if_bad(problems.values())
    policy = with_delivery(policy)
    if not policy.machines:
        return policy
    if too_many(policy.machines, tuple(policy.vocabulary.partners)):
        message = f"all machines together can be in {MOST:,} states at most; join or leave out some of their states"
        place = policy.status.span
        problems["status"].place(place.line, place.col, Code.TOO_MANY, message)
        stop_if_bad(problems.values())
    policy, wrong = joined(policy)
    for one in wrong[:MOST_TOLD]:
        problems["rules"].place(one.span.line, one.span.col, Code.INCOMPLETE, one.message)
    stop_if_bad(problems.values())
    return policy


def names_in(directory: str | Path) -> DeclaredNames:
    """The names that the files of a machines directory declare."""
    return gather(_roots(open_files(directory)))


def _roots(files: Mapping[str, Declared]) -> dict[str, Node]:
    """What each part is read from, whether or not a file declares it."""
    partners = keys(files["vocabulary"].root, "partners")
    parts = dict.fromkeys((*USUAL, *files))
    return {part: files[part].root if part in files else absent(part, partners) for part in parts}


def _read(roots: Mapping[str, Node], problems: Mapping[str, Problems], files: Container[str]) -> Policy | None:
    inherit_sources(roots)
    names = gather(roots)
    check_names(roots, problems)

    def read(part: str, shape: Record) -> Any:
        return shape.read(roots[part], problems[part])

    def a_machine(part: str) -> Any:
        return read(part, shapes.machine_shape(names if part in files else replace(names, citable=()), part))

    vocabulary = read("vocabulary", shapes.vocabulary_shape(names))
    statements = read("statements", shapes.statements_shape())
    statuses = {part: a_machine(part) for part in roots if is_status(part)}
    link = a_machine("link")
    rules = read("rules", shapes.rules_shape(names))
    readings = read("readings", shapes.readings_shape(names))
    properties = read("properties", shapes.properties_shape(names))
    if any(got is BAD for got in (vocabulary, statements, *statuses.values(), link, rules, readings, properties)):
        return None
    tables = build.tables(rules, problems["rules"])
    machines = tuple(build.machine(got, problems[part]) for part, got in statuses.items())
    policy = Policy(
        vocabulary=build.vocabulary(vocabulary, problems["vocabulary"]),
        citations=build.citations(statements, problems["statements"]),
        status=machines[0],
        link=build.machine(link, problems["link"]),
        tables=tables,
        readings=build.readings(readings, names.rows, names.partners, problems["readings"]),
        properties=build.properties(properties, problems["properties"]),
        digest=_digest(roots),
        machines=machines if len(machines) > 1 or machines[0].of else (),
    )
    return one_phase(policy) if policy.machines else policy


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
