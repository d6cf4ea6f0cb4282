"""A name exchanged in the files of a policy: where it is declared, and wherever the loader then misses it.

No list of places where a name may be used is kept: what reads a file says where it finds a name that it does not know.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from simsync.errors import Code, Diagnostic, SimsyncError, not_among, usage_error
from simsync.inline_yaml import inline_yaml
from simsync.policy.loading.edit import plain
from simsync.policy.loading.files import SUFFIXES
from simsync.policy.loading.gather import descend
from simsync.policy.loading.nodes import BREAK, MappingNode, Node, Problems, ScalarNode, SequenceNode, compose
from simsync.policy.loading.policy import load_policy

Files = Mapping[str, bytes]
"""The content of files, by path."""

KEY = "KEY"
"""Stands for the keys of a mapping, where others are named by values."""

OPTION = ("readings", "*", "options", "*")
ROWS = (("tables", "*", "rows", "*"), (*OPTION, "replace", "*", "*"), (*OPTION, "add", "*", "*"))
TRANSITIONS = (("transitions", "*"), (*OPTION, "transitions", "*", "*"))

DECLARED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "partner": (("partners", KEY),),
    "actor": (("actors", KEY),),
    "kind": (("kinds", KEY),),
    "field": (("fields", KEY), ("shows", KEY)),
    "value": (("fields", "*", "values", "*"),),
    "memory": (("history", KEY),),
    "recipient": (("recipients", KEY),),
    "statement": (("statements", KEY),),
    "gap": (("gaps", KEY),),
    "page": (("pages", KEY),),
    "machine": (("machine",),),
    "state": (("states", KEY),),
    "phase": (("phases", KEY),),
    "action": tuple((*path, "trigger") for path in TRANSITIONS),
    "transition": tuple((*path, "id") for path in TRANSITIONS),
    "table": (("tables", "*", "table"),),
    "row": tuple((*path, "id") for path in ROWS),
    "fact": tuple((*path, "then", KEY) for path in ROWS),
    "reading": (("readings", "*", "reading"),),
    "option": (),
    "property": (("properties", "*", "property"),),
}
"""Where names are declared, by their sort: in whichever file of a policy has such a path. Options go by reading."""


def files_of(directory: str | Path) -> dict[str, bytes]:
    """The files of a policy."""
    paths = sorted(path for path in Path(directory).iterdir() if path.suffix in SUFFIXES and path.name[0] != ".")
    return {str(path): path.read_bytes() for path in paths}


def declared(files: Files, sort: str) -> dict[str, None]:
    """The names of a sort that the files of a policy declare; an option's with its reading, as in resume=deliver."""
    return {name: None for data in files.values() for name, _, _ in declarations(data, sort)}


def renamed_policy(files: Files, sort: str, old: str, new: str) -> dict[str, bytes]:
    """The files of a policy in which something has another name, wherever it is meant.

    Raises :class:`SimsyncError` where there is no such name, where the new one is taken or is none, and where the old
    one is used in a way that cannot be followed. An option's old name is written with its reading.
    """
    if sort not in DECLARED:
        raise usage_error(sort, not_among("a sort of name", sort, DECLARED))
    known = declared(files, sort)
    *reading, name = old.split("=") if sort == "option" else (old,)
    if old not in known:
        raise usage_error(sort, not_among(_a(sort), old, known))
    if "=".join((*reading, new)) in known:
        raise usage_error(sort, f"there is {_a(sort)} called '{new}' already", code=Code.DUPLICATE_ID)
    at_first = {
        path: _exchanged(
            data, [node for known, node, _ in declarations(data, sort) if known == old], _pattern(name), new
        )
        for path, data in files.items()
    }
    return followed(at_first, name, new, wrong_with)


def followed(files: Files, old: str, new: str, wrong: Callable[[Files], list[Diagnostic]]) -> dict[str, bytes]:
    """The files once nothing is wrong with them because something that they name has another name now."""
    made = dict(files)
    while found := wrong(made):
        before = dict(made)
        for path, data in before.items():
            places = {(one.line, one.col) for one in found if one.file == path}
            made[path] = _exchanged(data, _named(data, places, old), _pattern(old), new)
        if made == before:
            raise SimsyncError(found)
    return made


