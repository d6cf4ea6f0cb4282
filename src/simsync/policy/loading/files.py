"""Which file of a machines directory declares what: its keys say so, whatever it is called."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from simsync.errors import Code, Diagnostic, SimsyncError, listed
from simsync.policy.loading.nodes import MappingNode, Node, Problems, ScalarNode, SequenceNode, compose, read_bytes
from simsync.policy.names import folded
from simsync.policy.policy import ALONE

USUAL: Mapping[str, str] = {
    "vocabulary": "vocabulary.yaml",
    "statements": "statements.yaml",
    "status": "outsource_status.yaml",
    "link": "sync_link.yaml",
    "rules": "sync_rules.yaml",
    "readings": "readings.yaml",
    "properties": "properties.yaml",
}
"""What a machines directory declares, in order, and how the packaged files are called."""

NEEDED = ("vocabulary", "rules")
"""What every policy declares."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "vocabulary": ("partners", "kinds", "fields", "shows", "recipients", "history", "actors", "words"),
    "statements": ("statements", "gaps", "pages"),
    "rules": ("tables",),
    "readings": ("readings",),
    "properties": ("properties",),
}
"""The keys that say what a file declares. A machine has `machine`; what else it has says which."""

MACHINE_KEYS = ("machine", "initial", "states", "transitions")
STATUS_KEYS = ("phases", "aliases", "scenarios begin in", "of")
"""The keys of a status machine that the link machine does not have."""

SEVERAL = "status "
"""Before a number: a further status machine, by its number among them."""

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Declared:
    """What one part of a policy is read from: the file, its content, and what is wrong with it."""

    root: Node
    problems: Problems


def open_files(directory: str | Path) -> dict[str, Declared]:
    """The parts of a machines directory, in their usual order; those that no file declares are left out.

    Raises :class:`SimsyncError` for what is no YAML, declares nothing known, or declares what another file does.
    """
    opened = [_open(path) for path in _paths(directory)]
    found: dict[str, Declared] = {}
    for file in opened:
        part = None if file.problems else part_of(file)
        if part == "status" and part in found:
            part = f"{SEVERAL}{1 + sum(is_status(one) for one in found)}"
        first = found.setdefault(part, file) if part else file
        if first is not file:
            message = f"this file declares the {part}, as {first.problems.file} does; a policy has one such file"
            file.problems.at(file.root, Code.DUPLICATE_KEY, message)
    stop_if_bad(file.problems for file in opened)
    for part in NEEDED:
        if part not in found:
            what = f"no file of this directory declares the {part}: the keys {listed(KEYS[part])}"
            raise SimsyncError([_not_found(str(Path(directory) / USUAL[part]), what)])
    order = [p for usual in USUAL for p in found if p == usual or (usual == "status" and p.startswith(SEVERAL))]
    return {part: found[part] for part in order}


def is_status(part: str) -> bool:
    """Whether a part of a policy is a status machine."""
    return part == "status" or part.startswith(SEVERAL)


def file_names(directory: str | Path) -> dict[str, str]:
    """How the files of a machines directory are called, by what they declare."""
    return {part: Path(file.problems.file).name for part, file in open_files(directory).items()}


def part_of(file: Declared) -> str | None:
    """What a file declares; reported, where its keys do not say."""
    keys = {str(key.value) for key, _ in file.root.value} if isinstance(file.root, MappingNode) else set()
    counts = {part: sum(key in keys for key in of) for part, of in KEYS.items()}
    machine = _machine(file.root) if keys & {*MACHINE_KEYS, *STATUS_KEYS} else None
    counts[machine or "status"] = sum(key in keys for key in (*MACHINE_KEYS, *STATUS_KEYS))
    part = max(counts, key=lambda one: counts[one])
    if counts[part]:
        return part
    usual = {folded(name): one for one, name in USUAL.items()}.get(folded(Path(file.problems.file).name))
    if usual is None:
        known = ["machine", *(key for of in KEYS.values() for key in of)]
        file.problems.at(file.root, Code.MISSING_KEY, f"a file of a policy has one of the keys {listed(known)}")
    return usual


def absent(part: str, partners: Iterable[str]) -> Node:
    """What is read where no file declares a part: nothing, or a machine of one state in which all have a ticket."""
    tickets = json.dumps([*partners], ensure_ascii=False)
    text = {
        "statements": "statements: {}",
        "readings": "readings: []",
        "properties": "properties: []",
        "status": f"machine: status\ninitial: {ALONE}\nphases: {{{ALONE}: {{tickets: {tickets}}}}}\n"
        f"states: {{{ALONE}: {{phase: {ALONE}}}}}\n",
        "link": f"machine: link\ninitial: {ALONE}\nstates: {{{ALONE}: {{}}}}\n",
    }[part]
    (root,) = compose(text.encode(), Problems(""))
    return root


def stop_if_bad(problems: Iterable[Problems]) -> None:
    """Raise everything that was reported, if anything was."""
    found = [diagnostic for one in problems for diagnostic in one.told]
    if found:
        raise SimsyncError(found)


def _paths(directory: str | Path) -> list[Path]:
    path = Path(directory)
    if not path.is_dir() or not str(directory):
        what = "is not a directory" if path.exists() else "does not exist"
        wanted = f"the machines directory {what}; it needs YAML files that declare the {listed(NEEDED)}"
        raise SimsyncError([_not_found(str(path), wanted)])
    return sorted(one for one in path.iterdir() if one.suffix in SUFFIXES and not one.name.startswith("."))


def _not_found(file: str, message: str) -> Diagnostic:
    return Diagnostic(file=file, line=1, col=1, code=Code.NOT_FOUND, message=message)


def _machine(root: Node) -> str:
    """Which machine a file declares: the link's transitions are fired by rows, and so by no actor."""
    found = {str(key.value): value for key, value in root.value}
    transitions = found.get("transitions")
    each = transitions.value if isinstance(transitions, SequenceNode) else []
    acted = any(key.value == "actor" for one in each if isinstance(one, MappingNode) for key, _ in one.value)
    return "status" if acted or any(key in found for key in STATUS_KEYS) else "link"


def _open(path: Path) -> Declared:
    """The one document of a file, or what is wrong with it."""
    problems = Problems(str(path))
    data = read_bytes(problems.file, problems)
    if data is not None:
        problems = Problems(problems.file, data)
        documents = list(compose(data, problems))
        for document in documents:
            _check_characters(document, problems)
        if not problems and len(documents) != 1:
            problems.place(1, 1, Code.SYNTAX, f"one YAML document is wanted here, not {len(documents)}")
        if not problems:
            return Declared(documents[0], problems)
    return Declared(MappingNode("", []), problems)


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