def on_lines(data: bytes, lines: Collection[int], old: str, new: str) -> bytes:
    """A file in which the texts that begin on some lines have another name in them."""
    nodes = [node for root in compose(data, Problems("")) for node in _nodes(root) if isinstance(node, ScalarNode)]
    said = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
    found = [node for node in nodes if node.start_mark.line + 1 in lines and said.search(node.value)]
    return _exchanged(data, found, said, new)


@contextmanager
def model_files(files: Files) -> Iterator[str]:
    """A directory that has some files for a while."""
    with tempfile.TemporaryDirectory() as folder:
        for path, data in files.items():
            (Path(folder) / Path(path).name).write_bytes(data)
        yield folder


def wrong_with(files: Files) -> list[Diagnostic]:
    """What is wrong with the files of a policy."""
    names = {Path(path).name: path for path in files}
    with model_files(files) as folder:
        try:
            load_policy(folder)
        except SimsyncError as error:
            return [replace(one, file=names.get(Path(one.file).name, one.file)) for one in error.diagnostics]
    return []


def declarations(data: bytes, sort: str) -> Iterator[tuple[str, ScalarNode, Any]]:
    """The names of a sort that a file declares: each with its place, and with what it is declared as."""
    for root in compose(data, Problems("")):
        if sort == "option":
            for reading in descend(root, "readings", "*"):
                name = next((str(one.value) for one in descend(reading, "reading")), "")
                yield from ((f"{name}={node.value}", node, what) for node, what in _at(reading, ("options", KEY)))
            continue
        for path in DECLARED[sort]:
            yield from ((str(node.value), node, what) for node, what in _at(root, path))


def _at(root: Node, path: tuple[str, ...]) -> Iterator[tuple[ScalarNode, Any]]:
    """The names at a path, each with what stands behind it or beside it."""
    for parent in descend(root, *path[:-1]):
        if path[-1] == KEY and isinstance(parent, MappingNode):
            found = [(key, value) for key, value in parent.value]
        elif path[-1] == "*":
            found = [(value, parent) for value in _children(parent)]
        else:
            found = [(value, parent) for value in descend(parent, path[-1])]
        yield from ((name, plain(what)) for name, what in found if isinstance(name, ScalarNode))


def _named(data: bytes, places: set[tuple[int, int]], old: str) -> list[ScalarNode]:
    """What stands at some places and has the old name in it, or has it directly in it."""
    found = []
    for root in compose(data, Problems("")):
        for node in _nodes(root):
            if (node.start_mark.line + 1, node.start_mark.column + 1) in places:
                inside = [node] if isinstance(node, ScalarNode) else [*_children(node)]
                found += [one for one in inside if isinstance(one, ScalarNode) and _pattern(old).search(one.value)]
    return found


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _children(node: Node) -> Iterator[Node]:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def _pattern(name: str) -> re.Pattern[str]:
    """A name where it stands alone: between blanks or points."""
    return re.compile(rf"(?<![^\s.]){re.escape(name)}(?![^\s.])")


def _exchanged(data: bytes, nodes: list[ScalarNode], old: re.Pattern[str], new: str) -> bytes:
    """A file's text in which some scalars have another name in them; all else stays as it is."""
    text = data.decode("utf-8-sig")
    starts = [0, *(line.end() for line in BREAK.finditer(text))]
    spans = {
        tuple(starts[mark.line] + mark.column for mark in (node.start_mark, node.end_mark)): node for node in nodes
    }
    for (start, end), node in sorted(spans.items(), reverse=True):  # from behind, so that places stay what they are
        value = old.sub(lambda _: new, node.value, count=1)
        text = text[:start] + (value if not node.style and _plain(value) else inline_yaml(value)) + text[end:]
    return (b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b"") + text.encode()


def _plain(value: str) -> bool:
    """Whether YAML reads a text as it stands, wherever it stands."""
    return inline_yaml(value) == value


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
